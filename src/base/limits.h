/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the options as decoder and encoder use them, every limit resolved. */
#ifndef SPK_LIMITS_H
#define SPK_LIMITS_H

#include "base/names.h"
#include "base/report.h"
#include "safepickle.h"

/* Copies the caller's options (NULL: all defaults) and resolves them.  Returns NULL if they are
 * good, else what is wrong: static text that begins with the field's name. */
const char *limits_take(spk_options *to, const spk_options *from);

/* The same for writing. */
const char *limits_take_encode(spk_encode_options *to, const spk_encode_options *from);

/* Takes the list of sets out of the options.  NULL if it is good, else what is wrong with it. */
#define ALLOW_WRONG_SIZE 128
const char *limits_take_allow(spk_options *options, allowed *sets, char wrong[ALLOW_WRONG_SIZE]);

/* The value of the limit that a reason is about, in resolved options; 0 if it is about none. */
uint64_t limits_value(const spk_options *options, enum reason reason);

#endif
