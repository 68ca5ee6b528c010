/* SPDX-License-Identifier: MIT
 *
 * The command line.  One table drives parsing, the help and the list of limits; nothing is taken
 * from the environment or from any file. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <safepickle.h>

#include "report.h"
#include "deliver.h"

enum action { ACTION_CHECK, ACTION_HELP, ACTION_PRINT_LIMITS, ACTION_VERSION };

#define ALLOW_SIZE 128

struct settings {
    enum action action;
    spk_options decoder;
    char allow[ALLOW_SIZE]; /* the sets of decoder.allow, separated by commas */
    struct order order;
    enum format_id format;
    const char *list; /* of --files0-from; NULL: the operands */
    char **operands;
    size_t operand_count;
};

/* False, and told on standard error, when the command line is wrong.  Sorts the operands to the
 * front of argv. */
bool options_parse(struct settings *settings, int argc, char **argv);

void options_print_help(FILE *out);

/* The limits as the decoder will have them, one "name value" a line. */
void options_print_limits(FILE *out, const struct settings *settings);

#endif
