/* SPDX-License-Identifier: MIT
 *
 * Runs of equal opcodes, as a list of numbers makes them: counts how many BINFLOAT or BININT1 stand one after another, by 16
 * bytes at a time.  Only for machines with SSE2 (every x86-64), not with SPK_PORTABLE; without it each opcode takes its
 * turn. */
#ifndef SPK_RUNS_H
#define SPK_RUNS_H

#include "ascii.h"
#include "opcode.h"

#ifdef SPK_SSE2

/* A run is worth a look when three opcodes ahead are alike; of pairs and triples, which are common, the second tells. */
static inline bool run_starts(const uint8_t *p, size_t opcode_size) {
    return p[2 * opcode_size] == p[0] && p[opcode_size] == p[0] && p[3 * opcode_size] == p[0];
}

/* The number of BINFLOATs from p on, at most "most", of which all bytes can be read.  Stops at one that is no finite
 * number, and counts whole groups of 16 only. */
size_t run_of_floats(const uint8_t *p, size_t most);

/* The same for BININT1, in groups of 8. */
size_t run_of_bytes(const uint8_t *p, size_t most);

#endif

#endif
