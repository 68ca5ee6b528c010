/* SPDX-License-Identifier: MIT
 *
 * Resolves the keys of a dict and the members of a set, once all are there: makes equal ones one,
 * as CPython does (the first key stays, the last value wins), and makes the index.  Does not know
 * how they were collected. */
#ifndef SPK_KEYS_H
#define SPK_KEYS_H

#include "value/index.h"
#include "value/intern.h"

#define KEYS_SHAPES 64

struct keys {
    struct intern intern;
    /* The dict of each size, modulo KEYS_SHAPES, that was resolved last. */
    const struct container *shapes[KEYS_SHAPES];
    uint8_t taken[KEYS_SHAPES]; /* which shapes are not NULL */
    uint8_t taken_count;
};

void keys_start(struct keys *keys, struct memory *memory, struct hash_key key);
void keys_clear(struct keys *keys);

/* Resolves a dict, set or frozenset of at least two entries that was filled without a look at its
 * keys.  False when there is no memory. */
bool keys_resolve(struct keys *keys, struct arena *arena, word target);

/* Adds pairs or members, one by one, to a dict or set that has been resolved before. */
bool keys_add(struct keys *keys, struct arena *arena, word target, const word *items, size_t count);

#endif
