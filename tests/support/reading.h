/* SPDX-License-Identifier: MIT
 *
 * Bytes that come from outside: whole files, and records, of which each stands behind its length
 * (4 bytes, little-endian). */
#ifndef SPK_TESTS_READING_H
#define SPK_TESTS_READING_H

#include <stdio.h>

#include "buffer.h"

/* Adds all that is left of a file; false if it cannot be read. */
bool read_all(FILE *file, struct buffer *content);

/* All of a file, which the caller frees; NULL if it cannot be read. */
uint8_t *read_file(const char *path, size_t *size);

/* A copy, which the caller frees, in a block of just its size, so that a memory checker sees each
 * byte that is read beyond it. */
void *exact_copy(const void *data, size_t size);

/* The next record in such a block, which it takes the place of; false at the end.  One that is cut
 * short ends the program. */
bool read_record(FILE *file, uint8_t **data, size_t *size);

#endif
