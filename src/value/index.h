/* SPDX-License-Identifier: MIT
 *
 * The index of a dict, set or frozenset: from a hash to the positions that may hold the key.  Up to
 * INDEX_MIN entries there is none, and every position may.  It holds the key of the hash, so that a
 * look-up needs nothing but the container, and an array of 32-bit buckets, each 0 or a position
 * plus 1 with bits of the hash above it.  Its address stands behind the room for the items, where
 * that is for more than INDEX_MIN.  It is never changed once the document is finished, so many
 * threads may look up at once. */
#ifndef SPK_INDEX_H
#define SPK_INDEX_H

#include "value/key.h"

#define INDEX_MIN 16u

struct index {
    struct hash_key key;
    uint32_t mask; /* the number of buckets, a power of two, less 1 */
    uint32_t used;
    bool is_shared; /* by dicts with the very same keys: none of them may change it any more */
    bool is_sorted; /* the keys are ints in ascending order, and found by that: there are no buckets
                     */
    uint32_t buckets[];
};

/* Words of a pair or member. */
static inline size_t index_stride(word container) {
    return word_node_kind(container) == NODE_DICT ? 2 : 1;
}

/* Bytes of struct items with so many entries, and of the address of an index if there may be one;
 * false if that is no size. */
bool index_items_size(uint32_t capacity, size_t stride, size_t *size);

static inline bool index_has_place(uint32_t capacity) {
    return capacity > INDEX_MIN;
}

/* NULL if there is none. */
static inline struct index *index_of(const struct container *container, size_t stride) {
    size_t capacity = container_capacity(container);
    return index_has_place((uint32_t)capacity)
               ? (struct index *)(uintptr_t)container->items->words[capacity * stride]
               : NULL;
}

/* There must be a place for it. */
static inline void index_set(struct container *container, size_t stride,
                             const struct index *index) {
    container->items->words[container->items->capacity * stride] = (uintptr_t)index;
}

/* Bytes of an index for so many entries: at most three quarters of its buckets will be used. */
bool index_size(size_t entries, size_t *size);

/* Empties an index for so many entries. */
void index_clear(struct index *index, size_t entries, struct hash_key key);

static inline bool index_is_full(const struct index *index) {
    return index->used >= index->mask - index->mask / 4;
}

/* Makes an index of keys that are ints in ascending order, which is not to be changed:
 * sizeof(struct index). */
void index_set_sorted(struct index *index);

/* The key that hashes for this container must be made with; any, if it has no index. */
struct hash_key index_key(const struct container *container, size_t stride);

/* The part of the hash that a bucket has room for, in place. */
static inline uint32_t index_fragment(const struct index *index, uint64_t hash) {
    return (uint32_t)(hash >> 32) & ~index->mask;
}

/* Fills a bucket, which must be free. */
static inline void index_enter_at(struct index *index, uint32_t at, uint64_t hash,
                                  uint32_t position) {
    index->buckets[at] = index_fragment(index, hash) | (position + 1);
    index->used++;
}

/* Enters a position, which must not be there yet. */
void index_enter(struct index *index, uint64_t hash, uint32_t position);

/* Says that the bucket of this hash will be looked at soon. */
static inline void index_expect(const struct index *index, uint64_t hash) {
#ifdef __GNUC__
    __builtin_prefetch(&index->buckets[(uint32_t)hash & index->mask]);
#else
    (void)index;
    (void)hash;
#endif
}

/* Walks over the positions that may hold a key of this hash. */
struct candidates {
    const struct index *index; /* NULL: none, all positions may */
    uint64_t hash;
    uint32_t count;
    uint32_t at;
};

struct candidates candidates_start(const struct container *container, size_t stride, word key,
                                   uint64_t hash);

/* Of an index with buckets that is not yet the container's. */
static inline struct candidates candidates_in(const struct index *index, uint64_t hash) {
    return (struct candidates){index, hash, 0, (uint32_t)hash & index->mask};
}

static inline bool candidates_next(struct candidates *candidates, uint32_t *position) {
    const struct index *index = candidates->index;
    if (!index) {
        *position = candidates->at++;
        return *position < candidates->count;
    }
    for (;;) {
        uint32_t bucket = index->buckets[candidates->at];
        if (bucket == 0) {
            return false;
        }
        candidates->at = (candidates->at + 1) & index->mask;
        if ((bucket & ~index->mask) == index_fragment(index, candidates->hash)) {
            *position = (bucket & index->mask) - 1;
            return true;
        }
    }
}

/* Enters a position under the hash of a walk that has just ended in this index: it ended where the
 * position belongs. */
static inline void index_enter_missed(struct index *index, const struct candidates *candidates,
                                      uint32_t position) {
    index_enter_at(index, candidates->at, candidates->hash, position);
}

#endif
