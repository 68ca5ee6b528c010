/* SPDX-License-Identifier: MIT
 *
 * Ties together what keeps an input (spool, or a document under a budget), what writes it, and
 * where it goes.  Never says anything itself: what went wrong is the caller's to tell. */
#include "deliver.h"

#include <errno.h>
#include <string.h>

#include "destination.h"
#include "sharing.h"
#include "write_json.h"

bool deliver_takes_stdout(const struct order *order) {
    return order->product != PRODUCT_NONE && (!order->path || strcmp(order->path, "-") == 0);
}

void deliver_prepare(struct delivery *delivery, const struct order *order, struct checker *checker,
                     spk_options *options) {
    delivery->order = order;
    if (order->product == PRODUCT_NONE) {
        return;
    }
    destination_prepare();
    if (order->product == PRODUCT_INPUT) {
        spool_start(&delivery->spool);
        checker->spool = &delivery->spool;
        return;
    }
    spk_options effective = *options;
    spk_options_resolve(&effective);
    options->allocator = budget_allocator(&delivery->budget, effective.max_alloc);
    checker->mode = SPK_MODE_DECODE;
}

static struct trouble trouble_of_text(enum print_state state, const struct destination *destination,
                                      bool is_plain) {
    switch (state) {
    case PRINT_GOOD:
        return no_trouble;
    case PRINT_NOT_WRITTEN:
        return destination_trouble(destination);
    case PRINT_NO_MEMORY:
        return (struct trouble){
            ENOMEM, "accepted, but there is no memory to write it (see --max-alloc)", NULL};
    case PRINT_TOO_LARGE:
        return (struct trouble){
            EFBIG,
            is_plain ? "accepted, but as plain JSON it would exceed --max-output"
                     : "accepted, but a long int in it is repeated too often to be written",
            NULL};
    case PRINT_CYCLE:
        return (struct trouble){
            ENOTSUP, "accepted, but it contains itself, which plain JSON cannot say", NULL};
    }
    return trouble_of_errno(EINVAL);
}

/* How a value is written: to which function, and, where it is only tried, with the least work. */
struct way {
    spk_write *write;
    void *context;
    const struct destination *destination; /* whose trouble it is when the function fails */
    bool is_trial;
};

static struct trouble write_json(const struct order *order, const spk_document *document,
                                 const struct spk_allocator *allocator, const struct way *way) {
    bool is_plain = order->product == PRODUCT_PLAIN_JSON;
    uint64_t limit = order->max_output > 0 ? order->max_output : MAX_OUTPUT_DEFAULT;
    enum print_state state = json_write(document, is_plain ? JSON_PLAIN : JSON_EXACT, limit,
                                        allocator, way->write, way->context);
    return trouble_of_text(state, way->destination, is_plain);
}

static struct trouble trouble_of_encoder(struct delivery *delivery, const spk_report *report,
                                         const struct destination *destination) {
    static const char start[] = "accepted, but ";
    int number = ENOTSUP;
    if (destination->error != 0) {
        return destination_trouble(destination);
    }
    if (report->status == SPK_NO_MEMORY ||
        (report->status == SPK_LIMIT && strcmp(report->name, "limit-alloc") == 0)) {
        return trouble_of_text(PRINT_NO_MEMORY, destination, false);
    }
    if (report->status == SPK_LIMIT) {
        number = EFBIG;
    }
    memcpy(delivery->message, start, sizeof start);
    spk_report_format(report, delivery->message + strlen(start), SPK_LINE_SIZE);
    return (struct trouble){number, delivery->message, NULL};
}

/* What is written can be read with the limits of this run. */
static void copy_limits(spk_encode_options *to, const spk_options *from) {
    const spk_limit *limit;
    for (size_t i = 0; (limit = spk_limit_at(i)) != NULL; i++) {
        if (limit->encode_offset > 0) {
            memcpy((char *)to + limit->encode_offset, (const char *)from + limit->offset,
                   sizeof(uint64_t));
        }
    }
}

/* zlib takes the same memory at every level. */
static struct trouble write_pickle(struct delivery *delivery, const spk_document *document,
                                   const spk_options *options, const struct way *way) {
    const struct order *order = delivery->order;
    spk_encode_options how = SPK_ENCODE_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    how.protocol = order->protocol;
    how.gzip = order->product == PRODUCT_GZIP;
    how.gzip_level = way->is_trial ? 1 : 0;
    how.allocator = options->allocator;
    copy_limits(&how, options);
    spk_status status =
        spk_encode(spk_document_root(document), &how, way->write, way->context, &report);
    return status == SPK_OK ? no_trouble : trouble_of_encoder(delivery, &report, way->destination);
}

static struct trouble write_value(struct delivery *delivery, const spk_document *document,
                                  const spk_options *options, const struct way *way) {
    const struct order *order = delivery->order;
    bool is_json = order->product == PRODUCT_JSON || order->product == PRODUCT_PLAIN_JSON;
    return is_json ? write_json(order, document, &options->allocator, way)
                   : write_pickle(delivery, document, options, way);
}

static struct trouble copy_spool(struct spool *spool, struct destination *destination) {
    bool written;
    struct trouble trouble = spool_copy(spool, destination_write, destination, &written);
    return trouble.number != 0 || written ? trouble : destination_trouble(destination);
}

struct filling {
    struct spool *spool;
    struct trouble trouble;
};

/* An spk_write into the spool of a filling, which keeps the trouble. */
static bool write_to_spool(void *context, const void *data, size_t size) {
    struct filling *filling = context;
    filling->trouble = spool_add(filling->spool, data, size);
    return filling->trouble.number == 0;
}

static bool write_nowhere(void *context, const void *data, size_t size) {
    (void)context;
    (void)data;
    (void)size;
    return true;
}

/* A file gets its name when it is whole.  What has gone to standard output stays there, and that
 * something lacks memory, or a type its protocol, may turn up late.  So it waits in the spool until
 * it is whole.  Where no temporary file can be had it is tried first, and written when all went
 * well: it takes the same memory again. */
static struct trouble write_at_last(struct delivery *delivery, const spk_document *document,
                                    const spk_options *options, struct destination *destination) {
    struct filling filling = {&delivery->spool, no_trouble};
    const struct way to_spool = {write_to_spool, &filling, destination, false};
    const struct way trial = {write_nowhere, NULL, destination, true};
    const struct way at_last = {destination_write, destination, destination, false};
    if (destination->path) {
        return write_value(delivery, document, options, &at_last);
    }
    spool_start(&delivery->spool);
    struct trouble trouble = write_value(delivery, document, options, &to_spool);
    if (filling.trouble.number == 0) {
        return trouble.number != 0 ? trouble : copy_spool(&delivery->spool, destination);
    }
    trouble = write_value(delivery, document, options, &trial);
    return trouble.number != 0 ? trouble : write_value(delivery, document, options, &at_last);
}

static struct trouble find_repeated_ints(const spk_document *document,
                                         const spk_allocator *allocator) {
    struct sharing sharing;
    bool done = sharing_find(&sharing, allocator, document);
    bool repeats = done && repeats_ints(&sharing, document);
    sharing_free(&sharing);
    return repeats ? trouble_of_text(PRINT_TOO_LARGE, NULL, false)
                   : trouble_of_text(done ? PRINT_GOOD : PRINT_NO_MEMORY, NULL, false);
}

static struct trouble write_document(struct delivery *delivery, struct checker *checker,
                                     struct destination *destination) {
    enum product product = delivery->order->product;
    const spk_options *options = checker->options;
    spk_document *document = spk_decoder_take(checker->decoder);
    spk_decoder_free(checker->decoder); /* what it holds is of use to the writer */
    checker->decoder = NULL;
    struct trouble trouble = no_trouble;
    if (product == PRODUCT_PICKLE || product == PRODUCT_GZIP) { /* json_write looks on its own */
        trouble = find_repeated_ints(document, &options->allocator);
    }
    if (trouble.number == 0) {
        trouble = write_at_last(delivery, document, options, destination);
    }
    spk_document_free(document);
    return trouble;
}

struct trouble deliver_accepted(struct delivery *delivery, struct checker *checker) {
    const struct order *order = delivery->order;
    struct destination destination;
    if (order->product == PRODUCT_NONE) {
        return no_trouble;
    }
    struct trouble trouble = destination_open(&destination, order->path);
    if (trouble.number != 0) {
        return trouble;
    }
    if (order->product == PRODUCT_INPUT) {
        trouble = copy_spool(&delivery->spool, &destination);
    } else {
        trouble = write_document(delivery, checker, &destination);
    }
    if (trouble.number != 0) {
        destination_abandon(&destination);
        return trouble;
    }
    return destination_commit(&destination);
}
