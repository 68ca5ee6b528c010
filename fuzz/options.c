/* SPDX-License-Identifier: MIT
 *
 * Target options: limits, flags and a failing allocator, all from the input.  Asserts that memory
 * never exceeds max_alloc, that it is the one limit by which check and decode may differ, and only
 * one way, and that a failed allocation gives no verdict and leaves nothing behind. */
#include "support.h"

#define REASON_LIMIT_ALLOC 306

static bool is_cut_short(const spk_report *report) {
    return report->code == REASON_LIMIT_ALLOC || report->status == SPK_NO_MEMORY;
}

/* Both modes, whole and in pieces, under max_alloc.  Tells how often a decode asks for memory, and
 * its report. */
static uint64_t compare_modes(const struct setup *setup, spk_report *report) {
    uint64_t max = setup->options.max_alloc > 0 ? setup->options.max_alloc : UINT64_C(1) << 30;
    struct answer check, decode, pieces;
    answer_start(&check);
    answer_start(&decode);
    answer_start(&pieces);
    ask_whole(&check, WAY_CHECK, setup);
    ask_whole(&decode, WAY_DECODE, setup);
    ask_pieces(&pieces, SPK_MODE_CHECK, setup, setup->seed);
    expect_sound_report(&check.report);
    EXPECT(check.meter.peak <= max && decode.meter.peak <= max && pieces.meter.peak <= max);
    EXPECT(decode.report.status != SPK_NO_MEMORY && check.report.status != SPK_NO_MEMORY);
    if (!is_cut_short(&decode.report)) {
        expect_same_report(&check.report, &decode.report, "check, and decode within max_alloc");
    }
    if (!is_cut_short(&check.report) && !is_cut_short(&pieces.report)) {
        expect_same_report(&check.report, &pieces.report, "whole and in pieces, within max_alloc");
    }
    uint64_t requests = decode.meter.requests;
    *report = decode.report;
    answer_end(&check);
    answer_end(&decode);
    answer_end(&pieces);
    return requests;
}

/* There is no verdict then, but for a refusal that was certain before and only waited for a better
 * reason: for the name of an import, or for a container's magic number. */
static void fail_allocation(const struct setup *setup, enum way way, uint64_t requests,
                            const spk_report *unfailed) {
    struct dice dice = dice_from(setup->seed);
    struct answer answer;
    answer_start(&answer);
    answer.meter.fails_on = dice_below(&dice, 2) == 0;
    answer.meter.fail_at = 1 + dice_below(&dice, (size_t)requests);
    ask_whole(&answer, way, setup);
    bool is_same = unfailed->code == answer.report.code && unfailed->offset == answer.report.offset;
    bool is_known = answer.report.code > 0 && (is_same || unfailed->status == SPK_WRAPPER);
    EXPECT(answer.meter.requests < answer.meter.fail_at || answer.report.status == SPK_NO_MEMORY ||
           is_known);
    answer_end(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    spk_report report;
    uint64_t requests = compare_modes(&setup, &report);
    if (requests > 0) {
        fail_allocation(&setup, WAY_DECODE, requests, &report);
        fail_allocation(&setup, WAY_CHECK, requests, &report);
    }
    return 0;
}
