/* SPDX-License-Identifier: MIT
 *
 * Builds a document: values as words (word.h) in one arena.  Knows the form of values and nothing
 * of opcodes' order or of what is allowed: the machine has judged everything before it calls here.
 * Every function fails only for want of memory, with memory->failure set. */
#ifndef SPK_TREE_H
#define SPK_TREE_H

#include "value/keys.h"

struct spk_document {
    struct memory memory; /* the allocator, and what the arena holds */
    struct arena arena;
    struct hash_key key; /* for who walks over it */
    struct spk_value root;
};

struct tree {
    struct memory *memory;
    struct arena arena;
    struct keys keys;
    const uint8_t
        *borrow_start; /* the caller's buffer that strings may point into; NULL: copy all */
    const uint8_t *borrow_end;
    uint8_t *payload; /* a payload that comes in pieces: room for its header, then what has come */
    size_t payload_room;
    size_t payload_size;
    uint64_t payload_max;
    struct array text; /* bytes of a line, or of Latin-1, until its length is known */
    size_t text_size;
};

void tree_start(struct tree *tree, struct memory *memory, struct hash_key key);

/* Gives up what was built; tree_clear keeps a block of the arena for the next document. */
void tree_clear(struct tree *tree);
void tree_free(struct tree *tree);

/* Ends the building: the document owns the arena now.  NULL when there is no memory. */
spk_document *tree_finish(struct tree *tree, word root);

/* Takes the arena of a document back, which nobody may use any more; tree_clear comes next. */
void tree_take_back(struct tree *tree, const spk_document *document);

/* Values; WORD_EMPTY on failure. */
word tree_int(struct tree *tree, int64_t value);
word tree_int_bytes(struct tree *tree, const uint8_t *p, size_t size); /* two's complement */
word tree_far_float(struct tree *tree, uint64_t bits); /* one that does not fit into a word */
word tree_text(struct tree *tree, enum word_tag tag, const uint8_t *p,
               size_t size); /* makes the counted form */
word tree_copy(struct tree *tree, enum word_tag tag, const uint8_t *form,
               size_t size); /* a counted form */

static inline word tree_float(struct tree *tree, uint64_t bits) {
    return LIKELY(word_fits_float(bits)) ? ~bits : tree_far_float(tree, bits);
}

#define TREE_COPY_SHORT ((size_t)32)

/* A counted form (opcode, length, payload) of "size" bytes, at an address from which "readable"
 * bytes can be read. */
static inline word tree_counted(struct tree *tree, enum word_tag tag, const uint8_t *form,
                                size_t size, size_t readable) {
    struct arena *arena = &tree->arena;
    uint8_t *copy = arena->low;
    if (UNLIKELY(tree->borrow_start != NULL) || UNLIKELY(size > 2 * TREE_COPY_SHORT) ||
        UNLIKELY(arena_room(arena) < 2 * TREE_COPY_SHORT)) {
        return tree_copy(tree, tag, form, size);
    }
    /* Sizes that the compiler knows: what is too much is overwritten, or copied twice. */
    if (LIKELY(size <= TREE_COPY_SHORT && readable >= TREE_COPY_SHORT)) {
        memcpy(copy, form, TREE_COPY_SHORT);
    } else if (LIKELY(size >= TREE_COPY_SHORT)) {
        memcpy(copy, form, TREE_COPY_SHORT);
        memcpy(copy + size - TREE_COPY_SHORT, form + size - TREE_COPY_SHORT, TREE_COPY_SHORT);
    } else {
        return tree_copy(tree, tag, form, size);
    }
    arena->low += size;
    return word_of_counted(tag, copy);
}

/* A container with these facts that holds these items (of a dict: keys and values in turn). */
word tree_container(struct tree *tree, facts of, const word *items, size_t count);

/* A list of no more items has no block of its own, whose room could be given back. */
#define TREE_LIST_SMALL (ARENA_LARGE / sizeof(word) / 2)

/* An empty one. */
static inline word tree_empty(struct tree *tree, enum node_kind kind, facts of) {
    struct container *container = arena_node(&tree->arena, sizeof *container);
    if (UNLIKELY(!container)) {
        return WORD_EMPTY;
    }
    *container = (struct container){of, NULL};
    return word_of_node(kind, container);
}

/* Adds items, one at least, to a list, dict or set of any state. */
bool tree_extend_any(struct tree *tree, word target, const word *items, size_t count);

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
static inline bool tree_extend(struct tree *tree, word target, const word *items, size_t count) {
    struct container *container = word_container(target);
    size_t stride = index_stride(target);
    if (container->items || count > INDEX_MIN * stride ||
        UNLIKELY((container->facts & FACTS_STORED) != 0)) {
        return tree_extend_any(tree, target, items, count);
    }
    struct items *room = arena_node(&tree->arena, sizeof *room + count * sizeof(word));
    if (UNLIKELY(!room)) {
        return false;
    }
    copy_words(room->words, items, count);
    room->count = room->capacity = (uint32_t)(count / stride);
    container->items = room;
    return true;
}

/* A container gets no more items, save with allow_cycles: gives back the room that it does not
 * need, resolves equal keys as CPython does (first key stays, last value wins) and makes the index.
 * Once for each container in a document. */
bool tree_settle(struct tree *tree, word target);

/* The same, at once where there is nothing to do. */
static inline bool tree_close(struct tree *tree, word target) {
    const struct container *container = word_container(target);
    bool is_keyed = word_node_kind(target) >= NODE_DICT;
    return LIKELY(container_count(container) <= (is_keyed ? 1 : TREE_LIST_SMALL)) ||
           tree_settle(tree, target);
}

/* A counted payload in pieces: kept as it comes, so that memory follows what has arrived and not
 * what is claimed. */
bool tree_payload_start(struct tree *tree, uint64_t claimed);
bool tree_payload_add(struct tree *tree, const uint8_t *p, size_t size);
word tree_payload_end(struct tree *tree, enum word_tag tag);

/* Text that is converted on its way: room at the end of what is there, which the caller fills and
 * then counts. */
uint8_t *tree_text_room(struct tree *tree, size_t room);
word tree_text_end(struct tree *tree, enum word_tag tag);

#endif
