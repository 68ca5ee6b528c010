/* SPDX-License-Identifier: MIT
 *
 * Ties together what keeps an input (spool, or a document under a budget), what writes it, and where it goes. */
#include "product.h"

#include <errno.h>
#include <string.h>

#include "budget.h"
#include "destination.h"
#include "value_json.h"

static struct spool spool;
static struct budget budget;

bool product_takes_stdout(const struct order *order) {
    return order->product != PRODUCT_NONE && (!order->path || strcmp(order->path, "-") == 0);
}

void product_prepare(const struct order *order, struct checker *checker, spk_options *options) {
    if (order->product == PRODUCT_NONE) {
        return;
    }
    destination_prepare();
    if (order->product == PRODUCT_INPUT) {
        spool_start(&spool);
        checker->spool = &spool;
        return;
    }
    spk_options effective = *options;
    spk_options_resolve(&effective);
    options->allocator = budget_allocator(&budget, effective.max_alloc);
    checker->mode = SPK_MODE_DECODE;
}

static struct trouble trouble_of_text(enum text_state state, const struct destination *destination, bool is_plain) {
    switch (state) {
    case TEXT_GOOD:
        return no_trouble;
    case TEXT_NOT_WRITTEN:
        return destination_trouble(destination);
    case TEXT_NO_MEMORY:
        return (struct trouble){ENOMEM, "accepted, but there is no memory to write it (see --max-alloc)", NULL};
    case TEXT_TOO_LARGE:
        return (struct trouble){EFBIG, is_plain ? "accepted, but as plain JSON it would exceed --max-output"
                                                : "accepted, but a long int in it is repeated too often for JSON", NULL};
    case TEXT_CYCLE:
        return (struct trouble){ENOTSUP, "accepted, but it contains itself, which plain JSON cannot say", NULL};
    }
    return trouble_of_errno(EINVAL);
}

static struct trouble write_json(const struct order *order, struct checker *checker, struct destination *destination) {
    bool is_plain = order->product == PRODUCT_PLAIN_JSON;
    uint64_t limit = order->max_output > 0 ? order->max_output : MAX_OUTPUT_DEFAULT;
    spk_allocator allocator = checker->options->allocator;
    spk_document *document = spk_decoder_take(checker->decoder);
    spk_decoder_free(checker->decoder); /* what it holds is of use to the writer */
    checker->decoder = NULL;
    enum text_state state = json_write(document, is_plain ? JSON_PLAIN : JSON_EXACT, limit, &allocator,
                                       destination_write, destination);
    spk_document_free(document);
    return trouble_of_text(state, destination, is_plain);
}

static struct trouble write_input(struct destination *destination) {
    bool written;
    struct trouble trouble = spool_copy(&spool, destination_write, destination, &written);
    return trouble.number != 0 || written ? trouble : destination_trouble(destination);
}

struct trouble product_deliver(const struct order *order, struct checker *checker) {
    struct destination destination;
    struct trouble trouble = destination_open(&destination, order->path);
    if (trouble.number != 0) {
        return trouble;
    }
    if (order->product == PRODUCT_INPUT) {
        trouble = write_input(&destination);
    } else {
        trouble = write_json(order, checker, &destination);
    }
    if (trouble.number != 0) {
        destination_abandon(&destination);
        return trouble;
    }
    return destination_commit(&destination);
}
