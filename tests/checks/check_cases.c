/* SPDX-License-Identifier: MIT
 *
 * The cases of tests/data/cases.jsonl, whose verdicts were found by running many Pythons.  Those
 * that must have their verdict get it, in one piece, in single bytes and cut in two at every place,
 * in both modes; what is said of a case is always the same.  Cases that need cycles are refused as
 * cycles without them. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define CASES_MAX 5000
#define CASES_MIN 800

struct test_case {
    char name[64];
    bool accepts;
    bool must;
    bool needs_cycles;
    struct input bytes;
};

/* ---- reading ---- */

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What stands in the line behind the key and before the end; the file is made by a program, always
 * in the same way. */
static const char *find_field(const char *line, const char *end, const char *key, size_t *size) {
    size_t key_size = strlen(key);
    for (const char *p = line; p + key_size < end; p++) {
        if (memcmp(p, key, key_size) == 0) {
            const char *value = p + key_size;
            *size = 0;
            while (value + *size < end && value[*size] != '"' && value[*size] != ',') {
                ++*size;
            }
            return value;
        }
    }
    return NULL;
}

static bool is_value(const char *value, size_t size, const char *expected) {
    return value && size == strlen(expected) && memcmp(value, expected, size) == 0;
}

static bool read_hex(const char *text, size_t size, struct input *bytes) {
    uint8_t *out = must_allocate(size / 2);
    *bytes = (struct input){out, size / 2};
    for (size_t i = 0; i < size / 2; i++) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return size % 2 == 0;
}

static bool read_case(const char *line, const char *end, struct test_case *test) {
    size_t name_size, hex_size, verdict_size, must_size, needs_size;
    const char *name = find_field(line, end, "\"name\": \"", &name_size);
    const char *hex = find_field(line, end, "\"hex\": \"", &hex_size);
    const char *verdict = find_field(line, end, "\"verdict\": \"", &verdict_size);
    const char *must = find_field(line, end, "\"must\": ", &must_size);
    const char *needs = find_field(line, end, "\"needs\": \"", &needs_size);
    if (!name || !hex || !verdict || !must || !needs || name_size >= sizeof test->name) {
        return false;
    }
    memcpy(test->name, name, name_size);
    test->name[name_size] = '\0';
    test->accepts = is_value(verdict, verdict_size, "accept");
    test->must = is_value(must, must_size, "true");
    test->needs_cycles = is_value(needs, needs_size, "allow-cycles");
    return read_hex(hex, hex_size, &test->bytes) &&
           (test->accepts || is_value(verdict, verdict_size, "reject")) &&
           (test->must || is_value(must, must_size, "false")) &&
           (test->needs_cycles || needs_size == 0);
}

static struct test_case all_cases[CASES_MAX];

static size_t read_cases(void) {
    static size_t count;
    size_t size = 0;
    if (count > 0) {
        return count;
    }
    uint8_t *file = read_file("tests/data/cases.jsonl", &size);
    const char *end = (const char *)file + size;
    for (const char *line = (const char *)file; file && line < end;) {
        const char *feed = memchr(line, '\n', (size_t)(end - line));
        feed = feed ? feed : end;
        CHECK_NOTE(count < CASES_MAX && read_case(line, feed, &all_cases[count]),
                   "case %zu cannot be read", count);
        count++;
        line = feed + 1;
    }
    free(file);
    CHECK_NOTE(count >= CASES_MIN, "only %zu cases", count);
    return count;
}

static spk_options options_for(const struct test_case *test) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow_cycles = test->needs_cycles;
    return options;
}

/* ---- verdicts ---- */

static void verdict_of_every_case(void) {
    size_t count = read_cases();
    uint64_t choices = 0;
    for (size_t i = 0; i < count; i++) {
        spk_options options = options_for(&all_cases[i]);
        struct verdict verdict = judge(all_cases[i].bytes, &options);
        bool accepted = verdict.report.status == SPK_OK;
        if (all_cases[i].must) {
            CHECK_NOTE(accepted == all_cases[i].accepts, "%s: '%s' %s", all_cases[i].name,
                       verdict.report.name, verdict.report.detail);
        } else {
            choices += accepted != all_cases[i].accepts;
        }
    }
    CHECK_U64(choices, 0); /* even what is not forced is decided as there */
    COVERED(count);
}

static void cycles_when_not_allowed(void) {
    size_t count = read_cases();
    uint64_t cyclic = 0;
    for (size_t i = 0; i < count; i++) {
        if (all_cases[i].needs_cycles) {
            CHECK_STR(judge(all_cases[i].bytes, NULL).report.name, "cycle");
            cyclic++;
        }
    }
    COVERED(cyclic);
}

/* Allowing cycles changes no other verdict, save that of a few that only look like one. */
static void cycles_change_nothing_else(void) {
    size_t count = read_cases();
    for (size_t i = 0; i < count; i++) {
        spk_options options = SPK_OPTIONS_INIT;
        struct buffer text = {NULL, 0, 0};
        struct verdict without = judge(all_cases[i].bytes, NULL);
        buffer_bytes(&text, without.text, strlen(without.text) + 1);
        options.allow_cycles = true;
        struct verdict with = judge(all_cases[i].bytes, &options);
        CHECK_NOTE(strcmp(without.report.name, "cycle") == 0 ||
                       (same_report(&without.report, &with.report) &&
                        strcmp((const char *)text.data, with.text) == 0),
                   "%s: '%s'", all_cases[i].name, with.report.name);
        buffer_free(&text);
    }
    COVERED(count);
}

/* ---- cuts ---- */

/* One decoder judges all, so that anything left over from one case would show in the next. */
static void cut_in_two(spk_mode mode, bool allow_cycles) {
    spk_options options = SPK_OPTIONS_INIT;
    size_t count = read_cases();
    uint64_t inputs = 0;
    options.allow_cycles = allow_cycles;
    spk_decoder *decoder = spk_decoder_new(mode, &options, NULL);
    REQUIRE(decoder);
    for (size_t i = 0; i < count; i++) {
        struct input bytes = all_cases[i].bytes;
        spk_report whole = SPK_REPORT_INIT;
        if (all_cases[i].needs_cycles != allow_cycles) {
            continue;
        }
        (void)spk_check(bytes.data, bytes.size, &options, &whole);
        for (size_t cut = 0; cut <= bytes.size;
             cut += bytes.size < 2000 ? 1 : 1 + cut % 7, inputs++) {
            uint8_t *first = must_allocate(cut);
            uint8_t *second = must_allocate(bytes.size - cut);
            spk_report report = SPK_REPORT_INIT;
            memcpy(first, bytes.data, cut);
            memcpy(second, bytes.data + cut, bytes.size - cut);
            (void)spk_decoder_feed(decoder, first, cut);
            free(first);
            (void)spk_decoder_feed(decoder, second, bytes.size - cut);
            free(second);
            (void)spk_decoder_finish(decoder);
            (void)spk_decoder_report(decoder, &report);
            CHECK_NOTE(same_report(&report, &whole), "%s cut at %zu: '%s' at %u", all_cases[i].name,
                       cut, report.name, (unsigned)report.offset);
            spk_decoder_reset(decoder);
        }
    }
    spk_decoder_free(decoder);
    COVERED(inputs);
}

static void cut_in_two_for_check(void) {
    cut_in_two(SPK_MODE_CHECK, false);
    cut_in_two(SPK_MODE_CHECK, true);
}

static void cut_in_two_for_decode(void) {
    cut_in_two(SPK_MODE_DECODE, false);
    cut_in_two(SPK_MODE_DECODE, true);
}

REGISTER(cases, RUN(verdict_of_every_case), RUN(cycles_when_not_allowed),
         RUN(cycles_change_nothing_else), RUN(cut_in_two_for_check), RUN(cut_in_two_for_decode))
