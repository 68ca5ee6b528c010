/* SPDX-License-Identifier: MIT
 *
 * The table of addresses: who chooses how far apart objects stand in memory cannot make it slow,
 * whatever the distance; and what was met is found, what was not is not. */
#include "value/identity.h"

#include "support.h"

static struct memory meter_memory(struct meter *meter) {
    spk_allocator allocator = meter_allocator(meter);
    return memory_start(&allocator, SPK_UNLIMITED);
}

/* Slots that were looked at in vain, over all look-ups of the values that are in the table. */
static uint64_t steps_in_vain(const struct identities *identities) {
    const struct identity *list = identities->list.items;
    uint64_t steps = 0;
    for (size_t i = 0; i < identities->count; i++) {
        size_t home = identity_home(identities, list[i].value);
        size_t at = (size_t)(identities_bucket(identities, list[i].value) - identities->buckets);
        steps += (at - home) & (identities->capacity - 1);
    }
    return steps;
}

static uint64_t steps_for_distance(const struct hash_key *key, uint64_t start, uint64_t distance,
                                   size_t count) {
    struct meter meter = {0};
    struct memory memory = meter_memory(&meter);
    struct identities identities;
    identities_start(&identities, &memory, key);
    for (size_t i = 0; i < count; i++) {
        word value = (start + i * distance) & WORD_LOW48;
        bool has_space = identities_reserve(&identities);
        CHECK(has_space);
        uint32_t *at = identities_bucket(&identities, value);
        if (*at == 0) {
            identities_enter(&identities, at, value, i);
        }
    }
    uint64_t index = 0;
    CHECK(identities_find(&identities, start, &index) && index == 0);
    CHECK(!identities_find(&identities, (start + 3) & WORD_LOW48, &index));
    uint64_t steps = steps_in_vain(&identities);
    identities_free(&identities);
    CHECK(meter.live == 0 && meter.errors == 0);
    return steps;
}

/* Distances that a multiplication by a constant, or the size of a table, would bring to one place,
 * and any others. */
static void any_distance(void) {
    static const uint64_t multipliers[] = {1, UINT64_C(0x9e3779b97f4a7c15),
                                           UINT64_C(0xd6e8feb86659fd93)};
    struct dice dice = {131};
    const size_t count = 5000;
    unsigned tries = 0;
    for (unsigned bits = 4; bits < 32; bits++) {
        for (size_t m = 0; m < 3; m++) {
            struct hash_key key = {{dice_roll(&dice), dice_roll(&dice)}};
            uint64_t distance = ((dice_roll(&dice) * multipliers[m]) & ((UINT64_C(1) << bits) - 1) &
                                 ~UINT64_C(15)) +
                                16;
            uint64_t steps = steps_for_distance(
                &key, UINT64_C(0x7f0000000000) + dice_below(&dice, 1 << 20) * 16, distance, count);
            CHECK_NOTE(steps < 100 * count, "distance %#llx: %llu steps",
                       (unsigned long long)distance, (unsigned long long)steps);
            uint64_t power = UINT64_C(1) << bits;
            steps = steps_for_distance(&key, UINT64_C(0x7f0000000000), power, count);
            CHECK_NOTE(steps < 100 * count, "distance %#llx: %llu steps", (unsigned long long)power,
                       (unsigned long long)steps);
            tries += 2;
        }
    }
    COVERED(tries);
}

/* A value stands elsewhere under another key; a table without one draws a secret when it outgrows
 * its first slots. */
static void places_are_secret(void) {
    struct meter meter = {0};
    struct memory memory = meter_memory(&meter);
    struct identities tables[2];
    for (size_t t = 0; t < 2; t++) {
        identities_start(&tables[t], &memory, NULL);
        for (word value = 0; value < 200; value++) {
            REQUIRE(identities_reserve(&tables[t]));
            identities_enter(&tables[t], identities_bucket(&tables[t], value << 10 | 16),
                             value << 10 | 16, value);
        }
        CHECK(tables[t].has_key);
    }
    CHECK(tables[0].key.words[0] != tables[1].key.words[0] &&
          tables[0].key.words[1] != tables[1].key.words[1]);
    size_t elsewhere = 0;
    for (word value = 0; value < 200; value++) {
        uint64_t index = 0;
        CHECK(identities_find(&tables[0], value << 10 | 16, &index) && index == value);
        elsewhere += identity_home(&tables[0], value << 10 | 16) !=
                     identity_home(&tables[1], value << 10 | 16);
    }
    CHECK(elsewhere > 150);
    struct hash_key keys[] = {{{1, 2}}, {{3, 2}}, {{1, 4}}};
    for (size_t k = 1; k < 3; k++) {
        struct identities one = tables[0];
        struct identities other = tables[0];
        one.key = keys[0];
        other.key = keys[k];
        CHECK(identity_home(&one, UINT64_C(0x123456789abc)) !=
              identity_home(&other, UINT64_C(0x123456789abc)));
    }
    identities_free(&tables[0]);
    identities_free(&tables[1]);
    CHECK_U64(meter.live, 0);
    COVERED(200);
}

/* After a failed allocation the table grows again, and still knows what it knew. */
static void growth_without_memory(void) {
    uint64_t failed = 0;
    for (uint64_t fail_at = 1; fail_at < 30; fail_at++) {
        struct meter meter = {0};
        struct memory memory = meter_memory(&meter);
        struct identities identities;
        identities_start(&identities, &memory, NULL);
        meter.fail_at = fail_at;
        for (word value = 1; value <= 2000; value++) {
            bool has_space = identities_reserve(&identities);
            if (!has_space) {
                CHECK_U64(memory.failure, REASON_NO_MEMORY);
                failed++;
                has_space = identities_reserve(&identities);
            }
            REQUIRE(has_space);
            identities_enter(&identities, identities_bucket(&identities, value * 16), value * 16,
                             value);
        }
        for (word value = 1; value <= 2000; value++) {
            uint64_t index = 0;
            CHECK(identities_find(&identities, value * 16, &index) && index == value);
        }
        identities_free(&identities);
        CHECK(meter.live == 0 && meter.errors == 0);
    }
    CHECK(failed > 5);
    COVERED(failed);
}

REGISTER(identity, RUN(any_distance), RUN(places_are_secret), RUN(growth_without_memory))
