/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the small text writer that details and reports are made with, and what makes the
 * bytes of a stranger printable.  Knows nothing of refusals. */
#ifndef SPK_SHOW_H
#define SPK_SHOW_H

#include <stddef.h>
#include <stdint.h>

/* Text into a buffer of fixed size: what does not fit is dropped and counted; always ends with a
 * NUL. */
struct text {
    char *out;
    size_t size; /* of out */
    size_t length; /* that all of it would need */
};

struct text text_start(char *out, size_t size);
void text_put(struct text *text, const char *string);
void text_put_bytes(struct text *text, const void *data, size_t size);
void text_put_number(struct text *text, uint64_t value);

/* At least so many digits, without 0x. */
void text_put_hex(struct text *text, uint64_t value, int digits);

/* Appends bytes escaped as spk_escape does, at most "max" bytes of text, then "...". */
void text_put_escaped(struct text *text, const void *data, size_t size, size_t max);

#endif
