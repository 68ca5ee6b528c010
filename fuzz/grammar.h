/* SPDX-License-Identifier: MIT
 *
 * The mutators' view of opcodes.def: what each opcode looks like, where the opcodes of a stream
 * stand, and how to write a plausible one.  Lenient where the library is strict: every stream of
 * bytes has opcodes for it. */
#ifndef SPK_FUZZ_GRAMMAR_H
#define SPK_FUZZ_GRAMMAR_H

#include "../src/base/opcode.h"
#include "support.h"

struct row {
    const char *operand; /* as opcodes.def spells it */
    enum operand_shape shape;
    uint8_t fixed; /* bytes in front of what is counted, or all of them; 0 for lines */
    uint8_t byte;
    uint8_t needs;
    bool takes_mark;
    bool is_data;
};

extern const struct row rows[];
extern const size_t row_count;

/* NULL for a byte that is no opcode. */
const struct row *row_of(uint8_t byte);

/* A stream in the making; what does not fit any more is left out. */
#define STREAM_MAX ((size_t)1 << 20)

struct stream {
    uint8_t *data;
    size_t size;
    size_t max;
};

void stream_bytes(struct stream *stream, const void *data, size_t size);
void stream_byte(struct stream *stream, unsigned byte);
void stream_number(struct stream *stream, uint64_t number, size_t size);

struct op {
    size_t at;
    size_t size;
    uint8_t byte;
    bool is_whole; /* its operand is all there */
};

#define OPS_MAX ((size_t)1 << 16)

/* Splits a stream; the last op takes what is left if there are more than OPS_MAX.  Valid until the
 * next call. */
struct op *split_stream(const uint8_t *data, size_t size, size_t *count);

/* An opcode with an operand that mostly fits it. */
void write_op(struct stream *stream, const struct row *row, struct dice *dice);

/* Any opcode, mostly one of plain data. */
const struct row *pick_row(struct dice *dice);

#endif
