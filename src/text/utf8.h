/* SPDX-License-Identifier: MIT
 *
 * UTF-8 as Python's "surrogatepass" reads it: strict, except that lone surrogates are code points
 * like others, and are never joined.  A check that can stop and go on at any byte, and a function
 * that writes one code point. */
#ifndef SPK_UTF8_H
#define SPK_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept between two pieces: how many bytes of a sequence are still to come, and the range of
 * the next one.  All zeros at the start. */
struct utf8 {
    uint8_t missing;
    uint8_t min;
    uint8_t max;
};

/* Returns the number of bytes before the first one that is wrong; "size" if none is. */
size_t utf8_check(struct utf8 *state, const uint8_t *p, size_t size);

static inline bool utf8_is_complete(const struct utf8 *state) {
    return state->missing == 0;
}

/* The characters that begin in "size" bytes of UTF-8; UTF8_NOT_LATIN1 if one is over U+00FF. */
#define UTF8_NOT_LATIN1 SIZE_MAX
size_t utf8_latin1_size(const uint8_t *p, size_t size);

#define UTF8_MAX 4

/* Writes a code point up to 10FFFF, which may be a surrogate; returns the bytes written. */
size_t utf8_write(uint32_t code_point, uint8_t out[UTF8_MAX]);

#endif
