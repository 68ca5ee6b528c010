/* SPDX-License-Identifier: MIT
 *
 * Runs of equal opcodes, as a list of numbers makes them: counts how many BINFLOAT or BININT1 stand
 * one after another, by 16 bytes at a time.  Only for machines with SSE2 (every x86-64), not with
 * SPK_PORTABLE; elsewhere no run ever begins, and each opcode takes its turn. */
#ifndef SPK_RUNS_H
#define SPK_RUNS_H

#include "text/ascii.h"
#include "base/opcode.h"

/* A run is worth a look when three opcodes ahead are alike; of pairs and triples, which are common,
 * the second tells. */
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

/* Opcodes of a run that may be executed at once: as many as these bytes hold, and less than there
 * are slots. */
static inline size_t run_max(size_t bytes, size_t opcode_size, size_t slots) {
    size_t here = bytes / opcode_size;
    return here < slots ? here : slots > 0 ? slots - 1 : 0;
}

/* Both count in groups of as many, or of twice as many. */
#define RUN_GROUP 8

/* The number of BINFLOATs from p on, at most "max", of which all bytes can be read.  Stops at one
 * that is no finite number. */
size_t run_of_floats(const uint8_t *p, size_t max);

/* The same for BININT1. */
size_t run_of_bytes(const uint8_t *p, size_t max);

/* Fills a run's slots, and less than RUN_GROUP behind them. */
void run_fill(uint64_t *slots, size_t count, uint64_t value);

/* All slots or-ed together, where there are RUN_WORTH or more. */
#define RUN_WORTH 32
uint64_t run_of_flags(const uint64_t *slots, size_t count);

#endif
