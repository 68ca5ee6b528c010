/* SPDX-License-Identifier: MIT
 *
 * Splits bytes into opcodes and their operands, by the table of opcodes alone.  It knows where an
 * opcode ends, but not what it does and whether it is allowed: that is for the machine.  Looks at
 * whole buffers, keeps nothing and allocates nothing. */
#ifndef SPK_SCAN_H
#define SPK_SCAN_H

#include <stddef.h>

#include "base/opcode.h"

enum scan_end {
    SCAN_WHOLE,
    SCAN_CUT, /* the bytes end within the operand */
    SCAN_BAD /* the byte is no opcode, or the length in its operand is impossible */
};

struct scanned {
    size_t size; /* bytes of the opcode with its operand */
    size_t operand; /* where the operand begins, behind its length if it has one */
    size_t operand_size; /* without the length, and without the line feed at the end */
};

/* The opcode that p begins with; *scanned is set if it is whole. */
enum scan_end scan_opcode(const uint8_t *p, size_t size, struct scanned *scanned);

#endif
