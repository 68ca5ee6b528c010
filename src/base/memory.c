/* SPDX-License-Identifier: MIT
 *
 * The counted allocator, doubling arrays and the arena.  Callers have computed the sizes with the
 * checked helpers.  No size comes from what an input claims. */
#include "base/memory.h"

#include "base/pages.h"

struct memory memory_start(const spk_allocator *allocator, uint64_t max) {
    struct memory memory = {*allocator, max, 0, 0, REASON_NO_MEMORY, false};
    if (!memory.allocator.resize) {
        memory.allocator.resize = pages_resize;
    }
    return memory;
}

struct memory memory_start_libc(const spk_allocator *allocator, uint64_t max) {
    struct memory memory = memory_start(allocator, max);
    if (!allocator->resize) {
        memory.allocator.resize = pages_resize_libc;
    }
    return memory;
}

typedef void *resize(void *context, void *block, size_t old_size, size_t new_size);

static void *charge_and_resize(struct memory *memory, resize *how, void *block, size_t old_size,
                               size_t new_size) {
    if (new_size > old_size) {
        size_t more = new_size - old_size;
        if (more > memory->max || memory->used > memory->max - more) {
            memory->failure = REASON_LIMIT_ALLOC;
            return NULL;
        }
    }
    if (new_size == 0 && !block) {
        return NULL;
    }
    void *moved = how(memory->allocator.context, block, old_size, new_size);
    if (!moved && new_size > 0) {
        memory->failure = REASON_NO_MEMORY;
        return NULL;
    }
    memory->used = memory->used - old_size + new_size;
    if (memory->used > memory->peak) {
        memory->peak = memory->used;
    }
    return moved;
}

void *memory_resize(struct memory *memory, void *block, size_t old_size, size_t new_size) {
    return charge_and_resize(memory, memory->allocator.resize, block, old_size, new_size);
}

static bool is_libc(const struct memory *memory) {
    return memory->allocator.resize == pages_resize_libc;
}

void *memory_resize_growing(struct memory *memory, void *block, size_t old_size, size_t new_size) {
    return charge_and_resize(memory, is_libc(memory) ? pages_resize : memory->allocator.resize,
                             block, old_size, new_size);
}

static void *resize_early(struct memory *memory, void *block, size_t old_size, size_t new_size) {
    bool is_ours = memory->allocator.resize == pages_resize;
    return charge_and_resize(memory, is_ours ? pages_resize_early : memory->allocator.resize, block,
                             old_size, new_size);
}

/* In front of a block for zlib: its size, padded so that the rest is aligned. */
#define SIZE_PREFIX 16

void *memory_allocate_sized(struct memory *memory, size_t items, size_t item_size) {
    size_t size;
    if (!multiply_size(items, item_size, &size) || !add_size(size, SIZE_PREFIX, &size)) {
        memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    uint8_t *block = memory_resize(memory, NULL, 0, size);
    if (!block) {
        return NULL;
    }
    memcpy(block, &size, sizeof size);
    return block + SIZE_PREFIX;
}

void memory_free_sized(struct memory *memory, void *block) {
    if (block) {
        uint8_t *whole = (uint8_t *)block - SIZE_PREFIX;
        size_t size;
        memcpy(&size, whole, sizeof size);
        memory_free(memory, whole, size);
    }
}

void *memory_hand_over(struct memory *memory, void *block, size_t old_size, size_t new_size) {
    void *given = block;
    if (is_libc(memory)) {
        given = pages_hand_over(block, old_size, new_size);
    } else if (new_size != old_size) {
        given = memory->allocator.resize(memory->allocator.context, block, old_size, new_size);
    }
    if (!given) {
        memory->failure = REASON_NO_MEMORY;
        return NULL;
    }
    memory->used -= old_size;
    return given;
}

/* Once an arena holds HUGE_FROM bytes its new blocks have the size of a huge page: the first touch
 * of one costs no more than those of a few small pages.  Not so where max_alloc is below
 * HUGE_MIN_MAX, for then a single huge page would be a large part of it. */
#define HUGE_FROM (PAGES_HUGE / 4)
#define HUGE_MIN_MAX (8 * PAGES_HUGE)

static void *resize_items(struct memory *memory, void *items, size_t old_size, size_t new_size) {
    bool is_early = memory->maps_arrays_early && memory->max >= HUGE_MIN_MAX;
    return is_early ? resize_early(memory, items, old_size, new_size)
                    : memory_resize(memory, items, old_size, new_size);
}

void array_give_back(struct memory *memory, struct array *array, size_t item_size) {
    (void)resize_items(memory, array->items, array->capacity * item_size, 0);
    *array = (struct array){NULL, 0};
}

/* Sets the capacity of an array; false on failure. */
static bool resize_array(struct memory *memory, struct array *array, size_t capacity,
                         size_t item_size) {
    size_t new_size;
    if (!multiply_size(capacity, item_size, &new_size)) {
        memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    void *moved = resize_items(memory, array->items, array->capacity * item_size, new_size);
    if (!moved) {
        return false;
    }
    array->items = moved;
    array->capacity = capacity;
    return true;
}

bool array_reserve(struct memory *memory, struct array *array, size_t items, size_t item_size) {
    if (LIKELY(items <= array->capacity)) {
        return true;
    }
    size_t capacity = array->capacity > 0 ? array->capacity : 32;
    while (capacity < items || capacity == 32) {
        if (!multiply_size(capacity, 2, &capacity)) {
            memory->failure = REASON_LIMIT_ALLOC;
            return false;
        }
    }
    return resize_array(memory, array, capacity, item_size);
}

#define GENTLE_MIN ((size_t)64 << 10) /* items */

bool array_reserve_gently(struct memory *memory, struct array *array, size_t items,
                          size_t item_size) {
    size_t capacity = array->capacity;
    if (items <= capacity || capacity < GENTLE_MIN) {
        return array_reserve(memory, array, items, item_size);
    }
    if (!add_size(capacity, capacity / 4, &capacity)) {
        memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    return resize_array(memory, array, capacity < items ? items : capacity, item_size);
}

/* Enough for a small document, and small enough that a malloc has it at hand. */
#define FIRST_BLOCK ((size_t)1 << 10)
#define MAX_BLOCK ((size_t)256 << 10)

/* Blocks of pages_resize_early may waste as much as is held, and this. */
#define SPARE_MAX (2 * PAGES_HUGE)

struct arena_block {
    struct arena_block *next;
    struct arena_block *previous;
    size_t size; /* with this header */
    bool is_early; /* of pages_resize_early */
};

#define HEADER ((sizeof(struct arena_block) + 15) / 16 * 16)

static uint8_t *block_start(struct arena_block *block) {
    return (uint8_t *)block + HEADER;
}

/* Values hold addresses in 48 bits (word.h).  No common platform gives out higher addresses to a
 * program that does not ask for them; where one does, the block cannot be used. */
static bool is_addressable(const void *block, size_t size) {
    uint64_t start = (uint64_t)(uintptr_t)block;
    return start >> 48 == 0 && (start + size) >> 48 == 0;
}

struct arena arena_start(struct memory *memory) {
    return (struct arena){memory, NULL, NULL, NULL, 0, 0, FIRST_BLOCK};
}

/* What a block of this size from pages_resize_early takes beyond it. */
static size_t spare_of(size_t size) {
    return size >= PAGES_EARLY && size < PAGES_MAPPED ? PAGES_HUGE - size : 0;
}

static bool may_be_early(const struct arena *arena, size_t size) {
    return arena->memory->max >= HUGE_MIN_MAX &&
           arena->spare + spare_of(size) <= arena->held + SPARE_MAX;
}

/* Makes a block (old_size 0), resizes it, or frees it (new_size 0). */
static void *resize_whole(struct arena *arena, void *block, size_t old_size, size_t new_size,
                          bool is_early) {
    void *moved = is_early ? resize_early(arena->memory, block, old_size, new_size)
                           : memory_resize(arena->memory, block, old_size, new_size);
    if (moved || new_size == 0) {
        arena->held = arena->held - old_size + new_size;
        arena->spare =
            is_early ? arena->spare - spare_of(old_size) + spare_of(new_size) : arena->spare;
    }
    return moved;
}

/* Frees the newest block; returns the one before it. */
static struct arena_block *free_block(struct arena *arena, struct arena_block *block) {
    struct arena_block *next = block->next;
    (void)resize_whole(arena, block, block->size, 0, block->is_early);
    return next;
}

void arena_free(struct arena *arena) {
    struct arena_block *block = arena->blocks;
    while (block) {
        block = free_block(arena, block);
    }
    *arena = arena_start(arena->memory);
}

static void link_block(struct arena *arena, struct arena_block *block) {
    block->previous = NULL;
    block->next = arena->blocks;
    if (block->next) {
        block->next->previous = block;
    }
    arena->blocks = block;
}

static struct arena_block *new_block(struct arena *arena, size_t payload, bool may_map_early) {
    size_t size;
    if (!add_size(payload, HEADER, &size)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    bool is_early = may_map_early && may_be_early(arena, size);
    struct arena_block *block = resize_whole(arena, NULL, 0, size, is_early);
    if (!block) {
        return NULL;
    }
    if (!is_addressable(block, size)) {
        (void)resize_whole(arena, block, size, 0, is_early);
        arena->memory->failure = REASON_NO_MEMORY;
        return NULL;
    }
    block->size = size;
    block->is_early = is_early;
    link_block(arena, block);
    return block;
}

/* All of the block is free now. */
static void open_block(struct arena *arena, struct arena_block *block) {
    arena->low = block_start(block);
    arena->high = arena->low + (block->size - HEADER) / 8 * 8;
    if (arena->next_block < MAX_BLOCK) {
        arena->next_block *= 2;
    } else if (arena->held >= HUGE_FROM && arena->memory->max >= HUGE_MIN_MAX) {
        arena->next_block = PAGES_HUGE;
    }
}

/* Makes space for size bytes between low and high, in a new block; what is left of the old one
 * stays unused. */
static bool refill(struct arena *arena, size_t size) {
    size_t payload = arena->next_block > size ? arena->next_block : size;
    struct arena_block *block =
        new_block(arena, payload - (payload > HEADER + size ? HEADER : 0), false);
    if (!block) {
        return false;
    }
    open_block(arena, block);
    return true;
}

void arena_clear(struct arena *arena) {
    struct arena_block *block = arena->blocks;
    while (block && (block->next || block->size > FIRST_BLOCK)) {
        block = free_block(arena, block);
    }
    *arena = arena_start(arena->memory);
    if (block) {
        link_block(arena, block);
        arena->held = block->size;
        open_block(arena, block);
    }
}

static bool round_up(struct arena *arena, size_t size, size_t *rounded) {
    if (!add_size(size, 7, rounded)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    *rounded = *rounded / 8 * 8;
    return true;
}

void *arena_node_anew(struct arena *arena, size_t size) {
    size_t rounded;
    if (!round_up(arena, size, &rounded)) {
        return NULL;
    }
    if (size >= ARENA_LARGE) {
        struct arena_block *block = new_block(arena, rounded, true);
        return block ? block_start(block) : NULL;
    }
    if (!refill(arena, rounded)) {
        return NULL;
    }
    arena->high -= rounded;
    return arena->high;
}

void *arena_bytes_anew(struct arena *arena, size_t size) {
    if (size >= ARENA_LARGE) {
        return arena_node_anew(arena, size);
    }
    if (!refill(arena, size + 8)) { /* 8 more, because the high end is rounded down */
        return NULL;
    }
    uint8_t *bytes = arena->low;
    arena->low += size;
    return bytes;
}

/* Resizes a node that has a block of its own.  The block may move, so its neighbours in the list
 * are linked to it anew. */
static void *resize_block(struct arena *arena, void *node, size_t new_size) {
    struct arena_block *block = (struct arena_block *)(void *)((uint8_t *)node - HEADER);
    size_t old_whole = block->size;
    size_t new_whole;
    if (!add_size(new_size, HEADER, &new_whole)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    /* Below PAGES_EARLY both allocators are the same, so the choice is still free. */
    bool is_early = old_whole < PAGES_EARLY ? may_be_early(arena, new_whole) : block->is_early;
    struct arena_block *moved = resize_whole(arena, block, old_whole, new_whole, is_early);
    if (!moved) {
        return NULL;
    }
    moved->size = new_whole;
    moved->is_early = is_early;
    if (moved->next) {
        moved->next->previous = moved;
    }
    if (moved->previous) {
        moved->previous->next = moved;
    } else {
        arena->blocks = moved;
    }
    if (!is_addressable(moved, new_whole)) {
        arena->memory->failure = REASON_NO_MEMORY;
        return NULL; /* the document is given up; its arena still owns the block */
    }
    return block_start(moved);
}

void *arena_resize(struct arena *arena, void *node, size_t old_size, size_t new_size) {
    size_t old_rounded;
    size_t new_rounded;
    if (!round_up(arena, old_size, &old_rounded) || !round_up(arena, new_size, &new_rounded)) {
        return NULL;
    }
    if (old_size >= ARENA_LARGE) {
        return resize_block(arena, node, new_rounded);
    }
    bool is_newest = node == arena->high;
    if (is_newest && new_size < ARENA_LARGE && new_rounded - old_rounded <= arena_space(arena)) {
        arena->high -= new_rounded - old_rounded;
        memmove(arena->high, node, old_size);
        return arena->high;
    }
    void *moved = arena_node(arena, new_size);
    if (!moved) {
        return NULL;
    }
    memcpy(moved, node, old_size);
    if (is_newest && new_size >= ARENA_LARGE) {
        /* The small node stood last in its block, and that is still the newest shared block. */
        arena->high += old_rounded;
    }
    return moved;
}
