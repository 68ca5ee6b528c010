/* SPDX-License-Identifier: MIT
 *
 * Open addressing with linear probing; at most half of the buckets are in use, so every walk meets an empty one. */
#include "index.h"

bool index_room(uint32_t capacity, size_t stride, size_t *size) {
    bool is_indexed = index_is_needed(capacity);
    return multiply_size(capacity, (stride + is_indexed) * sizeof(word), size) && /* two buckets are a word */
           add_size(*size, is_indexed ? sizeof(struct hash_key) : 0, size);
}

static struct hash_key *key_of(const struct container *container, size_t stride) {
    return (struct hash_key *)(void *)(container->items + container->capacity * stride);
}

static uint32_t *buckets_of(const struct container *container, size_t stride) {
    return (uint32_t *)(void *)(key_of(container, stride) + 1);
}

static uint32_t bucket_count(const struct container *container) {
    return container->capacity * 2;
}

/* The part of the hash that a bucket has room for, in place. */
static uint32_t fragment(const struct container *container, uint64_t hash) {
    uint32_t position_bits = bucket_count(container) - 1;
    return (uint32_t)(hash >> 32) & ~position_bits;
}

void index_clear(struct container *container, size_t stride, struct hash_key key) {
    *key_of(container, stride) = key;
    memset(buckets_of(container, stride), 0, (size_t)bucket_count(container) * sizeof(uint32_t));
}

struct hash_key index_key(const struct container *container, size_t stride) {
    return index_is_needed(container->capacity) ? *key_of(container, stride) : (struct hash_key){{0, 0}};
}

void index_enter(struct container *container, size_t stride, uint64_t hash, uint32_t position) {
    uint32_t *buckets = buckets_of(container, stride);
    uint32_t mask = bucket_count(container) - 1;
    uint32_t at = (uint32_t)hash & mask;
    while (buckets[at] != 0) {
        at = (at + 1) & mask;
    }
    buckets[at] = fragment(container, hash) | (position + 1);
}

struct candidates candidates_start(const struct container *container, size_t stride, uint64_t hash) {
    struct candidates candidates = {container, NULL, hash, 0};
    if (index_is_needed(container->capacity)) {
        candidates.buckets = buckets_of(container, stride);
        candidates.at = (uint32_t)hash & (bucket_count(container) - 1);
    }
    return candidates;
}

bool candidates_next(struct candidates *candidates, uint32_t *position) {
    const struct container *container = candidates->container;
    if (!candidates->buckets) {
        *position = candidates->at++;
        return *position < container->count;
    }
    uint32_t mask = bucket_count(container) - 1;
    for (;;) {
        uint32_t bucket = candidates->buckets[candidates->at];
        if (bucket == 0) {
            return false;
        }
        candidates->at = (candidates->at + 1) & mask;
        if ((bucket & ~mask) == fragment(container, candidates->hash)) {
            *position = (bucket & mask) - 1;
            return true;
        }
    }
}
