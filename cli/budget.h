/* SPDX-License-Identifier: MIT
 *
 * An allocator that never holds more than it may: what writes a document takes its memory from here
 * as the decoder did, so that max_alloc bounds both together. */
#ifndef CLI_BUDGET_H
#define CLI_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include <safepickle.h>

struct budget {
    size_t held;
    size_t max;
};

/* The budget must outlive what was allocated. */
spk_allocator budget_allocator(struct budget *budget, uint64_t max);

#endif
