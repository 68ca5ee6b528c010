/* SPDX-License-Identifier: MIT
 *
 * The loops take long steps first, then shorter ones, and at the end single bytes. */
#include "text/ascii.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

#ifdef SPK_SSE2
/* 64 bytes, or-ed together. */
static __m128i sixty_four(const uint8_t *p) {
    return _mm_or_si128(_mm_or_si128(ascii_sixteen(p), ascii_sixteen(p + 16)),
                        _mm_or_si128(ascii_sixteen(p + 32), ascii_sixteen(p + 48)));
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
        if ((ascii_eight(p + at) & ASCII_HIGH_BITS) != 0) {
            break;
        }
    }
    while (at < size && p[at] < 0x80) {
        at++;
    }
    return at;
}

bool ascii_is_all_of_many(const uint8_t *p, size_t size) {
#ifdef SPK_SSE2
    __m128i all = sixty_four(p + size - 64); /* these may overlap with the steps below */
    for (size_t at = 0; size - at > 64 && _mm_movemask_epi8(all) == 0; at += 64) {
        all = _mm_or_si128(all, sixty_four(p + at));
    }
    return _mm_movemask_epi8(all) == 0;
#else
    uint64_t all = ascii_eight(p + size - 8); /* likewise */
    for (size_t at = 0; size - at >= 8 && (all & ASCII_HIGH_BITS) == 0; at += 8) {
        all |= ascii_eight(p + at);
    }
    return (all & ASCII_HIGH_BITS) == 0;
#endif
}

/* True if one of the eight bytes is this one; all must be below 128.  The subtraction sets the top
 * bit of a byte that is equal, and of another only if one below it is equal. */
static bool holds_byte(uint64_t word, uint8_t byte) {
    uint64_t difference = word ^ EACH(byte);
    return ((difference - EACH(1)) & ASCII_HIGH_BITS) != 0;
}

bool ascii_is_literal(const uint8_t *p, size_t size) {
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t word = ascii_eight(p + at);
        if ((word & ASCII_HIGH_BITS) != 0 || holds_byte(word, '\\')) {
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
