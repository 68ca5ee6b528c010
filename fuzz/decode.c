/* SPDX-License-Identifier: MIT
 *
 * Target decode: the tree.  Walks the document, asks every getter, finds every key in its own
 * document and in another one of the same bytes under another hash key, and compares the two and a
 * borrowed one.  Judges no pickle itself. */
#include <math.h>
#include <string.h>

#include "support.h"

static const uint8_t other_hash_key[16] = "another hash key";

/* ---- UTF-8, surrogates allowed: an independent reading ---- */

static size_t sequence_size(uint8_t first) {
    return first < 0x80   ? 1
           : first < 0xc2 ? 0
           : first < 0xe0 ? 2
           : first < 0xf0 ? 3
           : first < 0xf5 ? 4
                          : 0;
}

static bool is_utf8(const uint8_t *p, size_t size) {
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
    for (size_t at = 0; at < size;) {
        size_t length = sequence_size(p[at]);
        if (length == 0 || length > size - at) {
            return false;
        }
        uint32_t point = length == 1 ? p[at] : p[at] & (0xffu >> (length + 1));
        for (size_t i = 1; i < length; i++) {
            if (p[at + i] >> 6 != 2) {
                return false;
            }
            point = point << 6 | (p[at + i] & 0x3f);
        }
        if (point < min[length] || point > 0x10ffff) {
            return false;
        }
        at += length;
    }
    return true;
}

/* ---- keys ---- */

static spk_walk look_for_nan(void *context, spk_event event, const spk_value *value) {
    bool *has_nan = context;
    double number = 0;
    if (event == SPK_ATOM && spk_get_float(value, &number) && isnan(number)) {
        *has_nan = true;
        return SPK_WALK_STOP;
    }
    return SPK_WALK_ON;
}

/* What holds a NaN is equal to itself only within one document, and a bare NaN to nothing. */
static bool has_nan(const spk_document *document, const spk_value *key) {
    bool found = false;
    EXPECT(spk_visit(document, key, look_for_nan, &found) == SPK_OK);
    return found;
}

static void find_key(const spk_document *document, const spk_value *dict, size_t index,
                     const spk_value *other) {
    const spk_value *key = spk_dict_key(dict, index);
    const spk_value *value = spk_dict_value(dict, index);
    const char *text = NULL;
    size_t size = 0;
    EXPECT(key && value);
    EXPECT(spk_find(NULL, key) == NULL);
    if (has_nan(document, key)) {
        EXPECT(spk_type_of(key) != SPK_FLOAT || spk_find(dict, key) == NULL);
        return;
    }
    EXPECT(spk_find(dict, key) == value);
    EXPECT(spk_find(other, key) == spk_dict_value(other, index));
    if (spk_get_str(key, &text, &size)) {
        EXPECT(spk_find_str(dict, text, size) == value);
        EXPECT(spk_find_str(other, text, size) == spk_dict_value(other, index));
    }
}

static void find_member(const spk_document *document, const spk_value *set, size_t index,
                        const spk_value *other) {
    const spk_value *member = spk_item(set, index);
    EXPECT(member);
    if (has_nan(document, member)) {
        EXPECT(spk_type_of(member) != SPK_FLOAT || spk_find(set, member) == NULL);
        return;
    }
    EXPECT(spk_find(set, member) == member);
    EXPECT(spk_find(other, member) == spk_item(other, index));
}

/* Getters of other types say no. */
static void refuse_others(const spk_value *value) {
    spk_type type = spk_type_of(value);
    bool truth;
    int64_t small;
    double number;
    const char *text;
    const void *bytes;
    size_t size;
    EXPECT(type == SPK_BOOL || !spk_get_bool(value, &truth));
    EXPECT(type == SPK_INT ||
           (!spk_get_int(value, &small) && spk_get_int_bytes(value, NULL, 0) == 0));
    EXPECT(type == SPK_FLOAT || !spk_get_float(value, &number));
    EXPECT(type == SPK_BYTES || type == SPK_BYTEARRAY || !spk_get_bytes(value, &bytes, &size));
    EXPECT(type == SPK_DICT ||
           (!spk_dict_key(value, 0) && !spk_dict_value(value, 0) && !spk_find_str(value, "", 0)));
    EXPECT(spk_item(value, spk_size(value)) == NULL && spk_item(value, SIZE_MAX) == NULL);
    EXPECT(spk_dict_key(value, spk_size(value)) == NULL && spk_dict_value(value, SIZE_MAX) == NULL);
    EXPECT(strlen(spk_type_name(type)) > 2);
    if (spk_get_str(value, &text, &size)) {
        EXPECT(type == SPK_STR && is_utf8((const uint8_t *)text, size));
    }
}

static void inspect_container(const spk_document *document, const spk_value *container,
                              const spk_value *other) {
    spk_type type = spk_type_of(container);
    size_t count = spk_size(container);
    EXPECT(count == spk_size(other));
    refuse_others(container);
    for (size_t i = 0; i < count; i++) {
        if (type == SPK_DICT) {
            refuse_others(spk_dict_key(container, i));
            refuse_others(spk_dict_value(container, i));
            find_key(document, container, i, other);
        } else {
            refuse_others(spk_item(container, i));
        }
        if (type == SPK_SET || type == SPK_FROZENSET) {
            find_member(document, container, i, other);
        }
    }
}

static void compare(const struct answer *answer, const struct answer *other, const char *what) {
    struct walk walk, other_walk;
    expect_same_report(&answer->report, &other->report, what);
    if (!answer->document) {
        return;
    }
    walk_document(&walk, answer->document);
    walk_document(&other_walk, other->document);
    if (walk.hash != other_walk.hash || walk.count != other_walk.count) {
        fail("two values differ: %s", what);
    }
    refuse_others(spk_document_root(answer->document));
    for (size_t i = 0; i < walk.count; i++) {
        inspect_container(answer->document, walk.containers[i], other_walk.containers[i]);
    }
    walk_end(&walk);
    walk_end(&other_walk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    struct setup other_setup = setup;
    struct answer answer, borrowed, other;
    setup.options.max_alloc = 0;
    other_setup.options.max_alloc = 0;
    other_setup.options.hash_key = other_hash_key;
    answer_start(&answer);
    answer_start(&borrowed);
    answer_start(&other);
    ask_whole(&answer, WAY_DECODE, &setup);
    ask_whole(&borrowed, WAY_BORROW, &setup);
    ask_whole(&other, WAY_DECODE, &other_setup);
    compare(&answer, &other, "two hash keys");
    compare(&borrowed, &answer, "borrowed and copied");
    answer_end(&answer);
    answer_end(&borrowed);
    answer_end(&other);
    return 0;
}
