/* SPDX-License-Identifier: MIT
 *
 * The streams of the C library, which gather what is written and remember what failed. */
#define _POSIX_C_SOURCE 200809L
#include "streams.h"

#include <errno.h>
#include <unistd.h>

#include "printer.h"
#include "trouble.h"

/* A person at a terminal wants each line when it is known; an error message should arrive in one
 * piece. */
void streams_start(struct stream_buffers *buffers) {
    int mode = isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF;
    setvbuf(stdout, buffers->out, mode, sizeof buffers->out);
    setvbuf(stderr, buffers->err, _IOLBF, sizeof buffers->err);
}

bool stream_write(void *file, const void *data, size_t size) {
    (void)fwrite(data, 1, size, file);
    return true;
}

void stream_put_escaped(FILE *file, const char *text) {
    write_escaped(stream_write, file, text);
}

bool stream_close(FILE *file) {
    char room[SYSTEM_WORDS_SIZE];
    bool failed = ferror(file) != 0;
    errno = 0;
    failed = fclose(file) != 0 || failed;
    if (failed) {
        fprintf(stderr, PROGRAM ": standard output: %s\n",
                errno != 0 ? system_words(errno, room) : "not all was written");
    }
    return !failed;
}
