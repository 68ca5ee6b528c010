/* SPDX-License-Identifier: MIT
 *
 * Frames, pieces and the order of judgement: what may stand where, and at which byte a refusal is
 * known.  Every vector is asked for in single bytes as well (judge), and the refusals must come
 * with the byte that is told here and not later. */
#include "decode/window.h"

#include <string.h>

#include "support.h"

#define FRAME(size) "\x95" size "\0\0\0\0\0\0\0"

/* ---- frames ---- */

static void frames_that_are_good(void) {
    ACCEPTS(FRAME("\2") "N.", "None");
    ACCEPTS("\x80\4" FRAME("\4") "K\1"
                                 "0N.",
            "None");
    ACCEPTS(FRAME("\3") "(K\1"
                        "K\2t.",
            "#0(i1, i2)");
    ACCEPTS(FRAME("\1") "N" FRAME("\1") "N\x86.", "#0(None, None)");
    ACCEPTS("N" FRAME("\1") "N\x86.", "#0(None, None)");
    ACCEPTS(FRAME("\1") "N.", "None");
    ACCEPTS(FRAME("\6") "C\2abN"
                        "0.",
            "b'ab'");
    ACCEPTS(FRAME("\1") "NC\1x\x86.", "#0(None, b'x')");
    ACCEPTS(FRAME("\7") "I123\nN"
                        "00I7\n.",
            "i7");
    ACCEPTS(FRAME("\6") "Vabc\n.", "'abc'");
    ACCEPTS(FRAME("\7") "S'abc'\n.", "'abc'");
    COVERED(11);
}

/* Whatever crosses the end of a frame: each shape of operand, cut at each of its bytes. */
static void opcodes_that_cross(void) {
    static const struct input opcodes[] = {
#define OPCODE(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
        OPCODE("K\1"),
        OPCODE("M\1\2"),
        OPCODE("J\1\2\3\4"),
        OPCODE("G\0\0\0\0\0\0\0\0"),
        OPCODE("I123\n"),
        OPCODE("L123L\n"),
        OPCODE("F1.5\n"),
        OPCODE("\x8a\2\1\2"),
        OPCODE("\x8b\2\0\0\0\1\2"),
        OPCODE("C\3abc"),
        OPCODE("B\3\0\0\0abc"),
        OPCODE("\x8e\3\0\0\0\0\0\0\0abc"),
        OPCODE("\x96\3\0\0\0\0\0\0\0abc"),
        OPCODE("U\3abc"),
        OPCODE("T\3\0\0\0abc"),
        OPCODE("X\3\0\0\0abc"),
        OPCODE("\x8c\3abc"),
        OPCODE("\x8d\3\0\0\0\0\0\0\0abc"),
        OPCODE("S'abc'\n"),
        OPCODE("Vabc\n"),
#undef OPCODE
    };
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; i++) {
        for (size_t inside = 1; inside <= opcodes[i].size; inside++, inputs++) {
            struct buffer pickle = {NULL, 0, 0};
            BUFFER_ADD(&pickle, "\x95");
            buffer_u64(&pickle, inside + 2);
            BUFFER_ADD(&pickle, "N0");
            buffer_bytes(&pickle, opcodes[i].data, opcodes[i].size);
            BUFFER_ADD(&pickle, ".");
            if (inside < opcodes[i].size) {
                REFUSES_INPUT(buffer_input(&pickle), NULL, FRAME_CROSSED, 11, "");
            } else {
                CHECK_U64(judge(buffer_input(&pickle), NULL).report.status, SPK_OK);
            }
            buffer_free(&pickle);
        }
    }
    REFUSES("N" FRAME("\1") "q\0.", FRAME_CROSSED, 10);
    REFUSES("N" FRAME("\2") "p0\n.", FRAME_CROSSED, 10);
    REFUSES("Nq\0" FRAME("\2") "j\0\0\0\0.", FRAME_CROSSED, 12);
    COVERED(inputs);
}

/* A frame that ends among many opcodes which could be executed at once: at each of their bytes. */
static void frames_that_end_runs(void) {
    enum { TIMES = 24 };
    static const struct input units[] = {
#define UNIT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
        UNIT("K\1"),
        UNIT("M\1\2"),
        UNIT("J\1\2\3\4"),
        UNIT("G\0\0\0\0\0\0\0\0"),
        UNIT("\x8a\2\1\2"),
        UNIT("\x8c\3abc"),
        UNIT("\x8c\x14"
             "abcdefghijklmnopqrst"),
        UNIT("X\3\0\0\0abc"),
        UNIT("C\3abc"),
        UNIT("N"),
#undef UNIT
    };
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        for (size_t inside = 1; inside <= TIMES * units[i].size; inside++, inputs++) {
            struct buffer pickle = {NULL, 0, 0};
            BUFFER_ADD(&pickle, "\x95");
            buffer_u64(&pickle, inside + 1);
            BUFFER_ADD(&pickle, "(");
            for (int times = 0; times < TIMES; times++) {
                buffer_bytes(&pickle, units[i].data, units[i].size);
            }
            BUFFER_ADD(&pickle, "t.");
            if (inside % units[i].size != 0) {
                REFUSES_INPUT(buffer_input(&pickle), NULL, FRAME_CROSSED,
                              10 + inside / units[i].size * units[i].size, "");
            } else {
                CHECK_U64(judge(buffer_input(&pickle), NULL).report.opcodes, TIMES + 4);
            }
            buffer_free(&pickle);
        }
    }
    COVERED(inputs);
}

static void frames_that_are_bad(void) {
    REFUSES(FRAME("\0") "N.", FRAME_EMPTY, 0);
    REFUSES("N" FRAME("\0") ".", FRAME_EMPTY, 1);
    REFUSES(FRAME("\x0b") FRAME("\2") "N.", FRAME_NESTED, 9);
    REFUSES(FRAME("\x09") FRAME("\2") "N.", FRAME_NESTED, 9);
    REFUSES(FRAME("\x05") FRAME("\2") "N.", FRAME_CROSSED, 9);
    REFUSES(FRAME("\3") "N.", FRAME_OVERLONG, 10);
    REFUSES(FRAME("\3") "N.N", FRAME_OVERLONG, 10);
    REFUSES(FRAME("\3") "N", TRUNCATED, 10);
    REFUSES(FRAME("\2") "N.N", TRAILING, 11);
    REFUSES(FRAME("\2") "N.\x80\4N.", SEVERAL, 11);
    REFUSES(FRAME("\4") "\x80\4N.", PROTO_PLACE, 9);
    REFUSES("\x95\2\0\0\0", TRUNCATED, 0);
    COVERED(12);
}

/* ---- the byte that decides ---- */

/* Stands in front of all, so that nothing looks like the name in a tar file, whose refusal waits
 * for more. */
#define BEFORE "\x80\2"

static const struct {
    const char *bytes;
    size_t size;
    enum reason reason;
    size_t
        decided; /* the verdict falls with this many bytes; more than there are: only at the end */
} decisions[] = {
#define DECIDES(literal, reason, decided) \
    {BEFORE literal, sizeof(BEFORE literal) - 1, REASON_##reason, sizeof BEFORE - 1 + (decided)}
    DECIDES("\xff", BAD_OPCODE, 1),
    DECIDES("N\0N", BAD_OPCODE, 2),
    DECIDES("2", STACK_UNDERFLOW, 1),
    DECIDES("N2", DUP, 2),
    DECIDES("R", STACK_UNDERFLOW, 1),
    DECIDES("NNR", CODE_CALL, 3),
    DECIDES("\x8c\1a\x8c\1b\x93N", CODE_IMPORT, 7),
    DECIDES("cab\ncd\nx", CODE_IMPORT, 7),
    DECIDES("\x84\1\2\3\4\5", CODE_EXTENSION, 5),
    DECIDES("a", STACK_UNDERFLOW, 1),
    DECIDES("(t]a", BAD_TARGET, 4),
    DECIDES("e", NO_MARK, 1),
    DECIDES("\x85", STACK_UNDERFLOW, 1),
    DECIDES("q\0", STACK_UNDERFLOW, 2),
    DECIDES("r\0\0\0\0", STACK_UNDERFLOW, 5),
    DECIDES("p0\n", STACK_UNDERFLOW, 3),
    DECIDES("h\0", MEMO_MISSING, 2),
    DECIDES("g1\n", MEMO_MISSING, 3),
    DECIDES("I1x", NUMBER_FORM, 3),
    DECIDES("I01x", NUMBER_FORM, 4),
    DECIDES("I\n", NUMBER_FORM, 2),
    DECIDES("I-0\n", NUMBER_FORM, 3),
    DECIDES("F1e+400\n", FLOAT_RANGE, 8),
    DECIDES("F.", NUMBER_FORM, 2),
    DECIDES("p-", NUMBER_FORM, 2),
    DECIDES("N\x80\4", PROTO_PLACE, 3),
    DECIDES("X\3\0\0\0a\xff"
            "b",
            BAD_UTF8, 7),
    DECIDES("X\3\0\0\0ab\xc3.", BAD_UTF8, 8),
    DECIDES("\x8c\2\xed\xa0.", BAD_UTF8, 4),
    DECIDES("U\3a\x80"
            "b",
            NOT_ASCII, 4),
    DECIDES("S'a\x80'\n", NOT_ASCII, 4),
    DECIDES("S'\\9", ODD_ESCAPE, 4),
    DECIDES("S'\\777", ODD_ESCAPE, 6),
    DECIDES("S'\\xz", BAD_ESCAPE, 5),
    DECIDES("Sa", BAD_QUOTES, 2),
    DECIDES("S'a\n", BAD_QUOTES, 4),
    DECIDES("V\\uz", BAD_ESCAPE, 4),
    DECIDES("V\\U0z", BAD_ESCAPE, 5),
    DECIDES("T\0\0\0\x80", BAD_LENGTH, 5),
    DECIDES("\x8b\0\0\0\x80", BAD_LENGTH, 5),
    DECIDES("\x8e\0\0\0\0\0\0\0\x80", BAD_LENGTH, 9),
    DECIDES(FRAME("\1") "K", FRAME_CROSSED, 10),
    DECIDES(FRAME("\1") "B", FRAME_CROSSED, 10),
    DECIDES(FRAME("\3") "C\2", FRAME_CROSSED, 11),
    DECIDES(FRAME("\1") "I", FRAME_CROSSED, 10),
    DECIDES(FRAME("\1") "V", FRAME_CROSSED, 10),
    DECIDES(FRAME("\3") "Vab", FRAME_CROSSED, 12),
    DECIDES(FRAME("\2") "I1", FRAME_CROSSED, 11),
    DECIDES(FRAME("\3") "N.", FRAME_OVERLONG, 11),
    DECIDES("N.N", TRAILING, 4), /* which could be another pickle */
    DECIDES("N.\xff", TRAILING, 3),
    DECIDES("N.\x80\4", SEVERAL, 4),
    DECIDES("NN.", STACK_LEFTOVER, 3),
    DECIDES("(N.", MARK_LEFTOVER, 3),
    DECIDES("](", TRUNCATED, 3),
    DECIDES("C\3ab", TRUNCATED, 5),
    DECIDES("I12", TRUNCATED, 4),
    DECIDES("", TRUNCATED, 1),
    DECIDES("\x1f", BAD_OPCODE, 1),
#undef DECIDES
};

static void decided_at_once(void) {
    size_t count = sizeof decisions / sizeof decisions[0];
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        for (size_t i = 0; i < count; i++) {
            spk_report report = SPK_REPORT_INIT;
            spk_decoder *decoder = spk_decoder_new((spk_mode)mode, NULL, NULL);
            REQUIRE(decoder);
            size_t fed = 0;
            spk_status status = SPK_MORE;
            while (status == SPK_MORE && fed < decisions[i].size) {
                status = spk_decoder_feed(decoder, decisions[i].bytes + fed++, 1);
            }
            if (status == SPK_MORE) {
                status = spk_decoder_finish(decoder);
                fed++;
            }
            CHECK_U64(spk_decoder_report(decoder, &report), status);
            CHECK_NOTE(report.code == (unsigned)decisions[i].reason && fed == decisions[i].decided,
                       "decision %zu: SP%u with byte %zu, not SP%u with byte %zu", i, report.code,
                       fed, (unsigned)decisions[i].reason, decisions[i].decided);
            spk_decoder_free(decoder);
        }
    }
    COVERED(2 * count);
}

/* The refusal tells the offset of the opcode, or of the end. */
static void truncated_where(void) {
    REFUSES_SAYING("", EMPTY, 0, "");
    REFUSES_SAYING("NN", TRUNCATED, 2, "");
    REFUSES_SAYING("NM\1", TRUNCATED, 1, "");
    REFUSES_SAYING("NC\3ab", TRUNCATED, 1, "");
    REFUSES_SAYING("NVab", TRUNCATED, 1, "");
    CHECK_STR(judge(INPUT("NM\1"), NULL).report.opcode, "BININT2");
    CHECK_STR(judge(INPUT("NVab"), NULL).report.opcode, "UNICODE");
    CHECK_STR(judge(INPUT("NN"), NULL).report.opcode, "");
    CHECK_U64(judge(INPUT("NVab"), NULL).report.consumed, 1);
    COVERED(5);
}

/* ---- the order within one opcode ---- */

static void order_of_judgement(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.max_int_bytes = 1;
    options.max_input = 30;
    REFUSES_INPUT(INPUT(FRAME("\2") "\x8a\7"), &options, FRAME_CROSSED, 9,
                  NULL); /* frame before limits */
    REFUSES_INPUT(INPUT("\x8b\0\0\0\x7fxx"), &options, LIMIT_INT, 0,
                  NULL); /* the claim when so much has come */
    REFUSES_INPUT(INPUT("\x8e\0\0\0\0\0\0\0\x80"), &options, BAD_LENGTH, 0, NULL);
    REFUSES_INPUT(INPUT("\x8a\7xx"), &options, LIMIT_INT, 0, NULL);
    REFUSES("p-1\n", NUMBER_FORM, 0); /* operand before underflow */
    REFUSES("(s", STACK_UNDERFLOW, 1); /* underflow before type */
    REFUSES("(]Ne", STACK_UNDERFLOW, 3);
    REFUSES("N(NNNu", BAD_TARGET, 5); /* type before count */
    REFUSES("}(]NNu", ODD_ITEMS, 5); /* count before hashability */
    REFUSES("]}q\1ah\1]Ns", UNHASHABLE, 9); /* hashability before link */
    options.max_depth = 1;
    REFUSES_INPUT(INPUT("]]a"), &options, LIMIT_DEPTH, 2, NULL);
    REFUSES("NN(", TRUNCATED, 3);
    REFUSES("(NN.", MARK_LEFTOVER, 3); /* MARKs before the count */
    REFUSES("(.", STACK_UNDERFLOW, 1);
    COVERED(14);
}

REGISTER(window, RUN(frames_that_are_good), RUN(opcodes_that_cross), RUN(frames_that_end_runs),
         RUN(frames_that_are_bad), RUN(decided_at_once), RUN(truncated_where),
         RUN(order_of_judgement))
