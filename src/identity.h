/* SPDX-License-Identifier: MIT
 *
 * Which objects of a document have been written, and as which entry of the memo: from a value's word, which tells the
 * object by its address, to a number.  A list in the order of writing, and a hash table of places in it. */
#ifndef SPK_IDENTITY_H
#define SPK_IDENTITY_H

#include "memory.h"
#include "word.h"

struct identity {
    word value;
    uint64_t index;
};

struct identities {
    struct memory *memory;
    struct array list;    /* struct identity */
    size_t count;
    size_t room;          /* entries that list and table have room for */
    uint32_t *slots;      /* open addressing, at most half full: a place in the list plus 1, or 0 */
    size_t capacity;      /* of slots: a power of two */
    uint64_t seed;
};

struct identities identities_start(struct memory *memory, uint64_t seed);
void identities_free(struct identities *identities);

/* Objects stand in memory in the order in which they were decoded, and mostly are met in it.  So the table keeps near what
 * is near: the place of a block of 1 KiB is hashed, and within it each two bytes have a slot, of which no object has less.
 * So a run in the table is about as long as a block at most, and where a block falls is not to be foretold without knowing
 * its address and the seed. */
#define IDENTITY_BLOCK_BITS 10

static inline size_t identity_home(const struct identities *identities, word value) {
    uint64_t block = ((value & WORD_PAYLOAD) >> IDENTITY_BLOCK_BITS) ^ identities->seed;
    block *= UINT64_C(0x9e3779b97f4a7c15);
    block = (block ^ block >> 32) * UINT64_C(0xd6e8feb86659fd93);
    uint64_t within = (value & ((UINT64_C(1) << IDENTITY_BLOCK_BITS) - 1)) >> 1;
    return (size_t)((block >> 20) + within) & (identities->capacity - 1);
}

bool identities_grow(struct identities *identities);

/* Room for one more; false when there is no memory. */
static inline bool identities_make_room(struct identities *identities) {
    return LIKELY(identities->count < identities->room) || identities_grow(identities);
}

/* The slot that leads to this value, or the empty one where it belongs.  There must be room. */
static inline uint32_t *identities_slot(const struct identities *identities, word value) {
    const struct identity *list = identities->list.items;
    size_t at = identity_home(identities, value);
    while (identities->slots[at] != 0 && list[identities->slots[at] - 1].value != value) {
        at = (at + 1) & (identities->capacity - 1);
    }
    return &identities->slots[at];
}

static inline struct identity *identity_at(const struct identities *identities, const uint32_t *slot) {
    return (struct identity *)identities->list.items + (*slot - 1);
}

static inline void identities_enter(struct identities *identities, uint32_t *slot, word value, uint64_t index) {
    struct identity *list = identities->list.items;
    list[identities->count++] = (struct identity){value, index};
    *slot = (uint32_t)identities->count;
}

#endif
