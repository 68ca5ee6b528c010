/* SPDX-License-Identifier: MIT
 *
 * Ground floor: every byte of the library comes from here.  A counted allocator that charges max_alloc before it asks, and
 * an arena that a whole document lives in and is freed with at once.  Nothing here knows what the bytes are for. */
#ifndef SPK_MEMORY_H
#define SPK_MEMORY_H

#include <stdint.h>

#include "report.h"

struct memory {
    spk_allocator allocator;
    uint64_t max;
    size_t used;
    size_t peak;
    enum reason failure; /* why the last request failed: REASON_LIMIT_ALLOC or REASON_NO_MEMORY */
};

struct memory memory_start(const spk_allocator *allocator, uint64_t max);

/* As spk_allocator's resize.  NULL on failure (with memory->failure set) and for new_size 0. */
void *memory_resize(struct memory *memory, void *block, size_t old_size, size_t new_size);

static inline void memory_free(struct memory *memory, void *block, size_t size) {
    (void)memory_resize(memory, block, size, 0);
}

/* For zlib, which asks by items and frees without telling a size: that stands in front.  NULL is freed, too. */
void *memory_allocate_sized(struct memory *memory, size_t items, size_t item_size);
void memory_free_sized(struct memory *memory, void *block);

/* An array whose capacity doubles.  False on failure; the array is then as it was. */
struct array {
    void *items;
    size_t capacity; /* in items */
};

bool array_reserve(struct memory *memory, struct array *array, size_t items, size_t item_size);
void array_free(struct memory *memory, struct array *array, size_t item_size);

/* Blocks that are freed all at once.  Aligned nodes grow from a block's low end and bytes from its high end, so that
 * neither pads the other. */
struct arena_block;

struct arena {
    struct memory *memory;
    struct arena_block *blocks; /* all of them */
    uint8_t *low;               /* the free room of the newest shared block */
    uint8_t *high;
    size_t held;                /* bytes, with headers */
    size_t next_block;
};

struct arena arena_start(struct memory *memory);
void arena_free(struct arena *arena);

void *arena_node(struct arena *arena, size_t size);  /* aligned for 8-byte words */
void *arena_bytes(struct arena *arena, size_t size); /* not aligned */

/* Makes a node from arena_node larger, in place if it can.  NULL on failure: the old one stays.  What a small node leaves
 * behind when it moves is lost until the document goes, so callers at least double it. */
void *arena_grow(struct arena *arena, void *node, size_t old_size, size_t new_size);

#endif
