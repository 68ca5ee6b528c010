/* SPDX-License-Identifier: MIT
 *
 * The value as text: None True 12 f<bits of a float> 'str' b'bytes' B'bytearray' [] () {k: v}
 * S{set} F{frozenset}, ints over 64 bits as 0x<two's complement>, and @n for the n-th container
 * (from 0), met again. */
#ifndef SPK_TESTS_VALUE_TEXT_H
#define SPK_TESTS_VALUE_TEXT_H

#include "buffer.h"
#include "safepickle.h"

const char *value_text(const spk_document *document, const spk_value *value);
void write_value(struct buffer *out, const spk_document *document, const spk_value *value);

#endif
