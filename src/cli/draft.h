/* SPDX-License-Identifier: MIT
 *
 * What is to go to standard output and cannot be taken back from there: kept until it is whole, as far as it is small. */
#ifndef CLI_DRAFT_H
#define CLI_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRAFT_CAPACITY ((size_t)1 << 20)

struct draft {
    size_t size;
    bool is_too_large; /* more was to be written than is kept */
    uint8_t bytes[DRAFT_CAPACITY];
};

void draft_start(struct draft *draft);

/* An spk_write for a draft: false, and from then on nothing is kept, when it is too large. */
bool draft_write(void *draft, const void *data, size_t size);

/* An spk_write that keeps nothing: with it is tried whether something can be written at all. */
bool draft_try(void *context, const void *data, size_t size);

#endif
