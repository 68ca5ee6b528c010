/* SPDX-License-Identifier: MIT
 *
 * Builds a document: values as words (word.h) in one arena.  Knows the form of values and nothing
 * of opcodes' order or of what is allowed: the machine has judged everything before it calls here.
 * Every function fails only for want of memory, with memory->failure set. */
#ifndef SPK_BUILDER_H
#define SPK_BUILDER_H

#include "value/keys.h"

struct spk_document {
    struct memory memory; /* the allocator, and what the arena holds */
    struct arena arena;
    struct hash_key key; /* for who walks over it */
    struct spk_value root;
};

struct builder {
    struct memory *memory;
    struct arena arena;
    struct keys keys;
    const uint8_t
        *borrow_start; /* the caller's buffer that strings may point into; NULL: copy all */
    const uint8_t *borrow_end;
    uint8_t *payload; /* a payload that comes in pieces: room for its header, then what has come */
    size_t payload_capacity;
    size_t payload_size;
    uint64_t payload_max;
    struct array text; /* bytes of a line, or of Latin-1, until its length is known */
    size_t text_size;
};

void builder_start(struct builder *builder, struct memory *memory, struct hash_key key);

/* Gives up what was built; builder_clear keeps a block of the arena for the next document. */
void builder_clear(struct builder *builder);
void builder_free(struct builder *builder);

/* Ends the building: the document owns the arena now.  NULL when there is no memory. */
spk_document *builder_finish(struct builder *builder, word root);

/* Takes the arena of a document back, which nobody may use any more; builder_clear comes next. */
void builder_take_back(struct builder *builder, const spk_document *document);

/* Values; WORD_EMPTY on failure. */
word builder_int(struct builder *builder, int64_t value);
word builder_int_bytes(struct builder *builder, const uint8_t *p,
                       size_t size); /* two's complement */
word builder_far_float(struct builder *builder,
                       uint64_t bits); /* one that does not fit into a word */
word builder_text(struct builder *builder, enum word_tag tag, const uint8_t *p,
                  size_t size); /* makes the counted form */
word builder_copy(struct builder *builder, enum word_tag tag, const uint8_t *form,
                  size_t size); /* a counted form */

static inline word builder_float(struct builder *builder, uint64_t bits) {
    return LIKELY(word_fits_float(bits)) ? ~bits : builder_far_float(builder, bits);
}

#define BUILDER_COPY_SHORT ((size_t)32)

/* A counted form (opcode, length, payload) of "size" bytes, at an address from which "readable"
 * bytes can be read. */
static inline word builder_counted(struct builder *builder, enum word_tag tag, const uint8_t *form,
                                   size_t size, size_t readable) {
    struct arena *arena = &builder->arena;
    uint8_t *copy = arena->low;
    if (UNLIKELY(builder->borrow_start != NULL) || UNLIKELY(size > 2 * BUILDER_COPY_SHORT) ||
        UNLIKELY(arena_space(arena) < 2 * BUILDER_COPY_SHORT)) {
        return builder_copy(builder, tag, form, size);
    }
    /* Sizes that the compiler knows: what is too much is overwritten, or copied twice. */
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

/* A list of no more items has no block of its own, whose room could be given back. */
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

/* Adds items, one at least, to a list, dict or set of any state. */
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

/* The same; mostly it is the first and only batch, of so few items that there is no place for an
 * index. */
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

/* A container gets no more items, save with allow_cycles: gives back the room that it does not
 * need, resolves equal keys as CPython does (first key stays, last value wins) and makes the index.
 * Once for each container in a document. */
bool builder_close_any(struct builder *builder, word target);

/* The same, at once where there is nothing to do. */
static inline bool builder_close(struct builder *builder, word target) {
    const struct container *container = word_container(target);
    bool is_keyed = node_has_keys(word_node_kind(target));
    return LIKELY(container_count(container) <= (is_keyed ? 1 : BUILDER_LIST_SMALL)) ||
           builder_close_any(builder, target);
}

/* A counted payload in pieces: kept as it comes, so that memory follows what has arrived and not
 * what is claimed. */
bool builder_payload_start(struct builder *builder, uint64_t claimed);
bool builder_payload_add(struct builder *builder, const uint8_t *p, size_t size);
word builder_payload_end(struct builder *builder, enum word_tag tag);

/* Text that is converted on its way: room at the end of what is there, which the caller fills and
 * then counts. */
uint8_t *builder_text_space(struct builder *builder, size_t size);
word builder_text_end(struct builder *builder, enum word_tag tag);

#endif
