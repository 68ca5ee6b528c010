/* SPDX-License-Identifier: MIT
 *
 * Growth of the table; everything else about it is in the header. */
#include "identity.h"

#define FIRST_CAPACITY 64

struct identities identities_start(struct memory *memory, uint64_t seed) {
    return (struct identities){memory, NULL, 0, 0, seed};
}

void identities_free(struct identities *identities) {
    memory_free(identities->memory, identities->slots, identities->capacity * sizeof *identities->slots);
    identities->slots = NULL;
    identities->capacity = 0;
    identities->count = 0;
}

bool identities_grow(struct identities *identities) {
    struct identities larger = *identities;
    size_t size;
    if (identities->capacity == 0) {
        larger.capacity = FIRST_CAPACITY;
    } else if (!multiply_size(identities->capacity, 2, &larger.capacity)) {
        larger.capacity = 0;
    }
    if (larger.capacity == 0 || !multiply_size(larger.capacity, sizeof *larger.slots, &size)) {
        identities->memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    larger.slots = memory_resize(identities->memory, NULL, 0, size);
    if (!larger.slots) {
        return false;
    }
    memset(larger.slots, 0, size);
    for (size_t i = 0; i < identities->capacity; i++) {
        if (identities->slots[i].value != WORD_EMPTY) {
            *identities_find(&larger, identities->slots[i].value) = identities->slots[i];
        }
    }
    identities_free(identities);
    *identities = larger;
    return true;
}
