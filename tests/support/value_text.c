/* SPDX-License-Identifier: MIT
 *
 * What value_text.h promises. */
#include "value_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

struct level {
    spk_type type;
    size_t met;
};

struct writer {
    struct buffer *out;
    struct buffer levels;     /* struct level */
    struct buffer containers; /* uint64_t: ids, in the order of entering */
};

static void write_quoted(struct buffer *out, const char *opening, const void *data, size_t size) {
    const uint8_t *p = data;
    buffer_print(out, "%s'", opening);
    for (size_t i = 0; i < size; i++) {
        if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\'' && p[i] != '\\') {
            buffer_byte(out, p[i]);
        } else {
            buffer_print(out, "\\x%02x", p[i]);
        }
    }
    buffer_byte(out, '\'');
}

static void write_int(struct buffer *out, const spk_value *value) {
    int64_t small;
    size_t size = spk_get_int_bytes(value, NULL, 0);
    if (spk_get_int(value, &small)) {
        buffer_print(out, "%" PRId64, small);
        return;
    }
    uint8_t *bytes = must_allocate(size);
    (void)spk_get_int_bytes(value, bytes, size);
    BUFFER_ADD(out, "0x");
    for (size_t i = size; i-- > 0;) {
        buffer_print(out, "%02x", bytes[i]);
    }
    free(bytes);
}

static void write_atom(struct buffer *out, const spk_value *value) {
    const char *text = NULL;
    const void *data = NULL;
    size_t size = 0;
    double number = 0;
    uint64_t bits;
    bool truth = false;
    switch (spk_type_of(value)) {
    case SPK_NONE:
        BUFFER_ADD(out, "None");
        break;
    case SPK_BOOL:
        (void)spk_get_bool(value, &truth);
        buffer_print(out, truth ? "True" : "False");
        break;
    case SPK_INT:
        write_int(out, value);
        break;
    case SPK_FLOAT:
        (void)spk_get_float(value, &number);
        memcpy(&bits, &number, sizeof bits);
        buffer_print(out, "f%016" PRIx64, bits);
        break;
    case SPK_STR:
        (void)spk_get_str(value, &text, &size);
        write_quoted(out, "", text, size);
        break;
    case SPK_BYTES:
    case SPK_BYTEARRAY:
        (void)spk_get_bytes(value, &data, &size);
        write_quoted(out, spk_type_of(value) == SPK_BYTES ? "b" : "B", data, size);
        break;
    default:
        BUFFER_ADD(out, "?");
        break;
    }
}

static struct level *innermost(struct writer *writer) {
    size_t count = writer->levels.size / sizeof(struct level);
    return count > 0 ? (struct level *)(void *)writer->levels.data + (count - 1) : NULL;
}

static size_t container_number(const struct writer *writer, uint64_t id) {
    size_t count = writer->containers.size / sizeof id;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(writer->containers.data + i * sizeof id, &id, sizeof id) == 0) {
            return i;
        }
    }
    return count;
}

static const char *opening_of(spk_type type) {
    return type == SPK_LIST    ? "["
           : type == SPK_TUPLE ? "("
           : type == SPK_DICT  ? "{"
           : type == SPK_SET   ? "S{"
                               : "F{";
}

static spk_walk write_event(void *context, spk_event event, const spk_value *value) {
    struct writer *writer = context;
    spk_type type = spk_type_of(value);
    uint64_t id = spk_value_id(value);
    struct level *level = innermost(writer);
    if (event == SPK_LEAVE) {
        buffer_byte(writer->out, type == SPK_LIST ? ']' : type == SPK_TUPLE ? ')' : '}');
        writer->levels.size -= sizeof *level;
        return SPK_WALK_ON;
    }
    if (level && level->met++ > 0) {
        buffer_print(writer->out, level->type == SPK_DICT && level->met % 2 == 0 ? ": " : ", ");
    }
    if (event == SPK_ENTER) {
        struct level inner = {type, 0};
        buffer_print(writer->out, "%s", opening_of(type));
        buffer_bytes(&writer->containers, &id, sizeof id);
        buffer_bytes(&writer->levels, &inner, sizeof inner);
    } else if (event == SPK_AGAIN) {
        buffer_print(writer->out, "@%zu", container_number(writer, id));
    } else {
        write_atom(writer->out, value);
    }
    return SPK_WALK_ON;
}

void write_value(struct buffer *out, const spk_document *document, const spk_value *value) {
    struct writer writer = {out, {NULL, 0, 0}, {NULL, 0, 0}};
    out->size = 0;
    if (spk_visit(document, value, write_event, &writer) != SPK_OK) {
        BUFFER_ADD(out, "?");
    }
    buffer_byte(out, 0);
    buffer_free(&writer.levels);
    buffer_free(&writer.containers);
}

const char *value_text(const spk_document *document, const spk_value *value) {
    static struct buffer out;
    write_value(&out, document, value);
    return (const char *)out.data;
}
