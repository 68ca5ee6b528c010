/* SPDX-License-Identifier: MIT
 *
 * Gathers pieces of text until the buffer is full or somebody flushes it.  A piece may be larger
 * than the buffer. */
#include "printer.h"

#include <string.h>

void printer_start(struct printer *out, spk_write *writer, void *context, uint64_t limit) {
    out->writer = writer;
    out->context = context;
    out->limit = limit;
    out->state = PRINT_GOOD;
    out->size = 0;
    out->filled = 0;
}

void printer_fail(struct printer *out, enum print_state state) {
    if (out->state == PRINT_GOOD) {
        out->state = state;
    }
}

void printer_flush(struct printer *out) {
    if (out->state != PRINT_GOOD) {
        return;
    }
    if (out->filled > out->limit - out->size) {
        printer_fail(out, PRINT_TOO_LARGE);
        return;
    }
    out->size += out->filled;
    if (out->filled > 0 && !out->writer(out->context, out->buffer, out->filled)) {
        printer_fail(out, PRINT_NOT_WRITTEN);
    }
    out->filled = 0;
}

char *printer_reserve(struct printer *out, size_t size) {
    if (size > sizeof out->buffer - out->filled) {
        printer_flush(out);
    }
    return out->state == PRINT_GOOD ? out->buffer + out->filled : NULL;
}

void put_bytes(struct printer *out, const char *data, size_t size) {
    while (size > 0) {
        size_t piece = size < PRINTER_CAPACITY / 2 ? size : PRINTER_CAPACITY / 2;
        char *to = printer_reserve(out, piece);
        if (!to) {
            return;
        }
        memcpy(to, data, piece);
        out->filled += piece;
        data += piece;
        size -= piece;
    }
}

void put_word(struct printer *out, const char *word) {
    put_bytes(out, word, strlen(word));
}
