/* SPDX-License-Identifier: MIT
 *
 * Decoders that are fed piece by piece. */
#ifndef SPK_TESTS_PIECES_H
#define SPK_TESTS_PIECES_H

#include "buffer.h"
#include "meter.h"
#include "safepickle.h"

/* With the limits that are the default, and the meter's memory; NULL if there is none. */
spk_decoder *metered_decoder(spk_mode mode, struct meter *meter);

/* Feeds all of it, each piece in a block of just its size, and finishes. */
void feed_in_pieces(spk_decoder *decoder, struct input input, size_t piece);

/* The same with a decoder of its own; the report tells the outcome even where there is none. */
spk_document *decode_in_pieces(spk_mode mode, struct input input, size_t piece,
                               const spk_options *options, spk_report *report);

#endif
