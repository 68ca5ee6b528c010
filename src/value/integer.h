/* SPDX-License-Identifier: MIT
 *
 * Ints as bytes: little-endian two's complement, the form that LONG1 and LONG4 have.  Knows no
 * values and keeps nothing. */
#ifndef SPK_INTEGER_H
#define SPK_INTEGER_H

#include <stddef.h>
#include <stdint.h>

/* The shortest little-endian two's complement of an int64: 1 to 8 bytes. */
size_t int64_bytes(int64_t value, uint8_t out[8]);

/* Drops leading bytes that only repeat the sign; at least one byte stays if there was one. */
size_t int_minimal_size(const uint8_t *p, size_t size);

/* Value of up to 8 bytes; 0 for none. */
int64_t int64_from_bytes(const uint8_t *p, size_t size);

#endif
