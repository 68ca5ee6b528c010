/* SPDX-License-Identifier: MIT
 *
 * Mutations that know where opcodes begin and end: take away, repeat, move, exchange, write new
 * ones, change operands, wrap in a MARK.  What comes out is mostly repaired afterwards, so that it
 * gets beyond the first opcodes of the machine. */
#include "mutator.h"

#include <string.h>

#include "repair.h"

static uint8_t scratch[STREAM_MAX];

struct range {
    size_t at;
    size_t size;
};

/* Up to a few opcodes, or nothing at the end. */
static struct range pick_range(const struct op *ops, size_t count, size_t total,
                               struct dice *dice) {
    if (count == 0 || dice_below(dice, 32) == 0) {
        return (struct range){total, 0};
    }
    size_t first = dice_size(dice, count);
    size_t last = first + dice_size(dice, dice_below(dice, 4) > 0 ? 4 : count);
    last = last < count ? last : count - 1;
    return (struct range){ops[first].at, ops[last].at + ops[last].size - ops[first].at};
}

static void write_some(struct stream *out, struct dice *dice) {
    size_t count = 1 + dice_size(dice, 6);
    for (size_t i = 0; i < count; i++) {
        write_op(out, pick_row(dice), dice);
    }
}

/* A container with something in it, in one of the ways in which picklers write it. */
static void write_container(struct stream *out, const uint8_t *items, size_t size,
                            struct dice *dice) {
    static const struct {
        const char *before, *after;
    } forms[] = {{"(", "t"},    {"(", "l"},        {"(", "d"}, {"(", "\x91"}, {"](", "e"},
                 {"}(", "u"},   {"\x8f(", "\x90"}, {"]", "a"}, {"}K\1", "s"}, {"", "\x85"},
                 {"N", "\x86"}, {"NN", "\x87"},    {"(", "1"}, {"(", "0"}};
    size_t form = dice_size(dice, sizeof forms / sizeof forms[0]);
    stream_bytes(out, forms[form].before, strlen(forms[form].before));
    stream_bytes(out, items, size);
    stream_bytes(out, forms[form].after, strlen(forms[form].after));
    if (dice_below(dice, 2) == 0) {
        stream_byte(out, OP_MEMOIZE);
    }
}

/* Another opcode with the same operand, or another operand. */
static void write_other(struct stream *out, const uint8_t *old, size_t size, struct dice *dice) {
    const struct row *row = size > 0 ? row_of(old[0]) : NULL;
    const struct row *other = pick_row(dice);
    if (!row || dice_below(dice, 3) == 0) {
        write_op(out, row && dice_below(dice, 2) == 0 ? row : other, dice);
        return;
    }
    for (size_t i = 0; i < 64 && strcmp(row->operand, other->operand) != 0; i++) {
        other = pick_row(dice);
    }
    stream_byte(out, other->byte);
    stream_bytes(out, old + 1, size - 1);
}

static void write_repeated(struct stream *out, const uint8_t *data, size_t size, size_t times) {
    for (size_t i = 0; i < times && size <= out->max - out->size; i++) {
        stream_bytes(out, data, size);
    }
}

enum mutation { TAKE_AWAY, REPEAT, MOVE, EXCHANGE, INSERT, OTHER, WRAP, NEW, RAW, MUTATIONS };

/* One mutation of data to out. */
static void mutate_once(struct stream *out, uint8_t *data, size_t size, struct dice *dice) {
    size_t count;
    const struct op *ops = split_stream(data, size, &count);
    struct range part = pick_range(ops, count, size, dice);
    struct range source = pick_range(ops, count, size, dice);
    size_t rest = part.at + part.size;
    enum mutation mutation = (enum mutation)dice_below(dice, MUTATIONS);
    stream_bytes(out, data, part.at);
    switch (mutation) {
    case TAKE_AWAY:
        break;
    case REPEAT:
        write_repeated(out, data + part.at, part.size,
                       (size_t)1 << dice_below(dice, dice_below(dice, 8) ? 3 : 10));
        break;
    case MOVE:
        stream_bytes(out, data + source.at, source.size);
        stream_bytes(out, data + part.at, part.size);
        break;
    case EXCHANGE:
        stream_bytes(out, data + source.at, source.size);
        break;
    case INSERT:
        write_some(out, dice);
        stream_bytes(out, data + part.at, part.size);
        break;
    case OTHER:
        write_other(out, data + part.at, part.size, dice);
        break;
    case WRAP:
        write_container(out, data + part.at, part.size, dice);
        break;
    case NEW:
        stream_bytes(out, data + part.at, part.size);
        write_container(out, data + source.at, source.size, dice);
        break;
    default:
        if (part.size > 0) {
            stream_bytes(out, data + part.at,
                         LLVMFuzzerMutate(data + part.at, part.size, part.size));
        }
        break;
    }
    stream_bytes(out, data + rest, size - rest);
}

static size_t put_back(uint8_t *data, const struct stream *stream) {
    if (stream->size > 0) {
        memcpy(data, stream->data, stream->size);
    }
    return stream->size;
}

static size_t repair_in_place(uint8_t *data, size_t size, size_t max, struct dice *dice) {
    struct stream out = {scratch, 0, max < STREAM_MAX ? max : STREAM_MAX};
    repair(&out, data, size, dice);
    return put_back(data, &out);
}

size_t mutate_pickle(uint8_t *data, size_t size, size_t max, struct dice *dice) {
    if (dice_below(dice, 8) == 0) {
        return LLVMFuzzerMutate(data, size, max);
    }
    size_t times = 1 + dice_size(dice, 4);
    for (size_t i = 0; i < times; i++) {
        struct stream out = {scratch, 0, max < STREAM_MAX ? max : STREAM_MAX};
        mutate_once(&out, data, size, dice);
        size = put_back(data, &out);
    }
    return dice_below(dice, 4) > 0 ? repair_in_place(data, size, max, dice) : size;
}

size_t repeat_block(uint8_t *data, size_t size, size_t max, struct dice *dice) {
    struct stream out = {scratch, 0, max < STREAM_MAX ? max : STREAM_MAX};
    size_t count;
    const struct op *ops = split_stream(data, size, &count);
    struct range part = pick_range(ops, count, size, dice);
    stream_bytes(&out, data, part.at);
    write_repeated(&out, data + part.at, part.size, (size_t)1 << dice_below(dice, 17));
    stream_bytes(&out, data + part.at + part.size, size - part.at - part.size);
    size = put_back(data, &out);
    return dice_below(dice, 2) == 0 ? repair_in_place(data, size, max, dice) : size;
}

size_t cross_pickles(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
                     size_t max, struct dice *dice) {
    struct stream stream = {scratch, 0, max < STREAM_MAX ? max : STREAM_MAX};
    size_t count;
    const struct op *ops = split_stream(a, a_size, &count);
    struct range first = pick_range(ops, count, a_size, dice);
    stream_bytes(&stream, a, first.at);
    ops = split_stream(b, b_size, &count);
    struct range second = pick_range(ops, count, b_size, dice);
    stream_bytes(&stream, b + second.at, b_size - second.at);
    size_t size = put_back(out, &stream);
    return dice_below(dice, 4) > 0 ? repair_in_place(out, size, max, dice) : size;
}

/* ---- tails ---- */

size_t tail_off(struct tail *tail, const uint8_t *data, size_t size) {
    tail->is_there = has_tail(data, size);
    if (!tail->is_there) {
        memset(tail->bytes, 0, TAIL_SIZE);
        return size;
    }
    memcpy(tail->bytes, data + size - TAIL_SIZE, TAIL_SIZE);
    return size - TAIL_SIZE;
}

size_t tail_on(struct tail *tail, uint8_t *data, size_t size, size_t max, struct dice *dice) {
    size_t chance = dice_size(dice, 16);
    if (chance == 0) {
        tail->is_there = false;
    } else if (chance < 6) {
        size_t place = dice_size(dice, TAIL_SIZE - 1);
        tail->is_there = true;
        tail->bytes[place] = dice_below(dice, 4) == 0 ? 0 : (uint8_t)dice_roll(dice);
    }
    if (!tail->is_there || size + TAIL_SIZE > max) {
        return size;
    }
    tail->bytes[TAIL_SIZE - 1] = TAIL_TAG;
    memcpy(data + size, tail->bytes, TAIL_SIZE);
    return size + TAIL_SIZE;
}
