/* SPDX-License-Identifier: MIT
 *
 * The reports on inputs: a format puts them into words, the counts say what the exit status is.
 * Trouble is told on standard error in any format.  Never judges anything, and never writes what is
 * made of an input. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include <safepickle.h>

#include "printer.h"
#include "streams.h"
#include "trouble.h"

struct counts {
    uint64_t accepted;
    uint64_t rejected;
    uint64_t errors;
};

/* What a format keeps from one call to the next; all zero when it begins.  What needs more than a
 * number allocates it in begin and frees it in end. */
union format_state {
    uint64_t number;
    void *pointer;
};

/* What a format writes on. */
struct report {
    const struct format *format;
    FILE *file;
    const char *allow; /* the sets of names that are let in; NULL: none */
    struct counts counts; /* with the input that is being told */
    union format_state state;
    struct printer out;
};

/* A form of the reports.  Each function may be NULL: it has nothing to say there.  What it puts out
 * is on its way to the file as soon as it returns, so that each input is told when it is known;
 * whatever fails there is none of its business. */
struct format {
    void (*begin)(struct report *to);
    void (*verdict)(struct report *to, const char *path, const spk_report *report);
    void (*trouble)(struct report *to, const char *path, const struct trouble *trouble);
    void (*end)(struct report *to);
};

enum format_id {
#define FORMAT(id, name) FORMAT_##id,
#define FORMAT_OPTION(id, name, letter, help) FORMAT_##id,
#include "formats.def"
#undef FORMAT
#undef FORMAT_OPTION
};

#define FORMAT(id, name) extern const struct format format_##name;
#define FORMAT_OPTION(id, name, letter, help) extern const struct format format_##name;
#include "formats.def"
#undef FORMAT
#undef FORMAT_OPTION

/* The version of the command, such as "0.1.0". */
const char *report_version(void);

void report_start(struct report *to, enum format_id format, FILE *file, const char *allow);
void report_verdict(struct report *to, const char *path, const spk_report *report);
void report_trouble(struct report *to, const char *path, const struct trouble *trouble);
void report_end(struct report *to);

/* The sentence about a verdict, and what can be done about it: as the library tells it, but with
 * the command's options in place of the library's fields. */
struct sentence {
    char line[SPK_LINE_SIZE];
    char hint[128]; /* also at the end of the line; "" where there is nothing to say */
};

void report_describe(struct sentence *sentence, const spk_report *report);

#endif
