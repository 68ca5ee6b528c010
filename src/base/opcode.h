/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the tables of opcodes.def and operands.def as enums, and as an array indexed by
 * the opcode byte. */
#ifndef SPK_OPCODE_H
#define SPK_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

enum opcode {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) OP_##name = (byte),
#include "opcodes.def"
#undef OP
};

/* The forms of operands.def, and the size of the fixed part of each: all bytes but those of a
 * payload or line. */
enum operand {
#define OPERAND(name, shape, fixed) OPERAND_##name,
#include "operands.def"
#undef OPERAND
};

enum operand_fixed {
#define OPERAND(name, shape, fixed) FIXED_##name = (fixed),
#include "operands.def"
#undef OPERAND
};

enum operand_shape { SHAPE_FIXED, SHAPE_COUNTED, SHAPE_LINE, SHAPE_LINES };

/* For code that knows its opcode: the items that it needs, and its size up to where a payload or
 * line begins. */
enum opcode_needs {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    NEEDS_##name = (needs),
#include "opcodes.def"
#undef OP
};

enum opcode_size {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    SIZE_##name = 1 + FIXED_##operand,
#include "opcodes.def"
#undef OP
};

struct opcode_info {
    bool is_opcode;   /* else no row has this byte, and all fields are 0 */
    bool is_data;     /* may be executed */
    uint16_t verdict; /* enum reason: why it may not be executed */
    uint8_t operand;  /* enum operand */
    uint8_t shape;    /* of the operand: enum operand_shape */
    uint8_t fixed;    /* bytes of its fixed part */
    uint8_t needs;
    bool takes_mark;
    uint8_t protocol;
};

extern const struct opcode_info opcode_table[256];

/* "" for a byte that is no opcode, and for -1, which stands for no opcode at all. */
const char *opcode_name(int opcode);

#endif
