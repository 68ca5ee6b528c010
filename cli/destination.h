/* SPDX-License-Identifier: MIT
 *
 * Where data are written to: standard output, or a file that has its name only when it is whole.
 * Until then it has a name of its own in the same directory, which is removed on failure and when a
 * signal ends the program. */
#ifndef CLI_DESTINATION_H
#define CLI_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>

#include "trouble.h"

struct destination {
    const char *path; /* as given; NULL: standard output */
    const char *name; /* the last part of the path */
    int directory;
    int file;
    int error; /* the errno of the first write that failed */
};

/* To be called first: a file that grows too large shall be an error and not the end of the program.
 */
void destination_prepare(void);

/* Of path NULL and "-" standard output.  Only a name that is free or belongs to a regular file can
 * be written to: a device, a pipe or a symbolic link is not replaced. */
struct trouble destination_open(struct destination *destination, const char *path);

/* An spk_write: writes all of it, or returns false and keeps the error. */
bool destination_write(void *destination, const void *data, size_t size);

/* Gives the file its name, once it is on the disk.  After trouble nothing is left of it. */
struct trouble destination_commit(struct destination *destination);

/* Leaves nothing behind but what was under the name before. */
void destination_abandon(struct destination *destination);

struct trouble destination_trouble(const struct destination *destination);

/* Writes all of it to any file, in spite of signals, short writes and a file that does not wait.
 * False: errno. */
bool write_whole(int file, const void *data, size_t size);

#endif
