/* SPDX-License-Identifier: MIT
 *
 * Follows a stream opcode by opcode with a stack of kinds, and keeps what has a meaning there.  A
 * sketch of the rules, not a second machine: a stream that it makes may well be refused, and that
 * is fine. */
#include "repair.h"

#include <string.h>

enum kind {
    KIND_ATOM,
    KIND_MUTABLE_ATOM,
    KIND_TUPLE,
    KIND_LIST,
    KIND_DICT,
    KIND_SET,
    KIND_FROZENSET
};

struct object {
    enum kind kind;
    bool is_hashable;
    bool is_stored;
};

struct sketch {
    struct stream *out;
    struct object objects[OPS_MAX + 2];
    uint32_t stack[OPS_MAX + 2];
    uint32_t marks[OPS_MAX + 2];
    uint32_t memo[OPS_MAX + 2];
    size_t object_count, depth, mark_count, memo_count;
};

/* Atoms need no object of their own. */
#define ATOM 0
#define MUTABLE_ATOM 1

static struct sketch sketch;

static void start(struct stream *out) {
    sketch.out = out;
    sketch.objects[ATOM] = (struct object){KIND_ATOM, true, false};
    sketch.objects[MUTABLE_ATOM] = (struct object){KIND_MUTABLE_ATOM, false, false};
    sketch.object_count = 2;
    sketch.depth = 0;
    sketch.mark_count = 0;
    sketch.memo_count = 0;
}

static size_t floor_of_stack(void) {
    return sketch.mark_count > 0 ? sketch.marks[sketch.mark_count - 1] : 0;
}

static struct object *item(size_t place) {
    return &sketch.objects[sketch.stack[place]];
}

static bool push(uint32_t object) {
    if (sketch.depth >= OPS_MAX) {
        return false;
    }
    sketch.stack[sketch.depth++] = object;
    return true;
}

static bool push_new(enum kind kind, bool is_hashable) {
    if (sketch.object_count >= OPS_MAX) {
        return false;
    }
    sketch.objects[sketch.object_count] = (struct object){kind, is_hashable, false};
    return push((uint32_t)sketch.object_count++);
}

/* Marks the items from a place on as stored; true if all are hashable. */
static bool store(size_t from) {
    bool is_hashable = true;
    for (size_t i = from; i < sketch.depth; i++) {
        is_hashable = is_hashable && item(i)->is_hashable;
        item(i)->is_stored = sketch.stack[i] > MUTABLE_ATOM;
    }
    sketch.depth = from;
    return is_hashable;
}

static bool keys_are_hashable(size_t from, size_t step) {
    for (size_t i = from; i < sketch.depth; i += step) {
        if (!item(i)->is_hashable) {
            return false;
        }
    }
    return true;
}

static bool holds(size_t from, uint32_t object) {
    for (size_t i = from; i < sketch.depth; i++) {
        if (sketch.stack[i] == object) {
            return true;
        }
    }
    return false;
}

/* A new container of the items above a place. */
static bool collect(enum kind kind, size_t from) {
    if ((kind == KIND_DICT && !keys_are_hashable(from, 2)) ||
        (kind == KIND_FROZENSET && !keys_are_hashable(from, 1))) {
        return false;
    }
    bool is_hashable = store(from);
    return push_new(kind, kind == KIND_FROZENSET || (kind == KIND_TUPLE && is_hashable));
}

/* The items from a place on go to the target before them. */
static bool extend(enum kind kind, size_t from) {
    struct object *target = item(from - 1);
    bool is_empty = from == sketch.depth;
    if (target->kind != kind ||
        (!is_empty && (target->is_stored || holds(from, sketch.stack[from - 1]))) ||
        (kind != KIND_LIST && !keys_are_hashable(from, kind == KIND_DICT ? 2 : 1))) {
        return false;
    }
    (void)store(from);
    return true;
}

static bool obey_memo(uint8_t byte, struct dice *dice) {
    switch (byte) {
    case OP_PUT:
    case OP_BINPUT:
    case OP_LONG_BINPUT:
    case OP_MEMOIZE:
        if (sketch.memo_count >= OPS_MAX || sketch.memo_count > sketch.out->size) {
            return false;
        }
        sketch.memo[sketch.memo_count++] = sketch.stack[sketch.depth - 1];
        return true;
    default: {
        size_t index = dice_size(dice, sketch.memo_count);
        if (sketch.memo_count == 0 || !push(sketch.memo[index])) {
            return false;
        }
        if (index < 256) {
            stream_byte(sketch.out, OP_BINGET);
            stream_byte(sketch.out, (unsigned)index);
        } else {
            stream_byte(sketch.out, OP_LONG_BINGET);
            stream_number(sketch.out, index, 4);
        }
        return true;
    }
    }
}

/* Writes the memo opcode with the index that comes next. */
static void write_put(uint8_t byte) {
    size_t index = sketch.memo_count - 1;
    if (byte == OP_BINPUT && index < 256) {
        stream_byte(sketch.out, OP_BINPUT);
        stream_byte(sketch.out, (unsigned)index);
    } else if (byte == OP_LONG_BINPUT || byte == OP_BINPUT) {
        stream_byte(sketch.out, OP_LONG_BINPUT);
        stream_number(sketch.out, index, 4);
    } else {
        stream_byte(sketch.out, OP_MEMOIZE);
    }
}

/* A MARK's items; makes pairs of them where the opcode wants pairs. */
static size_t take_mark(uint8_t byte) {
    size_t from = floor_of_stack();
    if ((byte == OP_DICT || byte == OP_SETITEMS) && (sketch.depth - from) % 2 != 0 && push(ATOM)) {
        stream_byte(sketch.out, OP_NONE);
    }
    sketch.mark_count--;
    return from;
}

/* Opcodes that take a MARK; what cannot be done with the items becomes a tuple. */
static void obey_mark(uint8_t byte) {
    size_t from = take_mark(byte);
    bool is_done = false;
    switch (byte) {
    case OP_POP_MARK:
        sketch.depth = from;
        is_done = true;
        break;
    case OP_LIST:
        is_done = collect(KIND_LIST, from);
        break;
    case OP_DICT:
        is_done = collect(KIND_DICT, from);
        break;
    case OP_FROZENSET:
        is_done = collect(KIND_FROZENSET, from);
        break;
    case OP_APPENDS:
        is_done = from > floor_of_stack() && extend(KIND_LIST, from);
        break;
    case OP_SETITEMS:
        is_done = from > floor_of_stack() && extend(KIND_DICT, from);
        break;
    case OP_ADDITEMS:
        is_done = from > floor_of_stack() && extend(KIND_SET, from);
        break;
    default:
        break;
    }
    stream_byte(sketch.out, is_done ? byte : OP_TUPLE);
    if (!is_done) {
        (void)collect(KIND_TUPLE, from);
    }
}

static bool obey_rest(uint8_t byte) {
    switch (byte) {
    case OP_MARK:
        if (sketch.mark_count >= 900) {
            return false;
        }
        sketch.marks[sketch.mark_count++] = (uint32_t)sketch.depth;
        return true;
    case OP_POP:
        if (sketch.depth == floor_of_stack()) {
            return sketch.mark_count > 0 && sketch.mark_count-- > 0;
        }
        sketch.depth--;
        return true;
    case OP_EMPTY_TUPLE:
        return push_new(KIND_TUPLE, true);
    case OP_EMPTY_LIST:
        return push_new(KIND_LIST, false);
    case OP_EMPTY_DICT:
        return push_new(KIND_DICT, false);
    case OP_EMPTY_SET:
        return push_new(KIND_SET, false);
    case OP_TUPLE1:
    case OP_TUPLE2:
    case OP_TUPLE3:
        return collect(KIND_TUPLE, sketch.depth - (byte - OP_TUPLE1 + 1u));
    case OP_APPEND:
        return extend(KIND_LIST, sketch.depth - 1);
    case OP_SETITEM:
        return extend(KIND_DICT, sketch.depth - 2);
    case OP_BYTEARRAY8:
        return push(MUTABLE_ATOM);
    case OP_PROTO:
    case OP_FRAME:
    case OP_STOP:
        return false;
    default:
        return push(ATOM);
    }
}

static bool is_put(uint8_t byte) {
    return byte == OP_PUT || byte == OP_BINPUT || byte == OP_LONG_BINPUT || byte == OP_MEMOIZE;
}

static bool is_get(uint8_t byte) {
    return byte == OP_GET || byte == OP_BINGET || byte == OP_LONG_BINGET;
}

static void obey(const uint8_t *data, const struct op *op, struct dice *dice) {
    const struct row *row = row_of(op->byte);
    if (!row || !row->is_data || !op->is_whole || (row->takes_mark && sketch.mark_count == 0)) {
        return;
    }
    if (row->takes_mark) {
        obey_mark(op->byte);
    } else if (sketch.depth - floor_of_stack() < row->needs) {
        return;
    } else if (is_get(op->byte)) {
        (void)obey_memo(op->byte, dice);
    } else if (is_put(op->byte)) {
        if (obey_memo(op->byte, dice)) {
            write_put(op->byte);
        }
    } else if (obey_rest(op->byte)) {
        stream_bytes(sketch.out, data + op->at, op->size);
    }
}

/* Down to one item, without a MARK. */
static void finish(void) {
    while (sketch.mark_count > 0) {
        obey_mark(OP_TUPLE);
    }
    while (sketch.depth > 1) {
        size_t count = sketch.depth > 2 ? 3 : 2;
        stream_byte(sketch.out, OP_TUPLE1 + (unsigned)count - 1);
        (void)collect(KIND_TUPLE, sketch.depth - count);
    }
    if (sketch.depth == 0) {
        stream_byte(sketch.out, OP_NONE);
    }
    stream_byte(sketch.out, OP_STOP);
}

/* Copies opcodes to out in one to four frames, whose ends are now and then off by one. */
static void frame(struct stream *out, const struct stream *body, struct dice *dice) {
    size_t count;
    const struct op *ops = split_stream(body->data, body->size, &count);
    size_t at = 0;
    for (size_t i = 0; i < count && at < body->size;) {
        size_t last = i + dice_size(dice, count - i);
        last = dice_below(dice, 3) == 0 ? count - 1 : last;
        size_t end = ops[last].at + ops[last].size;
        size_t wrong = dice_size(dice, 48) == 0 ? dice_size(dice, 3) : 1;
        if (dice_below(dice, 4) > 0) { /* else this part stands outside of a frame */
            stream_byte(out, OP_FRAME);
            stream_number(out, end - at + wrong - 1, 8);
        }
        stream_bytes(out, body->data + at, end - at);
        at = end;
        i = last + 1;
    }
}

void repair(struct stream *out, const uint8_t *data, size_t size, struct dice *dice) {
    static uint8_t room[STREAM_MAX];
    struct stream body = {room, 0, out->max > 32 ? out->max - 32 : 0};
    size_t count;
    const struct op *ops = split_stream(data, size, &count);
    size_t unlawful = dice_size(dice, 3) == 0 ? dice_size(dice, count) : SIZE_MAX;
    bool has_protocol = count > 0 && ops[0].byte == OP_PROTO && ops[0].size == 2 && data[1] <= 5;
    if (has_protocol) {
        stream_bytes(out, data, 2);
    }
    start(&body);
    for (size_t i = has_protocol ? 1 : 0; i < count && body.size < body.max; i++) {
        if (i == unlawful) {
            stream_bytes(&body, data + ops[i].at, ops[i].size);
        } else {
            obey(data, &ops[i], dice);
        }
    }
    finish();
    if (has_protocol && dice_below(dice, 2) == 0) {
        frame(out, &body, dice);
    } else {
        stream_bytes(out, body.data, body.size);
    }
}
