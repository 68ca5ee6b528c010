/* SPDX-License-Identifier: MIT
 *
 * pickle-check: wires options, inputs, checker, delivery and report together, and says it all in
 * one exit status.  Owns the session, which has all that a run needs: but for the unfinished file
 * in destination.c, which a signal handler has to find, nothing of the command is global. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "deliver.h"
#include "inputs.h"
#include "options.h"
#include "report.h"
#include "streams.h"

enum exit_status { EXIT_ACCEPTED = 0, EXIT_REJECTED = 1, EXIT_TROUBLE = 2 };

/* With the pieces, names and texts that are read and written it has 1.5 MiB, too much for a stack.
 * Of that only what is used is ever touched. */
struct session {
    struct stream_buffers buffers;
    struct settings settings;
    struct inputs inputs;
    struct checker checker;
    struct delivery delivery;
    struct report report;
};

/* A standard file that the caller closed would be replaced by the next file opened, and that file
 * be read, or written, in its stead.  It is kept occupied by something on which every read, or
 * write, fails. */
static bool hold_standard_files(void) {
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
        int useless = file == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(file, F_GETFD) < 0 && open("/dev/null", useless) != file) {
            return false;
        }
    }
    return true;
}

/* The report goes where the data do not. */
static void start_report(struct report *report, const struct settings *settings) {
    bool stdout_is_taken = deliver_takes_stdout(&settings->order);
    enum format_id format = settings->format;
    if (stdout_is_taken && format == FORMAT_TEXT) {
        format = FORMAT_REFUSALS;
    }
    report_start(report, format, stdout_is_taken ? stderr : stdout, settings->decoder.allow);
}

static void check_one(struct session *session, const struct input *input) {
    spk_report report = SPK_REPORT_INIT;
    struct trouble trouble = check_input(&session->checker, input, &report);
    if (trouble.number == 0 && report.status == SPK_OK) {
        trouble = deliver_accepted(&session->delivery, &session->checker);
    }
    if (trouble.number == 0) {
        report_verdict(&session->report, input->path, &report);
    } else {
        report_trouble(&session->report, input->path, &trouble);
    }
}

static enum exit_status status_of(const struct counts *counts) {
    if (counts->errors > 0) {
        return EXIT_TROUBLE;
    }
    if (counts->rejected > 0) {
        return EXIT_REJECTED;
    }
    return counts->accepted > 0 ? EXIT_ACCEPTED : EXIT_TROUBLE;
}

static enum exit_status check_all(struct session *session) {
    struct settings *settings = &session->settings;
    struct input input;
    start_report(&session->report, settings);
    checker_start(&session->checker, &settings->decoder);
    deliver_prepare(&session->delivery, &settings->order, &session->checker, &settings->decoder);
    inputs_start(&session->inputs, settings->operands, settings->operand_count, settings->list);
    while (inputs_next(&session->inputs, &input)) {
        check_one(session, &input);
    }
    checker_end(&session->checker);
    report_end(&session->report);
    return status_of(&session->report.counts);
}

static enum exit_status run(struct session *session) {
    const struct settings *settings = &session->settings;
    switch (settings->action) {
    case ACTION_CHECK:
        return check_all(session);
    case ACTION_HELP:
        options_print_help(stdout);
        return EXIT_ACCEPTED;
    case ACTION_PRINT_LIMITS:
        options_print_limits(stdout, settings);
        return EXIT_ACCEPTED;
    case ACTION_VERSION:
        fprintf(stdout, PROGRAM " %s\nlibsafepickle %s\nzlib %s\n", report_version(), spk_version(),
                spk_has_zlib() ? "yes" : "no");
        return EXIT_ACCEPTED;
    }
    return EXIT_TROUBLE;
}

/* The session is never freed: the streams write from it until the process ends. */
int main(int argc, char **argv) {
    if (!hold_standard_files()) {
        return EXIT_TROUBLE;
    }
    struct session *session = calloc(1, sizeof *session);
    if (!session) {
        fputs(PROGRAM ": there is no memory to begin with\n", stderr);
        return EXIT_TROUBLE;
    }
    streams_start(&session->buffers);
    if (!options_parse(&session->settings, argc, argv)) {
        return EXIT_TROUBLE;
    }
    enum exit_status status = run(session);
    return stream_close(stdout) ? (int)status : EXIT_TROUBLE;
}
