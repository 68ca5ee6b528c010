/* SPDX-License-Identifier: MIT
 *
 * Ground floor: runs of bytes below 128, which most text is made of.  Where the machine has it (every x86-64 does) by
 * 16 bytes at a time, else, and with SPK_PORTABLE, by 8. */
#ifndef SPK_ASCII_H
#define SPK_ASCII_H

#include "bytes.h"

#if defined __SSE2__ && !defined SPK_PORTABLE
#include <emmintrin.h>
#define SPK_SSE2 1
#endif

/* True if all bytes are below 128. */
bool ascii_is_all(const uint8_t *p, size_t size);

#define ASCII_SHORT 32

/* The same of up to ASCII_SHORT bytes, where as many can be read. */
static inline bool ascii_is_short(const uint8_t *p, size_t size) {
#ifdef SPK_SSE2
    unsigned low = (unsigned)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)p));
    unsigned high = (unsigned)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 16)));
    return ((low | high << 16) & ((UINT64_C(1) << size) - 1)) == 0;
#else
    return ascii_is_all(p, size);
#endif
}

/* The number of leading bytes below 128. */
size_t ascii_prefix(const uint8_t *p, size_t size);

/* True if all bytes are below 128 and none is a backslash: text that means itself in a line of protocol 0. */
bool ascii_is_literal(const uint8_t *p, size_t size);

#endif
