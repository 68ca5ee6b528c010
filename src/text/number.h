/* SPDX-License-Identifier: MIT
 *
 * The number lines of protocol 0.  Their grammar is exactly what picklers write, and can stop and
 * go on at any byte; whole lines have a value.  CPython's own parsers take more (octal, blanks,
 * underscores, a NUL that ends the line) and do not agree with each other about it.  Uses no locale
 * and no strtod. */
#ifndef SPK_NUMBER_H
#define SPK_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opcode.h"

/* Digits of INT and LONG: CPython's sys.int_info.default_max_str_digits. */
#define NUMBER_DIGITS_MAX 4300

#define NUMBER_FLOAT_MAX 32 /* characters of FLOAT */
#define NUMBER_INDEX_MAX 20 /* digits of an index, as many as 2^64 has */
#define NUMBER_LINE_MAX (NUMBER_DIGITS_MAX + 3) /* with sign, L and line feed */
#define NUMBER_BIG_MAX 1792 /* bytes that hold 4300 digits and a sign */

#define NUMBER_NAN UINT64_C(0x7ff8000000000000) /* what FLOAT's "nan" becomes */

struct number_scan {
    uint8_t operand; /* enum operand */
    uint8_t state;
    uint16_t length; /* characters or digits so far, of which there is a maximum */
};

enum number_end { NUMBER_MORE, NUMBER_DONE, NUMBER_BAD };

/* The length of a line of 1 to 18 digits that does not begin with 0, its line feed included.  Such
 * a line is right for every opcode that has a number line, and most lines are such.  0 for any
 * other line, whether right or wrong. */
static inline size_t number_plain(const uint8_t *line, size_t size) {
    size_t max = size < 19 ? size : 19;
    size_t at = 0;
    while (at < max && line[at] >= '0' && line[at] <= '9') {
        at++;
    }
    return at > 0 && at < max && line[at] == '\n' && line[0] != '0' ? at + 1 : 0;
}

struct number_scan number_start(enum operand operand);

/* Reads on.  *used is the number of bytes read, with the line feed or the bad byte. */
enum number_end number_scan(struct number_scan *scan, const uint8_t *p, size_t size, size_t *used);

/* The values of a line that number_scan has found right; the size is without the line feed. */
bool number_is_bool(const uint8_t *line, size_t size); /* of INT: 00 and 01 */
bool number_int(const uint8_t *line, size_t size, int64_t *value); /* false if it does not fit */
bool number_index(const uint8_t *line, size_t size, uint64_t *value); /* false if it does not fit */

/* Any int as little-endian two's complement; returns the bytes written. */
size_t number_big(const uint8_t *line, size_t size, uint8_t out[NUMBER_BIG_MAX]);

/* The nearest double, ties to even; false if that would be an infinity. */
bool number_float(const uint8_t *line, size_t size, uint64_t *bits);

/* True if number_float would return false.  Takes less time, because no value is made. */
bool number_float_overflows(const uint8_t *line, size_t size);

#endif
