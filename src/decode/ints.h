/* SPDX-License-Identifier: MIT
 *
 * Runs of small ints, for a check: how many BININT, BININT1 and BININT2 stand one after another, in
 * any order.  A processor that takes one opcode after the other waits at most of them, for it
 * cannot foretell which comes next. Here that is looked up for 32 bytes at once, whether an opcode
 * begins there or not.  Only for x86-64, where the processor says that it has AVX2, and not with
 * SPK_PORTABLE; elsewhere no run is ever found, and each opcode takes its turn. */
#ifndef SPK_INTS_H
#define SPK_INTS_H

#include "base/cpu.h"
#include "decode/runs.h"

/* The size of one of the three opcodes; 0 for any other. */
static inline size_t ints_size(uint8_t opcode) {
    enum { ONE = OP_BININT1 - OP_BININT, TWO = OP_BININT2 - OP_BININT };
    static const uint8_t sizes[] = {[0] = SIZE_BININT, [ONE] = SIZE_BININT1, [TWO] = SIZE_BININT2};
    int place = opcode - OP_BININT;
    return place >= 0 && place < (int)sizeof sizes ? sizes[place] : 0;
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

/* The run from p on, as far as "bytes", which can be read, and "max" opcodes.  It may end earlier,
 * but goes on while there are INTS_BYTES and INTS_MAX. */
#define INTS_BYTES 36
#define INTS_MAX 16
struct run ints_count(const uint8_t *p, size_t bytes, size_t max);

#endif
