/* SPDX-License-Identifier: MIT
 *
 * Numbers for the objects of a document, 0, 1, 2... in the order in which they are met, whatever
 * their ids are: a hash table with open addressing. */
#ifndef SPK_TESTS_NUMBERING_H
#define SPK_TESTS_NUMBERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Starts as {0}. */
struct numbering {
    uint64_t *ids; /* 0: free; at most half of them are in use */
    size_t *numbers;
    size_t capacity; /* a power of two */
    size_t count;
};

/* The number of an id, which is not 0; sets is_new for one that is met for the first time. */
size_t number_of(struct numbering *numbering, uint64_t id, bool *is_new);

void numbering_free(struct numbering *numbering);

#endif
