/* SPDX-License-Identifier: MIT
 *
 * pickle-check: wires options, inputs, checker, delivery and report together, and says it all in
 * one exit status. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <unistd.h>

#include "check.h"
#include "inputs.h"
#include "options.h"
#include "report.h"
#include "deliver.h"

enum exit_status { EXIT_ACCEPTED = 0, EXIT_REJECTED = 1, EXIT_TROUBLE = 2 };

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
static struct report choose_report(const struct settings *settings) {
    bool stdout_is_taken = deliver_takes_stdout(&settings->order);
    struct report output = {&format_text, stdout, {0, 0, 0}};
    if (stdout_is_taken) {
        output.format = &format_refusals;
        output.file = stderr;
    }
    if (settings->quiet) {
        output.format = &format_quiet;
    } else if (settings->json) {
        output.format = &format_json;
    }
    return output;
}

static enum exit_status check_all(struct settings *settings) {
    static struct checker checker;
    static struct inputs inputs;
    struct report output = choose_report(settings);
    checker.options = &settings->decoder;
    checker.mode = SPK_MODE_CHECK;
    deliver_prepare(&settings->order, &checker, &settings->decoder);
    inputs_start(&inputs, settings->operands, settings->operand_count, settings->list);
    struct input input;
    while (inputs_next(&inputs, &input)) {
        spk_report report = SPK_REPORT_INIT;
        struct trouble trouble = check_input(&checker, &input, &report);
        if (trouble.number == 0 && report.status == SPK_OK &&
            settings->order.product != PRODUCT_NONE) {
            trouble = deliver_accepted(&settings->order, &checker);
        }
        if (trouble.number == 0) {
            report_verdict(&output, input.path, &report);
        } else {
            report_trouble(&output, input.path, &trouble);
        }
    }
    spk_decoder_free(checker.decoder);
    report_end(&output);
    if (output.counts.errors > 0) {
        return EXIT_TROUBLE;
    }
    if (output.counts.rejected > 0) {
        return EXIT_REJECTED;
    }
    return output.counts.accepted > 0 ? EXIT_ACCEPTED : EXIT_TROUBLE;
}

static enum exit_status run(struct settings *settings) {
    switch (settings->action) {
    case ACTION_CHECK:
        return check_all(settings);
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

int main(int argc, char **argv) {
    if (!hold_standard_files()) {
        return EXIT_TROUBLE;
    }
    report_set_buffers();
    struct settings settings;
    if (!options_parse(&settings, argc, argv)) {
        return EXIT_TROUBLE;
    }
    enum exit_status status = run(&settings);
    return report_close(stdout) ? (int)status : EXIT_TROUBLE;
}
