/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the table of opcodes.def as an enum and as an array indexed by the opcode byte.  Reads nothing and
 * decides nothing. */
#ifndef SPK_OPCODE_H
#define SPK_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

enum opcode {
#define OP(name, byte, protocol, operand, needs, mark, verdict) OP_##name = (byte),
#include "opcodes.def"
#undef OP
};

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
    const char *name; /* NULL for a byte that is no opcode */
    bool is_data;     /* may be executed; false for a byte that is no opcode, which no row of the table sets */
    uint16_t verdict; /* enum reason: why not, of an opcode */
    uint8_t operand;  /* enum operand */
    uint8_t fixed;    /* bytes of the operand that have a fixed place: all of it, or the length of a counted payload */
    uint8_t needs;
    bool takes_mark;
    uint8_t protocol;
};

extern const struct opcode_info opcode_table[256];

/* "" for a byte that is no opcode, and for -1, which stands for no opcode at all. */
const char *opcode_name(int opcode);

#endif
