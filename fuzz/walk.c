/* SPDX-License-Identifier: MIT
 *
 * A document as a hash: types, contents, order, and which places hold the same object.  Objects are
 * numbered in the order in which they are met, so that two documents of one value have one hash
 * wherever they lie in memory. */
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "tests/support/die.h"
#include "tests/support/numbering.h"

struct walker {
    struct walk *walk;
    struct numbering objects;
    size_t capacity; /* of the walk's containers */
    size_t level;
};

static void keep_container(struct walker *walker, const spk_value *value) {
    struct walk *walk = walker->walk;
    walk->containers = grown(walk->containers, walk->count, &walker->capacity, sizeof(spk_value *));
    walk->containers[walk->count++] = value;
}

static uint64_t hash_int(uint64_t hash, const spk_value *value) {
    size_t size = spk_get_int_bytes(value, NULL, 0);
    int64_t small = 0;
    EXPECT(size > 0);
    uint8_t *bytes = must_allocate(size);
    EXPECT(spk_get_int_bytes(value, bytes, size) == size);
    EXPECT(spk_get_int(value, &small) == (size <= sizeof small));
    for (size_t i = 0; size <= sizeof small && i < size; i++) {
        EXPECT(bytes[i] == (uint8_t)((uint64_t)small >> 8 * i));
    }
    EXPECT(size == 1 || !((bytes[size - 1] == 0 && bytes[size - 2] < 128) ||
                          (bytes[size - 1] == 255 && bytes[size - 2] >= 128)));
    hash = mix_bytes(hash, bytes, size);
    free(bytes);
    return hash;
}

static uint64_t hash_atom(uint64_t hash, const spk_value *value) {
    const char *text = NULL;
    const void *bytes = NULL;
    size_t size = 0;
    double number = 0;
    uint64_t bits = 0;
    bool truth = false;
    switch (spk_type_of(value)) {
    case SPK_NONE:
        return hash;
    case SPK_BOOL:
        EXPECT(spk_get_bool(value, &truth));
        return mix(hash, truth);
    case SPK_INT:
        return hash_int(hash, value);
    case SPK_FLOAT:
        EXPECT(spk_get_float(value, &number));
        memcpy(&bits, &number, sizeof bits);
        return mix(hash, bits);
    case SPK_STR:
        EXPECT(spk_get_str(value, &text, &size) && (text || size == 0));
        return mix_bytes(hash, text, size);
    case SPK_BYTES:
    case SPK_BYTEARRAY:
        EXPECT(spk_get_bytes(value, &bytes, &size) && (bytes || size == 0) &&
               spk_size(value) == size);
        return mix_bytes(hash, bytes, size);
    default:
        fail("an atom of type %d", (int)spk_type_of(value));
    }
}

static spk_walk visit(void *context, spk_event event, const spk_value *value) {
    struct walker *walker = context;
    struct walk *walk = walker->walk;
    spk_type type = spk_type_of(value);
    uint64_t id = spk_value_id(value);
    bool is_new = true;
    EXPECT(type > SPK_INVALID && type <= SPK_FROZENSET);
    bool is_long = type == SPK_INT && spk_get_int_bytes(value, NULL, 0) > 6;
    EXPECT((id != 0) == (type >= SPK_STR || is_long));
    walk->hash = mix(walk->hash, (uint64_t)event << 8 | type);
    if (id != 0 && !is_long) { /* an encoder writes a long int wherever it stands */
        walk->hash = mix(walk->hash, number_of(&walker->objects, id, &is_new));
    }
    if (event == SPK_LEAVE) {
        EXPECT(walker->level > 0 && !is_new);
        walker->level--;
    } else if (event == SPK_ATOM) {
        EXPECT(type <= SPK_BYTEARRAY);
        walk->hash = hash_atom(walk->hash, value);
    } else {
        EXPECT(type > SPK_BYTEARRAY && is_new == (event == SPK_ENTER));
        walk->hash = mix(walk->hash, spk_size(value));
    }
    if (event == SPK_ENTER) {
        walker->level++;
        keep_container(walker, value);
    }
    return SPK_WALK_ON;
}

void walk_document(struct walk *walk, const spk_document *document) {
    struct walker walker = {walk, {NULL, NULL, 0, 0}, 0, 0};
    *walk = (struct walk){0, NULL, 0};
    EXPECT(spk_visit(document, spk_document_root(document), visit, &walker) == SPK_OK);
    EXPECT(walker.level == 0);
    numbering_free(&walker.objects);
}

void walk_end(struct walk *walk) {
    free(walk->containers);
}
