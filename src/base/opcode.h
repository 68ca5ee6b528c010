/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the table of opcodes.def as an enum and as an array indexed by the opcode byte.
 * Reads nothing and decides nothing. */
#ifndef SPK_OPCODE_H
#define SPK_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

enum opcode {
#define OP(name, byte, protocol, operand, needs, mark, verdict) OP_##name = (byte),
#include "opcodes.def"
#undef OP
};

/* Bytes of each form of operand that have a fixed place. */
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

/* Items that an opcode needs, and its bytes up to where a payload or line begins, for code that
 * knows which it is. */
enum opcode_needs {
#define OP(name, byte, protocol, operand, needs, mark, verdict) NEEDS_##name = (needs),
#include "opcodes.def"
#undef OP
};

enum opcode_size {
#define OP(name, byte, protocol, operand, needs, mark, verdict) SIZE_##name = 1 + FIXED_##operand,
#include "opcodes.def"
#undef OP
};

#define OPCODE_FIXED_MAX 9 /* the largest of them */

enum operand {
    OPERAND_NONE,
    OPERAND_U1,
    OPERAND_U2,
    OPERAND_U4,
    OPERAND_S4,
    OPERAND_U8,
    OPERAND_F8,
    OPERAND_LINE_INT,
    OPERAND_LINE_LONG,
    OPERAND_LINE_FLOAT,
    OPERAND_LINE_INDEX,
    OPERAND_COUNT_U1,
    OPERAND_COUNT_U4,
    OPERAND_COUNT_S4,
    OPERAND_COUNT_U8,
    OPERAND_LINE_STRING,
    OPERAND_LINE_UNICODE,
    OPERAND_LINE_NAME,
    OPERAND_LINES_NAME
};

struct opcode_info {
    bool is_opcode;   /* no row of the table sets anything of a byte that is none */
    bool is_data;     /* may be executed */
    uint16_t verdict; /* enum reason: why not, of an opcode */
    uint8_t operand;  /* enum operand */
    uint8_t fixed; /* bytes of the operand that have a fixed place: all of it, or the length of a
                      counted payload */
    uint8_t needs;
    bool takes_mark;
    uint8_t protocol;
};

extern const struct opcode_info opcode_table[256];

/* "" for a byte that is no opcode, and for -1, which stands for no opcode at all. */
const char *opcode_name(int opcode);

#endif
