/* SPDX-License-Identifier: MIT
 *
 * Reads one input and has the library judge it.  A checker belongs to one thread, serves any number
 * of inputs, and is too large for a stack.  Never writes anything. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include <safepickle.h>

#include "inputs.h"
#include "spool.h"

#define PIECE_CAPACITY (256 * 1024)

struct checker {
    const spk_options *options;
    spk_mode mode;
    struct spool *spool;  /* keeps the bytes that are judged; NULL: they are not needed again */
    spk_decoder *decoder; /* NULL until the first input */
    uint8_t piece[PIECE_CAPACITY];
};

/* The options stay the caller's. */
void checker_start(struct checker *checker, const spk_options *options);
void checker_end(struct checker *checker);

/* Tells in the report what the verdict is: SPK_OK or one of the refusals.  Without trouble (number
 * 0) there always is one; with trouble the report means nothing. */
struct trouble check_input(struct checker *checker, const struct input *input, spk_report *report);

#endif
