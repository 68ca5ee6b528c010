/* SPDX-License-Identifier: MIT
 *
 * A table of identities, filled by one visit.  The visit itself knows a container that it meets
 * again; of the others each has to be remembered, which the 64 bytes or the object that each one
 * takes in the document pay for. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* getentropy */
#endif
#include "sharing.h"

#include <string.h>
#ifdef __APPLE__
#include <sys/random.h>
#else
#include <unistd.h>
#endif

/* The multiplier is odd, so that all of its bits count. */
static size_t slot_of(const struct sharing *sharing, const struct shared *slots, size_t capacity,
                      uint64_t id) {
    uint64_t hash = (id ^ sharing->secret[0]) * (sharing->secret[1] | 1);
    hash = (hash ^ hash >> 32) * UINT64_C(0xd6e8feb86659fd93);
    size_t at = (size_t)(hash >> 20) & (capacity - 1);
    while (slots[at].id != 0 && slots[at].id != id) {
        at = (at + 1) & (capacity - 1);
    }
    return at;
}

static void *resize(const struct sharing *sharing, void *block, size_t old_size, size_t new_size) {
    return sharing->allocator.resize(sharing->allocator.context, block, old_size, new_size);
}

static bool grow(struct sharing *sharing) {
    size_t capacity = sharing->capacity > 0 ? sharing->capacity * 2 : 64;
    if (capacity > SIZE_MAX / sizeof(struct shared)) {
        return false;
    }
    struct shared *slots = resize(sharing, NULL, 0, capacity * sizeof *slots);
    if (!slots) {
        return false;
    }
    memset(slots, 0, capacity * sizeof *slots);
    for (size_t i = 0; i < sharing->capacity; i++) {
        if (sharing->slots[i].id != 0) {
            slots[slot_of(sharing, slots, capacity, sharing->slots[i].id)] = sharing->slots[i];
        }
    }
    sharing_free(sharing);
    sharing->slots = slots;
    sharing->capacity = capacity;
    return true;
}

/* Remembers an object; one that was known is shared. */
static bool remember(struct sharing *sharing, uint64_t id, bool is_shared) {
    if (sharing->count >= sharing->capacity / 2 && !grow(sharing)) {
        return false;
    }
    struct shared *slot = &sharing->slots[slot_of(sharing, sharing->slots, sharing->capacity, id)];
    if (slot->id == 0) {
        *slot = (struct shared){id, is_shared, false, 0};
        sharing->count++;
    } else {
        slot->is_shared = true;
    }
    return true;
}

static bool meet_atom(struct sharing *sharing, const spk_value *value) {
    const char *text;
    const void *bytes;
    int64_t small;
    size_t size = 0;
    switch (spk_type_of(value)) {
    case SPK_INT:
        if (!spk_get_int(value, &small)) {
            sharing->int_bytes += spk_get_int_bytes(value, NULL, 0);
        }
        return true;
    case SPK_STR:
        spk_get_str(value, &text, &size);
        return size <= SHORT_ATOM || remember(sharing, spk_value_id(value), false);
    case SPK_BYTES:
        spk_get_bytes(value, &bytes, &size);
        return size <= SHORT_ATOM || remember(sharing, spk_value_id(value), false);
    case SPK_BYTEARRAY:
        return remember(sharing, spk_value_id(value), false);
    default:
        return true;
    }
}

/* Python has only one empty tuple and one empty frozenset. */
static bool is_unique_anyway(const spk_value *value) {
    spk_type type = spk_type_of(value);
    return (type == SPK_TUPLE || type == SPK_FROZENSET) && spk_size(value) == 0;
}

static spk_walk meet(void *context, spk_event event, const spk_value *value) {
    struct sharing *sharing = context;
    bool done = true;
    if (event == SPK_ATOM) {
        done = meet_atom(sharing, value);
    } else if (event == SPK_AGAIN && !is_unique_anyway(value)) {
        done = remember(sharing, spk_value_id(value), true);
    }
    sharing->failed = !done;
    return done ? SPK_WALK_ON : SPK_WALK_STOP;
}

bool sharing_find(struct sharing *sharing, const spk_allocator *allocator,
                  const spk_document *document) {
    *sharing = (struct sharing){.allocator = *allocator};
    return getentropy(sharing->secret, sizeof sharing->secret) == 0 &&
           spk_visit(document, spk_document_root(document), meet, sharing) == SPK_OK &&
           !sharing->failed;
}

void sharing_free(struct sharing *sharing) {
    if (sharing->slots) {
        resize(sharing, sharing->slots, sharing->capacity * sizeof *sharing->slots, 0);
    }
    sharing->slots = NULL;
    sharing->capacity = 0;
}

bool repeats_ints(const struct sharing *sharing, const spk_document *document) {
    return sharing->int_bytes / INT_REPEAT > spk_document_memory(document);
}

struct shared *sharing_of(const struct sharing *sharing, const spk_value *value) {
    uint64_t id = sharing->count > 0 ? spk_value_id(value) : 0;
    if (id == 0) {
        return NULL;
    }
    struct shared *slot = &sharing->slots[slot_of(sharing, sharing->slots, sharing->capacity, id)];
    return slot->id == id && slot->is_shared ? slot : NULL;
}
