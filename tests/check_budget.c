/* SPDX-License-Identifier: MIT
 *
 * The command's allocator under a budget: it counts to the byte what it has given, and gives no
 * more than it may.  The command is no library, so what is checked here is included. */
#include "cli/budget.c"

#include "support.h"

#define MOST 1000

static void gives_what_it_may(void) {
    struct budget budget;
    spk_allocator allocator = budget_allocator(&budget, MOST);
    void *a = allocator.resize(allocator.context, NULL, 0, 400);
    void *b = allocator.resize(allocator.context, NULL, 0, 600);
    REQUIRE(a && b);
    CHECK_U64(budget.held, MOST);
    CHECK(allocator.resize(allocator.context, NULL, 0, 1) == NULL);
    CHECK(allocator.resize(allocator.context, a, 400, 401) == NULL);
    CHECK_U64(budget.held, MOST);
    a = allocator.resize(allocator.context, a, 400, 100);
    REQUIRE(a);
    CHECK_U64(budget.held, 700);
    CHECK(allocator.resize(allocator.context, b, 600, 901) == NULL);
    b = allocator.resize(allocator.context, b, 600, 900);
    REQUIRE(b);
    CHECK_U64(budget.held, MOST);
    CHECK(allocator.resize(allocator.context, a, 100, 0) == NULL);
    CHECK_U64(budget.held, 900);
    CHECK(allocator.resize(allocator.context, b, 900, 0) == NULL);
    CHECK_U64(budget.held, 0);
}

/* A budget may be larger than all addresses, or nothing. */
static void budgets_without_sense(void) {
    struct budget budget;
    spk_allocator allocator = budget_allocator(&budget, SPK_UNLIMITED);
    CHECK_U64(budget.most, SIZE_MAX);
    void *block = allocator.resize(allocator.context, NULL, 0, 10);
    CHECK(block && budget.held == 10);
    (void)allocator.resize(allocator.context, block, 10, 0);
    allocator = budget_allocator(&budget, 0);
    CHECK(budget.most == 0 && budget.held == 0);
    CHECK(allocator.resize(allocator.context, NULL, 0, 1) == NULL);
}

REGISTER(budget, RUN(gives_what_it_may), RUN(budgets_without_sense))
