/* SPDX-License-Identifier: MIT
 *
 * What dice.h promises, by xorshift64*. */
#include "dice.h"

struct dice dice_from(uint64_t seed) {
    return (struct dice){(seed ^ UINT64_C(0x9e3779b97f4a7c15)) | 1};
}

uint64_t dice_roll(struct dice *dice) {
    uint64_t x = dice->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    dice->state = x;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t dice_below(struct dice *dice, uint64_t limit) {
    return limit > 0 ? (dice_roll(dice) >> 11) % limit : 0;
}

uint64_t mix(uint64_t hash, uint64_t word) {
    uint64_t x = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
    return (x ^ x >> 32) + UINT64_C(0x9e3779b97f4a7c15);
}

uint64_t mix_bytes(uint64_t hash, const void *data, size_t size) {
    const uint8_t *p = data;
    for (size_t i = 0; i < size; i++) {
        hash = mix(hash, p[i]);
    }
    return mix(hash, size);
}
