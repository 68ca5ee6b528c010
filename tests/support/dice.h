/* SPDX-License-Identifier: MIT
 *
 * Numbers that only look random: who starts with the same state gets the same ones, so that every
 * run repeats exactly.  Calls nothing, so that the mutators of fuzz/ can be built with it alone. */
#ifndef SPK_TESTS_DICE_H
#define SPK_TESTS_DICE_H

#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state; /* anything but 0 */
};

/* From any seed, 0 too. */
struct dice dice_from(uint64_t seed);

uint64_t dice_roll(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t limit); /* 0 for a limit of 0 */

/* The same of a size. */
static inline size_t dice_size(struct dice *dice, size_t limit) {
    return (size_t)dice_below(dice, limit);
}

/* A hash that has taken in one word, or bytes, more. */
uint64_t mix(uint64_t hash, uint64_t word);
uint64_t mix_bytes(uint64_t hash, const void *data, size_t size);

#endif
