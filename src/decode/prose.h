/* SPDX-License-Identifier: MIT
 *
 * Text that is no pickle: JSON, XML, Python source, prose.  A pickle of protocol 0 is text as well.
 * So only an input that has been refused is looked at, and it is called text only if no pickler
 * would have written what stands there. */
#ifndef SPK_PROSE_H
#define SPK_PROSE_H

#include "decode/sniff.h"

/* Bytes that are looked at. */
#define PROSE_HEAD 64

enum sniff prose_look(const uint8_t *head, size_t size, bool is_whole,
                      const struct refusal *refusal, enum reason *reason);

#endif
