/* SPDX-License-Identifier: MIT
 *
 * The public getters.  They read words and never write, so that many threads may read one document.
 * Each accepts NULL, and values of other types. */
#include <string.h>

#include "value/integer.h"
#include "value/builder.h"
#include "value/word.h"

void spk_document_free(spk_document *document) {
    if (document) {
        struct memory memory = document->memory; /* the document itself lives in its arena */
        struct arena arena = document->arena;
        arena.memory = &memory;
        arena_free(&arena);
    }
}

size_t spk_document_memory(const spk_document *document) {
    return document ? document->memory.used : 0;
}

const spk_value *spk_document_root(const spk_document *document) {
    return document ? &document->root : NULL;
}

spk_type spk_type_of(const spk_value *value) {
    return value ? word_type(value->word) : SPK_INVALID;
}

uint64_t spk_value_id(const spk_value *value) {
    switch (spk_type_of(value)) {
    case SPK_INT:
        return word_tag(value->word) == TAG_LONG ? value->word : 0;
    case SPK_STR:
    case SPK_BYTES:
    case SPK_BYTEARRAY:
    case SPK_LIST:
    case SPK_TUPLE:
    case SPK_DICT:
    case SPK_SET:
    case SPK_FROZENSET:
        return value->word;
    default:
        return 0;
    }
}

bool spk_get_bool(const spk_value *value, bool *out) {
    if (spk_type_of(value) != SPK_BOOL) {
        return false;
    }
    *out = value->word == WORD_TRUE;
    return true;
}

bool spk_get_int(const spk_value *value, int64_t *out) {
    if (spk_type_of(value) != SPK_INT) {
        return false;
    }
    if (word_tag(value->word) == TAG_INT) {
        *out = word_int(value->word);
        return true;
    }
    struct counted counted = counted_of(word_form(value->word));
    if (counted.size > 8) {
        return false;
    }
    *out = int64_from_bytes(counted.data, counted.size);
    return true;
}

size_t spk_get_int_bytes(const spk_value *value, void *out, size_t out_size) {
    uint8_t small[8];
    struct counted bytes = {small, 0};
    if (spk_type_of(value) != SPK_INT) {
        return 0;
    }
    if (word_tag(value->word) == TAG_INT) {
        bytes.size = int64_bytes(word_int(value->word), small);
    } else {
        bytes = counted_of(word_form(value->word));
    }
    if (bytes.size <= out_size) {
        memcpy(out, bytes.data, bytes.size);
    }
    return bytes.size;
}

bool spk_get_float(const spk_value *value, double *out) {
    if (spk_type_of(value) != SPK_FLOAT) {
        return false;
    }
    uint64_t bits = word_float_bits(value->word);
    memcpy(out, &bits, sizeof *out);
    return true;
}

bool spk_get_str(const spk_value *value, const char **data, size_t *size) {
    if (spk_type_of(value) != SPK_STR) {
        return false;
    }
    struct counted counted = counted_of(word_form(value->word));
    *data = (const char *)counted.data;
    *size = counted.size;
    return true;
}

static bool is_bytes(const spk_value *value) {
    spk_type type = spk_type_of(value);
    return type == SPK_BYTES || type == SPK_BYTEARRAY;
}

bool spk_get_bytes(const spk_value *value, const void **data, size_t *size) {
    if (!is_bytes(value)) {
        return false;
    }
    struct counted counted = counted_of(word_form(value->word));
    *data = counted.data;
    *size = counted.size;
    return true;
}

size_t spk_size(const spk_value *value) {
    if (value && word_is_container(value->word)) {
        return container_count(word_container(value->word));
    }
    return is_bytes(value) ? counted_of(word_form(value->word)).size : 0;
}

/* The word at a place of a container's items. */
static const spk_value *word_at(const spk_value *value, size_t index, size_t stride,
                                size_t offset) {
    const struct container *container = word_container(value->word);
    if (index >= container_count(container)) {
        return NULL;
    }
    return (const spk_value *)(const void *)(container->items->words + index * stride + offset);
}

const spk_value *spk_item(const spk_value *value, size_t index) {
    switch (spk_type_of(value)) {
    case SPK_LIST:
    case SPK_TUPLE:
    case SPK_SET:
    case SPK_FROZENSET:
        return word_at(value, index, 1, 0);
    default:
        return NULL;
    }
}

const spk_value *spk_dict_key(const spk_value *dict, size_t index) {
    return spk_type_of(dict) == SPK_DICT ? word_at(dict, index, 2, 0) : NULL;
}

const spk_value *spk_dict_value(const spk_value *dict, size_t index) {
    return spk_type_of(dict) == SPK_DICT ? word_at(dict, index, 2, 1) : NULL;
}
