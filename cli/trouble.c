/* SPDX-License-Identifier: MIT
 *
 * The names of what opening, reading and writing may fail with.  The program never calls setlocale,
 * so strerror speaks English. */
#include "trouble.h"

#include <errno.h>
#include <string.h>

const struct trouble no_trouble = {0, NULL, NULL};

struct trouble trouble_of_errno(int number) {
    return (struct trouble){number, strerror(number), NULL};
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
