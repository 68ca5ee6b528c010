/* SPDX-License-Identifier: MIT
 *
 * Runs the checks without any framework, for the tools and machines that Criterion cannot go with:
 *
 *     checks-plain [PART-OF-A-NAME]... [-PART-OF-A-NAME]...
 *
 * Runs the checks whose names contain one of the parts, or all; and none whose name contains a part
 * behind a "-". Ends with 1 if a check failed, if none ran, and if a part is in no name. */
#include <stdio.h>
#include <string.h>

#include "support.h"

static bool is_asked_for(const char *name, char **words, size_t count) {
    bool wanted = false;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (words[i][0] == '-') {
            if (strstr(name, words[i] + 1)) {
                return false;
            }
        } else {
            any = true;
            wanted |= strstr(name, words[i]) != NULL;
        }
    }
    return wanted || !any;
}

static bool is_in_a_name(const char *part) {
    for (size_t i = 0; i < check_count(); i++) {
        if (strstr(check_name(i), part)) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv) {
    size_t word_count = argc > 0 ? (size_t)argc - 1 : 0;
    size_t passed = 0;
    size_t failed = 0;
    for (size_t i = 1; i <= word_count; i++) {
        const char *part = argv[i] + (argv[i][0] == '-');
        if (!is_in_a_name(part)) {
            fprintf(stderr, "no check has a name with \"%s\" in it\n", part);
            return 1;
        }
    }
    for (size_t i = 0; i < check_count(); i++) {
        if (is_asked_for(check_name(i), argv + 1, word_count)) {
            bool good = check_run(i);
            passed += good;
            failed += !good;
        }
    }
    printf("%zu checks passed, %zu failed, %zu not asked for\n", passed, failed,
           check_count() - passed - failed);
    return failed > 0 || passed == 0;
}
