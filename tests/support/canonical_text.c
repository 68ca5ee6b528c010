/* SPDX-License-Identifier: MIT
 *
 * What canonical_text.h promises.  No function calls itself. */
#include "canonical_text.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "numbering.h"

static void put_hex(struct buffer *text, uint64_t number, unsigned digits) {
    while (digits > 0) {
        digits--;
        buffer_byte(text, (unsigned char)"0123456789abcdef"[number >> (4 * digits) & 15]);
    }
}

static void put_code_point(struct buffer *text, uint32_t code) {
    if (code >= 0x20 && code < 0x7f && code != '\'' && code != '\\') {
        buffer_byte(text, code);
    } else if (code < 0x100) {
        buffer_text(text, "\\x");
        put_hex(text, code, 2);
    } else if (code < 0x10000) {
        buffer_text(text, "\\u");
        put_hex(text, code, 4);
    } else {
        buffer_text(text, "\\U");
        put_hex(text, code, 8);
    }
}

/* ---- atoms ---- */

/* The code point at *at of UTF-8 with surrogates; whatever else stands there ends the program, for
 * the library promises that it does not. */
static uint32_t next_code_point(const unsigned char *bytes, size_t size, size_t *at) {
    static const uint32_t min[] = {0, 0x80, 0x800, 0x10000};
    unsigned char first = bytes[(*at)++];
    size_t more = first < 0x80   ? 0
                  : first < 0xc0 ? 4
                  : first < 0xe0 ? 1
                  : first < 0xf0 ? 2
                  : first < 0xf8 ? 3
                                 : 4;
    if (more == 4 || more > size - *at) {
        die("the library returned a str that is not UTF-8");
    }
    uint32_t code = more == 0 ? first : first & (0x3fU >> more);
    for (size_t i = 0; i < more; i++) {
        unsigned char next = bytes[(*at)++];
        code = code << 6 | (next & 0x3fU);
        if ((next & 0xc0) != 0x80) {
            die("the library returned a str that is not UTF-8");
        }
    }
    if (code < min[more] || code > 0x10ffff) {
        die("the library returned a str that is not UTF-8");
    }
    return code;
}

static void put_str(struct buffer *text, const spk_value *value) {
    const char *data;
    size_t size;
    if (!spk_get_str(value, &data, &size)) {
        die("spk_get_str failed");
    }
    buffer_byte(text, '\'');
    for (size_t at = 0; at < size;) {
        put_code_point(text, next_code_point((const unsigned char *)data, size, &at));
    }
    buffer_byte(text, '\'');
}

static void put_bytes(struct buffer *text, const spk_value *value) {
    const void *data;
    size_t size;
    if (!spk_get_bytes(value, &data, &size) || size != spk_size(value)) {
        die("spk_get_bytes failed");
    }
    buffer_byte(text, '\'');
    for (size_t at = 0; at < size; at++) {
        put_code_point(text, ((const unsigned char *)data)[at]);
    }
    buffer_byte(text, '\'');
}

static void require_same_small_int(const spk_value *value, const unsigned char *bytes,
                                   size_t size) {
    int64_t small;
    bool fits = spk_get_int(value, &small);
    bool same = fits == (size <= 8);
    for (size_t i = 0; same && fits && i < 8; i++) {
        unsigned char expected = i < size ? bytes[i] : bytes[size - 1] & 0x80 ? 0xff : 0;
        same = (unsigned char)((uint64_t)small >> (8 * i)) == expected;
    }
    if (!same) {
        die("spk_get_int and spk_get_int_bytes disagree");
    }
}

static void put_int(struct buffer *text, const spk_value *value) {
    size_t size = spk_get_int_bytes(value, NULL, 0);
    unsigned char *bytes = must_allocate(size + 1);
    if (!size || spk_get_int_bytes(value, bytes, size) != size) {
        die("spk_get_int_bytes failed");
    }
    require_same_small_int(value, bytes, size);
    bool negative = bytes[size - 1] & 0x80;
    unsigned carry = negative;
    bytes[size] =
        negative
            ? 0xff
            : 0; /* room for the one value whose negative needs a byte more, -(2 ** (8n - 1)) */
    for (size_t i = 0; negative && i <= size; i++) {
        carry += (unsigned char)~bytes[i];
        bytes[i] = (unsigned char)carry;
        carry >>= 8;
    }
    buffer_text(text, negative ? "i-" : "i");
    bool leading = true;
    for (size_t nibble = 2 * size + 2; nibble-- > 0;) {
        unsigned digit = bytes[nibble / 2] >> (nibble % 2 ? 4 : 0) & 15;
        leading = leading && digit == 0 && nibble > 0;
        if (!leading) {
            put_hex(text, digit, 1);
        }
    }
    free(bytes);
}

static void put_float(struct buffer *text, const spk_value *value) {
    double number;
    uint64_t bits;
    if (!spk_get_float(value, &number)) {
        die("spk_get_float failed");
    }
    memcpy(&bits, &number, sizeof bits);
    buffer_byte(text, 'f');
    put_hex(text, bits, 16);
}

static void put_bool(struct buffer *text, const spk_value *value) {
    bool truth;
    if (!spk_get_bool(value, &truth)) {
        die("spk_get_bool failed");
    }
    buffer_text(text, truth ? "True" : "False");
}

static void put_atom(struct buffer *text, const spk_value *value) {
    switch (spk_type_of(value)) {
    case SPK_NONE:
        buffer_text(text, "None");
        break;
    case SPK_BOOL:
        put_bool(text, value);
        break;
    case SPK_INT:
        put_int(text, value);
        break;
    case SPK_FLOAT:
        put_float(text, value);
        break;
    case SPK_STR:
        put_str(text, value);
        break;
    case SPK_BYTES:
        buffer_byte(text, 'b');
        put_bytes(text, value);
        break;
    case SPK_BYTEARRAY:
        buffer_byte(text, 'a');
        put_bytes(text, value);
        break;
    default:
        die("a container is called an atom");
    }
}

static void put_opening(struct buffer *text, spk_type type) {
    buffer_text(text, type == SPK_LIST    ? "["
                      : type == SPK_TUPLE ? "("
                      : type == SPK_DICT  ? "{"
                      : type == SPK_SET   ? "S{"
                                          : "F{");
}

static unsigned closing(spk_type type) {
    return type == SPK_LIST ? ']' : type == SPK_TUPLE ? ')' : '}';
}

/* ---- sets, written out with their members sorted ---- */

struct span { /* of the text: a member that has been written */
    size_t start, size;
};

struct opened { /* a tuple, set or frozenset being written */
    const spk_value *value;
    size_t index, first_span;
};

struct expansion {
    struct buffer *text;
    struct span *spans;
    struct opened *frames;
    size_t span_count, span_capacity, frame_count, frame_capacity;
};

static const uint8_t
    *sorted_text; /* of the spans that qsort compares, which has no argument for it */

static int compare_spans(const void *left, const void *right) {
    const struct span *a = left, *b = right;
    int order = memcmp(sorted_text + a->start, sorted_text + b->start,
                       a->size < b->size ? a->size : b->size);
    return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* Replaces the texts of a container's members, which stand one behind the other, by the sorted list
 * of them. */
static void join_members(struct expansion *e, const struct opened *frame, bool sort) {
    struct span *spans = e->spans + frame->first_span;
    size_t count = e->span_count - frame->first_span;
    if (count == 0) {
        return;
    }
    struct buffer joined = {NULL, 0, 0};
    size_t start = spans[0].start;
    if (sort) {
        sorted_text = e->text->data;
        qsort(spans, count, sizeof *spans, compare_spans);
    }
    for (size_t i = 0; i < count; i++) {
        buffer_text(&joined, i ? ", " : "");
        buffer_bytes(&joined, e->text->data + spans[i].start, spans[i].size);
    }
    e->text->size = start;
    buffer_bytes(e->text, joined.data, joined.size);
    buffer_free(&joined);
    e->span_count = frame->first_span;
}

static void add_span(struct expansion *e, size_t start) {
    e->spans = grown(e->spans, e->span_count, &e->span_capacity, sizeof *e->spans);
    e->spans[e->span_count++] = (struct span){start, e->text->size - start};
}

static void open_inside(struct expansion *e, const spk_value *value) {
    e->frames = grown(e->frames, e->frame_count, &e->frame_capacity, sizeof *e->frames);
    e->frames[e->frame_count++] = (struct opened){value, 0, e->span_count};
    put_opening(e->text, spk_type_of(value));
}

static void put_expanded(struct buffer *text, const spk_value *set) {
    struct expansion e = {text, NULL, NULL, 0, 0, 0, 0};
    open_inside(&e, set);
    while (e.frame_count > 0) {
        struct opened *frame = &e.frames[e.frame_count - 1];
        spk_type type = spk_type_of(frame->value);
        if (frame->index < spk_size(frame->value)) {
            const spk_value *item = spk_item(frame->value, frame->index++);
            spk_type item_type = spk_type_of(item);
            size_t start = text->size;
            if (item_type == SPK_TUPLE || item_type == SPK_FROZENSET) {
                open_inside(&e, item);
            } else {
                put_atom(text, item);
                add_span(&e, start);
            }
        } else {
            size_t opening = type == SPK_TUPLE ? 1 : 2;
            size_t members =
                frame->first_span < e.span_count ? e.spans[frame->first_span].start : text->size;
            join_members(&e, frame, type != SPK_TUPLE);
            buffer_byte(text, closing(type));
            e.frame_count--;
            add_span(&e, members - opening);
        }
    }
    free(e.frames);
    free(e.spans);
}

/* ---- getters that must agree with each other ---- */

/* The values in a container one after the other, as the visitor meets them. */
static const spk_value *member(const spk_value *container, size_t index) {
    if (spk_type_of(container) != SPK_DICT) {
        return spk_item(container, index);
    }
    return index % 2 ? spk_dict_value(container, index / 2) : spk_dict_key(container, index / 2);
}

static bool is_nan(const spk_value *value) {
    double number;
    return spk_get_float(value, &number) && number != number;
}

/* Whether a key is, or holds, a NaN. */
static bool holds_nan(const spk_value *key) {
    struct expansion walk = {NULL, NULL, NULL, 0, 0, 0, 0};
    const spk_value *value = key;
    bool found = false;
    while (value && !found) {
        found = is_nan(value);
        walk.frames =
            grown(walk.frames, walk.frame_count, &walk.frame_capacity, sizeof *walk.frames);
        walk.frames[walk.frame_count++] = (struct opened){value, 0, 0};
        for (value = NULL; !value && walk.frame_count > 0;) {
            struct opened *frame = &walk.frames[walk.frame_count - 1];
            value = spk_item(frame->value, frame->index++);
            walk.frame_count -= !value;
        }
    }
    free(walk.frames);
    return found;
}

/* Every key must be found under itself; only one with a NaN may be found or not. */
static void require_found(const spk_value *container) {
    bool is_dict = spk_type_of(container) == SPK_DICT;
    size_t size = spk_size(container);
    for (size_t i = 0; i < size; i++) {
        const spk_value *key = is_dict ? spk_dict_key(container, i) : spk_item(container, i);
        const spk_value *wanted = is_dict ? spk_dict_value(container, i) : key;
        const spk_value *found = spk_find(container, key);
        const char *text;
        size_t text_size;
        if (found != wanted && (found || !holds_nan(key))) {
            die("spk_find does not find a key of the container");
        }
        if (is_dict && spk_get_str(key, &text, &text_size) &&
            spk_find_str(container, text, text_size) != wanted) {
            die("spk_find_str does not find a key of the dict");
        }
    }
    if (member(container, is_dict ? 2 * size : size) || spk_item(container, is_dict ? 0 : size)) {
        die("a getter returns more than spk_size tells");
    }
}

/* ---- the walk ---- */

struct place { /* an open container, and how many values were met in it */
    const spk_value *value;
    size_t met;
};

struct printer {
    struct buffer *text;
    enum canonical_form form;
    struct numbering numbers;
    struct place *places;
    size_t depth, capacity;
};

/* Writes #n at the first meeting and returns true; writes @n at any later one. */
static bool put_number(struct printer *printer, const spk_value *value) {
    uint64_t id = spk_value_id(value);
    bool is_new;
    if (!id) {
        die("a container without identity");
    }
    size_t number = number_of(&printer->numbers, id, &is_new);
    buffer_print(printer->text, "%c%zu", is_new ? '#' : '@', number);
    return is_new;
}

/* Writes what stands before a value, which must be the one that the getters tell for its place. */
static void put_separator(struct printer *printer, const spk_value *value) {
    if (printer->depth > 0) {
        struct place *place = &printer->places[printer->depth - 1];
        if (place->met > 0) {
            bool is_mapped = spk_type_of(place->value) == SPK_DICT && place->met % 2;
            buffer_text(printer->text, is_mapped ? ": " : ", ");
        }
        if (member(place->value, place->met) != value) {
            die("spk_visit and the getters disagree");
        }
        place->met++;
    }
}

static bool is_set(const spk_value *value) {
    return spk_type_of(value) == SPK_SET || spk_type_of(value) == SPK_FROZENSET;
}

static bool is_expanded(const struct printer *printer, const spk_value *value) {
    return printer->form == CANONICAL && is_set(value);
}

/* An empty tuple or frozenset, of which Python has only one. */
static bool is_nameless(const struct printer *printer, const spk_value *value) {
    return printer->form == CANONICAL && spk_size(value) == 0 &&
           (spk_type_of(value) == SPK_TUPLE || spk_type_of(value) == SPK_FROZENSET);
}

static spk_walk enter_container(struct printer *printer, const spk_value *value) {
    if (!is_nameless(printer, value) && !put_number(printer, value)) {
        die("a container was entered twice");
    }
    if (is_set(value) || spk_type_of(value) == SPK_DICT) {
        require_found(value);
    }
    printer->places =
        grown(printer->places, printer->depth, &printer->capacity, sizeof *printer->places);
    printer->places[printer->depth++] = (struct place){value, 0};
    if (is_expanded(printer, value)) {
        put_expanded(printer->text, value);
        return SPK_WALK_SKIP;
    }
    put_opening(printer->text, spk_type_of(value));
    return SPK_WALK_ON;
}

static void leave_container(struct printer *printer, const spk_value *value) {
    struct place *place = &printer->places[--printer->depth];
    size_t inside = spk_size(value) * (spk_type_of(value) == SPK_DICT ? 2 : 1);
    if (place->value != value || place->met != (is_expanded(printer, value) ? 0 : inside)) {
        die("spk_visit left another container, or too early");
    }
    if (!is_expanded(printer, value)) {
        buffer_byte(printer->text, closing(spk_type_of(value)));
    }
}

static void meet_again(struct printer *printer, const spk_value *value) {
    if (is_nameless(printer, value)) {
        put_opening(printer->text, spk_type_of(value));
        buffer_byte(printer->text, closing(spk_type_of(value)));
    } else if (put_number(printer, value)) {
        die("a container is met again that was never entered");
    }
}

static spk_walk visit(void *context, spk_event event, const spk_value *value) {
    struct printer *printer = context;
    if (event == SPK_LEAVE) {
        leave_container(printer, value);
        return SPK_WALK_ON;
    }
    put_separator(printer, value);
    if (event == SPK_ENTER) {
        return enter_container(printer, value);
    }
    if (event == SPK_AGAIN) {
        meet_again(printer, value);
    } else if (spk_type_of(value) != SPK_BYTEARRAY || put_number(printer, value)) {
        put_atom(printer->text, value);
    }
    return SPK_WALK_ON;
}

void put_document(struct buffer *text, const spk_document *document, enum canonical_form form) {
    struct printer printer = {.text = text, .form = form};
    spk_status status = spk_visit(document, spk_document_root(document), visit, &printer);
    if (status != SPK_OK || printer.depth != 0) {
        die("spk_visit failed");
    }
    free(printer.places);
    numbering_free(&printer.numbers);
}
