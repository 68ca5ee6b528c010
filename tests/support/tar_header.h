/* SPDX-License-Identifier: MIT
 *
 * The header of a tar file, by POSIX: 512 bytes that begin with a name and hold "ustar" far behind
 * it. */
#ifndef SPK_TESTS_TAR_HEADER_H
#define SPK_TESTS_TAR_HEADER_H

#include "buffer.h"

enum { TAR_NAMED_AT = 257, TAR_SIZE = 512 };

void make_tar(uint8_t tar[TAR_SIZE], struct input name);

#endif
