/* SPDX-License-Identifier: MIT
 *
 * The method of Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte": each
 * byte and the one before it are looked up, by halves, in three tables of the errors that they may
 * be part of.  What all three tables name is an error.  Lone surrogates are no error here. */
#include "text/utf8_vector.h"

#include "base/cpu.h"

#ifdef SPK_AVX2

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum {
    TOO_SHORT = 1 << 0,      /* a start and no continuation behind it */
    TOO_LONG = 1 << 1,       /* ASCII and a continuation behind it */
    OVERLONG_3 = 1 << 2,     /* E0 80-9F */
    TOO_LARGE = 1 << 3,      /* F4 90-BF, F5-FF 90-BF */
    OVERLONG_2 = 1 << 5,     /* C0-C1 80-BF */
    TOO_LARGE_1000 = 1 << 6, /* F5-FF 80-8F */
    OVERLONG_4 = 1 << 6,     /* F0 80-8F */
    TWO_CONTS = 1 << 7,      /* a continuation behind another: good as third or fourth byte */
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS
};

#define TABLE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)
#define BITS(bits) (char)(bits)

struct tables {
    __m256i first_high; /* of the byte before */
    __m256i first_low;
    __m256i second_high;
};

AVX2 static inline struct tables make_tables(void) {
    enum { LARGE = CARRY | TOO_LARGE | TOO_LARGE_1000 };
    enum { ANY_8 = TOO_LONG | OVERLONG_2 | TWO_CONTS };
    return (struct tables){
        TABLE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
              BITS(TWO_CONTS), BITS(TWO_CONTS), BITS(TWO_CONTS), BITS(TWO_CONTS),
              TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3,
              TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4),
        TABLE(BITS(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), BITS(CARRY | OVERLONG_2),
              BITS(CARRY), BITS(CARRY), BITS(CARRY | TOO_LARGE), BITS(LARGE), BITS(LARGE),
              BITS(LARGE), BITS(LARGE), BITS(LARGE), BITS(LARGE), BITS(LARGE), BITS(LARGE),
              BITS(LARGE), BITS(LARGE), BITS(LARGE)),
        TABLE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
              TOO_SHORT, BITS(ANY_8 | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4),
              BITS(ANY_8 | OVERLONG_3 | TOO_LARGE), BITS(ANY_8 | TOO_LARGE),
              BITS(ANY_8 | TOO_LARGE), TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT),
    };
}

/* 32 bytes, and for each of them the bytes one, two and three before it. */
struct block {
    __m256i bytes;
    __m256i before[3];
};

AVX2 static inline __m256i load(const uint8_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* At least three bytes must stand before it. */
AVX2 static inline struct block block_at(const uint8_t *p) {
    return (struct block){load(p), {load(p - 1), load(p - 2), load(p - 3)}};
}

/* The first block has nothing before it: zeros will do, as they are ASCII. */
AVX2 static inline struct block first_block(const uint8_t *p) {
    __m256i bytes = load(p);
    __m256i carried = _mm256_permute2x128_si256(bytes, bytes, 0x08); /* zeros, then the low half */
    return (struct block){bytes,
                          {_mm256_alignr_epi8(bytes, carried, 15),
                           _mm256_alignr_epi8(bytes, carried, 14),
                           _mm256_alignr_epi8(bytes, carried, 13)}};
}

/* Not zero where the block is wrong. */
AVX2 static inline __m256i errors_of(const struct tables *tables, struct block block) {
    const __m256i low_half = _mm256_set1_epi8(0x0f);
    __m256i before = block.before[0];
    __m256i first_high = _mm256_shuffle_epi8(
        tables->first_high, _mm256_and_si256(_mm256_srli_epi16(before, 4), low_half));
    __m256i first_low = _mm256_shuffle_epi8(tables->first_low, _mm256_and_si256(before, low_half));
    __m256i second_high = _mm256_shuffle_epi8(
        tables->second_high, _mm256_and_si256(_mm256_srli_epi16(block.bytes, 4), low_half));
    __m256i special = _mm256_and_si256(_mm256_and_si256(first_high, first_low), second_high);
    /* Bit 7 is set where a third or fourth byte must stand: there two continuations in a row are
     * right. */
    __m256i third = _mm256_subs_epu8(block.before[1], _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(block.before[2], _mm256_set1_epi8(0xf0 - 0x80));
    __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(must, special);
}

/* The size without the last sequence, if that is not complete. */
static size_t without_incomplete(const uint8_t *p, size_t size) {
    for (size_t back = 1; back <= 3 && back <= size; back++) {
        uint8_t byte = p[size - back];
        if (byte >= 0xc0) {
            size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
            return length > back ? size - back : size;
        }
        if (byte < 0x80) {
            break;
        }
    }
    return size;
}

#define IS_GOOD(errors) _mm256_testz_si256(errors, errors)

/* The last block may overlap with the one before it. */
AVX2 static size_t prefix(const uint8_t *p, size_t size) {
    const struct tables tables = make_tables();
    __m256i errors = errors_of(&tables, first_block(p));
    size_t at = 0;
    for (size_t next = 32; size - next > 32; next += 32) {
        if (!IS_GOOD(errors)) {
            return without_incomplete(p, at);
        }
        at = next;
        errors = errors_of(&tables, block_at(p + next));
    }
    errors = _mm256_or_si256(errors, errors_of(&tables, block_at(p + size - 32)));
    return without_incomplete(p, IS_GOOD(errors) ? size : at);
}

size_t utf8_vector_prefix(const uint8_t *p, size_t size) {
    return cpu_has_avx2() ? prefix(p, size) : 0;
}

#else

size_t utf8_vector_prefix(const uint8_t *p, size_t size) {
    (void)p;
    (void)size;
    return 0;
}

#endif
