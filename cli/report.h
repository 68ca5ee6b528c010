/* SPDX-License-Identifier: MIT
 *
 * Where results go: a format writes them, the counts say what the exit status is.  Trouble is told
 * on standard error in any format. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <safepickle.h>

#include "trouble.h"

#define PROGRAM "pickle-check"

struct counts {
    uint64_t accepted;
    uint64_t rejected;
    uint64_t errors;
};

/* A form of output.  Each function may be NULL: it has nothing to say there. */
struct format {
    void (*verdict)(FILE *out, const char *path, const spk_report *report);
    void (*trouble)(FILE *out, const char *path, const struct trouble *trouble);
    void (*end)(FILE *out, const struct counts *counts);
};

extern const struct format format_text;
extern const struct format
    format_refusals; /* for standard error: text of what was rejected, and nothing else */
extern const struct format format_json;
extern const struct format format_quiet;

struct report {
    const struct format *format;
    FILE *file;
    struct counts counts;
};

/* What the standard streams write from: until the very end, for they are flushed once more then. */
struct stream_buffers {
    char out[65536];
    char err[1024];
};

/* To be called first: gives standard output and standard error their buffers. */
void report_set_buffers(struct stream_buffers *buffers);

/* The version of the command, such as "0.1.0". */
const char *report_version(void);

void report_verdict(struct report *output, const char *path, const spk_report *report);
void report_trouble(struct report *output, const char *path, const struct trouble *trouble);
void report_end(struct report *output);

/* False, and told on standard error, unless every byte was written. */
bool report_close(FILE *file);

/* The sentence about a verdict, and what can be done about it: as the library tells it, but with
 * the command's options in place of the library's fields. */
struct sentence {
    char line[SPK_LINE_SIZE];
    char hint[128]; /* also at the end of the line; "" where there is nothing to say */
};

void report_describe(struct sentence *sentence, const spk_report *report);

/* Writes text from a stranger so that it stays on its line and shows what it is. */
void put_escaped(FILE *out, const char *text);

#endif
