/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the options as decoder and encoder use them, every limit resolved. */
#ifndef SPK_LIMITS_H
#define SPK_LIMITS_H

#include "base/report.h"
#include "safepickle.h"

/* Copies the caller's options (NULL: all defaults) and resolves them.  NULL, or what is wrong with
 * them: static text that begins with the field's name. */
const char *limits_take(spk_options *to, const spk_options *from);

/* The same for writing. */
const char *limits_take_encode(spk_encode_options *to, const spk_encode_options *from);

/* The limit that a reason speaks of, of resolved options; 0 for a reason that is no limit. */
uint64_t limits_value(const spk_options *options, enum reason reason);

#endif
