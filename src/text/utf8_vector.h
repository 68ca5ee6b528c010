/* SPDX-License-Identifier: MIT
 *
 * Checks UTF-8 by 32 bytes at a time, if the processor says that it has AVX2.  All that it can say
 * is that the beginning of a text is right: utf8.c looks at the rest, and finds what is wrong. */
#ifndef SPK_UTF8_VECTOR_H
#define SPK_UTF8_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_VECTOR_MIN 35 /* three bytes and a block of 32 */

/* The number of bytes at the beginning that are whole and right sequences, as far as is known. size
 * must be at least UTF8_VECTOR_MIN, and p the start of a sequence. */
size_t utf8_vector_prefix(const uint8_t *p, size_t size);

#endif
