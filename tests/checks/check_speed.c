/* SPDX-License-Identifier: MIT
 *
 * What exists only for speed, against the plain form of it: text by vectors, runs of equal opcodes,
 * mapped blocks, and dicts that take the index of one before them. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "text/ascii.h"
#include "decode/ints.h"
#include "base/pages.h"
#include "support.h"
#include "text/utf8.h"

/* ---- text ---- */

/* By single bytes, which no vector sees. */
static size_t utf8_by_bytes(const uint8_t *p, size_t size, bool *complete) {
    struct utf8 utf8 = {0, 0, 0};
    size_t at = 0;
    while (at < size && utf8_check(&utf8, p + at, 1) == 1) {
        at++;
    }
    *complete = utf8_is_complete(&utf8);
    return at;
}

/* Every mix of three bytes around the borders of what they may be, where vectors meet and where
 * they end. */
static void utf8_at_the_seams(void) {
    static const uint8_t bytes[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                    0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
                                    0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff};
    const size_t count = sizeof bytes;
    uint8_t text[72];
    uint64_t inputs = 0;
    uint64_t wrong = 0;
    for (size_t mix = 0; mix < count * count * count; mix++) {
        for (size_t start = 27; start <= 33; start++) {
            for (int last = 0; last < 3;
                 last++) { /* what stands behind: ASCII, a continuation, the end */
                bool complete = false;
                struct utf8 utf8 = {0, 0, 0};
                memset(text, 'a', sizeof text);
                text[start] = bytes[mix % count];
                text[start + 1] = bytes[mix / count % count];
                text[start + 2] = bytes[mix / count / count];
                text[start + 3] = last == 1 ? 0xa5 : 'a';
                size_t size = last == 2 ? start + 3 : sizeof text;
                size_t good = utf8_by_bytes(text, size, &complete);
                wrong += utf8_check(&utf8, text, size) != good ||
                         (good == size && utf8_is_complete(&utf8) != complete);
                inputs++;
            }
        }
    }
    CHECK_U64(wrong, 0);
    COVERED(inputs);
}

static void ascii_of_all_sizes(void) {
    uint8_t text[150];
    uint64_t inputs = 0;
    for (size_t size = 0; size <= 130; size++) {
        for (size_t odd = 0; odd <= size;
             odd++, inputs++) { /* at "size" it stands behind the text */
            memset(text, 0x7f, sizeof text);
            text[odd] = 0x80;
            CHECK(ascii_is_all(text, size) == (odd == size) &&
                  ascii_is_literal(text, size) == (odd == size));
            CHECK(size > ASCII_SHORT || ascii_is_short(text, size) == (odd == size));
            text[odd] = '\\';
            CHECK(ascii_is_all(text, size) && ascii_is_literal(text, size) == (odd == size));
            text[odd] = '\\' - 1;
            CHECK(ascii_is_literal(text, size));
        }
    }
    COVERED(inputs);
}

/* ---- runs ---- */

#ifdef SPK_SSE2

/* A run that something else ends at each place; at the end all is a run. */
static void runs_end_where_they_must(void) {
    static const uint8_t infinity[] = {OP_BINFLOAT, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0};
    static const uint8_t negative_nan[] = {OP_BINFLOAT, 0xff, 0xf8, 0, 0, 0, 0, 0, 0};
    static const uint8_t large[] = {OP_BINFLOAT, 0x7e, 0xff, OP_BINFLOAT, 0xff,
                                    0x7f,        0xff, 0xff, 0xff};
    uint8_t floats[70 * SIZE_BINFLOAT];
    uint8_t ints[70 * SIZE_BININT1];
    uint64_t inputs = 0;
    for (size_t max = 0; max <= 70; max++) {
        for (size_t odd = 0; odd <= max && odd < 70; odd++) {
            for (int kind = 0; kind < 3; kind++, inputs++) {
                for (size_t i = 0; i < 70; i++) {
                    memcpy(floats + i * SIZE_BINFLOAT, large, sizeof large);
                    ints[2 * i] = OP_BININT1;
                    ints[2 * i + 1] = OP_BININT1;
                }
                memcpy(floats + odd * SIZE_BINFLOAT, kind == 0 ? infinity : negative_nan,
                       sizeof infinity);
                if (kind == 2) {
                    memcpy(floats + odd * SIZE_BINFLOAT, "NNNNNNNNN", 9);
                }
                ints[2 * odd] = OP_BININT2;
                CHECK_U64(run_of_floats(floats, max), odd / 16 * 16);
                CHECK_U64(run_of_bytes(ints, max), odd / 16 * 16);
            }
        }
    }
    COVERED(inputs);
}

/* Every slot of a run is written and none behind it, and every slot is looked at. */
static void slots_of_runs(void) {
    uint64_t slots[80];
    uint64_t inputs = 0;
    for (size_t count = 0; count <= 72; count += RUN_GROUP) {
        memset(slots, 0, sizeof slots);
        run_fill(slots, count, UINT64_C(0x0123456789abcdef));
        for (size_t i = 0; i < 80; i++, inputs++) {
            CHECK_U64(slots[i], i < count ? UINT64_C(0x0123456789abcdef) : 0);
        }
    }
    for (size_t count = RUN_WORTH; count < 80; count++) {
        for (size_t odd = 0; odd <= count; odd++, inputs++) { /* at "count" it stands behind them */
            memset(slots, 0, sizeof slots);
            slots[0] = 1;
            slots[odd] |= UINT64_C(1) << 63;
            CHECK_U64(run_of_flags(slots, count), odd < count ? UINT64_C(1) << 63 | 1 : 1);
        }
    }
    COVERED(inputs);
}

#endif

/* ---- small ints ---- */

#define INTS_ROOM 400

/* Writes a small int of any size, whose operand may look like anything; returns its bytes. */
static size_t put_int(uint8_t *p, struct dice *dice) {
    static const uint8_t opcodes[] = {OP_BININT, OP_BININT1, OP_BININT2, OP_LONG,
                                      0,         0x80,       0xff,       OP_STOP};
    p[0] = opcodes[dice_below(dice, 3)];
    for (int i = 1; i <= 4; i++) {
        p[i] = opcodes[dice_below(dice, sizeof opcodes)];
    }
    return ints_size(p[0]);
}

/* As many opcodes as the plain way counts, of any run: it ends at what is no small int, or where
 * too little is left. */
static void ints_are_counted(void) {
    static const uint8_t others[] = {OP_LONG, OP_BININT - 1, OP_BININT2 + 1, 0,    0x7f,
                                     0x80,    0xc9,          0xca,           0xcb, 0xff};
    uint8_t bytes[INTS_ROOM + 5];
    struct dice dice = {3};
    bool is_vector =
        ints_count((const uint8_t *)"K1K1K1K1K1K1K1K1K1K1K1K1K1K1K1K1K1K1", 36, 16).count > 0;
    uint64_t counted = 0;
    for (size_t times = 0; times < 40000; times++) {
        size_t size = (size_t)dice_below(&dice, INTS_ROOM);
        size_t max = dice_below(&dice, 4) == 0 ? (size_t)dice_below(&dice, 100) : 1000;
        size_t end = 0;
        size_t place = 0;
        size_t count = 0;
        size_t odd = (size_t)dice_below(&dice, INTS_ROOM);
        while (end < odd) {
            end += put_int(bytes + end, &dice);
        }
        bytes[end] = others[dice_below(&dice, sizeof others)];
        for (end++; end < INTS_ROOM;) {
            end += put_int(bytes + end, &dice);
        }
        uint8_t *exact = malloc(size + 1); /* behind which a sanitizer sees */
        REQUIRE(exact);
        memcpy(exact + 1, bytes, size);
        struct run run = ints_count(exact + 1, size, max);
        free(exact);
        while (count < run.count) {
            place += ints_size(bytes[place]);
            count++;
        }
        CHECK(place == run.bytes && run.bytes <= size && run.count <= max);
        CHECK(ints_size(bytes[place]) == 0 || size - place < INTS_BYTES || max - count < INTS_MAX ||
              !is_vector);
        counted += count;
    }
    CHECK_NOTE(!is_vector || counted > 1000000, "%u counted", (unsigned)counted);
    COVERED(40000);
}

/* Through the machine: each value, each opcode, whatever stands between, however it is cut. */
static void ints_as_values(void) {
    struct dice dice = {4};
    uint64_t inputs = 0;
    for (size_t times = 0; times < 300; times++, inputs++) {
        struct buffer pickle = {NULL, 0, 0};
        static int64_t values[300];
        size_t count = (size_t)dice_below(&dice, 300);
        BUFFER_ADD(&pickle, "(");
        for (size_t i = 0; i < count; i++) {
            uint8_t opcode[10];
            size_t size = put_int(opcode, &dice);
            uint32_t bits = load_u32(opcode + 1);
            values[i] = size == SIZE_BININT1   ? opcode[1]
                        : size == SIZE_BININT2 ? load_u16(opcode + 1)
                                               : (int32_t)bits;
            if (dice_below(&dice, 20) == 0) {
                size = 7;
                memcpy(opcode, "\x8a\5\0", 3);
                store_u32(opcode + 3, bits);
                values[i] = (int64_t)(int32_t)bits * 256;
            }
            buffer_bytes(&pickle, opcode, size);
        }
        BUFFER_ADD(&pickle, "t.");
        CHECK_U64(judge(buffer_input(&pickle), NULL).report.opcodes, count + 3);
        spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
        REQUIRE(document && spk_size(spk_document_root(document)) == count);
        for (size_t i = 0; i < count; i++) {
            int64_t value = 0;
            CHECK(spk_get_int(spk_item(spk_document_root(document), i), &value) &&
                  value == values[i]);
        }
        spk_document_free(document);
        buffer_free(&pickle);
    }
    COVERED(inputs);
}

/* A run that begins, or goes on behind a LONG1, where the stack is full to the last slots. */
static void ints_where_the_stack_ends(void) {
    uint64_t inputs = 0;
    for (size_t below = 4030; below <= 4100; below++) {
        for (int is_long = 0; is_long < 2; is_long++, inputs++) {
            struct buffer pickle = {NULL, 0, 0};
            BUFFER_ADD(&pickle, "(");
            buffer_fill(&pickle, 'N', below);
            if (is_long) {
                BUFFER_ADD(&pickle, "\x8a\1\5");
            } else {
                BUFFER_ADD(&pickle, "(");
            }
            BUFFER_ADD(
                &pickle,
                "M\1\1M\1\1"); /* not all alike, and then as many as there can be in few bytes */
            for (unsigned i = 0; i < 118; i++) {
                BUFFER_ADD(&pickle, "K");
                buffer_byte(&pickle, i);
            }
            buffer_print(&pickle, "%s", is_long ? "t." : "tt.");
            CHECK_U64(judge(buffer_input(&pickle), NULL).report.opcodes,
                      below + 124 + (is_long ? 0 : 1));
            buffer_free(&pickle);
        }
    }
    COVERED(inputs);
}

/* Runs of all lengths through the machine, in one piece and in two: every value, and none lost
 * where a run ends. */
static void runs_as_values(void) {
    uint64_t inputs = 0;
    for (size_t count = 0; count <= 70; count++) {
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "(");
        for (size_t i = 0; i < count; i++) {
            BUFFER_ADD(&pickle, "G\x3f\xf8\0\0\0\0\0\0");
        }
        for (size_t i = 0; i < count; i++) {
            BUFFER_ADD(&pickle, "K");
            buffer_byte(&pickle, (unsigned)i);
        }
        BUFFER_ADD(&pickle, "t.");
        spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
        const spk_value *root = spk_document_root(document);
        CHECK_U64(spk_size(root), 2 * count);
        for (size_t i = 0; i < count; i++) {
            double real = 0;
            int64_t whole = -1;
            CHECK(spk_get_float(spk_item(root, i), &real) && real == 1.5);
            CHECK(spk_get_int(spk_item(root, count + i), &whole) && whole == (int64_t)i);
        }
        CHECK_U64(spk_check(pickle.data, pickle.size, NULL, NULL), SPK_OK);
        spk_document_free(document);
        buffer_free(&pickle);
        inputs++;
    }
    COVERED(inputs);
}

/* ---- blocks ---- */

#define NEIGHBOUR ((size_t)4 << 20)

/* Sizes in turn, with something else in the way of growing in place or not; the number of those at
 * which it went wrong. */
static size_t resize_in_turn(void *(*resize)(void *, void *, size_t, size_t), bool has_neighbours) {
    static const size_t sizes[] = {1,       100,     1048575, 1048576, 1048577, 2097151,
                                   2097152, 2097153, 4194304, 9000000, 3000000, 12000000,
                                   1048576, 1000000, 262144,  262143,  80000,   262144,
                                   500000,  5000000, 300000,  262145,  5};
    void *neighbours[sizeof sizes / sizeof sizes[0]] = {NULL};
    uint8_t *block = NULL;
    size_t size = 0;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        block = resize(NULL, block, size, sizes[i]);
        if (!block) {
            return i + 1;
        }
        bool is_right = (uintptr_t)block % 16 == 0;
        for (size_t at = 0; at < size && at < sizes[i]; at += 997) {
            is_right = is_right && block[at] == (uint8_t)(at / 997);
        }
        size = sizes[i];
        for (size_t at = 0; at < size; at += 997) {
            block[at] = (uint8_t)(at / 997);
        }
        block[size - 1] = block[size - 1];
        neighbours[i] = has_neighbours ? pages_resize(NULL, NULL, 0, NEIGHBOUR) : NULL;
        wrong += !is_right;
    }
    wrong += resize(NULL, block, size, 0) != NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        (void)pages_resize(NULL, neighbours[i], neighbours[i] ? NEIGHBOUR : 0, 0);
    }
    return wrong;
}

static void blocks_keep_their_bytes(void) {
    CHECK_U64(resize_in_turn(pages_resize, false), 0);
    CHECK_U64(resize_in_turn(pages_resize, true), 0);
    CHECK_U64(resize_in_turn(pages_resize_early, false), 0);
    CHECK_U64(resize_in_turn(pages_resize_early, true), 0);
    COVERED(4);
}

static void *resize_in_a_sandbox(void *wrong) {
#if defined CAN_FORBID && defined __NR_mremap
    (void)forbid_call(__NR_mremap, EPERM);
#endif
    *(size_t *)wrong = resize_in_turn(pages_resize, true);
    return NULL;
}

/* Where a sandbox forbids to move pages, blocks grow all the same.  Shown as passed where no filter
 * can be set, as under an emulator: the bytes are right then, too. */
static void blocks_grow_in_a_sandbox(void) {
    pthread_t thread;
    size_t wrong = SIZE_MAX;
    REQUIRE(pthread_create(&thread, NULL, resize_in_a_sandbox, &wrong) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    CHECK_U64(wrong, 0);
    COVERED(1);
}

/* ---- shapes ---- */

#define ROWS 5

/* Rows with the same keys, more than have no index and fewer; one row grows later, which no other
 * row may notice. */
static void rows_with_the_same_keys(void) {
    uint64_t inputs = 0;
    for (unsigned keys = 1; keys <= 40; keys += 3) {
        struct buffer pickle = {NULL, 0, 0};
        spk_options options = SPK_OPTIONS_INIT;
        options.allow_cycles = true;
        BUFFER_ADD(&pickle, "](");
        for (unsigned row = 0; row < ROWS; row++) {
            buffer_print(&pickle, "}p%u\n(", row);
            for (unsigned i = 0; i < keys; i++) {
                if (row == 0) {
                    buffer_print(&pickle, "Vk%u\np%u\nI%u\n", i, ROWS + i, i);
                } else {
                    buffer_print(&pickle, "g%u\nI%u\n", ROWS + i, 1000 * row + i);
                }
            }
            BUFFER_ADD(&pickle, "u");
        }
        buffer_print(&pickle, "e(g2\n(Vnew\nI7\ng%u\nI8\nu1.", (unsigned)ROWS);
        spk_document *document = spk_decode(pickle.data, pickle.size, &options, NULL);
        REQUIRE(document);
        const spk_value *root = spk_document_root(document);
        for (unsigned row = 0; row < ROWS; row++) {
            const spk_value *dict = spk_item(root, row);
            CHECK_U64(spk_size(dict), keys + (row == 2));
            CHECK((spk_find_str(dict, "new", 3) != NULL) == (row == 2));
            for (unsigned i = 0; i < keys; i++, inputs++) {
                int64_t value = -1;
                const spk_value *key = spk_dict_key(dict, i);
                const char *text = NULL;
                size_t size = 0;
                CHECK(spk_get_str(key, &text, &size) &&
                      spk_find_str(dict, text, size) == spk_dict_value(dict, i));
                CHECK(spk_get_int(spk_find(dict, key), &value) &&
                      value == (row == 2 && i == 0 ? 8 : 1000 * row + i));
            }
        }
        spk_document_free(document);
        buffer_free(&pickle);
    }
    COVERED(inputs);
}

#ifdef SPK_SSE2
REGISTER(speed, RUN(utf8_at_the_seams), RUN(ascii_of_all_sizes), RUN(runs_end_where_they_must),
         RUN(slots_of_runs), RUN(ints_are_counted), RUN(ints_as_values),
         RUN(ints_where_the_stack_ends), RUN(runs_as_values), RUN(blocks_keep_their_bytes),
         RUN(blocks_grow_in_a_sandbox), RUN(rows_with_the_same_keys))
#else
REGISTER(speed, RUN(utf8_at_the_seams), RUN(ascii_of_all_sizes), RUN(ints_are_counted),
         RUN(ints_as_values), RUN(ints_where_the_stack_ends), RUN(runs_as_values),
         RUN(blocks_keep_their_bytes), RUN(blocks_grow_in_a_sandbox), RUN(rows_with_the_same_keys))
#endif
