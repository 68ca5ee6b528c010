/* SPDX-License-Identifier: MIT
 *
 * Runs of equal opcodes, such as a list of numbers has: counts how many BINFLOAT or BININT1 stand
 * one after another, 16 bytes at a time.  Only for processors with SSE2 (every x86-64), and not
 * with SPK_PORTABLE.  Elsewhere no run ever begins, and the machine takes one opcode after the
 * other. */
#ifndef SPK_RUNS_H
#define SPK_RUNS_H

#include "text/ascii.h"
#include "base/opcode.h"

/* True if the next three opcodes are the same, too: then a run is worth a look.  The second one is
 * tested first, because pairs are common, and their end shows there. */
static inline bool run_begins(const uint8_t *p, uint8_t opcode, size_t opcode_size) {
#ifdef SPK_SSE2
    return p[2 * opcode_size] == opcode && p[opcode_size] == opcode && p[3 * opcode_size] == opcode;
#else
    (void)p;
    (void)opcode;
    (void)opcode_size;
    return false;
#endif
}

struct run {
    size_t count; /* opcodes */
    size_t bytes; /* that they take */
};

/* Opcodes of a run that may be executed at once: all that the bytes hold, but fewer than there are
 * slots. */
static inline size_t run_max(size_t bytes, size_t opcode_size, size_t slots) {
    size_t here = bytes / opcode_size;
    return here < slots ? here : slots > 0 ? slots - 1 : 0;
}

/* Slots are filled in groups of this size; opcodes are counted in groups of twice that. */
#define RUN_GROUP 8

/* The number of BINFLOATs from p on, at most "max"; the bytes of that many can be read.  Stops
 * before a group with a float that may be no finite number. */
size_t run_of_floats(const uint8_t *p, size_t max);

/* The same for BININT1. */
size_t run_of_bytes(const uint8_t *p, size_t max);

/* Fills the slots of a run, and may write fewer than RUN_GROUP slots behind them. */
void run_fill(uint64_t *slots, size_t count, uint64_t value);

/* All slots or-ed together.  Worth the call from RUN_WORTH slots on. */
#define RUN_WORTH 32
uint64_t run_of_flags(const uint64_t *slots, size_t count);

#endif
