/* SPDX-License-Identifier: MIT
 *
 * The check of UTF-8 by 32 bytes at a time, for machines that have AVX2, which is asked of the
 * processor.  Says of a beginning of the text that it is good and leaves the rest to utf8.c, which
 * alone finds what is bad. */
#ifndef SPK_UTF8_VECTOR_H
#define SPK_UTF8_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_VECTOR_MIN 35 /* three bytes and a block of 32 */

/* The number of leading bytes, of at least UTF8_VECTOR_MIN, that are known to be whole, good
 * sequences; p must be at the start of one. */
size_t utf8_vector_prefix(const uint8_t *p, size_t size);

#endif
