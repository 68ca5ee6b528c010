/* SPDX-License-Identifier: MIT
 *
 * dump: prints what the library makes of pickles, one line each, for comparison with what Python
 * makes of them.
 *
 *     dump [--encoding=ascii|latin1|bytes] [--allow-cycles] [--allow=SETS] [--borrow | --chunk=N]
 *          [--cases | FILE|- ...]
 *
 * A line is the value in canonical text, which tests/scripts/canonical.py defines and prints for
 * Python's values, or
 *
 *     refused SPnnn NAME OFFSET RAW_OFFSET OPCODE DETAIL           (OPCODE is - if there is none)
 *     trouble STATUS-OR-SENTENCE
 *
 * --cases takes the pickles from standard input, each behind its length (4 bytes, little-endian).
 * --chunk feeds a decoder pieces of N bytes; otherwise one call gets all.  --allow is what
 * spk_options.allow gets; a set that the library does not have is trouble at the first input. Every
 * input is also checked without being decoded, and that the two disagree is trouble.  Exit status:
 * 0 all accepted, 1 something refused, 2 trouble (a single file that cannot be read, too).  Every
 * piece is handed over in a block of exactly its size, so that a memory checker sees each byte read
 * beyond it.
 *
 * It uses the public header only, never writes a file, and never recurses. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canonical_text.h"
#include "die.h"
#include "pieces.h"
#include "reading.h"
#include "same_report.h"

enum { ACCEPTED = 0, REFUSED = 1 }; /* exit statuses, below TROUBLE */

struct settings {
    spk_options options;
    size_t chunk; /* 0: whole buffers */
    bool borrow, cases;
};

/* ---- decoding ---- */

#define LIMIT_ALLOC 306 /* of which decoding needs more than a check */

static int trouble(const char *what) {
    printf("trouble %s\n", what);
    return TROUBLE;
}

static int dump(const void *data, size_t size, const struct settings *settings) {
    spk_report report = SPK_REPORT_INIT, checked = SPK_REPORT_INIT;
    unsigned char *copy = exact_copy(data, size);
    spk_document *document =
        settings->chunk    ? decode_in_pieces(SPK_MODE_DECODE, (struct input){copy, size},
                                              settings->chunk, &settings->options, &report)
        : settings->borrow ? spk_decode_borrowing(copy, size, &settings->options, &report)
                           : spk_decode(copy, size, &settings->options, &report);
    int result = document ? ACCEPTED : REFUSED;
    spk_check(copy, size, &settings->options, &checked);
    if (!settings->borrow) { /* whatever still points into it is an error, then */
        free(copy);
        copy = NULL;
    }
    if (report.code != LIMIT_ALLOC && !same_report(&report, &checked)) {
        char line[SPK_LINE_SIZE];
        spk_report_format(&checked, line, sizeof line);
        printf("trouble check and decode disagree; check: %s; decode: SP%u at %" PRIu64 "\n", line,
               report.code, report.offset);
        result = TROUBLE;
    } else if (!document && report.code) {
        printf("refused SP%u %s %" PRIu64 " %" PRIu64 " %s %s\n", report.code, report.name,
               report.offset, report.raw_offset, report.opcode[0] ? report.opcode : "-",
               report.detail);
    } else if (!document || report.status != SPK_OK) {
        result =
            trouble(report.status == SPK_MISUSE ? report.detail : spk_status_name(report.status));
    } else {
        struct buffer text = {NULL, 0, 0};
        put_document(&text, document, CANONICAL);
        buffer_byte(&text, '\n');
        fwrite(text.data, 1, text.size, stdout);
        buffer_free(&text);
    }
    spk_document_free(document);
    free(copy);
    return result;
}

/* ---- input ---- */

static int dump_file(const char *path, const struct settings *settings) {
    bool is_stdin = !strcmp(path, "-");
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    struct buffer content = {NULL, 0, 0};
    int result;
    if (!file || !read_all(file, &content)) {
        fprintf(stderr, "dump: %s: %s\n", path, strerror(errno));
        result = trouble("cannot read the file");
    } else {
        result = dump(content.data, content.size, settings);
    }
    if (file && !is_stdin) {
        fclose(file);
    }
    buffer_free(&content);
    return result;
}

static int dump_cases(const struct settings *settings) {
    uint8_t *data = NULL;
    size_t size = 0;
    int worst = ACCEPTED;
    while (read_record(stdin, &data, &size)) {
        int result = dump(data, size, settings);
        worst = result > worst ? result : worst;
    }
    return worst;
}

/* ---- command line ---- */

static bool read_option(const char *argument, struct settings *settings) {
    static const struct {
        const char *text;
        spk_encoding encoding;
    } encodings[] = {{"--encoding=ascii", SPK_ENCODING_ASCII},
                     {"--encoding=latin1", SPK_ENCODING_LATIN1},
                     {"--encoding=bytes", SPK_ENCODING_BYTES}};
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        if (!strcmp(argument, encodings[i].text)) {
            settings->options.encoding = encodings[i].encoding;
            return true;
        }
    }
    if (!strncmp(argument, "--chunk=", 8)) {
        settings->chunk = (size_t)strtoul(argument + 8, NULL, 10);
        return settings->chunk > 0;
    }
    if (!strncmp(argument, "--allow=", 8)) {
        settings->options.allow = argument + 8;
        return true;
    }
    settings->options.allow_cycles |= !strcmp(argument, "--allow-cycles");
    settings->borrow |= !strcmp(argument, "--borrow");
    settings->cases |= !strcmp(argument, "--cases");
    return !strcmp(argument, "--allow-cycles") || !strcmp(argument, "--borrow") ||
           !strcmp(argument, "--cases");
}

int main(int argc, char **argv) {
    struct settings settings = {SPK_OPTIONS_INIT, 0, false, false};
    int first = 1, worst = ACCEPTED;
    while (first < argc && !strncmp(argv[first], "--", 2)) {
        if (!read_option(argv[first++], &settings)) {
            die("unknown option; the head of dump.c has the manual");
        }
    }
    if (settings.cases != (first == argc) || (settings.borrow && settings.chunk)) {
        die("wrong usage; the head of dump.c has the manual");
    }
    if (settings.cases) {
        worst = dump_cases(&settings);
    }
    for (; first < argc; first++) {
        int result = dump_file(argv[first], &settings);
        worst = result > worst ? result : worst;
    }
    return fflush(stdout) || ferror(stdout) ? TROUBLE : worst;
}
