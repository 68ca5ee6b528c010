/* SPDX-License-Identifier: MIT
 *
 * Sixteen BINFLOATs are 144 bytes, nine vectors of 16.  Two masks of 144 bytes have ones where the
 * opcodes stand, and where the first byte of each float stands. */
#include "decode/runs.h"

#ifdef SPK_SSE2

#define GROUP_FLOATS 16
#define GROUP_BYTES ((size_t)GROUP_FLOATS * SIZE_BINFLOAT)
#define EVERY_NINTH(from) \
    {[from] = 0xff,         [(from) + 9] = 0xff,   [(from) + 18] = 0xff,  [(from) + 27] = 0xff, \
     [(from) + 36] = 0xff,  [(from) + 45] = 0xff,  [(from) + 54] = 0xff,  [(from) + 63] = 0xff, \
     [(from) + 72] = 0xff,  [(from) + 81] = 0xff,  [(from) + 90] = 0xff,  [(from) + 99] = 0xff, \
     [(from) + 108] = 0xff, [(from) + 117] = 0xff, [(from) + 126] = 0xff, [(from) + 135] = 0xff}

static __m128i load(const uint8_t *p) {
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* True if a group is all BINFLOATs, and none has seven ones at the start of its exponent, as every
 * NaN has. */
static bool is_group(const uint8_t *p) {
    static const uint8_t opcodes[GROUP_BYTES] = EVERY_NINTH(0);
    static const uint8_t exponents[GROUP_BYTES] = EVERY_NINTH(1);
    const __m128i wanted = _mm_set1_epi8(OP_BINFLOAT);
    const __m128i ones = _mm_set1_epi8(0x7f);
    __m128i bad = _mm_setzero_si128();
    for (size_t at = 0; at < GROUP_BYTES; at += 16) {
        __m128i bytes = load(p + at);
        __m128i is_opcode = _mm_cmpeq_epi8(bytes, wanted);
        __m128i is_high = _mm_cmpeq_epi8(_mm_and_si128(bytes, ones), ones);
        bad = _mm_or_si128(bad, _mm_andnot_si128(is_opcode, load(opcodes + at)));
        bad = _mm_or_si128(bad, _mm_and_si128(is_high, load(exponents + at)));
    }
    return _mm_movemask_epi8(bad) == 0;
}

size_t run_of_floats(const uint8_t *p, size_t max) {
    size_t count = 0;
    while (max - count >= GROUP_FLOATS && is_group(p + count * SIZE_BINFLOAT)) {
        count += GROUP_FLOATS;
    }
    return count;
}

size_t run_of_bytes(const uint8_t *p, size_t max) {
    const __m128i wanted = _mm_set1_epi8(OP_BININT1);
    size_t count = 0;
    while (max - count >= 16) {
        const uint8_t *at = p + count * SIZE_BININT1;
        __m128i equal =
            _mm_and_si128(_mm_cmpeq_epi8(load(at), wanted), _mm_cmpeq_epi8(load(at + 16), wanted));
        if ((_mm_movemask_epi8(equal) & 0x5555) != 0x5555) {
            break;
        }
        count += 16;
    }
    return count;
}

static __m128i load_two(const uint64_t *slots) {
    return _mm_loadu_si128((const __m128i *)(const void *)slots);
}

static void store_two(uint64_t *slots, __m128i two) {
    _mm_storeu_si128((__m128i *)(void *)slots, two);
}

void run_fill(uint64_t *slots, size_t count, uint64_t value) {
    const __m128i two = _mm_set1_epi64x((int64_t)value);
    for (const uint64_t *end = slots + count; slots < end; slots += RUN_GROUP) {
        store_two(slots, two);
        store_two(slots + 2, two);
        store_two(slots + 4, two);
        store_two(slots + 6, two);
    }
}

uint64_t run_of_flags(const uint64_t *slots, size_t count) {
    __m128i all = _mm_setzero_si128();
    const uint64_t *end = slots + count;
    for (; (size_t)(end - slots) >= RUN_GROUP; slots += RUN_GROUP) {
        all =
            _mm_or_si128(all, _mm_or_si128(_mm_or_si128(load_two(slots), load_two(slots + 2)),
                                           _mm_or_si128(load_two(slots + 4), load_two(slots + 6))));
    }
    uint64_t both[2];
    store_two(both, all);
    uint64_t flags = both[0] | both[1];
    for (; slots != end; slots++) {
        flags |= *slots;
    }
    return flags;
}

#else

size_t run_of_floats(const uint8_t *p, size_t max) {
    (void)p;
    (void)max;
    return 0;
}

size_t run_of_bytes(const uint8_t *p, size_t max) {
    return run_of_floats(p, max);
}

void run_fill(uint64_t *slots, size_t count, uint64_t value) {
    for (size_t i = 0; i < count; i++) {
        slots[i] = value;
    }
}

uint64_t run_of_flags(const uint64_t *slots, size_t count) {
    uint64_t flags = 0;
    for (size_t i = 0; i < count; i++) {
        flags |= slots[i];
    }
    return flags;
}

#endif
