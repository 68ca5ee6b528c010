/* SPDX-License-Identifier: MIT
 *
 * Ints as bytes: little-endian two's complement, the form that LONG1 and LONG4 have.  The top bit
 * of the last byte is the sign.  Only unsigned numbers are shifted.  Knows no values and keeps
 * nothing.
 *
 *     255    ff 00             128    80 00           0    00, or no byte at all
 *    -256    00 ff            -128    80             -1    ff */
#ifndef SPK_INTEGER_H
#define SPK_INTEGER_H

#include "base/bytes.h"

/* The size without the last bytes that only repeat the sign; at least 1 if there is a byte. */
static inline size_t int_minimal_size(const uint8_t *p, size_t size) {
    while (size > 1 && ((p[size - 1] == 0 && p[size - 2] < 0x80) ||
                        (p[size - 1] == 0xff && p[size - 2] >= 0x80))) {
        size--;
    }
    return size;
}

/* The shortest form of an int64: 1 to 8 bytes. */
static inline size_t int64_bytes(int64_t value, uint8_t out[8]) {
    store_u64(out, (uint64_t)value);
    return int_minimal_size(out, 8);
}

/* The value of up to 8 bytes; 0 if there are none. */
static inline int64_t int64_from_bytes(const uint8_t *p, size_t size) {
    uint64_t bits = size > 0 && p[size - 1] >= 0x80 ? UINT64_MAX : 0;
    for (size_t left = size; left > 0; left--) {
        bits = bits << 8 | p[left - 1];
    }
    return bits <= INT64_MAX ? (int64_t)bits : -(int64_t)(UINT64_MAX - bits) - 1;
}

#endif
