/* SPDX-License-Identifier: MIT
 *
 * How a check says what it found.  A check is a plain function that neither takes nor returns
 * anything; check_*.c ends with the REGISTER of its checks, and main_plain.c and main_criterion.c
 * run whatever was registered.  A check that asserts nothing fails.  Nothing here knows of a test
 * framework. */
#ifndef SPK_TESTS_CHECKS_H
#define SPK_TESTS_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 under a sanitizer or valgrind, whose own memory and mappings are not to be judged. */
#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#if !defined IS_SANITIZED && \
    (defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined SPK_PORTABLE_PAGES)
#define IS_SANITIZED 1
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

struct check {
    const char *name;
    void (*run)(void);
};

struct check_room {
    const char *name;
    const struct check *checks;
    size_t count;
    struct check_room *next;
};

void add_checks(struct check_room *room);

#define RUN(function) {#function, function}

#define REGISTER(title, ...) \
    static const struct check checks_of_##title[] = {__VA_ARGS__}; \
    static struct check_room room_of_##title = { \
        #title, checks_of_##title, sizeof checks_of_##title / sizeof checks_of_##title[0], NULL}; \
    __attribute__((constructor)) static void register_##title(void) { \
        add_checks(&room_of_##title); \
    }

/* All checks are numbered, rooms in the order of their names. */
size_t check_count(void);
const char *check_name(size_t number); /* "room.check" */

/* Runs one and prints what it covered; false if it failed. */
bool check_run(size_t number);

/* ---- assertions: each notes a failure with its place and returns whether it holds ---- */

extern uint64_t assertions_made;

bool note_failure(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static inline bool note_success(void) {
    assertions_made++;
    return true;
}

bool check_u64(uint64_t actual, uint64_t expected, const char *what, const char *file, int line);
bool check_i64(int64_t actual, int64_t expected, const char *what, const char *file, int line);
bool check_str(const char *actual, const char *expected, const char *what, const char *file,
               int line);
bool check_bytes(const void *actual, size_t actual_size, const void *expected, size_t expected_size,
                 const char *what, const char *file, int line);

#define CHECK(condition) \
    ((void)((condition) ? note_success() : note_failure(__FILE__, __LINE__, "%s", #condition)))
#define CHECK_NOTE(condition, ...) \
    ((void)((condition) ? note_success() : note_failure(__FILE__, __LINE__, __VA_ARGS__)))
#define CHECK_U64(actual, expected) ((void)check_u64(actual, expected, #actual, __FILE__, __LINE__))
#define CHECK_I64(actual, expected) ((void)check_i64(actual, expected, #actual, __FILE__, __LINE__))
#define CHECK_STR(actual, expected) ((void)check_str(actual, expected, #actual, __FILE__, __LINE__))
#define CHECK_BYTES(actual, actual_size, expected, expected_size) \
    ((void)check_bytes(actual, actual_size, expected, expected_size, #actual, __FILE__, __LINE__))

/* Leaves the function if the condition does not hold. */
#define REQUIRE(condition) \
    do { \
        if (!(condition)) { \
            (void)note_failure(__FILE__, __LINE__, "%s", #condition); \
            return; \
        } \
        (void)note_success(); \
    } while (0)

/* Counts inputs; that there are none fails. */
#define COVERED(inputs) note_inputs(inputs, __FILE__, __LINE__)
void note_inputs(uint64_t inputs, const char *file, int line);

#endif
