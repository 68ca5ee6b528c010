/* SPDX-License-Identifier: MIT
 *
 * What all formats share: the table of them, counting, trouble on standard error, and the sentence
 * about a verdict. */
#include "report.h"

#include <string.h>

#define TEXT_OF(number) #number
#define TEXT_OF_VERSION(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const struct format format_quiet = {.verdict = NULL};

static const struct format *const formats[] = {
#define FORMAT(id, name) [FORMAT_##id] = &format_##name,
#define FORMAT_OPTION(id, name, letter, help) [FORMAT_##id] = &format_##name,
#include "formats.def"
#undef FORMAT
#undef FORMAT_OPTION
};

const char *report_version(void) {
    return TEXT_OF_VERSION(SPK_VERSION_MAJOR, SPK_VERSION_MINOR, SPK_VERSION_PATCH);
}

/* What the command's options can do about a refusal. */
static void advise(char *hint, size_t size, const spk_report *report) {
    static const struct {
        const char *name;
        const char *hint;
    } of_options[] = {
        {"cycle", "--allow-cycles accepts values that contain themselves"},
        {"not-ascii", "--encoding=latin1 or --encoding=bytes reads it"},
        {"gzip-missing", "see --gzip"},
        {"gzip-forbidden", "see --gzip"},
    };
    const char *limit = report->status == SPK_LIMIT ? strstr(report->message, "max_") : NULL;
    snprintf(hint, size, "%s%s", limit ? "see --" : report->hint, limit ? limit : "");
    for (char *c = hint; limit && *c != '\0'; c++) {
        *c = (char)(*c == '_' ? '-' : *c); /* max_depth is --max-depth */
    }
    for (size_t i = 0; i < sizeof of_options / sizeof *of_options; i++) {
        if (strcmp(report->name, of_options[i].name) == 0) {
            snprintf(hint, size, "%s", of_options[i].hint);
        }
    }
}

void report_describe(struct sentence *sentence, const spk_report *report) {
    spk_report advised = *report;
    advise(sentence->hint, sizeof sentence->hint, report);
    advised.hint = sentence->hint;
    spk_report_format(&advised, sentence->line, sizeof sentence->line);
}

void report_start(struct report *to, enum format_id format, FILE *file, const char *allow) {
    to->format = formats[format];
    to->file = file;
    to->allow = allow;
    to->counts = (struct counts){0, 0, 0};
    to->state = (union format_state){0};
    printer_start(&to->out, stream_write, file, UINT64_MAX);
    if (to->format->begin) {
        to->format->begin(to);
    }
    printer_flush(&to->out);
}

void report_verdict(struct report *to, const char *path, const spk_report *report) {
    if (report->status == SPK_OK) {
        to->counts.accepted++;
    } else {
        to->counts.rejected++;
    }
    if (to->format->verdict) {
        to->format->verdict(to, path, report);
    }
    printer_flush(&to->out);
}

void report_trouble(struct report *to, const char *path, const struct trouble *trouble) {
    char room[SYSTEM_WORDS_SIZE];
    const char *place = trouble->place ? trouble->place : path;
    bool is_told =
        to->format->trouble && to->file == stderr; /* there no other line may come in between */
    to->counts.errors++;
    if (!is_told) {
        fputs(PROGRAM ": ", stderr);
        stream_put_escaped(stderr, place[0] != '\0' ? place : "''");
        fprintf(stderr, ": %s\n", trouble_message(trouble, room));
    }
    if (to->format->trouble) {
        to->format->trouble(to, path, trouble);
    }
    printer_flush(&to->out);
}

void report_end(struct report *to) {
    if (to->format->end) {
        to->format->end(to);
    }
    printer_flush(&to->out);
}
