/* SPDX-License-Identifier: MIT
 *
 * The index of a dict or set: every position is found by its hash, however the hashes collide, and no other than one
 * that may hold it. */
#include "index.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

static bool is_found(const struct container *container, size_t stride, uint64_t hash, uint32_t position,
                     uint32_t *met) {
    struct candidates candidates = candidates_start(container, stride, hash);
    bool found = false;
    uint32_t at;
    *met = 0;
    while (candidates_next(&candidates, &at)) {
        CHECK(at < container->count);
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
        return (uint64_t)number << 52 | 2047; /* all walks start at the last bucket, and go on at the first */
    default:
        return UINT64_MAX - number;
    }
}

static void positions_are_found(void) {
    uint64_t inputs = 0;
    for (int kind = 0; kind < 4; kind++) {
        for (uint32_t capacity = 32; capacity <= 1024; capacity *= 2) {
            for (size_t stride = 1; stride <= 2; stride++) {
                struct dice dice = {capacity + stride};
                struct container container = {facts_empty(SPK_SET), 0, capacity, NULL};
                uint64_t hashes[1024];
                uint32_t met;
                uint64_t all_met = 0;
                size_t size = 0;
                REQUIRE(index_room(capacity, stride, &size));
                container.items = must_allocate(size);
                index_clear(&container, stride, (struct hash_key){{1, 2}});
                for (uint32_t i = 0; i < capacity; i++) {
                    hashes[i] = hash_of_kind(kind, i, &dice);
                    CHECK(kind == 1 || !is_found(&container, stride, hashes[i], i, &met));
                    index_enter(&container, stride, hashes[i], i);
                    container.count++;
                }
                for (uint32_t i = 0; i < capacity; i++, inputs++) {
                    CHECK_NOTE(is_found(&container, stride, hashes[i], i, &met), "kind %d, %u of %u", kind, i,
                               capacity);
                    CHECK(kind != 1 || met == capacity);
                    all_met += met;
                }
                CHECK(kind % 2 == 1 ||
                      all_met < 2 * (uint64_t)capacity); /* the bits above the position keep strangers away */
                CHECK(index_key(&container, stride).words[1] == 2);
                free(container.items);
            }
        }
    }
    COVERED(inputs);
}

/* Small containers have none, and every position may hold the key. */
static void small_ones_have_no_index(void) {
    word items[INDEX_LEAST * 2] = {0};
    for (uint32_t count = 0; count <= INDEX_LEAST; count++) {
        struct container container = {facts_empty(SPK_SET), count, count, items};
        uint32_t met = 0;
        CHECK(!index_is_needed(count));
        CHECK(is_found(&container, 1, 99, count - 1, &met) == (count > 0) && met == count);
        CHECK_U64(index_key(&container, 1).words[0], 0);
    }
    CHECK(index_is_needed(INDEX_LEAST + 1));
    COVERED(INDEX_LEAST + 1);
}

static void room_of_items_and_index(void) {
    size_t size = 0;
    CHECK(index_room(0, 1, &size) && size == 0);
    CHECK(index_room(16, 1, &size) && size == 16 * 8);
    CHECK(index_room(16, 2, &size) && size == 16 * 16);
    CHECK(index_room(32, 1, &size) && size == 32 * 8 + 16 + 64 * 4);
    CHECK(index_room(32, 2, &size) && size == 32 * 16 + 16 + 64 * 4);
    CHECK(index_room(UINT32_C(1) << 30, 2, &size) == (SIZE_MAX > UINT32_MAX));
}

REGISTER(index, RUN(positions_are_found), RUN(small_ones_have_no_index), RUN(room_of_items_and_index))
