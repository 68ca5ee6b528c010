/* SPDX-License-Identifier: MIT
 *
 * The lines of STRING and UNICODE against readers that take a whole line at a time, over all short
 * lines of telling characters and many random ones, under each encoding and in every split. */
#include "text/unescape.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "text/utf8.h"

struct expected {
    enum reason reason;
    bool is_done; /* else more bytes are wanted, unless there is a reason */
    size_t used;  /* when it is done */
    uint8_t out[256];
    size_t size;
};

static void put(struct expected *e, uint32_t code_point) {
    e->size += utf8_write(code_point, e->out + e->size);
}

static int hex_value(uint8_t c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* UNICODE.  All that is known of bytes that have not come is that they could be good. */
static struct expected read_unicode_line(const uint8_t *p, size_t size) {
    struct expected e = {REASON_DATA, false, 0, {0}, 0};
    size_t at = 0;
    while (at < size && p[at] != '\n') {
        if (p[at] != '\\') {
            put(&e, p[at++]);
            continue;
        }
        if (at + 1 == size) {
            return e;
        }
        if (p[at + 1] != 'u' && p[at + 1] != 'U') {
            put(&e, '\\');
            if (p[at + 1] != '\n') {
                put(&e, p[at + 1]);
                at++;
            }
            at++;
            continue;
        }
        size_t digits = p[at + 1] == 'u' ? 4 : 8;
        uint64_t value = 0;
        for (size_t i = 0; i < digits; i++) {
            if (at + 2 + i == size) {
                return e;
            }
            int digit = hex_value(p[at + 2 + i]);
            value = value * 16 + (uint64_t)(digit < 0 ? 0 : digit);
            if (digit < 0 || value > 0x10ffff) {
                e.reason = REASON_BAD_ESCAPE;
                return e;
            }
        }
        put(&e, (uint32_t)value);
        at += 2 + digits;
    }
    e.is_done = at < size;
    e.used = at + 1;
    return e;
}

static void put_byte(struct expected *e, spk_encoding encoding, uint32_t byte) {
    if (encoding == SPK_ENCODING_BYTES) {
        e->out[e->size++] = (uint8_t)byte;
    } else if (byte > 127 && encoding == SPK_ENCODING_ASCII) {
        e->reason = REASON_NOT_ASCII;
    } else {
        put(e, byte);
    }
}

/* The escape at p, of which the backslash is the first byte: its length, or 0 if it is not known
 * yet or is bad. */
static size_t read_escape(struct expected *e, spk_encoding encoding, const uint8_t *p,
                          size_t size) {
    static const char simple[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
    if (size == 1) {
        return 0;
    }
    for (const char *pair = simple; *pair; pair += 2) {
        if (p[1] == (uint8_t)pair[0]) {
            put_byte(e, encoding, (uint8_t)pair[1]);
            return 2;
        }
    }
    if (p[1] == 'x') {
        for (size_t i = 2; i < 4; i++) {
            if (i == size) {
                return 0;
            }
            if (hex_value(p[i]) < 0) {
                e->reason = REASON_BAD_ESCAPE;
                return 0;
            }
        }
        put_byte(e, encoding, (uint32_t)(hex_value(p[2]) * 16 + hex_value(p[3])));
        return 4;
    }
    uint32_t value = 0;
    size_t digits = 0;
    while (digits < 3 && 1 + digits < size && p[1 + digits] >= '0' && p[1 + digits] <= '7') {
        value = value * 8 + (uint32_t)(p[1 + digits++] - '0');
    }
    if (digits == 0) {
        e->reason = p[1] == '\n' ? REASON_BAD_QUOTES : REASON_ODD_ESCAPE;
    } else if (value > 255) {
        e->reason = REASON_ODD_ESCAPE;
    } else if (1 + digits < size) { /* what follows tells that it is complete */
        put_byte(e, encoding, value);
        return 1 + digits;
    }
    return 0;
}

/* STRING. */
static struct expected read_string_line(const uint8_t *p, size_t size, spk_encoding encoding) {
    struct expected e = {REASON_DATA, false, 0, {0}, 0};
    if (size > 0 && p[0] != '\'' && p[0] != '"') {
        e.reason = REASON_BAD_QUOTES;
    }
    size_t at = 1;
    while (at < size && e.reason == REASON_DATA) {
        if (p[at] == '\n') {
            e.reason = REASON_BAD_QUOTES;
        } else if (p[at] == '\\') {
            size_t length = read_escape(&e, encoding, p + at, size - at);
            if (length == 0) {
                return e;
            }
            at += length;
        } else if (p[at] == p[0] && (at + 1 == size || p[at + 1] == '\n')) {
            e.is_done = at + 1 < size;
            e.used = at + 2;
            return e;
        } else {
            put_byte(&e, encoding, p[at++]);
        }
    }
    return e;
}

/* Reads a line cut in two, each piece with exactly the room that is promised to be enough. */
static bool is_right(const uint8_t *p, size_t size, bool is_unicode, spk_encoding encoding,
                     size_t split) {
    struct expected e =
        is_unicode ? read_unicode_line(p, size) : read_string_line(p, size, encoding);
    struct unescape unescape = unescape_start(is_unicode, encoding);
    struct unescape check = unescape;
    size_t room = UNESCAPED_MAX(split);
    uint8_t *first = must_allocate(room);
    uint8_t *second = must_allocate(UNESCAPED_MAX(size - split));
    uint8_t whole[600];
    struct unescape_result a = unescape_read(&unescape, p, split, first);
    struct unescape_result b = {0, 0, a.is_done, a.reason};
    bool goes_on = a.reason == REASON_DATA && !a.is_done;
    if (goes_on) {
        b = unescape_read(&unescape, p + split, size - split, second);
    }
    memcpy(whole, first, a.written);
    memcpy(whole + a.written, second, b.written);
    free(first);
    free(second);
    struct unescape_result silent = unescape_read(&check, p, size, NULL);
    if (b.reason != e.reason || silent.reason != e.reason || b.is_done != e.is_done ||
        silent.is_done != e.is_done) {
        return false;
    }
    return !e.is_done || (a.used + b.used == e.used && silent.used == e.used &&
                          a.written + b.written == e.size && memcmp(whole, e.out, e.size) == 0);
}

/* Every line of up to so many of these characters. */
static uint64_t all_lines(const char *alphabet, size_t letters, size_t max, bool is_unicode,
                          spk_encoding encoding, uint64_t *wrong) {
    uint64_t count = 0;
    uint8_t line[16];
    for (size_t length = 0; length <= max; length++) {
        uint64_t total = word_count(letters, length);
        for (uint64_t number = 0; number < total; number++, count++) {
            write_word((char *)line, alphabet, letters, length, number);
            *wrong +=
                !is_right(line, length, is_unicode, encoding, (size_t)(number % (length + 1)));
        }
    }
    return count;
}

static void short_lines(void) {
    uint64_t wrong = 0;
    uint64_t count = 0;
    for (int encoding = SPK_ENCODING_ASCII; encoding <= SPK_ENCODING_BYTES; encoding++) {
        count += all_lines("'\"\\x07\xe9\n", 8, 5, false, (spk_encoding)encoding, &wrong);
        count += all_lines("'\\378n\n", 7, 5, false, (spk_encoding)encoding, &wrong);
    }
    count += all_lines("\\uUx0\xe9\n\0", 8, 5, true, SPK_ENCODING_ASCII, &wrong);
    CHECK_U64(wrong, 0);
    COVERED(count);
}

static size_t random_line(struct dice *dice, uint8_t *line, bool is_unicode) {
    static const char *const string_pieces[] = {"\\x",  "\\",  "\\'", "'", "\"", "\\0",
                                                "\\37", "\\n", "a",   "4", "f",  "\xff"};
    static const char *const unicode_pieces[] = {"\\u", "\\U000", "\\",     "0",    "d", "8",
                                                 "D",   "F",      "10ffff", "\xe9", "z", "1"};
    size_t size = 0;
    if (!is_unicode) {
        line[size++] = dice_below(dice, 2) ? '\'' : '"';
    }
    uint8_t quote = line[0];
    while (size < 24 && dice_below(dice, 12) > 0) {
        const char *piece = (is_unicode ? unicode_pieces : string_pieces)[dice_below(dice, 12)];
        memcpy(line + size, piece, strlen(piece));
        size += strlen(piece);
        if (dice_below(dice, 8) == 0) {
            line[size++] = (uint8_t)dice_roll(dice);
        }
    }
    if (!is_unicode) {
        line[size++] = quote;
    }
    line[size++] = '\n';
    return size;
}

static void random_lines(void) {
    struct dice dice = {17};
    uint64_t count = 0;
    uint64_t done = 0;
    for (int times = 0; times < 60000; times++) {
        uint8_t line[64];
        bool is_unicode = times % 2 == 0;
        spk_encoding encoding = (spk_encoding)dice_below(&dice, 3);
        size_t size = random_line(&dice, line, is_unicode);
        done += is_unicode ? read_unicode_line(line, size).is_done
                           : read_string_line(line, size, encoding).is_done;
        for (size_t split = 0; split <= size; split++, count++) {
            CHECK_NOTE(is_right(line, size, is_unicode, encoding, split), "%s %.*s",
                       is_unicode ? "V" : "S", (int)size, line);
        }
    }
    CHECK(done > 10000);
    COVERED(count);
}

/* The byte that a refusal speaks of. */
static void bad_byte_is_kept(void) {
    struct unescape unescape = unescape_start(false, SPK_ENCODING_ASCII);
    CHECK_U64(unescape_read(&unescape, (const uint8_t *)"'a\\x80b'\n", 9, NULL).reason,
              REASON_NOT_ASCII);
    CHECK_U64(unescape.bad_byte, 0x80);
    unescape = unescape_start(false, SPK_ENCODING_ASCII);
    CHECK_U64(unescape_read(&unescape, (const uint8_t *)"'\xfe'\n", 4, NULL).reason,
              REASON_NOT_ASCII);
    CHECK_U64(unescape.bad_byte, 0xfe);
    unescape = unescape_start(false, SPK_ENCODING_ASCII);
    CHECK_U64(unescape_read(&unescape, (const uint8_t *)"'\\377'\n", 7, NULL).reason,
              REASON_NOT_ASCII);
    CHECK_U64(unescape.bad_byte, 0xff);
}

/* Through the machine, as values: what semantics say in words. */
static void as_values(void) {
    ACCEPTS("S'a\\\\\\'\\\"\\a\\b\\f\\n\\r\\t\\v\\x7f\\0\\01\\177'\n.",
            "'a\\x5c\\x27\"\\x07\\x08\\x0c\\x0a\\x0d\\x09\\x0b\\x7f\\x00\\x01\\x7f'");
    ACCEPTS("S'''\n.", "'\\x27'");
    ACCEPTS("S\"'\"\n.", "'\\x27'");
    ACCEPTS("S''\n.", "''");
    REFUSES("S'\n.", BAD_QUOTES, 0);
    REFUSES("S\n.", BAD_QUOTES, 0);
    REFUSES("S'a\"\n.", BAD_QUOTES, 0);
    REFUSES("S'a'\r\n.", CRLF, 0);
    ACCEPTS("S'a'\r'\n.", "'a\\x27\\x0d'");
    REFUSES("S'a'\r\r\n.", BAD_QUOTES, 0);
    REFUSES("S'a\r\n.", BAD_QUOTES, 0);
    REFUSES("S'a\\'\n.", BAD_QUOTES, 0);
    REFUSES("S'\\u0041'\n.", ODD_ESCAPE, 0);
    REFUSES("S'\\400'\n.", ODD_ESCAPE, 0);
    REFUSES("S'\\x4'\n.", BAD_ESCAPE, 0);
    REFUSES_SAYING("NS'\\200'\n.", NOT_ASCII, 1, "0x80");
    ACCEPTS("V\n.", "''");
    ACCEPTS("Va\\u0041\\\\u0041\\\\\\u0041\\\n.", "'aA\\x5c\\x5cu0041\\x5c\\x5cA\\x5c'");
    ACCEPTS("V\\ud83d\\ude00\\U0001f600\xe9\r\n.", "'\\ud83d\\ude00\\U0001f600\\xe9\\x0d'");
    REFUSES("V\\u004\n.", BAD_ESCAPE, 0);
    REFUSES("V\\U00110000\n.", BAD_ESCAPE, 0);
    COVERED(21);
}

static void under_other_encodings(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.encoding = SPK_ENCODING_LATIN1;
    ACCEPTS_INPUT(INPUT("S'\xe9\\xe9'\n."), &options, "'\\xe9\\xe9'");
    ACCEPTS_INPUT(INPUT("U\x02\xe9"
                        "a."),
                  &options, "'\\xe9a'");
    ACCEPTS_INPUT(INPUT("T\x02\0\0\0\xe9\xff."), &options, "'\\xe9\\xff'");
    options.encoding = SPK_ENCODING_BYTES;
    ACCEPTS_INPUT(INPUT("S'\xe9\\xe9a'\n."), &options, "b'\\xe9\\xe9a'");
    ACCEPTS_INPUT(INPUT("U\x02\xe9"
                        "a."),
                  &options, "b'\\xe9a'");
    ACCEPTS_INPUT(INPUT("T\x02\0\0\0ab."), &options, "b'ab'");
    ACCEPTS_INPUT(INPUT("V\xe9\n."), &options, "'\\xe9'");
    ACCEPTS("U\x02zz.", "'zz'");
    REFUSES_SAYING("U\x03zz\x80.", NOT_ASCII, 0, "0x80");
    REFUSES_SAYING("T\x03\0\0\0z\xff\x80.", NOT_ASCII, 0, "0xff");
    COVERED(10);
}

/* Longer than any piece that the machine reads at once. */
static void long_lines(void) {
    struct buffer pickle = {NULL, 0, 0};
    struct buffer text = {NULL, 0, 0};
    BUFFER_ADD(&pickle, "V");
    BUFFER_ADD(&text, "'");
    for (int i = 0; i < 3000; i++) {
        BUFFER_ADD(&pickle, "\\u00e9x");
        BUFFER_ADD(&text, "\\xe9x");
    }
    BUFFER_ADD(&pickle, "\n.");
    BUFFER_ADD(&text, "'\0");
    ACCEPTS_INPUT(buffer_input(&pickle), NULL, (const char *)text.data);
    COVERED(1);
    buffer_free(&pickle);
    buffer_free(&text);
}

REGISTER(unescape, RUN(short_lines), RUN(random_lines), RUN(bad_byte_is_kept), RUN(as_values),
         RUN(under_other_encodings), RUN(long_lines))
