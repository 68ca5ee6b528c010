/* SPDX-License-Identifier: MIT
 *
 * What checks.h promises. */
#include "checks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 20 /* failures of one check */

uint64_t assertions_made;

static struct check_room *rooms;
static uint64_t failures;
static uint64_t inputs_covered;

void add_checks(struct check_room *room) {
    struct check_room **place = &rooms;
    while (*place && strcmp((*place)->name, room->name) < 0) {
        place = &(*place)->next;
    }
    room->next = *place;
    *place = room;
}

size_t check_count(void) {
    size_t count = 0;
    for (const struct check_room *room = rooms; room; room = room->next) {
        count += room->count;
    }
    return count;
}

static const struct check *find_check(size_t number, const char **room_name) {
    const struct check_room *room = rooms;
    while (number >= room->count) {
        number -= room->count;
        room = room->next;
    }
    *room_name = room->name;
    return &room->checks[number];
}

const char *check_name(size_t number) {
    static char name[128];
    const char *room;
    const struct check *check = find_check(number, &room);
    snprintf(name, sizeof name, "%s.%s", room, check->name);
    return name;
}

bool check_run(size_t number) {
    const char *room;
    const struct check *check = find_check(number, &room);
    assertions_made = failures = inputs_covered = 0;
    check->run();
    if (assertions_made == 0) {
        (void)note_failure(__FILE__, __LINE__, "asserts nothing");
    }
    printf("%s %s: %" PRIu64 " assertions", failures > 0 ? "FAILED" : "passed", check_name(number),
           assertions_made);
    if (inputs_covered > 0) {
        printf(" about %" PRIu64 " inputs", inputs_covered);
    }
    if (failures > 0) {
        printf(", %" PRIu64 " failed", failures);
    }
    printf("\n");
    fflush(stdout);
    return failures == 0;
}

bool note_failure(const char *file, int line, const char *format, ...) {
    va_list arguments;
    assertions_made++;
    failures++;
    if (failures <= SHOWN_MAX) {
        printf("%s:%d: ", file, line);
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        printf("\n");
        fflush(stdout);
    }
    return false;
}

bool check_u64(uint64_t actual, uint64_t expected, const char *what, const char *file, int line) {
    return actual == expected
               ? note_success()
               : note_failure(file, line,
                              "%s is %" PRIu64 " (0x%" PRIx64 "), not %" PRIu64 " (0x%" PRIx64 ")",
                              what, actual, actual, expected, expected);
}

bool check_i64(int64_t actual, int64_t expected, const char *what, const char *file, int line) {
    return actual == expected ? note_success()
                              : note_failure(file, line, "%s is %" PRId64 ", not %" PRId64, what,
                                             actual, expected);
}

bool check_str(const char *actual, const char *expected, const char *what, const char *file,
               int line) {
    return strcmp(actual, expected) == 0
               ? note_success()
               : note_failure(file, line, "%s is \"%s\", not \"%s\"", what, actual, expected);
}

bool check_bytes(const void *actual, size_t actual_size, const void *expected, size_t expected_size,
                 const char *what, const char *file, int line) {
    if (actual_size != expected_size) {
        return note_failure(file, line, "%s has %zu bytes, not %zu", what, actual_size,
                            expected_size);
    }
    const uint8_t *a = actual;
    const uint8_t *e = expected;
    for (size_t i = 0; i < actual_size; i++) {
        if (a[i] != e[i]) {
            return note_failure(file, line, "byte %zu of %s is %02x, not %02x", i, what, a[i],
                                e[i]);
        }
    }
    return note_success();
}

void note_inputs(uint64_t inputs, const char *file, int line) {
    inputs_covered += inputs;
    if (inputs == 0) {
        (void)note_failure(file, line, "covers no input");
    }
}
