/* SPDX-License-Identifier: MIT
 *
 * The number lines of protocol 0: a grammar of exactly what picklers write, which can stop and go
 * on at any byte, and the values of whole lines.  CPython's own parsers take more (octal, blanks,
 * underscores, a NUL that ends the line) and do not agree with each other about it.  No locale, no
 * strtod. */
#ifndef SPK_NUMBER_H
#define SPK_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opcode.h"

#define NUMBER_DIGITS_MAX \
    4300 /* of INT and LONG: CPython's sys.int_info.default_max_str_digits \
          */
#define NUMBER_FLOAT_MAX 32 /* characters of FLOAT */
#define NUMBER_INDEX_MAX 20 /* digits of an index: 2^64 has so many */
#define NUMBER_LINE_MAX (NUMBER_DIGITS_MAX + 3) /* sign, L, line feed */
#define NUMBER_BIG_MAX 1792 /* bytes that 4300 digits and a sign need */

#define NUMBER_NAN UINT64_C(0x7ff8000000000000) /* what FLOAT's "nan" becomes */

struct number_scan {
    uint8_t operand; /* enum operand */
    uint8_t state;
    uint16_t length; /* characters, or digits, that a maximum holds for */
};

enum number_end { NUMBER_MORE, NUMBER_DONE, NUMBER_BAD };

/* The length, with its line feed, of a line of one to eighteen digits that do not begin with 0:
 * every number line may be one, and most are.  0 for all others, of which nothing is known then. */
static inline size_t number_plain(const uint8_t *line, size_t size) {
    size_t max = size < 19 ? size : 19;
    size_t at = 0;
    while (at < max && line[at] >= '0' && line[at] <= '9') {
        at++;
    }
    return at > 0 && at < max && line[at] == '\n' && line[0] != '0' ? at + 1 : 0;
}

struct number_scan number_start(enum operand operand);

/* Reads on; *used is the number of bytes read, the line feed or the bad byte included. */
enum number_end number_scan(struct number_scan *scan, const uint8_t *p, size_t size, size_t *used);

/* The values of a line that the grammar has passed; size without the line feed. */
bool number_is_bool(const uint8_t *line, size_t size); /* of INT: 00 and 01 */
bool number_int(const uint8_t *line, size_t size, int64_t *value); /* false if it does not fit */
bool number_index(const uint8_t *line, size_t size, uint64_t *value); /* false if it does not fit */

/* Any int as little-endian two's complement; returns the bytes written. */
size_t number_big(const uint8_t *line, size_t size, uint8_t out[NUMBER_BIG_MAX]);

/* The nearest double, ties to even; false if that would be an infinity. */
bool number_float(const uint8_t *line, size_t size, uint64_t *bits);

/* The same without the value: true if the nearest double is an infinity though the line does not
 * say so. */
bool number_float_overflows(const uint8_t *line, size_t size);

#endif
