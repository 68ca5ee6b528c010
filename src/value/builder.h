/* SPDX-License-Identifier: MIT
 *
 * Builds a document: values as words (word.h) in one arena.  Knows the form of values, but neither
 * the order of opcodes nor what is allowed: the machine has judged everything before it calls here.
 * Functions fail only when there is no memory, and set memory->failure then. */
#ifndef SPK_BUILDER_H
#define SPK_BUILDER_H

#include "value/keys.h"

struct spk_document {
    struct memory memory; /* the allocator, and what the arena holds */
    struct arena arena;
    struct hash_key key; /* of the keys, and of the table of a visitor (visit.c) */
    struct spk_value root;
};

struct builder {
    struct memory *memory;
    struct arena arena;
    struct keys keys;
    const uint8_t *borrow_start; /* the caller's buffer, which strings may point into; NULL: copy */
    const uint8_t *borrow_end;
    uint8_t *payload; /* of a payload in pieces: space for its header, then what has come */
    size_t payload_capacity;
    size_t payload_size;
    uint64_t payload_max;
    struct array text; /* bytes of a line, or of Latin-1, until its length is known */
    size_t text_size;
};

void builder_start(struct builder *builder, struct memory *memory, struct hash_key key);

/* Both drop what was built; builder_clear keeps a block of the arena for the next document. */
void builder_clear(struct builder *builder);
void builder_free(struct builder *builder);

/* Ends the building: the document owns the arena now.  NULL when there is no memory. */
spk_document *builder_finish(struct builder *builder, word root);

/* Takes the arena of a document back, which nobody may use any more; builder_clear comes next. */
void builder_take_back(struct builder *builder, const spk_document *document);

/* Values; WORD_EMPTY on failure. */
word builder_int(struct builder *builder, int64_t value);

/* An int as little-endian two's complement. */
word builder_int_bytes(struct builder *builder, const uint8_t *p, size_t size);

/* A float whose bits a word cannot hold (word_fits_float). */
word builder_far_float(struct builder *builder, uint64_t bits);

/* What has a counted form: made here from the payload, or copied or borrowed as it is. */
word builder_text(struct builder *builder, enum word_tag tag, const uint8_t *p, size_t size);
word builder_copy(struct builder *builder, enum word_tag tag, const uint8_t *form, size_t size);

/* The characters of "size" bytes of UTF-8, none of them over U+00FF, as Latin-1. */
word builder_latin1(struct builder *builder, enum word_tag tag, const uint8_t *p, size_t size);

static inline word builder_float(struct builder *builder, uint64_t bits) {
    return LIKELY(word_fits_float(bits)) ? ~bits : builder_far_float(builder, bits);
}

#define BUILDER_COPY_SHORT ((size_t)32)

/* The same as builder_copy, for a form that is mostly short, at an address from which "readable"
 * bytes can be read. */
static inline word builder_counted(struct builder *builder, enum word_tag tag, const uint8_t *form,
                                   size_t size, size_t readable) {
    struct arena *arena = &builder->arena;
    uint8_t *copy = arena->low;
    if (UNLIKELY(builder->borrow_start != NULL) || UNLIKELY(size > 2 * BUILDER_COPY_SHORT) ||
        UNLIKELY(arena_space(arena) < 2 * BUILDER_COPY_SHORT)) {
        return builder_copy(builder, tag, form, size);
    }
    /* The compiler knows these sizes, so that copies are a few instructions.  What is copied too
     * much is overwritten later, and what the two copies share is copied twice. */
    if (LIKELY(size <= BUILDER_COPY_SHORT && readable >= BUILDER_COPY_SHORT)) {
        memcpy(copy, form, BUILDER_COPY_SHORT);
    } else if (LIKELY(size >= BUILDER_COPY_SHORT)) {
        memcpy(copy, form, BUILDER_COPY_SHORT);
        memcpy(copy + size - BUILDER_COPY_SHORT, form + size - BUILDER_COPY_SHORT,
               BUILDER_COPY_SHORT);
    } else {
        return builder_copy(builder, tag, form, size);
    }
    arena->low += size;
    return word_of_counted(tag, copy);
}

/* A container with these facts that holds these items (of a dict: keys and values in turn). */
word builder_container(struct builder *builder, facts of, const word *items, size_t count);

/* A list of no more items has no block of its own, whose unused space could be given back. */
#define BUILDER_LIST_SMALL (ARENA_LARGE / sizeof(word) / 2)

/* An empty one. */
static inline word builder_empty(struct builder *builder, enum node_kind kind, facts of) {
    struct container *container = arena_node(&builder->arena, sizeof *container);
    if (UNLIKELY(!container)) {
        return WORD_EMPTY;
    }
    *container = (struct container){of, NULL};
    return word_of_node(kind, container);
}

/* Adds items, at least one, to a list, dict or set, whatever it holds already. */
bool builder_extend_any(struct builder *builder, word target, const word *items, size_t count);

static inline void copy_words(word *to, const word *from, size_t count) {
    if (count > 4) {
        memcpy(to, from, count * sizeof(word));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

/* The same, and quicker for the usual case: the first and only batch, and few enough items to do
 * without an index. */
static inline bool builder_extend(struct builder *builder, word target, const word *items,
                                  size_t count) {
    struct container *container = word_container(target);
    size_t stride = index_stride(target);
    if (container->items || count > INDEX_MIN * stride ||
        UNLIKELY((container->facts & FACTS_STORED) != 0)) {
        return builder_extend_any(builder, target, items, count);
    }
    struct items *made = arena_node(&builder->arena, sizeof *made + count * sizeof(word));
    if (UNLIKELY(!made)) {
        return false;
    }
    copy_words(made->words, items, count);
    made->count = made->capacity = (uint32_t)(count / stride);
    container->items = made;
    return true;
}

/* Closes a container, which gets no more items (except with allow_cycles): resolves equal keys as
 * CPython does (the first key stays, the last value wins), makes the index, and gives unused space
 * back.  To be called once for each container. */
bool builder_close_any(struct builder *builder, word target);

/* The same, and quicker for the usual case, where there is nothing to do. */
static inline bool builder_close(struct builder *builder, word target) {
    const struct container *container = word_container(target);
    bool is_keyed = node_has_keys(word_node_kind(target));
    return LIKELY(container_count(container) <= (is_keyed ? 1 : BUILDER_LIST_SMALL)) ||
           builder_close_any(builder, target);
}

/* A counted payload in pieces.  It is kept as it comes, so that memory follows what has arrived and
 * not what was claimed. */
bool builder_payload_start(struct builder *builder, uint64_t claimed);
bool builder_payload_add(struct builder *builder, const uint8_t *p, size_t size);
word builder_payload_end(struct builder *builder, enum word_tag tag);

/* Text that is converted while it comes: space for "size" bytes behind what is there.  The caller
 * fills it, and adds to text_size what it has written. */
uint8_t *builder_text_space(struct builder *builder, size_t size);
word builder_text_end(struct builder *builder, enum word_tag tag);

#endif
