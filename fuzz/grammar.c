/* SPDX-License-Identifier: MIT
 *
 * The table as the mutators need it, the splitting of streams into opcodes, and the writing of
 * single ones. */
#include "grammar.h"

#include "../src/scan/scan.h"

#include <stdio.h>
#include <string.h>

#define IS_TAKEN(mark) (#mark[0] == 'M')
#define IS_DATA(verdict) \
    (sizeof(#verdict) == sizeof "DATA" && #verdict[0] == 'D' && #verdict[1] == 'A')

enum shape_of {
#define OPERAND(name, shape, fixed) SHAPE_OF_##name = SHAPE_##shape,
#include "../src/operands.def"
#undef OPERAND
};

const struct row rows[] = {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    {#operand,        (enum operand_shape)SHAPE_OF_##operand, \
     FIXED_##operand, byte, \
     needs,           IS_TAKEN(mark), \
     IS_DATA(verdict)},
#include "../src/opcodes.def"
#undef OP
};

const size_t row_count = sizeof rows / sizeof rows[0];

const struct row *row_of(uint8_t byte) {
    static const struct row *by_byte[256];
    if (!by_byte[OP_STOP]) {
        for (size_t i = 0; i < row_count; i++) {
            by_byte[rows[i].byte] = &rows[i];
        }
    }
    return by_byte[byte];
}

/* ---- streams ---- */

void stream_bytes(struct stream *stream, const void *data, size_t size) {
    if (size > 0 && size <= stream->max - stream->size) {
        memcpy(stream->data + stream->size, data, size);
        stream->size += size;
    }
}

void stream_byte(struct stream *stream, unsigned byte) {
    uint8_t one = (uint8_t)byte;
    stream_bytes(stream, &one, 1);
}

void stream_number(struct stream *stream, uint64_t number, size_t size) {
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(number >> 8 * i);
    }
    stream_bytes(stream, bytes, size);
}

/* ---- splitting ---- */

struct op *split_stream(const uint8_t *data, size_t size, size_t *count) {
    static struct op ops[OPS_MAX];
    size_t at = 0;
    for (*count = 0; at < size && *count < OPS_MAX; ++*count) {
        struct scanned scanned;
        enum scan_end end = scan_opcode(data + at, size - at, &scanned);
        size_t cut = row_of(data[at]) ? size - at : 1;
        struct op *op = &ops[*count];
        *op = (struct op){at, end == SCAN_WHOLE ? scanned.size : cut, data[at],
                          end == SCAN_WHOLE || !row_of(data[at])};
        if (*count + 1 == OPS_MAX) {
            op->size = size - at;
        }
        at += op->size;
    }
    return ops;
}

/* ---- writing ---- */

static const char *const texts[] = {
    "", "a", "b", "key", "\xc3\xa9", "\xed\xa0\x80", "posix", "system", "os", "0123456789abcdef"};
static const char *const ints[] = {"0",
                                   "1",
                                   "-1",
                                   "00",
                                   "01",
                                   "255",
                                   "256",
                                   "2147483648",
                                   "-9223372036854775808",
                                   "9223372036854775808",
                                   "123456789012345678901234567890",
                                   "-0",
                                   "010",
                                   " 1",
                                   "1_0"};
static const char *const floats[] = {"0.0", "-0.0",     "1.0",    "1e+16", "inf", "-inf",
                                     "nan", "4.9e-324", "1e+400", "0.1",   "1.",  ".5"};
static const char *const literals[] = {"''",    "'a'",     "\"b\"", "'\\x61'", "'\\141'",
                                       "'\\n'", "'\\xff'", "'\\q'", "'",       "a"};
static const char *const escaped[] = {"",     "a",    "\\u1234", "\\U0001f600", "\\ud800",
                                      "\\\\", "\xe9", "\\u12",   "\\U00110000"};

#define PICK(dice, list) (list)[dice_below(dice, sizeof(list) / sizeof(list)[0])]

static void write_line(struct stream *stream, const char *operand, struct dice *dice) {
    const char *text = "x";
    char index[24];
    if (strcmp(operand, "LINE_INT") == 0 || strcmp(operand, "LINE_LONG") == 0) {
        text = PICK(dice, ints);
    } else if (strcmp(operand, "LINE_FLOAT") == 0) {
        text = PICK(dice, floats);
    } else if (strcmp(operand, "LINE_INDEX") == 0) {
        (void)snprintf(index, sizeof index, "%u",
                       (unsigned)dice_below(dice, dice_below(dice, 4) ? 4 : 300));
        text = index;
    } else if (strcmp(operand, "LINE_STRING") == 0) {
        text = PICK(dice, literals);
    } else if (strcmp(operand, "LINE_UNICODE") == 0) {
        text = PICK(dice, escaped);
    }
    stream_bytes(stream, text, strlen(text));
    if (strcmp(operand, "LINE_LONG") == 0 && dice_below(dice, 2)) {
        stream_byte(stream, 'L');
    }
    stream_byte(stream, '\n');
}

static void write_counted(struct stream *stream, const struct row *row, struct dice *dice) {
    static const uint8_t filling[300] = {0};
    size_t fixed = row->fixed;
    const char *text = PICK(dice, texts);
    size_t size = strlen(text);
    if (dice_below(dice, 16) == 0) { /* sizes around those that matter */
        static const size_t sizes[] = {31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 257, 300};
        size = PICK(dice, sizes);
        size = fixed == 1 && size > 255 ? 255 : size;
        text = (const char *)filling;
    }
    uint64_t claim = dice_below(dice, 64) ? size : dice_roll(dice) >> dice_below(dice, 64);
    stream_number(stream, claim, fixed);
    stream_bytes(stream, text, size);
}

static void write_fixed(struct stream *stream, const struct row *row, struct dice *dice) {
    static const uint64_t numbers[] = {0,   1,     2,          127,        128,       255,
                                       256, 65535, 0x7fffffff, 0x80000000, 0xffffffff};
    static const uint64_t doubles[] = {0x0000, 0xf03f, 0xf07f, 0xf0ff,    0xf87f,
                                       0x0080, 0xe043, 0x4043, 0x0100f07f};
    uint64_t number = PICK(dice, numbers);
    if (row->byte == OP_BINFLOAT) {
        number = PICK(dice, doubles);
    } else if (row->byte == OP_BINPUT || row->byte == OP_LONG_BINPUT || row->byte == OP_BINGET ||
               row->byte == OP_LONG_BINGET) {
        number = dice_below(dice, dice_below(dice, 4) ? 4 : 300);
    } else if (row->byte == OP_PROTO) {
        number = dice_below(dice, 6);
    }
    stream_number(stream, number, row->fixed);
}

void write_op(struct stream *stream, const struct row *row, struct dice *dice) {
    stream_byte(stream, row->byte);
    if (row->shape >= SHAPE_LINE) {
        write_line(stream, row->operand, dice);
        if (row->shape == SHAPE_LINES) {
            write_line(stream, row->operand, dice);
        }
    } else if (row->shape == SHAPE_COUNTED) {
        write_counted(stream, row, dice);
    } else {
        write_fixed(stream, row, dice);
    }
}

const struct row *pick_row(struct dice *dice) {
    const struct row *row = &rows[dice_below(dice, row_count)];
    while (!row->is_data && dice_below(dice, 8) > 0) {
        row = &rows[dice_below(dice, row_count)];
    }
    return row;
}
