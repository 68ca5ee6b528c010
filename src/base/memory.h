/* SPDX-License-Identifier: MIT
 *
 * Ground floor: every byte of the library comes from here.  A counted allocator that charges
 * max_alloc before it asks, and an arena that a whole document lives in and is freed with at once.
 * Nothing here knows what the bytes are for. */
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
    bool maps_arrays_early; /* arrays are of pages_resize_early, where the allocator is ours */
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

/* For zlib, which asks by items and frees without telling a size: that stands in front.  NULL is
 * freed, too. */
void *memory_allocate_sized(struct memory *memory, size_t items, size_t item_size);
void memory_free_sized(struct memory *memory, void *block);

/* As memory_resize, for a block that may grow very large, of memory_start_libc: where the allocator
 * is ours the block is of pages.h.  Only this function and the next may be called for it. */
void *memory_resize_growing(struct memory *memory, void *block, size_t old_size, size_t new_size);

/* Makes a block of memory_resize_growing the caller's, in exactly new_size bytes, which is not 0
 * and not more than old_size: from the allocator of the options, or, if that is ours, one that
 * free() releases.  NULL, and the block stays, when there is no memory. */
void *memory_hand_over(struct memory *memory, void *block, size_t old_size, size_t new_size);

/* An array whose capacity doubles.  False on failure; the array is then as it was. */
struct array {
    void *items;
    size_t capacity; /* in items */
};

bool array_reserve(struct memory *memory, struct array *array, size_t items, size_t item_size);

/* The same for an array that may become the largest thing held: once it is large its capacity grows
 * by a quarter. */
bool array_reserve_gently(struct memory *memory, struct array *array, size_t items,
                          size_t item_size);

void array_give_back(struct memory *memory, struct array *array, size_t item_size);

static inline void array_free(struct memory *memory, struct array *array, size_t item_size) {
    if (array->items) {
        array_give_back(memory, array, item_size);
    }
}

/* Blocks that are freed all at once.  Bytes grow from a block's low end and aligned nodes from its
 * high end, so that neither pads the other, and what copies a few bytes more than it needs writes
 * into free space. */
struct arena_block;

struct arena {
    struct memory *memory;
    struct arena_block *blocks; /* all of them */
    uint8_t *low; /* the free space of the newest shared block */
    uint8_t *high;
    size_t held; /* bytes, with headers */
    size_t spare; /* bytes of the blocks of pages_resize_early beyond those */
    size_t next_block;
};

/* Requests from here on get a block of their own, which can grow by the allocator's resize and
 * leaves nothing behind. */
#define ARENA_LARGE ((size_t)16000) /* a batch of a thousand pairs, after which picklers go on */

struct arena arena_start(struct memory *memory);
void arena_free(struct arena *arena);

/* Empties it, and keeps the first block that it had, unless that was a large one. */
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

/* Makes a node from arena_node larger, in place if it can; one of ARENA_LARGE and more can be made
 * smaller, too, if it stays that large.  NULL on failure: the old one stays.  What a small node
 * leaves behind when it moves is lost until the document goes, so callers at least double it. */
void *arena_resize(struct arena *arena, void *node, size_t old_size, size_t new_size);

#endif
