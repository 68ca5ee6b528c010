/* SPDX-License-Identifier: MIT
 *
 * Values and containers in the arena.  A small container and its first batch of items get exactly
 * the room they need; what grows again doubles.  Keys are collected as they come and resolved when
 * the container is closed, all at once. */
#include "value/tree.h"

#include "value/items.h"

void tree_start(struct tree *tree, struct memory *memory, struct hash_key key) {
    tree->memory = memory;
    tree->arena = arena_start(memory);
    keys_start(&tree->keys, memory, key);
    tree->borrow_start = tree->borrow_end = NULL;
    tree->payload = NULL;
    tree->payload_room = tree->payload_size = 0;
    tree->payload_max = 0;
    tree->text = (struct array){NULL, 0};
    tree->text_size = 0;
}

void tree_clear(struct tree *tree) {
    arena_clear(&tree->arena);
    keys_clear(&tree->keys);
    array_free(tree->memory, &tree->text, 1);
    tree->text_size = 0;
    tree->payload = NULL;
    tree->payload_room = 0;
    tree->payload_size = 0;
}

void tree_free(struct tree *tree) {
    tree_clear(tree);
    arena_free(&tree->arena);
}

spk_document *tree_finish(struct tree *tree, word root) {
    spk_document *document = arena_node(&tree->arena, sizeof *document);
    if (!document) {
        return NULL;
    }
    document->arena = tree->arena;
    document->key = tree->keys.intern.key;
    document->root.word = root;
    tree->arena = arena_start(tree->memory);
    return document;
}

void tree_take_back(struct tree *tree, const spk_document *document) {
    tree->arena = document->arena; /* its own is empty since the document was finished */
}

/* ---- atoms ---- */

word tree_int(struct tree *tree, int64_t value) {
    if (LIKELY(word_fits_int(value))) {
        return word_of_int(value);
    }
    uint8_t bytes[8];
    size_t size = int64_bytes(value, bytes);
    return tree_text(tree, TAG_LONG, bytes, size);
}

/* Kept in its shortest form, so that equal ints have equal bytes. */
word tree_int_bytes(struct tree *tree, const uint8_t *p, size_t size) {
    size_t min = int_minimal_size(p, size);
    return min <= 8 ? tree_int(tree, int64_from_bytes(p, min)) : tree_text(tree, TAG_LONG, p, min);
}

word tree_far_float(struct tree *tree, uint64_t bits) {
    uint64_t *node = arena_node(&tree->arena, sizeof *node);
    if (!node) {
        return WORD_EMPTY;
    }
    *node = bits;
    return word_of_far_float(node);
}

static bool may_borrow(const struct tree *tree, const uint8_t *form) {
    return tree->borrow_start && form >= tree->borrow_start && form < tree->borrow_end &&
           (uint64_t)(uintptr_t)tree->borrow_end >> 48 == 0;
}

word tree_copy(struct tree *tree, enum word_tag tag, const uint8_t *form, size_t size) {
    if (may_borrow(tree, form)) {
        return word_of_counted(tag, form);
    }
    uint8_t *copy = arena_bytes(&tree->arena, size);
    if (!copy) {
        return WORD_EMPTY;
    }
    memcpy(copy, form, size);
    return word_of_counted(tag, copy);
}

/* Writes the header of a counted form of any type (the type is in the tag) and returns its length.
 */
static size_t put_header(uint8_t header[9], uint64_t size) {
    if (size < 256) {
        header[0] = OP_SHORT_BINBYTES;
        header[1] = (uint8_t)size;
        return 2;
    }
    if (size <= UINT32_MAX) {
        header[0] = OP_BINBYTES;
        store_u32(header + 1, (uint32_t)size);
        return 5;
    }
    header[0] = OP_BINBYTES8;
    store_u64(header + 1, size);
    return 9;
}

word tree_text(struct tree *tree, enum word_tag tag, const uint8_t *p, size_t size) {
    uint8_t header[9];
    size_t header_size = put_header(header, size);
    size_t whole;
    if (!add_size(size, header_size, &whole)) {
        tree->memory->failure = REASON_LIMIT_ALLOC;
        return WORD_EMPTY;
    }
    uint8_t *form = arena_bytes(&tree->arena, whole);
    if (!form) {
        return WORD_EMPTY;
    }
    memcpy(form, header, header_size);
    if (size > 0) {
        memcpy(form + header_size, p, size);
    }
    return word_of_counted(tag, form);
}

/* ---- containers ---- */

static enum node_kind node_kind(facts of) {
    switch (facts_kind(of)) {
    case SPK_LIST:
        return NODE_LIST;
    case SPK_TUPLE:
        return NODE_TUPLE;
    case SPK_DICT:
        return NODE_DICT;
    case SPK_SET:
        return NODE_SET;
    default:
        return NODE_FROZENSET;
    }
}

static bool fail_size(struct tree *tree) {
    tree->memory->failure = REASON_LIMIT_ALLOC;
    return false;
}

bool tree_extend_any(struct tree *tree, word target, const word *items, size_t count) {
    struct container *container = word_container(target);
    size_t stride = index_stride(target);
    size_t needed;
    if (UNLIKELY((container->facts & FACTS_STORED) != 0) && word_node_kind(target) >= NODE_DICT) {
        return keys_add(&tree->keys, &tree->arena, target, items, count);
    }
    if (!add_size(container_count(container), count / stride, &needed)) {
        return fail_size(tree);
    }
    if (!items_reserve(&tree->arena, target, needed)) {
        return false;
    }
    copy_words(container->items->words + container->items->count * stride, items, count);
    container->items->count = (uint32_t)needed;
    return true;
}

word tree_container(struct tree *tree, facts of, const word *items, size_t count) {
    enum node_kind kind = node_kind(of);
    bool is_inline = kind == NODE_TUPLE || kind == NODE_LIST;
    size_t size = 0;
    if (is_inline && (count > UINT32_C(1) << 30 || !multiply_size(count, sizeof(word), &size) ||
                      !add_size(size, sizeof(struct container) + sizeof(struct items), &size))) {
        (void)fail_size(tree);
        return WORD_EMPTY;
    }
    if (!is_inline) {
        word made = tree_empty(tree, kind, of);
        bool is_made = made != WORD_EMPTY && (count == 0 || tree_extend(tree, made, items, count));
        return is_made && (kind != NODE_FROZENSET || tree_close(tree, made)) ? made : WORD_EMPTY;
    }
    struct container *container = arena_node(&tree->arena, size);
    if (!container) {
        return WORD_EMPTY;
    }
    *container = (struct container){of, (struct items *)(void *)(container + 1)};
    container->items->count = (uint32_t)count;
    container->items->capacity = kind == NODE_LIST ? (uint32_t)count : 0;
    copy_words(container->items->words, items, count);
    return word_of_node(kind, container);
}

bool tree_settle(struct tree *tree, word target) {
    enum node_kind kind = word_node_kind(target);
    const struct container *container = word_container(target);
    if (kind >= NODE_DICT && container_count(container) > 1 &&
        !keys_resolve(&tree->keys, &tree->arena, target)) {
        return false;
    }
    return container_capacity(container) < TREE_LIST_SMALL || items_trim(&tree->arena, target);
}

/* ---- payloads in pieces ---- */

#define HEADER_ROOM 9
#define FIRST_ROOM ((size_t)64 << 10)

bool tree_payload_start(struct tree *tree, uint64_t claimed) {
    size_t first = claimed < FIRST_ROOM ? (size_t)claimed : FIRST_ROOM;
    tree->payload_max = claimed;
    tree->payload_size = 0;
    tree->payload_room = first;
    tree->payload = arena_node(&tree->arena, HEADER_ROOM + first);
    return tree->payload != NULL;
}

bool tree_payload_add(struct tree *tree, const uint8_t *p, size_t size) {
    size_t needed;
    if (!add_size(tree->payload_size, size, &needed)) {
        return fail_size(tree);
    }
    if (needed > tree->payload_room) {
        size_t room;
        if (!multiply_size(tree->payload_room, 2, &room) || room > SIZE_MAX - HEADER_ROOM) {
            return fail_size(tree);
        }
        room = room < needed ? needed : room;
        room = room > tree->payload_max ? (size_t)tree->payload_max : room;
        uint8_t *moved = arena_resize(&tree->arena, tree->payload, HEADER_ROOM + tree->payload_room,
                                      HEADER_ROOM + room);
        if (!moved) {
            return false;
        }
        tree->payload = moved;
        tree->payload_room = room;
    }
    if (size > 0) {
        memcpy(tree->payload + HEADER_ROOM + tree->payload_size, p, size);
    }
    tree->payload_size = needed;
    return true;
}

word tree_payload_end(struct tree *tree, enum word_tag tag) {
    uint8_t header[9];
    size_t header_size = put_header(header, tree->payload_size);
    uint8_t *form = tree->payload + HEADER_ROOM - header_size;
    memcpy(form, header, header_size);
    return tag == TAG_LONG ? tree_int_bytes(tree, form + header_size, tree->payload_size)
                           : word_of_counted(tag, form);
}

/* ---- text that is converted ---- */

uint8_t *tree_text_room(struct tree *tree, size_t room) {
    size_t needed;
    if (!add_size(tree->text_size, room, &needed)) {
        (void)fail_size(tree);
        return NULL;
    }
    if (!array_reserve(tree->memory, &tree->text, needed, 1)) {
        return NULL;
    }
    return (uint8_t *)tree->text.items + tree->text_size;
}

word tree_text_end(struct tree *tree, enum word_tag tag) {
    word made = tree_text(tree, tag, tree->text.items, tree->text_size);
    tree->text_size = 0;
    return made;
}
