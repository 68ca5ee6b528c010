/* SPDX-License-Identifier: MIT
 *
 * The getters: each on a value of every type and on NULL, the edges of ints, identity, and items by
 * index against what a visit meets. */
#include <string.h>

#include "support.h"

#define ALL_TYPES \
    "(N\x88K\5G\x3f\xf8\0\0\0\0\0\0\x8c\2ab" \
    "C\3xyz\x96\1\0\0\0\0\0\0\0q](K\1K\2K\3e(K\1K\2K\3K\4t" \
    "}(K\1K\2K\3K\4u\x8f(K\1\x90(K\7K\x08\x91t."

static spk_document *all_types(void) {
    spk_report report = SPK_REPORT_INIT;
    spk_document *document = spk_decode(ALL_TYPES, sizeof ALL_TYPES - 1, NULL, &report);
    CHECK_STR(report.name, "");
    return document;
}

static const spk_type types[] = {SPK_NONE,  SPK_BOOL,  SPK_INT,       SPK_FLOAT,
                                 SPK_STR,   SPK_BYTES, SPK_BYTEARRAY, SPK_LIST,
                                 SPK_TUPLE, SPK_DICT,  SPK_SET,       SPK_FROZENSET};

#define TYPES (sizeof types / sizeof types[0])

static void types_and_names(void) {
    static const char *const names[] = {"NoneType",  "bool", "int",   "float", "str", "bytes",
                                        "bytearray", "list", "tuple", "dict",  "set", "frozenset"};
    spk_document *document = all_types();
    const spk_value *root = spk_document_root(document);
    REQUIRE(spk_size(root) == TYPES);
    for (size_t i = 0; i < TYPES; i++) {
        CHECK_U64(spk_type_of(spk_item(root, i)), types[i]);
        CHECK_STR(spk_type_name(types[i]), names[i]);
    }
    CHECK_U64(spk_type_of(NULL), SPK_INVALID);
    CHECK_STR(spk_type_name(SPK_INVALID), "");
    CHECK_STR(spk_type_name((spk_type)13), "");
    CHECK_STR(spk_type_name((spk_type)-1), "");
    CHECK(!spk_document_root(NULL));
    spk_document_free(document);
    spk_document_free(NULL);
    COVERED(TYPES);
}

/* Every getter on every type: it answers for its own and refuses the others, NULL with them. */
static void getters_of_every_type(void) {
    static const size_t sizes[TYPES] = {0, 0, 0, 0, 0, 3, 1, 3, 4, 2, 1, 2};
    spk_document *document = all_types();
    const spk_value *root = spk_document_root(document);
    for (size_t i = 0; i <= TYPES; i++) {
        const spk_value *value = i < TYPES ? spk_item(root, i) : NULL;
        spk_type type = i < TYPES ? types[i] : SPK_INVALID;
        bool truth = false;
        int64_t number = 77;
        double real = 77;
        const char *text = NULL;
        const void *data = NULL;
        size_t size = 77;
        uint8_t bytes[16] = {77};
        CHECK(spk_get_bool(value, &truth) == (type == SPK_BOOL) && truth == (type == SPK_BOOL));
        CHECK(spk_get_int(value, &number) == (type == SPK_INT) &&
              number == (type == SPK_INT ? 5 : 77));
        CHECK(spk_get_int_bytes(value, bytes, 16) == (type == SPK_INT) &&
              bytes[0] == (type == SPK_INT ? 5 : 77));
        CHECK(spk_get_float(value, &real) == (type == SPK_FLOAT));
        CHECK(type == SPK_FLOAT ? real > 1.49 && real < 1.51 : real > 76 && real < 78);
        CHECK(spk_get_str(value, &text, &size) == (type == SPK_STR) &&
              size == (type == SPK_STR ? 2 : 77));
        CHECK(type != SPK_STR || memcmp(text, "ab", 2) == 0);
        size = 77;
        bool is_bytes = type == SPK_BYTES || type == SPK_BYTEARRAY;
        CHECK(spk_get_bytes(value, &data, &size) == is_bytes && size == (is_bytes ? sizes[i] : 77));
        CHECK(!is_bytes || memcmp(data, type == SPK_BYTES ? "xyz" : "q", size) == 0);
        CHECK_U64(spk_size(value), i < TYPES ? sizes[i] : 0);
        bool has_items =
            type == SPK_LIST || type == SPK_TUPLE || type == SPK_SET || type == SPK_FROZENSET;
        CHECK((spk_item(value, 0) != NULL) == has_items);
        CHECK(!spk_item(value, spk_size(value)) && !spk_item(value, SIZE_MAX));
        CHECK((spk_dict_key(value, 0) != NULL) == (type == SPK_DICT));
        CHECK((spk_dict_value(value, 1) != NULL) == (type == SPK_DICT));
        CHECK(!spk_dict_key(value, 2) && !spk_dict_value(value, 2) &&
              !spk_dict_value(value, SIZE_MAX));
        bool has_id = type >= SPK_STR;
        CHECK((spk_value_id(value) != 0) == has_id);
        CHECK(!spk_find(value, spk_item(root, 2)));
        CHECK(!spk_find_str(value, "ab", 2));
    }
    spk_document_free(document);
    COVERED(TYPES + 1);
}

static void bools(void) {
    spk_document *document = spk_decode("\x88\x89\x86.", 4, NULL, NULL);
    bool truth = false;
    CHECK(spk_get_bool(spk_item(spk_document_root(document), 0), &truth) && truth);
    CHECK(spk_get_bool(spk_item(spk_document_root(document), 1), &truth) && !truth);
    spk_document_free(document);
}

/* Ints of every number of bytes, the largest and smallest of each, as int64 and as bytes. */
static void ints(void) {
    uint64_t inputs = 0;
    for (size_t size = 1; size <= 40; size++) {
        for (int kind = 0; kind < 4; kind++, inputs++) {
            struct buffer pickle = {NULL, 0, 0};
            uint8_t bytes[41];
            uint8_t out[41];
            memset(bytes, kind == 0 || kind == 3 ? 0xff : 0, sizeof bytes);
            bytes[size - 1] = kind == 0 ? 0x7f : kind == 1 ? 0x80 : kind == 2 ? 0x01 : 0xfe;
            buffer_print(&pickle, "\x8a");
            buffer_byte(&pickle, (unsigned)size + (unsigned)(kind * 3));
            buffer_bytes(&pickle, bytes, size);
            buffer_fill(&pickle, bytes[size - 1] & 0x80 ? 0xff : 0,
                        (size_t)kind * 3); /* the same value, written longer */
            BUFFER_ADD(&pickle, ".");
            spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
            const spk_value *root = spk_document_root(document);
            int64_t number = 0;
            CHECK_U64(spk_get_int_bytes(root, NULL, 0), size);
            memset(out, 0x55, sizeof out);
            CHECK(spk_get_int_bytes(root, out, size - 1) == size && out[0] == 0x55);
            CHECK_U64(spk_get_int_bytes(root, out, sizeof out), size);
            CHECK(memcmp(out, bytes, size) == 0 && out[size] == 0x55);
            CHECK(spk_get_int(root, &number) == (size <= 8));
            uint64_t expected = bytes[size - 1] & 0x80 ? UINT64_MAX : 0;
            for (size_t i = size; size <= 8 && i-- > 0;) {
                expected = expected << 8 | bytes[i];
            }
            CHECK(size > 8 || (uint64_t)number == expected);
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    COVERED(inputs);
}

/* Identity is that of objects: kept for what is shared, different for what is only equal. */
static void identity(void) {
    static const char pickle[] = "(\x8c\1aq\0\x8c\1ah\0C\1aq\1C\1ah\1]q\2]h\2)q\3)h\3"
                                 "\x8a\7zzzzzzzq\4\x8a\7zzzzzzzh\4K\7K\7\x8a\6zzzzzzt.";
    spk_document *document = spk_decode(pickle, sizeof pickle - 1, NULL, NULL);
    const spk_value *root = spk_document_root(document);
    REQUIRE(spk_size(root) == 18);
    for (size_t i = 0; i < 15; i += 3) {
        uint64_t first = spk_value_id(spk_item(root, i));
        CHECK(first != 0 && first == spk_value_id(spk_item(root, i + 2)));
        CHECK(first != spk_value_id(spk_item(root, i + 1)));
        for (size_t j = 0; j < i; j++) {
            CHECK(first != spk_value_id(spk_item(root, j)));
        }
    }
    for (size_t i = 15; i < 18; i++) { /* ints of up to 48 bits */
        CHECK(spk_value_id(spk_item(root, i)) == 0);
    }
    CHECK(spk_value_id(root) != 0 &&
          spk_value_id(root) == spk_value_id(spk_document_root(document)));
    spk_document_free(document);
    COVERED(18);
}

/* ---- items by index, and by visit ---- */

struct meeting {
    const spk_value *parent;
    size_t met;
    uint64_t wrong;
};

static spk_walk compare_item(void *context, spk_event event, const spk_value *value) {
    struct meeting *meeting = context;
    const spk_value *parent = meeting->parent;
    if (value == parent) {
        return SPK_WALK_ON;
    }
    size_t at = meeting->met++;
    const spk_value *item = spk_type_of(parent) != SPK_DICT ? spk_item(parent, at)
                            : at % 2 == 0                   ? spk_dict_key(parent, at / 2)
                                                            : spk_dict_value(parent, at / 2);
    meeting->wrong += item != value || event == SPK_LEAVE;
    return SPK_WALK_SKIP;
}

static void items_are_those_of_a_visit(void) {
    spk_document *document = all_types();
    const spk_value *root = spk_document_root(document);
    for (size_t i = 7; i < TYPES; i++) {
        struct meeting meeting = {spk_item(root, i), 0, 0};
        CHECK_U64(spk_visit(document, meeting.parent, compare_item, &meeting), SPK_OK);
        CHECK(meeting.wrong == 0 &&
              meeting.met == spk_size(meeting.parent) * (types[i] == SPK_DICT ? 2 : 1));
    }
    spk_document_free(document);
    COVERED(TYPES - 7);
}

REGISTER(value, RUN(types_and_names), RUN(getters_of_every_type), RUN(bools), RUN(ints),
         RUN(identity), RUN(items_are_those_of_a_visit))
