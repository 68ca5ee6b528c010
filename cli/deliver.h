/* SPDX-License-Identifier: MIT
 *
 * What is handed on of an accepted input, and where to.  Nothing is opened or written before the
 * verdict. */
#ifndef CLI_DELIVER_H
#define CLI_DELIVER_H

#include <stdint.h>

#include "check.h"
#include "trouble.h"

enum product {
    PRODUCT_NONE,
    PRODUCT_INPUT, /* the very bytes that were judged */
    PRODUCT_JSON,
    PRODUCT_PLAIN_JSON,
    PRODUCT_PICKLE, /* its value, written afresh */
    PRODUCT_GZIP    /* the same, gzipped */
};

#define MAX_OUTPUT_DEFAULT (UINT64_C(1) << 30)

struct order {
    enum product product;
    const char *path;    /* NULL and "-": standard output */
    int protocol;        /* of a pickle that is written afresh; 0: the library's default */
    uint64_t max_output; /* of plain JSON; 0: the default */
};

/* True when the product would go where a report goes otherwise. */
bool deliver_takes_stdout(const struct order *order);

/* Before the input is judged: makes the checker keep what the product is made of. */
void deliver_prepare(const struct order *order, struct checker *checker, spk_options *options);

/* After it was accepted. */
struct trouble deliver_accepted(const struct order *order, struct checker *checker);

#endif
