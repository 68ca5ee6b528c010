/* SPDX-License-Identifier: MIT
 *
 * Target check: the verdict itself.  Asserts that check and decode say the same of the same bytes,
 * that a check never holds more than a decode, that reports are coherent and printable, that
 * nothing is left behind, and that splitting into opcodes ends within the bytes and finds in what
 * was accepted the opcodes that were executed, which all make data. */
#include "support.h"

static void split(const struct setup *setup, const spk_report *report) {
    bool is_whole = report->status == SPK_OK && report->wrapper == SPK_WRAPPER_NONE;
    uint64_t opcodes = 0;
    size_t at = 0;
    spk_scanned seen;
    for (size_t step; (step = spk_scan(setup->data + at, setup->size - at, &seen)) > 0;
         at += step) {
        EXPECT(step <= setup->size - at && seen.opcode && seen.operand_size < step);
        if (is_whole && at < report->consumed) {
            EXPECT(seen.opcode->code == 0);
            opcodes++;
        }
    }
    EXPECT(!is_whole || (at >= report->consumed && opcodes == report->opcodes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    struct answer check, decode;
    setup.options.max_alloc = 0;
    answer_start(&check);
    answer_start(&decode);
    ask_whole(&check, WAY_CHECK, &setup);
    ask_whole(&decode, WAY_DECODE, &setup);
    expect_sound_report(&check.report);
    split(&setup, &check.report);
    expect_same_report(&check.report, &decode.report, "check and decode");
    EXPECT(check.meter.peak <= decode.meter.peak);
    answer_end(&check);
    answer_end(&decode);
    return 0;
}
