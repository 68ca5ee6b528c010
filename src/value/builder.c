/* SPDX-License-Identifier: MIT
 *
 * Values and containers in the arena.  The first batch of items gets exactly the space it needs;
 * after that space doubles.  Keys are collected as they come, and resolved all at once when the
 * container is closed. */
#include "value/builder.h"

#include "value/integer.h"
#include "value/items.h"

void builder_start(struct builder *builder, struct memory *memory, struct hash_key key) {
    builder->memory = memory;
    builder->arena = arena_start(memory);
    keys_start(&builder->keys, memory, key);
    builder->borrow_start = builder->borrow_end = NULL;
    builder->payload = NULL;
    builder->payload_capacity = builder->payload_size = 0;
    builder->payload_max = 0;
    builder->text = (struct array){NULL, 0};
    builder->text_size = 0;
}

void builder_clear(struct builder *builder) {
    arena_clear(&builder->arena);
    keys_clear(&builder->keys);
    array_free(builder->memory, &builder->text, 1);
    builder->text_size = 0;
    builder->payload = NULL;
    builder->payload_capacity = 0;
    builder->payload_size = 0;
}

void builder_free(struct builder *builder) {
    builder_clear(builder);
    arena_free(&builder->arena);
}

spk_document *builder_finish(struct builder *builder, word root) {
    spk_document *document = arena_node(&builder->arena, sizeof *document);
    if (!document) {
        return NULL;
    }
    document->arena = builder->arena;
    document->key = builder->keys.intern.key;
    document->root.word = root;
    builder->arena = arena_start(builder->memory);
    return document;
}

void builder_take_back(struct builder *builder, const spk_document *document) {
    builder->arena = document->arena; /* the builder has had an empty one since builder_finish */
}

/* ---- atoms ---- */

word builder_int(struct builder *builder, int64_t value) {
    if (LIKELY(word_fits_int(value))) {
        return word_of_int(value);
    }
    uint8_t bytes[8];
    size_t size = int64_bytes(value, bytes);
    return builder_text(builder, TAG_LONG, bytes, size);
}

/* Ints are kept in their shortest form, so that equal ints have equal bytes. */
word builder_int_bytes(struct builder *builder, const uint8_t *p, size_t size) {
    size_t min = int_minimal_size(p, size);
    return min <= 8 ? builder_int(builder, int64_from_bytes(p, min))
                    : builder_text(builder, TAG_LONG, p, min);
}

word builder_far_float(struct builder *builder, uint64_t bits) {
    uint64_t *node = arena_node(&builder->arena, sizeof *node);
    if (!node) {
        return WORD_EMPTY;
    }
    *node = bits;
    return word_of_far_float(node);
}

static bool may_borrow(const struct builder *builder, const uint8_t *form) {
    return builder->borrow_start && form >= builder->borrow_start && form < builder->borrow_end &&
           (uint64_t)(uintptr_t)builder->borrow_end >> 48 == 0;
}

word builder_copy(struct builder *builder, enum word_tag tag, const uint8_t *form, size_t size) {
    if (may_borrow(builder, form)) {
        return word_of_counted(tag, form);
    }
    uint8_t *copy = arena_bytes(&builder->arena, size);
    if (!copy) {
        return WORD_EMPTY;
    }
    memcpy(copy, form, size);
    return word_of_counted(tag, copy);
}

/* Writes the header of a counted form and returns its size.  The opcodes are those of bytes for
 * every type, because the type is in the tag. */
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

word builder_text(struct builder *builder, enum word_tag tag, const uint8_t *p, size_t size) {
    uint8_t header[9];
    size_t header_size = put_header(header, size);
    size_t whole;
    if (!add_size(size, header_size, &whole)) {
        builder->memory->failure = REASON_LIMIT_ALLOC;
        return WORD_EMPTY;
    }
    uint8_t *form = arena_bytes(&builder->arena, whole);
    if (!form) {
        return WORD_EMPTY;
    }
    memcpy(form, header, header_size);
    if (size > 0) {
        memcpy(form + header_size, p, size);
    }
    return word_of_counted(tag, form);
}

word builder_latin1(struct builder *builder, enum word_tag tag, const uint8_t *p, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += (p[i] & 0xc0) != 0x80;
    }
    uint8_t header[9];
    size_t header_size = put_header(header, count);
    uint8_t *form = arena_bytes(&builder->arena, header_size + count);
    if (!form) {
        return WORD_EMPTY;
    }
    memcpy(form, header, header_size);
    uint8_t *out = form + header_size;
    for (size_t i = 0; i < size; i++) {
        *out++ = p[i] < 0x80 ? p[i] : (uint8_t)((unsigned)p[i] << 6 | (p[i + 1] & 0x3f));
        i += p[i] >= 0x80;
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

static bool fail_size(struct builder *builder) {
    builder->memory->failure = REASON_LIMIT_ALLOC;
    return false;
}

bool builder_extend_any(struct builder *builder, word target, const word *items, size_t count) {
    struct container *container = word_container(target);
    size_t stride = index_stride(target);
    size_t needed;
    if (UNLIKELY((container->facts & FACTS_STORED) != 0) && node_has_keys(word_node_kind(target))) {
        return keys_add(&builder->keys, &builder->arena, target, items, count);
    }
    if (!add_size(container_count(container), count / stride, &needed)) {
        return fail_size(builder);
    }
    if (!items_reserve(&builder->arena, target, needed)) {
        return false;
    }
    copy_words(container->items->words + container->items->count * stride, items, count);
    container->items->count = (uint32_t)needed;
    return true;
}

word builder_container(struct builder *builder, facts of, const word *items, size_t count) {
    enum node_kind kind = node_kind(of);
    bool is_inline = kind == NODE_TUPLE || kind == NODE_LIST;
    size_t size = 0;
    if (is_inline && (count > UINT32_C(1) << 30 || !multiply_size(count, sizeof(word), &size) ||
                      !add_size(size, sizeof(struct container) + sizeof(struct items), &size))) {
        (void)fail_size(builder);
        return WORD_EMPTY;
    }
    if (!is_inline) {
        word made = builder_empty(builder, kind, of);
        bool is_made =
            made != WORD_EMPTY && (count == 0 || builder_extend(builder, made, items, count));
        return is_made && (kind != NODE_FROZENSET || builder_close(builder, made)) ? made
                                                                                   : WORD_EMPTY;
    }
    struct container *container = arena_node(&builder->arena, size);
    if (!container) {
        return WORD_EMPTY;
    }
    *container = (struct container){of, (struct items *)(void *)(container + 1)};
    container->items->count = (uint32_t)count;
    container->items->capacity = kind == NODE_LIST ? (uint32_t)count : 0;
    copy_words(container->items->words, items, count);
    return word_of_node(kind, container);
}

bool builder_close_any(struct builder *builder, word target) {
    enum node_kind kind = word_node_kind(target);
    const struct container *container = word_container(target);
    if (node_has_keys(kind) && container_count(container) > 1 &&
        !keys_resolve(&builder->keys, &builder->arena, target)) {
        return false;
    }
    return container_capacity(container) < BUILDER_LIST_SMALL ||
           items_trim(&builder->arena, target);
}

/* ---- payloads in pieces ---- */

#define HEADER_SPACE 9
#define FIRST_CAPACITY ((size_t)64 << 10)

bool builder_payload_start(struct builder *builder, uint64_t claimed) {
    size_t first = claimed < FIRST_CAPACITY ? (size_t)claimed : FIRST_CAPACITY;
    builder->payload_max = claimed;
    builder->payload_size = 0;
    builder->payload_capacity = first;
    builder->payload = arena_node(&builder->arena, HEADER_SPACE + first);
    return builder->payload != NULL;
}

bool builder_payload_add(struct builder *builder, const uint8_t *p, size_t size) {
    size_t needed;
    if (!add_size(builder->payload_size, size, &needed)) {
        return fail_size(builder);
    }
    if (needed > builder->payload_capacity) {
        size_t capacity;
        if (!multiply_size(builder->payload_capacity, 2, &capacity) ||
            capacity > SIZE_MAX - HEADER_SPACE) {
            return fail_size(builder);
        }
        capacity = capacity < needed ? needed : capacity;
        capacity = capacity > builder->payload_max ? (size_t)builder->payload_max : capacity;
        uint8_t *moved =
            arena_resize(&builder->arena, builder->payload,
                         HEADER_SPACE + builder->payload_capacity, HEADER_SPACE + capacity);
        if (!moved) {
            return false;
        }
        builder->payload = moved;
        builder->payload_capacity = capacity;
    }
    if (size > 0) {
        memcpy(builder->payload + HEADER_SPACE + builder->payload_size, p, size);
    }
    builder->payload_size = needed;
    return true;
}

word builder_payload_end(struct builder *builder, enum word_tag tag) {
    uint8_t header[9];
    size_t header_size = put_header(header, builder->payload_size);
    uint8_t *form = builder->payload + HEADER_SPACE - header_size;
    memcpy(form, header, header_size);
    return tag == TAG_LONG ? builder_int_bytes(builder, form + header_size, builder->payload_size)
                           : word_of_counted(tag, form);
}

/* ---- text that is converted ---- */

uint8_t *builder_text_space(struct builder *builder, size_t size) {
    size_t needed;
    if (!add_size(builder->text_size, size, &needed)) {
        (void)fail_size(builder);
        return NULL;
    }
    if (!array_reserve(builder->memory, &builder->text, needed, 1)) {
        return NULL;
    }
    return (uint8_t *)builder->text.items + builder->text_size;
}

word builder_text_end(struct builder *builder, enum word_tag tag) {
    word made = builder_text(builder, tag, builder->text.items, builder->text_size);
    builder->text_size = 0;
    return made;
}
