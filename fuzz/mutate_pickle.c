/* SPDX-License-Identifier: MIT
 *
 * The mutator of the targets that take pickles as they are. */
#include "mutator.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
    struct dice dice = dice_from(seed);
    struct tail tail;
    size = tail_off(&tail, data, size);
    if (dice_below(&dice, 16) > 0) {
        size = mutate_pickle(data, size, max, &dice);
    }
    return tail_on(&tail, data, size, max, &dice);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
                                 uint8_t *out, size_t max, unsigned seed) {
    struct dice dice = dice_from(seed);
    struct tail tail, other;
    a_size = tail_off(&tail, a, a_size);
    b_size = tail_off(&other, b, b_size);
    size_t size = cross_pickles(a, a_size, b, b_size, out, max, &dice);
    return tail_on(&tail, out, size, max, &dice);
}
