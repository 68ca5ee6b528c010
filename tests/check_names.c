/* SPDX-License-Identifier: MIT
 *
 * What a refused import would have imported: the names of STACK_GLOBAL, from wherever they may come, and the
 * operands of the opcodes that carry their names with them.  Check and decode say the same, for judge() asks both. */
#include "names.h"

#include <string.h>

#include "support.h"

/* ---- the ring of strings itself ---- */

static const char *described(struct names *names, uint64_t module, uint64_t name) {
    static struct refusal refusal;
    refusal.detail[0] = '\0';
    struct text text = text_detail(&refusal);
    names_describe(names, &text, module, name);
    return refusal.detail;
}

/* The 64 latest are known, before and after they were copied. */
static void latest_are_kept(void) {
    static struct names names;
    static uint8_t window[1000][8];
    names_clear(&names);
    for (uint64_t i = 0; i < 1000; i++) {
        memcpy(window[i], "\x8c\x04", 2);
        for (size_t digit = 0; digit < 4; digit++) {
            window[i][2 + digit] = (uint8_t)('a' + (i >> 3 * digit & 7));
        }
        names_note(&names, window[i], i + 1);
        if (i < 100 ? i % 7 == 0 : i % 100 == 99) {
            names_keep(&names);
            memset(window, 'X', i > 0 ? sizeof window[0] * (size_t)i : 0); /* what was copied may go */
        }
        for (uint64_t back = 0; back < 70; back += 3) {
            char expected[16] = "?.?";
            if (back < 64 && back <= i) {
                for (size_t digit = 0; digit < 4; digit++) {
                    expected[digit] = expected[5 + digit] = (char)('a' + ((i - back) >> 3 * digit & 7));
                }
                expected[4] = '.';
                expected[9] = '\0';
            }
            uint64_t key = back <= i ? i - back + 1 : 0;
            CHECK_STR(described(&names, key, key), expected);
        }
    }
    names_clear(&names);
    CHECK_STR(described(&names, 1000, 999), "?.?");
    COVERED(1000);
}

static void pieces_are_joined(void) {
    static struct names names;
    uint8_t long_text[300];
    memset(long_text, 'x', sizeof long_text);
    names_clear(&names);
    names_open(&names, (const uint8_t *)"X\x04\0\0\0", 5, true);
    names_add(&names, (const uint8_t *)"po", 2);
    names_add(&names, (const uint8_t *)"", 0);
    names_add(&names, (const uint8_t *)"ix", 2);
    names_close(&names, 7);
    names_open(&names, (const uint8_t *)"V", 1, true);
    names_add(&names, (const uint8_t *)"sys\\u0074em\n", 12);
    names_close(&names, 8);
    names_open(&names, (const uint8_t *)"X\x04\0\0\0", 5, false);
    names_add(&names, (const uint8_t *)"evil", 4);
    names_close(&names, 9);
    names_open(&names, (const uint8_t *)"V", 1, true);
    names_add(&names, long_text, NAME_MOST);
    names_close(&names, 10);
    CHECK_STR(described(&names, 7, 8), "poix.system");
    CHECK_STR(described(&names, 9, 10), "?.?");
    names_open(&names, (const uint8_t *)"V", 1, true);
    names_add(&names, long_text, NAME_MOST - 2);
    names_add(&names, (const uint8_t *)"\n", 1);
    names_close(&names, 11);
    CHECK_U64(strlen(described(&names, 11, 0)), 100 + strlen("....?"));
}

/* ---- STACK_GLOBAL ---- */

static void where_names_come_from(void) {
    REFUSES_SAYING("\x8c\5posix\x8c\6system\x93", CODE_IMPORT, 15, "posix.system");
    REFUSES_SAYING("X\2\0\0\0osX\4\0\0\0exec\x93", CODE_IMPORT, 16, "os.exec");
    REFUSES_SAYING("\x8d\2\0\0\0\0\0\0\0osVexec\n\x93", CODE_IMPORT, 17, "os.exec");
    REFUSES_SAYING("S'o\\x73'\nU\4exec\x93", CODE_IMPORT, 15, "os.exec");
    REFUSES_SAYING("T\2\0\0\0osVe\\u0078ec\n\x93", CODE_IMPORT, 18, "os.exec");
    REFUSES_SAYING("\x8c\2os\x94\x8c\4exec\x94" "00h\0h\1\x93", CODE_IMPORT, 18, "os.exec");
    REFUSES_SAYING("\x8c\2osq\0p1\n0g0\nVa\n\x93", CODE_IMPORT, 16, "os.a");
    REFUSES_SAYING("(\x8c\2os\x8c\1xN\x93", CODE_IMPORT, 9, "x.?");
    REFUSES_SAYING("C\2osC\1x\x93", CODE_IMPORT, 7, "?.?");
    REFUSES_SAYING("\x8c\2os\x93", CODE_IMPORT, 4, "?.os");
    REFUSES_SAYING("NN\x93", CODE_IMPORT, 2, "?.?");
    REFUSES_SAYING("]}\x93", CODE_IMPORT, 2, "?.?");
    REFUSES_SAYING("\x8c\0\x8c\0\x93", CODE_IMPORT, 4, ".");
    COVERED(13);
}

/* As bytes, a Python 2 str is of the type of what BINBYTES pushes, which is no name. */
static void where_names_come_from_as_bytes(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.encoding = SPK_ENCODING_BYTES;
    REFUSES_INPUT(INPUT("C\0S'a'\n\x93"), &options, CODE_IMPORT, 7, "?.a");
    REFUSES_INPUT(INPUT("C\1xU\1y\x93"), &options, CODE_IMPORT, 6, "?.y");
    REFUSES_INPUT(INPUT("B\1\0\0\0xT\1\0\0\0y\x93"), &options, CODE_IMPORT, 12, "?.y");
    REFUSES_INPUT(INPUT("U\1xU\1y\x93"), &options, CODE_IMPORT, 6, "x.y");
    COVERED(4);
}

/* Between them stand so many other strings that the ring forgets, or not quite. */
static void names_too_long_ago(void) {
    for (size_t between = 60; between < 66; between++) {
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "\x8c\2os\x94");
        buffer_repeat(&pickle, INPUT("\x8c\1x0"), between);
        BUFFER_ADD(&pickle, "\x8c\4exec\x93");
        REFUSES_INPUT(buffer_input(&pickle), NULL, CODE_IMPORT, 11 + 4 * between, between < 63 ? "os.exec" : "?.exec");
        buffer_free(&pickle);
    }
    COVERED(6);
}

static void long_and_hostile_names(void) {
    struct buffer pickle = {NULL, 0, 0};
    char detail[300];
    REFUSES_SAYING("\x8c\4a\nb\x1b\x8c\2\xc2\x80\x93", CODE_IMPORT, 10, "a\\x0ab\\x1b.\\u{0080}");
    for (size_t size = 99; size <= 256; size += size == 101 ? 154 : 1) {
        pickle.size = 0;
        BUFFER_ADD(&pickle, "X");
        buffer_u32(&pickle, (uint32_t)size);
        buffer_fill(&pickle, 'm', size);
        BUFFER_ADD(&pickle, "\x8c\1x\x93");
        size_t shown = size > 255 ? 0 : size > 100 ? 100 : size;
        memset(detail, 'm', shown);
        strcpy(detail + shown, size > 255 ? "?.x" : size > 100 ? "....x" : ".x");
        REFUSES_INPUT(buffer_input(&pickle), NULL, CODE_IMPORT, 8 + size, detail);
    }
    COVERED(6);
    buffer_free(&pickle);
}

/* In three pieces, at every two cuts: an empty name may be completed where an opcode that is cut later is kept, too. */
static void names_in_pieces(void) {
    static const struct input streams[] = {
        {(const uint8_t *)"\x80\4\x8c\0\x8c\1xM\1\0000\x93", 13},
        {(const uint8_t *)"\x80\4\x8c\2os\x8c\0K\1" "0\x93", 12},
        {(const uint8_t *)"X\0\0\0\0U\0I1\n0\x93", 12},
        {(const uint8_t *)"Vos\nT\2\0\0\0exJ\1\2\3\4" "0\x93", 18},
        {(const uint8_t *)"cposix\nsystem\n", 14},
    };
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        spk_report whole = judge(streams[i], NULL).report;
        for (size_t second = 0; second <= streams[i].size; second++) {
            for (size_t first = 0; first <= second; first++, inputs++) {
                spk_report report = SPK_REPORT_INIT;
                spk_decoder *decoder = spk_decoder_new(inputs % 2 ? SPK_MODE_CHECK : SPK_MODE_DECODE, NULL, NULL);
                REQUIRE(decoder);
                (void)spk_decoder_feed(decoder, streams[i].data, first);
                (void)spk_decoder_feed(decoder, streams[i].data + first, second - first);
                (void)spk_decoder_feed(decoder, streams[i].data + second, streams[i].size - second);
                (void)spk_decoder_finish(decoder);
                (void)spk_decoder_report(decoder, &report);
                CHECK_NOTE(report.code == REASON_CODE_IMPORT && same_report(&report, &whole),
                           "stream %zu at %zu, %zu: %s", i, first, second, report.detail);
                spk_decoder_free(decoder);
            }
        }
    }
    COVERED(inputs);
}

/* ---- opcodes that carry their names ---- */

static void operands_are_told(void) {
    REFUSES_SAYING("cposix\nsystem\n(tR.", CODE_IMPORT, 0, "posix.system");
    REFUSES_SAYING("(iposix\nsystem\n.", CODE_IMPORT, 1, "posix.system");
    REFUSES_SAYING("Pabc\n.", CODE_PERSISTENT, 0, "abc");
    REFUSES_SAYING("\x82\x07.", CODE_EXTENSION, 0, "code 7");
    REFUSES_SAYING("\x83\x01\x02.", CODE_EXTENSION, 0, "code 513");
    REFUSES_SAYING("\x84\1\2\3\4.", CODE_EXTENSION, 0, "code 67305985");
    REFUSES_SAYING("c\n\n", CODE_IMPORT, 0, ".");
    REFUSES_SAYING("ca\x1b\nb\\\n", CODE_IMPORT, 0, "a\\x1b.b\\x5c");
    COVERED(8);
}

/* The input, or the frame, ends within the name: what is known is told, and the opcode is what is refused. */
static void operands_cut_short(void) {
    REFUSES_SAYING("c", CODE_IMPORT, 0, "");
    REFUSES_SAYING("cposix", CODE_IMPORT, 0, "posix");
    REFUSES_SAYING("cposix\n", CODE_IMPORT, 0, "posix.");
    REFUSES_SAYING("cposix\nsys", CODE_IMPORT, 0, "posix.sys");
    REFUSES_SAYING("P", CODE_PERSISTENT, 0, "");
    REFUSES_SAYING("Pab", CODE_PERSISTENT, 0, "ab");
    REFUSES_SAYING("\x83\x01", CODE_EXTENSION, 0, "code 1");
    REFUSES_SAYING("\x84", CODE_EXTENSION, 0, "");
    REFUSES_SAYING("\x95\4\0\0\0\0\0\0\0cabcdef\nx\n", CODE_IMPORT, 9, "abc");
    REFUSES("\x95\1\0\0\0\0\0\0\0cabcdef\nx\n", CODE_IMPORT, 9);
    spk_options options = SPK_OPTIONS_INIT;
    options.max_input = 5;
    REFUSES_INPUT(INPUT("Ncabcdef\nx\n"), &options, CODE_IMPORT, 1, "abc");
    options.max_input = 2;
    REFUSES_INPUT(INPUT("Ncabcdef\nx\n"), &options, CODE_IMPORT, 1, "");
    COVERED(12);
}

/* 512 bytes of names are waited for, and not one more. */
static void waiting_for_names(void) {
    struct buffer pickle = {NULL, 0, 0};
    char detail[300];
    memset(detail, 'n', 100);
    strcpy(detail + 100, "...");
    BUFFER_ADD(&pickle, "P");
    buffer_fill(&pickle, 'n', 511);
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
    REQUIRE(decoder);
    CHECK_U64(spk_decoder_feed(decoder, pickle.data, pickle.size), SPK_MORE);
    CHECK_U64(spk_decoder_feed(decoder, "n", 1), SPK_UNSAFE);
    spk_decoder_free(decoder);
    REFUSES_INPUT(buffer_input(&pickle), NULL, CODE_PERSISTENT, 0, detail);
    buffer_fill(&pickle, 'n', 1000);
    REFUSES_INPUT(buffer_input(&pickle), NULL, CODE_PERSISTENT, 0, detail);
    COVERED(4);
    buffer_free(&pickle);
}

REGISTER(names, RUN(latest_are_kept), RUN(pieces_are_joined), RUN(where_names_come_from),
         RUN(where_names_come_from_as_bytes), RUN(names_too_long_ago), RUN(long_and_hostile_names),
         RUN(names_in_pieces), RUN(operands_are_told), RUN(operands_cut_short), RUN(waiting_for_names))
