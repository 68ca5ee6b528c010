/* SPDX-License-Identifier: MIT
 *
 * Values and containers in the arena.  A small container and its first batch of items get exactly the room they need;
 * what grows again doubles. */
#include "tree.h"

#include "index.h"

void tree_start(struct tree *tree, struct memory *memory, struct hash_key key) {
    *tree = (struct tree){memory, arena_start(memory), intern_start(memory, key), NULL, NULL, NULL, 0, 0, 0, {NULL, 0}, 0};
}

void tree_clear(struct tree *tree) {
    arena_free(&tree->arena);
    intern_clear(&tree->intern);
    array_free(tree->memory, &tree->text, 1);
    tree->text_size = 0;
    tree->payload = NULL;
    tree->payload_room = 0;
    tree->payload_size = 0;
}

spk_document *tree_finish(struct tree *tree, word root) {
    spk_document *document = arena_node(&tree->arena, sizeof *document);
    if (!document) {
        return NULL;
    }
    document->arena = tree->arena;
    document->root.word = root;
    tree->arena = arena_start(tree->memory);
    return document;
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
    size_t least = int_minimal_size(p, size);
    return least <= 8 ? tree_int(tree, int64_from_bytes(p, least)) : tree_text(tree, TAG_LONG, p, least);
}

word tree_float(struct tree *tree, uint64_t bits) {
    if (LIKELY(word_fits_float(bits))) {
        return ~bits;
    }
    uint64_t *node = arena_node(&tree->arena, sizeof *node);
    if (!node) {
        return WORD_EMPTY;
    }
    *node = bits;
    return word_of_node(NODE_FLOAT, node);
}

static bool may_borrow(const struct tree *tree, const uint8_t *form) {
    return tree->borrow_start && form >= tree->borrow_start && form < tree->borrow_end &&
           (uint64_t)(uintptr_t)tree->borrow_end >> 48 == 0;
}

word tree_counted(struct tree *tree, enum word_tag tag, const uint8_t *form, size_t size) {
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

/* Writes the header of a counted form of any type (the type is in the tag) and returns its length. */
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

/* Enters all keys again, after the buckets have moved. */
static bool build_index(struct tree *tree, struct container *container, size_t stride) {
    index_clear(container, stride, tree->intern.key);
    for (uint32_t i = 0; i < container->count; i++) {
        word key = container->items[i * stride];
        uint64_t hash;
        if (word_is_nan(key)) {
            continue; /* nobody will find it, and all NaNs would meet in one bucket */
        }
        if (!intern_hash(&tree->intern, key, &hash)) {
            return false;
        }
        index_enter(container, stride, hash, i);
    }
    return true;
}

/* How much room for "count" entries: exactly that the first time, then at least twice what there was; with an index a
 * power of two. */
static bool next_capacity(const struct container *container, size_t count, bool is_indexed, uint32_t *capacity) {
    uint64_t wanted = container->capacity == 0 ? count : (uint64_t)container->capacity * 2;
    wanted = wanted < count ? count : wanted;
    if (is_indexed && wanted > INDEX_LEAST) {
        uint64_t power = 2 * INDEX_LEAST;
        while (power < wanted) {
            power *= 2;
        }
        wanted = power;
    }
    if (wanted > UINT32_C(1) << 30) { /* 8 GiB of words; the buckets of an index end there */
        return false;
    }
    *capacity = (uint32_t)wanted;
    return true;
}

/* Makes room for "count" entries in all. */
static bool reserve(struct tree *tree, word target, size_t count) {
    struct container *container = word_container(target);
    bool is_indexed = word_node_kind(target) >= NODE_DICT;
    size_t stride = index_stride(target);
    uint32_t capacity;
    size_t old_size;
    size_t new_size;
    if (count <= container->capacity) {
        return true;
    }
    if (!next_capacity(container, count, is_indexed, &capacity)) {
        return fail_size(tree);
    }
    if (is_indexed) {
        if (!index_room(container->capacity, stride, &old_size) || !index_room(capacity, stride, &new_size)) {
            return fail_size(tree);
        }
    } else {
        old_size = (size_t)container->capacity * sizeof(word);
        if (!multiply_size(capacity, sizeof(word), &new_size)) {
            return fail_size(tree);
        }
    }
    bool is_apart = container->items && container->items != (word *)(void *)(container + 1);
    word *items = is_apart ? arena_grow(&tree->arena, container->items, old_size, new_size)
                           : arena_node(&tree->arena, new_size);
    if (!items) {
        return false;
    }
    if (!is_apart && container->count > 0) {
        memcpy(items, container->items, (size_t)container->count * stride * sizeof(word));
    }
    container->items = items;
    container->capacity = capacity;
    return !is_indexed || !index_is_needed(capacity) || build_index(tree, container, stride);
}

/* The pair or member whose key is equal; NULL if there is none. */
static word *find_entry(const struct tree *tree, struct container *container, size_t stride, word key, uint64_t hash) {
    struct candidates candidates = candidates_start(container, stride, hash);
    uint32_t position;
    while (candidates_next(&candidates, &position)) {
        word *entry = container->items + position * stride;
        if (intern_equal(&tree->intern, key, entry[0])) {
            return entry;
        }
    }
    return NULL;
}

/* Stores one pair or member; value is NULL for a member. */
static bool insert(struct tree *tree, word target, word key, const word *value) {
    struct container *container = word_container(target);
    size_t stride = index_stride(target);
    bool is_findable = !word_is_nan(key);
    bool has_index = is_findable && index_is_needed(container->capacity);
    uint64_t hash = 0;
    if ((has_index || key_is_heavy(key)) && !intern_hash(&tree->intern, key, &hash)) {
        return false;
    }
    word *entry = is_findable ? find_entry(tree, container, stride, key, hash) : NULL;
    if (!entry) {
        entry = container->items + container->count * stride;
        entry[0] = key;
        if (has_index) {
            index_enter(container, stride, hash, container->count);
        }
        container->count++;
    }
    if (value) {
        entry[1] = *value;
    }
    return true;
}

static bool extend_keyed(struct tree *tree, word target, const word *items, size_t count) {
    size_t stride = index_stride(target);
    size_t room;
    if (!add_size(word_container(target)->count, count / stride, &room)) {
        return fail_size(tree);
    }
    /* Room for a whole batch is only taken while it is small or the container has proved to hold as much: a batch of
     * equal keys must not cost the room of different ones. */
    for (size_t i = 0; i < count; i += stride) {
        size_t needed = (size_t)word_container(target)->count + 1;
        size_t ahead = room <= 1024 ? room : needed;
        if (!reserve(tree, target, ahead) || !insert(tree, target, items[i], stride == 2 ? &items[i + 1] : NULL)) {
            return false;
        }
    }
    return true;
}

bool tree_extend(struct tree *tree, word target, const word *items, size_t count) {
    if (word_node_kind(target) >= NODE_DICT) {
        return extend_keyed(tree, target, items, count);
    }
    struct container *container = word_container(target);
    size_t needed;
    if (!add_size(container->count, count, &needed)) {
        return fail_size(tree);
    }
    if (!reserve(tree, target, needed)) {
        return false;
    }
    memcpy(container->items + container->count, items, count * sizeof(word));
    container->count += (uint32_t)count;
    return true;
}

word tree_container(struct tree *tree, facts of, const word *items, size_t count) {
    enum node_kind kind = node_kind(of);
    bool is_inline = kind == NODE_TUPLE || kind == NODE_LIST;
    size_t size = 0;
    if (is_inline && (count > UINT32_C(1) << 30 || !multiply_size(count, sizeof(word), &size) ||
                      !add_size(size, sizeof(struct container), &size))) {
        (void)fail_size(tree);
        return WORD_EMPTY;
    }
    struct container *container = arena_node(&tree->arena, is_inline ? size : sizeof *container);
    if (!container) {
        return WORD_EMPTY;
    }
    *container = (struct container){of, 0, 0, NULL};
    word made = word_of_node(kind, container);
    if (is_inline && count > 0) {
        container->count = container->capacity = (uint32_t)count;
        container->items = (word *)(void *)(container + 1);
        memcpy(container->items, items, count * sizeof(word));
    } else if (count > 0 && !tree_extend(tree, made, items, count)) {
        return WORD_EMPTY;
    }
    return made;
}

/* ---- payloads in pieces ---- */

#define HEADER_ROOM 9
#define FIRST_ROOM ((size_t)64 << 10)

bool tree_payload_start(struct tree *tree, uint64_t claimed) {
    size_t first = claimed < FIRST_ROOM ? (size_t)claimed : FIRST_ROOM;
    tree->payload_most = claimed;
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
        room = room > tree->payload_most ? (size_t)tree->payload_most : room;
        uint8_t *moved = arena_grow(&tree->arena, tree->payload, HEADER_ROOM + tree->payload_room, HEADER_ROOM + room);
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
    return tag == TAG_LONG ? tree_int_bytes(tree, form + header_size, tree->payload_size) : word_of_counted(tag, form);
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
