/* SPDX-License-Identifier: MIT
 *
 * Keys as Python compares them: every pair of a list of values whose classes are known, ints
 * against floats bit by bit, the hash against published vectors; then the same values, and tuples
 * and frozensets of them, through their representatives. */
#include "value/key.h"

#include <stdlib.h>
#include <string.h>

#include "value/index.h"
#include "support.h"
#include "value/builder.h"
#include "value/integer.h"

static const struct hash_key secret = {
    {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

struct bench {
    struct meter meter;
    struct memory memory;
    struct builder builder;
};

static void bench_open(struct bench *bench) {
    bench->meter = (struct meter){0};
    spk_allocator allocator = meter_allocator(&bench->meter);
    bench->memory = memory_start(&allocator, SPK_UNLIMITED);
    builder_start(&bench->builder, &bench->memory, secret);
}

static void bench_close(struct bench *bench) {
    builder_free(&bench->builder);
    CHECK(bench->meter.live == 0 && bench->meter.errors == 0);
}

static word float_word(struct bench *bench, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return builder_float(&bench->builder, bits);
}

static word text_word(struct bench *bench, enum word_tag tag, const char *text) {
    return builder_text(&bench->builder, tag, (const uint8_t *)text, strlen(text));
}

static double scaled(uint64_t significand, int power, bool is_negative) {
    double value = (double)significand;
    for (; power > 0; power--) {
        value *= 2;
    }
    return is_negative ? -value : value;
}

/* 2^power + add, as an int. */
static word power_word(struct bench *bench, size_t power, int add) {
    uint8_t bytes[400] = {0};
    bytes[power / 8] = (uint8_t)(1u << power % 8);
    for (size_t i = 0; add != 0 && i < sizeof bytes; i++) {
        int sum = bytes[i] + add;
        bytes[i] = (uint8_t)sum;
        add = sum < 0 ? -1 : sum > 255;
    }
    return builder_int_bytes(&bench->builder, bytes, sizeof bytes);
}

static word container_word(struct bench *bench, spk_type type, const word *items, size_t count) {
    return builder_container(&bench->builder, facts_empty(type), items, count);
}

/* ---- single values ---- */

struct known {
    int class; /* equal values have equal classes; 0: equal to nothing, not even itself */
    word value;
};

#define KNOWN_MAX 80

static size_t known_values(struct bench *b, struct known *k) {
    static const uint8_t minus_2_to_63[] = {0, 0, 0, 0, 0, 0, 0, 0x80};
    static const uint8_t ten_to_22[] = {0, 0, 0x40, 0xb2, 0xba, 0xc9, 0xe0, 0x19, 0x1e, 0x02};
    static const uint8_t ten_to_23[] = {0, 0, 0x80, 0xf6, 0x4a, 0xe1, 0xc7, 0x02, 0x2d, 0x15};
    char long_text[300];
    size_t n = 0;
    memset(long_text, 'x', sizeof long_text);
#define KNOWN(number, made) \
    k[n++] = (struct known) { \
        number, made \
    }
    KNOWN(1, word_of_int(1));
    KNOWN(1, WORD_TRUE);
    KNOWN(1, float_word(b, 1.0));
    KNOWN(2, word_of_int(0));
    KNOWN(2, WORD_FALSE);
    KNOWN(2, float_word(b, 0.0));
    KNOWN(2, float_word(b, -0.0));
    KNOWN(3, WORD_NONE);
    KNOWN(4, word_of_int(2));
    KNOWN(4, float_word(b, 2.0));
    KNOWN(5, float_word(b, 0.5));
    KNOWN(5, float_word(b, 0.5));
    KNOWN(6, float_word(b, -0.5));
    KNOWN(7, float_word(b, 1.5));
    KNOWN(8, builder_float(&b->builder, UINT64_C(0x7ff0000000000000)));
    KNOWN(9, builder_float(&b->builder, UINT64_C(0xfff0000000000000)));
    KNOWN(0, builder_float(&b->builder, UINT64_C(0x7ff8000000000000)));
    KNOWN(0, builder_float(&b->builder, UINT64_C(0x7ff8000000000000)));
    KNOWN(0, builder_float(&b->builder, UINT64_C(0xfff8000000000001)));
    KNOWN(0, builder_float(&b->builder, UINT64_MAX)); /* which has a node of its own */
    KNOWN(10, word_of_int(-1));
    KNOWN(10, float_word(b, -1.0));
    KNOWN(11, word_of_int(-2));
    KNOWN(12, builder_int(&b->builder, (INT64_C(1) << 53) + 1));
    KNOWN(13, builder_int(&b->builder, INT64_C(1) << 53));
    KNOWN(13, float_word(b, 9007199254740992.0));
    KNOWN(14, builder_int(&b->builder, INT64_MAX));
    KNOWN(15, builder_int(&b->builder, INT64_MIN));
    KNOWN(15, builder_int_bytes(&b->builder, minus_2_to_63, 8));
    KNOWN(15, float_word(b, -9223372036854775808.0));
    KNOWN(16, power_word(b, 63, 0));
    KNOWN(16, float_word(b, 9223372036854775808.0));
    KNOWN(17, power_word(b, 64, 0));
    KNOWN(17, float_word(b, 18446744073709551616.0));
    KNOWN(18, power_word(b, 64, 1));
    KNOWN(19, builder_int_bytes(&b->builder, ten_to_22, sizeof ten_to_22));
    KNOWN(19, float_word(b, 1e22));
    KNOWN(20, builder_int_bytes(&b->builder, ten_to_23, sizeof ten_to_23));
    KNOWN(21, float_word(b, 1e23));
    KNOWN(22, power_word(b, 1023, 0));
    KNOWN(22, float_word(b, 8.98846567431158e307)); /* 2^1023 */
    KNOWN(23, power_word(b, 1023, -1));
    KNOWN(24, power_word(b, 1087, 0)); /* the longest light int */
    KNOWN(24, power_word(b, 1087, 0));
    KNOWN(25, power_word(b, 3000, 0)); /* a heavy one */
    KNOWN(25, power_word(b, 3000, 0));
    KNOWN(26, power_word(b, 3000, 1));
    KNOWN(27, text_word(b, TAG_STR, ""));
    KNOWN(27, text_word(b, TAG_STR, ""));
    KNOWN(28, text_word(b, TAG_BYTES, ""));
    KNOWN(29, text_word(b, TAG_STR, "a"));
    KNOWN(29, text_word(b, TAG_STR, "a"));
    KNOWN(30, text_word(b, TAG_BYTES, "a"));
    KNOWN(31, text_word(b, TAG_STR, "b"));
    KNOWN(32, builder_text(&b->builder, TAG_STR, (const uint8_t *)"a\0", 2));
    KNOWN(33, builder_text(&b->builder, TAG_STR, (const uint8_t *)"a\0a", 3));
    for (int i = 0; i < 2; i++) {
        KNOWN(34, builder_text(&b->builder, TAG_STR, (const uint8_t *)long_text, 64));
        KNOWN(35, builder_text(&b->builder, TAG_STR, (const uint8_t *)long_text, 65));
        KNOWN(36, builder_text(&b->builder, TAG_BYTES, (const uint8_t *)long_text, 65));
        KNOWN(37, builder_text(&b->builder, TAG_STR, (const uint8_t *)long_text, 300));
        KNOWN(38, builder_text(&b->builder, TAG_BYTES, (const uint8_t *)long_text, 300));
    }
    long_text[299] = 'y';
    KNOWN(39, builder_text(&b->builder, TAG_STR, (const uint8_t *)long_text, 300));
    KNOWN(40, text_word(b, TAG_STR, "1"));
    KNOWN(41, float_word(b, 5e-324));
    KNOWN(42, float_word(b, 4503599627370496.5));
    KNOWN(43, float_word(b, 4503599627370497.0));
    KNOWN(43, builder_int(&b->builder, INT64_C(4503599627370497)));
    KNOWN(44, float_word(b, 1e300));
    KNOWN(45, power_word(b, 65, 0)); /* different in their last byte alone */
    KNOWN(46, power_word(b, 66, 0));
    KNOWN(47, float_word(b, 5.421010862427522e-20)); /* 2^-64 */
    KNOWN(48, float_word(b, 2.938735877055719e-39)); /* 2^-128 */
#undef KNOWN
    return n;
}

static void pairs_of_known_values(void) {
    struct bench bench;
    struct known known[KNOWN_MAX];
    bench_open(&bench);
    size_t count = known_values(&bench, known);
    REQUIRE(count <= KNOWN_MAX);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(known[i].value != WORD_EMPTY);
        for (size_t j = 0; j < count; j++) {
            bool equal = known[i].class == known[j].class && known[i].class != 0;
            CHECK_NOTE(key_equal(known[i].value, known[j].value) == equal, "values %zu and %zu", i,
                       j);
            CHECK_NOTE(!equal ||
                           key_hash(secret, known[i].value) == key_hash(secret, known[j].value),
                       "%zu and %zu", i, j);
            CHECK_NOTE(equal || known[i].class == 0 || known[j].class == 0 ||
                           key_hash(secret, known[i].value) != key_hash(secret, known[j].value),
                       "hashes of %zu and %zu", i, j);
        }
    }
    COVERED(count * count);
    bench_close(&bench);
}

/* The same pairs through intern_hash and intern_equal, in two orders of meeting. */
static void pairs_by_representative(void) {
    for (int order = 0; order < 2; order++) {
        struct bench bench;
        struct known known[KNOWN_MAX];
        uint64_t hashes[KNOWN_MAX];
        bench_open(&bench);
        size_t count = known_values(&bench, known);
        for (size_t i = 0; i < count; i++) {
            size_t at = order == 0 ? i : count - 1 - i;
            REQUIRE(intern_hash(&bench.builder.keys.intern, known[at].value, &hashes[at]));
        }
        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < count; j++) {
                bool equal = known[i].class == known[j].class && known[i].class != 0;
                CHECK_NOTE(intern_equal(&bench.builder.keys.intern, known[i].value,
                                        known[j].value) == equal,
                           "%zu and %zu", i, j);
                CHECK(!equal || hashes[i] == hashes[j]);
            }
        }
        COVERED(count * count);
        bench_close(&bench);
    }
}

/* Floats of whole value and the ints that are one too small, exactly equal, and one too large. */
static void ints_against_floats(void) {
    struct dice dice = {61};
    struct bench bench;
    bench_open(&bench);
    for (int times = 0; times < 20000; times++) {
        uint64_t significand = dice_roll(&dice) >> (11 + dice_below(&dice, 53));
        int power = (int)dice_below(&dice, 1024 - 53);
        bool is_negative = dice_below(&dice, 2) == 0;
        power = times % 2 ? power % 30 : power;
        word real = float_word(&bench, scaled(significand, power, is_negative));
        for (int add = -1; add <= 1; add++) {
            uint8_t bytes[160] = {0};
            for (size_t bit = 0; bit < 53; bit++) {
                size_t at = bit + (size_t)power;
                bytes[at / 8] = (uint8_t)(bytes[at / 8] | (significand >> bit & 1) << at % 8);
            }
            unsigned carry = is_negative;
            for (size_t i = 0; i < sizeof bytes && is_negative; i++) {
                carry += (uint8_t)~bytes[i];
                bytes[i] = (uint8_t)carry;
                carry >>= 8;
            }
            int rest = add;
            for (size_t i = 0; rest != 0 && i < sizeof bytes; i++) {
                int sum = bytes[i] + rest;
                bytes[i] = (uint8_t)sum;
                rest = sum < 0 ? -1 : sum > 255;
            }
            word whole = builder_int_bytes(&bench.builder, bytes, sizeof bytes);
            CHECK_NOTE(key_equal(real, whole) == (add == 0), "%llu * 2^%d %+d",
                       (unsigned long long)significand, power, add);
            CHECK((key_hash(secret, real) == key_hash(secret, whole)) == (add == 0));
        }
    }
    COVERED(60000);
    bench_close(&bench);
}

static void weights(void) {
    struct bench bench;
    char text[66] = {0};
    bench_open(&bench);
    CHECK(!key_is_heavy(builder_text(&bench.builder, TAG_STR, (uint8_t *)text, KEY_LIGHT_TEXT)));
    CHECK(key_is_heavy(builder_text(&bench.builder, TAG_STR, (uint8_t *)text, KEY_LIGHT_TEXT + 1)));
    CHECK(
        key_is_heavy(builder_text(&bench.builder, TAG_BYTES, (uint8_t *)text, KEY_LIGHT_TEXT + 1)));
    CHECK(!key_is_heavy(power_word(&bench, 8 * KEY_LIGHT_INT - 2, 0)) &&
          key_is_heavy(power_word(&bench, 8 * KEY_LIGHT_INT, 0)));
    CHECK(key_is_heavy(container_word(&bench, SPK_TUPLE, NULL, 0)) && !key_is_heavy(WORD_NONE));
    bench_close(&bench);
}

/* ---- the hash ---- */

static uint64_t sip_of(struct hash_key key, const uint8_t *p, size_t size) {
    struct sip sip = sip_start(key, DOMAIN_PLAIN);
    sip_add_bytes(&sip, p, size);
    return sip_end(sip);
}

/* SipHash-1-3 of the bytes 0, 1, 2 ..., as CPython and Rust compute it too. */
static void siphash(void) {
    static const struct {
        size_t size;
        uint64_t hash;
    } vectors[] = {
        {0, UINT64_C(0xabac0158050fc4dc)},  {1, UINT64_C(0xc9f49bf37d57ca93)},
        {7, UINT64_C(0xd3927d989bb11140)},  {8, UINT64_C(0x369095118d299a8e)},
        {9, UINT64_C(0x25a48eb36c063de4)},  {15, UINT64_C(0xd320d86d2a519956)},
        {16, UINT64_C(0xcc4fdd1a7d908b66)}, {63, UINT64_C(0x9d199062b7bbb3a8)},
    };
    uint8_t bytes[64];
    for (uint8_t i = 0; i < 64; i++) {
        bytes[i] = i;
    }
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        CHECK_U64(sip_of(secret, bytes, vectors[i].size), vectors[i].hash);
    }
    CHECK_U64(sip_of((struct hash_key){{0, 0}}, bytes, 9), UINT64_C(0x75927f9d95124362));
    COVERED(9);
}

static void hash_depends_on_the_key(void) {
    struct hash_key other = {{secret.words[0], secret.words[1] + 1}};
    struct hash_key another = {{secret.words[0] + 1, secret.words[1]}};
    CHECK(key_hash(secret, word_of_int(7)) != key_hash(other, word_of_int(7)));
    CHECK(key_hash(secret, word_of_int(7)) != key_hash(another, word_of_int(7)));
    CHECK(key_hash_str(secret, (const uint8_t *)"a", 1) !=
          key_hash_str(other, (const uint8_t *)"a", 1));
}

/* ---- ints as bytes ---- */

static void shortest_ints(void) {
    static const struct {
        int64_t value;
        size_t size;
        const char *bytes;
    } vectors[] = {
        {0, 1, "\0"},
        {1, 1, "\1"},
        {127, 1, "\x7f"},
        {128, 2, "\x80\0"},
        {-1, 1, "\xff"},
        {-128, 1, "\x80"},
        {-129, 2, "\x7f\xff"},
        {255, 2, "\xff\0"},
        {-256, 2, "\0\xff"},
        {32767, 2, "\xff\x7f"},
        {32768, 3, "\0\x80\0"},
        {-32768, 2, "\0\x80"},
        {INT64_MAX, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f"},
        {INT64_MIN, 8, "\0\0\0\0\0\0\0\x80"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t out[8];
        size_t size = int64_bytes(vectors[i].value, out);
        CHECK_BYTES(out, size, vectors[i].bytes, vectors[i].size);
        CHECK_I64(int64_from_bytes(out, size), vectors[i].value);
    }
    CHECK_I64(int64_from_bytes(NULL, 0), 0);
    CHECK_U64(int_minimal_size((const uint8_t *)"", 0), 0);
    CHECK_U64(int_minimal_size((const uint8_t *)"\1\0\0\0", 4), 1);
    CHECK_U64(int_minimal_size((const uint8_t *)"\x80\0\0", 3), 2);
    CHECK_U64(int_minimal_size((const uint8_t *)"\x7f\xff\xff", 3), 2);
    CHECK_U64(int_minimal_size((const uint8_t *)"\x80\xff\xff", 3), 1);
    CHECK_U64(int_minimal_size((const uint8_t *)"\0\0\0", 3), 1);
    COVERED(sizeof vectors / sizeof vectors[0]);
}

/* ---- tuples and frozensets ---- */

static word fold_items(struct bench *b, spk_type type, word x, word y) {
    word items[2] = {x, y};
    return container_word(b, type, items, 2);
}

static void containers_by_representative(void) {
    struct bench bench;
    struct known k[40];
    struct bench *b = &bench;
    uint64_t hashes[40];
    size_t n = 0;
    bench_open(b);
    word one[3] = {word_of_int(1), WORD_TRUE, float_word(b, 1.0)};
    word nan_item = builder_float(&b->builder, UINT64_C(0x7ff8000000000000));
    word nan_tuple = container_word(b, SPK_TUPLE, &nan_item, 1);
#define KNOWN(number, made) \
    k[n++] = (struct known) { \
        number, made \
    }
    for (size_t i = 0; i < 3; i++) {
        KNOWN(1, container_word(b, SPK_TUPLE, &one[i], 1));
        KNOWN(2, container_word(b, SPK_FROZENSET, &one[i], 1));
        KNOWN(3, fold_items(b, SPK_TUPLE, one[i], one[(i + 1) % 3]));
        KNOWN(4, fold_items(b, SPK_TUPLE, one[i], word_of_int(2)));
    }
    KNOWN(5, fold_items(b, SPK_TUPLE, word_of_int(2), one[0]));
    KNOWN(6, fold_items(b, SPK_FROZENSET, word_of_int(2), one[1]));
    KNOWN(6, fold_items(b, SPK_FROZENSET, one[2], float_word(b, 2.0)));
    KNOWN(2, fold_items(b, SPK_FROZENSET, one[2], one[1]));
    KNOWN(7, container_word(b, SPK_TUPLE, NULL, 0));
    KNOWN(7, container_word(b, SPK_TUPLE, NULL, 0));
    KNOWN(8, container_word(b, SPK_FROZENSET, NULL, 0));
    KNOWN(8, container_word(b, SPK_FROZENSET, NULL, 0));
    KNOWN(9, container_word(b, SPK_TUPLE, &k[0].value, 1)); /* ((1,),) */
    KNOWN(9, container_word(b, SPK_TUPLE, &k[4].value, 1));
    KNOWN(10, container_word(b, SPK_FROZENSET, &k[4].value, 1));
    KNOWN(10, container_word(b, SPK_FROZENSET, &k[8].value, 1));
    KNOWN(11, container_word(b, SPK_TUPLE, &k[1].value, 1));
    KNOWN(0, container_word(b, SPK_TUPLE, &nan_item, 1));
    KNOWN(0, container_word(b, SPK_FROZENSET, &nan_item, 1));
    KNOWN(12, fold_items(b, SPK_TUPLE, nan_tuple,
                         one[0])); /* a NaN is itself inside one and the same tuple */
    KNOWN(12, fold_items(b, SPK_TUPLE, nan_tuple, one[1]));
    KNOWN(13, fold_items(b, SPK_TUPLE, container_word(b, SPK_TUPLE, &nan_item, 1), one[1]));
#undef KNOWN
    for (size_t i = 0; i < n; i++) {
        REQUIRE(k[i].value != WORD_EMPTY &&
                intern_hash(&b->builder.keys.intern, k[i].value, &hashes[i]));
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            bool equal = i == j || (k[i].class == k[j].class && k[i].class != 0);
            CHECK_NOTE(intern_equal(&b->builder.keys.intern, k[i].value, k[j].value) == equal,
                       "%zu and %zu", i, j);
            CHECK(!equal || hashes[i] == hashes[j]);
        }
    }
    COVERED(n * n);
    bench_close(b);
}

/* Frozensets of the same members in another order, with an index and without. */
static void order_of_members(void) {
    struct bench bench;
    bench_open(&bench);
    for (size_t count = 1; count < 60; count++) {
        word up[61];
        word down[61];
        uint64_t hashes[3];
        for (size_t i = 0; i < count; i++) {
            up[i] = word_of_int((int64_t)i * 1000);
            down[count - 1 - i] = float_word(&bench, (double)i * 1000);
        }
        word a = container_word(&bench, SPK_FROZENSET, up, count);
        word d = container_word(&bench, SPK_FROZENSET, down, count);
        up[count / 2] = word_of_int(-1);
        word c = container_word(&bench, SPK_FROZENSET, up, count);
        REQUIRE(a && c && d);
        REQUIRE(intern_hash(&bench.builder.keys.intern, a, &hashes[0]) &&
                intern_hash(&bench.builder.keys.intern, d, &hashes[1]) &&
                intern_hash(&bench.builder.keys.intern, c, &hashes[2]));
        CHECK(hashes[0] == hashes[1] && intern_equal(&bench.builder.keys.intern, a, d));
        CHECK(hashes[0] != hashes[2] && !intern_equal(&bench.builder.keys.intern, a, c));
    }
    COVERED(59);
    bench_close(&bench);
}

/* Each heavy value is looked at once: its bytes may even change afterwards. */
static void met_once(void) {
    struct bench bench;
    uint8_t text[1000];
    uint64_t first = 0;
    uint64_t second = 0;
    bench_open(&bench);
    memset(text, 'k', sizeof text);
    word w = builder_text(&bench.builder, TAG_STR, text, sizeof text);
    REQUIRE(w && intern_hash(&bench.builder.keys.intern, w, &first));
    *(uint8_t *)(uintptr_t)(counted_of(word_form(w)).data + 500) = 'z';
    CHECK(intern_hash(&bench.builder.keys.intern, w, &second) && first == second &&
          bench.builder.keys.intern.found_count == 1);
    bench_close(&bench);
}

static void interning_without_memory(void) {
    uint64_t failed = 0;
    for (uint64_t at = 1; at < 60; at++) {
        struct bench bench;
        bench_open(&bench);
        for (int i = 0; i < 200; i++) {
            uint8_t text[100] = {0};
            uint64_t hash;
            text[0] = (uint8_t)i;
            word w = builder_text(&bench.builder, TAG_STR, text, sizeof text);
            bench.meter.fail_at = i == 0 ? bench.meter.requests + at : bench.meter.fail_at;
            if (!w || !intern_hash(&bench.builder.keys.intern, w, &hash)) {
                CHECK_U64(bench.memory.failure, REASON_NO_MEMORY);
                failed++;
            }
        }
        bench_close(&bench);
    }
    CHECK(failed > 10);
    COVERED(failed);
}

REGISTER(key, RUN(pairs_of_known_values), RUN(pairs_by_representative), RUN(ints_against_floats),
         RUN(weights), RUN(siphash), RUN(hash_depends_on_the_key), RUN(shortest_ints),
         RUN(containers_by_representative), RUN(order_of_members), RUN(met_once),
         RUN(interning_without_memory))
