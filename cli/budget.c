/* SPDX-License-Identifier: MIT
 *
 * realloc and free, counted. */
#include "budget.h"

#include <stdlib.h>

static void *budget_resize(void *context, void *block, size_t old_size, size_t new_size) {
    struct budget *budget = context;
    if (new_size == 0) {
        free(block);
        budget->held -= old_size;
        return NULL;
    }
    if (new_size > old_size && new_size - old_size > budget->max - budget->held) {
        return NULL;
    }
    void *moved = realloc(block, new_size);
    if (moved) {
        budget->held = budget->held - old_size + new_size;
    }
    return moved;
}

spk_allocator budget_allocator(struct budget *budget, uint64_t max) {
    budget->held = 0;
    budget->max = max < SIZE_MAX ? (size_t)max : SIZE_MAX;
    return (spk_allocator){budget_resize, budget};
}
