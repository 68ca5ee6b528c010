/* SPDX-License-Identifier: MIT
 *
 * Unwraps gzip (RFC 1952): members one after another, zero padding behind them, nothing else.
 * Inflate, header and trailer checks are zlib's, the rest is here.  What comes out goes to the
 * window at once, before an error behind it is reported. */
#ifndef SPK_GUNZIP_H
#define SPK_GUNZIP_H

#include "decode/window.h"

struct gunzip;

/* NULL when there is no memory, or no zlib in this build. */
struct gunzip *gunzip_new(struct memory *memory, const spk_options *options,
                          struct refusal *refusal, struct window *window);
void gunzip_free(struct gunzip *gunzip, struct memory *memory);

/* For the next input. */
void gunzip_clear(struct gunzip *gunzip);

void gunzip_feed(struct gunzip *gunzip, const uint8_t *p, size_t size);

/* The input ends here.  The caller calls window_finish after this. */
void gunzip_finish(struct gunzip *gunzip);

/* The offset in the file of what was refused; see raw_offset of spk_report. */
uint64_t gunzip_raw_offset(const struct gunzip *gunzip);

#endif
