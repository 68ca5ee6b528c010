/* SPDX-License-Identifier: MIT
 *
 * How list and table grow; the rest is in the header. */
#include "value/identity.h"

#include "base/entropy.h"

#define FIRST_CAPACITY 128

static void free_buckets(struct identities *identities) {
    memory_free(identities->memory, identities->buckets,
                identities->capacity * sizeof *identities->buckets);
    identities->buckets = NULL;
    identities->capacity = 0;
    identities->space = 0;
}

void identities_free(struct identities *identities) {
    free_buckets(identities);
    array_free(identities->memory, &identities->list, sizeof(struct identity));
    identities->count = 0;
}

/* Draws the secret that identities_start speaks of.  False when there is no entropy. */
static bool draw_key(struct identities *identities, size_t capacity) {
    uint8_t bytes[ENTROPY_SIZE];
    if (identities->has_key || capacity == FIRST_CAPACITY) {
        return true;
    }
    if (!entropy_get(bytes)) {
        identities->memory->failure = REASON_NO_MEMORY;
        return false;
    }
    identities->key = hash_key_from(bytes);
    identities->has_key = true;
    return true;
}

/* Frees the old buckets before it asks for new ones: all that was in them is in the list, too. */
static bool grow_buckets(struct identities *identities) {
    size_t capacity = identities->capacity;
    size_t size;
    bool fits = identities->count < UINT32_MAX;
    do { /* more than once only after a failure, when there are no buckets but a list */
        fits = fits && (capacity == 0 || multiply_size(capacity, 2, &capacity));
        capacity = capacity == 0 ? FIRST_CAPACITY : capacity;
    } while (fits && capacity / 2 <= identities->count);
    if (!fits || !multiply_size(capacity, sizeof *identities->buckets, &size)) {
        identities->memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    if (!draw_key(identities, capacity)) {
        return false;
    }
    free_buckets(identities);
    identities->buckets = memory_resize(identities->memory, NULL, 0, size);
    if (!identities->buckets) {
        return false;
    }
    identities->capacity = capacity;
    memset(identities->buckets, 0, size);
    const struct identity *list = identities->list.items;
    for (size_t i = 0; i < identities->count; i++) {
        *identities_bucket(identities, list[i].value) = (uint32_t)(i + 1);
    }
    return true;
}

bool identities_grow(struct identities *identities) {
    if (identities->count >= identities->capacity / 2 && !grow_buckets(identities)) {
        return false;
    }
    if (!array_reserve(identities->memory, &identities->list, identities->count + 1,
                       sizeof(struct identity))) {
        return false;
    }
    size_t half = identities->capacity / 2;
    identities->space = half < identities->list.capacity ? half : identities->list.capacity;
    return true;
}
