/* SPDX-License-Identifier: MIT
 *
 * Makes a plausible pickle of a stream that mutations have broken. */
#ifndef SPK_FUZZ_REPAIR_H
#define SPK_FUZZ_REPAIR_H

#include "grammar.h"

/* Writes data to out with what could not be executed left out or completed, and one STOP at the
 * end; now and then one opcode is let through unlawfully, and frames are drawn around the rest,
 * mostly where they may stand. */
void repair(struct stream *out, const uint8_t *data, size_t size, struct dice *dice);

#endif
