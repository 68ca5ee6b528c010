/* SPDX-License-Identifier: MIT
 *
 * Which objects have been met, and a number for each.  An object is known by the word of its value,
 * which holds its address.  There is a list, in the order in which they were met, and a hash table
 * of places in the list.  It is the library's only table of addresses: the encoder looks up entries
 * of the memo, the visitor what it has entered before, and keys their representatives.
 *
 * The author of a pickle chooses how far apart its objects stand in memory, in a borrowed buffer to
 * the byte.  So a secret decides where an address falls in the table. */
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
    size_t space;         /* entries that fit before list or table must grow */
    uint32_t *buckets; /* open addressing, at most half full: a place in the list plus 1, or 0 */
    size_t capacity; /* of buckets: a power of two */
    struct hash_key key;
    bool has_key;
};

/* Without a key the table draws a secret of its own once it outgrows its first buckets.  These are
 * so few that no choice of addresses makes a look-up slow. */
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

/* Objects stand in memory in the order in which they were decoded, and are mostly met in the same
 * order.  So the table keeps neighbours together: of an address only the block of 128 bytes is
 * hashed, and within a block every two bytes have a bucket, since no object is smaller.
 *
 *    47                      7 6           1 0
 *   +-------------------------+-------------+---+
 *   | block: hashed           | within: kept|   |
 *   +-------------------------+-------------+---+
 *
 * So a run of full buckets is at most about as long as a block.  Where a block falls cannot be
 * predicted without the key: the multiplier is secret, and odd, so that no bit is lost. */
#define IDENTITY_BLOCK_BITS 7

static inline size_t identity_home(const struct identities *identities, word value) {
    uint64_t block = ((value & WORD_LOW48) >> IDENTITY_BLOCK_BITS) ^ identities->key.words[0];
    block *= identities->key.words[1] | 1;
    block = (block ^ block >> 32) * UINT64_C(0xd6e8feb86659fd93);
    uint64_t within = (value & ((UINT64_C(1) << IDENTITY_BLOCK_BITS) - 1)) >> 1;
    return (size_t)((block >> 20) + within) & (identities->capacity - 1);
}

bool identities_grow(struct identities *identities);

/* Makes space for one more; false when there is no memory. */
static inline bool identities_reserve(struct identities *identities) {
    return LIKELY(identities->count < identities->space) || identities_grow(identities);
}

/* The bucket that leads to this value, or the empty one where it belongs.  There must be space for
 * one more. */
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
