/* SPDX-License-Identifier: MIT
 *
 * What buffer.h promises. */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

static uint8_t *buffer_room(struct buffer *buffer, size_t size) {
    if (buffer->capacity - buffer->size < size) {
        size_t capacity = buffer->capacity * 2 + size + 64;
        uint8_t *data = must_allocate(capacity);
        if (buffer->size > 0) {
            memcpy(data, buffer->data, buffer->size);
        }
        free(buffer->data);
        buffer->data = data;
        buffer->capacity = capacity;
    }
    buffer->size += size;
    return buffer->data + buffer->size - size;
}

void buffer_bytes(struct buffer *buffer, const void *data, size_t size) {
    if (size > 0) {
        memcpy(buffer_room(buffer, size), data, size);
    }
}

void buffer_byte(struct buffer *buffer, unsigned byte) {
    *buffer_room(buffer, 1) = (uint8_t)byte;
}

void buffer_fill(struct buffer *buffer, unsigned byte, size_t times) {
    memset(buffer_room(buffer, times), (int)byte, times);
}

void buffer_u32(struct buffer *buffer, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        buffer_byte(buffer, value >> 8 * i & 255);
    }
}

void buffer_u64(struct buffer *buffer, uint64_t value) {
    buffer_u32(buffer, (uint32_t)value);
    buffer_u32(buffer, (uint32_t)(value >> 32));
}

void buffer_repeat(struct buffer *buffer, struct input input, size_t times) {
    for (size_t i = 0; i < times; i++) {
        buffer_bytes(buffer, input.data, input.size);
    }
}

void buffer_text(struct buffer *buffer, const char *text) {
    buffer_bytes(buffer, text, strlen(text));
}

void buffer_print(struct buffer *buffer, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_bytes(buffer, text, (size_t)length);
}

struct input buffer_input(const struct buffer *buffer) {
    return (struct input){buffer->data, buffer->size};
}

void buffer_fit(struct buffer *buffer) {
    uint8_t *data = must_allocate(buffer->size);
    if (buffer->size > 0) {
        memcpy(data, buffer->data, buffer->size);
    }
    free(buffer->data);
    buffer->data = data;
    buffer->capacity = buffer->size;
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){NULL, 0, 0};
}
