/* SPDX-License-Identifier: MIT
 *
 * The form for people: one line an input, the library's own words behind the name.  Trouble is told
 * on standard error alone. */
#include "report.h"

static void text_verdict(struct report *to, const char *path, const spk_report *report) {
    struct sentence sentence;
    report_describe(&sentence, report);
    put_escaped(&to->out, path);
    put_word(&to->out, report->status == SPK_OK ? ": " : ": rejected: ");
    put_word(&to->out, sentence.line);
    put_word(&to->out, "\n");
}

static void text_refusal(struct report *to, const char *path, const spk_report *report) {
    if (report->status != SPK_OK) {
        put_word(&to->out, PROGRAM ": ");
        text_verdict(to, path, report);
    }
}

const struct format format_text = {.verdict = text_verdict};
const struct format format_refusals = {.verdict = text_refusal};
