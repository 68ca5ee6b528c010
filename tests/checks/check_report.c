/* SPDX-License-Identifier: MIT
 *
 * Refusals and the text made of them: the first one sticks, what is printed is safe to print, and
 * nothing is written past the end of a buffer of any size. */
#include "base/report.h"

#include <string.h>

#include "base/opcode.h"
#include "support.h"

/* ---- refusals ---- */

static const enum reason every_reason[] = {
#define REASON(id, code, name, detail, message, hint, help) REASON_##id,
#include "reasons.def"
#undef REASON
};

#define REASONS (sizeof every_reason / sizeof every_reason[0])

static void first_refusal_sticks(void) {
    struct refusal refusal = {REASON_DATA, -1, 0, 0, ""};
    refuse(&refusal, REASON_NO_MARK, OP_TUPLE, 7);
    refuse(&refusal, REASON_DUP, OP_DUP, 3);
    CHECK_U64(refusal.reason, REASON_NO_MARK);
    CHECK_I64(refusal.opcode, OP_TUPLE);
    CHECK_U64(refusal.offset, 7);
}

static void every_reason_has_its_class(void) {
    static const spk_status classes[] = {SPK_OK,      SPK_UNSAFE, SPK_MALFORMED, SPK_LIMIT,
                                         SPK_WRAPPER, SPK_POLICY, SPK_UNWRITTEN};
    for (size_t i = 0; i < REASONS; i++) {
        struct refusal refusal = {every_reason[i], -1, 5, 6, "d"};
        spk_report report = SPK_REPORT_INIT;
        unsigned class = (unsigned)every_reason[i] / 100;
        REQUIRE(class >= 1 && class <= 6);
        CHECK_U64(refusal_status(&refusal), classes[class]);
        report_refusal(&report, &refusal);
        CHECK_U64(report.status, classes[class]);
        CHECK_U64(report.code, every_reason[i]);
        CHECK(report.name[0] != '\0' && report.message[0] != '\0');
        CHECK(strspn(report.name, "abcdefghijklmnopqrstuvwxyz-0123456789") == strlen(report.name));
        CHECK_STR(report.opcode, "");
        CHECK(report.offset == 5 && report.limit == 6 && strcmp(report.detail, "d") == 0);
        for (size_t j = 0; j < i; j++) {
            struct refusal other = {every_reason[j], -1, 0, 0, ""};
            spk_report other_report = SPK_REPORT_INIT;
            report_refusal(&other_report, &other);
            CHECK_NOTE(every_reason[i] != every_reason[j] &&
                           strcmp(report.name, other_report.name) != 0,
                       "SP%u", report.code);
        }
    }
    COVERED(REASONS);
}

/* Codes are promised never to change: those that programs will be written against stand here a
 * second time. */
static void codes_are_stable(void) {
    CHECK_U64(REASON_CODE_IMPORT, 101);
    CHECK_U64(REASON_CODE_PERSISTENT, 105);
    CHECK_U64(REASON_TRUNCATED, 201);
    CHECK_U64(REASON_BAD_PROTOCOL, 214);
    CHECK_U64(REASON_LIMIT_INPUT, 301);
    CHECK_U64(REASON_LIMIT_ALLOC, 306);
    CHECK_U64(REASON_GZIP_TRUNCATED, 401);
    CHECK_U64(REASON_WRAPPER_7Z, 419);
    CHECK_U64(REASON_TRAILING, 501);
    CHECK_U64(REASON_MEMO_NAN, 520);
    CHECK_U64(REASON_NEEDS_PROTOCOL, 601);
    CHECK_U64(REASON_WRITE_FAILED, 604);
}

static void no_verdicts(void) {
    struct refusal none = {REASON_DATA, -1, 0, 0, ""};
    struct refusal memory = {REASON_NO_MEMORY, -1, 0, 0, ""};
    struct refusal misuse = {REASON_MISUSE, -1, 0, 0, ""};
    spk_report report = SPK_REPORT_INIT;
    CHECK_U64(refusal_status(&none), SPK_OK);
    CHECK_U64(refusal_status(&memory), SPK_NO_MEMORY);
    CHECK_U64(refusal_status(&misuse), SPK_MISUSE);
    report_refusal(&report, &memory);
    CHECK_U64(report.code, 0);
    CHECK_STR(report.name, "no-memory");
    report_refusal(&report, &misuse);
    CHECK_U64(report.code, 0);
    CHECK_STR(report.name, "misuse");
}

static void status_names(void) {
    static const char *const names[] = {"accepted", "more",     "code",   "malformed",
                                        "limit",    "wrapper",  "policy", "no-memory",
                                        "misuse",   "unwritten"};
    for (unsigned i = 0; i < 10; i++) {
        CHECK_STR(spk_status_name((spk_status)i), names[i]);
    }
    CHECK_STR(spk_status_name((spk_status)10), "");
}

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

static void details_are_added_to(void) {
    struct refusal refusal = {REASON_DATA, -1, 0, 0, "x"};
    struct text text = text_detail(&refusal);
    text_put(&text, "yz");
    CHECK_STR(refusal.detail, "xyz");
    for (int i = 0; i < 100; i++) {
        text = text_detail(&refusal);
        text_put(&text, "0123456789");
    }
    CHECK_U64(strlen(refusal.detail), SPK_DETAIL_SIZE - 1);
    CHECK(memcmp(refusal.detail, "xyz0123456789012", 16) == 0);
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

static void escaped_detail_is_short(void) {
    struct refusal refusal = {REASON_DATA, -1, 0, 0, ""};
    struct text text = text_detail(&refusal);
    text_put_escaped(&text, "abcdef", 6, 6);
    CHECK_STR(refusal.detail, "abcdef");
    text_put_escaped(&text, "abcdef", 6, 5);
    CHECK_STR(refusal.detail, "abcdefabcde...");
    text_put_escaped(&text, "ab\n", 3, 5);
    CHECK_STR(refusal.detail, "abcdefabcde...ab...");
}

/* ---- reports ---- */

static spk_report refused_report(const char *opcode, spk_wrapper wrapper, const char *detail) {
    spk_report report = SPK_REPORT_INIT;
    struct refusal refusal = {REASON_CODE_IMPORT, -1, 50, 0, ""};
    report_refusal(&report, &refusal);
    report.opcode = opcode;
    report.wrapper = wrapper;
    report.raw_offset = 61;
    struct text text = text_start(report.detail, sizeof report.detail);
    text_put(&text, detail);
    return report;
}

static void lines_of_text(void) {
    char line[SPK_LINE_SIZE];
    spk_report report = refused_report("STACK_GLOBAL", SPK_WRAPPER_NONE, "posix.system");
    CHECK_U64(spk_report_format(&report, line, sizeof line), 62);
    CHECK_STR(line, "SP101 STACK_GLOBAL at byte 50 (0x32) would import posix.system");
    report = refused_report("", SPK_WRAPPER_NONE, "");
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "SP101 at byte 50 (0x32): would import");
    report = refused_report("GLOBAL", SPK_WRAPPER_GZIP, "a.b");
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "SP101 GLOBAL at byte 50 (0x32, in the file about 61) would import a.b");
    report = (spk_report)SPK_REPORT_INIT;
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "nothing wrong so far");
    report.status = SPK_OK;
    report.opcodes = 1;
    report.consumed = 2;
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "accepted (1 opcode, 2 bytes, depth 0)");
    report.wrapper = SPK_WRAPPER_GZIP;
    report.protocol = 4;
    report.opcodes = 24;
    report.consumed = 51;
    report.max_depth = 2;
    CHECK_U64(spk_report_format(&report, line, sizeof line), 58);
    CHECK_STR(line, "accepted (gzip, protocol 4, 24 opcodes, 51 bytes, depth 2)");
}

static void lines_without_room(void) {
    char whole[SPK_LINE_SIZE];
    spk_report report = refused_report("STACK_GLOBAL", SPK_WRAPPER_NONE, "posix.system");
    size_t length = spk_report_format(&report, whole, sizeof whole);
    for (size_t room = 0; room <= length + 2; room++) {
        char line[SPK_LINE_SIZE];
        memset(line, '#', sizeof line);
        CHECK_U64(spk_report_format(&report, line, room), length);
        CHECK(line[room] == '#');
        CHECK(room == 0 || (strlen(line) == (room <= length ? room - 1 : length) &&
                            strncmp(line, whole, strlen(line)) == 0));
    }
    CHECK_U64(spk_report_format(&report, NULL, 0), length);
    CHECK_U64(spk_report_format(NULL, whole, sizeof whole), 0);
    CHECK_STR(whole, "");
    COVERED(length);
}

/* The longest line that can be fits SPK_LINE_SIZE. */
static void longest_line_fits(void) {
    char line[SPK_LINE_SIZE];
    for (size_t i = 0; i < REASONS; i++) {
        struct refusal refusal = {every_reason[i], OP_READONLY_BUFFER, UINT64_MAX, UINT64_MAX, ""};
        memset(refusal.detail, 'x', sizeof refusal.detail - 1);
        spk_report report = SPK_REPORT_INIT;
        report_refusal(&report, &refusal);
        report.wrapper = SPK_WRAPPER_GZIP;
        report.raw_offset = UINT64_MAX;
        CHECK(spk_report_format(&report, line, sizeof line) < sizeof line);
    }
    COVERED(REASONS);
}

REGISTER(report, RUN(first_refusal_sticks), RUN(every_reason_has_its_class), RUN(codes_are_stable),
         RUN(no_verdicts), RUN(status_names), RUN(text_is_cut_at_the_end),
         RUN(details_are_added_to), RUN(numbers_as_text), RUN(escaped_text),
         RUN(escaped_text_that_is_cut), RUN(escaped_code_points), RUN(escaped_detail_is_short),
         RUN(lines_of_text), RUN(lines_without_room), RUN(longest_line_fits))
