/* SPDX-License-Identifier: MIT
 *
 * Arrays and blocks that grow in steps of their own: a memo with far holes, ints one by one and in
 * runs, a list that gives back what it did not need, blocks of the sizes where one way of getting
 * memory ends and another begins.  That accounts of memory are exact is for check_memory.c. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#endif
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "base/memory.h"
#include "base/pages.h"
#include "support.h"

/* ---- growing gently ---- */

/* Whatever is asked for is there, and not so much more. */
static void capacity_of_large_arrays(void) {
    static const size_t before[] = {0, 64, 65535, 65536, 65537, 100000, 131072};
    static const size_t wanted[] = {1,     65,    65537,  66000,  81919,
                                    81920, 81921, 131073, 163841, 500000};
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        for (size_t j = 0; j < sizeof wanted / sizeof wanted[0]; j++, inputs++) {
            struct meter meter = {0};
            spk_allocator allocator = meter_allocator(&meter);
            struct memory memory = memory_start(&allocator, SPK_UNLIMITED);
            struct array array = {NULL, 0};
            REQUIRE(before[i] == 0 || array_reserve_gently(&memory, &array, before[i], 8));
            size_t old = array.capacity;
            REQUIRE(array_reserve_gently(&memory, &array, wanted[j], 8));
            CHECK_NOTE(array.capacity >= wanted[j] && array.capacity >= old, "%zu, then %zu: %zu",
                       before[i], wanted[j], array.capacity);
            CHECK_U64(meter.live, array.capacity * 8);
            CHECK(old < 65536 || wanted[j] <= old ||
                  array.capacity == (wanted[j] > old + old / 4 ? wanted[j] : old + old / 4));
            array_free(&memory, &array, 8);
            CHECK_U64(meter.live, 0);
        }
    }
    COVERED(inputs);
}

/* Very many entries in order, then one far behind them: what was put there is what is got, and all
 * the rest is a hole. */
static void far_holes_of_the_memo(void) {
    static const uint32_t counts[] = {1000, 65535, 65536, 65537, 70000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (uint32_t hole = 0; hole < 2; hole++) {
            struct buffer pickle = {NULL, 0, 0};
            BUFFER_ADD(&pickle, "](");
            buffer_repeat(&pickle,
                          INPUT("N\x94"
                                "0"),
                          counts[i]);
            uint32_t far = (uint32_t)pickle.size;
            BUFFER_ADD(&pickle, "K\7r");
            buffer_u32(&pickle, far);
            BUFFER_ADD(&pickle, "0j");
            buffer_u32(&pickle, far);
            BUFFER_ADD(&pickle, "j");
            buffer_u32(&pickle, hole ? far - 1 : counts[i] - 1);
            BUFFER_ADD(&pickle, "e.");
            if (hole) {
                REFUSES_INPUT(buffer_input(&pickle), NULL, MEMO_MISSING, far + 13, NULL);
            } else {
                ACCEPTS_INPUT(buffer_input(&pickle), NULL, "#0[i7, None]");
            }
            buffer_free(&pickle);
        }
    }
    COVERED(2 * sizeof counts / sizeof counts[0]);
}

/* ---- ints ---- */

/* Runs of ints are executed together; here each form stands at each place of a batch, alone and
 * behind each other one. */
static void ints_of_all_forms_in_turn(void) {
    static const char *const forms[] = {"K\5", "M\1\1", "J\1\1\1\1", "N", "\x8a\1\2"};
    static const size_t sizes[] = {2, 3, 5, 1, 3};
    static const char *const values[] = {"i5", "i101", "i1010101", "None", "i2"};
    enum { FORMS = 5, LENGTH = 5, ALL = 3125 };
    for (unsigned number = 0; number < ALL; number++) {
        struct buffer pickle = {NULL, 0, 0};
        struct buffer text = {NULL, 0, 0};
        unsigned rest = number;
        BUFFER_ADD(&pickle, "](");
        BUFFER_ADD(&text, "#0[");
        for (unsigned i = 0; i < LENGTH; i++, rest /= FORMS) {
            buffer_bytes(&pickle, forms[rest % FORMS], sizes[rest % FORMS]);
            buffer_print(&text, "%s%s", i > 0 ? ", " : "", values[rest % FORMS]);
        }
        BUFFER_ADD(&pickle, "e.");
        BUFFER_ADD(&text, "]\0");
        ACCEPTS_INPUT(buffer_input(&pickle), NULL, (const char *)text.data);
        buffer_free(&pickle);
        buffer_free(&text);
    }
    COVERED(ALL);
}

/* ---- giving back ---- */

/* A long list that came in batches holds, once it is stored, a hundredth more than its items at
 * most. */
static void stored_lists_hold_little_more(void) {
    static const uint32_t counts[] = {5000, 10001, 33000, 70001, 150000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "]]");
        for (uint32_t done = 0; done < counts[i]; done += 1000) {
            BUFFER_ADD(&pickle, "(");
            buffer_fill(&pickle, 'N', counts[i] - done < 1000 ? counts[i] - done : 1000);
            BUFFER_ADD(&pickle, "e");
        }
        BUFFER_ADD(&pickle, "a.");
        spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
        REQUIRE(document);
        CHECK_NOTE(spk_document_memory(document) < (size_t)counts[i] * 8 / 100 * 101 + 9000,
                   "%u items: %zu bytes", counts[i], spk_document_memory(document));
        CHECK_U64(spk_size(spk_item(spk_document_root(document), 0)), counts[i]);
        spk_document_free(document);
        buffer_free(&pickle);
    }
    COVERED(sizeof counts / sizeof counts[0]);
}

/* After a reset a decoder keeps 64 KiB of what it had grown to, however much that was, and all of
 * less. */
static void little_is_kept_after_a_reset(void) {
    static const size_t items[] = {3000, 7000, 9000, 17000, 70000};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        struct meter meter = {0};
        struct buffer pickle = {NULL, 0, 0};
        spk_options options = SPK_OPTIONS_INIT;
        options.allocator = meter_allocator(&meter);
        buffer_fill(&pickle, ')', items[i]);
        spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, &options, NULL);
        REQUIRE(decoder);
        size_t fresh = meter.live;
        CHECK_U64(spk_decoder_feed(decoder, pickle.data, pickle.size), SPK_MORE);
        spk_decoder_reset(decoder);
        CHECK_NOTE(meter.live <= fresh + (64 << 10), "%zu items: %zu bytes are kept", items[i],
                   meter.live - fresh);
        CHECK(items[i] > 8192 || meter.live > fresh);
        spk_decoder_free(decoder);
        buffer_free(&pickle);
    }
    COVERED(sizeof items / sizeof items[0]);
}

/* ---- blocks ---- */

typedef void *resize(void *context, void *block, size_t old_size, size_t new_size);

/* Nothing comes back for a size of 0, from any way of getting memory, and the block is gone. */
static void blocks_of_no_size(void) {
    static resize *const ways[] = {pages_resize, pages_resize_early, pages_resize_libc};
    static const size_t sizes[] = {
        1, 1000, PAGES_EARLY - 1, PAGES_EARLY, PAGES_MAPPED - 1, PAGES_MAPPED, 3 * PAGES_HUGE};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            uint8_t *block = ways[i](NULL, NULL, 0, sizes[j]);
            REQUIRE(block);
            block[0] = block[sizes[j] - 1] = 1;
            CHECK_NOTE(ways[i](NULL, block, sizes[j], 0) == NULL, "way %zu, %zu bytes", i,
                       sizes[j]);
        }
    }
    COVERED(21);
}

#ifdef __linux__
/* Right beside what was mapped last, as a rule. */
static uint8_t *make_sentinel(size_t size) {
    void *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return made == MAP_FAILED ? NULL : made;
}

static void free_sentinel(uint8_t *sentinel, size_t size) {
    (void)munmap(sentinel, size);
}
#else
static uint8_t *make_sentinel(size_t size) {
    return must_allocate(size);
}

static void free_sentinel(uint8_t *sentinel, size_t size) {
    (void)size;
    free(sentinel);
}
#endif

/* Blocks of all sizes, with others between them that must stay: a block takes and gives back its
 * own pages alone. */
static void neighbours_stay(void) {
    enum { BLOCKS = 60, SENTINEL = 17 << 12 };
    uint8_t *blocks[BLOCKS];
    uint8_t *sentinels[BLOCKS];
    size_t sizes[BLOCKS];
    struct dice dice = {5};
    for (size_t i = 0; i < BLOCKS; i++) {
        sizes[i] = PAGES_EARLY + dice_size(&dice, 3 * PAGES_HUGE);
        blocks[i] = (i % 2 == 0 ? pages_resize : pages_resize_early)(NULL, NULL, 0, sizes[i]);
        sentinels[i] = make_sentinel(SENTINEL);
        REQUIRE(blocks[i] && sentinels[i]);
        memset(blocks[i], (int)i + 1, sizes[i]);
        memset(sentinels[i], (int)i + 100, SENTINEL);
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        bool is_whole = true;
        for (size_t at = 0; at < SENTINEL; at += 512) {
            is_whole = is_whole && sentinels[i][at] == i + 100;
        }
        for (size_t at = 0; at < sizes[i]; at += 512) {
            is_whole = is_whole && blocks[i][at] == i + 1;
        }
        CHECK_NOTE(is_whole, "block %zu of %zu bytes", i, sizes[i]);
        (void)(i % 2 == 0 ? pages_resize : pages_resize_early)(NULL, blocks[i], sizes[i], 0);
        free_sentinel(sentinels[i], SENTINEL);
    }
    COVERED(BLOCKS);
}

#ifdef __NR_mmap2
#define NUMBER_OF_MMAP __NR_mmap2 /* on 32 bits */
#elif defined __NR_mmap
#define NUMBER_OF_MMAP __NR_mmap
#endif

#if defined CAN_FORBID && defined NUMBER_OF_MMAP && defined __NR_mremap && \
    !defined SPK_PORTABLE && !IS_SANITIZED
struct without_mappings {
    uint8_t *block; /* of PAGES_MAPPED bytes */
    bool is_forbidden;
    void *fresh;
    void *larger;
};

static void *resize_without_mappings(void *context) {
    struct without_mappings *found = context;
    found->is_forbidden = forbid_call(__NR_mremap, ENOMEM) && forbid_call(NUMBER_OF_MMAP, ENOMEM);
    if (found->is_forbidden) {
        found->fresh = pages_resize(NULL, NULL, 0, PAGES_MAPPED);
        found->larger = pages_resize(NULL, found->block, PAGES_MAPPED, 3 * PAGES_HUGE);
    }
    return NULL;
}

/* Where there is no address space left, nothing comes back, and the old block is as it was. */
static void no_room_for_mappings(void) {
    pthread_t thread;
    struct without_mappings found = {pages_resize(NULL, NULL, 0, PAGES_MAPPED), false, NULL, NULL};
    REQUIRE(found.block);
    memset(found.block, 7, PAGES_MAPPED);
    REQUIRE(pthread_create(&thread, NULL, resize_without_mappings, &found) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    CHECK(found.fresh == NULL && found.larger == NULL);
    CHECK(found.block[0] == 7 && found.block[PAGES_MAPPED - 1] == 7);
    (void)pages_resize(NULL, found.block, PAGES_MAPPED, 0);
    COVERED(2);
}
#else
static void no_room_for_mappings(void) {
    CHECK(true);
}
#endif

/* What zlib gets is aligned as malloc's is, and its size, which stands in front, is not written
 * over. */
static void blocks_for_zlib(void) {
    struct meter meter = {0};
    spk_allocator allocator = meter_allocator(&meter);
    struct memory memory = memory_start(&allocator, SPK_UNLIMITED);
    for (size_t size = 1; size < 200; size += 13) {
        uint8_t *block = memory_allocate_sized(&memory, size, 3);
        REQUIRE(block);
        CHECK_U64((uintptr_t)block % 16, 0);
        CHECK(meter.live >= size * 3 + sizeof(size_t));
        memset(block, 0xff, size * 3);
        memory_free_sized(&memory, block);
        CHECK(meter.live == 0 && meter.errors == 0 && memory.used == 0);
    }
    memory_free_sized(&memory, NULL);
    COVERED(16);
}

REGISTER(arrays, RUN(capacity_of_large_arrays), RUN(far_holes_of_the_memo),
         RUN(ints_of_all_forms_in_turn), RUN(stored_lists_hold_little_more),
         RUN(little_is_kept_after_a_reset), RUN(blocks_of_no_size), RUN(neighbours_stay),
         RUN(no_room_for_mappings), RUN(blocks_for_zlib))
