/* SPDX-License-Identifier: MIT
 *
 * Names for what is no pickle where two of them could be given, to the last byte that tells; and
 * gzip that is refused before anything of it was told, in a new decoder and in one that was used
 * before.  What each magic number is, is for check_sniff.c. */
#include <string.h>

#include "support.h"

static spk_report feed_all(spk_decoder *decoder, struct input input, size_t piece) {
    spk_report report = SPK_REPORT_INIT;
    feed_in_pieces(decoder, input, piece);
    (void)spk_decoder_report(decoder, &report);
    return report;
}

/* Every byte of "ustar" counts, the last one too, and one that is missing. */
static void every_byte_of_ustar(void) {
    uint8_t tar[TAR_SIZE];
    make_tar(tar, INPUT("?.pickle"));
    for (size_t size = TAR_NAMED_AT; size <= TAR_NAMED_AT + 8; size++) {
        spk_report report = judge((struct input){tar, size}, NULL).report;
        CHECK_NOTE((report.code == REASON_WRAPPER_TAR) == (size >= TAR_NAMED_AT + 5),
                   "%zu bytes: %s", size, report.name);
    }
    for (size_t at = TAR_NAMED_AT; at < TAR_NAMED_AT + 5; at++) {
        make_tar(tar, INPUT("?.pickle"));
        tar[at] ^= 1;
        spk_report report = judge((struct input){tar, sizeof tar}, NULL).report;
        CHECK_NOTE(report.code != REASON_WRAPPER_TAR && report.status != SPK_OK, "byte %zu: %s", at,
                   report.name);
    }
    COVERED(14);
}

/* A magic number at the start of what would be the name in a tar file comes first. */
static void magic_before_tar(void) {
    uint8_t tar[TAR_SIZE];
    make_tar(tar, INPUT("BZh91AY&SY.pickle"));
    REFUSES_INPUT(((struct input){tar, sizeof tar}), NULL, WRAPPER_BZ2, 0, NULL);
    make_tar(tar, INPUT("?BZh91AY&SY.pickle"));
    REFUSES_INPUT(((struct input){tar, sizeof tar}), NULL, WRAPPER_TAR, 0, NULL);
    COVERED(2);
}

/* A used decoder says of each damaged member what a new one says, the place in the file included.
 */
static void gzip_in_a_used_decoder(void) {
    struct buffer good = {NULL, 0, 0};
    uint64_t inputs = 0;
    buffer_gzip(&good, INPUT("\x80\x04N."));
    spk_decoder *used = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
    REQUIRE(used);
    for (size_t size = 0; size < good.size; size++) {
        for (size_t piece = 1; piece <= 64; piece *= 8, inputs++) {
            struct input cut = {good.data, size};
            (void)feed_all(used, buffer_input(&good), 64);
            spk_decoder_reset(used);
            spk_report again = feed_all(used, cut, piece);
            spk_decoder_reset(used);
            spk_decoder *fresh = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
            spk_report first = feed_all(fresh, cut, piece);
            CHECK_NOTE(same_report(&first, &again) && first.status != SPK_OK,
                       "%zu bytes: %s, then %s", size, first.name, again.name);
            CHECK(first.raw_offset <= size);
            spk_decoder_free(fresh);
        }
    }
    spk_decoder_free(used);
    buffer_free(&good);
    COVERED(inputs);
}

REGISTER(wrappers, RUN(every_byte_of_ustar), RUN(magic_before_tar), RUN(gzip_in_a_used_decoder))
