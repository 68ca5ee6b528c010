/* SPDX-License-Identifier: MIT
 *
 * Growth of list and table; everything else about them is in the header. */
#include "identity.h"

#define FIRST_CAPACITY 128

struct identities identities_start(struct memory *memory, uint64_t seed) {
    return (struct identities){.memory = memory, .seed = seed};
}

static void free_slots(struct identities *identities) {
    memory_free(identities->memory, identities->slots, identities->capacity * sizeof *identities->slots);
    identities->slots = NULL;
    identities->capacity = 0;
    identities->room = 0;
}

void identities_free(struct identities *identities) {
    free_slots(identities);
    array_free(identities->memory, &identities->list, sizeof(struct identity));
    identities->count = 0;
}

/* The old slots go first: the list knows all there is to be entered again. */
static bool grow_slots(struct identities *identities) {
    size_t capacity = FIRST_CAPACITY;
    size_t size;
    if (identities->count >= UINT32_MAX ||
        (identities->capacity > 0 && !multiply_size(identities->capacity, 2, &capacity)) ||
        !multiply_size(capacity, sizeof *identities->slots, &size)) {
        identities->memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    free_slots(identities);
    identities->slots = memory_resize(identities->memory, NULL, 0, size);
    if (!identities->slots) {
        return false;
    }
    identities->capacity = capacity;
    memset(identities->slots, 0, size);
    const struct identity *list = identities->list.items;
    for (size_t i = 0; i < identities->count; i++) {
        *identities_slot(identities, list[i].value) = (uint32_t)(i + 1);
    }
    return true;
}

bool identities_grow(struct identities *identities) {
    if (identities->count >= identities->capacity / 2 && !grow_slots(identities)) {
        return false;
    }
    if (!array_reserve(identities->memory, &identities->list, identities->count + 1, sizeof(struct identity))) {
        return false;
    }
    size_t half = identities->capacity / 2;
    identities->room = half < identities->list.capacity ? half : identities->list.capacity;
    return true;
}
