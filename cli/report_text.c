/* SPDX-License-Identifier: MIT
 *
 * The form for people: one line an input, the library's own words behind the name.  Trouble is told
 * on standard error alone. */
#include "report.h"

static void text_verdict(FILE *out, const char *path, const spk_report *report) {
    struct sentence sentence;
    report_describe(&sentence, report);
    put_escaped(out, path);
    fputs(report->status == SPK_OK ? ": " : ": rejected: ", out);
    fputs(sentence.line, out);
    fputc('\n', out);
}

static void text_refusal(FILE *out, const char *path, const spk_report *report) {
    if (report->status != SPK_OK) {
        fputs(PROGRAM ": ", out);
        text_verdict(out, path, report);
    }
}

const struct format format_text = {text_verdict, NULL, NULL};
const struct format format_refusals = {text_refusal, NULL, NULL};
