/* SPDX-License-Identifier: MIT
 *
 * Frames, and whatever may not fit into the space that is always there.  A frame's header can only
 * be stored when the frame ends, so nothing of a frame is put out before. */
#include "encode/emit.h"

#include "base/facts.h"

#define INT_BYTES_MAX INT32_MAX /* LONG4's length is signed */

static uint8_t *pending_start(const struct emit *emit) {
    return emit->pending.items;
}

uint64_t emit_position(const struct emit *emit) {
    return emit->flushed + (emit->pending.items ? (uint64_t)(emit->at - pending_start(emit)) : 0);
}

/* ---- refusals ---- */

bool emit_refuse(struct emit *emit, enum reason reason, int opcode) {
    refuse(emit->refusal, reason, opcode, emit_position(emit));
    return false;
}

bool emit_refuse_about(struct emit *emit, enum reason reason, int opcode, uint64_t about) {
    refuse_about(emit->refusal, reason, opcode, emit_position(emit), about);
    return false;
}

bool emit_refuse_memory(struct emit *emit) {
    return emit_refuse_about(emit, memory_reason(emit->memory), -1, emit->options->max_alloc);
}

/* A failure of memory or output. */
static bool refuse_failure(struct emit *emit, enum reason reason) {
    return emit_refuse_about(emit, reason, -1, emit->options->max_alloc);
}

static bool refuse_protocol(struct emit *emit, enum data_opcode opcode, const char *what,
                            int protocol) {
    if (emit->refusal->reason == REASON_DATA) {
        struct text text = text_detail(emit->refusal);
        text_put(&text, what);
        text_put(&text, " need protocol ");
        text_put_number(&text, (uint64_t)protocol);
    }
    return emit_refuse(emit, REASON_NEEDS_PROTOCOL, (int)opcode);
}

/* The types that need a protocol higher than 2. */
static const struct {
    spk_type type;
    enum data_opcode opcode;
    const char *what;
} late[] = {{SPK_BYTES, DATA_SHORT_BINBYTES, "bytes"},
            {SPK_BYTEARRAY, DATA_BYTEARRAY8, "bytearrays"},
            {SPK_SET, DATA_EMPTY_SET, "sets"},
            {SPK_FROZENSET, DATA_FROZENSET, "frozensets"}};

#define LATE (sizeof late / sizeof late[0])

/* The types, as bits, that a protocol has no opcode for. */
static uint32_t unknown_types(int protocol) {
    uint32_t types = 0;
    for (size_t i = 0; i < LATE; i++) {
        types |= protocol < opcode_table[late[i].opcode].protocol ? UINT32_C(1) << late[i].type : 0;
    }
    return types;
}

bool emit_refuse_type(struct emit *emit, spk_type type) {
    size_t i = 0;
    while (i < LATE - 1 && late[i].type != type) {
        i++;
    }
    return refuse_protocol(emit, late[i].opcode, late[i].what,
                           opcode_table[late[i].opcode].protocol);
}

/* ---- space ---- */

static size_t size_of_pending(const struct emit *emit) {
    return (size_t)(emit->at - pending_start(emit));
}

/* A value may start below "turn": there the frame is not long enough yet, and space is left. */
static void set_turn(struct emit *emit) {
    size_t space = emit->pending.capacity - EMIT_SPACE;
    size_t min = emit->is_framed ? emit->frame + EMIT_FRAME_HEADER + EMIT_FRAME : EMIT_FRAME;
    emit->turn = pending_start(emit) + (min < space ? min : space);
}

/* Makes space for "size" bytes and EMIT_SPACE more. */
static bool reserve(struct emit *emit, size_t size) {
    size_t used = emit->pending.items ? size_of_pending(emit) : 0;
    size_t whole;
    if (!add_size(used + EMIT_SPACE, size, &whole)) {
        return refuse_failure(emit, REASON_LIMIT_ALLOC);
    }
    if (!array_reserve(emit->memory, &emit->pending, whole, 1)) {
        return emit_refuse_memory(emit);
    }
    emit->at = pending_start(emit) + used;
    set_turn(emit);
    return true;
}

bool emit_make_space(struct emit *emit) {
    return emit_has_space(emit) || reserve(emit, 0);
}

static bool put_out(struct emit *emit, const uint8_t *p, size_t size) {
    if (size > emit->options->max_output - emit->flushed) {
        return emit_refuse_about(emit, REASON_LIMIT_UNPACKED, -1, emit->options->max_output);
    }
    if (!output_put(&emit->output, p, size)) {
        return refuse_failure(emit, emit->output.failure);
    }
    emit->flushed += size;
    return true;
}

static bool flush(struct emit *emit) {
    if (!put_out(emit, pending_start(emit), size_of_pending(emit))) {
        return false;
    }
    emit->at = pending_start(emit);
    return true;
}

/* ---- frames ---- */

static void open_frame(struct emit *emit) {
    if (emit->is_framed) {
        emit->frame = size_of_pending(emit);
        emit->at += EMIT_FRAME_HEADER;
    }
    set_turn(emit);
}

/* CPython makes no frame of less than four bytes. */
static void end_frame(struct emit *emit) {
    if (!emit->is_framed) {
        return;
    }
    uint8_t *header = pending_start(emit) + emit->frame;
    size_t size = size_of_pending(emit) - emit->frame - EMIT_FRAME_HEADER;
    if (size >= 4) {
        (void)put_u64(header, DATA_FRAME, size);
    } else {
        memmove(header, header + EMIT_FRAME_HEADER, size);
        emit->at -= EMIT_FRAME_HEADER;
    }
}

bool emit_turn(struct emit *emit) {
    size_t min = emit->is_framed ? emit->frame + EMIT_FRAME_HEADER + EMIT_FRAME : EMIT_FRAME;
    if (size_of_pending(emit) >= min) {
        end_frame(emit);
        if (!flush(emit)) {
            return false;
        }
        open_frame(emit);
    }
    return emit_make_space(emit);
}

/* ---- what has a length ---- */

/* Opcode and length in front of a payload. */
static uint8_t *put_header(uint8_t *out, spk_type type, bool is_framed, uint64_t size) {
    bool is_huge = size > UINT32_MAX;
    switch (type) {
    case SPK_STR:
        if (is_framed && size < EMIT_SHORT) {
            return put_u8(out, DATA_SHORT_BINUNICODE, (uint8_t)size);
        }
        return is_huge ? put_u64(out, DATA_BINUNICODE8, size)
                       : put_u32(out, DATA_BINUNICODE, (uint32_t)size);
    case SPK_BYTES:
        if (size < EMIT_SHORT) {
            return put_u8(out, DATA_SHORT_BINBYTES, (uint8_t)size);
        }
        return is_huge ? put_u64(out, DATA_BINBYTES8, size)
                       : put_u32(out, DATA_BINBYTES, (uint32_t)size);
    case SPK_BYTEARRAY:
        return put_u64(out, DATA_BYTEARRAY8, size);
    default:
        if (size < EMIT_SHORT) {
            return put_u8(out, DATA_LONG1, (uint8_t)size);
        }
        return put_u32(out, DATA_LONG4, (uint32_t)size);
    }
}

static bool judge_size(struct emit *emit, spk_type type, uint64_t size) {
    if (type == SPK_INT) {
        uint64_t max = emit->options->max_int_bytes < INT_BYTES_MAX ? emit->options->max_int_bytes
                                                                    : INT_BYTES_MAX;
        return size <= max || emit_refuse_about(emit, REASON_LIMIT_INT, DATA_LONG4, max);
    }
    if (size <= UINT32_MAX || emit->is_framed) {
        return true;
    }
    return refuse_protocol(emit, type == SPK_STR ? DATA_BINUNICODE8 : DATA_BINBYTES8,
                           "4 GiB and more", 4);
}

bool emit_judge_int(struct emit *emit, int64_t value) {
    uint8_t out[16];
    bool is_long = value < INT32_MIN || value > INT32_MAX;
    return !is_long || judge_size(emit, SPK_INT, (size_t)(put_long(out, value) - out) - 2);
}

/* What is large stands outside of frames, and is put out without being copied. */
static bool emit_large(struct emit *emit, spk_type type, const uint8_t *p, size_t size) {
    end_frame(emit);
    emit->at = put_header(emit->at, type, emit->is_framed, size);
    if (!flush(emit) || !put_out(emit, p, size)) {
        return false;
    }
    open_frame(emit);
    return true;
}

bool emit_counted(struct emit *emit, spk_type type, const uint8_t *p, size_t size) {
    if (!judge_size(emit, type, size)) {
        return false;
    }
    if (size >= EMIT_FRAME && type != SPK_INT) {
        return emit_make_space(emit) && emit_large(emit, type, p, size);
    }
    if (!reserve(emit, size)) {
        return false;
    }
    emit->at = put_header(emit->at, type, emit->is_framed, size);
    if (size > 0) {
        memcpy(emit->at, p, size);
        emit->at += size;
    }
    return true;
}

/* ---- start and end ---- */

bool emit_start(struct emit *emit, const spk_encode_options *options, struct memory *memory,
                struct refusal *refusal, spk_write *write, void *context) {
    *emit = (struct emit){.memory = memory,
                          .refusal = refusal,
                          .options = options,
                          .is_framed = options->protocol >= opcode_table[DATA_FRAME].protocol,
                          .unknown = unknown_types(options->protocol)};
    if (!output_start(&emit->output, memory, options, write, context)) {
        return refuse_failure(emit, emit->output.failure);
    }
    if (!reserve(emit, 0)) {
        return false;
    }
    emit->at = put_u8(emit->at, DATA_PROTO, (uint8_t)options->protocol);
    open_frame(emit);
    return true;
}

bool emit_finish(struct emit *emit) {
    if (!emit_make_space(emit)) {
        return false;
    }
    emit->at = put_opcode(emit->at, DATA_STOP);
    end_frame(emit);
    if (!flush(emit)) {
        return false;
    }
    return output_finish(&emit->output) || refuse_failure(emit, emit->output.failure);
}

void emit_free(struct emit *emit) {
    output_free(&emit->output);
    array_free(emit->memory, &emit->pending, 1);
}

void emit_report(const struct emit *emit, uint64_t depth, spk_report *report) {
    report_refusal(report, emit->refusal);
    report->wrapper = emit->options->gzip ? SPK_WRAPPER_GZIP : SPK_WRAPPER_NONE;
    report->protocol = emit->options->protocol;
    report->raw_offset = emit->output.total;
    report->consumed = emit_position(emit);
    report->max_depth = depth < FACTS_DEPTH_TOP ? depth : FACTS_DEPTH_TOP;
}
