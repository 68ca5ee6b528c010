/* SPDX-License-Identifier: MIT
 *
 * What a refused import would have imported: the names of STACK_GLOBAL, from wherever they may
 * come, and the operands of the opcodes that carry their names with them.  Check and decode say the
 * same, for judge() asks both. */
#include "decode/recent.h"

#include <stdio.h>
#include <string.h>

#include "support.h"

/* ---- the last bytes themselves ---- */

static const char *described(const struct recent *recent, uint64_t offset, uint64_t module,
                             uint64_t name) {
    static struct refusal refusal;
    refusal.detail[0] = '\0';
    struct text text = text_detail(&refusal);
    recent_describe(recent, &text, offset, module, name);
    return refusal.detail;
}

enum { EACH = 8, COUNT = 2000 }; /* opcodes with texts of six digits */

/* Else it is bytes: what stands somewhere in the ring is not what stood there before. */
static bool is_named(unsigned number) {
    return number / (RECENT_REACH / EACH) % 2 == 0;
}

/* Asks for the opcodes that begin up to 400 before this offset; returns how many. */
static uint64_t ask_backwards(const struct recent *recent, uint64_t offset) {
    uint64_t asked = 0;
    for (uint64_t back = 0; back <= offset / EACH && back < 400;
         back += back < 127 ? 1 + back % 5 : 1, asked++) {
        unsigned number = (unsigned)(offset / EACH - back);
        char expected[32] = "?.?";
        if (back > 0 && back * EACH <= RECENT_REACH && is_named(number)) {
            (void)snprintf(expected, sizeof expected, "%06u.%06u", number, number);
        }
        CHECK_STR(described(recent, offset, (uint64_t)number * EACH, (uint64_t)number * EACH),
                  expected);
    }
    return asked;
}

/* Read in pieces of many sizes: what is within reach is told, be it in this piece or in one before;
 * nothing else is. */
static void what_is_near_is_told(void) {
    static struct recent recent;
    static uint8_t stream[EACH * COUNT];
    static uint8_t piece[EACH * COUNT];
    for (unsigned i = 0; i < COUNT; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%06u", i);
        memcpy(stream + i * EACH, is_named(i) ? "\x8c\x06" : "C\x06", 2);
        memcpy(stream + i * EACH + 2, text, 6);
    }
    recent_start(&recent, false);
    recent_clear(&recent);
    uint64_t asked = 0;
    for (size_t at = 0, size = 1, turn = 0; at < sizeof stream; at += size, turn++) {
        size = size * 5 % 1501 + 1;
        if (turn % 2 == 0) { /* the next one begins with an opcode */
            size += EACH - (at + size) % EACH;
        }
        size = size < sizeof stream - at ? size : sizeof stream - at;
        memcpy(piece, stream + at, size);
        recent_feed(&recent, piece, size, at);
        asked += at % EACH == 0 ? ask_backwards(&recent, at) : 0;
        asked += ask_backwards(&recent, (at + size) / EACH * EACH);
        recent_keep(&recent);
        memset(piece, 'X', sizeof piece); /* what was kept may go */
    }
    COVERED(asked);
}

/* A key is found while it is near, and never in another pickle than that it was noted in. */
static void what_was_noted_is_found(void) {
    enum { SIZE = 5000 };
    static struct recent recent;
    static uint8_t stream[SIZE];
    static bool is_noted[SIZE];
    uint64_t found = 0;
    recent_start(&recent, true);
    for (unsigned pickle = 0; pickle < 3; pickle++) {
        recent_clear(&recent);
        memset(is_noted, 0, sizeof is_noted);
        for (uint64_t key = 1; key < SIZE; key++) {
            CHECK_U64(recent_find(&recent, key), RECENT_UNKNOWN);
        }
        recent_feed(&recent, stream, SIZE, 0);
        for (uint64_t offset = 10; offset < SIZE; offset += 2 + offset / 7 % 2) {
            recent_note(&recent, offset, recent.earlier + offset);
            is_noted[offset] = true;
            for (uint64_t near = offset; near >= 10 && near + RECENT_REACH - 2 >= offset; near--) {
                CHECK_U64(recent_find(&recent, near),
                          is_noted[near] ? recent.earlier + near : RECENT_UNKNOWN);
                found += is_noted[near];
            }
        }
    }
    uint64_t before =
        recent.earlier - 8; /* a stamp in the pickle before, which ended in such a string */
    memcpy(stream + SIZE - 8, "\x8c\6string", 8);
    CHECK_STR(described(&recent, 8, before, before), "?.?");
    COVERED(found);
}

/* ---- STACK_GLOBAL ---- */

static void where_names_come_from(void) {
    REFUSES_SAYING("\x8c\5posix\x8c\6system\x93", CODE_IMPORT, 15, "posix.system");
    REFUSES_SAYING("X\2\0\0\0osX\4\0\0\0exec\x93", CODE_IMPORT, 16, "os.exec");
    REFUSES_SAYING("\x8d\2\0\0\0\0\0\0\0osVexec\n\x93", CODE_IMPORT, 17, "os.exec");
    REFUSES_SAYING("S'o\\x73'\nU\4exec\x93", CODE_IMPORT, 15, "os.exec");
    REFUSES_SAYING("T\2\0\0\0osVe\\u0078ec\n\x93", CODE_IMPORT, 18, "os.exec");
    REFUSES_SAYING("\x8c\2os\x94\x8c\4exec\x94"
                   "00h\0h\1\x93",
                   CODE_IMPORT, 18, "os.exec");
    REFUSES_SAYING("\x8c\2osq\0p1\n0g0\nVa\n\x93", CODE_IMPORT, 16, "os.a");
    REFUSES_SAYING("(\x8c\2os\x8c\1xN\x93", CODE_IMPORT, 9, "x.?");
    REFUSES_SAYING("\x8c\2os\x8c\1x(\x93", STACK_UNDERFLOW, 8, "");
    REFUSES_SAYING("C\2osC\1x\x93", CODE_IMPORT, 7, "?.?");
    REFUSES_SAYING("\x8c\2os\x93", STACK_UNDERFLOW, 4, "");
    REFUSES_SAYING("NN\x93", CODE_IMPORT, 2, "?.?");
    REFUSES_SAYING("]}\x93", CODE_IMPORT, 2, "?.?");
    REFUSES_SAYING("\x8c\0\x8c\0\x93", CODE_IMPORT, 4, ".");
    COVERED(14);
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

/* The module is as far from STACK_GLOBAL as can be remembered, or by a few bytes too far. */
static void names_too_long_ago(void) {
    for (size_t distance = RECENT_REACH - 4; distance < RECENT_REACH + 4; distance++) {
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "\x8c\2os");
        buffer_repeat(&pickle, INPUT("N0"), (distance - 11) / 2);
        if (distance % 2 == 0) {
            BUFFER_ADD(&pickle, "\x94");
        }
        BUFFER_ADD(&pickle, "\x8c\4exec\x94\x93");
        REFUSES_INPUT(buffer_input(&pickle), NULL, CODE_IMPORT, distance,
                      distance <= RECENT_REACH ? "os.exec" : "?.exec");
        buffer_free(&pickle);
    }
    COVERED(8);
}

/* A decoder that was reset has new strings where old ones were, whole ones or in pieces. */
static void names_of_another_pickle(void) {
    spk_decoder *decoders[] = {spk_decoder_new(SPK_MODE_DECODE, NULL, NULL),
                               spk_decoder_new(SPK_MODE_CHECK, NULL, NULL)};
    REQUIRE(decoders[0] && decoders[1]);
    static const struct input pickles[] = {{(const uint8_t *)"\x8c\2os\x8c\4exec\x93", 11},
                                           {(const uint8_t *)"NN0\x8c\2ok\x8c\4evil\x93", 14},
                                           {(const uint8_t *)"C\2osC\4exec\x93", 11},
                                           {(const uint8_t *)"NN\x93", 3}};
    static const char *const names[] = {"os.exec", "ok.evil", "?.?", "?.?"};
    for (size_t i = 0; i < 80; i++) {
        spk_decoder *decoder = decoders[i % 2];
        size_t at = i * 7 / 2 % 4;
        size_t piece = i % 3 == 0 ? pickles[at].size : i % 5 + 1;
        spk_report report = SPK_REPORT_INIT;
        for (size_t fed = 0; fed < pickles[at].size; fed += piece) {
            size_t left = pickles[at].size - fed;
            (void)spk_decoder_feed(decoder, pickles[at].data + fed, left < piece ? left : piece);
        }
        (void)spk_decoder_feed(decoder, "\xff\xff", 2); /* it is nothing else */
        CHECK_U64(spk_decoder_report(decoder, &report), SPK_UNSAFE);
        CHECK_STR(report.detail, names[at]);
        spk_decoder_reset(decoder);
    }
    spk_decoder_free(decoders[0]);
    spk_decoder_free(decoders[1]);
    COVERED(80);
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
    for (size_t size = 261; size < 266;
         size++) { /* with the opcode and the line feed: 264 bytes are read again */
        pickle.size = 0;
        BUFFER_ADD(&pickle, "V");
        buffer_fill(&pickle, 'm', size);
        BUFFER_ADD(&pickle, "\n\x8c\1x\x93");
        memset(detail, 'm', 100);
        strcpy(detail + (size > 262 ? 0 : 100), size > 262 ? "?.x" : "....x");
        REFUSES_INPUT(buffer_input(&pickle), NULL, CODE_IMPORT, 5 + size, detail);
    }
    COVERED(11);
    buffer_free(&pickle);
}

/* In three pieces, at every two cuts: an empty name may be completed where an opcode that is cut
 * later is kept, too. */
static void names_in_pieces(void) {
    static const struct input streams[] = {
        {(const uint8_t *)"\x80\4\x8c\0\x8c\1xM\1\0000\x93", 13},
        {(const uint8_t *)"\x80\4\x8c\2os\x8c\0K\1"
                          "0\x93",
         12},
        {(const uint8_t *)"X\0\0\0\0U\0I1\n0\x93", 12},
        {(const uint8_t *)"Vos\nT\2\0\0\0exJ\1\2\3\4"
                          "0\x93",
         18},
        {(const uint8_t *)"cposix\nsystem\n", 14},
    };
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        spk_report whole = judge(streams[i], NULL).report;
        for (size_t second = 0; second <= streams[i].size; second++) {
            for (size_t first = 0; first <= second; first++, inputs++) {
                spk_report report = SPK_REPORT_INIT;
                spk_decoder *decoder =
                    spk_decoder_new(inputs % 2 ? SPK_MODE_CHECK : SPK_MODE_DECODE, NULL, NULL);
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

/* The input ends within the name: no unpickler in C looks it up.  Where the frame or a limit ends,
 * more may come: what is known is told, and the opcode is what is refused. */
static void operands_cut_short(void) {
    REFUSES_SAYING("c", TRUNCATED, 0, "");
    REFUSES_SAYING("cposix", TRUNCATED, 0, "");
    REFUSES_SAYING("cposix\n", TRUNCATED, 0, "");
    REFUSES_SAYING("cposix\nsys", TRUNCATED, 0, "");
    REFUSES_SAYING("P", TRUNCATED, 0, "");
    REFUSES_SAYING("Pab", TRUNCATED, 0, "");
    REFUSES_SAYING("\x83\x01", TRUNCATED, 0, "");
    REFUSES_SAYING("\x84", TRUNCATED, 0, "");
    REFUSES_SAYING("\x95\4\0\0\0\0\0\0\0cabcdef\nx\n", CODE_IMPORT, 9, "abc");
    REFUSES("\x95\1\0\0\0\0\0\0\0cabcdef\nx\n", CODE_IMPORT, 9);
    spk_options options = SPK_OPTIONS_INIT;
    options.max_input = 5;
    REFUSES_INPUT(INPUT("Ncabcdef\nx\n"), &options, CODE_IMPORT, 1, "abc");
    options.max_input = 2;
    REFUSES_INPUT(INPUT("Ncabcdef\nx\n"), &options, CODE_IMPORT, 1, "");
    CHECK_STR(judge(INPUT("Ncposix\nsys"), NULL).report.opcode, "GLOBAL");
    COVERED(13);
}

/* The ends of the lines are waited for in 64 KiB, whatever stands in them: an unpickler looks the
 * name up when they come. What ends before is cut short; what is longer is refused as what it seems
 * to be. */
static void waiting_for_names(void) {
    static const struct {
        struct input start;
        char fill;
        enum reason reason;
    } cases[] = {
        {{(const uint8_t *)"c", 1}, 'n', REASON_CODE_IMPORT},
        {{(const uint8_t *)"cos\n", 4}, '_', REASON_CODE_IMPORT},
        {{(const uint8_t *)"i\xc3\xa9", 3}, '-', REASON_CODE_IMPORT},
        {{(const uint8_t *)"P", 1}, '\x01', REASON_CODE_PERSISTENT},
    };
    static const size_t sizes[] = {510, 511, 512, 513, 5000, 65533, 65534};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            struct buffer pickle = {NULL, 0, 0};
            size_t header = cases[i].start.size - 1; /* bytes of the lines that are in the start */
            BUFFER_ADD(&pickle, "N");
            buffer_bytes(&pickle, cases[i].start.data, cases[i].start.size);
            buffer_fill(&pickle, (unsigned char)cases[i].fill, sizes[s] - header);
            REFUSES_INPUT(buffer_input(&pickle), NULL, TRUNCATED, 1, "");
            BUFFER_ADD(&pickle, "\nn\n.");
            CHECK_U64(judge(buffer_input(&pickle), NULL).report.code, cases[i].reason);
            CHECK_U64(judge(buffer_input(&pickle), NULL).report.offset, 1);
            buffer_free(&pickle);
        }
        struct buffer endless = {NULL, 0, 0};
        BUFFER_ADD(&endless, "N");
        buffer_bytes(&endless, cases[i].start.data, cases[i].start.size);
        buffer_fill(&endless, (unsigned char)cases[i].fill, 65535 - (cases[i].start.size - 1));
        spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
        REQUIRE(decoder);
        CHECK_U64(spk_decoder_feed(decoder, endless.data, endless.size), SPK_MORE);
        CHECK_U64(spk_decoder_feed(decoder, "nnnnnnnn", 8), SPK_UNSAFE);
        spk_decoder_free(decoder);
        buffer_free(&endless);
    }
    COVERED(sizeof cases / sizeof cases[0] * (2 * sizeof sizes / sizeof sizes[0] + 1));
}

REGISTER(recent, RUN(what_is_near_is_told), RUN(what_was_noted_is_found),
         RUN(where_names_come_from), RUN(where_names_come_from_as_bytes), RUN(names_too_long_ago),
         RUN(names_of_another_pickle), RUN(long_and_hostile_names), RUN(names_in_pieces),
         RUN(operands_are_told), RUN(operands_cut_short), RUN(waiting_for_names))
