/* SPDX-License-Identifier: MIT
 *
 * Text on its way to a function of the caller's, through a buffer.  The first failure sticks: what
 * is put afterwards is dropped, so that who writes needs no test after each word.  Knows nothing of
 * what the text says, or of files. */
#ifndef CLI_PRINTER_H
#define CLI_PRINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <safepickle.h>

enum print_state {
    PRINT_GOOD,
    PRINT_NOT_WRITTEN, /* the writer said so, and is not called again */
    PRINT_NO_MEMORY,
    PRINT_TOO_LARGE, /* more than the limit */
    PRINT_CYCLE      /* a value contains itself, and the form has no words for it */
};

#define PRINTER_CAPACITY 65536

struct printer {
    spk_write *writer;
    void *context;
    uint64_t limit; /* bytes in all */
    enum print_state state;
    uint64_t size; /* so far, without what is in the buffer */
    size_t filled;
    char buffer[PRINTER_CAPACITY];
};

void printer_start(struct printer *out, spk_write *writer, void *context, uint64_t limit);
void printer_fail(struct printer *out, enum print_state state);

/* Hands over what is in the buffer. */
void printer_flush(struct printer *out);

void put_bytes(struct printer *out, const char *data, size_t size);
void put_word(struct printer *out, const char *word);

/* Text from a stranger, so that it stays on its line and shows what it is: as spk_escape has it. */
void put_escaped(struct printer *out, const char *text);

/* The same, to a function. */
void write_escaped(spk_write *writer, void *context, const char *text);

/* Room in the buffer for so many bytes, at most PRINTER_CAPACITY; NULL when nothing more is to be
 * written.  Who has filled it adds them to "filled". */
static inline char *printer_reserve(struct printer *out, size_t size) {
    if (size > sizeof out->buffer - out->filled) {
        printer_flush(out);
    }
    return out->state == PRINT_GOOD ? out->buffer + out->filled : NULL;
}

#endif
