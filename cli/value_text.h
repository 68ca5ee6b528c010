/* SPDX-License-Identifier: MIT
 *
 * The JSON text of single values, in a buffer on its way to a function of the caller's.  What is
 * written is plain ASCII.  The first failure sticks, so that writers need no test after each word.
 */
#ifndef CLI_VALUE_TEXT_H
#define CLI_VALUE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <safepickle.h>

enum text_state {
    TEXT_GOOD,
    TEXT_NOT_WRITTEN, /* the writer said so, and is not called again */
    TEXT_NO_MEMORY,
    TEXT_TOO_LARGE, /* more than the limit */
    TEXT_CYCLE      /* a value contains itself, and the form has no words for it */
};

#define TEXT_CAPACITY 65536

struct text {
    spk_write *writer;
    void *context;
    uint64_t limit; /* bytes in all */
    enum text_state state;
    uint64_t size; /* so far, without what is in the buffer */
    size_t filled;
    char buffer[TEXT_CAPACITY];
};

void put_start(struct text *text, spk_write *writer, void *context, uint64_t limit);
void put_fail(struct text *text, enum text_state state);

/* Hands over what is in the buffer. */
void put_flush(struct text *text);

void put_bytes(struct text *text, const char *data, size_t size);
void put_word(struct text *text, const char *word);
void put_decimal(struct text *text, int64_t number);

/* A str between quotes.  A lone surrogate, which JSON cannot hold, becomes U+FFFD: look first. */
void put_str(struct text *text, const char *data, size_t size);
bool has_lone_surrogate(const char *data, size_t size);

/* Bytes in Base64 (RFC 4648, with padding) between quotes. */
void put_base64(struct text *text, const void *data, size_t size);

/* A finite float, with a point or an exponent, in the fewest digits that read back as the same. */
void put_float(struct text *text, double number);

/* An int in hexadecimal, such as -0x1f, given as spk_get_int_bytes does; overwrites the bytes. */
void put_hexadecimal(struct text *text, uint8_t *bytes, size_t size);

/* The same in decimal, of at most DECIMAL_BYTES bytes: about the range of a double. */
#define DECIMAL_BYTES 128
void put_long_decimal(struct text *text, uint8_t *bytes, size_t size);

#endif
