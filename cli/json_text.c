/* SPDX-License-Identifier: MIT
 *
 * Strings, numbers and Base64, for values and for reports.  There is one reader of UTF-8 and one
 * writer of escapes for both. */
#include "json_text.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Strings --------------------------------------------------------------------------------- */

enum {
    ESCAPE = 6, /* bytes of one, \u00e9 */
    PIECE = 1024 /* bytes of text that are written without a look at the room that is left */
};

static bool is_plain(unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static size_t write_unit(char *to, uint32_t unit) {
    static const char digits[] = "0123456789abcdef";
    to[0] = '\\';
    to[1] = 'u';
    for (int i = 0; i < 4; i++) {
        to[2 + i] = digits[unit >> (12 - 4 * i) & 0xf];
    }
    return ESCAPE;
}

static bool is_surrogate(uint32_t code_point) {
    return code_point >= 0xd800 && code_point <= 0xdfff;
}

/* What has a letter to be escaped with, and the letter; the first two stand for themselves. */
static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

enum { LETTERS_SELVES = 4, LETTERS_ALL = sizeof letters - 1 };

static size_t write_code_point(char *to, uint32_t code_point, size_t letters_used) {
    for (size_t i = 0; code_point < 0x80 && i < letters_used; i += 2) {
        if ((char)code_point == letters[i]) {
            to[0] = '\\';
            to[1] = letters[i + 1];
            return 2;
        }
    }
    if (code_point >= 0x10000) {
        size_t length = write_unit(to, 0xd800 + ((code_point - 0x10000) >> 10));
        return length + write_unit(to + length, 0xdc00 + (code_point & 0x3ff));
    }
    return write_unit(to, is_surrogate(code_point) ? 0xfffd : code_point);
}

/* The length of the UTF-8 that bytes begin with, surrogates included; 0 if it is none. */
static size_t read_code_point(const unsigned char *from, size_t size, uint32_t *code_point) {
    static const uint8_t lengths[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                      0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 3, 3, 4, 0};
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = lengths[from[0] >> 3];
    uint32_t value = length == 1 ? from[0] : from[0] & (0x7fu >> length);
    if (length > size) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((from[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (from[i] & 0x3f);
    }
    *code_point = value;
    return value < min[length] || value > 0x10ffff ? 0 : length;
}

/* Writes one character that is not plain; returns its size in the text. */
static size_t write_escape(char **to, const unsigned char *at, size_t size, bool is_foreign) {
    uint32_t code_point;
    size_t length = read_code_point(at, size, &code_point);
    if (length == 0 || (is_foreign && is_surrogate(code_point))) {
        length = 1;
        code_point = 0xfffd;
    }
    *to += write_code_point(*to, code_point, is_foreign ? LETTERS_SELVES : LETTERS_ALL);
    return length;
}

/* A byte becomes at most one escape, and the last character may reach beyond the piece. */
static void put_string(struct printer *out, const char *data, size_t size, bool is_foreign) {
    const unsigned char *at = (const unsigned char *)data;
    const unsigned char *end = at + size;
    put_bytes(out, "\"", 1);
    while (at < end) {
        size_t left = (size_t)(end - at);
        const unsigned char *stop = at + (left < PIECE ? left : PIECE);
        char *start = printer_reserve(out, (size_t)(stop - at + 3) * ESCAPE);
        char *to = start;
        if (!to) {
            return;
        }
        while (at < stop) {
            if (is_plain(*at)) {
                *to++ = (char)*at++;
            } else {
                at += write_escape(&to, at, (size_t)(end - at), is_foreign);
            }
        }
        out->filled += (size_t)(to - start);
    }
    put_bytes(out, "\"", 1);
}

void put_str(struct printer *out, const char *data, size_t size) {
    put_string(out, data, size, false);
}

void put_foreign(struct printer *out, const char *text) {
    put_string(out, text, strlen(text), true);
}

bool is_utf8(const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    for (size_t left = strlen(text); left > 0;) {
        uint32_t code_point;
        size_t length = read_code_point(at, left, &code_point);
        if (length == 0 || is_surrogate(code_point)) {
            return false;
        }
        at += length;
        left -= length;
    }
    return true;
}

/* In UTF-8 the surrogates are those that begin with the bytes ed a0 and above. */
bool has_lone_surrogate(const char *data, size_t size) {
    const char *end = data + size;
    while (data < end) {
        const char *found = memchr(data, 0xed, (size_t)(end - data));
        if (!found) {
            return false;
        }
        if ((unsigned char)found[1] >= 0xa0) {
            return true;
        }
        data = found + 3;
    }
    return false;
}

void put_base64(struct printer *out, const void *data, size_t size) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *at = data;
    put_bytes(out, "\"", 1);
    while (size > 0) {
        size_t group = size < 3 ? size : 3;
        char *to = printer_reserve(out, 4);
        if (!to) {
            return;
        }
        uint32_t bits = (uint32_t)at[0] << 16 | (group > 1 ? (uint32_t)at[1] << 8 : 0) |
                        (group > 2 ? at[2] : 0u);
        for (size_t i = 0; i < 4; i++) {
            to[i] = (char)(i <= group ? digits[bits >> (18 - 6 * i) & 0x3f] : '=');
        }
        out->filled += 4;
        at += group;
        size -= group;
    }
    put_bytes(out, "\"", 1);
}

/* ---- Numbers --------------------------------------------------------------------------------- */

void put_unsigned(struct printer *out, uint64_t number) {
    char digits[20];
    char *at = digits + sizeof digits;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put_bytes(out, at, (size_t)(digits + sizeof digits - at));
}

void put_decimal(struct printer *out, int64_t number) {
    if (number < 0) {
        put_bytes(out, "-", 1);
    }
    put_unsigned(out, number < 0 ? (uint64_t)-(number + 1) + 1 : (uint64_t)number);
}

/* Every number of up to 15 digits survives the way to a double and back, and 17 digits tell any two
 * doubles apart; what is below DBL_MIN has fewer bits and may need only one digit. */
void put_float(struct printer *out, double number) {
    if (fabs(number) < 1e15 && number == (double)(int64_t)number &&
        (number != 0 || !signbit(number))) {
        put_decimal(out, (int64_t)number);
        put_word(out, ".0");
        return;
    }
    char digits[40];
    for (int precision = fabs(number) < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (precision == 17 || strtod(digits, NULL) == number) {
            break;
        }
    }
    put_word(out, digits);
    if (strcspn(digits, ".e") == strlen(digits)) {
        put_word(out, ".0");
    }
}

/* Makes two's complement a magnitude without leading zeros; returns its size and tells the sign. */
static size_t to_magnitude(uint8_t *bytes, size_t size, bool *negative) {
    *negative = size > 0 && bytes[size - 1] >= 0x80;
    if (*negative) {
        unsigned carry = 1;
        for (size_t i = 0; i < size; i++) {
            carry += (uint8_t)~bytes[i];
            bytes[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    while (size > 1 && bytes[size - 1] == 0) {
        size--;
    }
    return size;
}

void put_hexadecimal(struct printer *out, uint8_t *bytes, size_t size) {
    static const char digits[] = "0123456789abcdef";
    bool negative;
    size = to_magnitude(bytes, size, &negative);
    put_word(out, negative ? "-0x" : "0x");
    for (size_t left = size; left > 0; left--) {
        uint8_t byte = bytes[left - 1];
        const char pair[2] = {digits[byte >> 4], digits[byte & 0xf]};
        bool is_leading_zero = left == size && byte < 0x10;
        put_bytes(out, pair + is_leading_zero, 2u - is_leading_zero);
    }
}

/* Divides by 10 to the power of 9 again and again: quadratic, and therefore bounded. */
void put_long_decimal(struct printer *out, uint8_t *bytes, size_t size) {
    enum { BILLION = 1000000000, GROUP = 9 };
    char digits[DECIMAL_BYTES * 3 + GROUP];
    char *at = digits + sizeof digits;
    bool negative;
    size = to_magnitude(bytes, size, &negative);
    if (negative) {
        put_bytes(out, "-", 1);
    }
    while (size > 0) {
        uint64_t rest = 0;
        for (size_t left = size; left > 0; left--) {
            rest = rest << 8 | bytes[left - 1];
            bytes[left - 1] = (uint8_t)(rest / BILLION);
            rest %= BILLION;
        }
        while (size > 0 && bytes[size - 1] == 0) {
            size--;
        }
        for (int i = 0; i < GROUP && (i == 0 || rest > 0 || size > 0); i++) {
            *--at = (char)('0' + rest % 10);
            rest /= 10;
        }
    }
    put_bytes(out, at, (size_t)(digits + sizeof digits - at));
}
