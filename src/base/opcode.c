/* SPDX-License-Identifier: MIT
 *
 * The table of opcodes.def, expanded.  The entry of a byte without a row is all zeros, so it is not
 * data. */
#include "base/opcode.h"

#include "base/report.h"

/* The shape of each form of operand. */
enum shape_of {
#define OPERAND(name, shape, fixed) SHAPE_OF_##name = SHAPE_##shape,
#include "operands.def"
#undef OPERAND
};

/* The column "mark" of the table holds MARK or "-". */
#define TAKES_MARK(mark) (sizeof(#mark) > sizeof("-"))

const struct opcode_info opcode_table[256] = {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    [byte] = {true, \
              REASON_##verdict == REASON_DATA, \
              REASON_##verdict, \
              OPERAND_##operand, \
              SHAPE_OF_##operand, \
              FIXED_##operand, \
              needs, \
              TAKES_MARK(mark), \
              protocol},
#include "opcodes.def"
#undef OP
};

/* Arrays, and not pointers, which the loader would have to relocate whenever a program starts. */
static const char names[256][sizeof "SHORT_BINUNICODE"] = {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) [byte] = #name,
#include "opcodes.def"
#undef OP
};

const char *opcode_name(int opcode) {
    return opcode < 0 || opcode > 255 ? "" : names[opcode];
}
