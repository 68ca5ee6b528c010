/* SPDX-License-Identifier: MIT
 *
 * Both loops take a step as long as the machine allows, then single bytes. */
#include "ascii.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t eight(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

#ifdef SPK_SSE2
static __m128i sixteen(const uint8_t *p) {
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* As many bytes or-ed together. */
static __m128i sixty_four(const uint8_t *p) {
    return _mm_or_si128(_mm_or_si128(sixteen(p), sixteen(p + 16)), _mm_or_si128(sixteen(p + 32), sixteen(p + 48)));
}
#endif

size_t ascii_prefix(const uint8_t *p, size_t size) {
    size_t at = 0;
#ifdef SPK_SSE2
    while (size - at >= 64 && _mm_movemask_epi8(sixty_four(p + at)) == 0) {
        at += 64;
    }
#endif
    for (; size - at >= 8; at += 8) {
        if ((eight(p + at) & HIGH_BITS) != 0) {
            break;
        }
    }
    while (at < size && p[at] < 0x80) {
        at++;
    }
    return at;
}

bool ascii_is_all(const uint8_t *p, size_t size) {
#ifdef SPK_SSE2
    if (size > 64) { /* the last steps take some bytes again */
        __m128i all = sixty_four(p + size - 64);
        for (size_t at = 0; size - at > 64 && _mm_movemask_epi8(all) == 0; at += 64) {
            all = _mm_or_si128(all, sixty_four(p + at));
        }
        return _mm_movemask_epi8(all) == 0;
    }
    if (size >= 16) {
        __m128i all = _mm_or_si128(sixteen(p), sixteen(p + size - 16));
        if (size > 32) {
            all = _mm_or_si128(all, _mm_or_si128(sixteen(p + 16), sixteen(p + size - 32)));
        }
        return _mm_movemask_epi8(all) == 0;
    }
#endif
    if (size >= 8) { /* so does this */
        uint64_t all = eight(p + size - 8);
        for (size_t at = 0; size - at >= 8 && (all & HIGH_BITS) == 0; at += 8) {
            all |= eight(p + at);
        }
        return (all & HIGH_BITS) == 0;
    }
    if (size >= 4) {
        return ((load_u32(p) | load_u32(p + size - 4)) & (uint32_t)HIGH_BITS) == 0;
    }
    return size == 0 || (p[0] | p[size / 2] | p[size - 1]) < 0x80;
}

/* True if one of the bytes, which are all below 128, is this one. */
static bool holds_byte(uint64_t word, uint8_t byte) {
    uint64_t difference = word ^ EACH(byte);
    return ((difference - EACH(1)) & HIGH_BITS) != 0;
}

bool ascii_is_literal(const uint8_t *p, size_t size) {
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word = eight(p + at);
        if ((word & HIGH_BITS) != 0 || holds_byte(word, '\\')) {
            return false;
        }
    }
    for (; at < size; at++) {
        if (p[at] >= 0x80 || p[at] == '\\') {
            return false;
        }
    }
    return true;
}
