/* SPDX-License-Identifier: MIT
 *
 * Every opcode: what it makes, by value, and each way in which it is refused: too few items, a MARK
 * in the way or none, a wrong type, a wrong operand. */
#include <string.h>

#include "base/opcode.h"
#include "support.h"

/* ---- all opcodes alike ---- */

/* An operand that is good for the opcode, so that nothing but the stack is wrong. */
static void add_operand(struct buffer *out, const struct opcode_info *info) {
    switch ((enum operand)info->operand) {
    case OPERAND_LINE_INT:
    case OPERAND_LINE_LONG:
    case OPERAND_LINE_FLOAT:
    case OPERAND_LINE_INDEX:
        BUFFER_ADD(out, "0\n");
        break;
    case OPERAND_LINE_STRING:
        BUFFER_ADD(out, "''\n");
        break;
    case OPERAND_LINE_UNICODE:
    case OPERAND_LINE_NAME:
        BUFFER_ADD(out, "\n");
        break;
    case OPERAND_LINES_NAME:
        BUFFER_ADD(out, "\n\n");
        break;
    default:
        buffer_fill(out, 0, info->fixed);
        break;
    }
}

/* On an empty stack, behind a MARK alone, and above a MARK with one item too few, what needs items
 * refuses. */
static void too_few_items(void) {
    uint64_t inputs = 0;
    for (int op = 0; op < 256; op++) {
        const struct opcode_info *info = &opcode_table[op];
        if (!info->is_opcode || info->verdict != REASON_DATA || op == OP_FRAME || op == OP_PROTO ||
            op == OP_POP) {
            continue;
        }
        for (unsigned items = 0; items <= info->needs; items++) {
            for (int marks = 0; marks < 2; marks++, inputs++) {
                struct buffer pickle = {NULL, 0, 0};
                BUFFER_ADD(&pickle, "NNNN");
                buffer_fill(&pickle, '(', (size_t)marks);
                pickle.size = marks ? pickle.size : 0;
                buffer_fill(&pickle, 'N', items);
                buffer_fill(&pickle, '(', info->takes_mark && marks);
                size_t at = pickle.size;
                buffer_byte(&pickle, (unsigned)op);
                add_operand(&pickle, info);
                struct verdict verdict = judge(buffer_input(&pickle), NULL);
                enum reason expected = info->takes_mark && !marks ? REASON_NO_MARK
                                       : items < info->needs      ? REASON_STACK_UNDERFLOW
                                                                  : REASON_DATA;
                if (expected != REASON_DATA) {
                    CHECK_NOTE(verdict.report.code == (unsigned)expected &&
                                   verdict.report.offset == at,
                               "%s on %u items: %s", opcode_name(op), items, verdict.report.name);
                    CHECK_STR(verdict.report.opcode, opcode_name(op));
                } else {
                    CHECK_NOTE(verdict.report.code != REASON_NO_MARK &&
                                   verdict.report.code != REASON_STACK_UNDERFLOW,
                               "%s on %u items", opcode_name(op), items);
                }
                buffer_free(&pickle);
            }
        }
    }
    CHECK(inputs > 130);
    COVERED(inputs);
}

static void bytes_that_are_no_opcode(void) {
    uint64_t inputs = 0;
    for (unsigned op = 0; op < 256; op++) {
        if (opcode_table[op].is_opcode) {
            continue;
        }
        uint8_t pickle[4] = {'N', '0', (uint8_t)op, '.'};
        char detail[8] = "0x";
        detail[2] = "0123456789abcdef"[op >> 4];
        detail[3] = "0123456789abcdef"[op & 15];
        REFUSES_INPUT(((struct input){pickle, 4}), NULL, BAD_OPCODE, 2, detail);
        inputs++;
    }
    CHECK_U64(inputs, 256 - 68);
    COVERED(inputs);
}

static void opcodes_that_can_run_code(void) {
    REFUSES_SAYING("NNR.", CODE_CALL, 2, "");
    REFUSES_SAYING("R", STACK_UNDERFLOW, 0, ""); /* the C unpickler does not come to the call */
    REFUSES_SAYING("N(NR", STACK_UNDERFLOW, 3, "");
    REFUSES_SAYING("(o", STACK_UNDERFLOW, 1, "");
    REFUSES_SAYING("NNo", NO_MARK, 2, "");
    REFUSES_SAYING("N\x81", STACK_UNDERFLOW, 1, "");
    REFUSES_SAYING("NN\x92", STACK_UNDERFLOW, 2, "");
    REFUSES_SAYING("Nb", STACK_UNDERFLOW, 1, "");
    REFUSES_SAYING("Q", STACK_UNDERFLOW, 0, "");
    REFUSES_SAYING("N\x93", STACK_UNDERFLOW, 1, "");
    REFUSES_SAYING("(2", STACK_UNDERFLOW, 1, "");
    REFUSES_SAYING("\x98", STACK_UNDERFLOW, 0, "");
    REFUSES_SAYING("(No", CODE_CALL, 2, "");
    REFUSES_SAYING("NN\x81", CODE_CALL, 2, "");
    REFUSES_SAYING("NNN\x92", CODE_CALL, 3, "");
    REFUSES_SAYING("NNb.", CODE_STATE, 2, "");
    REFUSES_SAYING("NQ", CODE_PERSISTENT, 1, "");
    REFUSES_SAYING("\x97", BUFFER, 0, "");
    REFUSES_SAYING("C\1a\x98.", BUFFER, 3, "");
    REFUSES_SAYING("N2", DUP, 1, "");
    COVERED(20);
}

/* ---- the stack ---- */

static void pop(void) {
    ACCEPTS("NK\1"
            "0.",
            "None");
    ACCEPTS("N(0.", "None"); /* takes the MARK */
    ACCEPTS("N(K\1"
            "00.",
            "None");
    ACCEPTS("(K\1K\2"
            "0t.",
            "#0(i1)");
    REFUSES("0", STACK_UNDERFLOW, 0);
    REFUSES("(00", STACK_UNDERFLOW, 2);
    ACCEPTS("N(K\1K\2"
            "1.",
            "None");
    ACCEPTS("N((K\1"
            "1K\2"
            "1.",
            "None");
    ACCEPTS("N(1.", "None");
    REFUSES("N1", NO_MARK, 1);
    COVERED(10);
}

static void stop(void) {
    ACCEPTS("N.", "None");
    REFUSES(".", STACK_UNDERFLOW, 0);
    REFUSES("(.", STACK_UNDERFLOW, 1);
    REFUSES("N(.", STACK_UNDERFLOW, 2);
    REFUSES("NN.", STACK_LEFTOVER, 2);
    REFUSES("(N.", MARK_LEFTOVER, 2);
    REFUSES("N(N.", MARK_LEFTOVER, 3);
    REFUSES("N.0", TRAILING, 2);
    REFUSES("N.\n", TRAILING_NEWLINE, 2);
    REFUSES_SAYING("N.\x80\4N.", SEVERAL, 2, "(protocol 4)");
    REFUSES_SAYING("N.N.", SEVERAL, 2, "(protocol 0 or 1)");
    COVERED(11);
}

static void proto(void) {
    for (unsigned protocol = 0; protocol < 256; protocol++) {
        uint8_t pickle[4] = {0x80, (uint8_t)protocol, 'N', '.'};
        struct verdict verdict = judge((struct input){pickle, 4}, NULL);
        CHECK_U64(verdict.report.code, protocol <= 5 ? 0 : REASON_BAD_PROTOCOL);
        CHECK(protocol > 5 || verdict.report.protocol == (int)protocol);
    }
    REFUSES_SAYING("\x80\6.", BAD_PROTOCOL, 0, "6");
    REFUSES_SAYING("\x80\xff.", BAD_PROTOCOL, 0, "255");
    REFUSES("N0\x80\4N.", PROTO_PLACE, 2);
    REFUSES("\x80\4\x80\4N.", PROTO_PLACE, 2);
    REFUSES("N\x80\7.", PROTO_PLACE, 1);
    CHECK_I64(judge(INPUT("N."), NULL).report.protocol, -1);
    COVERED(262);
}

/* ---- atoms ---- */

static void constants_and_ints(void) {
    ACCEPTS("\x88\x89N\x87.", "#0(True, False, None)");
    ACCEPTS("K\0K\x7fK\xff\x87.", "#0(i0, i7f, iff)");
    ACCEPTS("M\0\0M\xff\x7fM\xff\xff\x87.", "#0(i0, i7fff, iffff)");
    ACCEPTS("J\xff\xff\xff\x7fJ\0\0\0\x80J\xff\xff\xff\xff\x87.", "#0(i7fffffff, i-80000000, i-1)");
    ACCEPTS("J\1\2\3\4.", "i4030201");
    ACCEPTS("I01\nI00\nI0\n\x87.", "#0(True, False, i0)");
    ACCEPTS("I-1\nI2147483648\nI42\n\x87.", "#0(i-1, i80000000, i2a)");
    ACCEPTS("L0L\nL-5\nL123456789012L\n\x87.", "#0(i0, i-5, i1cbe991a14)");
    ACCEPTS("I9223372036854775807\nI-9223372036854775808\n\x86.",
            "#0(i7fffffffffffffff, i-8000000000000000)");
    ACCEPTS("I9223372036854775808\n.", "i8000000000000000");
    ACCEPTS("L-9223372036854775809L\n.", "i-8000000000000001");
    ACCEPTS("I140737488355327\nI140737488355328\n\x86.", "#0(i7fffffffffff, i800000000000)");
    ACCEPTS("I-140737488355328\nI-140737488355329\n\x86.", "#0(i-800000000000, i-800000000001)");
    COVERED(13);
}

static void binary_longs(void) {
    ACCEPTS("\x8a\0.", "i0");
    ACCEPTS("\x8b\0\0\0\0.", "i0");
    ACCEPTS("\x8a\1\xff\x8a\1\x80\x8a\2\xff\0\x87.", "#0(i-1, i-80, iff)");
    ACCEPTS("\x8a\3\1\0\0\x8a\3\xff\xff\xff\x86.", "#0(i1, i-1)");
    ACCEPTS("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", "i7fffffffffffffff");
    ACCEPTS("\x8a\x09\0\0\0\0\0\0\0\x80\xff.", "i-8000000000000000");
    ACCEPTS("\x8a\x0a\0\0\0\0\0\0\0\x80\0\0.", "i8000000000000000");
    ACCEPTS("\x8b\x0a\0\0\0\1\2\3\4\5\6\7\x08\x09\x8a.", "i-75f6f7f8f9fafbfcfdff");
    REFUSES("\x8b\xff\xff\xff\xff", BAD_LENGTH, 0);
    COVERED(9);
}

static void floats(void) {
    ACCEPTS("G\x3f\xf8\0\0\0\0\0\0.", "f3ff8000000000000");
    ACCEPTS("G\x80\0\0\0\0\0\0\0.", "f8000000000000000");
    ACCEPTS("G\1\2\3\4\5\6\7\x08.", "f0102030405060708");
    ACCEPTS("G\xff\xff\xff\xff\xff\xff\xff\xffG\x7f\xf0\0\0\0\0\0\1\x86.",
            "#0(fffffffffffffffff, f7ff0000000000001)");
    ACCEPTS("G\xff\xf9\0\0\0\0\0\0G\xff\xf8\0\0\0\0\0\0\x86.",
            "#0(ffff9000000000000, ffff8000000000000)");
    ACCEPTS("F1.5\nF-0\nFinf\n\x87.",
            "#0(f3ff8000000000000, f8000000000000000, f7ff0000000000000)");
    ACCEPTS("F-inf\nFnan\nF5e-324\n\x87.",
            "#0(ffff0000000000000, f7ff8000000000000, f0000000000000001)");
    REFUSES("F1.7976931348623159e+308\n.", FLOAT_RANGE, 0);
    REFUSES("F-1e+309\n.", FLOAT_RANGE, 0);
    REFUSES_SAYING("NF1e400\n.", NUMBER_FORM, 1, "F1e4");
    REFUSES_SAYING("I012\n.", NUMBER_FORM, 0, "I012");
    REFUSES_SAYING("I1\0\n.", NUMBER_FORM, 0, "I1\\x00");
    REFUSES_SAYING("L1\r\n.", CRLF, 0, "");
    COVERED(13);
}

static void text_and_bytes(void) {
    ACCEPTS("\x8c\4a\0\xc3\xa9.", "'a\\x00\\xe9'");
    ACCEPTS("X\2\0\0\0ab\x8d\1\0\0\0\0\0\0\0c\x8c\0\x87.", "#0('ab', 'c', '')");
    ACCEPTS("C\2\xff\0B\1\0\0\0b\x8e\1\0\0\0\0\0\0\0c\x87.", "#0(b'\\xff\\x00', b'b', b'c')");
    ACCEPTS("\x96\2\0\0\0\0\0\0\0ab\x96\0\0\0\0\0\0\0\0\x86.", "#0(#1a'ab', #2a'')");
    ACCEPTS("U\2abT\1\0\0\0cS'd'\n\x87.", "#0('ab', 'c', 'd')");
    ACCEPTS("Vab\\u00e9\n.", "'ab\\xe9'");
    ACCEPTS("\x8c\3\xed\xa0\x80.", "'\\ud800'");
    REFUSES_SAYING("N\x8c\3a\x80z", BAD_UTF8, 1, "after byte 1 of it");
    REFUSES_SAYING("\x8c\2z\xc3.", BAD_UTF8, 0, "after byte 2 of it");
    REFUSES_SAYING("X\4\0\0\0\xf0\x9f\x98N", BAD_UTF8, 0, "after byte 3 of it");
    REFUSES("T\xff\xff\xff\xff", BAD_LENGTH, 0);
    COVERED(11);
}

/* ---- containers ---- */

static void tuples(void) {
    ACCEPTS(").", "#0()");
    ACCEPTS("(t.", "#0()");
    ACCEPTS("K\1\x85.", "#0(i1)");
    ACCEPTS("K\1K\2\x86.", "#0(i1, i2)");
    ACCEPTS("K\1K\2K\3\x87.", "#0(i1, i2, i3)");
    ACCEPTS("(K\1K\2K\3K\4t.", "#0(i1, i2, i3, i4)");
    ACCEPTS("K\1(t\x86.", "#0(i1, #1())");
    REFUSES("K\1(K\2\x86", STACK_UNDERFLOW, 5);
    REFUSES("K\1(K\2K\3\x87", STACK_UNDERFLOW, 7);
    REFUSES("(\x85", STACK_UNDERFLOW, 1);
    COVERED(10);
}

static void lists(void) {
    ACCEPTS("].", "#0[]");
    ACCEPTS("(l.", "#0[]");
    ACCEPTS("(K\1K\2l.", "#0[i1, i2]");
    ACCEPTS("]K\1aK\2a.", "#0[i1, i2]");
    ACCEPTS("](K\1K\2e(K\3e(e.", "#0[i1, i2, i3]");
    ACCEPTS("(K\1lK\2a.", "#0[i1, i2]");
    ACCEPTS("(K\1l(K\2K\3K\4e.", "#0[i1, i2, i3, i4]");
    REFUSES_SAYING(")Na", BAD_TARGET, 2, "tuple");
    REFUSES_SAYING("}Na", BAD_TARGET, 2, "dict");
    REFUSES_SAYING("\x8fNa", BAD_TARGET, 2, "set");
    REFUSES_SAYING("NNa", BAD_TARGET, 2, "NoneType");
    REFUSES_SAYING("G\x7f\xf8\0\0\0\0\0\0Na", BAD_TARGET, 10, "float");
    REFUSES_SAYING("C\0(Ne", BAD_TARGET, 4, "bytes");
    REFUSES_SAYING("\x96\0\0\0\0\0\0\0\0Na", ODD_TARGET, 10, "bytearray");
    REFUSES_SAYING("\x96\0\0\0\0\0\0\0\0(Ne", ODD_TARGET, 11, "bytearray");
    REFUSES_SAYING("N(e", ODD_TARGET, 2,
                   "NoneType"); /* an empty batch, which old CPythons take anywhere */
    REFUSES_SAYING(")(e", ODD_TARGET, 2, "tuple");
    REFUSES("]((e", STACK_UNDERFLOW, 3);
    REFUSES("](Na", STACK_UNDERFLOW, 3);
    COVERED(19);
}

static void dicts(void) {
    ACCEPTS("}.", "#0{}");
    ACCEPTS("(d.", "#0{}");
    ACCEPTS("(K\1K\2K\3K\4d.", "#0{i1: i2, i3: i4}");
    ACCEPTS("}K\1K\2s.", "#0{i1: i2}");
    ACCEPTS("}(K\1K\2K\3K\4u(u(K\5]u.", "#0{i1: i2, i3: i4, i5: #1[]}");
    REFUSES("(K\1d", ODD_ITEMS, 3);
    REFUSES("}(K\1K\2K\3u", ODD_ITEMS, 8);
    REFUSES("(]Nd", UNHASHABLE, 3);
    REFUSES("}}Ns", UNHASHABLE, 3);
    REFUSES("}\x8fNs", UNHASHABLE, 3);
    REFUSES("}\x96\0\0\0\0\0\0\0\0Ns", UNHASHABLE, 11);
    REFUSES("}]\x85Ns", UNHASHABLE, 4);
    REFUSES("}]\x85\x85Ns", UNHASHABLE, 5);
    REFUSES("}(K\1NK\2N]Nu", UNHASHABLE, 10);
    REFUSES("}(K\1]]K\2u", UNHASHABLE, 8);
    REFUSES("}(K\1]q\0h\0K\2u", UNHASHABLE, 11);
    ACCEPTS("}N]s.", "#0{None: #1[]}");
    REFUSES_SAYING("]NNs", ODD_TARGET, 3, "list");
    REFUSES_SAYING("\x96\0\0\0\0\0\0\0\0NNs", ODD_TARGET, 11, "bytearray");
    REFUSES_SAYING(")NNs", BAD_TARGET, 3, "tuple");
    REFUSES_SAYING("\x8f(NNu", BAD_TARGET, 4, "set");
    REFUSES_SAYING("](u", ODD_TARGET, 2, "list");
    REFUSES("}N(Ns", STACK_UNDERFLOW, 4);
    COVERED(21);
}

static void sets(void) {
    ACCEPTS("\x8f.", "#0S{}");
    ACCEPTS("\x8f(K\1K\2\x90(\x90(K\3\x90.", "#0S{i1, i2, i3}");
    ACCEPTS("(\x91.", "#0F{}");
    ACCEPTS("(K\1K\2K\1\x91.", "#0F{i1, i2}");
    ACCEPTS("(K\1\x88G\x3f\xf0\0\0\0\0\0\0\x91.", "#0F{i1}");
    REFUSES("(]\x91", UNHASHABLE, 2);
    REFUSES("\x8f(NN}\x90", UNHASHABLE, 5);
    REFUSES("\x8f(]\x85\x90", UNHASHABLE, 4);
    ACCEPTS("\x8f((\x91)\x90.", "#0S{#1F{}, #2()}");
    REFUSES_SAYING("(\x91(N\x90", BAD_TARGET, 4, "frozenset");
    REFUSES_SAYING("](N\x90", BAD_TARGET, 3, "list");
    REFUSES_SAYING("](\x90", ODD_TARGET, 2, "list");
    COVERED(12);
}

/* ---- the memo ---- */

static void memo(void) {
    ACCEPTS("]q\0h\0\x86.", "#0(#1[], @1)");
    ACCEPTS("](]p1\ng1\ng1\ne.", "#0[#1[], @1, @1]");
    ACCEPTS("]\x94(]\x94h\1h\1e.", "#0[#1[], @1, @1]");
    ACCEPTS("NNNNN00000]r\5\0\0\0j\5\0\0\0\x86.", "#0(#1[], @1)");
    ACCEPTS("K\7q\0K\x08q\1h\0h\1\x87\x86.", "#0(i7, #1(i8, i7, i8))");
    REFUSES_SAYING("h\0", MEMO_MISSING, 0, "0");
    REFUSES_SAYING("]q\0h\1", MEMO_MISSING, 3, "1");
    REFUSES_SAYING("NN00]q\3h\2", MEMO_MISSING, 7, "2");
    REFUSES_SAYING("g18446744073709551616\n", MEMO_MISSING, 0, "18446744073709551615");
    REFUSES_SAYING("]q\0q\0", MEMO_REWRITTEN, 3, "0");
    REFUSES_SAYING("]q\0p0\n", MEMO_REWRITTEN, 3, "0");
    REFUSES_SAYING("Nq\2", MEMO_INDEX, 1, "2");
    REFUSES_SAYING("Np2\n", MEMO_INDEX, 1, "2");
    REFUSES_SAYING("Nr\xff\xff\xff\xff", MEMO_INDEX, 1, "4294967295");
    REFUSES_SAYING("Np99999999999999999999\n", MEMO_INDEX, 1, "18446744073709551615");
    ACCEPTS("Nq\1.", "None"); /* exactly its own offset */
    REFUSES("G\x7f\xf8\0\0\0\0\0\0q\0", MEMO_NAN, 9);
    REFUSES("Fnan\n\x94", MEMO_NAN, 5);
    ACCEPTS("Finf\n\x94"
            "h\0\x86.",
            "#0(f7ff0000000000000, f7ff0000000000000)");
    REFUSES("](q\0", STACK_UNDERFLOW, 2);
    COVERED(20);
}

static void memoize(void) {
    ACCEPTS("]\x94(K\1\x94h\1h\0t\x86.", "#0(#1[], #2(i1, i1, @1))");
    ACCEPTS("]q\0]\x94h\1\x87.", "#0(#1[], #2[], @2)");
    REFUSES("N0]q\2]\x94", MEMO_ORDER, 6);
    REFUSES("N0]q\1]q\0]\x94", MEMO_ORDER, 9); /* dense by now, but it was not always */
    REFUSES("N0]q\1]q\0]q\2]\x94", MEMO_ORDER, 12);
    REFUSES("(\x94", STACK_UNDERFLOW, 1);
    ACCEPTS("N0]q\1]q\0h\1h\0\x87\x86.", "#0(#1[], #2(#3[], @1, @3))");
    COVERED(7);
}

/* What has been stored may not change; the memo neither stores nor releases, and popping does not
 * release. */
static void stored_containers(void) {
    REFUSES("]q\0\x85h\0Na", CYCLE, 7);
    REFUSES("]q\0\x85"
            "0h\0Na",
            CYCLE, 8);
    REFUSES("}N]q\0sh\0Na", CYCLE, 9);
    REFUSES("](]q\0eh\0Na", CYCLE, 9);
    REFUSES("(]q\0lh\0Na", CYCLE, 8);
    REFUSES("(N}q\0dh\0NNs", CYCLE, 10);
    REFUSES("\x8fq\0\x85h\0(N\x90", CYCLE, 8);
    REFUSES("}q\0K\1h\0s", CYCLE, 7);
    REFUSES("](h\0e", MEMO_MISSING, 2);
    REFUSES("]q\0(Nh\0e", CYCLE, 7);
    ACCEPTS("]q\0Nah\0Na\x86.", "#0(#1[None, None], @1)");
    ACCEPTS("]q\0\x85h\0(e\x86.", "#0(#1(#2[]), @2)");
    ACCEPTS("]]q\1a]a.", "#0[#1[], #2[]]");
    COVERED(13);
}

/* ---- what is counted ---- */

static void facts_of_the_report(void) {
    spk_report report = judge(INPUT("\x80\2]q\0(K\1]q\1e."), NULL).report;
    CHECK(report.protocol == 2 && report.opcodes == 9 && report.consumed == 13 &&
          report.max_depth == 2);
    CHECK(report.input_bytes == 13 && report.offset == 0 && report.code == 0 &&
          report.wrapper == SPK_WRAPPER_NONE);
    report = judge(INPUT("N0C\3abc0Vx\n0I1\n\x95\2\0\0\0\0\0\0\0"
                         "0N."),
                   NULL)
                 .report;
    CHECK(report.opcodes == 11 && report.max_depth == 0 && report.consumed == 27);
    report = judge(INPUT("NNNR"), NULL).report;
    CHECK(report.opcodes == 3 && report.consumed == 3 && report.offset == 3 &&
          report.max_depth == 0);
    CHECK_STR(report.opcode, "REDUCE");
    COVERED(3);
}

REGISTER(machine, RUN(too_few_items), RUN(bytes_that_are_no_opcode), RUN(opcodes_that_can_run_code),
         RUN(pop), RUN(stop), RUN(proto), RUN(constants_and_ints), RUN(binary_longs), RUN(floats),
         RUN(text_and_bytes), RUN(tuples), RUN(lists), RUN(dicts), RUN(sets), RUN(memo),
         RUN(memoize), RUN(stored_containers), RUN(facts_of_the_report))
