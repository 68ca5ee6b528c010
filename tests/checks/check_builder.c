/* SPDX-License-Identifier: MIT
 *
 * Documents as they are built: how equal keys are resolved, growth over the size where a dict gets
 * its index, shared values, large values in pieces, borrowing, and the few values that have no word
 * of their own. */
#include "value/builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/index.h"
#include "support.h"
#include "value/word.h"

/* ---- equal keys ---- */

/* The first key stays, the last value wins, the place is that of the first. */
static void equal_keys(void) {
    ACCEPTS("}(K\1K\x0a\x88K\x14u.", "#0{i1: i14}");
    ACCEPTS("}(\x88K\x0aK\1K\x14u.", "#0{True: i14}");
    ACCEPTS("}(K\0K\1G\x80\0\0\0\0\0\0\0K\2u.", "#0{i0: i2}");
    ACCEPTS("}(G\x80\0\0\0\0\0\0\0K\1G\0\0\0\0\0\0\0\0K\2u.", "#0{f8000000000000000: i2}");
    ACCEPTS("(K\1K\1K\2K\2K\1K\3d.", "#0{i1: i3, i2: i2}");
    ACCEPTS("}K\1K\1sK\2K\2sK\1K\3s.", "#0{i1: i3, i2: i2}");
    ACCEPTS("}(\x8c\1aK\1C\1aK\2X\1\0\0\0aK\3u.", "#0{'a': i3, b'a': i2}");
    ACCEPTS("}(U\1aK\1Va\nK\2u.", "#0{'a': i2}"); /* a Python 2 str and a unicode */
    ACCEPTS("}(K\1\x85K\1\x88\x85K\2G\x3f\xf0\0\0\0\0\0\0\x85K\3u.", "#0{#1(i1): i3}");
    ACCEPTS("}((K\1K\2\x91K\1(K\2K\1\x91K\2u.", "#0{#1F{i1, i2}: i2}");
    ACCEPTS("}(NK\1NK\2u.", "#0{None: i2}");
    ACCEPTS("(K\1\x88K\0\x89K\2\x91.", "#0F{i1, i0, i2}");
    ACCEPTS("\x8f(K\1\x90(\x88K\2\x90(G\x40\0\0\0\0\0\0\0\x90.", "#0S{i1, i2}");
    ACCEPTS("}(\x8c\3\xed\xa0\xbdK\1\x8c\3\xed\xa0\xbdK\2u.", "#0{'\\ud83d': i2}");
    ACCEPTS("}(\x8c\6\xed\xa0\xbd\xed\xb8\x80K\1\x8c\4\xf0\x9f\x98\x80K\2u.",
            "#0{'\\ud83d\\ude00': i1, '\\U0001f600': i2}");
    COVERED(15);
}

#define NAN_BITS "G\x7f\xf8\0\0\0\0\0\0"
#define NAN_TEXT "f7ff8000000000000"

static void nan_keys(void) {
    ACCEPTS("}(" NAN_BITS "K\1" NAN_BITS "K\2u.", "#0{" NAN_TEXT ": i1, " NAN_TEXT ": i2}");
    ACCEPTS("}(" NAN_BITS "\x85q\0K\1h\0K\2u.", "#0{#1(" NAN_TEXT "): i2}");
    ACCEPTS("}(" NAN_BITS "\x85K\1" NAN_BITS "\x85K\2u.",
            "#0{#1(" NAN_TEXT "): i1, #2(" NAN_TEXT "): i2}");
    ACCEPTS("}(" NAN_BITS "\x85q\0\x85K\1h\0\x85K\2u.", "#0{#1(#2(" NAN_TEXT ")): i2}");
    ACCEPTS("(" NAN_BITS NAN_BITS "\x91.", "#0F{" NAN_TEXT ", " NAN_TEXT "}");
    ACCEPTS("\x8f((" NAN_BITS "\x91q\0h\0(" NAN_BITS "\x91\x90.",
            "#0S{#1F{" NAN_TEXT "}, #2F{" NAN_TEXT "}}");
    COVERED(6);
}

/* Exact numbers: what a conversion to double would make alike. */
static void numbers_as_keys(void) {
    ACCEPTS("}(\x8a\x07\1\0\0\0\0\0\x20K\1G\x43\x40\0\0\0\0\0\0K\2u.",
            "#0{i20000000000001: i1, f4340000000000000: i2}");
    ACCEPTS("}(\x8a\x07\0\0\0\0\0\0\x20K\1G\x43\x40\0\0\0\0\0\0K\2u.", "#0{i20000000000000: i2}");
    ACCEPTS("}(I10000000000000000000000\nK\1F1e+22\nK\2u.", "#0{i21e19e0c9bab2400000: i2}");
    ACCEPTS("}(I100000000000000000000000\nK\1F1e+23\nK\2u.",
            "#0{i152d02c7e14af6800000: i1, f44b52d02c7e14af6: i2}");
    ACCEPTS("}(L18446744073709551616L\nK\1\x8a\x0b\0\0\0\0\0\0\0\0\1\0\0K\2u.",
            "#0{i10000000000000000: i2}");
    ACCEPTS("}(F0.5\nK\1G\x3f\xe0\0\0\0\0\0\0K\2u.", "#0{f3fe0000000000000: i2}");
    COVERED(6);
}

/* ---- growth ---- */

/* Dicts, sets and frozensets of every size around the one that needs an index; each key a second
 * time in another form. */
static void growth_over_the_index(void) {
    uint64_t inputs = 0;
    for (unsigned count = 0; count < 140; count++) {
        for (int kind = 0; kind < 6; kind++, inputs++) {
            struct buffer pickle = {NULL, 0, 0};
            struct buffer text = {NULL, 0, 0};
            bool is_dict = kind < 3;
            static const char *const openings[] = {"#0{", "#0{", "#0{", "#0S{", "#0S{", "#0F{"};
            buffer_print(&pickle, "%s", kind == 2 || kind == 5 ? "(" : is_dict ? "}(" : "\x8f(");
            buffer_print(&text, "%s", openings[kind]);
            for (unsigned i = 0; i < count; i++) {
                buffer_print(&pickle, "I%u\n%s", i * 7, is_dict ? "N" : "");
                if (kind == 1 || kind == 4) { /* one by one, not in a batch */
                    buffer_print(&pickle, "%s", is_dict ? "u(" : "\x90(");
                }
                buffer_print(&text, is_dict ? "%si%x: '%u'" : "%si%x", i > 0 ? ", " : "", i * 7, i);
            }
            for (unsigned i = 0; i < count; i++) {
                buffer_print(&pickle, "F%u\n", i * 7);
                if (is_dict) {
                    buffer_print(&pickle, "V%u\n", i);
                }
            }
            buffer_print(&pickle, "%s.",
                         kind == 2   ? "d"
                         : kind == 5 ? "\x91"
                         : is_dict   ? "u"
                                     : "\x90");
            buffer_print(&text, "}");
            buffer_byte(&text, 0);
            ACCEPTS_INPUT(buffer_input(&pickle), NULL, (const char *)text.data);
            buffer_free(&pickle);
            buffer_free(&text);
        }
    }
    COVERED(inputs);
}

/* Large enough that batches are no longer given their room in advance, and that the index is built
 * many times. */
static void a_large_dict(void) {
    struct buffer pickle = {NULL, 0, 0};
    BUFFER_ADD(&pickle, "}(");
    for (uint32_t i = 0; i < 50000; i++) {
        uint32_t key = i * 2654435761u % 30011; /* some twice */
        buffer_byte(&pickle, 'J');
        buffer_u32(&pickle, key);
        buffer_byte(&pickle, 'J');
        buffer_u32(&pickle, i);
    }
    BUFFER_ADD(&pickle, "u.");
    spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
    const spk_value *root = spk_document_root(document);
    static uint32_t last[30011];
    static uint32_t place[30011];
    uint32_t count = 0;
    for (uint32_t i = 0; i < 30011; i++) {
        place[i] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < 50000; i++) {
        uint32_t key = i * 2654435761u % 30011;
        place[key] = place[key] == UINT32_MAX ? count++ : place[key];
        last[key] = i;
    }
    CHECK_U64(spk_size(root), count);
    for (uint32_t key = 0; key < 30011; key++) {
        int64_t found = -1;
        if (place[key] != UINT32_MAX) {
            CHECK(spk_get_int(spk_dict_key(root, place[key]), &found) && found == key);
            CHECK(spk_get_int(spk_dict_value(root, place[key]), &found) && found == last[key]);
            CHECK(spk_find(root, spk_dict_key(root, place[key])) ==
                  spk_dict_value(root, place[key]));
        }
    }
    spk_document_free(document);
    COVERED(50000);
    buffer_free(&pickle);
}

/* Lists that grow one by one and in batches of all sizes keep every item. */
static void lists_grow(void) {
    uint64_t inputs = 0;
    for (unsigned batch = 0; batch < 40; batch++) {
        struct buffer pickle = {NULL, 0, 0};
        unsigned count = 0;
        buffer_print(&pickle, batch % 2 ? "]" : "(l");
        for (unsigned times = 0; times < 60; times++) {
            buffer_print(&pickle, "(");
            for (unsigned i = 0; i < (batch * times) % 37; i++) {
                buffer_print(&pickle, "I%u\n", count++);
            }
            buffer_print(&pickle, "eI%u\na", count++);
        }
        buffer_print(&pickle, ".");
        spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
        const spk_value *root = spk_document_root(document);
        CHECK_U64(spk_size(root), count);
        for (unsigned i = 0; i < count; i++, inputs++) {
            int64_t item = -1;
            CHECK(spk_get_int(spk_item(root, i), &item) && item == i);
        }
        spk_document_free(document);
        buffer_free(&pickle);
    }
    COVERED(inputs);
}

/* ---- long values ---- */

/* Of every header size and around every size where memory is had in another way; in pieces too, by
 * judge. */
static void long_payloads(void) {
    static const size_t sizes[] = {0,     1,     255,   256,   257,   2000,  4095,  4096,
                                   32700, 32766, 32768, 65535, 65536, 65537, 140000};
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int kind = 0; kind < 3; kind++, inputs++) {
            struct buffer pickle = {NULL, 0, 0};
            struct buffer text = {NULL, 0, 0};
            buffer_print(&text, kind == 0 ? "'" : kind == 1 ? "b'" : "#0a'");
            buffer_byte(&pickle, kind == 0 ? 'X' : kind == 1 ? 'B' : 0x96);
            buffer_u32(&pickle, (uint32_t)sizes[i]);
            buffer_fill(&pickle, 0, kind == 2 ? 4 : 0);
            for (size_t at = 0; at < sizes[i]; at++) {
                buffer_byte(&pickle, (unsigned)('0' + at % 9 + at / 1000 % 5));
                buffer_byte(&text, (unsigned)('0' + at % 9 + at / 1000 % 5));
            }
            BUFFER_ADD(&pickle, ".");
            BUFFER_ADD(&text, "'\0");
            ACCEPTS_INPUT(buffer_input(&pickle), NULL, (const char *)text.data);
            buffer_free(&pickle);
            buffer_free(&text);
        }
    }
    COVERED(inputs);
}

/* Memory for a payload follows what has come, not what is claimed. */
static void claims_cost_nothing(void) {
    struct meter meter = {0};
    spk_decoder *decoder = metered_decoder(SPK_MODE_DECODE, &meter);
    static uint8_t piece[100000];
    REQUIRE(decoder);
    CHECK_U64(spk_decoder_feed(decoder, "\x8e\0\0\0\xf0\0\0\0\0", 9),
              SPK_MORE); /* 4,026,531,840 bytes */
    for (size_t fed = 0; fed < 2000000; fed += sizeof piece) {
        CHECK(meter.peak < 250000 + 3 * fed);
        CHECK_U64(spk_decoder_feed(decoder, piece, sizeof piece), SPK_MORE);
    }
    spk_decoder_free(decoder);
    CHECK_U64(meter.live, 0);
    COVERED(20);
}

static void large_ints_in_pieces(void) {
    struct buffer pickle = {NULL, 0, 0};
    struct buffer text = {NULL, 0, 0};
    BUFFER_ADD(&pickle, "\x8b");
    buffer_u32(&pickle, 5000);
    for (unsigned i = 1; i <= 4000; i++) {
        buffer_byte(&pickle, i & 127);
    }
    buffer_fill(&pickle, 0, 1000); /* more than are needed */
    BUFFER_ADD(&pickle, ".");
    buffer_print(&text, "i");
    for (unsigned i = 4000; i > 0; i--) {
        buffer_print(&text, "%02x", i & 127);
    }
    buffer_byte(&text, 0);
    ACCEPTS_INPUT(buffer_input(&pickle), NULL, (const char *)text.data);
    COVERED(1);
    buffer_free(&pickle);
    buffer_free(&text);
}

/* Large tuples and lists made at once, and memory that is needed for them, nothing more. */
static void large_containers_at_once(void) {
    static const char ends[] = "tl";
    for (size_t i = 0; i < 2; i++) {
        for (size_t count = 4090; count < 40000; count += 8973) {
            struct buffer pickle = {NULL, 0, 0};
            BUFFER_ADD(&pickle, "(");
            for (size_t item = 0; item < count; item++) {
                buffer_byte(&pickle, 'M');
                buffer_byte(&pickle, item & 255);
                buffer_byte(&pickle, item >> 8 & 255);
            }
            buffer_byte(&pickle, (unsigned)ends[i]);
            BUFFER_ADD(&pickle, ".");
            spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
            const spk_value *root = spk_document_root(document);
            REQUIRE(spk_size(root) == count);
            for (size_t item = 0; item < count; item++) {
                int64_t number = -1;
                CHECK(spk_get_int(spk_item(root, item), &number) && number == (int64_t)item);
            }
            CHECK_NOTE(spk_document_memory(document) < count * 8 + 4500, "%zu bytes for %zu",
                       spk_document_memory(document), count);
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    COVERED(8);
}

/* ---- words ---- */

static void words_of_ints(void) {
    static const int64_t values[] = {
        0, 1, -1, WORD_INT_MAX, -WORD_INT_MAX - 1, 255, -256, INT64_C(1) << 40};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        CHECK(word_fits_int(values[i]) && word_int(word_of_int(values[i])) == values[i]);
        CHECK(word_type(word_of_int(values[i])) == SPK_INT &&
              !word_is_container(word_of_int(values[i])));
    }
    CHECK(!word_fits_int(WORD_INT_MAX + 1) && !word_fits_int(-WORD_INT_MAX - 2) &&
          !word_fits_int(INT64_MIN));
    COVERED(sizeof values / sizeof values[0]);
}

static void words_of_floats(void) {
    struct dice dice = {97};
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = i < 64 ? UINT64_C(1) << i : dice_roll(&dice);
        bool is_rare_nan = bits >> 48 >= 0xfff8;
        CHECK(word_fits_float(bits) != is_rare_nan);
        if (!is_rare_nan) {
            CHECK(word_is_float(~bits) && word_float_bits(~bits) == bits &&
                  word_type(~bits) == SPK_FLOAT);
            CHECK(word_tag(~bits) == TAG_FLOAT && !word_is_container(~bits));
        }
    }
    CHECK(word_fits_float(UINT64_C(0xfff7ffffffffffff)) &&
          !word_fits_float(UINT64_C(0xfff8000000000000)));
    CHECK(!word_fits_float(UINT64_MAX));
    COVERED(100000);
}

static void headers_of_counted_forms(void) {
    static const struct {
        struct input form;
        size_t header;
        uint64_t size;
    } forms[] = {
        {{(const uint8_t *)"\x8c\xff", 2}, 2, 255},
        {{(const uint8_t *)"C\1", 2}, 2, 1},
        {{(const uint8_t *)"U\2", 2}, 2, 2},
        {{(const uint8_t *)"\x8a\3", 2}, 2, 3},
        {{(const uint8_t *)"X\1\2\0\0", 5}, 5, 513},
        {{(const uint8_t *)"B\1\0\1\0", 5}, 5, 65537},
        {{(const uint8_t *)"T\1\0\0\0", 5}, 5, 1},
        {{(const uint8_t *)"\x8b\1\0\0\0", 5}, 5, 1},
        {{(const uint8_t *)"\x8d\1\0\0\0\1\0\0\0", 9}, 9, UINT64_C(4294967297)},
        {{(const uint8_t *)"\x8e\1\0\0\0\0\0\0\0", 9}, 9, 1},
        {{(const uint8_t *)"\x96\0\0\0\0\0\0\0\0", 9}, 9, 0},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct counted counted = counted_of(forms[i].form.data);
        CHECK_U64(counted_header(forms[i].form.data[0]), forms[i].header);
        CHECK(counted.size == (size_t)forms[i].size &&
              counted.data == forms[i].form.data + forms[i].header);
    }
    COVERED(sizeof forms / sizeof forms[0]);
}

/* A list that LIST made has its items behind it, in one node; then it grows, by a batch of any
 * size, from any size, up to those that have blocks of their own. */
static void lists_made_at_once_grow(void) {
    static const unsigned sizes[] = {0, 1, 4, 100, 2000, 9000, 40000};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (unsigned which = 0; which < SIZES * SIZES; which++) {
        unsigned before = sizes[which / SIZES];
        unsigned after = sizes[which % SIZES];
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "(");
        for (unsigned i = 0; i < before; i++) {
            BUFFER_ADD(&pickle, "N");
        }
        BUFFER_ADD(&pickle, "l(");
        for (unsigned i = 0; i < after; i++) {
            BUFFER_ADD(&pickle, "\x88");
        }
        BUFFER_ADD(&pickle, "eK\1a.");
        spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
        const spk_value *list = spk_document_root(document);
        size_t wrong = 0;
        int64_t last = 0;
        CHECK_U64(spk_size(list), (size_t)before + after + 1);
        for (size_t i = 0; i < (size_t)before + after; i++) {
            wrong += spk_type_of(spk_item(list, i)) != (i < before ? SPK_NONE : SPK_BOOL);
        }
        CHECK_NOTE(wrong == 0, "%zu of %u and %u", wrong, before, after);
        CHECK(spk_get_int(spk_item(list, (size_t)before + after), &last) && last == 1);
        spk_document_free(document);
        buffer_free(&pickle);
    }
    COVERED(SIZES * SIZES);
}

REGISTER(builder, RUN(equal_keys), RUN(nan_keys), RUN(numbers_as_keys), RUN(growth_over_the_index),
         RUN(a_large_dict), RUN(lists_grow), RUN(long_payloads), RUN(claims_cost_nothing),
         RUN(large_ints_in_pieces), RUN(large_containers_at_once), RUN(words_of_ints),
         RUN(words_of_floats), RUN(headers_of_counted_forms), RUN(lists_made_at_once_grow))
