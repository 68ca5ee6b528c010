/* SPDX-License-Identifier: MIT
 *
 * Which objects have been met, and a number for each: from a value's word, which tells the object
 * by its address.  A list in the order of meeting, and a hash table of places in it.  The one table
 * of addresses of the library: the encoder asks it for entries of the memo, the visitor for what it
 * has entered, keys for their representatives.
 *
 * Who writes a pickle chooses how far apart its objects stand in memory, and in a borrowed buffer
 * their very distances.  So where an address falls in the table is decided by a secret. */
#ifndef SPK_IDENTITY_H
#define SPK_IDENTITY_H

#include "value/key.h"
#include "base/memory.h"

struct identity {
    word value;
    uint64_t index;
};

struct identities {
    struct memory *memory;
    struct array list;    /* struct identity */
    size_t count;
    size_t space;          /* entries that list and table have room for */
    uint32_t *buckets; /* open addressing, at most half full: a place in the list plus 1, or 0 */
    size_t capacity; /* of buckets: a power of two */
    struct hash_key key;
    bool has_key;
};

/* Without a key the table draws a secret of its own once it has more than its first buckets: in
 * these nobody waits long. */
static inline void identities_start(struct identities *identities, struct memory *memory,
                                    const struct hash_key *key) {
    identities->memory = memory;
    identities->list = (struct array){NULL, 0};
    identities->count = 0;
    identities->space = 0;
    identities->buckets = NULL;
    identities->capacity = 0;
    identities->key = key ? *key : (struct hash_key){{0, 0}};
    identities->has_key = key != NULL;
}

void identities_free(struct identities *identities);

/* Objects stand in memory in the order in which they were decoded, and mostly are met in it.  So
 * the table keeps near what is near: the place of a block of 128 bytes is hashed, and within it
 * each two bytes have a slot, of which no object has less. So a run in the table is about as long
 * as a block at most, and where a block falls is not to be foretold without the key: the multiplier
 * is secret, and odd, so that all of its bits count. */
#define IDENTITY_BLOCK_BITS 7

static inline size_t identity_home(const struct identities *identities, word value) {
    uint64_t block = ((value & WORD_LOW48) >> IDENTITY_BLOCK_BITS) ^ identities->key.words[0];
    block *= identities->key.words[1] | 1;
    block = (block ^ block >> 32) * UINT64_C(0xd6e8feb86659fd93);
    uint64_t within = (value & ((UINT64_C(1) << IDENTITY_BLOCK_BITS) - 1)) >> 1;
    return (size_t)((block >> 20) + within) & (identities->capacity - 1);
}

bool identities_grow(struct identities *identities);

/* Room for one more; false when there is no memory. */
static inline bool identities_reserve(struct identities *identities) {
    return LIKELY(identities->count < identities->space) || identities_grow(identities);
}

/* The slot that leads to this value, or the empty one where it belongs.  There must be room. */
static inline uint32_t *identities_bucket(const struct identities *identities, word value) {
    const struct identity *list = identities->list.items;
    size_t at = identity_home(identities, value);
    while (identities->buckets[at] != 0 && list[identities->buckets[at] - 1].value != value) {
        at = (at + 1) & (identities->capacity - 1);
    }
    return &identities->buckets[at];
}

/* False if the value was not met. */
static inline bool identities_find(const struct identities *identities, word value,
                                   uint64_t *index) {
    const uint32_t *bucket = identities->capacity > 0 ? identities_bucket(identities, value) : NULL;
    if (!bucket || *bucket == 0) {
        return false;
    }
    *index = ((const struct identity *)identities->list.items)[*bucket - 1].index;
    return true;
}

static inline struct identity *identity_at(const struct identities *identities,
                                           const uint32_t *bucket) {
    return (struct identity *)identities->list.items + (*bucket - 1);
}

static inline void identities_enter(struct identities *identities, uint32_t *bucket, word value,
                                    uint64_t index) {
    struct identity *list = identities->list.items;
    list[identities->count++] = (struct identity){value, index};
    *bucket = (uint32_t)identities->count;
}

#endif
