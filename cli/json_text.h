/* SPDX-License-Identifier: MIT
 *
 * The JSON text of single values: strings, numbers, and bytes in Base64.  What is written is plain
 * ASCII.  Never a bracket or a comma: those are of whoever knows what the values are in. */
#ifndef CLI_JSON_TEXT_H
#define CLI_JSON_TEXT_H

#include "printer.h"

void put_unsigned(struct printer *out, uint64_t number);
void put_decimal(struct printer *out, int64_t number);

/* A str of the library's between quotes.  A lone surrogate, which JSON cannot hold, becomes U+FFFD:
 * look first. */
void put_str(struct printer *out, const char *data, size_t size);
bool has_lone_surrogate(const char *data, size_t size);

/* The same of text from anywhere else, that of a path, say: each byte that is of no UTF-8 becomes
 * U+FFFD, so look first.  Control characters are told by their numbers alone. */
void put_foreign(struct printer *out, const char *text);
bool is_utf8(const char *text);

/* Bytes in Base64 (RFC 4648, with padding) between quotes. */
void put_base64(struct printer *out, const void *data, size_t size);

/* A finite float, with a point or an exponent, in the fewest digits that read back as the same. */
void put_float(struct printer *out, double number);

/* An int in hexadecimal, such as -0x1f, given as spk_get_int_bytes does; overwrites the bytes. */
void put_hexadecimal(struct printer *out, uint8_t *bytes, size_t size);

/* The same in decimal, of at most DECIMAL_BYTES bytes: about the range of a double. */
#define DECIMAL_BYTES 128
void put_long_decimal(struct printer *out, uint8_t *bytes, size_t size);

#endif
