/* SPDX-License-Identifier: MIT
 *
 * For each of 16 bytes it is computed where an opcode that begins there would end; from that, where
 * two opcodes would end, then four, and eight, which is all that fits.  So only one thing waits for
 * what stands before: the byte at which the run enters the next 16.
 *
 *     bytes       4b 07 4d e8 03 4b 01 00    BININT1 7, BININT2 1000, BININT1 1, no more
 *     index        0  1  2  3  4  5  6  7
 *     1 ends at    2  1  5  3  4  7  6  7    where no small int begins, at the byte itself
 *     2 end at     5  1  7  3  4  7  6  7
 *     4 end at     7  1  7  3  4  7  6  7    the run from 0 ends at 7 */
#include "decode/ints.h"

#ifdef SPK_AVX2

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define HALF 16 /* bytes that a shuffle can choose from */
#define BLOCK 32
#define BOTH(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/* For each byte of a half: how many opcodes of the run begin in the half from there on, and where
 * the last of them ends.  HALF or more is in the next half; at less than HALF the run ends. */
struct paths {
    __m256i counts;
    __m256i ends;
};

AVX2 static inline struct paths paths_at(const uint8_t *p) {
    const __m256i indexes = BOTH(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m256i table =
        BOTH(SIZE_BININT, SIZE_BININT1, 0, SIZE_BININT2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    /* Added to an index outside the half it makes that negative, and a shuffle gives 0 for it. */
    const __m256i outside = _mm256_set1_epi8(0x80 - HALF);
    __m256i opcodes = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i rows =
        _mm256_min_epu8(_mm256_sub_epi8(opcodes, _mm256_set1_epi8(OP_BININT)), _mm256_set1_epi8(4));
    __m256i sizes = _mm256_shuffle_epi8(table, rows);
    struct paths paths = {_mm256_min_epu8(sizes, _mm256_set1_epi8(1)),
                          _mm256_add_epi8(indexes, sizes)};
    for (int doubling = 0; doubling < 3; doubling++) {
        __m256i from = _mm256_add_epi8(paths.ends, outside);
        paths.counts = _mm256_add_epi8(paths.counts, _mm256_shuffle_epi8(paths.counts, from));
        paths.ends = _mm256_max_epu8(paths.ends, _mm256_shuffle_epi8(paths.ends, from));
    }
    return paths;
}

AVX2 static inline unsigned first_byte(__m128i bytes) {
    return (unsigned)_mm_cvtsi128_si32(bytes) & 0xff;
}

AVX2 static struct run count(const uint8_t *p, size_t bytes, size_t max) {
    const __m128i half = _mm_set1_epi8(HALF);
    __m128i start = _mm_setzero_si128(); /* an index in the first half, the same in all bytes */
    size_t total = 0;
    size_t at = 0;
    for (; bytes - at >= INTS_BYTES && max - total >= INTS_MAX; at += BLOCK) {
        struct paths paths = paths_at(p + at);
        __m128i first = _mm_shuffle_epi8(_mm256_castsi256_si128(paths.ends), start);
        __m128i entry = _mm_sub_epi8(first, half); /* negative if the run ended in the first half */
        __m128i second = _mm_shuffle_epi8(_mm256_extracti128_si256(paths.ends, 1), entry);
        total += first_byte(
            _mm_add_epi8(_mm_shuffle_epi8(_mm256_castsi256_si128(paths.counts), start),
                         _mm_shuffle_epi8(_mm256_extracti128_si256(paths.counts, 1), entry)));
        if (first_byte(first) < HALF) {
            return (struct run){total, at + first_byte(first)};
        }
        if (first_byte(second) < HALF) {
            return (struct run){total, at + HALF + first_byte(second)};
        }
        start = _mm_sub_epi8(second, half);
    }
    return (struct run){total, at + first_byte(start)};
}

struct run ints_count(const uint8_t *p, size_t bytes, size_t max) {
    return cpu_has_avx2() ? count(p, bytes, max) : (struct run){0, 0};
}

#else

struct run ints_count(const uint8_t *p, size_t bytes, size_t max) {
    (void)p;
    (void)bytes;
    (void)max;
    return (struct run){0, 0};
}

#endif
