/* SPDX-License-Identifier: MIT
 *
 * Makes the bytes of a pickle as CPython's C pickler (3.8 to 3.14) does: opcodes with their
 * operands, frames, batches.  This is the only room that stores an opcode, and put_opcode() takes
 * only those whose row of opcodes.def says DATA.  What is written, and in which order, is decided
 * by the rooms above: the encoder and the writer.
 *
 * Small things are stored at a pointer that travels through the inline functions, put_...(out,
 * ...), each returning the place behind what it stored.  There is space for EMIT_SPACE bytes
 * whenever "out" is below emit->turn, and a value starts with that test. */
#ifndef SPK_EMIT_H
#define SPK_EMIT_H

#include <string.h>

#include "base/bytes.h"
#include "base/opcode.h"
#include "encode/output.h"

/* The rows that are DATA, and no others: an opcode that imports or calls has no name here. */
enum data_opcode {
#define ROW_DATA(name, byte) DATA_##name = (byte),
#define ROW_DUP(name, byte)
#define ROW_BUFFER(name, byte)
#define ROW_CODE_IMPORT(name, byte)
#define ROW_CODE_CALL(name, byte)
#define ROW_CODE_STATE(name, byte)
#define ROW_CODE_EXTENSION(name, byte)
#define ROW_CODE_PERSISTENT(name, byte)
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    ROW_##verdict(name, byte)
#include "opcodes.def"
#undef OP
#undef ROW_DATA
#undef ROW_DUP
#undef ROW_BUFFER
#undef ROW_CODE_IMPORT
#undef ROW_CODE_CALL
#undef ROW_CODE_STATE
#undef ROW_CODE_EXTENSION
#undef ROW_CODE_PERSISTENT
};

/* A frame ends with the value that makes it as large as this; text as large as this stands outside
 * of frames. */
#define EMIT_FRAME ((size_t)64 << 10)
#define EMIT_FRAME_HEADER 9
#define EMIT_SHORT 256 /* shorter text and ints have two bytes in front: opcode and length */
#define EMIT_SPACE ((size_t)EMIT_SHORT + 32)

struct emit {
    struct memory *memory;
    struct refusal *refusal;
    const spk_encode_options *options;
    struct output output;
    struct array pending; /* bytes that are not put out yet */
    uint8_t *at; /* where the next byte goes */
    uint8_t *turn; /* if "at" is here or further, emit_turn() must be called before a value */
    size_t frame; /* where in "pending" the header of the open frame is */
    bool is_framed; /* protocol 4 and 5 */
    uint32_t unknown; /* the types that the protocol has no opcode for: bit 1 << type */
    uint64_t flushed; /* bytes of the pickle that are put out */
    uint64_t memo_count;
};

/* Writes PROTO.  All functions that return a bool return false once the refusal is set. */
bool emit_start(struct emit *emit, const spk_encode_options *options, struct memory *memory,
                struct refusal *refusal, spk_write *write, void *context);
void emit_free(struct emit *emit);

/* Writes STOP, and puts out everything that is pending. */
bool emit_finish(struct emit *emit);

/* Between two values: ends the frame if it is long enough, and puts it out; makes space. */
bool emit_turn(struct emit *emit);

/* Makes space for EMIT_SPACE bytes, at any other moment. */
bool emit_make_space(struct emit *emit);

/* Refuses an int that needs more than 32 bits and more than max_int_bytes. */
bool emit_judge_int(struct emit *emit, int64_t value);

static inline bool emit_takes_int(struct emit *emit, int64_t value) {
    return LIKELY(emit->options->max_int_bytes >= sizeof value) || emit_judge_int(emit, value);
}

/* A str, bytes, bytearray or int of any size; without the memo. */
bool emit_counted(struct emit *emit, spk_type type, const uint8_t *p, size_t size);

/* Bytes of the pickle so far. */
uint64_t emit_position(const struct emit *emit);

/* Refusals, at this position; opcode -1 where none is concerned. */
bool emit_refuse(struct emit *emit, enum reason reason, int opcode);
bool emit_refuse_about(struct emit *emit, enum reason reason, int opcode, uint64_t about);
bool emit_refuse_memory(struct emit *emit);

/* Refuses a type that the protocol has no opcode for. */
bool emit_refuse_type(struct emit *emit, spk_type type);

static inline bool emit_knows(struct emit *emit, spk_type type) {
    return LIKELY((emit->unknown >> type & 1) == 0) || emit_refuse_type(emit, type);
}

/* What is known: the refusal if there is one, else success. */
void emit_report(const struct emit *emit, uint64_t depth, spk_report *report);

static inline bool emit_has_space(const struct emit *emit) {
    return (size_t)((const uint8_t *)emit->pending.items + emit->pending.capacity - emit->at) >=
           EMIT_SPACE;
}

/* ---- stores ---- */

static inline uint8_t *put_opcode(uint8_t *out, enum data_opcode opcode) {
    *out = (uint8_t)opcode;
    return out + 1;
}

static inline uint8_t *put_u8(uint8_t *out, enum data_opcode opcode, uint8_t value) {
    out = put_opcode(out, opcode);
    *out = value;
    return out + 1;
}

static inline uint8_t *put_u16(uint8_t *out, enum data_opcode opcode, uint16_t value) {
    out = put_opcode(out, opcode);
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
    return out + 2;
}

static inline uint8_t *put_u32(uint8_t *out, enum data_opcode opcode, uint32_t value) {
    out = put_opcode(out, opcode);
    store_u32(out, value);
    return out + 4;
}

static inline uint8_t *put_u64(uint8_t *out, enum data_opcode opcode, uint64_t value) {
    out = put_opcode(out, opcode);
    store_u64(out, value);
    return out + 8;
}

static inline uint8_t *put_bool(uint8_t *out, bool value) {
    return put_opcode(out, value ? DATA_NEWTRUE : DATA_NEWFALSE);
}

static inline uint8_t *put_float(uint8_t *out, uint64_t bits) {
    out = put_opcode(out, DATA_BINFLOAT);
    store_big_u64(out, bits);
    return out + 8;
}

/* An int of more than 32 bits in its fewest bytes. */
static inline uint8_t *put_long(uint8_t *out, int64_t value) {
    uint64_t magnitude = value < 0 ? ~(uint64_t)value : (uint64_t)value;
    uint8_t size = 5;
    while (size < 8 && magnitude >> (8 * size - 1) != 0) {
        size++;
    }
    out = put_u8(out, DATA_LONG1, size);
    store_u64(out, (uint64_t)value);
    return out + size;
}

static inline uint8_t *put_int(uint8_t *out, int64_t value) {
    if ((uint64_t)value < 0x100) {
        return put_u8(out, DATA_BININT1, (uint8_t)value);
    }
    if ((uint64_t)value < 0x10000) {
        return put_u16(out, DATA_BININT2, (uint16_t)value);
    }
    if (value >= INT32_MIN && value <= INT32_MAX) {
        return put_u32(out, DATA_BININT, (uint32_t)(uint64_t)value);
    }
    return put_long(out, value);
}

/* A str of less than EMIT_SHORT bytes, at protocol 4 and 5. */
static inline uint8_t *put_short_str(uint8_t *out, const uint8_t *p, size_t size) {
    out = put_u8(out, DATA_SHORT_BINUNICODE, (uint8_t)size);
    memcpy(out, p, size);
    return out + size;
}

/* Makes the topmost item of the stack entry "index" of the memo. */
static inline uint8_t *put_memoize(uint8_t *out, bool is_framed, uint64_t index) {
    if (is_framed) {
        return put_opcode(out, DATA_MEMOIZE);
    }
    return index < 256 ? put_u8(out, DATA_BINPUT, (uint8_t)index)
                       : put_u32(out, DATA_LONG_BINPUT, (uint32_t)index);
}

static inline uint8_t *put_get(uint8_t *out, uint64_t index) {
    return index < 256 ? put_u8(out, DATA_BINGET, (uint8_t)index)
                       : put_u32(out, DATA_LONG_BINGET, (uint32_t)index);
}

/* ---- containers ---- */

#define EMIT_BATCH 1000

/* The items of a list, dict or set come in batches of at most EMIT_BATCH (pairs), those of a tuple
 * or frozenset at once. */
struct batch {
    uint64_t size; /* items, or pairs, of this batch */
    uint64_t left; /* items, or pairs, after this batch */
    uint8_t type; /* spk_type */
    bool is_marked; /* a MARK stands in front */
};

/* The opcode that makes an empty container; none for a tuple with items, or a frozenset. */
static inline uint8_t *put_empty(uint8_t *out, spk_type type, uint64_t count) {
    switch (type) {
    case SPK_LIST:
        return put_opcode(out, DATA_EMPTY_LIST);
    case SPK_DICT:
        return put_opcode(out, DATA_EMPTY_DICT);
    case SPK_SET:
        return put_opcode(out, DATA_EMPTY_SET);
    case SPK_TUPLE:
        return count == 0 ? put_opcode(out, DATA_EMPTY_TUPLE) : out;
    default:
        return out;
    }
}

/* True if the opcode of the empty container is all that is needed. */
static inline bool batch_is_none(spk_type type, uint64_t count) {
    return count == 0 && type != SPK_FROZENSET;
}

static inline uint8_t *batch_open(struct batch *batch, uint8_t *out) {
    if (batch->type != SPK_TUPLE && batch->type != SPK_FROZENSET && batch->left > EMIT_BATCH) {
        batch->size = EMIT_BATCH;
    } else {
        batch->size = batch->left;
    }
    batch->left -= batch->size;
    return batch->is_marked ? put_opcode(out, DATA_MARK) : out;
}

static inline uint8_t *batch_first(struct batch *batch, uint8_t *out, spk_type type,
                                   uint64_t count) {
    *batch = (struct batch){0, count, (uint8_t)type, true};
    if (type == SPK_TUPLE) {
        batch->is_marked = count > 3;
    } else if (type == SPK_LIST || type == SPK_DICT) {
        batch->is_marked = count != 1;
    }
    return batch_open(batch, out);
}

/* The opcode that stores a batch.  *more: another batch follows, and its MARK is stored, too. */
static inline uint8_t *batch_close(struct batch *batch, uint8_t *out, bool *more) {
    bool is_full = batch->size == EMIT_BATCH;
    *more = false;
    switch (batch->type) {
    case SPK_LIST:
        out = put_opcode(out, batch->is_marked ? DATA_APPENDS : DATA_APPEND);
        *more = batch->left > 0;
        break;
    case SPK_DICT: /* dicts and sets go on until a batch is not full, even if that one is empty */
        out = put_opcode(out, batch->is_marked ? DATA_SETITEMS : DATA_SETITEM);
        *more = is_full;
        break;
    case SPK_SET:
        out = put_opcode(out, DATA_ADDITEMS);
        *more = is_full;
        break;
    case SPK_TUPLE:
        if (batch->is_marked) {
            out = put_opcode(out, DATA_TUPLE);
        } else {
            out = put_opcode(out, batch->size == 1   ? DATA_TUPLE1
                                  : batch->size == 2 ? DATA_TUPLE2
                                                     : DATA_TUPLE3);
        }
        break;
    default:
        out = put_opcode(out, DATA_FROZENSET);
        break;
    }
    return *more ? batch_open(batch, out) : out;
}

#endif
