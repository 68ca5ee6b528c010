/* SPDX-License-Identifier: MIT
 *
 * Rooms of the command that can be judged without running it: the allocator under a budget, which
 * counts to the byte what it has given and gives no more than it may, and the names of errors.  The
 * command is no library, so what is checked here is included. */
#include "cli/trouble.c" /* first: it chooses its strerror_r */

#include "cli/budget.c"

#include "support.h"

/* ---- the budget ---- */

#define MAX 1000

static void gives_what_it_may(void) {
    struct budget budget;
    spk_allocator allocator = budget_allocator(&budget, MAX);
    void *a = allocator.resize(allocator.context, NULL, 0, 400);
    void *b = allocator.resize(allocator.context, NULL, 0, 600);
    REQUIRE(a && b);
    CHECK_U64(budget.held, MAX);
    CHECK(allocator.resize(allocator.context, NULL, 0, 1) == NULL);
    CHECK(allocator.resize(allocator.context, a, 400, 401) == NULL);
    CHECK_U64(budget.held, MAX);
    a = allocator.resize(allocator.context, a, 400, 100);
    REQUIRE(a);
    CHECK_U64(budget.held, 700);
    CHECK(allocator.resize(allocator.context, b, 600, 901) == NULL);
    b = allocator.resize(allocator.context, b, 600, 900);
    REQUIRE(b);
    CHECK_U64(budget.held, MAX);
    CHECK(allocator.resize(allocator.context, a, 100, 0) == NULL);
    CHECK_U64(budget.held, 900);
    CHECK(allocator.resize(allocator.context, b, 900, 0) == NULL);
    CHECK_U64(budget.held, 0);
}

/* A budget may be larger than all addresses, or nothing. */
static void budgets_without_sense(void) {
    struct budget budget;
    spk_allocator allocator = budget_allocator(&budget, SPK_UNLIMITED);
    CHECK_U64(budget.max, SIZE_MAX);
    void *block = allocator.resize(allocator.context, NULL, 0, 10);
    CHECK(block && budget.held == 10);
    (void)allocator.resize(allocator.context, block, 10, 0);
    allocator = budget_allocator(&budget, 0);
    CHECK(budget.max == 0 && budget.held == 0);
    CHECK(allocator.resize(allocator.context, NULL, 0, 1) == NULL);
}

/* ---- errors ---- */

/* Every number has a name, those that files and pipes commonly fail with one of their own, and the
 * system's sentence, unless it came with another. */
static void every_error_has_a_name(void) {
    static const struct {
        int number;
        const char *name;
    } known[] = {{EACCES, "EACCES"}, {EISDIR, "EISDIR"},   {ENOENT, "ENOENT"},
                 {ENOMEM, "ENOMEM"}, {ENOSPC, "ENOSPC"},   {EPIPE, "EPIPE"},
                 {EIO, "EIO"},       {EFBIG, "EFBIG"},     {ELOOP, "ELOOP"},
                 {EEXIST, "EEXIST"}, {ENOTSUP, "ENOTSUP"}, {ENOTDIR, "ENOTDIR"}};
    unsigned others = 0;
    for (int number = 1; number < 200; number++) {
        char room[SYSTEM_WORDS_SIZE];
        struct trouble trouble = trouble_of_errno(number);
        const char *name = trouble_code(&trouble);
        CHECK(trouble.number == number && trouble.place == NULL);
        CHECK(trouble.message == NULL);
        CHECK_STR(trouble_message(&trouble, room), strerror(number));
        CHECK_NOTE(name && name[0] == 'E', "error %d", number);
        others += name && strcmp(name, "EOTHER") == 0;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct trouble trouble = trouble_of_errno(known[i].number);
        CHECK_STR(trouble_code(&trouble), known[i].name);
    }
    CHECK_U64(others, 199 - 30);
    char room[SYSTEM_WORDS_SIZE];
    struct trouble told = {EEXIST, "is no regular file", NULL};
    CHECK_STR(trouble_message(&told, room), "is no regular file");
    CHECK(no_trouble.number == 0 && !no_trouble.message && !no_trouble.place);
    COVERED(199);
}

REGISTER(command, RUN(gives_what_it_may), RUN(budgets_without_sense), RUN(every_error_has_a_name))
