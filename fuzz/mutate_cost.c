/* SPDX-License-Identifier: MIT
 *
 * The mutator of target cost: repeats blocks, for coverage alone never finds what is quadratic. */
#include "mutator.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
    struct dice dice = dice_from(seed);
    struct tail tail;
    size = tail_off(&tail, data, size);
    if (dice_below(&dice, 2) == 0) {
        size = mutate_pickle(data, size, max, &dice);
    }
    if (dice_below(&dice, 4) > 0) {
        size = repeat_block(data, size, max, &dice);
    }
    return tail_on(&tail, data, size, max, &dice);
}
