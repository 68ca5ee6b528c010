/* SPDX-License-Identifier: MIT
 *
 * Unwraps gzip (RFC 1952): members one after another, zero padding behind them, nothing else.
 * Inflate, header and trailer checks are zlib's, the rest is here.  What comes out goes to the
 * window at once, before anything that is wrong behind it is told. */
#ifndef SPK_GZIP_H
#define SPK_GZIP_H

#include "decode/window.h"

struct gzip;

/* NULL when there is no memory, or no zlib in this build. */
struct gzip *gzip_new(struct memory *memory, const spk_options *options, struct refusal *refusal,
                      struct window *window);
void gzip_free(struct gzip *gzip, struct memory *memory);

/* For the next input. */
void gzip_clear(struct gzip *gzip);

void gzip_feed(struct gzip *gzip, const uint8_t *p, size_t size);

/* The input ends here; the window is told by the caller, after this. */
void gzip_finish(struct gzip *gzip);

/* Where in the file the refusal stands; see spk_report. */
uint64_t gzip_raw_offset(const struct gzip *gzip);

#endif
