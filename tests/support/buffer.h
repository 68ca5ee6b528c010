/* SPDX-License-Identifier: MIT
 *
 * Bytes: those that stand somewhere, and those that are put together.  A test that runs out of
 * memory here ends. */
#ifndef SPK_TESTS_BUFFER_H
#define SPK_TESTS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *data;
    size_t size;
};

#define INPUT(literal) ((struct input){(const uint8_t *)(literal), sizeof(literal) - 1})

/* Starts as {0}. */
struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

void buffer_bytes(struct buffer *buffer, const void *data, size_t size);
void buffer_byte(struct buffer *buffer, unsigned byte);
void buffer_fill(struct buffer *buffer, unsigned byte, size_t times);
void buffer_u32(struct buffer *buffer, uint32_t value); /* little-endian */
void buffer_u64(struct buffer *buffer, uint64_t value);
void buffer_repeat(struct buffer *buffer, struct input input, size_t times);
void buffer_text(struct buffer *buffer, const char *text); /* without its NUL */
void buffer_print(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* 255 characters at most */
struct input buffer_input(const struct buffer *buffer);
void buffer_fit(struct buffer *buffer); /* a block of just its size: readings beyond it are seen */
void buffer_free(struct buffer *buffer);

#define BUFFER_ADD(buffer, literal) buffer_bytes(buffer, literal, sizeof(literal) - 1)

#endif
