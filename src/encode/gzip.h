/* SPDX-License-Identifier: MIT
 *
 * Packs bytes as one gzip member (RFC 1952); deflate, check sum and length are zlib's.  Says
 * nothing about where the packed bytes go: the caller fetches them piece by piece. */
#ifndef SPK_GZIP_H
#define SPK_GZIP_H

#include "base/memory.h"

struct gzip;

/* NULL when there is no memory (memory->failure tells), or no zlib in this build. */
struct gzip *gzip_new(struct memory *memory, int level);
void gzip_free(struct gzip *gzip, struct memory *memory);

/* The next bytes, which must stay until gzip_run has returned 0. */
void gzip_feed(struct gzip *gzip, const uint8_t *p, size_t size);

/* Packs on; returns how many packed bytes stand at *out, to be fetched before the next call.  0
 * when all that was fed has been taken, or, if this is the end, when the member is complete. */
size_t gzip_run(struct gzip *gzip, bool is_end, const uint8_t **out);

#endif
