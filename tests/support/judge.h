/* SPDX-License-Identifier: MIT
 *
 * Verdicts on pickles, asked for in every way in which the library can be asked, and the assertions
 * that most checks are made of: it accepts this as that value, it refuses that for this reason. */
#ifndef SPK_TESTS_JUDGE_H
#define SPK_TESTS_JUDGE_H

#include "base/report.h"
#include "buffer.h"
#include "safepickle.h"

struct verdict {
    spk_report report;
    const char *text; /* of the value if it was accepted, else ""; until the next call */
};

/* Asks for the verdict on an input in all ways: check, decode, borrow, in one piece and in single
 * bytes, each with the meter's allocator.  That all agree in everything the report says, and that
 * nothing is leaked, is asserted. */
struct verdict judge(struct input input, const spk_options *options);

/* The value as canonical text in its exact form, which tests/scripts/canonical.py defines; "" for
 * NULL.  Until the next call. */
const char *exact_text(const spk_document *document);

/* The text is an exact one, too. */
bool expect_value(struct input input, const spk_options *options, const char *text,
                  const char *file, int line);
bool expect_refusal(struct input input, const spk_options *options, enum reason reason,
                    uint64_t offset, const char *detail, const char *file, int line);

/* The literals are pickles; options may be NULL, and so may a detail that does not matter. */
#define ACCEPTS(literal, text) ((void)expect_value(INPUT(literal), NULL, text, __FILE__, __LINE__))
#define ACCEPTS_INPUT(input, options, text) \
    ((void)expect_value(input, options, text, __FILE__, __LINE__))
#define REFUSES(literal, reason, offset) \
    ((void)expect_refusal(INPUT(literal), NULL, REASON_##reason, offset, NULL, __FILE__, __LINE__))
#define REFUSES_SAYING(literal, reason, offset, detail) \
    ((void)expect_refusal(INPUT(literal), NULL, REASON_##reason, offset, detail, __FILE__, \
                          __LINE__))
#define REFUSES_INPUT(input, options, reason, offset, detail) \
    ((void)expect_refusal(input, options, REASON_##reason, offset, detail, __FILE__, __LINE__))

#endif
