/* SPDX-License-Identifier: MIT
 *
 * An allocator that counts, fails when it is told to, and makes mistakes show: memory comes filled
 * with a pattern, every block is malloc's own, so that a sanitizer sees both its ends, and it moves
 * whenever its size changes.  Knows only the public header. */
#ifndef SPK_TESTS_METER_H
#define SPK_TESTS_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "safepickle.h"

struct meter_block {
    void *start;
    size_t size;
};

/* Starts as {0}.  Must not be moved while there are blocks. */
struct meter {
    size_t live; /* bytes */
    size_t peak;
    uint64_t blocks;
    uint64_t requests; /* for memory, so far */
    uint64_t fail_at;  /* the request that fails, from 1; 0: none */
    bool fails_on;     /* and all later ones */
    uint64_t refusals;
    uint64_t errors; /* calls with a block that is not there, or with a wrong old size */
    uint64_t asked;  /* bytes, of all requests that got them */
    uint64_t copied; /* bytes, when blocks changed their size */
    size_t fill_max; /* so much of a block is filled; 0: all */
    struct meter_block *held;
    size_t held_max;
};

spk_allocator meter_allocator(struct meter *meter);

/* True if all blocks came back, and none of the calls was wrong. */
bool meter_is_clean(const struct meter *meter);

#endif
