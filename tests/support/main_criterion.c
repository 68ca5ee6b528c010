/* SPDX-License-Identifier: MIT
 *
 * Shows every check to Criterion as one test of the suite "checks".  Criterion starts a process for
 * each, so a check that crashes takes no other with it. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "support.h"

#define CHECKS_MAX 1000

ParameterizedTestParameters(checks, each) {
    static size_t numbers[CHECKS_MAX];
    size_t count = check_count();
    cr_assert(count <= CHECKS_MAX, "more checks than CHECKS_MAX");
    for (size_t i = 0; i < count; i++) {
        numbers[i] = i;
    }
    return cr_make_param_array(size_t, numbers, count);
}

ParameterizedTest(const size_t *number, checks, each) {
    cr_assert(check_run(*number), "%s", check_name(*number));
}
