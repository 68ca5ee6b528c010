/* SPDX-License-Identifier: MIT
 *
 * Write functions: one that keeps what it gets and fails when it is told to, one that counts. */
#ifndef SPK_TESTS_SINK_H
#define SPK_TESTS_SINK_H

#include "buffer.h"

/* Starts as {0}; buffer_free of what it got is the caller's. */
struct sink {
    struct buffer got;
    uint64_t calls;
    uint64_t fail_at; /* the call that fails, from 1; 0: none */
    uint64_t errors;  /* calls with nothing to write, or after the one that failed */
};

bool sink_keep(void *sink, const void *data, size_t size);

/* Adds the size to a uint64_t, or to nothing for NULL. */
bool sink_count(void *sum, const void *data, size_t size);

#endif
