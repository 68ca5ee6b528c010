/* SPDX-License-Identifier: MIT
 *
 * What pieces.h promises. */
#include "pieces.h"

#include <stdlib.h>

#include "reading.h"

spk_decoder *metered_decoder(spk_mode mode, struct meter *meter) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allocator = meter_allocator(meter);
    return spk_decoder_new(mode, &options, NULL);
}

void feed_in_pieces(spk_decoder *decoder, struct input input, size_t piece) {
    for (size_t at = 0; at < input.size;) {
        size_t size = input.size - at < piece ? input.size - at : piece;
        void *copy = exact_copy(input.data + at, size);
        (void)spk_decoder_feed(decoder, copy, size);
        free(copy);
        at += size;
    }
    (void)spk_decoder_finish(decoder);
}

spk_document *decode_in_pieces(spk_mode mode, struct input input, size_t piece,
                               const spk_options *options, spk_report *report) {
    spk_decoder *decoder = spk_decoder_new(mode, options, report);
    if (!decoder) {
        return NULL;
    }
    feed_in_pieces(decoder, input, piece);
    (void)spk_decoder_report(decoder, report);
    spk_document *document = spk_decoder_take(decoder);
    spk_decoder_free(decoder);
    return document;
}
