/* SPDX-License-Identifier: MIT
 *
 * Opens, reads and closes the files that are named in standard input, each ended by NUL: what it
 * takes to look at many small files without judging them, to compare pickle-check --files0-from=-
 * with.  Prints how many there were, and their bytes. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *path) {
    fprintf(stderr, "bench-read-files: %s: %s\n", path, strerror(errno));
    return 2;
}

int main(void) {
    static char data[64 << 10];
    char *path = NULL;
    size_t room = 0;
    unsigned long files = 0, bytes = 0;
    while (getdelim(&path, &room, '\0', stdin) > 0) {
        ssize_t got = 0;
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) {
            return fail(path);
        }
        while ((got = read(file, data, sizeof data)) > 0) {
            bytes += (unsigned long)got;
        }
        if (got < 0 || close(file) != 0) {
            return fail(path);
        }
        files++;
    }
    free(path);
    printf("files %lu\nbytes %lu\n", files, bytes);
    return 0;
}
