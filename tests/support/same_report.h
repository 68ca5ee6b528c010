/* SPDX-License-Identifier: MIT
 *
 * One comparison of reports for all tests, so that a fact that is added is compared everywhere. */
#ifndef SPK_TESTS_SAME_REPORT_H
#define SPK_TESTS_SAME_REPORT_H

#include <stdbool.h>

#include "safepickle.h"

/* True if two reports of the library say the same.  Names and messages must even be the same
 * strings, for the library has one of each; input_bytes is what each was fed, and may differ in
 * refusals. */
bool same_report(const spk_report *a, const spk_report *b);

#endif
