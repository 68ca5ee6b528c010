/* SPDX-License-Identifier: MIT
 *
 * What reading.h promises. */
#include "reading.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"

bool read_all(FILE *file, struct buffer *content) {
    uint8_t piece[4096];
    for (size_t got = 1; got > 0;) {
        got = fread(piece, 1, sizeof piece, file);
        buffer_bytes(content, piece, got);
    }
    return ferror(file) == 0;
}

uint8_t *read_file(const char *path, size_t *size) {
    struct buffer buffer = {NULL, 0, 0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    bool is_read = read_all(file, &buffer);
    *size = buffer.size;
    if (fclose(file) != 0 || !is_read) {
        buffer_free(&buffer);
    }
    return buffer.data || !is_read ? buffer.data : must_allocate(0);
}

void *exact_copy(const void *data, size_t size) {
    void *copy = must_allocate(size);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

bool read_record(FILE *file, uint8_t **data, size_t *size) {
    uint8_t head[4];
    size_t got = fread(head, 1, sizeof head, file);
    free(*data);
    *data = NULL;
    if (got == 0 && !ferror(file)) {
        return false;
    }
    *size = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    if (got != sizeof head) {
        die("a record is cut short");
    }
    *data = must_allocate(*size);
    if (fread(*data, 1, *size, file) != *size) {
        die("a record is cut short");
    }
    return true;
}
