/* SPDX-License-Identifier: MIT
 *
 * Runs of small ints, for a check: how many BININT, BININT1 and BININT2 stand one after another, in
 * any order.  A processor that takes one opcode after the other has to wait at most of them, for it
 * cannot foretell which comes next.  Here the sizes are looked up for 32 bytes at once, whether an
 * opcode begins at a byte or not.  Only for x86-64 with AVX2, and not with SPK_PORTABLE.  Elsewhere
 * no run is ever found, and the machine takes one opcode after the other. */
#ifndef SPK_INTS_H
#define SPK_INTS_H

#include "base/cpu.h"
#include "decode/runs.h"

/* The size of one of the three opcodes; 0 for any other. */
static inline size_t ints_size(uint8_t opcode) {
    enum { ONE = OP_BININT1 - OP_BININT, TWO = OP_BININT2 - OP_BININT };
    static const uint8_t sizes[] = {[0] = SIZE_BININT, [ONE] = SIZE_BININT1, [TWO] = SIZE_BININT2};
    int row = opcode - OP_BININT;
    return row >= 0 && row < (int)sizeof sizes ? sizes[row] : 0;
}

/* Opcodes that make a run, and the bytes that are read to see whether one begins. */
#define INTS_WORTH 4
#define INTS_AHEAD (INTS_WORTH * SIZE_BININT)

/* True if the next opcodes are a run that is worth a look. */
static inline bool ints_begin(const uint8_t *p) {
#ifdef SPK_AVX2
    for (int more = INTS_WORTH; more > 0; more--) {
        size_t size = ints_size(*p);
        if (size == 0) {
            return false;
        }
        p += size;
    }
    return true;
#else
    (void)p;
    return false;
#endif
}

/* The run from p on, within "bytes" bytes, which can be read, and "max" opcodes.  The count stops
 * early when fewer than INTS_BYTES bytes or INTS_MAX opcodes are left. */
#define INTS_BYTES 36
#define INTS_MAX 16
struct run ints_count(const uint8_t *p, size_t bytes, size_t max);

#endif
