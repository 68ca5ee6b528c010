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

void write_escaped(spk_write *writer, void *context, const char *text) {
    enum { PIECE = 256, LONGEST_ESCAPE = 4 };
    char escaped[PIECE * LONGEST_ESCAPE + 1];
    size_t left = strlen(text);
    while (left > 0) {
        size_t size = left;
        if (size > PIECE) {
            size = PIECE;
            while (size > PIECE - 3 && ((unsigned char)text[size] & 0xc0) == 0x80) {
                size--; /* a character must not be cut in two */
            }
        }
        spk_escape(text, size, escaped, sizeof escaped);
        (void)writer(context, escaped, strlen(escaped));
        text += size;
        left -= size;
    }
}

/* An spk_write to a printer. */
static bool write_on(void *out, const void *data, size_t size) {
    put_bytes(out, data, size);
    return true;
}

void put_escaped(struct printer *out, const char *text) {
    write_escaped(write_on, out, text);
}
