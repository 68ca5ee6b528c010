/* SPDX-License-Identifier: MIT
 *
 * What is to be checked, one input after the other: operands, "-" for standard input, or a list of
 * names, of which only one is in memory at a time.  Names are never interpreted; extensions mean
 * nothing. */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trouble.h"

/* Longer than any name that can be opened, so that the system itself can say so. */
#define NAME_CAPACITY 8192
#define LIST_CAPACITY 65536

struct input {
    const char *path; /* valid until the next input is asked for */
    bool is_stdin;
    struct trouble trouble; /* when there is nothing to open */
};

struct name_list {
    const char *path; /* "-": standard input; NULL: there is no list */
    int file;         /* -1 before it is opened */
    bool ended;
    uint64_t names;
    size_t at;
    size_t filled;
    char name[NAME_CAPACITY];
    char bytes[LIST_CAPACITY];
};

struct inputs {
    char *const *operands;
    size_t operands_left;
    struct name_list list;
    bool stdin_taken;
};

/* The list is used if there is one, else the operands. */
void inputs_start(struct inputs *inputs, char *const *operands, size_t count, const char *list);

/* False when all have been given out. */
bool inputs_next(struct inputs *inputs, struct input *input);

/* A file descriptor, or -1 and errno. */
int input_open(const struct input *input);
void input_close(const struct input *input, int file);

/* Like read, but not disturbed by signals. */
ssize_t read_some(int file, void *out, size_t size);

#endif
