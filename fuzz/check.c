/* SPDX-License-Identifier: MIT
 *
 * Target check: the verdict itself.  Asserts that check and decode say the same of the same bytes,
 * that a check never holds more than a decode, that reports are coherent and printable, and that
 * nothing is left behind. */
#include "support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    struct answer check, decode;
    setup.options.max_alloc = 0;
    answer_start(&check);
    answer_start(&decode);
    ask_whole(&check, WAY_CHECK, &setup);
    ask_whole(&decode, WAY_DECODE, &setup);
    expect_sound_report(&check.report);
    expect_same_report(&check.report, &decode.report, "check and decode");
    EXPECT(check.meter.peak <= decode.meter.peak);
    answer_end(&check);
    answer_end(&decode);
    return 0;
}
