/* SPDX-License-Identifier: MIT
 *
 * The files below corpus/: each gets the verdict that its directory names, with the options that
 * its own name asks for, in every way of asking.  And the reader of them, for the other checks that
 * go through all samples. */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define SAMPLES_MAX 5000
#define SAMPLES_MIN 600 /* that there must be, so that a corpus that was not found is noticed */

static struct sample all_samples[SAMPLES_MAX];
static size_t sample_count;

/* ---- options in a name: sample@max-depth=10@encoding=latin1.pickle ---- */

static uint64_t number_with_unit(const char *text) {
    char *end;
    uint64_t number = strtoull(text, &end, 10);
    return *end == 'K'   ? number << 10
           : *end == 'M' ? number << 20
           : *end == 'G' ? number << 30
                         : number;
}

static bool is_word(const char *text, size_t size, const char *word) {
    return size == strlen(word) && memcmp(text, word, size) == 0;
}

/* max-depth names max_depth. */
static bool is_limit(const char *name, size_t size, const spk_limit *limit) {
    size_t i = 0;
    while (i < size && name[i] == (limit->name[i] == '_' ? '-' : limit->name[i])) {
        i++;
    }
    return i == size && limit->name[i] == '\0';
}

static bool set_option(spk_options *options, const char *name, size_t size, const char *value,
                       size_t value_size) {
    static const char *const encodings[] = {"ascii", "latin1", "bytes"};
    static const char *const gzips[] = {"auto", "always", "never"};
    if (is_word(name, size, "allow-cycles")) {
        options->allow_cycles = true;
        return true;
    }
    for (size_t i = 0; is_word(name, size, "allow") && spk_set_at(i) != NULL; i++) {
        if (is_word(value, value_size, spk_set_at(i))) {
            options->allow = spk_set_at(i);
            return true;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (is_word(name, size, "encoding") && is_word(value, value_size, encodings[i])) {
            options->encoding = (spk_encoding)i;
            return true;
        }
        if (is_word(name, size, "gzip") && is_word(value, value_size, gzips[i])) {
            options->gzip = (spk_gzip)i;
            return true;
        }
    }
    const spk_limit *limit;
    for (size_t i = 0; (limit = spk_limit_at(i)) != NULL; i++) {
        if (is_limit(name, size, limit) && value_size > 0) {
            uint64_t number = number_with_unit(value);
            memcpy((uint8_t *)options + limit->offset, &number, sizeof number);
            return true;
        }
    }
    return false;
}

/* False if it asks for something unknown. */
static bool read_options(const char *file, spk_options *options) {
    *options = (spk_options)SPK_OPTIONS_INIT;
    for (const char *at = strchr(file, '@'); at; at = strchr(at, '@')) {
        at++;
        size_t size = strcspn(at, "=@.");
        const char *value = at[size] == '=' ? at + size + 1 : "";
        if (!set_option(options, at, size, value, strcspn(value, "@."))) {
            return false;
        }
    }
    return true;
}

/* ---- files ---- */

static char *join(const char *directory, const char *name) {
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = must_allocate(size);
    snprintf(path, size, "%s/%s", directory, name);
    return path;
}

static char *copy_of(const char *text) {
    return memcpy(must_allocate(strlen(text) + 1), text, strlen(text) + 1);
}

static void add_sample(const char *directory, const char *name, const char *reason) {
    size_t length = strlen(name);
    bool is_packed = length > 3 && strcmp(name + length - 3, ".gz") == 0;
    if (!strstr(name, ".pickle") || (is_packed && !spk_has_zlib())) {
        return;
    }
    REQUIRE(sample_count < SAMPLES_MAX);
    struct sample *sample = &all_samples[sample_count++];
    size_t size = 0;
    sample->path = join(directory, name);
    sample->reason = reason;
    CHECK_NOTE(read_options(name, &sample->options), "%s asks for an unknown option", sample->path);
    sample->bytes.data = read_file(sample->path, &size);
    sample->bytes.size = size;
    CHECK_NOTE(sample->bytes.data, "%s cannot be read", sample->path);
}

static bool is_hidden(const struct dirent *entry) {
    return entry->d_name[0] == '.';
}

static void add_directory(const char *directory, const char *reason) {
    DIR *open = opendir(directory);
    CHECK_NOTE(open, "%s cannot be opened", directory);
    for (const struct dirent *entry; open && (entry = readdir(open));) {
        if (!is_hidden(entry)) {
            add_sample(directory, entry->d_name, reason);
        }
    }
    if (open) {
        (void)closedir(open);
    }
}

/* Kept until the program ends. */
size_t samples(const struct sample **all) {
    static const char refuse[] = "corpus/refuse";
    *all = all_samples;
    if (sample_count > 0) {
        return sample_count;
    }
    add_directory("corpus/accept", NULL);
    DIR *open = opendir(refuse);
    for (const struct dirent *entry; open && (entry = readdir(open));) {
        if (!is_hidden(entry) && !strchr(entry->d_name, '.')) {
            char *directory = join(refuse, entry->d_name);
            add_directory(directory, copy_of(entry->d_name));
            free(directory);
        }
    }
    if (open) {
        (void)closedir(open);
    }
    return sample_count;
}

/* ---- the check ---- */

/* What is held depends on the mode, so over max_alloc check and decode need only agree in the
 * reason. */
static void over_max_alloc(const struct sample *sample) {
    spk_report check = SPK_REPORT_INIT;
    spk_report decode = SPK_REPORT_INIT;
    (void)spk_check(sample->bytes.data, sample->bytes.size, &sample->options, &check);
    CHECK(!spk_decode(sample->bytes.data, sample->bytes.size, &sample->options, &decode));
    CHECK_STR(check.name, "limit-alloc");
    CHECK_STR(decode.name, "limit-alloc");
    CHECK(decode.offset <= check.offset);
}

static void verdict_of_every_sample(void) {
    const struct sample *all;
    size_t count = samples(&all);
    uint64_t accepted = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].reason && strcmp(all[i].reason, "limit-alloc") == 0) {
            over_max_alloc(&all[i]);
            continue;
        }
        struct verdict verdict = judge(all[i].bytes, &all[i].options);
        accepted += verdict.report.status == SPK_OK;
        CHECK_NOTE(strcmp(verdict.report.name, all[i].reason ? all[i].reason : "") == 0, "%s: '%s'",
                   all[i].path, verdict.report.name);
    }
    CHECK_NOTE(count >= SAMPLES_MIN && accepted > 100 && accepted < count, "only %zu samples",
               count);
    COVERED(count);
}

REGISTER(samples, RUN(verdict_of_every_sample))
