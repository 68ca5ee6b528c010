/* SPDX-License-Identifier: MIT
 *
 * Keeps the bytes of an input until its verdict is known: a small one in memory, a larger one in a
 * temporary file that has no name, so that it is gone when the program is, and nobody needs to end
 * a spool. */
#ifndef CLI_SPOOL_H
#define CLI_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <safepickle.h>

#include "trouble.h"

#define SPOOL_IN_MEMORY (1024 * 1024)

struct spool {
    int file; /* -1 while all is in memory */
    uint64_t size;
    uint8_t bytes[SPOOL_IN_MEMORY]; /* then a buffer for reading the file back */
};

void spool_start(struct spool *spool);
struct trouble spool_add(struct spool *spool, const void *data, size_t size);

/* Hands everything to the writer; *written tells whether that took it.  Trouble is that of the
 * temporary file. */
struct trouble spool_copy(struct spool *spool, spk_write *writer, void *context, bool *written);

#endif
