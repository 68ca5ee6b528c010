/* SPDX-License-Identifier: MIT
 *
 * Packs bytes as one gzip member (RFC 1952).  Deflate, check sum and length are zlib's work.  Does
 * not know where the packed bytes go: the caller fetches them piece by piece. */
#ifndef SPK_GZIP_H
#define SPK_GZIP_H

#include "base/memory.h"

struct gzip;

/* NULL when there is no memory, or no zlib in this build; memory->failure says which. */
struct gzip *gzip_new(struct memory *memory, int level);
void gzip_free(struct gzip *gzip, struct memory *memory);

/* The next bytes, which must stay until gzip_run has returned 0. */
void gzip_feed(struct gzip *gzip, const uint8_t *p, size_t size);

/* Goes on packing.  Returns the number of packed bytes at *out, which must be fetched before the
 * next call.  Returns 0 when all that was fed has been taken, and with "is_end" when the member is
 * complete. */
size_t gzip_run(struct gzip *gzip, bool is_end, const uint8_t **out);

#endif
