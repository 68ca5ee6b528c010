/* SPDX-License-Identifier: MIT
 *
 * Runs the checks without any framework, for the tools and machines that Criterion cannot go with:
 *
 *     checks-plain [PART-OF-A-NAME]
 *
 * Ends with 1 if a check failed, and also if none ran. */
#include <stdio.h>
#include <string.h>

#include "support.h"

int main(int argc, char **argv) {
    size_t passed = 0;
    size_t failed = 0;
    if (argc > 2) {
        fprintf(stderr, "usage: %s [PART-OF-A-NAME]\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < check_count(); i++) {
        if (argc < 2 || strstr(check_name(i), argv[1])) {
            bool good = check_run(i);
            passed += good;
            failed += !good;
        }
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
