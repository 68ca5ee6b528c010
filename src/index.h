/* SPDX-License-Identifier: MIT
 *
 * The index of a dict, set or frozenset: from a hash to the positions that may hold the key.  Up to INDEX_LEAST entries
 * there is none, and every position may.  It stands behind the room for the items: the key of the hash, so that a look-up
 * needs nothing but the container, and an array of 32-bit buckets, each 0 or a position plus 1 with bits of the hash above
 * it.  It is never changed once the document is finished, so many threads may look up at once. */
#ifndef SPK_INDEX_H
#define SPK_INDEX_H

#include "key.h"

#define INDEX_LEAST 16u

/* Words of a pair or member. */
static inline size_t index_stride(word container) {
    return word_node_kind(container) == NODE_DICT ? 2 : 1;
}

/* Capacity of a container that is to hold so many: a power of two from 32 on, so that buckets are one, too. */
static inline bool index_is_needed(uint32_t capacity) {
    return capacity > INDEX_LEAST;
}

/* Bytes of items and index for a capacity; false if that is no size. */
bool index_room(uint32_t capacity, size_t stride, size_t *size);

/* Empties the buckets and sets the key. */
void index_clear(struct container *container, size_t stride, struct hash_key key);

/* The key that hashes for this container must be made with; any, if it has no index. */
struct hash_key index_key(const struct container *container, size_t stride);

/* Enters a position, which must not be there yet. */
void index_enter(struct container *container, size_t stride, uint64_t hash, uint32_t position);

/* Walks over the positions that may hold a key of this hash. */
struct candidates {
    const struct container *container;
    const uint32_t *buckets; /* NULL: no index */
    uint64_t hash;
    uint32_t at;
};

struct candidates candidates_start(const struct container *container, size_t stride, uint64_t hash);
bool candidates_next(struct candidates *candidates, uint32_t *position);

#endif
