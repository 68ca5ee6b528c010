/* SPDX-License-Identifier: MIT
 *
 * Ground floor: runs of bytes below 128, which most text is made of.  With SSE2, which every x86-64
 * has, 16 bytes are looked at together; without it, and with SPK_PORTABLE, 8. */
#ifndef SPK_ASCII_H
#define SPK_ASCII_H

#include "base/bytes.h"

#if defined __SSE2__ && !defined SPK_PORTABLE
#include <emmintrin.h>
#define SPK_SSE2 1
#endif

#define ASCII_HIGH_BITS UINT64_C(0x8080808080808080)

static inline uint64_t ascii_eight(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

#ifdef SPK_SSE2
static inline __m128i ascii_sixteen(const uint8_t *p) {
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}
#endif

/* More bytes than this are looked at in a loop. */
#ifdef SPK_SSE2
#define ASCII_FEW 64
#else
#define ASCII_FEW 16
#endif

/* True if all bytes are below 128; there must be more than ASCII_FEW. */
bool ascii_is_all_of_many(const uint8_t *p, size_t size);

/* True if all bytes are below 128.  Where the size is no multiple of theirs, the loads overlap. */
static inline bool ascii_is_all(const uint8_t *p, size_t size) {
    if (size > ASCII_FEW) {
        return ascii_is_all_of_many(p, size);
    }
#ifdef SPK_SSE2
    if (size >= 16) {
        __m128i all = _mm_or_si128(ascii_sixteen(p), ascii_sixteen(p + size - 16));
        if (size > 32) {
            all = _mm_or_si128(all,
                               _mm_or_si128(ascii_sixteen(p + 16), ascii_sixteen(p + size - 32)));
        }
        return _mm_movemask_epi8(all) == 0;
    }
#endif
    if (size >= 8) {
        return ((ascii_eight(p) | ascii_eight(p + size - 8)) & ASCII_HIGH_BITS) == 0;
    }
    if (size >= 4) {
        return ((load_u32(p) | load_u32(p + size - 4)) & (uint32_t)ASCII_HIGH_BITS) == 0;
    }
    return size == 0 || (p[0] | p[size / 2] | p[size - 1]) < 0x80;
}

#define ASCII_SHORT 32

/* The same for up to ASCII_SHORT bytes, where ASCII_SHORT bytes can be read. */
static inline bool ascii_is_short(const uint8_t *p, size_t size) {
#ifdef SPK_SSE2
    unsigned low = (unsigned)_mm_movemask_epi8(ascii_sixteen(p));
    unsigned high = (unsigned)_mm_movemask_epi8(ascii_sixteen(p + 16));
    return ((low | high << 16) & ((UINT64_C(1) << size) - 1)) == 0;
#else
    return ascii_is_all(p, size);
#endif
}

/* The number of leading bytes below 128. */
size_t ascii_prefix(const uint8_t *p, size_t size);

/* True if all bytes are below 128 and none is a backslash: in a line of protocol 0 such text stands
 * for itself. */
bool ascii_is_literal(const uint8_t *p, size_t size);

#endif
