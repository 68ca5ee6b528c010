/* SPDX-License-Identifier: MIT
 *
 * Ground floor: every byte of the library comes from here.  A counted allocator, which charges
 * max_alloc before it asks for memory, and an arena, in which a whole document lives, and which is
 * freed at once.  Nothing here knows what the bytes are for. */
#ifndef SPK_MEMORY_H
#define SPK_MEMORY_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/report.h"

struct memory {
    spk_allocator allocator;
    uint64_t max;
    size_t used;
    size_t peak;
    enum reason failure; /* why the last request failed: REASON_LIMIT_ALLOC or REASON_NO_MEMORY */
    bool maps_arrays_early; /* by pages_resize_early, where the allocator is ours */
};

struct memory memory_start(const spk_allocator *allocator, uint64_t max);

/* The same, but where the caller brings no allocator it is realloc and free alone.  For memory that
 * is soon given back; a block that grows large takes memory_resize_growing. */
struct memory memory_start_libc(const spk_allocator *allocator, uint64_t max);

/* Why the last request failed. */
static inline enum reason memory_reason(const struct memory *memory) {
    return memory->failure == REASON_LIMIT_ALLOC ? REASON_LIMIT_ALLOC : REASON_NO_MEMORY;
}

/* As spk_allocator's resize.  NULL on failure (with memory->failure set) and for new_size 0. */
void *memory_resize(struct memory *memory, void *block, size_t old_size, size_t new_size);

static inline void memory_free(struct memory *memory, void *block, size_t size) {
    (void)memory_resize(memory, block, size, 0);
}

/* For zlib, which asks for a number of items, and frees without a size: so the size is kept in
 * front of the block.  NULL may be freed. */
void *memory_allocate_sized(struct memory *memory, size_t items, size_t item_size);
void memory_free_sized(struct memory *memory, void *block);

/* As memory_resize, for a block that may grow very large, of memory_start_libc: where the allocator
 * is ours the block is of pages.h.  Only this function and the next may be called for it. */
void *memory_resize_growing(struct memory *memory, void *block, size_t old_size, size_t new_size);

/* Makes a block of memory_resize_growing the property of the library's caller, cut to new_size
 * bytes (not 0, and not more than old_size).  It is then a block of the allocator of the options,
 * or, if that is ours, one for free().  NULL when there is no memory; the block stays as it was. */
void *memory_hand_over(struct memory *memory, void *block, size_t old_size, size_t new_size);

/* An array whose capacity doubles.  False on failure; the array is then as it was. */
struct array {
    void *items;
    size_t capacity; /* in items */
};

bool array_reserve(struct memory *memory, struct array *array, size_t items, size_t item_size);

/* The same for an array that may become the largest of all: once it is large its capacity grows by
 * a quarter. */
bool array_reserve_gently(struct memory *memory, struct array *array, size_t items,
                          size_t item_size);

void array_give_back(struct memory *memory, struct array *array, size_t item_size);

static inline void array_free(struct memory *memory, struct array *array, size_t item_size) {
    if (array->items) {
        array_give_back(memory, array, item_size);
    }
}

/* Blocks that are freed all at once.  Bytes grow from a block's low end and aligned nodes from its
 * high end.  So neither pads the other, and a copy may write a few bytes more than it needs: they
 * fall into the free space.
 *
 *     +--------+---------------+--------------+---------------+
 *     | header | bytes ----->  |  free space  |  <----- nodes |
 *     +--------+---------------+--------------+---------------+
 *                              low            high            */
struct arena_block;

struct arena {
    struct memory *memory;
    struct arena_block *blocks; /* all of them */
    uint8_t *low; /* the free space of the newest block that is shared by several requests */
    uint8_t *high;
    size_t held; /* bytes, with headers */
    size_t spare; /* bytes that blocks of pages_resize_early take beyond those */
    size_t next_block;
};

/* Requests of this size or more get a block of their own, which the allocator can resize without
 * leaving anything behind.  It is the size of a thousand pairs, the full batch of a pickler: more
 * of them will often follow. */
#define ARENA_LARGE ((size_t)16000)

struct arena arena_start(struct memory *memory);
void arena_free(struct arena *arena);

/* Empties the arena.  It keeps the first block that it had, unless that was a large one. */
void arena_clear(struct arena *arena);

static inline size_t arena_space(const struct arena *arena) {
    return (size_t)(arena->high - arena->low);
}

/* What the two below do when the newest block has not enough space. */
void *arena_node_anew(struct arena *arena, size_t size);
void *arena_bytes_anew(struct arena *arena, size_t size);

/* Space that is aligned for 8-byte words. */
static inline void *arena_node(struct arena *arena, size_t size) {
    if (UNLIKELY(size >= ARENA_LARGE || size + 7 > arena_space(arena))) {
        return arena_node_anew(arena, size);
    }
    arena->high -= (size + 7) / 8 * 8;
    return arena->high;
}

/* Space that is not aligned. */
static inline void *arena_bytes(struct arena *arena, size_t size) {
    if (UNLIKELY(size >= ARENA_LARGE || size > arena_space(arena))) {
        return arena_bytes_anew(arena, size);
    }
    uint8_t *bytes = arena->low;
    arena->low += size;
    return bytes;
}

/* Makes a node of arena_node larger, in place where that is possible.  A node of ARENA_LARGE or
 * more can also be made smaller, if it stays that large.  NULL on failure; the node stays as it
 * was.  When a small node moves its old space is lost until the document is freed, so callers at
 * least double its size. */
void *arena_resize(struct arena *arena, void *node, size_t old_size, size_t new_size);

#endif
