/* SPDX-License-Identifier: MIT
 *
 * Look-up in finished dicts and sets, with an index and without: by str, by every kind of key, by
 * keys of another document under another secret, by what cannot be a key at all. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

static spk_document *decode_with(const struct buffer *pickle, uint8_t secret) {
    uint8_t key[16];
    spk_options options = SPK_OPTIONS_INIT;
    memset(key, secret, sizeof key);
    options.hash_key = key;
    return spk_decode(pickle->data, pickle->size, &options, NULL);
}

/* One key a line: the two forms are equal, and different from all others. */
static const struct {
    struct input form;
    struct input other;
} keys[] = {
#define KEY(form, other) \
    {{(const uint8_t *)(form), sizeof(form) - 1}, {(const uint8_t *)(other), sizeof(other) - 1}}
    KEY("N", "N"),
    KEY("K\1", "\x88"),
    KEY("\x89", "G\x80\0\0\0\0\0\0\0"),
    KEY("K\2", "G\x40\0\0\0\0\0\0\0"),
    KEY("\x8a\7\1\0\0\0\0\0\x20", "\x8a\x08\1\0\0\0\0\0\x20\0"),
    KEY("\x8a\7\0\0\0\0\0\0\x20", "G\x43\x40\0\0\0\0\0\0"),
    KEY("F1e+22\n", "I10000000000000000000000\n"),
    KEY("F1e+23\n", "G\x44\xb5\x2d\x02\xc7\xe1\x4a\xf6"),
    KEY("I100000000000000000000000\n", "L100000000000000000000000L\n"),
    KEY("F0.5\n", "F5e-01\n"),
    KEY("Finf\n", "G\x7f\xf0\0\0\0\0\0\0"),
    KEY("F-inf\n", "G\xff\xf0\0\0\0\0\0\0"),
    KEY("\x8c\0", "V\n"),
    KEY("C\0", "B\0\0\0\0"),
    KEY("\x8c\1a", "X\1\0\0\0a"),
    KEY("C\1a", "\x8e\1\0\0\0\0\0\0\0a"),
    KEY("\x8c\2\xc3\xa9", "V\xe9\n"),
    KEY(")", "(t"),
    KEY("(\x91", "(\x91"),
    KEY("K\1\x85", "\x88\x85"),
    KEY("K\1K\2\x86", "(G\x3f\xf0\0\0\0\0\0\0F2\nt"),
    KEY("K\2K\1\x86", "(F2\nI01\nt"),
    KEY("(K\1K\2\x91", "(F2\nI01\n\x91"),
    KEY("K\1\x85\x85", "I1\n\x85\x85"),
    KEY("(K\1\x91\x85", "(\x88\x91\x85"),
    KEY("((K\1K\2\x91)\x91", "()(K\2K\1\x91\x91"),
    KEY("K\1\x8c\1a\x86K\2\x8c\1b\x86\x86", "(I1\nVa\ntF2\nVb\n\x86\x86"),
    KEY("X\x42\0\0\0"
        "0123456789012345678901234567890123456789012345678901234567890123ab",
        "\x8c\x42"
        "0123456789012345678901234567890123456789012345678901234567890123ab"),
    KEY("B\x42\0\0\0"
        "0123456789012345678901234567890123456789012345678901234567890123ab",
        "C\x42"
        "0123456789012345678901234567890123456789012345678901234567890123ab"),
    KEY("X\x42\0\0\0"
        "0123456789012345678901234567890123456789012345678901234567890123ac",
        "\x8c\x42"
        "0123456789012345678901234567890123456789012345678901234567890123ac"),
};

#define KEYS (sizeof keys / sizeof keys[0])

/* A dict or set of the keys, filled up with others so that it has an index, or not; and a list of
 * the keys' other forms. */
static void add_container(struct buffer *out, bool is_dict, size_t from, size_t to, unsigned fill) {
    buffer_print(out, "%s", is_dict ? "}(" : "\x8f(");
    for (size_t i = from; i < to; i++) {
        buffer_bytes(out, keys[i].form.data, keys[i].form.size);
        if (is_dict) {
            buffer_print(out, "I%u\n", (unsigned)i);
        }
    }
    for (unsigned i = 0; i < fill; i++) {
        buffer_print(out, "I%u\n%s", 100000 + i, is_dict ? "N" : "");
    }
    buffer_print(out, "%s.", is_dict ? "u" : "\x90");
}

static void find_among(bool is_dict, size_t from, size_t to, unsigned fill,
                       const spk_value *forms) {
    struct buffer pickle = {NULL, 0, 0};
    add_container(&pickle, is_dict, from, to, fill);
    spk_document *document = decode_with(&pickle, 0x11);
    const spk_value *root = spk_document_root(document);
    REQUIRE(spk_size(root) == to - from + fill);
    for (size_t i = 0; i < KEYS; i++) {
        const spk_value *found = spk_find(root, spk_item(forms, i));
        bool is_there = i >= from && i < to;
        int64_t number = -1;
        CHECK_NOTE((found != NULL) == is_there, "key %zu among %zu to %zu and %u", i, from, to,
                   fill);
        CHECK(!is_there ||
              found == (is_dict ? spk_dict_value(root, i - from) : spk_item(root, i - from)));
        CHECK(!is_there || !is_dict || (spk_get_int(found, &number) && number == (int64_t)i));
        /* its own key */
        const spk_value *own =
            is_there ? is_dict ? spk_dict_key(root, i - from) : spk_item(root, i - from) : NULL;
        CHECK(spk_find(root, own) == found);
    }
    spk_document_free(document);
    buffer_free(&pickle);
}

/* Each key alone, among a few, among many; by the other form of it, from a document with another
 * secret. */
static void every_kind_of_key(void) {
    struct buffer pickle = {NULL, 0, 0};
    uint64_t inputs = 0;
    BUFFER_ADD(&pickle, "(");
    for (size_t i = 0; i < KEYS; i++) {
        buffer_bytes(&pickle, keys[i].other.data, keys[i].other.size);
    }
    BUFFER_ADD(&pickle, "t.");
    spk_document *forms = decode_with(&pickle, 0x22);
    const spk_value *root = spk_document_root(forms);
    REQUIRE(spk_size(root) == KEYS);
    for (int is_dict = 0; is_dict < 2; is_dict++) {
        for (size_t from = 0; from < KEYS; from += 3) {
            for (size_t to = from; to <= KEYS; to += 5, inputs += KEYS) {
                find_among(is_dict, from, to, 0, root);
                find_among(is_dict, from, to, 40, root);
            }
        }
        find_among(is_dict, 0, KEYS, 0, root);
        find_among(is_dict, 0, KEYS, 1000, root);
    }
    spk_document_free(forms);
    COVERED(2 * inputs);
    buffer_free(&pickle);
}

/* Ids in order, which need no buckets, or all but in order: keys that are there and keys between
 * them, as int and float. */
static void ids_among(bool is_dict, const int64_t *ids, size_t count, unsigned *inputs) {
    struct buffer pickle = {NULL, 0, 0};
    struct buffer probes = {NULL, 0, 0};
    buffer_print(&pickle, "%s", is_dict ? "}(" : "\x8f(");
    BUFFER_ADD(&probes, "(NVa\nI1000000000000000000000\nF0.5\nFinf\nFnan\n)(\x91");
    for (size_t i = 0; i < count; i++) {
        buffer_print(&pickle, "I%lld\n%s", (long long)ids[i], is_dict ? "N" : "");
        for (int64_t id = ids[i] - 1; id <= ids[i] + 1; id++) {
            buffer_print(&probes, "I%lld\nF%lld\n", (long long)id, (long long)id);
        }
    }
    buffer_print(&pickle, "%s.", is_dict ? "u" : "\x90");
    BUFFER_ADD(&probes, "t.");
    spk_document *document = decode_with(&pickle, 0x11);
    spk_document *asked = decode_with(&probes, 0x22);
    const spk_value *root = spk_document_root(document);
    REQUIRE(document && asked && spk_size(spk_document_root(asked)) == 8 + 6 * count);
    for (size_t i = 0; i < 8 + 6 * count; i++, ++*inputs) {
        const spk_value *expected = NULL;
        int64_t wanted = i < 8 ? 0 : ids[(i - 8) / 6] + (int64_t)((i - 8) % 6 / 2) - 1;
        for (size_t at = 0; i >= 8 && at < spk_size(root); at++) {
            int64_t id = 0;
            CHECK(spk_get_int(is_dict ? spk_dict_key(root, at) : spk_item(root, at), &id));
            expected =
                id == wanted ? is_dict ? spk_dict_value(root, at) : spk_item(root, at) : expected;
        }
        CHECK_NOTE(spk_find(root, spk_item(spk_document_root(asked), i)) == expected,
                   "probe %zu of %zu ids", i, count);
    }
    CHECK(!spk_find_str(root, "1", 1));
    spk_document_free(document);
    spk_document_free(asked);
    buffer_free(&pickle);
    buffer_free(&probes);
}

static void ids_in_order(void) {
    static int64_t ids[120];
    struct dice dice = {8};
    unsigned inputs = 0;
    for (size_t count = 15; count <= 120; count = count < 20 ? count + 1 : count * 2 - 11) {
        for (int order = 0; order < 6; order++) {
            int64_t id = -(int64_t)dice_below(&dice, 1000);
            for (size_t i = 0; i < count; i++) {
                ids[i] = id;
                id += order == 1
                          ? 1
                          : 1 + (int64_t)dice_below(&dice, order == 2 ? UINT64_C(1) << 40 : 5);
            }
            size_t odd = order == 3 ? count - 2 : (size_t)dice_below(&dice, count - 1);
            int64_t last = ids[count - 1];
            ids[odd + 1] = order == 3 ? ids[odd] : ids[odd + 1]; /* the same twice */
            ids[count - 1] = order == 4   ? ids[0] - 1
                             : order == 5 ? last + (INT64_C(1) << 47)
                                          : ids[count - 1];
            ids_among(order % 2 == 0, ids, count, &inputs);
            ids_among(order % 2 != 0, ids, count, &inputs);
        }
    }
    COVERED(inputs);
}

/* And they save the memory that buckets take: 8 bytes a word are all. */
static void ids_in_order_take_no_more(void) {
    for (int is_last_odd = 0; is_last_odd < 2; is_last_odd++) {
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "}(");
        for (unsigned i = 0; i < 5000; i++) {
            buffer_print(&pickle, "I%u\nN", i);
        }
        buffer_print(&pickle, "I%d\nNu.", is_last_odd ? -1 : 5000);
        spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
        REQUIRE(document && spk_size(spk_document_root(document)) == 5001);
        size_t rest = spk_document_memory(document) - (size_t)5001 * 16;
        CHECK(is_last_odd ? rest > 20000 : rest < 4096);
        spk_document_free(document);
        buffer_free(&pickle);
    }
}

/* Frozensets of ids as keys are compared by looking members of one up in the other; a dict of ids
 * grows in a cycle. */
static void ids_that_are_looked_up_while_decoding(void) {
    struct buffer pickle = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    options.allow_cycles = true;
    BUFFER_ADD(&pickle, "(}((");
    for (int i = 0; i < 40; i++) {
        buffer_print(&pickle, "I%d\n", i);
    }
    BUFFER_ADD(&pickle, "\x91I1\n(");
    for (int i = 39; i >= 0; i--) {
        buffer_print(&pickle, "F%d\n", i);
    }
    BUFFER_ADD(&pickle, "\x91I2\n(");
    for (int i = 0; i < 40; i++) {
        buffer_print(&pickle, "I%d\n", i + (i == 39));
    }
    BUFFER_ADD(&pickle, "\x91I3\nu}p7\n(");
    for (int i = 0; i < 40; i++) {
        buffer_print(&pickle, "I%d\nN", i);
    }
    BUFFER_ADD(&pickle, "ug7\n\x85p8\n0g7\n(I5\ng8\nI17\nI4\nI100\nI6\nF0\nI7\nI100\nI8\nut.");
    spk_document *document = spk_decode(pickle.data, pickle.size, &options, NULL);
    REQUIRE(document);
    const spk_value *sets = spk_item(spk_document_root(document), 0);
    const spk_value *ids = spk_item(spk_document_root(document), 1);
    int64_t number = 0;
    CHECK(spk_size(sets) == 2 && spk_get_int(spk_dict_value(sets, 0), &number) && number == 2);
    CHECK_U64(spk_size(ids), 41);
    for (size_t i = 0; i < spk_size(ids); i++) {
        static const uint8_t values[101] = {[0] = 7, [17] = 4, [100] = 8};
        int64_t id = 0;
        CHECK(spk_get_int(spk_dict_key(ids, i), &id) &&
              spk_find(ids, spk_dict_key(ids, i)) == spk_dict_value(ids, i));
        number = 0;
        CHECK(spk_get_int(spk_dict_value(ids, i), &number) == (values[id] != 0) &&
              number == values[id]);
    }
    spk_document_free(document);
    buffer_free(&pickle);
    COVERED(41);
}

static void what_is_no_key(void) {
    static const char pickle[] =
        "(}(NK\1)K\2u}(NK\1I0\nI1\nI2\nI3\nI4\nI5\nI6\nI7\nI8\nI9\nI10\nI11\nI12\nI13\nI14\nI15\n"
        "I16\nI17\nI18\nI19\nI20\nI21\nI22\nI23\nI24\nI25\nI26\nI27\nI28\nI29\nI30\nI31\nu"
        "]}\x8f\x96\0\0\0\0\0\0\0\0]\x85G\x7f\xf8\0\0\0\0\0\0t.";
    spk_document *document = spk_decode(pickle, sizeof pickle - 1, NULL, NULL);
    const spk_value *root = spk_document_root(document);
    REQUIRE(spk_size(root) == 8);
    for (size_t dict = 0; dict < 2; dict++) {
        for (size_t i = 2; i < 8; i++) {
            CHECK(!spk_find(spk_item(root, dict), spk_item(root, i)));
        }
        CHECK(!spk_find(spk_item(root, dict), NULL));
        CHECK(!spk_find(spk_item(root, dict), root));
    }
    CHECK(!spk_find(NULL, root) && !spk_find(root, spk_item(root, 7)) &&
          !spk_find(spk_item(root, 2), spk_item(root, 7)));
    spk_document_free(document);
    COVERED(19);
}

/* A NaN is none, and neither is what holds one: not even the very key of the dict, found by its own
 * pointer. */
static void keys_that_hold_nan(void) {
    static const struct input forms[] = {
        {(const uint8_t *)"G\x7f\xf8\0\0\0\0\0\0", 9},
        {(const uint8_t *)"G\x7f\xf8\0\0\0\0\0\0\x85", 10},
        {(const uint8_t *)"(K\1G\x7f\xf8\0\0\0\0\0\0\x91", 13},
        {(const uint8_t *)"NG\x7f\xf8\0\0\0\0\0\0\x85\x86", 12},
    };
    for (unsigned fill = 0; fill < 80; fill += 40) {
        for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
            struct buffer pickle = {NULL, 0, 0};
            BUFFER_ADD(&pickle, "}(");
            for (int times = 0; times < 2; times++) {
                buffer_bytes(&pickle, forms[i].data, forms[i].size);
                BUFFER_ADD(&pickle, "N");
            }
            for (unsigned key = 0; key < fill; key++) {
                buffer_print(&pickle, "I%u\nN", key);
            }
            BUFFER_ADD(&pickle, "u.");
            spk_document *document = decode_with(&pickle, 3);
            const spk_value *root = spk_document_root(document);
            CHECK_U64(spk_size(root), 2 + fill);
            CHECK(!spk_find(root, spk_dict_key(root, 0)) && !spk_find(root, spk_dict_key(root, 1)));
            CHECK(fill == 0 || spk_find(root, spk_dict_key(root, 9)) == spk_dict_value(root, 9));
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    COVERED(8);
}

/* A key deeper or larger than any can be, of another document: told at once that it is not there.
 */
static void keys_that_are_too_large(void) {
    struct buffer deep = {NULL, 0, 0};
    struct buffer wide = {NULL, 0, 0};
    struct buffer dict = {NULL, 0, 0};
    BUFFER_ADD(&deep, ")");
    buffer_fill(&deep, 0x85, 500);
    BUFFER_ADD(&deep, ".");
    BUFFER_ADD(&wide, ")");
    for (unsigned i = 0; i < 25; i++) {
        buffer_byte(&wide, 'q');
        buffer_byte(&wide, i & 255);
        buffer_byte(&wide, 'h');
        buffer_byte(&wide, i & 255);
        buffer_byte(&wide, 0x86);
    }
    BUFFER_ADD(&wide, ".");
    add_container(&dict, true, 0, KEYS, 30);
    spk_document *documents[] = {spk_decode(deep.data, deep.size, NULL, NULL),
                                 spk_decode(wide.data, wide.size, NULL, NULL),
                                 spk_decode(dict.data, dict.size, NULL, NULL)};
    for (size_t i = 0; i < 3; i++) {
        CHECK(documents[i]);
        CHECK(!spk_find(spk_document_root(documents[2]), spk_document_root(documents[i])));
    }
    for (size_t i = 0; i < 3; i++) {
        spk_document_free(documents[i]);
    }
    COVERED(3);
    buffer_free(&deep);
    buffer_free(&wide);
    buffer_free(&dict);
}

/* Exactly at the limits of keys: found, also by an equal one from elsewhere. */
static void keys_at_the_limits(void) {
    for (size_t fill = 0; fill < 40; fill += 39) {
        struct buffer pickle = {NULL, 0, 0};
        struct buffer key = {NULL, 0, 0};
        BUFFER_ADD(&key, ")");
        for (size_t i = 0; i < 99; i++) {
            if (i % 3 == 0) {
                BUFFER_ADD(&key, "N\x86");
            } else {
                BUFFER_ADD(&key, "\x85");
            }
        }
        BUFFER_ADD(&pickle, "}(");
        buffer_bytes(&pickle, key.data, key.size);
        BUFFER_ADD(&pickle, "K\7");
        for (unsigned i = 0; i < fill; i++) {
            buffer_print(&pickle, "I%u\nN", i);
        }
        BUFFER_ADD(&pickle, "u.");
        BUFFER_ADD(&key, ".");
        spk_document *document = decode_with(&pickle, 1);
        spk_document *other = decode_with(&key, 2);
        int64_t number = 0;
        CHECK(
            spk_get_int(spk_find(spk_document_root(document), spk_document_root(other)), &number) &&
            number == 7);
        spk_document_free(document);
        spk_document_free(other);
        buffer_free(&pickle);
        buffer_free(&key);
    }
    COVERED(2);
}

/* ---- by str ---- */

static void by_str(void) {
    for (unsigned count = 1; count < 200; count += 13) {
        struct buffer pickle = {NULL, 0, 0};
        char name[64];
        BUFFER_ADD(&pickle, "}(");
        for (unsigned i = 0; i < count; i++) {
            buffer_print(&pickle, "Vkey %u\nI%u\nC\3%03uN", i, i, i);
        }
        BUFFER_ADD(&pickle, "\x8c\0K\7\x8c\3a\0bK\x08\x8c\6\xed\xa0\xbd\xed\xb8\x80K\x09u.");
        spk_document *document = decode_with(&pickle, 7);
        const spk_value *root = spk_document_root(document);
        int64_t number = -1;
        for (unsigned i = 0; i < count; i++) {
            struct text text = text_start(name, sizeof name);
            text_put(&text, "key ");
            text_put_number(&text, i);
            CHECK(spk_get_int(spk_find_str(root, name, text.length), &number) &&
                  number == (int64_t)i);
            CHECK((spk_find_str(root, name, text.length - 1) != NULL) == (i >= 10));
        }
        CHECK(!spk_find_str(root, "000", 3)); /* there only as bytes */
        CHECK(spk_get_int(spk_find_str(root, "", 0), &number) && number == 7);
        CHECK(spk_get_int(spk_find_str(root, NULL, 0), &number) && number == 7);
        CHECK(spk_get_int(spk_find_str(root, "a\0b", 3), &number) && number == 8);
        CHECK(spk_get_int(spk_find_str(root, "\xed\xa0\xbd\xed\xb8\x80", 6), &number) &&
              number == 9);
        CHECK(!spk_find_str(root, "a", 1) && !spk_find_str(root, "a\0c", 3) &&
              !spk_find_str(root, NULL, 3));
        CHECK(!spk_find_str(root, "\xf0\x9f\x98\x80", 4) && !spk_find_str(NULL, "a", 1));
        spk_document_free(document);
        buffer_free(&pickle);
        COVERED(count + 6);
    }
}

/* The header's own example. */
static void chained_lookup(void) {
    static const char pickle[] =
        "\x80\4\x95\x1b\0\0\0\0\0\0\0}\x94(\x8c\4name\x94\x8c\4John\x94\x8c\3age\x94K\x1eu.";
    spk_report report = SPK_REPORT_INIT;
    spk_document *document = spk_decode(pickle, sizeof pickle - 1, NULL, &report);
    int64_t age = 0;
    CHECK_STR(report.name, "");
    CHECK(spk_get_int(spk_find_str(spk_document_root(document), "age", 3), &age) && age == 30);
    CHECK(!spk_get_int(spk_find_str(spk_find_str(spk_document_root(document), "name", 4), "age", 3),
                       &age));
    spk_document_free(document);
}

REGISTER(find, RUN(every_kind_of_key), RUN(ids_in_order), RUN(ids_in_order_take_no_more),
         RUN(ids_that_are_looked_up_while_decoding), RUN(what_is_no_key), RUN(keys_that_hold_nan),
         RUN(keys_that_are_too_large), RUN(keys_at_the_limits), RUN(by_str), RUN(chained_lookup))
