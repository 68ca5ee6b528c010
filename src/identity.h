/* SPDX-License-Identifier: MIT
 *
 * Which objects of a document have been written, and as which entry of the memo: a table from a value's word, which tells
 * the object by its address, to a number. */
#ifndef SPK_IDENTITY_H
#define SPK_IDENTITY_H

#include "memory.h"
#include "word.h"

struct identity {
    word value; /* WORD_EMPTY: nothing here */
    uint64_t index;
};

struct identities {
    struct memory *memory;
    struct identity *slots; /* open addressing, at most half full */
    size_t capacity;        /* a power of two */
    size_t count;
    uint64_t seed;
};

struct identities identities_start(struct memory *memory, uint64_t seed);
void identities_free(struct identities *identities);

/* Objects stand in memory in the order in which they were decoded, and mostly are met in it.  So the table keeps near what
 * is near: the place of a block of 1 KiB is hashed, the places within follow each other.  A block holds at most 512
 * objects, so a run in the table has no more to do with the size of it than in any other; and where a block falls is not to
 * be foretold without knowing its address and the seed. */
#define IDENTITY_BLOCK_BITS 10
#define IDENTITY_STEP_BITS 3

static inline size_t identity_home(const struct identities *identities, word value) {
    uint64_t block = ((value & WORD_PAYLOAD) >> IDENTITY_BLOCK_BITS) ^ identities->seed;
    block *= UINT64_C(0x9e3779b97f4a7c15);
    block = (block ^ block >> 32) * UINT64_C(0xd6e8feb86659fd93);
    uint64_t within = (value & ((UINT64_C(1) << IDENTITY_BLOCK_BITS) - 1)) >> IDENTITY_STEP_BITS;
    return (size_t)((block >> 20) + within) & (identities->capacity - 1);
}

/* The entry of this value, or the empty one where it belongs.  There must be room: identities_make_room. */
static inline struct identity *identities_find(const struct identities *identities, word value) {
    size_t at = identity_home(identities, value);
    while (identities->slots[at].value != value && identities->slots[at].value != WORD_EMPTY) {
        at = (at + 1) & (identities->capacity - 1);
    }
    return &identities->slots[at];
}

bool identities_grow(struct identities *identities);

/* Room for one more; false when there is no memory. */
static inline bool identities_make_room(struct identities *identities) {
    return LIKELY(identities->count < identities->capacity / 2) || identities_grow(identities);
}

#endif
