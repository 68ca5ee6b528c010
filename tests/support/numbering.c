/* SPDX-License-Identifier: MIT
 *
 * What numbering.h promises. */
#include "numbering.h"

#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "die.h"

static void *allocate_zeros(size_t items, size_t size) {
    return memset(must_allocate(items * size), 0, items * size);
}

static size_t find_place(const struct numbering *numbering, uint64_t id) {
    size_t at = (size_t)mix(0, id) & (numbering->capacity - 1);
    while (numbering->ids[at] != 0 && numbering->ids[at] != id) {
        at = (at + 1) & (numbering->capacity - 1);
    }
    return at;
}

static void make_room(struct numbering *numbering) {
    if (numbering->count * 2 < numbering->capacity) {
        return;
    }
    size_t capacity = numbering->capacity > 0 ? numbering->capacity * 2 : 64;
    struct numbering larger = {allocate_zeros(capacity, sizeof *larger.ids),
                               allocate_zeros(capacity, sizeof *larger.numbers), capacity,
                               numbering->count};
    for (size_t i = 0; i < numbering->capacity; i++) {
        if (numbering->ids[i] != 0) {
            size_t at = find_place(&larger, numbering->ids[i]);
            larger.ids[at] = numbering->ids[i];
            larger.numbers[at] = numbering->numbers[i];
        }
    }
    numbering_free(numbering);
    *numbering = larger;
}

size_t number_of(struct numbering *numbering, uint64_t id, bool *is_new) {
    make_room(numbering);
    size_t at = find_place(numbering, id);
    *is_new = numbering->ids[at] == 0;
    if (*is_new) {
        numbering->ids[at] = id;
        numbering->numbers[at] = numbering->count++;
    }
    return numbering->numbers[at];
}

void numbering_free(struct numbering *numbering) {
    free(numbering->ids);
    free(numbering->numbers);
    *numbering = (struct numbering){NULL, NULL, 0, 0};
}
