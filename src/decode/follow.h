/* SPDX-License-Identifier: MIT
 *
 * What follows a whole pickle: one line end, another pickle, or something else.  It is refused in
 * any case; here it gets a reason that says what to do.  Executes nothing, and keeps nothing of
 * what it reads. */
#ifndef SPK_FOLLOW_H
#define SPK_FOLLOW_H

#include "decode/sniff.h"

/* Bytes that are looked at. */
#define FOLLOW_MAX 64

/* Looks at the bytes behind STOP, of which there is at least one.  is_whole: no more of them will
 * come. *protocol is that of another pickle; 0 stands for 0 and 1, which do not name theirs. */
enum sniff follow_look(const uint8_t *p, size_t size, bool is_whole, enum reason *reason,
                       unsigned *protocol);

#endif
