/* SPDX-License-Identifier: MIT
 *
 * Feeds an input to the decoder piece by piece and stops reading at the first refusal.  No file is
 * mapped, and the decoder's memory is used again for the next input. */
#include "check.h"

#include <errno.h>
#include <stddef.h>

void checker_start(struct checker *checker, const spk_options *options) {
    checker->options = options;
    checker->mode = SPK_MODE_CHECK;
    checker->spool = NULL;
    checker->decoder = NULL;
}

void checker_end(struct checker *checker) {
    spk_decoder_free(checker->decoder);
    checker->decoder = NULL;
}

static struct trouble trouble_of_status(spk_status status) {
    switch (status) {
    case SPK_OK:
    case SPK_UNSAFE:
    case SPK_MALFORMED:
    case SPK_LIMIT:
    case SPK_WRAPPER:
    case SPK_POLICY:
        return no_trouble;
    case SPK_NO_MEMORY:
        return trouble_of_errno(ENOMEM);
    case SPK_MORE:
    case SPK_MISUSE:
    case SPK_UNWRITTEN:
        break;
    }
    return trouble_of_errno(EINVAL);
}

/* False, and the report tells why, when there is no decoder: even an empty one may exceed
 * max_alloc. */
static bool prepare(struct checker *checker, spk_report *report) {
    if (checker->decoder) {
        spk_decoder_reset(checker->decoder);
    } else {
        checker->decoder = spk_decoder_new(checker->mode, checker->options, report);
    }
    return checker->decoder != NULL;
}

/* The first piece is read before anything else, so that what cannot be read never gets a verdict.
 */
static struct trouble judge(struct checker *checker, int file, spk_report *report) {
    ssize_t count = read_some(file, checker->piece, sizeof checker->piece);
    if (count < 0) {
        return trouble_of_errno(errno);
    }
    if (!prepare(checker, report)) {
        return trouble_of_status(report->status);
    }
    struct trouble trouble = no_trouble;
    while (count > 0 &&
           spk_decoder_feed(checker->decoder, checker->piece, (size_t)count) == SPK_MORE) {
        if (checker->spool) {
            trouble = spool_add(checker->spool, checker->piece, (size_t)count);
        }
        if (trouble.number != 0) {
            return trouble;
        }
        count = read_some(file, checker->piece, sizeof checker->piece);
    }
    if (count < 0) {
        return trouble_of_errno(errno);
    }
    if (count == 0) {
        spk_decoder_finish(checker->decoder);
    }
    return trouble_of_status(spk_decoder_report(checker->decoder, report));
}

struct trouble check_input(struct checker *checker, const struct input *input, spk_report *report) {
    if (input->trouble.number != 0) {
        return input->trouble;
    }
    int file = input_open(input);
    if (file < 0) {
        return trouble_of_errno(errno);
    }
    struct trouble trouble = judge(checker, file, report);
    input_close(input, file);
    return trouble;
}
