/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the options as decoder and encoder use them, every limit resolved. */
#ifndef SPK_LIMITS_H
#define SPK_LIMITS_H

#include "safepickle.h"

/* Copies the caller's options (NULL: all defaults) and resolves them.  NULL, or what is wrong with
 * them: static text that begins with the field's name. */
const char *limits_take(spk_options *to, const spk_options *from);

/* The same for writing. */
const char *limits_take_encode(spk_encode_options *to, const spk_encode_options *from);

#endif
