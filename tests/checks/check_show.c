/* SPDX-License-Identifier: MIT
 *
 * Text in buffers of any size, and the bytes of a stranger: what is printed is safe to print, and
 * nothing is written past the end. */
#include "base/show.h"

#include <string.h>

#include "support.h"

/* ---- text ---- */

static void text_is_cut_at_the_end(void) {
    for (size_t size = 0; size < 12; size++) {
        char out[16];
        memset(out, '#', sizeof out);
        struct text text = text_start(out, size);
        text_put(&text, "abc");
        text_put_number(&text, 1234);
        text_put_bytes(&text, "x", 1);
        CHECK_U64(text.length, 8);
        if (size > 0) {
            char whole[] = "abc1234x";
            whole[size < 9 ? size - 1 : 8] = '\0';
            CHECK_STR(out, whole);
        }
        CHECK(out[size < 9 ? size : 9] == '#');
    }
    COVERED(12);
}

static void numbers_as_text(void) {
    static const struct {
        uint64_t value;
        int digits;
        const char *decimal;
        const char *hex;
    } vectors[] = {
        {0, 1, "0", "0"},
        {0, 2, "0", "00"},
        {9, 1, "9", "9"},
        {10, 1, "10", "a"},
        {255, 2, "255", "ff"},
        {256, 2, "256", "100"},
        {4096, 4, "4096", "1000"},
        {0xabc, 4, "2748", "0abc"},
        {UINT64_MAX, 1, "18446744073709551615", "ffffffffffffffff"},
        {UINT64_C(10000000000000000000), 16, "10000000000000000000", "8ac7230489e80000"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char out[32];
        struct text text = text_start(out, sizeof out);
        text_put_number(&text, vectors[i].value);
        CHECK_STR(out, vectors[i].decimal);
        text = text_start(out, sizeof out);
        text_put_hex(&text, vectors[i].value, vectors[i].digits);
        CHECK_STR(out, vectors[i].hex);
    }
    COVERED(sizeof vectors / sizeof vectors[0]);
}

/* ---- escaping ---- */

static const struct {
    const char *bytes;
    size_t size;
    const char *escaped;
} escapes[] = {
    {"", 0, ""},
    {"posix.system", 12, "posix.system"},
    {" ~\"'", 4, " ~\"'"},
    {"\0\t\n\r\x1b[0m\x7f", 9, "\\x00\\x09\\x0a\\x0d\\x1b[0m\\x7f"},
    {"\\n", 2, "\\x5cn"},
    {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"\xff\xc3", 2, "\\xff\\xc3"},                   /* no start, cut short */
    {"\xc3(", 2, "\\xc3("},                          /* no continuation */
    {"\x80\xbf", 2, "\\x80\\xbf"},                   /* continuations alone */
    {"\xc0\x80\xc1\xbf", 4, "\\xc0\\x80\\xc1\\xbf"}, /* overlong */
    {"\xe0\x9f\xbf", 3, "\\xe0\\x9f\\xbf"},          /* overlong */
    {"\xe0\xa0\x80", 3, "\xe0\xa0\x80"},             /* the first that is not */
    {"\xf0\x8f\xbf\xbf", 4, "\\xf0\\x8f\\xbf\\xbf"}, /* overlong */
    {"\xf0\x90\x80\x80", 4, "\xf0\x90\x80\x80"},
    {"\xed\xa0\x80\xed\xbf\xbf", 6, "\\xed\\xa0\\x80\\xed\\xbf\\xbf"}, /* surrogates */
    {"\xed\x9f\xbf\xee\x80\x80", 6, "\xed\x9f\xbf\xee\x80\x80"},
    {"\xf4\x8f\xbf\xbf\xf4\x90\x80\x80", 8, "\xf4\x8f\xbf\xbf\\xf4\\x90\\x80\\x80"},
    {"\xc2\x80\xc2\x9b\xc2\xa0\xc2\xa1", 8,
     "\\u{0080}\\u{009b}\\u{00a0}\xc2\xa1"}, /* C1 controls */
    {"\xc2\xad\xe2\x80\x8b", 5, "\\u{00ad}\\u{200b}"}, /* soft hyphen, zero width space */
    {"\xe2\x80\x8a\xe2\x80\x8f\xe2\x80\x90", 9, "\xe2\x80\x8a\\u{200f}\xe2\x80\x90"},
    {"\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf", 9,
     "\\u{2028}\\u{202e}\xe2\x80\xaf"}, /* line separator, override */
    {"\xe2\x81\x9f\xe2\x81\xa0\xe2\x81\xa6\xe2\x81\xaf\xe2\x81\xb0", 15,
     "\xe2\x81\x9f\\u{2060}\\u{2066}\\u{206f}\xe2\x81\xb0"},
    {"\xd8\x9c\xe1\xa0\x8e", 5, "\\u{061c}\\u{180e}"},
    {"\xef\xbb\xbf\xef\xbf\xb9\xef\xbf\xbb\xef\xbf\xbc", 12,
     "\\u{feff}\\u{fff9}\\u{fffb}\xef\xbf\xbc"},
    {"\xf3\xa0\x80\x81\xf3\xa0\xbf\xbf\xf3\xa1\x80\x80", 12,
     "\\u{e0001}\\u{e0fff}\xf3\xa1\x80\x80"}, /* tags */
};

#define ESCAPES (sizeof escapes / sizeof escapes[0])

static void escaped_text(void) {
    for (size_t i = 0; i < ESCAPES; i++) {
        char out[128];
        CHECK_U64(spk_escape(escapes[i].bytes, escapes[i].size, out, sizeof out),
                  strlen(escapes[i].escaped));
        CHECK_STR(out, escapes[i].escaped);
    }
    CHECK_U64(spk_escape(NULL, 0, NULL, 0), 0);
    COVERED(ESCAPES);
}

/* With any room: a prefix that ends between two characters or escapes, as long as can be, then a
 * NUL, nothing behind it. */
static void escaped_text_that_is_cut(void) {
    uint64_t inputs = 0;
    for (size_t i = 0; i < ESCAPES; i++) {
        size_t length = strlen(escapes[i].escaped);
        for (size_t room = 0; room < length + 3; room++, inputs++) {
            char out[128];
            memset(out, '#', sizeof out);
            CHECK_U64(spk_escape(escapes[i].bytes, escapes[i].size, out, room), length);
            CHECK(out[room] == '#');
            if (room == 0) {
                continue;
            }
            size_t kept = strlen(out);
            CHECK_NOTE(kept < room && memcmp(out, escapes[i].escaped, kept) == 0,
                       "escape %zu in %zu bytes", i, room);
            /* What was kept is what a prefix of the input gives, and the next unit would not have
             * fitted. */
            char whole[128];
            size_t longest = 0;
            for (size_t size = 0; size <= escapes[i].size; size++) {
                size_t needs = spk_escape(escapes[i].bytes, size, whole, sizeof whole);
                if (needs < room && memcmp(whole, escapes[i].escaped, needs) == 0 &&
                    needs > longest) {
                    longest = needs;
                }
            }
            CHECK_U64(kept, longest);
        }
    }
    COVERED(inputs);
}

/* Every code point up to 0x30000 and some above either stays or becomes plain ASCII. */
static void escaped_code_points(void) {
    uint64_t shown = 0;
    for (uint32_t c = 0x80; c < 0x110000; c += c < 0x30000 ? 1 : 97) {
        char out[32];
        uint8_t utf8[4] = {(uint8_t)(0xf0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 63)),
                           (uint8_t)(0x80 | (c >> 6 & 63)), (uint8_t)(0x80 | (c & 63))};
        size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        utf8[4 - size] = (uint8_t)(size == 2   ? 0xc0 | c >> 6
                                   : size == 3 ? 0xe0 | c >> 12
                                               : utf8[0]);
        size_t length = spk_escape(utf8 + 4 - size, size, out, sizeof out);
        bool stays = length == size && memcmp(out, utf8 + 4 - size, size) == 0;
        CHECK_NOTE(stays || (out[0] == '\\' && strspn(out, "\\u{}x0123456789abcdef") == length),
                   "%x", (unsigned)c);
        shown += stays;
    }
    CHECK(shown > 0x2f000);
    COVERED(0x30000);
}

REGISTER(show, RUN(text_is_cut_at_the_end), RUN(numbers_as_text), RUN(escaped_text),
         RUN(escaped_text_that_is_cut), RUN(escaped_code_points))
