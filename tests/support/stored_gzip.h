/* SPDX-License-Identifier: MIT
 *
 * Gzip without zlib: a member around bytes that are not compressed. */
#ifndef SPK_TESTS_STORED_GZIP_H
#define SPK_TESTS_STORED_GZIP_H

#include "buffer.h"

void buffer_gzip(struct buffer *buffer, struct input plain);
uint32_t crc32_of(struct input input);

#endif
