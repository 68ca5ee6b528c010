/* SPDX-License-Identifier: MIT
 *
 * The index of a dict, set or frozenset: from the hash of a key to the positions that may hold it.
 * Up to INDEX_MIN entries there is none, and every position may hold it.  The index keeps the hash
 * key, so that a look-up needs nothing but the container, and an array of buckets.  Its address
 * stands behind the items (word.h).  It never changes once the document is finished, so many
 * threads may look up at once.
 *
 *    31                n n-1            0
 *   +-------------------+----------------+    of 2^n buckets
 *   | bits of the hash  | position + 1   |    0: the bucket is free
 *   +-------------------+----------------+ */
#ifndef SPK_INDEX_H
#define SPK_INDEX_H

#include "value/key.h"

#define INDEX_MIN 16u

struct index {
    struct hash_key key;
    uint32_t mask; /* the number of buckets, a power of two, less 1 */
    uint32_t used;
    bool is_shared; /* by dicts with the very same keys: none of them may change it any more */
    bool is_sorted; /* the keys are ints in ascending order: found by halves, without buckets */
    uint32_t buckets[];
};

/* Words of a pair or member. */
static inline size_t index_stride(word container) {
    return word_node_kind(container) == NODE_DICT ? 2 : 1;
}

/* Bytes of the items of this capacity, with the place for the address of an index if they have one;
 * false if that does not fit into a size_t. */
bool index_items_size(uint32_t capacity, size_t stride, size_t *size);

static inline bool index_has_place(uint32_t capacity) {
    return capacity > INDEX_MIN;
}

/* The index of a container; NULL if it has none. */
static inline struct index *index_of(const struct container *container, size_t stride) {
    size_t capacity = container_capacity(container);
    return index_has_place((uint32_t)capacity)
               ? (struct index *)(uintptr_t)container->items->words[capacity * stride]
               : NULL;
}

/* Stores the address of an index; index_has_place must be true. */
static inline void index_set(struct container *container, size_t stride,
                             const struct index *index) {
    container->items->words[container->items->capacity * stride] = (uintptr_t)index;
}

/* Bytes of an index for this number of entries, which will use at most three quarters of its
 * buckets; false if there is no such index. */
bool index_size(size_t entries, size_t *size);

/* Makes an index empty, in memory of the size that index_size gives for this number of entries. */
void index_clear(struct index *index, size_t entries, struct hash_key key);

static inline bool index_is_full(const struct index *index) {
    return index->used >= index->mask - index->mask / 4;
}

/* Makes an index that says that the keys are ints in ascending order.  It takes sizeof(struct
 * index) and must not be changed. */
void index_set_sorted(struct index *index);

/* The key that hashes for this container must be made with.  Without an index any key will do. */
struct hash_key index_key(const struct container *container, size_t stride);

/* The bits of the hash that a bucket keeps, where it keeps them. */
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

/* Lets the processor fetch the bucket of this hash, which will be looked at soon. */
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
    const struct index *index; /* NULL: none, so it walks over all positions */
    uint64_t hash;
    uint32_t count;
    uint32_t at;
};

struct candidates candidates_start(const struct container *container, size_t stride, word key,
                                   uint64_t hash);

/* The walk in an index with buckets; the index need not be the container's yet. */
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

/* Enters a position under the hash of a walk that has just ended in this index: the walk stopped at
 * the free bucket where the position belongs. */
static inline void index_enter_missed(struct index *index, const struct candidates *candidates,
                                      uint32_t position) {
    index_enter_at(index, candidates->at, candidates->hash, position);
}

#endif
