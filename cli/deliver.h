/* SPDX-License-Identifier: MIT
 *
 * What is handed on of an accepted input, and where to.  Nothing is opened or written before the
 * verdict. */
#ifndef CLI_DELIVER_H
#define CLI_DELIVER_H

#include <stdint.h>

#include "budget.h"
#include "check.h"
#include "spool.h"
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

/* What delivering needs, of one input after the other; with the spool it is too large for a
 * stack. */
struct delivery {
    const struct order *order;
    struct spool spool;              /* what waits for the verdict, or to be whole */
    struct budget budget;            /* of a document and of what writes it */
    char message[SPK_LINE_SIZE + 16]; /* of trouble that has its words from the encoder */
};

/* True when the product would go where a report goes otherwise. */
bool deliver_takes_stdout(const struct order *order);

/* Before the first input is judged: makes the checker keep what the product is made of.  The order
 * stays the caller's, and the options and the checker get what belongs to the delivery. */
void deliver_prepare(struct delivery *delivery, const struct order *order, struct checker *checker,
                     spk_options *options);

/* After an input was accepted; does nothing where nothing was ordered. */
struct trouble deliver_accepted(struct delivery *delivery, struct checker *checker);

#endif
