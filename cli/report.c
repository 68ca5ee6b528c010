/* SPDX-License-Identifier: MIT
 *
 * What all forms of output share: counting, trouble on standard error, buffers, and that what was
 * not written is noticed. */
#define _POSIX_C_SOURCE 200809L
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_OF(number) #number
#define TEXT_OF_VERSION(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

const struct format format_quiet = {NULL, NULL, NULL};

/* A person at a terminal wants each line when it is known; an error message should arrive in one
 * piece. */
void report_set_buffers(struct stream_buffers *buffers) {
    int mode = isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF;
    setvbuf(stdout, buffers->out, mode, sizeof buffers->out);
    setvbuf(stderr, buffers->err, _IOLBF, sizeof buffers->err);
}

const char *report_version(void) {
    return TEXT_OF_VERSION(SPK_VERSION_MAJOR, SPK_VERSION_MINOR, SPK_VERSION_PATCH);
}

void put_escaped(FILE *out, const char *text) {
    enum { PIECE = 256, LONGEST_ESCAPE = 4 };
    char escaped[PIECE * LONGEST_ESCAPE + 1];
    size_t left = strlen(text);
    while (left > 0) {
        size_t size = left;
        if (size > PIECE) {
            size = PIECE;
            while (size > PIECE - 3 && ((unsigned char)text[size] & 0xc0) == 0x80) {
                size--; /* a character must not be cut in two */
            }
        }
        spk_escape(text, size, escaped, sizeof escaped);
        fputs(escaped, out);
        text += size;
        left -= size;
    }
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

void report_verdict(struct report *output, const char *path, const spk_report *report) {
    if (report->status == SPK_OK) {
        output->counts.accepted++;
    } else {
        output->counts.rejected++;
    }
    if (output->format->verdict) {
        output->format->verdict(output->file, path, report);
    }
}

void report_trouble(struct report *output, const char *path, const struct trouble *trouble) {
    char room[SYSTEM_WORDS_SIZE];
    const char *place = trouble->place ? trouble->place : path;
    bool is_told = output->format->trouble &&
                   output->file == stderr; /* there no other line may come in between */
    output->counts.errors++;
    if (!is_told) {
        fputs(PROGRAM ": ", stderr);
        put_escaped(stderr, place[0] != '\0' ? place : "''");
        fprintf(stderr, ": %s\n", trouble_message(trouble, room));
    }
    if (output->format->trouble) {
        output->format->trouble(output->file, path, trouble);
    }
}

void report_end(struct report *output) {
    if (output->format->end) {
        output->format->end(output->file, &output->counts);
    }
}

bool report_close(FILE *file) {
    char room[SYSTEM_WORDS_SIZE];
    bool failed = ferror(file) != 0;
    errno = 0;
    failed = fclose(file) != 0 || failed;
    if (failed) {
        fprintf(stderr, PROGRAM ": standard output: %s\n",
                errno != 0 ? system_words(errno, room) : "not all was written");
    }
    return !failed;
}
