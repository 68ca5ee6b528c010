/* SPDX-License-Identifier: MIT
 *
 * The index of a dict or set: every position is found by its hash, however the hashes collide, and
 * no other than one that may hold it. */
#include "value/index.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static bool is_found(const struct container *container, size_t stride, uint64_t hash,
                     uint32_t position, uint32_t *met) {
    struct candidates candidates = candidates_start(container, stride, WORD_NONE, hash);
    bool found = false;
    uint32_t at;
    *met = 0;
    while (candidates_next(&candidates, &at)) {
        CHECK(at < container_count(container));
        found = found || at == position;
        ++*met;
    }
    return found;
}

static uint64_t hash_of_kind(int kind, uint32_t number, struct dice *dice) {
    switch (kind) {
    case 0:
        return dice_roll(dice);
    case 1:
        return 42; /* all alike */
    case 2:
        return (uint64_t)number << 52 |
               2047; /* all walks start at the last bucket, and go on at the first */
    default:
        return UINT64_MAX - number;
    }
}

static void positions_are_found(void) {
    uint64_t inputs = 0;
    for (int kind = 0; kind < 4; kind++) {
        for (uint32_t capacity = 17; capacity <= 1024; capacity = capacity * 2 - 7) {
            for (size_t stride = 1; stride <= 2; stride++) {
                struct dice dice = {capacity + stride};
                struct container container = {facts_empty(SPK_SET), NULL};
                uint64_t hashes[1024];
                uint32_t met;
                uint64_t all_met = 0;
                size_t size = 0;
                REQUIRE(index_items_size(capacity, stride, &size));
                container.items = must_allocate(size);
                container.items->count = 0;
                container.items->capacity = capacity;
                REQUIRE(index_size(capacity, &size));
                struct index *index = must_allocate(size);
                index_clear(index, capacity, (struct hash_key){{1, 2}});
                index_set(&container, stride, index);
                CHECK(index_of(&container, stride) == index);
                for (uint32_t i = 0; i < capacity; i++) {
                    hashes[i] = hash_of_kind(kind, i, &dice);
                    CHECK(kind == 1 || !is_found(&container, stride, hashes[i], i, &met));
                    CHECK(!index_is_full(index));
                    index_enter(index, hashes[i], i);
                    container.items->count++;
                }
                for (uint32_t i = 0; i < capacity; i++, inputs++) {
                    CHECK_NOTE(is_found(&container, stride, hashes[i], i, &met),
                               "kind %d, %u of %u", kind, i, capacity);
                    CHECK(kind != 1 || met == capacity);
                    all_met += met;
                }
                CHECK(kind % 2 == 1 ||
                      all_met <
                          2 * (uint64_t)
                                  capacity); /* the bits above the position keep strangers away */
                CHECK(index_key(&container, stride).words[1] == 2);
                CHECK(index->mask + 1 >= capacity + capacity / 3 && index->mask < 4 * capacity);
                free(index);
                free(container.items);
            }
        }
    }
    COVERED(inputs);
}

/* Small containers have none, nor must larger ones; then every position may hold the key. */
static void without_an_index(void) {
    word room[1 + INDEX_MIN * 4 + 1] = {0};
    struct items *items = (struct items *)(void *)room;
    for (uint32_t count = 0; count <= INDEX_MIN; count++) {
        for (uint32_t capacity = count; capacity <= 2 * INDEX_MIN; capacity += INDEX_MIN) {
            struct container container = {facts_empty(SPK_SET), items};
            items->count = count;
            items->capacity = capacity;
            uint32_t met = 0;
            CHECK(!index_of(&container, 1) && index_has_place(capacity) == (capacity > INDEX_MIN));
            CHECK(is_found(&container, 1, 99, count - 1, &met) == (count > 0) && met == count);
            CHECK_U64(index_key(&container, 1).words[0], 0);
        }
    }
    COVERED(2 * (INDEX_MIN + 1));
}

static void room_of_items_and_index(void) {
    size_t size = 0;
    CHECK(index_items_size(0, 1, &size) && size == 8);
    CHECK(index_items_size(16, 1, &size) && size == 8 + 16 * 8);
    CHECK(index_items_size(16, 2, &size) && size == 8 + 16 * 16);
    CHECK(index_items_size(17, 1, &size) && size == 8 + 17 * 8 + 8);
    CHECK(index_items_size(32, 2, &size) && size == 8 + 32 * 16 + 8);
    CHECK(index_items_size(UINT32_C(1) << 30, 2, &size) == (SIZE_MAX > UINT32_MAX));
    CHECK(index_size(1, &size) && size == sizeof(struct index) + 32 * sizeof(uint32_t));
    CHECK(index_size(24, &size) && size == sizeof(struct index) + 32 * sizeof(uint32_t));
    CHECK(index_size(25, &size) && size == sizeof(struct index) + 64 * sizeof(uint32_t));
    CHECK(index_size(UINT32_C(3) << 29, &size) == (SIZE_MAX > UINT32_MAX));
    CHECK(!index_size((size_t)(UINT32_C(3) << 29) + 1, &size));
}

REGISTER(index, RUN(positions_are_found), RUN(without_an_index), RUN(room_of_items_and_index))
