/* SPDX-License-Identifier: MIT
 *
 * The names of what open and read may fail with.  The program never calls setlocale, so strerror speaks English. */
#include "trouble.h"

#include <errno.h>
#include <string.h>

struct trouble trouble_of_errno(int number) {
    return (struct trouble){number, strerror(number)};
}

const char *trouble_code(const struct trouble *trouble) {
    switch (trouble->number) {
#define CODE(number) \
    case number:     \
        return #number;
        CODE(EACCES)
        CODE(EAGAIN)
        CODE(EBADF)
        CODE(EBUSY)
        CODE(ECONNRESET)
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
        CODE(ENOTCONN)
        CODE(ENOTDIR)
        CODE(ENXIO)
        CODE(EOVERFLOW)
        CODE(EPERM)
        CODE(ESTALE)
        CODE(ETIMEDOUT)
#undef CODE
    default:
        return "EOTHER";
    }
}
