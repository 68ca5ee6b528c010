/* SPDX-License-Identifier: MIT
 *
 * The names of what opening, reading and writing may fail with.  The program never calls setlocale,
 * so the system speaks English; strerror_r, because strerror may answer all threads in one place.
 */
#undef _GNU_SOURCE /* with it strerror_r is another function in glibc */
#define _POSIX_C_SOURCE 200809L
#include "trouble.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct trouble no_trouble = {0, NULL, NULL};

struct trouble trouble_of_errno(int number) {
    return (struct trouble){number, NULL, NULL};
}

const char *system_words(int number, char room[SYSTEM_WORDS_SIZE]) {
    room[0] = '\0';
    (void)strerror_r(number, room, SYSTEM_WORDS_SIZE); /* of an unknown number it says so */
    if (room[0] == '\0') {
        snprintf(room, SYSTEM_WORDS_SIZE, "error %d", number);
    }
    return room;
}

const char *trouble_message(const struct trouble *trouble, char room[SYSTEM_WORDS_SIZE]) {
    return trouble->message ? trouble->message : system_words(trouble->number, room);
}

const char *trouble_code(const struct trouble *trouble) {
    switch (trouble->number) {
#define CODE(number) \
    case number: \
        return #number;
        CODE(EACCES)
        CODE(EAGAIN)
        CODE(EBADF)
        CODE(EBUSY)
        CODE(ECONNRESET)
        CODE(EDQUOT)
        CODE(EEXIST)
        CODE(EFBIG)
        CODE(EINVAL)
        CODE(EIO)
        CODE(EISDIR)
        CODE(ELOOP)
        CODE(EMFILE)
        CODE(ENAMETOOLONG)
        CODE(ENFILE)
        CODE(ENODATA)
        CODE(ENODEV)
        CODE(ENOENT)
        CODE(ENOMEM)
        CODE(ENOSPC)
        CODE(ENOTCONN)
        CODE(ENOTDIR)
        CODE(ENOTSUP)
        CODE(ENXIO)
        CODE(EOVERFLOW)
        CODE(EPERM)
        CODE(EPIPE)
        CODE(EROFS)
        CODE(ESTALE)
        CODE(ETIMEDOUT)
#undef CODE
    default:
        return "EOTHER";
    }
}
