/* SPDX-License-Identifier: MIT
 *
 * Walks a document with a stack of its own, item by item, and puts brackets around what it meets.
 * A dict is an object only if its keys cannot be mistaken for anything else; everything that JSON
 * lacks is an object whose one or two keys begin with "$", and a dict with such a key is therefore
 * never an object. */
#include "write_json.h"

#include <string.h>

#include "sharing.h"

/* The largest int that every reader of JSON keeps (RFC 7493). */
#define SAFE_INT INT64_C(9007199254740991)

enum layout { LAYOUT_ITEMS, LAYOUT_OBJECT, LAYOUT_PAIRS };

struct level {
    const spk_value *value;
    struct shared *shared; /* NULL unless shared */
    size_t at;             /* items, keys and values written */
    enum layout layout;
    bool is_tagged;   /* in an object of one key */
    bool is_numbered; /* in an object with "$id" */
};

struct json {
    struct printer out;
    const spk_document *document;
    enum json_form form;
    spk_allocator allocator;
    struct sharing sharing;
    uint32_t numbers; /* given so far */
    struct level *levels;
    size_t depth;
    size_t capacity;
};

/* ---- Atoms ----------------------------------------------------------------------------------- */

static void *resize(const struct json *json, void *block, size_t old_size, size_t new_size) {
    return json->allocator.resize(json->allocator.context, block, old_size, new_size);
}

static void put_int_bytes(struct json *json, uint8_t *bytes, size_t size) {
    if (json->form == JSON_EXACT) {
        put_word(&json->out, "{\"$int\":\"");
        put_hexadecimal(&json->out, bytes, size);
        put_word(&json->out, "\"}");
    } else if (size <= DECIMAL_BYTES) {
        put_long_decimal(&json->out, bytes, size);
    } else {
        put_word(&json->out, "\"");
        put_hexadecimal(&json->out, bytes, size);
        put_word(&json->out, "\"");
    }
}

static void put_int(struct json *json, const spk_value *value) {
    int64_t number;
    bool is_small = spk_get_int(value, &number);
    if (is_small && (json->form == JSON_PLAIN || (number >= -SAFE_INT && number <= SAFE_INT))) {
        put_decimal(&json->out, number);
        return;
    }
    uint8_t room[DECIMAL_BYTES];
    size_t size = spk_get_int_bytes(value, room, sizeof room);
    if (size <= sizeof room) {
        put_int_bytes(json, room, size);
        return;
    }
    uint8_t *bytes = resize(json, NULL, 0, size);
    if (!bytes) {
        printer_fail(&json->out, PRINT_NO_MEMORY);
        return;
    }
    spk_get_int_bytes(value, bytes, size);
    put_int_bytes(json, bytes, size);
    resize(json, bytes, size, 0);
}

#define INFINITY_BITS UINT64_C(0x7ff0000000000000)
#define PYTHON_NAN_BITS UINT64_C(0x7ff8000000000000)

/* "inf", "-inf", "nan", and any other NaN by its 16 hexadecimal digits.  Told by their bits, for as
 * numbers some NaNs do not survive on 32-bit x86. */
static void put_odd_float(struct json *json, uint64_t bits) {
    if (json->form == JSON_PLAIN) {
        put_word(&json->out, "null");
        return;
    }
    put_word(&json->out, "{\"$float\":\"");
    if (bits << 1 == INFINITY_BITS << 1) {
        put_word(&json->out, bits == INFINITY_BITS ? "inf" : "-inf");
    } else if (bits == PYTHON_NAN_BITS) {
        put_word(&json->out, "nan");
    } else {
        for (int shift = 60; shift >= 0; shift -= 4) {
            put_bytes(&json->out, &"0123456789abcdef"[bits >> shift & 0xf], 1);
        }
    }
    put_word(&json->out, "\"}");
}

static void put_text(struct json *json, const spk_value *value) {
    const char *data = NULL;
    size_t size = 0;
    spk_get_str(value, &data, &size);
    if (json->form == JSON_EXACT && has_lone_surrogate(data, size)) {
        put_word(&json->out, "{\"$str\":");
        put_base64(&json->out, data, size);
        put_word(&json->out, "}");
    } else {
        put_str(&json->out, data, size);
    }
}

static void put_tagged_bytes(struct json *json, const spk_value *value, const char *tag) {
    const void *data = NULL;
    size_t size = 0;
    bool is_exact = json->form == JSON_EXACT;
    spk_get_bytes(value, &data, &size);
    put_word(&json->out, is_exact ? tag : "");
    put_base64(&json->out, data, size);
    put_word(&json->out, is_exact ? "}" : "");
}

static void put_atom(struct json *json, const spk_value *value) {
    bool truth = false;
    double number = 0;
    uint64_t bits;
    switch (spk_type_of(value)) {
    case SPK_BOOL:
        spk_get_bool(value, &truth);
        put_word(&json->out, truth ? "true" : "false");
        return;
    case SPK_INT:
        put_int(json, value);
        return;
    case SPK_FLOAT:
        spk_get_float(value, &number);
        memcpy(&bits, &number, sizeof bits);
        if ((bits & INFINITY_BITS) != INFINITY_BITS) {
            put_float(&json->out, number);
        } else {
            put_odd_float(json, bits);
        }
        return;
    case SPK_STR:
        put_text(json, value);
        return;
    case SPK_BYTES:
        put_tagged_bytes(json, value, "{\"$bytes\":");
        return;
    case SPK_BYTEARRAY:
        put_tagged_bytes(json, value, "{\"$bytearray\":");
        return;
    default:
        put_word(&json->out, "null");
        return;
    }
}

/* ---- Containers ------------------------------------------------------------------------------ */

/* Whether a key can stand in an object as it is.  In plain form the keys must stay different from
 * each other as well, or a reader would drop all but one: ints are, among ints, and str whose
 * surrogates need not be replaced. */
static bool is_object_key(const struct json *json, const spk_value *key, spk_type first) {
    const char *data = NULL;
    size_t size = 0;
    if (json->form == JSON_PLAIN && first == SPK_INT) {
        int64_t number;
        return spk_get_int(key, &number);
    }
    if (!spk_get_str(key, &data, &size)) {
        return false;
    }
    if (json->form == JSON_EXACT &&
        ((size > 0 && data[0] == '$') || sharing_of(&json->sharing, key))) {
        return false;
    }
    return !has_lone_surrogate(
        data, size); /* last, so that a long key is read where it is written alone */
}

static enum layout layout_of(const struct json *json, const spk_value *value) {
    if (spk_type_of(value) != SPK_DICT) {
        return LAYOUT_ITEMS;
    }
    spk_type first = spk_type_of(spk_dict_key(value, 0));
    for (size_t i = 0; i < spk_size(value); i++) {
        if (!is_object_key(json, spk_dict_key(value, i), first)) {
            return LAYOUT_PAIRS;
        }
    }
    return LAYOUT_OBJECT;
}

/* What stands before the bracket of a container that an array or object alone would not tell; NULL
 * for one it does. */
static const char *tag_of(const struct json *json, const spk_value *value, enum layout layout) {
    if (json->form == JSON_PLAIN) {
        return NULL;
    }
    switch (spk_type_of(value)) {
    case SPK_TUPLE:
        return "{\"$tuple\":";
    case SPK_SET:
        return "{\"$set\":";
    case SPK_FROZENSET:
        return "{\"$frozenset\":";
    default:
        return layout == LAYOUT_PAIRS ? "{\"$dict\":" : NULL;
    }
}

static bool push(struct json *json, const struct level *level) {
    if (json->depth == json->capacity) {
        size_t capacity = json->capacity > 0 ? json->capacity * 2 : 32;
        if (capacity > SIZE_MAX / sizeof *level) {
            return false;
        }
        void *levels =
            resize(json, json->levels, json->capacity * sizeof *level, capacity * sizeof *level);
        if (!levels) {
            return false;
        }
        json->levels = levels;
        json->capacity = capacity;
    }
    json->levels[json->depth++] = *level;
    return true;
}

static void enter(struct json *json, const spk_value *value, struct shared *shared,
                  bool is_numbered) {
    struct level level = {value, shared, 0, layout_of(json, value), false, is_numbered};
    const char *tag = tag_of(json, value, level.layout);
    level.is_tagged = tag != NULL;
    if (!push(json, &level)) {
        printer_fail(&json->out, PRINT_NO_MEMORY);
        return;
    }
    if (shared) {
        shared->is_open = true;
    }
    put_word(&json->out, tag ? tag : "");
    put_word(&json->out, level.layout == LAYOUT_OBJECT ? "{" : "[");
}

static void leave(struct json *json, const struct level *level) {
    if (level->shared) {
        level->shared->is_open = false;
    }
    put_word(&json->out, level->layout == LAYOUT_OBJECT ? "}" : "]");
    put_word(&json->out, level->is_tagged ? "}" : "");
    put_word(&json->out, level->is_numbered ? "}" : "");
    json->depth--;
}

static void put_number(struct json *json, const char *before, uint32_t number, const char *after) {
    put_word(&json->out, before);
    put_decimal(&json->out, number);
    put_word(&json->out, after);
}

static bool is_container(spk_type type) {
    return type != SPK_INVALID && type != SPK_NONE && type != SPK_BOOL && type != SPK_INT &&
           type != SPK_FLOAT && type != SPK_STR && type != SPK_BYTES && type != SPK_BYTEARRAY;
}

static void put_value(struct json *json, const spk_value *value) {
    struct shared *shared = sharing_of(&json->sharing, value);
    bool is_numbered = false;
    if (shared && json->form == JSON_PLAIN && shared->is_open) {
        printer_fail(&json->out, PRINT_CYCLE);
        return;
    }
    if (shared && json->form == JSON_EXACT) {
        if (shared->number > 0) {
            put_number(json, "{\"$ref\":", shared->number, "}");
            return;
        }
        if (json->numbers == UINT32_MAX) {
            printer_fail(&json->out, PRINT_NO_MEMORY);
            return;
        }
        shared->number = ++json->numbers;
        put_number(json, "{\"$id\":", shared->number, ",\"$value\":");
        is_numbered = true;
    }
    if (is_container(spk_type_of(value))) {
        enter(json, value, shared, is_numbered);
        return;
    }
    put_atom(json, value);
    put_word(&json->out, is_numbered ? "}" : "");
}

/* A key of an object; an int only in plain form. */
static void put_key(struct json *json, const spk_value *key) {
    bool is_str = spk_type_of(key) == SPK_STR;
    put_word(&json->out, is_str ? "" : "\"");
    put_value(json, key);
    put_word(&json->out, is_str ? ":" : "\":");
}

static void step_dict(struct json *json, struct level *level) {
    size_t at = level->at++;
    bool is_pair = level->layout == LAYOUT_PAIRS;
    if (at % 2 == 1) {
        put_word(&json->out, is_pair ? "," : "");
        put_value(json, spk_dict_value(level->value, at / 2));
        return;
    }
    if (at > 0) {
        put_word(&json->out, is_pair ? "],[" : ",");
    } else {
        put_word(&json->out, is_pair ? "[" : "");
    }
    if (is_pair) {
        put_value(json, spk_dict_key(level->value, at / 2));
    } else {
        put_key(json, spk_dict_key(level->value, at / 2));
    }
}

/* Writes the next item of the innermost container, or its end.  The level moves when an item is
 * entered. */
static void step(struct json *json) {
    struct level *level = &json->levels[json->depth - 1];
    size_t count = spk_size(level->value);
    bool is_dict = spk_type_of(level->value) == SPK_DICT;
    if (is_dict && level->at / 2 < count) {
        step_dict(json, level);
    } else if (!is_dict && level->at < count) {
        const spk_value *item = spk_item(level->value, level->at);
        put_word(&json->out, level->at++ > 0 ? "," : "");
        put_value(json, item);
    } else {
        put_word(&json->out, level->layout == LAYOUT_PAIRS && count > 0 ? "]" : "");
        leave(json, level);
    }
}

static void walk(struct json *json, spk_write *writer, void *context, uint64_t limit) {
    printer_start(&json->out, writer, context, limit);
    json->depth = 0;
    put_value(json, spk_document_root(json->document));
    while (json->depth > 0 && json->out.state == PRINT_GOOD) {
        step(json);
    }
    put_word(&json->out, "\n");
    printer_flush(&json->out);
}

static enum print_state write_text(struct json *json, uint64_t limit, spk_write *writer,
                                   void *context) {
    if (!sharing_find(&json->sharing, &json->allocator, json->document)) {
        return PRINT_NO_MEMORY;
    }
    if (repeats_ints(&json->sharing, json->document)) {
        return PRINT_TOO_LARGE;
    }
    walk(json, writer, context, json->form == JSON_PLAIN ? limit : UINT64_MAX);
    return json->out.state;
}

enum print_state json_write(const spk_document *document, enum json_form form, uint64_t limit,
                            const spk_allocator *allocator, spk_write *writer, void *context) {
    struct json *json = allocator->resize(allocator->context, NULL, 0, sizeof *json);
    if (!json) {
        return PRINT_NO_MEMORY;
    }
    json->document = document;
    json->form = form;
    json->allocator = *allocator;
    json->numbers = 0;
    json->levels = NULL;
    json->capacity = 0;
    enum print_state state = write_text(json, limit, writer, context);
    if (json->levels) {
        resize(json, json->levels, json->capacity * sizeof *json->levels, 0);
    }
    sharing_free(&json->sharing);
    resize(json, json, sizeof *json, 0);
    return state;
}
