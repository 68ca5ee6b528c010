/* SPDX-License-Identifier: MIT
 *
 * Target json: what pickle-check --to-json writes.  Both forms must pass a strict recogniser of
 * this file's own; the exact one, read beside the document, must say the same value and identities,
 * in a size that is linear in the pickle. Failing writes and allocations must be told, and leave
 * nothing.  Nothing here is taken from what writes. */
#include <stdlib.h>
#include <string.h>

#include "../cli/write_json.h"
#include "support.h"
#include "tests/support/sink.h"

/* ---- the recogniser: RFC 8259, in one line of ASCII, and no lone surrogate ---- */

struct cursor {
    const char *at;
    const char *end; /* there stands a NUL */
};

static bool skip(struct cursor *cursor, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < size || memcmp(cursor->at, word, size) != 0) {
        return false;
    }
    cursor->at += size;
    return true;
}

static uint32_t read_unit(struct cursor *cursor) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = *cursor->at++;
        EXPECT((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        unit = unit << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return unit;
}

/* The next character of a string, which does not end here. */
static uint32_t read_character(struct cursor *cursor) {
    static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    char c = *cursor->at++;
    EXPECT(c >= 0x20 && c < 0x7f && c != '"');
    if (c != '\\') {
        return (uint32_t)c;
    }
    char letter = *cursor->at++;
    for (size_t i = 0; i < sizeof letters - 1; i += 2) {
        if (letters[i] == letter) {
            return (uint32_t)letters[i + 1];
        }
    }
    EXPECT(letter == 'u');
    uint32_t unit = read_unit(cursor);
    EXPECT(unit < 0xdc00 || unit > 0xdfff);
    if (unit >= 0xd800 && unit < 0xdc00) {
        EXPECT(skip(cursor, "\\u"));
        uint32_t low = read_unit(cursor);
        EXPECT(low >= 0xdc00 && low <= 0xdfff);
        unit = 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff);
    }
    return unit;
}

static void pass_string(struct cursor *cursor) {
    EXPECT(skip(cursor, "\""));
    while (!skip(cursor, "\"")) {
        (void)read_character(cursor);
    }
}

static size_t pass_digits(struct cursor *cursor) {
    const char *from = cursor->at;
    while (*cursor->at >= '0' && *cursor->at <= '9') {
        cursor->at++;
    }
    return (size_t)(cursor->at - from);
}

static void pass_number(struct cursor *cursor) {
    (void)skip(cursor, "-");
    bool is_zero = *cursor->at == '0';
    size_t digits = pass_digits(cursor);
    EXPECT(digits > 0 && (!is_zero || digits == 1));
    EXPECT(!skip(cursor, ".") || pass_digits(cursor) > 0);
    if (skip(cursor, "e")) {
        EXPECT((skip(cursor, "+") || skip(cursor, "-")) && pass_digits(cursor) > 0);
    }
}

static void pass_atom(struct cursor *cursor) {
    if (*cursor->at == '"') {
        pass_string(cursor);
    } else if (!skip(cursor, "null") && !skip(cursor, "true") && !skip(cursor, "false")) {
        pass_number(cursor);
    }
}

static void recognise(const struct sink *text) {
    struct cursor cursor = {(const char *)text->got.data,
                            (const char *)text->got.data + text->got.size};
    char *open = malloc(text->got.size + 1);
    size_t depth = 0;
    bool has_item = true; /* whether one may end here */
    EXPECT(open != NULL);
    for (;;) {
        if (!has_item && depth > 0 && open[depth - 1] == '{') {
            pass_string(&cursor);
            EXPECT(skip(&cursor, ":"));
        }
        has_item = *cursor.at != '{' && *cursor.at != '[';
        if (has_item) {
            pass_atom(&cursor);
        } else {
            open[depth++] = *cursor.at++;
        }
        while (depth > 0 && skip(&cursor, open[depth - 1] == '{' ? "}" : "]")) {
            has_item = true;
            depth--;
        }
        if (depth == 0) {
            break;
        }
        EXPECT(!has_item || skip(&cursor, ","));
        has_item = false;
    }
    EXPECT(skip(&cursor, "\n") && cursor.at == cursor.end);
    free(open);
}

/* ---- reading the exact form beside the document ---- */

struct level {
    const spk_value *value;
    size_t at;
    bool is_object;
    const char *closing;
    bool is_numbered;
};

struct matcher {
    struct cursor cursor;
    uint64_t *ids; /* by number, from 1 */
    uint64_t numbers;
    struct level *levels;
    size_t depth;
    size_t entered; /* containers, without empty tuples and frozensets */
};

static size_t encode_utf8(uint32_t point, uint8_t *out) {
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; point >>= 6) {
        out[i] = (uint8_t)(0x80 | (point & 0x3f));
    }
    out[0] = (uint8_t)((size == 2 ? 0xc0u : size == 3 ? 0xe0u : 0xf0u) | point);
    return size;
}

static void match_string(struct cursor *cursor, const char *data, size_t size) {
    size_t at = 0;
    EXPECT(skip(cursor, "\""));
    while (!skip(cursor, "\"")) {
        uint8_t bytes[4];
        size_t length = encode_utf8(read_character(cursor), bytes);
        EXPECT(length <= size - at && memcmp(data + at, bytes, length) == 0);
        at += length;
    }
    EXPECT(at == size);
}

static uint32_t digit_of(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;
    EXPECT(found != NULL);
    return (uint32_t)(found - digits);
}

static void match_base64(struct cursor *cursor, const void *data, size_t size) {
    const uint8_t *bytes = data;
    EXPECT(skip(cursor, "\""));
    for (size_t at = 0; at < size; at += 3) {
        size_t group = size - at < 3 ? size - at : 3;
        uint32_t bits = 0;
        for (size_t i = 0; i < 4; i++) {
            char c = *cursor->at++;
            bits = bits << 6 | (i <= group ? digit_of(c) : 0);
            EXPECT(i <= group || c == '=');
        }
        for (size_t i = 0; i < 3; i++) {
            EXPECT((uint8_t)(bits >> (16 - 8 * i)) == (i < group ? bytes[at + i] : 0));
        }
    }
    EXPECT(skip(cursor, "\""));
}

/* The magnitude in hexadecimal digits, last first, against two's complement. */
static void match_hexadecimal(struct cursor *cursor, const spk_value *value) {
    size_t size = spk_get_int_bytes(value, NULL, 0);
    uint8_t *bytes = malloc(size);
    bool negative = skip(cursor, "\"-0x");
    EXPECT(bytes && spk_get_int_bytes(value, bytes, size) == size &&
           (negative || skip(cursor, "\"0x")));
    EXPECT(negative == (bytes[size - 1] >= 0x80) && *cursor->at != '0');
    const char *first = cursor->at;
    const char *last = strchr(first, '"');
    cursor->at = last + 1;
    unsigned carry = negative;
    for (size_t i = 0; i < size || last > first; i++) {
        unsigned byte = 0;
        for (int shift = 0; shift < 8 && last > first; shift += 4) {
            char c = *--last;
            EXPECT((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
            byte |= (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) << shift;
        }
        unsigned expected = i < size ? bytes[i] : negative ? 0xff : 0;
        carry += negative ? (uint8_t)~byte : byte;
        EXPECT((uint8_t)carry == expected);
        carry >>= 8;
    }
    free(bytes);
}

static void match_int(struct cursor *cursor, const spk_value *value) {
    int64_t number = 0;
    if (skip(cursor, "{\"$int\":")) {
        EXPECT(!spk_get_int(value, &number) || number > 9007199254740991 ||
               number < -9007199254740991);
        match_hexadecimal(cursor, value);
        EXPECT(skip(cursor, "}"));
        return;
    }
    char *end;
    EXPECT(spk_get_int(value, &number) && strtoll(cursor->at, &end, 10) == number);
    EXPECT(number <= 9007199254740991 && number >= -9007199254740991 && *end != '.' && *end != 'e');
    cursor->at = end;
}

static void match_float(struct cursor *cursor, const double *number) {
    uint64_t bits;
    uint64_t found;
    char *end;
    memcpy(&bits, number, sizeof bits);
    if (skip(cursor, "{\"$float\":\"")) {
        if (skip(cursor, "nan")) {
            found = UINT64_C(0x7ff8000000000000);
        } else if (skip(cursor, "-inf")) {
            found = UINT64_C(0xfff0000000000000);
        } else if (skip(cursor, "inf")) {
            found = UINT64_C(0x7ff0000000000000);
        } else {
            found = strtoull(cursor->at, &end, 16);
            EXPECT(end == cursor->at + 16 && (found << 1) > UINT64_C(0x7ff0000000000000) << 1);
            cursor->at = end;
        }
        EXPECT(skip(cursor, "\"}") && found == bits);
        return;
    }
    double read = strtod(cursor->at, &end);
    memcpy(&found, &read, sizeof found);
    size_t length = (size_t)(end - cursor->at);
    EXPECT(found == bits && (memchr(cursor->at, '.', length) || memchr(cursor->at, 'e', length)));
    cursor->at = end;
}

static void match_bytes(struct cursor *cursor, const spk_value *value, const char *tag) {
    const void *data = NULL;
    size_t size = 0;
    EXPECT(skip(cursor, tag) && spk_get_bytes(value, &data, &size));
    match_base64(cursor, data, size);
    EXPECT(skip(cursor, "}"));
}

static void match_str(struct cursor *cursor, const spk_value *value) {
    const char *data = NULL;
    size_t size = 0;
    EXPECT(spk_get_str(value, &data, &size));
    if (skip(cursor, "{\"$str\":")) {
        match_base64(cursor, data, size);
        EXPECT(skip(cursor, "}"));
    } else {
        match_string(cursor, data, size);
    }
}

static void match_atom(struct cursor *cursor, const spk_value *value) {
    double number = 0;
    bool truth = false;
    switch (spk_type_of(value)) {
    case SPK_NONE:
        EXPECT(skip(cursor, "null"));
        return;
    case SPK_BOOL:
        EXPECT(spk_get_bool(value, &truth) && skip(cursor, truth ? "true" : "false"));
        return;
    case SPK_INT:
        match_int(cursor, value);
        return;
    case SPK_FLOAT:
        EXPECT(spk_get_float(value, &number));
        match_float(cursor, &number);
        return;
    case SPK_STR:
        match_str(cursor, value);
        return;
    case SPK_BYTES:
        match_bytes(cursor, value, "{\"$bytes\":");
        return;
    default:
        match_bytes(cursor, value, "{\"$bytearray\":");
        return;
    }
}

/* Reads the opening of a container and tells how it must close. */
static struct level open_level(struct cursor *cursor, const spk_value *value, bool is_numbered) {
    static const char *const tags[] = {"{\"$tuple\":[", "{\"$set\":[", "{\"$frozenset\":["};
    struct level level = {value, 0, false, "]", is_numbered};
    spk_type type = spk_type_of(value);
    if (type == SPK_LIST) {
        EXPECT(skip(cursor, "["));
    } else if (type != SPK_DICT) {
        EXPECT(skip(cursor, tags[type == SPK_TUPLE ? 0 : type == SPK_SET ? 1 : 2]));
        level.closing = "]}";
    } else if (skip(cursor, "{\"$dict\":[")) {
        level.closing = "]}";
    } else {
        EXPECT(skip(cursor, "{"));
        level.is_object = true;
        level.closing = "}";
    }
    return level;
}

static uint64_t read_number(struct cursor *cursor) {
    char *end;
    uint64_t number = strtoull(cursor->at, &end, 10);
    cursor->at = end;
    return number;
}

static bool is_unique_anyway(const spk_value *value) {
    spk_type type = spk_type_of(value);
    return (type == SPK_TUPLE || type == SPK_FROZENSET) && spk_size(value) == 0;
}

static void match_value(struct matcher *matcher, const spk_value *value) {
    struct cursor *cursor = &matcher->cursor;
    bool is_numbered = skip(cursor, "{\"$id\":");
    if (skip(cursor, "{\"$ref\":")) {
        uint64_t number = read_number(cursor);
        EXPECT(number > 0 && number <= matcher->numbers && skip(cursor, "}"));
        EXPECT(matcher->ids[number] == spk_value_id(value));
        return;
    }
    if (is_numbered) {
        EXPECT(read_number(cursor) == ++matcher->numbers && skip(cursor, ",\"$value\":"));
        matcher->ids[matcher->numbers] = spk_value_id(value);
        EXPECT(spk_value_id(value) != 0 && !is_unique_anyway(value));
    }
    if (spk_type_of(value) >= SPK_LIST) {
        matcher->levels[matcher->depth++] = open_level(cursor, value, is_numbered);
        matcher->entered += !is_unique_anyway(value);
        return;
    }
    match_atom(cursor, value);
    EXPECT(!is_numbered || skip(cursor, "}"));
}

static void match_pair_part(struct matcher *matcher, struct level *level, size_t at) {
    struct cursor *cursor = &matcher->cursor;
    if (at % 2 == 1) {
        EXPECT(skip(cursor, level->is_object ? ":" : ","));
        match_value(matcher, spk_dict_value(level->value, at / 2));
        return;
    }
    EXPECT(at == 0 || level->is_object || skip(cursor, "]"));
    EXPECT(at == 0 || skip(cursor, ","));
    EXPECT(level->is_object || skip(cursor, "["));
    const spk_value *key = spk_dict_key(level->value, at / 2);
    if (level->is_object) {
        EXPECT(spk_type_of(key) == SPK_STR && *cursor->at == '"' && cursor->at[1] != '$');
        match_str(cursor, key);
    } else {
        match_value(matcher, key);
    }
}

static void match_step(struct matcher *matcher) {
    struct level *level = &matcher->levels[matcher->depth - 1];
    bool is_dict = spk_type_of(level->value) == SPK_DICT;
    size_t at = level->at++;
    if (at < spk_size(level->value) * (is_dict ? 2 : 1)) {
        if (is_dict) {
            match_pair_part(matcher, level, at);
        } else {
            EXPECT(at == 0 || skip(&matcher->cursor, ","));
            match_value(matcher, spk_item(level->value, at));
        }
        return;
    }
    EXPECT(!is_dict || level->is_object || at == 0 || skip(&matcher->cursor, "]"));
    EXPECT(skip(&matcher->cursor, level->closing) &&
           (!level->is_numbered || skip(&matcher->cursor, "}")));
    matcher->depth--;
}

static void match_document(const struct sink *text, const spk_document *document) {
    struct walk walk;
    struct matcher matcher = {
        {(const char *)text->got.data, (const char *)text->got.data + text->got.size},
        NULL,
        0,
        NULL,
        0,
        0};
    walk_document(&walk, document);
    matcher.ids = calloc(text->got.size + 1, sizeof *matcher.ids);
    matcher.levels = calloc(walk.count + 1, sizeof *matcher.levels);
    EXPECT(matcher.ids && matcher.levels);
    match_value(&matcher, spk_document_root(document));
    while (matcher.depth > 0) {
        match_step(&matcher);
    }
    EXPECT(skip(&matcher.cursor, "\n") && matcher.cursor.at == matcher.cursor.end);
    size_t containers =
        0; /* each of which must have been entered once, and so not without its number */
    for (size_t i = 0; i < walk.count; i++) {
        containers += !is_unique_anyway(walk.containers[i]);
    }
    EXPECT(matcher.entered == containers);
    free(matcher.ids);
    free(matcher.levels);
    walk_end(&walk);
}

/* ---- the target ---- */

static enum print_state write_into(struct sink *sink, const spk_document *document,
                                   enum json_form form, struct meter *meter) {
    spk_allocator allocator = meter_allocator(meter);
    enum print_state state =
        json_write(document, form, UINT64_C(1) << 20, &allocator, sink_keep, sink);
    EXPECT(meter_is_clean(meter) && sink->errors == 0);
    buffer_byte(&sink->got, '\0'); /* behind the text: who reads beyond it stops there */
    buffer_fit(&sink->got);
    sink->got.size--;
    return state;
}

/* The same again, with a write or an allocation that fails. */
static void fail_somewhere(const spk_document *document, enum json_form form, struct dice *dice,
                           const struct sink *whole, const struct meter *spent) {
    struct sink sink = {.fail_at = dice_below(dice, whole->calls) + 1};
    struct meter meter = METER_START;
    EXPECT(write_into(&sink, document, form, &meter) == PRINT_NOT_WRITTEN &&
           sink.calls == sink.fail_at);
    EXPECT(sink.got.size < whole->got.size &&
           (sink.got.size == 0 || memcmp(sink.got.data, whole->got.data, sink.got.size) == 0));
    buffer_free(&sink.got);
    sink = (struct sink){.calls = 0};
    meter = METER_START;
    meter.fail_at = dice_below(dice, (size_t)spent->requests) + 1;
    meter.fails_on = dice_below(dice, 2) == 0;
    EXPECT(write_into(&sink, document, form, &meter) == PRINT_NO_MEMORY &&
           sink.got.size < whole->got.size);
    buffer_free(&sink.got);
}

static void judge(const struct answer *answer, enum json_form form, struct dice *dice) {
    struct sink sink = {.calls = 0};
    struct meter meter = METER_START;
    enum print_state state = write_into(&sink, answer->document, form, &meter);
    if (state != PRINT_GOOD) {
        EXPECT(state == PRINT_TOO_LARGE || (state == PRINT_CYCLE && form == JSON_PLAIN));
        EXPECT(sink.got.size <= UINT64_C(1) << 20);
        buffer_free(&sink.got);
        return;
    }
    recognise(&sink);
    if (form == JSON_EXACT) {
        match_document(&sink, answer->document);
        EXPECT(sink.got.size <=
               400 * answer->report.consumed + 40 * spk_document_memory(answer->document));
    } else {
        EXPECT(sink.got.size <= UINT64_C(1) << 20);
    }
    fail_somewhere(answer->document, form, dice, &sink, &meter);
    buffer_free(&sink.got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    struct dice dice = dice_from(setup.seed);
    struct answer answer;
    setup.options.max_alloc = 0;
    answer_start(&answer);
    ask_whole(&answer, dice_below(&dice, 2) == 0 ? WAY_DECODE : WAY_BORROW, &setup);
    if (answer.document) {
        judge(&answer, JSON_EXACT, &dice);
        judge(&answer, JSON_PLAIN, &dice);
    }
    answer_end(&answer);
    return 0;
}
