/* SPDX-License-Identifier: MIT
 *
 * The first batch of items gets exactly the space it needs; after that space doubles. */
#include "value/items.h"

static bool fail_size(struct arena *arena) {
    arena->memory->failure = REASON_LIMIT_ALLOC;
    return false;
}

/* The capacity for "count" entries: exactly that the first time, later at least twice the old one.
 * False if that is too much. */
static bool next_capacity(const struct container *container, size_t count, uint32_t *capacity) {
    uint64_t wanted = (uint64_t)container_capacity(container) * 2;
    wanted = wanted < count ? count : wanted;
    if (wanted > UINT32_C(1) << 30) { /* 8 GiB of words */
        return false;
    }
    *capacity = (uint32_t)wanted;
    return true;
}

/* Bytes of a container's items. */
static bool items_size(word target, uint32_t capacity, size_t *size) {
    bool is_keyed = node_has_keys(word_node_kind(target));
    return is_keyed ? index_items_size(capacity, index_stride(target), size)
                    : multiply_size(capacity, sizeof(word), size) &&
                          add_size(*size, sizeof(struct items), size);
}

/* True if there are items that do not stand right behind the node of the container. */
static bool is_apart(const struct container *container) {
    return container->items &&
           container->items != (const struct items *)(const void *)(container + 1);
}

/* Gives a container this capacity, which must not be below its count. */
static bool set_capacity(struct arena *arena, word target, uint32_t capacity) {
    struct container *container = word_container(target);
    size_t stride = index_stride(target);
    bool is_keyed = node_has_keys(word_node_kind(target));
    struct index *index = is_keyed ? index_of(container, stride) : NULL;
    size_t old_size;
    size_t new_size;
    if (!items_size(target, container_capacity(container), &old_size) ||
        !items_size(target, capacity, &new_size)) {
        return fail_size(arena);
    }
    struct items *items = is_apart(container)
                              ? arena_resize(arena, container->items, old_size, new_size)
                              : arena_node(arena, new_size);
    if (!items) {
        return false;
    }
    if (!container->items) {
        items->count = 0;
    } else if (!is_apart(container)) {
        memcpy(items, container->items,
               sizeof *items + (size_t)container->items->count * stride * sizeof(word));
    }
    items->capacity = capacity;
    container->items = items;
    if (is_keyed && index_has_place(capacity)) {
        index_set(container, stride, index);
    }
    return true;
}

bool items_reserve(struct arena *arena, word target, size_t count) {
    uint32_t capacity;
    if (LIKELY(count <= container_capacity(word_container(target)))) {
        return true;
    }
    if (!next_capacity(word_container(target), count, &capacity)) {
        return fail_size(arena);
    }
    return set_capacity(arena, target, capacity);
}

bool items_trim(struct arena *arena, word target) {
    const struct container *container = word_container(target);
    size_t size;
    if (!is_apart(container)) {
        return true;
    }
    uint32_t count = container->items->count;
    if (container->items->capacity - count <= count / 128 || !items_size(target, count, &size) ||
        size < ARENA_LARGE) {
        return true;
    }
    return set_capacity(arena, target, count);
}
