/* SPDX-License-Identifier: MIT
 *
 * Target chunks: one verdict.  Asserts that an input fed in random pieces, to a new decoder or
 * after a reset, in either mode, gets the report and the value that it gets in one piece, and that
 * a verdict sticks. */
#include "support.h"

static void compare_values(const spk_document *a, const spk_document *b, const char *what) {
    struct walk walk_a, walk_b;
    if (!a || !b) {
        return;
    }
    walk_document(&walk_a, a);
    walk_document(&walk_b, b);
    if (walk_a.hash != walk_b.hash) {
        fail("two values differ: %s", what);
    }
    walk_end(&walk_a);
    walk_end(&walk_b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    struct answer whole, checked, decoded, borrowed;
    setup.options.max_alloc = 0;
    answer_start(&whole);
    answer_start(&checked);
    answer_start(&decoded);
    answer_start(&borrowed);
    ask_whole(&whole, WAY_DECODE, &setup);
    ask_whole(&borrowed, WAY_BORROW, &setup);
    ask_pieces(&checked, SPK_MODE_CHECK, &setup, mix(setup.seed, 1));
    ask_pieces(&decoded, SPK_MODE_DECODE, &setup, mix(setup.seed, 2));
    expect_same_report(&whole.report, &checked.report, "whole and checked in pieces");
    expect_same_report(&whole.report, &decoded.report, "whole and decoded in pieces");
    expect_same_report(&whole.report, &borrowed.report, "copied and borrowed");
    compare_values(whole.document, decoded.document, "whole and in pieces");
    compare_values(whole.document, borrowed.document, "copied and borrowed");
    answer_end(&whole);
    answer_end(&checked);
    answer_end(&decoded);
    answer_end(&borrowed);
    return 0;
}
