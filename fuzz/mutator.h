/* SPDX-License-Identifier: MIT
 *
 * Mutates pickles as sequences of opcodes.  The entry points that libFuzzer calls are in the
 * mutate_*.c. */
#ifndef SPK_FUZZ_MUTATOR_H
#define SPK_FUZZ_MUTATOR_H

#include "support.h"

/* libFuzzer's own mutation, and the two that it lets a target define. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed);

/* A few mutations of data in place, mostly repaired; returns the new size, at most most. */
size_t mutate_pickle(uint8_t *data, size_t size, size_t max, struct dice *dice);

/* Repeats a few opcodes until there is no more room, or as often as a power of two. */
size_t repeat_block(uint8_t *data, size_t size, size_t max, struct dice *dice);

/* The beginning of one pickle and the end of another. */
size_t cross_pickles(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                     size_t max, struct dice *dice);

/* Takes a tail off, sets one or changes it, and puts it back behind a mutated input of size bytes.
 */
struct tail {
    uint8_t bytes[TAIL_SIZE];
    bool is_there;
};

size_t tail_off(struct tail *tail, const uint8_t *data, size_t size);
size_t tail_on(struct tail *tail, uint8_t *data, size_t size, size_t max, struct dice *dice);

#endif
