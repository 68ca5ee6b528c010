/* SPDX-License-Identifier: MIT
 *
 * Standard output and standard error: their buffers, a stranger's text on them, and that what was
 * not written is noticed.  Knows nothing of what is said there. */
#ifndef CLI_STREAMS_H
#define CLI_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PROGRAM "pickle-check"

/* What the streams write from, until the process ends: then they are flushed once more. */
struct stream_buffers {
    char out[65536];
    char err[1024];
};

/* To be called before anything is written. */
void streams_start(struct stream_buffers *buffers);

/* An spk_write to a FILE.  The stream itself remembers a failure, for stream_close to tell, and
 * what comes later is tried all the same. */
bool stream_write(void *file, const void *data, size_t size);

/* Writes text from a stranger so that it stays on its line and shows what it is. */
void stream_put_escaped(FILE *file, const char *text);

/* False, and told on standard error, unless every byte was written. */
bool stream_close(FILE *file);

#endif
