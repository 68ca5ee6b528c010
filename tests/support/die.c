/* SPDX-License-Identifier: MIT
 *
 * What die.h promises. */
#include "die.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void die(const char *what) {
    fflush(stdout);
    fprintf(stderr, "tests: %s\n", what);
    exit(TROUBLE);
}

void *must_allocate(size_t size) {
    void *block = malloc(size > 0 ? size : 1);
    if (!block) {
        die("out of memory");
    }
    return block;
}

void *grown(void *items, size_t size, size_t *capacity, size_t item_size) {
    if (size < *capacity) {
        return items;
    }
    if (*capacity > SIZE_MAX / 2 / item_size - 16) {
        die("too large");
    }
    *capacity = *capacity * 2 + 16;
    items = realloc(items, *capacity * item_size);
    if (!items) {
        die("out of memory");
    }
    return items;
}
