/* SPDX-License-Identifier: MIT
 *
 * The table of options and what walks it; the library's table of limits is a part of it.
 * getopt_long finds the words; what it would forgive is refused here: shortened names, because
 * scripts that use them break, and an order that depends on POSIXLY_CORRECT. */
#include "options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum kind {
    KIND_ACTION,
    KIND_FORMAT,
    KIND_LIST,
    KIND_PASS,
    KIND_TO_JSON,
    KIND_TO_PICKLE,
    KIND_OUTPUT,
    KIND_GZIP,
    KIND_ENCODING,
    KIND_CYCLES,
    KIND_ALLOW,
    KIND_LIMITS, /* stands for a row for each limit of the library */
    KIND_COUNT,  /* a limit */
    KIND_BYTES  /* a limit that takes K, M and G */
};

struct option_row {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: none; words between bars: one of these */
    enum kind kind;
    size_t detail; /* of a limit its place in struct settings; of a format, a pickle or an action
                      which */
    const char *help;
};

static const struct option_row fixed_rows[] = {
#define FORMAT(ID, NAME)
#define FORMAT_OPTION(ID, NAME, LETTER, HELP) \
    {.name = #NAME, .letter = (LETTER), .kind = KIND_FORMAT, .detail = FORMAT_##ID, .help = (HELP)},
#include "formats.def"
#undef FORMAT
#undef FORMAT_OPTION
    {.name = "files0-from",
     .argument = "F",
     .kind = KIND_LIST,
     .help = "check the files that F (-: standard input) names, each name ended by NUL"},
    {.name = "pass", .kind = KIND_PASS, .help = "write the input itself, if it is accepted"},
    {.name = "to-json",
     .argument = "exact|plain",
     .kind = KIND_TO_JSON,
     .help = "write its value as JSON, if it is accepted"},
    {.name = "to-pickle",
     .argument = "2|3|4|5",
     .kind = KIND_TO_PICKLE,
     .detail = PRODUCT_PICKLE,
     .help = "write its value afresh as a pickle of a protocol (4)"},
    {.name = "to-gzip",
     .argument = "2|3|4|5",
     .kind = KIND_TO_PICKLE,
     .detail = PRODUCT_GZIP,
     .help = "the same, gzipped"},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .kind = KIND_OUTPUT,
     .help = "where to write it (-: standard output); only a whole file gets the name"},
    {.name = "gzip",
     .argument = "auto|always|never",
     .kind = KIND_GZIP,
     .help = "unwrap gzipped input, require it, or refuse it"},
    {.name = "encoding",
     .argument = "ascii|latin1|bytes",
     .kind = KIND_ENCODING,
     .help = "how the loader reads the str of Python 2"},
    {.name = "allow",
     .argument = "SETS",
     .kind = KIND_ALLOW,
     .help = "accept what imports names of these sets: plain (bytes and sets of old protocols)"},
    {.name = "allow-cycles", .kind = KIND_CYCLES, .help = "accept values that contain themselves"},
    {.kind = KIND_LIMITS},
    {.name = "max-output",
     .argument = "SIZE",
     .kind = KIND_BYTES,
     .detail = offsetof(struct settings, order.max_output),
     .help = "bytes of plain JSON"},
    {.name = "print-limits",
     .kind = KIND_ACTION,
     .detail = ACTION_PRINT_LIMITS,
     .help = "print the limits in effect and exit"},
    {.name = "help",
     .letter = 'h',
     .kind = KIND_ACTION,
     .detail = ACTION_HELP,
     .help = "print this and exit"},
    {.name = "version",
     .letter = 'V',
     .kind = KIND_ACTION,
     .detail = ACTION_VERSION,
     .help = "print versions and exit"},
};

enum {
    FIXED_ROWS = sizeof fixed_rows / sizeof *fixed_rows,
    LIMITS_MAX = 32,
    LIMIT_NAME_SIZE = 32,
    ROWS_MAX = FIXED_ROWS + LIMITS_MAX,
    FIRST_LONG = 256,
    OPERAND = 1
};

/* All options, in the order of the help. */
struct option_table {
    struct option_row rows[ROWS_MAX];
    int count;
    char limit_names[LIMITS_MAX][LIMIT_NAME_SIZE];
};

/* What is not named here is 0, false or NULL: nothing was asked for. */
static const struct settings default_settings = {
    .action = ACTION_CHECK,
    .format = FORMAT_TEXT,
    .decoder = SPK_OPTIONS_INIT,
    .order = {.product = PRODUCT_NONE},
};

static bool is_limit(const struct option_row *row) {
    return row->kind == KIND_COUNT || row->kind == KIND_BYTES;
}

/* The option of max_depth is --max-depth. */
static void name_limit(char name[LIMIT_NAME_SIZE], const spk_limit *limit) {
    snprintf(name, LIMIT_NAME_SIZE, "%s", limit->name);
    for (char *c = name; *c != '\0'; c++) {
        *c = (char)(*c == '_' ? '-' : *c);
    }
}

static void add_limits(struct option_table *table) {
    const spk_limit *limit;
    for (size_t i = 0; i < LIMITS_MAX && (limit = spk_limit_at(i)) != NULL; i++) {
        name_limit(table->limit_names[i], limit);
        table->rows[table->count++] =
            (struct option_row){.name = table->limit_names[i],
                                .argument = limit->is_bytes ? "SIZE" : "N",
                                .kind = limit->is_bytes ? KIND_BYTES : KIND_COUNT,
                                .detail = offsetof(struct settings, decoder) + limit->offset,
                                .help = limit->what};
    }
}

/* The rows point into the table, which must therefore stay where it is. */
static void fill_table(struct option_table *table) {
    table->count = 0;
    for (size_t i = 0; i < FIXED_ROWS; i++) {
        if (fixed_rows[i].kind == KIND_LIMITS) {
            add_limits(table);
        } else {
            table->rows[table->count++] = fixed_rows[i];
        }
    }
}

static uint64_t *limit_field(struct settings *settings, const struct option_row *row) {
    return (uint64_t *)(void *)((char *)settings + row->detail);
}

static void resolve_limits(struct settings *settings) {
    spk_options_resolve(&settings->decoder);
    if (settings->order.max_output == 0) {
        settings->order.max_output = MAX_OUTPUT_DEFAULT;
    }
}

/* Whether the option may stand without its argument; if there is one, it is behind "=". */
static bool is_optional(const struct option_row *row) {
    return row->kind == KIND_TO_JSON || row->kind == KIND_TO_PICKLE;
}

/* ---- Parsing --------------------------------------------------------------------------------- */

static bool complain(const char *what, const char *subject) {
    fprintf(stderr, PROGRAM ": %s", what);
    if (subject) {
        fputs(": ", stderr);
        stream_put_escaped(stderr, subject[0] != '\0' ? subject : "''");
    }
    fputs("\nTry '" PROGRAM " --help'.\n", stderr);
    return false;
}

static bool parse_number(const char *text, bool bytes, uint64_t *number) {
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    if (at == text) {
        return false;
    }
    const char *suffix = bytes && *at != '\0' ? strchr("KMG", *at) : NULL;
    unsigned shift = 0;
    if (suffix) {
        shift = *suffix == 'K' ? 10 : *suffix == 'M' ? 20 : 30;
        at++;
    }
    if (*at != '\0' || value > UINT64_MAX >> shift) {
        return false;
    }
    *number = value << shift;
    return true;
}

/* In the library 0 means the default and the largest number none, so neither may come in as a
 * number. */
static bool parse_limit(const char *text, bool bytes, uint64_t *limit) {
    if (strcmp(text, "default") == 0) {
        *limit = 0;
        return true;
    }
    if (strcmp(text, "unlimited") == 0) {
        *limit = SPK_UNLIMITED;
        return true;
    }
    return parse_number(text, bytes, limit) && *limit != 0 && *limit != SPK_UNLIMITED;
}

/* The place of a word among "words|between|bars"; -1 if it is none of them. */
static int parse_word(const char *text, const char *words) {
    size_t length = strlen(text);
    for (int place = 0;; place++) {
        size_t size = strcspn(words, "|");
        if (size == length && memcmp(words, text, size) == 0) {
            return place;
        }
        if (words[size] == '\0') {
            return -1;
        }
        words += size + 1;
    }
}

static bool apply_word(struct settings *settings, const struct option_row *row, const char *text) {
    static const spk_gzip gzip[] = {SPK_GZIP_AUTO, SPK_GZIP_ALWAYS, SPK_GZIP_NEVER};
    static const spk_encoding encoding[] = {SPK_ENCODING_ASCII, SPK_ENCODING_LATIN1,
                                            SPK_ENCODING_BYTES};
    int place = parse_word(text, row->argument);
    if (place < 0 || place > 2) {
        return false;
    }
    if (row->kind == KIND_GZIP) {
        settings->decoder.gzip = gzip[place];
    } else {
        settings->decoder.encoding = encoding[place];
    }
    return true;
}

static bool apply_product(struct settings *settings, enum product product) {
    if (settings->order.product != PRODUCT_NONE) {
        return false;
    }
    settings->order.product = product;
    return true;
}

static bool apply_json(struct settings *settings, const struct option_row *row, const char *form) {
    int place = form ? parse_word(form, row->argument) : 0;
    return place >= 0 && apply_product(settings, place == 0 ? PRODUCT_JSON : PRODUCT_PLAIN_JSON);
}

static bool apply_pickle(struct settings *settings, const struct option_row *row,
                         const char *protocol) {
    enum { LOWEST_PROTOCOL = 2 };
    int place = protocol ? parse_word(protocol, row->argument) : 0;
    if (place < 0 || !apply_product(settings, (enum product)row->detail)) {
        return false;
    }
    settings->order.protocol = protocol ? LOWEST_PROTOCOL + place : 0;
    return true;
}

static bool is_set(const char *word, size_t size) {
    const char *name;
    for (size_t i = 0; (name = spk_set_at(i)) != NULL; i++) {
        if (strlen(name) == size && memcmp(name, word, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds sets, separated by commas, to those that were given before. */
static bool apply_allow(struct settings *settings, const char *sets) {
    for (const char *at = sets;; at++) {
        size_t size = strcspn(at, ",");
        if (!is_set(at, size)) {
            return false;
        }
        at += size;
        if (*at == '\0') {
            break;
        }
    }
    size_t used = strlen(settings->allow);
    int added = snprintf(settings->allow + used, sizeof settings->allow - used, "%s%s",
                         used > 0 ? "," : "", sets);
    settings->decoder.allow = settings->allow;
    return added >= 0 && (size_t)added < sizeof settings->allow - used;
}

/* False when the argument is wrong. */
static bool apply(struct settings *settings, const struct option_row *row, const char *argument) {
    switch (row->kind) {
    case KIND_ACTION:
        settings->action = (enum action)row->detail;
        return true;
    case KIND_FORMAT:
        if (settings->format < row->detail) {
            settings->format = (enum format_id)row->detail;
        }
        return true;
    case KIND_LIST:
        if (settings->list) {
            return false; /* the files of the first one would go unchecked */
        }
        settings->list = argument;
        return true;
    case KIND_PASS:
        return apply_product(settings, PRODUCT_INPUT);
    case KIND_TO_JSON:
        return apply_json(settings, row, argument);
    case KIND_TO_PICKLE:
        return apply_pickle(settings, row, argument);
    case KIND_OUTPUT:
        if (settings->order.path || argument[0] == '\0') {
            return false;
        }
        settings->order.path = argument;
        return true;
    case KIND_GZIP:
    case KIND_ENCODING:
        return apply_word(settings, row, argument);
    case KIND_ALLOW:
        return apply_allow(settings, argument);
    case KIND_CYCLES:
        settings->decoder.allow_cycles = true;
        return true;
    case KIND_COUNT:
    case KIND_BYTES:
        return parse_limit(argument, row->kind == KIND_BYTES, limit_field(settings, row));
    case KIND_LIMITS:
        break;
    }
    return false;
}

static void complain_sets(char *what, size_t size) {
    const char *name;
    int at = snprintf(what, size, "--allow needs names of sets, with commas between them (");
    for (size_t i = 0; (name = spk_set_at(i)) != NULL && at >= 0 && (size_t)at < size; i++) {
        at += snprintf(what + at, size - (size_t)at, "%s%s", i > 0 ? ", " : "", name);
    }
    if (at >= 0 && (size_t)at < size) {
        snprintf(what + at, size - (size_t)at, "), not");
    }
}

static bool complain_argument(const struct option_row *row, const char *argument) {
    char what[160];
    bool is_word = !argument || parse_word(argument, row->argument ? row->argument : "") >= 0;
    if (is_limit(row)) {
        snprintf(what, sizeof what, "--%s needs a number from 1%s, 'default' or 'unlimited', not",
                 row->name, row->kind == KIND_BYTES ? " (K, M and G may follow)" : "");
    } else if (row->kind == KIND_LIST ||
               (row->kind == KIND_OUTPUT && argument && argument[0] != '\0')) {
        snprintf(what, sizeof what, "--%s was given twice", row->name);
    } else if (row->kind == KIND_OUTPUT) {
        snprintf(what, sizeof what, "--%s needs the name of a file, not", row->name);
    } else if (row->kind == KIND_PASS || (is_optional(row) && is_word)) {
        snprintf(what, sizeof what, "--%s: only one thing can be written", row->name);
    } else if (row->kind == KIND_ALLOW) {
        complain_sets(what, sizeof what);
    } else {
        snprintf(what, sizeof what, "--%s needs one of %s, not", row->name, row->argument);
    }
    return complain(what, argument);
}

struct getopt_table {
    struct option options[ROWS_MAX + 1];
    char letters[2 + 2 * ROWS_MAX + 1];
};

/* "-" has operands reported in their place whatever the environment says, ":" has a missing
 * argument told apart. */
static void fill_getopt_table(struct getopt_table *words, const struct option_table *table) {
    char *letter = words->letters;
    *letter++ = '-';
    *letter++ = ':';
    for (int i = 0; i < table->count; i++) {
        const struct option_row *row = &table->rows[i];
        int argument = is_optional(row) ? optional_argument
                       : row->argument  ? required_argument
                                        : no_argument;
        words->options[i] = (struct option){row->name, argument, NULL, FIRST_LONG + i};
        if (row->letter != 0) {
            *letter++ = row->letter;
            if (row->argument) {
                *letter++ = ':';
            }
        }
    }
    words->options[table->count] = (struct option){NULL, 0, NULL, 0};
    *letter = '\0';
}

/* The row that getopt_long has found; NULL if there is none, or the name was not spelled out. */
static const struct option_row *find_row(const struct option_table *table, int choice,
                                         const char *spelled) {
    if (choice >= FIRST_LONG) {
        const struct option_row *row = &table->rows[choice - FIRST_LONG];
        return strcspn(spelled + 2, "=") == strlen(row->name) ? row : NULL;
    }
    for (int i = 0; i < table->count; i++) {
        if (table->rows[i].letter != 0 && table->rows[i].letter == choice) {
            return &table->rows[i];
        }
    }
    return NULL;
}

/* getopt_long takes a shortened name for the whole one, which here is none. */
static bool complain_option(const struct option_table *table, int choice, const char *spelled) {
    const struct option_row *row = optopt >= FIRST_LONG ? find_row(table, optopt, spelled) : NULL;
    if (choice == ':') {
        return complain(row || optopt < FIRST_LONG ? "a value is missing" : "unknown option",
                        spelled);
    }
    return complain(row ? "the option takes no value" : "unknown option", spelled);
}

/* What was asked to be written comes from one input, and its bytes must not steer the terminal of
 * who forgot -o. */
static bool check_order(const struct settings *settings) {
    const struct order *order = &settings->order;
    bool is_json = order->product == PRODUCT_JSON || order->product == PRODUCT_PLAIN_JSON;
    if (order->product == PRODUCT_NONE) {
        return !order->path ||
               complain("--output says where to, but nothing says what is to be written",
                        order->path);
    }
    if (settings->list || settings->operand_count > 1) {
        return complain("what is to be written comes from exactly one FILE, and more were given",
                        NULL);
    }
    if (!is_json && !order->path && isatty(STDOUT_FILENO)) {
        return complain("standard output is a terminal: give -o FILE, or -o - if that is meant",
                        NULL);
    }
    return true;
}

/* What to do must be unmistakable: a file called --help must not turn a gate into a success. */
static bool check_combination(const struct settings *settings) {
    bool has_input = settings->operand_count > 0 || settings->list;
    if (settings->action != ACTION_CHECK && has_input) {
        return complain(
            "--help, --version and --print-limits check nothing, but an input was given", NULL);
    }
    if (settings->operand_count > 0 && settings->list) {
        return complain("a FILE and --files0-from were given; only one of them may be",
                        settings->operands[0]);
    }
    if (settings->action == ACTION_CHECK && !has_input) {
        return complain("nothing to check: give a FILE, or - for standard input", NULL);
    }
    return settings->action != ACTION_CHECK || check_order(settings);
}

bool options_parse(struct settings *settings, int argc, char **argv) {
    struct option_table table = {.count = 0};
    struct getopt_table words;
    fill_table(&table);
    fill_getopt_table(&words, &table);
    *settings = default_settings;
    settings->operands = argv;
    opterr = 0;
    for (;;) {
        const char *spelled = optind < argc ? argv[optind] : "";
        int choice = getopt_long(argc, argv, words.letters, words.options, NULL);
        if (choice == -1) {
            break;
        }
        if (choice == OPERAND) {
            settings->operands[settings->operand_count++] = optarg;
            continue;
        }
        const struct option_row *row = find_row(&table, choice, spelled);
        if (!row) {
            return complain_option(&table, choice, spelled);
        }
        if (!apply(settings, row, optarg)) {
            return complain_argument(row, optarg);
        }
    }
    while (optind < argc) { /* behind "--" */
        settings->operands[settings->operand_count++] = argv[optind++];
    }
    return check_combination(settings);
}

/* ---- Printing -------------------------------------------------------------------------------- */

static void put_limit(FILE *out, const struct option_row *row, uint64_t limit, bool short_form) {
    static const char suffixes[] = {0, 'K', 'M', 'G'};
    if (limit == SPK_UNLIMITED) {
        fputs("unlimited", out);
        return;
    }
    size_t power = 0;
    while (short_form && row->kind == KIND_BYTES && power < 3 && limit % 1024 == 0) {
        limit /= 1024;
        power++;
    }
    fprintf(out, "%" PRIu64, limit);
    if (power > 0) {
        fputc(suffixes[power], out);
    }
}

static void put_help_row(FILE *out, const struct option_row *row, struct settings *defaults) {
    char left[64];
    snprintf(left, sizeof left, "%c%c%c --%s%s%s%s", row->letter != 0 ? '-' : ' ',
             row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ',' : ' ', row->name,
             !row->argument     ? ""
             : is_optional(row) ? "[="
                                : "=",
             row->argument ? row->argument : "", is_optional(row) ? "]" : "");
    fprintf(out, "  %-33s %s", left, row->help);
    if (is_limit(row)) {
        fputs(" (", out);
        put_limit(out, row, *limit_field(defaults, row), true);
        fputc(')', out);
    }
    fputc('\n', out);
}

void options_print_help(FILE *out) {
    struct option_table table = {.count = 0};
    struct settings defaults = default_settings;
    fill_table(&table);
    resolve_limits(&defaults);
    fputs(
        "Usage: " PROGRAM " [OPTION]... FILE...\n"
        "       " PROGRAM " [OPTION]... --files0-from=F\n"
        "Decides whether each FILE (-: standard input) is a Python pickle of plain data and nothing "
        "else.\n"
        "Nothing in it is imported, called or executed.\n\n",
        out);
    for (int i = 0; i < table.count; i++) {
        put_help_row(out, &table.rows[i], &defaults);
    }
    fputs(
        "\nLimits take a number, 'default' or 'unlimited'; a SIZE may end in K, M or G.  Defaults "
        "are in brackets.\n"
        "What writes takes one FILE.  If standard output has the data, standard error has the report.\n"
        "Put -- before names that come from elsewhere: they might begin with a dash.\n\n"
        "Exit status: 0 all inputs were accepted, 1 at least one was rejected, 2 at least one could "
        "not be checked\n"
        "(or nothing was, or the output could not be written).  Only 0 is a pass.\n",
        out);
}

void options_print_limits(FILE *out, const struct settings *settings) {
    struct option_table table = {.count = 0};
    struct settings effective = *settings;
    fill_table(&table);
    resolve_limits(&effective);
    for (int i = 0; i < table.count; i++) {
        const struct option_row *row = &table.rows[i];
        if (!is_limit(row)) {
            continue;
        }
        for (const char *c = row->name; *c != '\0'; c++) {
            fputc(*c == '-' ? '_' : *c, out); /* as refusals call them */
        }
        fputc(' ', out);
        put_limit(out, row, *limit_field(&effective, row), false);
        fputc('\n', out);
    }
    if (settings->allow[0] != '\0') {
        fprintf(out, "allow %s\n", settings->allow);
    }
}
