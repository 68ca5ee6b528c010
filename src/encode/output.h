/* SPDX-License-Identifier: MIT
 *
 * Where the bytes of a pickle go: through gzip or not, to the caller's function or into memory.
 * Does not look at the bytes. */
#ifndef SPK_OUTPUT_H
#define SPK_OUTPUT_H

#include "encode/gzip.h"

struct output {
    struct memory *memory;
    struct gzip *gzip;   /* NULL: no gzip */
    spk_write *write;    /* NULL: the output is gathered in "kept" */
    void *context;
    uint8_t *kept;
    size_t kept_capacity;
    size_t kept_size;
    uint64_t total;      /* bytes put out */
    enum reason failure; /* of the call that returned false */
};

bool output_start(struct output *output, struct memory *memory, const spk_encode_options *options,
                  spk_write *write, void *context);
bool output_put(struct output *output, const uint8_t *p, size_t size);

/* Puts out what gzip holds back, and its trailer. */
bool output_finish(struct output *output);

/* Hands over what was gathered, in a block of exactly *size bytes.  NULL when there is no memory,
 * or nothing was gathered. */
void *output_take(struct output *output, size_t *size);

void output_free(struct output *output);

#endif
