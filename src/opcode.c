/* SPDX-License-Identifier: MIT
 *
 * The table of opcodes.def, expanded.  Bytes that no row names are all zero, and so not data. */
#include "opcode.h"

#include "report.h"

#define FIXED_NONE 0
#define FIXED_U1 1
#define FIXED_U2 2
#define FIXED_U4 4
#define FIXED_S4 4
#define FIXED_U8 8
#define FIXED_F8 8
#define FIXED_LINE_INT 0
#define FIXED_LINE_LONG 0
#define FIXED_LINE_FLOAT 0
#define FIXED_LINE_INDEX 0
#define FIXED_COUNT_U1 1
#define FIXED_COUNT_U4 4
#define FIXED_COUNT_S4 4
#define FIXED_COUNT_U8 8
#define FIXED_LINE_STRING 0
#define FIXED_LINE_UNICODE 0
#define FIXED_LINE_NAME 0
#define FIXED_LINES_NAME 0

/* The column "mark" of the table holds MARK or "-". */
#define TAKES_MARK(mark) (sizeof(#mark) > sizeof("-"))

const struct opcode_info opcode_table[256] = {
#define OP(name, byte, protocol, operand, needs, mark, verdict)                                                       \
    [byte] = {#name,           REASON_##verdict == REASON_DATA, REASON_##verdict, OPERAND_##operand, FIXED_##operand, \
              needs, TAKES_MARK(mark), protocol},
#include "opcodes.def"
#undef OP
};

const char *opcode_name(int opcode) {
    if (opcode < 0 || opcode > 255 || !opcode_table[opcode].name) {
        return "";
    }
    return opcode_table[opcode].name;
}
