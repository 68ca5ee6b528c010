/* SPDX-License-Identifier: MIT
 *
 * The counted allocator, arrays and the arena: exact accounts, nothing lost or overlapping, and
 * failures that leave everything as it was. */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/pages.h"
#include "support.h"

static struct memory metered(struct meter *meter, uint64_t max) {
    spk_allocator allocator = meter_allocator(meter);
    return memory_start(&allocator, max);
}

static void accounts_are_exact(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, 100);
    void *a = memory_resize(&memory, NULL, 0, 60);
    void *b = memory_resize(&memory, NULL, 0, 40);
    REQUIRE(a && b);
    CHECK(memory.used == 100 && memory.peak == 100 && meter.live == 100);
    CHECK(!memory_resize(&memory, NULL, 0, 1) && memory.failure == REASON_LIMIT_ALLOC);
    CHECK(!memory_resize(&memory, b, 40, 41) && memory.failure == REASON_LIMIT_ALLOC);
    CHECK_U64(meter.requests, 2);
    a = memory_resize(&memory, a, 60, 50);
    b = memory_resize(&memory, b, 40, 50);
    REQUIRE(a && b);
    CHECK(memory.used == 100 && memory.peak == 100);
    memory_free(&memory, a, 50);
    CHECK(memory.used == 50 && memory.peak == 100 && meter.live == 50);
    memory_free(&memory, b, 50);
    memory_free(&memory, NULL, 0);
    CHECK(memory.used == 0 && meter.live == 0 && meter.errors == 0);
}

static void failures_are_told_apart(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    meter.fail_at = 1;
    CHECK(!memory_resize(&memory, NULL, 0, 10) && memory.failure == REASON_NO_MEMORY);
    CHECK(memory.used == 0 && memory.peak == 0);
    void *block = memory_resize(&memory, NULL, 0, 10);
    REQUIRE(block);
    meter.fail_at = meter.requests + 1;
    CHECK(!memory_resize(&memory, block, 10, 20) && memory.failure == REASON_NO_MEMORY);
    CHECK(memory.used == 10 && meter.live == 10);
    memory.max = 15;
    CHECK(!memory_resize(&memory, block, 10, 20) && memory.failure == REASON_LIMIT_ALLOC);
    CHECK(!memory_resize(&memory, block, 10, SIZE_MAX) && memory.failure == REASON_LIMIT_ALLOC);
    memory_free(&memory, block, 10);
    CHECK_U64(meter.live, 0);
}

static void default_allocator_is_the_c_library(void) {
    spk_allocator none = {NULL, NULL};
    struct memory memory = memory_start(&none, 1000);
    uint8_t *block = memory_resize(&memory, NULL, 0, 100);
    REQUIRE(block);
    memset(block, 7, 100);
    block = memory_resize(&memory, block, 100, 1000);
    REQUIRE(block);
    CHECK(block[0] == 7 && block[99] == 7 && memory.used == 1000);
    memory_free(&memory, block, 1000);
    CHECK_U64(memory.used, 0);
}

/* ---- arrays ---- */

static void array_grows(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct array array = {NULL, 0};
    for (uint32_t i = 0; i < 5000; i++) {
        REQUIRE(array_reserve(&memory, &array, i + 1u, sizeof i));
        CHECK(array.capacity > i && memory.used == array.capacity * sizeof i);
        memcpy((uint8_t *)array.items + i * sizeof i, &i, sizeof i);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        CHECK(memcmp((uint8_t *)array.items + i * sizeof i, &i, sizeof i) == 0);
    }
    CHECK(array.capacity == 8192 && meter.requests < 12); /* doubled, not enlarged one by one */
    array_free(&memory, &array, sizeof(uint32_t));
    CHECK(!array.items && array.capacity == 0 && memory.used == 0 && meter.errors == 0);
    COVERED(5000);
}

static void array_keeps_what_it_has(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, 1000);
    struct array array = {NULL, 0};
    REQUIRE(array_reserve(&memory, &array, 64, 8));
    void *items = array.items;
    CHECK(!array_reserve(&memory, &array, 126, 8) && memory.failure == REASON_LIMIT_ALLOC);
    CHECK(array.items == items && array.capacity == 64 && memory.used == 512);
    memory.max = SPK_UNLIMITED;
    meter.fail_at = meter.requests + 1;
    CHECK(!array_reserve(&memory, &array, 65, 8) && memory.failure == REASON_NO_MEMORY);
    CHECK(array.items == items && array.capacity == 64);
    array_free(&memory, &array, 8);
    CHECK_U64(meter.live, 0);
}

static void array_of_impossible_size(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct array array = {NULL, 0};
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 8,
                                   SIZE_MAX / 16 + 2};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memory.failure = REASON_DATA;
        CHECK(!array_reserve(&memory, &array, sizes[i], 16) &&
              memory.failure == REASON_LIMIT_ALLOC);
    }
    CHECK_U64(meter.requests, 0);
    COVERED(sizeof sizes / sizeof sizes[0]);
}

/* ---- the arena ---- */

#define PIECES 3000

struct piece {
    uint8_t *data;
    size_t size;
    uint8_t fill;
};

static bool is_intact(const struct piece *piece) {
    for (size_t i = 0; i < piece->size; i++) {
        if (piece->data[i] != piece->fill) {
            return false;
        }
    }
    return true;
}

static size_t odd_size(struct dice *dice) {
    size_t size = 1 + (size_t)dice_below(dice, 100);
    switch (dice_below(dice, 40)) {
    case 0:
        return size * 20;
    case 1:
        return 32760 + size / 6; /* around the size from which on a block is of its own */
    case 2:
        return 40000 + size;
    default:
        return size;
    }
}

/* Nodes, bytes and growing nodes in a random order: aligned, intact, apart from each other. */
static void arena_keeps_pieces_apart(void) {
    static struct piece pieces[PIECES];
    struct dice dice = {7};
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    for (size_t i = 0; i < PIECES; i++) {
        struct piece *piece = &pieces[i];
        bool is_node = dice_below(&dice, 2) == 0;
        *piece = (struct piece){NULL, odd_size(&dice), (uint8_t)(dice_roll(&dice) >> 30)};
        piece->data = is_node ? arena_node(&arena, piece->size) : arena_bytes(&arena, piece->size);
        REQUIRE(piece->data);
        CHECK(!is_node || (uintptr_t)piece->data % 8 == 0);
        memset(piece->data, piece->fill, piece->size);
        for (int times = (int)dice_below(&dice, 4); is_node && times > 0; times--) {
            size_t size = piece->size + odd_size(&dice);
            uint8_t *grown = arena_resize(&arena, piece->data, piece->size, size);
            REQUIRE(grown);
            piece->data = grown;
            CHECK(is_intact(piece) && (uintptr_t)piece->data % 8 == 0);
            piece->size = size;
            memset(piece->data, piece->fill, size);
        }
        CHECK_U64(arena.held, meter.live);
    }
    for (size_t i = 0; i < PIECES; i++) {
        CHECK_NOTE(is_intact(&pieces[i]), "piece %zu", i);
    }
    CHECK_U64(memory.used, meter.live);
    arena_free(&arena);
    CHECK(meter.live == 0 && meter.blocks == 0 && meter.errors == 0 && memory.used == 0 &&
          arena.held == 0);
    COVERED(PIECES);
}

#if defined __linux__
/* Of the whole process; 0 if that cannot be told. */
static size_t mapped_bytes(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        (void)!fscanf(file, "%lu", &pages);
        (void)fclose(file);
    }
    return (size_t)pages * 4096;
}
#else
static size_t mapped_bytes(void) {
    return 0;
}
#endif

/* Large nodes of the allocator for callers who bring none, whose blocks are mappings from some size
 * on: intact whatever they become, and what they take besides their size is bounded. */
static void large_nodes_in_mappings(void) {
    enum { NODES = 60 };
    static struct piece pieces[NODES];
    struct dice dice = {91};
    const spk_allocator ours = {NULL, NULL};
    struct memory memory = memory_start(&ours, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    size_t before = mapped_bytes();
    size_t max = 0;
    memset(pieces, 0, sizeof pieces);
    for (int times = 0; times < 600; times++) {
        struct piece *piece = &pieces[dice_below(&dice, NODES)];
        size_t size = ARENA_LARGE + (size_t)dice_below(&dice, 8 + dice_below(&dice, 600) *
                                                                      dice_below(&dice, 1500));
        uint8_t *data = piece->data ? arena_resize(&arena, piece->data, piece->size, size)
                                    : arena_node(&arena, size);
        REQUIRE(data);
        size_t kept = size < piece->size ? size : piece->size;
        *piece = (struct piece){data, kept, piece->fill};
        CHECK(is_intact(piece));
        *piece = (struct piece){data, size, (uint8_t)times};
        memset(data, piece->fill, size);
        max = arena.held > max ? arena.held : max;
        CHECK(arena.held + arena.spare <= 2 * max + 2 * PAGES_HUGE);
        CHECK_U64(memory.used, arena.held);
    }
    for (size_t i = 0; i < NODES; i++) {
        CHECK(!pieces[i].data || is_intact(&pieces[i]));
    }
    size_t after = mapped_bytes();
    CHECK_NOTE(after < before || after - before < 3 * max + (16 << 20), "%zu bytes for %zu",
               after - before, max);
    arena_free(&arena);
    CHECK(memory.used == 0 && arena.spare == 0);
    COVERED(600);
}

/* Where little may be held no block is a mapping before it is large. */
static void small_limits_map_late(void) {
    const spk_allocator ours = {NULL, NULL};
    for (uint64_t max = 8 * PAGES_HUGE - 1; max <= 8 * PAGES_HUGE; max++) {
        struct memory memory = memory_start(&ours, max);
        struct arena arena = arena_start(&memory);
        struct array arrays[2] = {{NULL, 0}, {NULL, 0}};
        memory.maps_arrays_early = true;
        REQUIRE(arena_node(&arena, 300000) && array_reserve(&memory, &arrays[0], 300000, 1) &&
                array_reserve(&memory, &arrays[1], 300000, 1));
        CHECK((arena.spare > 0) == (max == 8 * PAGES_HUGE));
        /* Any allocator may give one that begins like a huge page, but hardly two. */
        CHECK(max == 8 * PAGES_HUGE || (uintptr_t)arrays[0].items % PAGES_HUGE != 0 ||
              (uintptr_t)arrays[1].items % PAGES_HUGE != 0);
        array_free(&memory, &arrays[0], 1);
        array_free(&memory, &arrays[1], 1);
        arena_free(&arena);
        CHECK(memory.used == 0 && arena.spare == 0);
    }
    COVERED(2);
}

/* Small pieces cost little more than their bytes, and few blocks. */
static void arena_does_not_waste(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    REQUIRE(arena_node(&arena, 8));
    CHECK(meter.live <= 2048);
    for (int i = 0; i < 100000; i++) {
        REQUIRE(arena_node(&arena, 24) && arena_bytes(&arena, 3));
    }
    CHECK(meter.live < 2700000 + (2 << 20) && meter.blocks < 30);
    arena_free(&arena);
    CHECK_U64(meter.live, 0);
    COVERED(200000);
}

/* Where little may be held nearly all of it can be used: no block is a large part of it. */
static void arena_uses_a_small_limit(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, 4 << 20);
    struct arena arena = arena_start(&memory);
    size_t used = 0;
    while (arena_node(&arena, 24)) {
        used += 24;
    }
    CHECK(memory.failure == REASON_LIMIT_ALLOC && used > (4 << 20) - (300 << 10));
    arena_free(&arena);
    CHECK_U64(meter.live, 0);
    COVERED(used / 24);
}

/* A cleared arena holds its first block alone, all of it free, and none at all if that was a large
 * one. */
static void a_cleared_arena_keeps_a_block(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    arena_clear(&arena);
    CHECK(meter.live == 0 && !arena.blocks);
    const uint8_t *first = arena_node(&arena, 100);
    REQUIRE(first);
    size_t one = meter.live;
    for (int times = 0; times < 5; times++) {
        while (meter.blocks < 6) {
            uint8_t *node = arena_node(&arena, 500);
            REQUIRE(node && arena_node(&arena, 20000));
            memset(node, 5, 500);
        }
        arena_clear(&arena);
        CHECK(meter.live == one && meter.blocks == 1 && arena.held == one && memory.used == one);
        uint64_t requests = meter.requests;
        CHECK(arena_node(&arena, 100) == first && meter.requests == requests);
    }
    arena_free(&arena);
    CHECK(meter.live == 0 && arena.held == 0);
    REQUIRE(arena_node(&arena, 20000));
    arena_clear(&arena);
    CHECK(meter.live == 0 && meter.errors == 0 && arena.held == 0);
    COVERED(5);
}

/* A large node of its own block grows by the allocator: what is held follows its size and nothing
 * is left behind. */
static void large_nodes_leave_nothing(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    uint8_t *a = arena_node(&arena, 100000);
    uint8_t *b = arena_node(&arena, 50000);
    uint8_t *c = arena_node(&arena, 40000);
    REQUIRE(a && b && c);
    memset(a, 1, 100000);
    memset(b, 2, 50000);
    memset(c, 3, 40000);
    b = arena_resize(&arena, b, 50000, 500000); /* in the middle of the list of blocks */
    REQUIRE(b);
    c = arena_resize(&arena, c, 40000, 400000); /* first */
    a = arena_resize(&arena, a, 100000, 1000000); /* last */
    REQUIRE(a && c);
    CHECK(a[0] == 1 && a[99999] == 1 && b[0] == 2 && b[49999] == 2 && c[0] == 3 && c[39999] == 3);
    CHECK(meter.live >= 1900000 && meter.live < 1900200 && arena.held == meter.live);
    b = arena_resize(&arena, b, 500000, 60000); /* and gives back what it does not need */
    REQUIRE(b);
    CHECK(b[0] == 2 && b[49999] == 2 && meter.live < 1460200 && arena.held == meter.live);
    arena_free(&arena);
    CHECK(meter.live == 0 && meter.errors == 0);
}

/* Also one that has just the size from which on nodes have blocks of their own, or comes to have
 * it. */
static void nodes_that_become_large(void) {
    for (size_t size = 32760; size <= 32776; size += 8) {
        struct meter meter = {0};
        struct memory memory = metered(&meter, SPK_UNLIMITED);
        struct arena arena = arena_start(&memory);
        uint8_t *node = arena_node(&arena, size);
        REQUIRE(node);
        memset(node, 9, size);
        node = arena_resize(&arena, node, size, 4 * size);
        REQUIRE(node);
        CHECK(node[0] == 9 && node[size - 1] == 9 && arena.held == meter.live);
        CHECK_NOTE(size < 32768 || meter.live < 4 * size + 100, "%zu bytes held for %zu",
                   meter.live, 4 * size);
        arena_free(&arena);
        CHECK(meter.live == 0 && meter.errors == 0);
    }
    COVERED(3);
}

/* The newest small node grows where it is. */
static void newest_node_grows_in_place(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    uint8_t *node = arena_node(&arena, 16);
    REQUIRE(node);
    memcpy(node, "stays with its node", 16);
    uint8_t *end = node + 16;
    node = arena_resize(&arena, node, 16, 64);
    CHECK(node == end - 64 && memcmp(node, "stays with its node", 16) == 0);
    uint8_t *other = arena_node(&arena, 8);
    CHECK(other == node - 8);
    uint8_t *moved = arena_resize(&arena, node, 64, 128);
    CHECK(moved == other - 128 && memcmp(moved, "stays with its node", 16) == 0);
    arena_free(&arena);
}

static void arena_of_impossible_size(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    void *node = arena_node(&arena, 8);
    void *large = arena_node(&arena, 40000);
    REQUIRE(node && large);
    uint64_t before = meter.requests;
    for (size_t less = 0; less < 8; less++) {
        CHECK(!arena_node(&arena, SIZE_MAX - less));
        CHECK(!arena_bytes(&arena, SIZE_MAX - less));
        CHECK(!arena_resize(&arena, node, 8, SIZE_MAX - less));
        CHECK(!arena_resize(&arena, large, 40000, SIZE_MAX - less));
        CHECK_U64(memory.failure, REASON_LIMIT_ALLOC);
    }
    CHECK_U64(meter.requests, before);
    arena_free(&arena);
    CHECK_U64(meter.live, 0);
    COVERED(32);
}

/* The first request, the second ... fails: NULL, the reason, and an arena that can still be used
 * and freed. */
static void arena_without_memory(void) {
    uint64_t failed = 0;
    for (uint64_t at = 1; at < 34; at++) {
        struct dice dice = {99};
        struct meter meter = {0};
        struct memory memory = metered(&meter, SPK_UNLIMITED);
        struct arena arena = arena_start(&memory);
        meter.fail_at = at;
        for (int i = 0; i < 400; i++) {
            size_t size = odd_size(&dice);
            void *piece = i % 2 ? arena_node(&arena, size) : arena_bytes(&arena, size);
            if (!piece) {
                CHECK_U64(memory.failure, REASON_NO_MEMORY);
                failed++;
                continue;
            }
            memset(piece, i, size);
            if (i % 2 && !arena_resize(&arena, piece, size, size + 30000)) {
                memset(piece, i, size); /* the old one stays */
                failed++;
            }
            CHECK_U64(arena.held, meter.live);
        }
        arena_free(&arena);
        CHECK(meter.live == 0 && meter.refusals == 1 && meter.errors == 0);
    }
    CHECK_U64(failed, 33);
    COVERED(failed);
}

/* An address that does not fit a value's 48 bits is given back, unread. */
struct high_memory {
    int given;
    int taken_back;
};

static void *resize_high(void *context, void *block, size_t old_size, size_t new_size) {
    struct high_memory *high = context;
    (void)old_size;
    high->given += !block;
    high->taken_back += new_size == 0;
    return new_size > 0 ? (void *)(uintptr_t)(UINT64_C(0xfffffffff000) << 12) : NULL;
}

static void addresses_beyond_48_bits(void) {
    struct high_memory high = {0, 0};
    spk_allocator allocator = {resize_high, &high};
    struct memory memory = memory_start(&allocator, SPK_UNLIMITED);
    struct arena arena = arena_start(&memory);
    if (UINTPTR_MAX > UINT32_MAX) {
        CHECK(!arena_node(&arena, 8) && memory.failure == REASON_NO_MEMORY);
        CHECK(!arena_bytes(&arena, 100000));
        CHECK(high.given == 2 && high.taken_back == 2 && memory.used == 0 && arena.held == 0);
    }
    arena_free(&arena);
    CHECK(high.given == high.taken_back);
}

/* ---- the arithmetic under all of this ---- */

static void checked_arithmetic(void) {
    static const size_t values[] = {
        0, 1, 2, 3, 1000, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 3, SIZE_MAX - 1, SIZE_MAX};
    size_t count = sizeof values / sizeof values[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            size_t a = values[i];
            size_t b = values[j];
            size_t sum = 77;
            size_t product = 77;
            bool adds = add_size(a, b, &sum);
            bool multiplies = multiply_size(a, b, &product);
            CHECK(adds == (a + b >= a) && sum == (adds ? a + b : 77));
            CHECK(multiplies == (b == 0 || a * b / b == a) && product == (multiplies ? a * b : 77));
        }
    }
    COVERED(count * count);
}

static void loads(void) {
    static const uint8_t bytes[] = {0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x88};
    uint8_t stored[8];
    CHECK_U64(load_u16(bytes), 0x8201);
    CHECK_U64(load_u32(bytes), UINT32_C(0x84038201));
    CHECK_U64(load_u64(bytes), UINT64_C(0x8807860584038201));
    CHECK_U64(load_big_u64(bytes), UINT64_C(0x0182038405860788));
    CHECK_I64(load_s32(bytes), -INT64_C(2080144895));
    CHECK_I64(load_s32((const uint8_t *)"\xff\xff\xff\xff"), -1);
    CHECK_I64(load_s32((const uint8_t *)"\xff\xff\xff\x7f"), INT32_MAX);
    CHECK_I64(load_s32((const uint8_t *)"\0\0\0\x80"), INT32_MIN);
    store_u32(stored, UINT32_C(0x84038201));
    CHECK_BYTES(stored, 4, bytes, 4);
    store_u64(stored, UINT64_C(0x8807860584038201));
    CHECK_BYTES(stored, 8, bytes, 8);
}

REGISTER(memory, RUN(accounts_are_exact), RUN(failures_are_told_apart),
         RUN(default_allocator_is_the_c_library), RUN(array_grows), RUN(array_keeps_what_it_has),
         RUN(array_of_impossible_size), RUN(arena_keeps_pieces_apart), RUN(arena_does_not_waste),
         RUN(arena_uses_a_small_limit), RUN(a_cleared_arena_keeps_a_block),
         RUN(large_nodes_leave_nothing), RUN(large_nodes_in_mappings), RUN(small_limits_map_late),
         RUN(nodes_that_become_large), RUN(newest_node_grows_in_place),
         RUN(arena_of_impossible_size), RUN(arena_without_memory), RUN(addresses_beyond_48_bits),
         RUN(checked_arithmetic), RUN(loads))
