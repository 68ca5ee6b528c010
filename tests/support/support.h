/* SPDX-License-Identifier: MIT
 *
 * What the checks share: how a check says what it found, bytes to build pickles from, an allocator
 * that counts and can fail, verdicts that are asked for in every way the library can be asked, and
 * the sample files.
 *
 * A check is a plain function that neither takes nor returns anything; check_*.c ends with the
 * REGISTER of its checks, and main_plain.c and main_criterion.c run whatever was registered.  A
 * check that asserts nothing fails.  Nothing here knows of a test framework. */
#ifndef SPK_TESTS_SUPPORT_H
#define SPK_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/report.h"
#include "safepickle.h"

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

/* ---- checks ---- */

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

/* ---- bytes ---- */

struct input {
    const uint8_t *data;
    size_t size;
};

#define INPUT(literal) ((struct input){(const uint8_t *)(literal), sizeof(literal) - 1})

struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

/* Running out of memory in the tests themselves ends the program. */
void *must_allocate(size_t size);
void buffer_bytes(struct buffer *buffer, const void *data, size_t size);
void buffer_byte(struct buffer *buffer, unsigned byte);
void buffer_fill(struct buffer *buffer, unsigned byte, size_t times);
void buffer_u32(struct buffer *buffer, uint32_t value); /* little-endian */
void buffer_u64(struct buffer *buffer, uint64_t value);
void buffer_repeat(struct buffer *buffer, struct input input, size_t times);
void buffer_print(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct input buffer_input(const struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#define BUFFER_ADD(buffer, literal) buffer_bytes(buffer, literal, sizeof(literal) - 1)

/* A gzip member around bytes that are not compressed. */
void buffer_gzip(struct buffer *buffer, struct input plain);
uint32_t crc32_of(struct input input);

/* A generator of numbers that only look random: a run repeats exactly. */
struct dice {
    uint64_t state;
};

uint64_t dice_roll(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t limit);

/* ---- an allocator that counts, and fails when it is told to ---- */

struct meter {
    size_t live;
    size_t peak;
    uint64_t blocks;
    uint64_t requests; /* for memory, so far */
    uint64_t fail_at;  /* the request that fails, from 1; 0: none */
    bool fails_on;     /* and all later ones */
    uint64_t refusals;
    uint64_t errors;   /* calls with a wrong old size */
    uint64_t copied;   /* bytes, when blocks changed their size */
};

/* Memory is filled with a pattern, and a block moves whenever its size changes. */
spk_allocator meter_allocator(struct meter *meter);

/* ---- verdicts ---- */

struct verdict {
    spk_report report;
    const char *text; /* the value as text if it was accepted, else ""; until the next call */
};

/* Asks for the verdict on an input in all ways: check, decode, borrow, in one piece and in single
 * bytes, each with the meter's allocator.  That all agree in everything the report says, and that
 * nothing is leaked, is asserted. */
struct verdict judge(struct input input, const spk_options *options);

/* True if two reports say the same; input_bytes is what each was fed, and may differ in refusals.
 */
bool same_report(const spk_report *a, const spk_report *b);

/* The value as text: None True 12 f<bits of a float> 'str' b'bytes' B'bytearray' [] () {k: v}
 * S{set} F{frozenset}, ints over 64 bits as 0x<two's complement>, and @n for the n-th container
 * (from 0), met again. */
const char *value_text(const spk_document *document, const spk_value *value);

bool expect_value(struct input input, const spk_options *options, const char *text,
                  const char *file, int line);
bool expect_refusal(struct input input, const spk_options *options, enum reason reason,
                    uint64_t offset, const char *detail, const char *file, int line);

/* The literals are pickles; options may be NULL, and so may a detail that does not matter. */
#define ACCEPTS(literal, text) ((void)expect_value(INPUT(literal), NULL, text, __FILE__, __LINE__))
#define ACCEPTS_INPUT(input, options, text) \
    ((void)expect_value(input, options, text, __FILE__, __LINE__))
#define REFUSES(literal, reason, offset) \
    ((void)expect_refusal(INPUT(literal), NULL, REASON_##reason, offset, NULL, __FILE__, __LINE__))
#define REFUSES_SAYING(literal, reason, offset, detail) \
    ((void)expect_refusal(INPUT(literal), NULL, REASON_##reason, offset, detail, __FILE__, \
                          __LINE__))
#define REFUSES_INPUT(input, options, reason, offset, detail) \
    ((void)expect_refusal(input, options, REASON_##reason, offset, detail, __FILE__, __LINE__))

/* ---- sample files ---- */

struct sample {
    char *path;
    const char *reason;  /* the refusal that it must get, or NULL if it must be accepted */
    spk_options options; /* that its name asks for, as in name@max-depth=4.pickle */
    struct input bytes;
};

/* Everything below corpus/accept and corpus/refuse; without zlib no gzipped ones.  0 if there are
 * none. */
size_t samples(const struct sample **all);

/* All of a file, which the caller frees; NULL if it cannot be read. */
uint8_t *read_file(const char *path, size_t *size);

#endif
