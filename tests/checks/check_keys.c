/* SPDX-License-Identifier: MIT
 *
 * How the keys of a dict or set are resolved: which of them are one, that each is found afterwards
 * however its container came to be (in which batches, with the keys of another one, growing after
 * it was stored), and that memory which runs out meanwhile is never passed over.  What equality of
 * two keys means is for check_key.c. */
#include <stdio.h>
#include <string.h>

#include "value/index.h"
#include "support.h"
#include "value/builder.h"

/* ---- which keys are one ---- */

/* In a small dict two equal keys are told by a few bits of each, so each small int and letter is
 * tried. */
static void every_short_key_twice(void) {
    for (unsigned byte = 0; byte < 256; byte++) {
        struct buffer ints = {NULL, 0, 0};
        struct buffer texts = {NULL, 0, 0};
        char text[32];
        buffer_print(&ints, "}(K%cK\1K%cK\2K\1K\3u.", (int)byte, (int)byte);
        buffer_print(&texts, "}(C\1%cK\1C\1%cK\2u.", (int)byte, (int)byte);
        ints.data[3] = ints.data[7] = (uint8_t)byte;
        snprintf(text, sizeof text, byte == 1 ? "#0{i1: i3}" : "#0{i%x: i2, i1: i3}", byte);
        ACCEPTS_INPUT(buffer_input(&ints), NULL, text);
        spk_document *document = spk_decode(texts.data, texts.size, NULL, NULL);
        const spk_value *dict = spk_document_root(document);
        int64_t value = 0;
        CHECK_NOTE(spk_size(dict) == 1 && spk_get_int(spk_dict_value(dict, 0), &value) &&
                       value == 2,
                   "byte %u", byte);
        spk_document_free(document);
        buffer_free(&ints);
        buffer_free(&texts);
    }
    COVERED(512);
}

/* A tuple that holds a NaN is equal to itself alone, wherever in it the NaN stands. */
static void nan_in_a_key(void) {
    for (unsigned count = 1; count <= 5; count++) {
        for (unsigned place = 0; place < count; place++) {
            struct buffer pickle = {NULL, 0, 0};
            BUFFER_ADD(&pickle, "}(");
            for (unsigned key = 0; key < 2; key++) {
                BUFFER_ADD(&pickle, "(");
                for (unsigned i = 0; i < count; i++) {
                    if (i == place) {
                        BUFFER_ADD(&pickle, "G\x7f\xf8\0\0\0\0\0\0");
                    } else {
                        BUFFER_ADD(&pickle, "K\7");
                    }
                }
                BUFFER_ADD(&pickle, "tN");
            }
            BUFFER_ADD(&pickle, "u.");
            spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
            CHECK_NOTE(spk_size(spk_document_root(document)) == 2, "NaN at %u of %u", place, count);
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    COVERED(15);
}

/* ---- that each is found ---- */

enum kind {
    KIND_STR,
    KIND_ASCENDING,
    KIND_SCATTERED,
    KIND_LONG,
    KIND_TUPLE,
    KIND_TUPLE_OF_LONG,
    KINDS
};

/* A key of a kind.  Every one is put into the memo, so that it can be fetched again. */
static void add_key(struct buffer *out, enum kind kind, unsigned number) {
    switch (kind) {
    case KIND_STR:
        buffer_print(out, "Vk%u\n", number);
        break;
    case KIND_ASCENDING:
        buffer_print(out, "I%u\n", number);
        break;
    case KIND_SCATTERED:
        buffer_print(out, "I%u\n", number * 7919 % 10007);
        break;
    case KIND_LONG:
        buffer_print(out, "V%080u\n", number);
        break;
    case KIND_TUPLE:
        buffer_print(out, "I%u\nI%u\n\x86", number, number % 3);
        break;
    default:
        buffer_print(out, "I%u\nV%080u\n\x86\x85", number % 3, number);
        break;
    }
    buffer_print(out, "p%u\n", number);
}

/* Pairs of the keys from "from" up to "to", all values "value": made for the first dict, fetched
 * for others. */
static void add_pairs(struct buffer *out, enum kind kind, unsigned from, unsigned to, bool is_new,
                      unsigned value) {
    BUFFER_ADD(out, "(");
    for (unsigned number = from; number < to; number++) {
        if (is_new) {
            add_key(out, kind, number);
        } else {
            buffer_print(out, "g%u\n", number);
        }
        buffer_print(out, "I%u\n", value);
    }
    BUFFER_ADD(out, "u");
}

/* The index of a dict, if it has one, speaks of this dict's entries and of all of them. */
static bool has_sound_index(const spk_value *dict) {
    const struct container *container = word_container(dict->word);
    const struct index *index = index_of(container, 2);
    uint32_t positions = 0;
    if (!index || index->is_sorted) {
        return true;
    }
    for (uint32_t i = 0; i <= index->mask; i++) {
        positions += index->buckets[i] != 0;
        if (index->buckets[i] != 0 &&
            (index->buckets[i] & index->mask) > container_count(container)) {
            return false;
        }
    }
    return positions == container_count(container) && index->used == positions;
}

/* All of a dict's entries are found by their keys, as many as there should be. */
static bool is_sound(const spk_value *dict, size_t count) {
    bool good = spk_size(dict) == count && has_sound_index(dict);
    for (size_t i = 0; i < spk_size(dict); i++) {
        good = good && spk_find(dict, spk_dict_key(dict, i)) == spk_dict_value(dict, i);
    }
    return good;
}

/* Numbers in the memo that are out of the way of the keys': of the first dict, and behind it the
 * others.  They must not be larger than the place in the pickle where they stand. */
#define FIRST 9000

static void begin_far_in(struct buffer *out) {
    buffer_repeat(out, INPUT("N0"), FIRST / 2 + 100);
}

/* Of two dicts with the very same keys the second comes in two batches, so that it has more room
 * than entries. */
static void the_same_keys_in_other_batches(void) {
    uint64_t inputs = 0;
    for (enum kind kind = KIND_STR; kind < KINDS; kind++) {
        for (unsigned count = 2; count <= 40; count++) {
            for (unsigned first = 1; first <= count; first += 1 + count / 8, inputs++) {
                struct buffer pickle = {NULL, 0, 0};
                BUFFER_ADD(&pickle, "]}");
                add_pairs(&pickle, kind, 0, count, true, 1);
                BUFFER_ADD(&pickle, "a}");
                add_pairs(&pickle, kind, 0, first, false, 2);
                add_pairs(&pickle, kind, first, count, false, 3);
                BUFFER_ADD(&pickle, "a.");
                spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
                const spk_value *root = spk_document_root(document);
                CHECK_NOTE(is_sound(spk_item(root, 0), count) && is_sound(spk_item(root, 1), count),
                           "kind %d, %u keys, %u of them first", (int)kind, count, first);
                spk_document_free(document);
                buffer_free(&pickle);
            }
        }
    }
    COVERED(inputs);
}

/* Two dicts with the same keys, stored; then one of them, or a third with keys of its own, gets
 * "more" further keys and new values for the old ones. */
static void build_growth(struct buffer *out, enum kind kind, unsigned count, unsigned more,
                         unsigned grows, unsigned batch) {
    begin_far_in(out);
    BUFFER_ADD(out, "](");
    for (unsigned dict = 0; dict < 3; dict++) {
        buffer_print(out, "}p%u\n", FIRST + dict);
        add_pairs(out, kind, dict == 2 ? 200 : 0, dict == 2 ? 200 + count : count, dict != 1, dict);
    }
    buffer_print(out, "eg%u\n", FIRST + grows);
    for (unsigned number = 400; number < 400 + more; number += batch) {
        add_pairs(out, kind, number, number + batch < 400 + more ? number + batch : 400 + more,
                  true, 5);
    }
    add_pairs(out, kind, grows == 2 ? 200 : 0, grows == 2 ? 200 + count : count, false, 6);
    BUFFER_ADD(out, "0.");
}

static bool grows_alone(const spk_value *root, unsigned count, unsigned more, unsigned grows) {
    bool good = true;
    for (unsigned dict = 0; dict < 3; dict++) {
        int64_t value = -1;
        const spk_value *grown = spk_item(root, dict);
        good = good && is_sound(grown, count + (dict == grows ? more : 0));
        good = good && spk_get_int(spk_dict_value(grown, count - 1), &value) &&
               value == (dict == grows ? 6 : (int64_t)dict);
    }
    return good;
}

static void growing_after_it_was_stored(void) {
    static const unsigned counts[] = {1, 12, 15, 16, 17, 23, 24, 25, 40, 48, 49, 100};
    static const unsigned batches[] = {1, 7, 100};
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0] * KINDS; i++) {
        enum kind kind = (enum kind)(i % KINDS);
        unsigned count = counts[i / KINDS];
        for (size_t j = 0; j < 9; j++, inputs++) {
            struct buffer pickle = {NULL, 0, 0};
            spk_options options = SPK_OPTIONS_INIT;
            options.allow_cycles = true;
            build_growth(&pickle, kind, count, 100, (unsigned)j % 3, batches[j / 3]);
            spk_document *document = spk_decode(pickle.data, pickle.size, &options, NULL);
            CHECK_NOTE(grows_alone(spk_document_root(document), count, 100, (unsigned)j % 3),
                       "kind %d, %u keys, dict %u", (int)kind, count, (unsigned)j % 3);
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    COVERED(inputs);
}

/* NaNs among the keys are never found, and never in the way of others, also when the index is made
 * anew. */
static void growing_with_nans(void) {
    for (unsigned count = 10; count <= 60; count += 10) {
        struct buffer pickle = {NULL, 0, 0};
        spk_options options = SPK_OPTIONS_INIT;
        options.allow_cycles = true;
        begin_far_in(&pickle);
        buffer_print(&pickle, "]}p%u\n", FIRST);
        add_pairs(&pickle, KIND_STR, 0, count, true, 1);
        for (unsigned i = 0; i < 7; i++) {
            BUFFER_ADD(&pickle, "G\x7f\xf8\0\0\0\0\0\0Ns");
        }
        buffer_print(&pickle, "ag%u\n", FIRST);
        add_pairs(&pickle, KIND_STR, 400, 400 + 2 * count, true, 2);
        BUFFER_ADD(&pickle, "G\x7f\xf8\0\0\0\0\0\0Ns0.");
        spk_document *document = spk_decode(pickle.data, pickle.size, &options, NULL);
        const spk_value *dict = spk_item(spk_document_root(document), 0);
        unsigned found = 0;
        for (size_t i = 0; i < spk_size(dict); i++) {
            const spk_value *key = spk_dict_key(dict, i);
            bool is_nan = spk_type_of(key) == SPK_FLOAT;
            CHECK_NOTE(spk_find(dict, key) == (is_nan ? NULL : spk_dict_value(dict, i)),
                       "%u keys, at %zu", count, i);
            found += !is_nan;
        }
        CHECK_U64(spk_size(dict), 3 * count + 8);
        CHECK_U64(found, 3 * count);
        spk_document_free(document);
        buffer_free(&pickle);
    }
    COVERED(6);
}

/* ---- depth ---- */

static void add_nested(struct buffer *out, unsigned depth) {
    BUFFER_ADD(out, "K\1");
    buffer_fill(out, 0x85, depth);
}

/* The deepest key of a batch counts, wherever it stands. */
static void depth_of_a_batch(void) {
    uint64_t inputs = 0;
    for (unsigned max = 1; max <= 4; max++) {
        for (unsigned first = 1; first <= 5; first++) {
            for (unsigned second = 1; second <= 5; second++, inputs++) {
                struct buffer pickle = {NULL, 0, 0};
                spk_options options = SPK_OPTIONS_INIT;
                options.max_key_depth = max;
                bool is_set = inputs % 2 == 0;
                buffer_print(&pickle, "%s(", is_set ? "\x8f" : "}");
                add_nested(&pickle, first);
                BUFFER_ADD(&pickle, "N");
                add_nested(&pickle, second);
                buffer_print(&pickle, "%s", is_set ? "\x90." : "Nu.");
                spk_report report = judge(buffer_input(&pickle), &options).report;
                CHECK_U64(report.code, first <= max && second <= max ? 0 : REASON_LIMIT_KEY_DEPTH);
                buffer_free(&pickle);
            }
        }
    }
    COVERED(inputs);
}

/* ---- no memory ---- */

static spk_status decode_with(struct input input, struct meter *meter) {
    spk_report report = SPK_REPORT_INIT;
    spk_options options = SPK_OPTIONS_INIT;
    options.allow_cycles = true;
    options.allocator = meter_allocator(meter);
    spk_document_free(spk_decode(input.data, input.size, &options, &report));
    CHECK_NOTE(meter->live == 0 && meter->errors == 0, "%zu bytes are left", meter->live);
    return report.status;
}

/* Whatever request fails, the decode does; a smaller size of a block is the one thing that can be
 * done without. */
static uint64_t fail_each(struct input input) {
    struct meter meter = {0};
    uint64_t failed = 0;
    CHECK_U64(decode_with(input, &meter), SPK_OK);
    uint64_t requests = meter.requests;
    for (uint64_t at = 1; at <= requests; at++) {
        meter = (struct meter){0};
        meter.fail_at = at;
        CHECK_U64(decode_with(input, &meter), SPK_NO_MEMORY);
        CHECK_U64(meter.requests, at);
        failed++;
    }
    return failed;
}

/* Small things take memory only where a block of the document ends: it is made to end everywhere in
 * turn. */
static void an_index_where_a_block_ends(void) {
    uint64_t points = 0;
    for (enum kind kind = KIND_STR; kind < KINDS; kind++) {
        for (unsigned padding = 0; padding < 130; padding += 3) {
            for (unsigned grows = 0; grows < 6; grows++) {
                struct buffer pickle = {NULL, 0, 0};
                for (unsigned i = 0; i < padding; i++) {
                    BUFFER_ADD(&pickle, "]K\1a0");
                }
                build_growth(&pickle, kind, grows < 3 ? 17 : 12, 30, grows % 3, 30);
                points += fail_each(buffer_input(&pickle));
                buffer_free(&pickle);
            }
        }
    }
    CHECK_NOTE(points > 1000, "only %u points", (unsigned)points);
    COVERED(points);
}

/* An index that is large has a block of its own. */
static void large_indexes(void) {
    for (enum kind kind = KIND_STR; kind < KINDS; kind++) {
        struct buffer pickle = {NULL, 0, 0};
        begin_far_in(&pickle);
        buffer_print(&pickle, "]}p%u\n", FIRST);
        add_pairs(&pickle, kind, 0, 4000, true, 1);
        buffer_print(&pickle, "ag%u\n", FIRST);
        add_pairs(&pickle, kind, 5000, 5900, true, 2);
        add_pairs(&pickle, kind, 6000, 7900, true, 2);
        BUFFER_ADD(&pickle, "0.");
        COVERED(fail_each(buffer_input(&pickle)));
        buffer_free(&pickle);
    }
}

/* Dicts of two pairs whose keys are the very objects a and b, in every order, one after the other:
 * that one dict has the keys of the one before is known only if all of them are the same. */
static void the_very_keys_of_another(void) {
    for (unsigned first = 0; first < 4; first++) {
        for (unsigned second = 0; second < 4; second++) {
            unsigned keys[] = {first / 2, first % 2, second / 2, second % 2};
            struct buffer pickle = {NULL, 0, 0};
            buffer_print(&pickle, "]Va\np0\n0Vb\np1\n0(}(g%u\nI0\ng%u\nI1\nu", keys[0], keys[1]);
            buffer_print(&pickle, "}(g%u\nI2\ng%u\nI3\nue.", keys[2], keys[3]);
            spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
            const spk_value *list = spk_document_root(document);
            CHECK(spk_size(list) == 2);
            for (size_t i = 0; i < 2; i++) {
                const spk_value *dict = spk_item(list, i);
                bool is_one = keys[2 * i] == keys[2 * i + 1];
                int64_t last = -1;
                CHECK_NOTE(spk_size(dict) == (is_one ? 1 : 2), "%u %u", first, second);
                CHECK(spk_get_int(spk_find_str(dict, keys[2 * i + 1] == 0 ? "a" : "b", 1), &last));
                CHECK_I64(last, (int64_t)(2 * i + 1));
            }
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    COVERED(16);
}

REGISTER(keys, RUN(every_short_key_twice), RUN(nan_in_a_key), RUN(the_same_keys_in_other_batches),
         RUN(growing_after_it_was_stored), RUN(growing_with_nans), RUN(depth_of_a_batch),
         RUN(an_index_where_a_block_ends), RUN(large_indexes), RUN(the_very_keys_of_another))
