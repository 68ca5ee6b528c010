/* SPDX-License-Identifier: MIT
 *
 * The mutators as AFL++ loads them (AFL_CUSTOM_MUTATOR_LIBRARY): what it asks for is passed on to
 * what libFuzzer would have called, with a few plain mutations in place of libFuzzer's own. Mutates
 * nothing itself but bytes. */
#include <stdlib.h>
#include <string.h>

#include "grammar.h"
#include "mutator.h"

#pragma weak LLVMFuzzerCustomCrossOver /* not every mutator has one */

#define EXPORT __attribute__((visibility("default")))

struct afl_mutator {
    struct dice dice;
    uint8_t out[STREAM_MAX];
};

static struct dice plain_dice;

static size_t insert_byte(uint8_t *data, size_t size, size_t max) {
    if (size >= max) {
        return size;
    }
    size_t at = dice_below(&plain_dice, size + 1);
    memmove(data + at + 1, data + at, size - at);
    data[at] = (uint8_t)dice_roll(&plain_dice);
    return size + 1;
}

static size_t take_bytes(uint8_t *data, size_t size) {
    size_t at = dice_below(&plain_dice, size);
    size_t count = 1 + dice_below(&plain_dice, size - at < 8 ? size - at : 8);
    memmove(data + at, data + at + count, size - at - count);
    return size - count;
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max) {
    static const uint8_t bytes[] = {0, 1, 0x7f, 0x80, 0xff, '\n'};
    for (size_t times = 1 + dice_below(&plain_dice, 4); times > 0; times--) {
        size_t chance = dice_below(&plain_dice, 6);
        if (size == 0 || chance == 0) {
            size = insert_byte(data, size, max);
        } else if (chance == 1 && size > 1) {
            size = take_bytes(data, size);
        } else if (chance == 2) {
            data[dice_below(&plain_dice, size)] ^= (uint8_t)(1u << dice_below(&plain_dice, 8));
        } else if (chance == 3) {
            data[dice_below(&plain_dice, size)] = bytes[dice_below(&plain_dice, sizeof bytes)];
        } else if (chance == 4) {
            data[dice_below(&plain_dice, size)] += (uint8_t)(dice_below(&plain_dice, 33) - 16);
        } else {
            data[dice_below(&plain_dice, size)] = (uint8_t)dice_roll(&plain_dice);
        }
    }
    return size;
}

EXPORT void *afl_custom_init(void *afl, unsigned seed);
EXPORT size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *data, size_t size,
                              uint8_t **out, uint8_t *other, size_t other_size, size_t max);
EXPORT void afl_custom_deinit(struct afl_mutator *mutator);

void *afl_custom_init(void *afl, unsigned seed) {
    (void)afl;
    struct afl_mutator *mutator = malloc(sizeof *mutator);
    if (mutator) {
        mutator->dice = dice_from(seed);
        plain_dice = dice_from(~(uint64_t)seed);
    }
    return mutator;
}

size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *data, size_t size, uint8_t **out,
                       uint8_t *other, size_t other_size, size_t max) {
    unsigned seed = (unsigned)dice_roll(&mutator->dice);
    max = max < STREAM_MAX ? max : STREAM_MAX;
    size = size < max ? size : max;
    *out = mutator->out;
    if (LLVMFuzzerCustomCrossOver && other && other_size > 0 &&
        dice_below(&mutator->dice, 4) == 0) {
        other_size = other_size < max ? other_size : max;
        return LLVMFuzzerCustomCrossOver(data, size, other, other_size, mutator->out, max, seed);
    }
    memcpy(mutator->out, data, size);
    return LLVMFuzzerCustomMutator(mutator->out, size, max, seed);
}

void afl_custom_deinit(struct afl_mutator *mutator) {
    free(mutator);
}
