/* SPDX-License-Identifier: MIT
 *
 * The counted allocator, doubling arrays and the arena.  Sizes are requests that callers have computed with the checked
 * helpers; nothing here is sized by what an input claims. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

static void *resize_default(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    (void)old_size;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

struct memory memory_start(const spk_allocator *allocator, uint64_t max) {
    struct memory memory = {*allocator, max, 0, 0, REASON_NO_MEMORY};
    if (!memory.allocator.resize) {
        memory.allocator.resize = resize_default;
    }
    return memory;
}

void *memory_resize(struct memory *memory, void *block, size_t old_size, size_t new_size) {
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
    void *moved = memory->allocator.resize(memory->allocator.context, block, old_size, new_size);
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

#define SIZE_ROOM 16 /* keeps what follows aligned */

void *memory_allocate_sized(struct memory *memory, size_t items, size_t item_size) {
    size_t size;
    if (!multiply_size(items, item_size, &size) || !add_size(size, SIZE_ROOM, &size)) {
        memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    uint8_t *block = memory_resize(memory, NULL, 0, size);
    if (!block) {
        return NULL;
    }
    memcpy(block, &size, sizeof size);
    return block + SIZE_ROOM;
}

void memory_free_sized(struct memory *memory, void *block) {
    if (block) {
        uint8_t *whole = (uint8_t *)block - SIZE_ROOM;
        size_t size;
        memcpy(&size, whole, sizeof size);
        memory_free(memory, whole, size);
    }
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
    size_t new_size;
    if (!multiply_size(capacity, item_size, &new_size)) {
        memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    void *moved = memory_resize(memory, array->items, array->capacity * item_size, new_size);
    if (!moved) {
        return false;
    }
    array->items = moved;
    array->capacity = capacity;
    return true;
}

void array_free(struct memory *memory, struct array *array, size_t item_size) {
    memory_free(memory, array->items, array->capacity * item_size);
    *array = (struct array){NULL, 0};
}

/* Requests from LARGE on get a block of their own, which can grow by the allocator's resize and leaves nothing behind. */
#define LARGE ((size_t)32 << 10)
#define FIRST_BLOCK ((size_t)2 << 10)
#define MOST_BLOCK ((size_t)256 << 10)
#define ALIGNMENT ((size_t)8)

struct arena_block {
    struct arena_block *next;
    struct arena_block *previous;
    size_t size; /* with this header */
};

#define HEADER ((sizeof(struct arena_block) + 15) / 16 * 16)

static uint8_t *block_start(struct arena_block *block) {
    return (uint8_t *)block + HEADER;
}

/* Values hold addresses in 48 bits (word.h).  No common platform hands out more to a program that does not ask for it; if
 * one does, the block is not usable. */
static bool is_addressable(const void *block, size_t size) {
    uint64_t start = (uint64_t)(uintptr_t)block;
    return start >> 48 == 0 && (start + size) >> 48 == 0;
}

struct arena arena_start(struct memory *memory) {
    return (struct arena){memory, NULL, NULL, NULL, 0, FIRST_BLOCK};
}

void arena_free(struct arena *arena) {
    struct arena_block *block = arena->blocks;
    while (block) {
        struct arena_block *next = block->next;
        memory_free(arena->memory, block, block->size);
        block = next;
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

static struct arena_block *new_block(struct arena *arena, size_t payload) {
    size_t size;
    if (!add_size(payload, HEADER, &size)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    struct arena_block *block = memory_resize(arena->memory, NULL, 0, size);
    if (!block) {
        return NULL;
    }
    if (!is_addressable(block, size)) {
        memory_free(arena->memory, block, size);
        arena->memory->failure = REASON_NO_MEMORY;
        return NULL;
    }
    block->size = size;
    link_block(arena, block);
    arena->held += size;
    return block;
}

/* Makes room for size bytes between low and high; the rest of the old block is given up. */
static bool refill(struct arena *arena, size_t size) {
    size_t payload = arena->next_block > size ? arena->next_block : size;
    struct arena_block *block = new_block(arena, payload - (payload > HEADER + size ? HEADER : 0));
    if (!block) {
        return false;
    }
    arena->low = block_start(block);
    arena->high = (uint8_t *)block + block->size;
    if (arena->next_block < MOST_BLOCK) {
        arena->next_block *= 2;
    }
    return true;
}

static size_t room(const struct arena *arena) {
    return (size_t)(arena->high - arena->low);
}

static bool round_up(size_t size, size_t *rounded) {
    if (!add_size(size, ALIGNMENT - 1, rounded)) {
        return false;
    }
    *rounded = *rounded / ALIGNMENT * ALIGNMENT;
    return true;
}

void *arena_node(struct arena *arena, size_t size) {
    size_t rounded;
    if (!round_up(size, &rounded)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    if (UNLIKELY(rounded >= LARGE)) {
        struct arena_block *block = new_block(arena, rounded);
        return block ? block_start(block) : NULL;
    }
    if (UNLIKELY(rounded > room(arena)) && !refill(arena, rounded)) {
        return NULL;
    }
    void *node = arena->low;
    arena->low += rounded;
    return node;
}

void *arena_bytes(struct arena *arena, size_t size) {
    if (UNLIKELY(size >= LARGE)) {
        return arena_node(arena, size);
    }
    if (UNLIKELY(size > room(arena)) && !refill(arena, size)) {
        return NULL;
    }
    arena->high -= size;
    return arena->high;
}

/* A node of its own block: the block is resized, and its neighbours are told where it went. */
static void *grow_block(struct arena *arena, void *node, size_t new_size) {
    struct arena_block *block = (struct arena_block *)(void *)((uint8_t *)node - HEADER);
    size_t old_whole = block->size;
    size_t new_whole;
    if (!add_size(new_size, HEADER, &new_whole)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    struct arena_block *moved = memory_resize(arena->memory, block, old_whole, new_whole);
    if (!moved) {
        return NULL;
    }
    moved->size = new_whole;
    arena->held = arena->held - old_whole + new_whole;
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

void *arena_grow(struct arena *arena, void *node, size_t old_size, size_t new_size) {
    size_t old_rounded;
    size_t new_rounded;
    if (!round_up(old_size, &old_rounded) || !round_up(new_size, &new_rounded)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return NULL;
    }
    if (old_rounded >= LARGE) {
        return grow_block(arena, node, new_rounded);
    }
    bool is_newest = (uint8_t *)node + old_rounded == arena->low;
    if (is_newest && new_rounded < LARGE && new_rounded - old_rounded <= room(arena)) {
        arena->low += new_rounded - old_rounded;
        return node;
    }
    void *moved = arena_node(arena, new_rounded);
    if (!moved) {
        return NULL;
    }
    memcpy(moved, node, old_size);
    if (is_newest && new_rounded >= LARGE) {
        arena->low -= old_rounded; /* the small one stood last in its block, which is still the newest */
    }
    return moved;
}
