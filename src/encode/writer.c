/* SPDX-License-Identifier: MIT
 *
 * Writes a value that the program puts piece by piece.  Keeps a count for each open container, and
 * nothing of what was written; so there is no memo.  Judges each piece as the decoder would judge
 * it; emit makes the bytes. */
#include <string.h>

#include "encode/emit.h"
#include "value/integer.h"
#include "base/limits.h"
#include "text/utf8.h"

/* An open container. */
struct open {
    struct batch batch;
    uint64_t left; /* values of this batch that are still to come; a pair of a dict is two */
};

struct spk_writer {
    struct emit emit;
    spk_encode_options options;
    struct memory memory;
    struct refusal refusal;
    struct array open;
    size_t depth;
    size_t depth_max;
    uint64_t values;
    size_t key_depth; /* containers that are open around the key being written; NO_KEY: none is
                         written */
    uint64_t key_values; /* values before that key */
    bool is_finished;
};

#define NO_KEY SIZE_MAX

static struct open *innermost(const spk_writer *writer) {
    struct open *open = writer->open.items;
    return writer->depth > 0 ? &open[writer->depth - 1] : NULL;
}

static uint64_t values_of(const struct batch *batch) {
    return batch->size * (batch->type == SPK_DICT ? 2 : 1);
}

static bool is_over(const spk_writer *writer) {
    return !writer || writer->is_finished || writer->refusal.reason != REASON_DATA;
}

/* ---- what comes before and after each value ---- */

/* True if the next value is a dict key or set member. */
static bool is_key_place(const spk_writer *writer) {
    const struct open *open = innermost(writer);
    if (!open) {
        return false;
    }
    if (open->batch.type == SPK_DICT) {
        return open->left % 2 == 0;
    }
    return open->batch.type == SPK_SET || open->batch.type == SPK_FROZENSET;
}

static bool judge_key(spk_writer *writer, bool is_hashable, enum data_opcode opcode) {
    const spk_encode_options *options = &writer->options;
    if (!is_hashable) {
        return emit_refuse(&writer->emit, REASON_UNHASHABLE, (int)opcode);
    }
    if (writer->key_depth != NO_KEY &&
        writer->values - writer->key_values >= options->max_key_expansion) {
        return emit_refuse_about(&writer->emit, REASON_LIMIT_KEY_EXPANSION, (int)opcode,
                                 options->max_key_expansion);
    }
    return true;
}

/* Judges whether a value may come here, and makes space for its opcode. */
static bool may_put(spk_writer *writer, bool is_hashable, enum data_opcode opcode) {
    if (is_over(writer)) {
        return false;
    }
    struct emit *emit = &writer->emit;
    if (writer->depth == 0 && writer->values > 0) {
        return emit_refuse(emit, REASON_EXTRA_VALUE, (int)opcode);
    }
    if (writer->values >= writer->options.max_expansion) {
        return emit_refuse_about(emit, REASON_LIMIT_EXPANSION, (int)opcode,
                                 writer->options.max_expansion);
    }
    if ((writer->key_depth != NO_KEY || is_key_place(writer)) &&
        !judge_key(writer, is_hashable, opcode)) {
        return false;
    }
    return LIKELY(emit->at < emit->turn) || emit_turn(emit);
}

/* A value is complete.  If it is the key or member that was being written, that has ended, too. */
static void end_key(spk_writer *writer) {
    if (writer->depth == writer->key_depth) {
        writer->key_depth = NO_KEY;
    }
}

/* Closes the batch of the innermost container, and the container if no other batch follows. */
static bool close_batch(spk_writer *writer, struct open *open) {
    struct emit *emit = &writer->emit;
    bool more;
    if (!emit_make_space(emit)) {
        return false;
    }
    emit->at = batch_close(&open->batch, emit->at, &more);
    if (more) {
        open->left = values_of(&open->batch);
        return true;
    }
    writer->depth--;
    end_key(writer);
    struct open *outer = innermost(writer);
    if (outer) {
        outer->left--;
    }
    return true;
}

static bool close_full(spk_writer *writer) {
    struct open *open;
    while ((open = innermost(writer)) != NULL && open->left == 0) {
        if (!close_batch(writer, open)) {
            return false;
        }
    }
    return true;
}

/* The value that was put last is complete, and counts as an item; containers that are full now are
 * closed. */
static bool end_value(spk_writer *writer) {
    struct open *open = innermost(writer);
    end_key(writer);
    return !open || --open->left > 0 || close_full(writer);
}

/* ---- values ---- */

bool spk_put_none(spk_writer *writer) {
    if (!may_put(writer, true, DATA_NONE)) {
        return false;
    }
    writer->values++;
    writer->emit.at = put_opcode(writer->emit.at, DATA_NONE);
    return end_value(writer);
}

bool spk_put_bool(spk_writer *writer, bool value) {
    if (!may_put(writer, true, DATA_NEWTRUE)) {
        return false;
    }
    writer->values++;
    writer->emit.at = put_bool(writer->emit.at, value);
    return end_value(writer);
}

bool spk_put_int(spk_writer *writer, int64_t value) {
    if (!may_put(writer, true, DATA_BININT) || !emit_takes_int(&writer->emit, value)) {
        return false;
    }
    writer->values++;
    writer->emit.at = put_int(writer->emit.at, value);
    return end_value(writer);
}

bool spk_put_float(spk_writer *writer, double value) {
    uint64_t bits;
    if (!may_put(writer, true, DATA_BINFLOAT)) {
        return false;
    }
    memcpy(&bits, &value, sizeof bits);
    writer->values++;
    writer->emit.at = put_float(writer->emit.at, bits);
    return end_value(writer);
}

static bool put_counted(spk_writer *writer, spk_type type, const uint8_t *p, size_t size) {
    if (!emit_counted(&writer->emit, type, p, size)) {
        return false;
    }
    writer->values++;
    return end_value(writer);
}

/* The same as may_put, for what is given by a pointer and a size. */
static bool may_put_bytes(spk_writer *writer, const void *data, size_t size, spk_type type,
                          enum data_opcode opcode) {
    if (!may_put(writer, type != SPK_BYTEARRAY, opcode)) {
        return false;
    }
    if (!data && size > 0) {
        refuse_misuse(&writer->refusal, "data is NULL");
        return false;
    }
    return emit_knows(&writer->emit, type);
}

bool spk_put_int_bytes(spk_writer *writer, const void *data, size_t size) {
    const uint8_t *p = data;
    if (!may_put_bytes(writer, data, size, SPK_INT, DATA_LONG1)) {
        return false;
    }
    size = int_minimal_size(p, size);
    if (size <= 8) {
        return spk_put_int(writer, int64_from_bytes(p, size));
    }
    return put_counted(writer, SPK_INT, p, size);
}

bool spk_put_str(spk_writer *writer, const char *data, size_t size) {
    struct utf8 utf8 = {0, 0, 0};
    const uint8_t *p = (const uint8_t *)data;
    if (!may_put_bytes(writer, data, size, SPK_STR, DATA_BINUNICODE)) {
        return false;
    }
    if (utf8_check(&utf8, p, size) != size || !utf8_is_complete(&utf8)) {
        return emit_refuse(&writer->emit, REASON_BAD_UTF8, DATA_BINUNICODE);
    }
    return put_counted(writer, SPK_STR, p, size);
}

bool spk_put_bytes(spk_writer *writer, const void *data, size_t size) {
    return may_put_bytes(writer, data, size, SPK_BYTES, DATA_BINBYTES) &&
           put_counted(writer, SPK_BYTES, data, size);
}

bool spk_put_bytearray(spk_writer *writer, const void *data, size_t size) {
    return may_put_bytes(writer, data, size, SPK_BYTEARRAY, DATA_BYTEARRAY8) &&
           put_counted(writer, SPK_BYTEARRAY, data, size);
}

/* ---- containers ---- */

/* A container that starts where a key or member must come, or within one, is part of the key. */
static bool enter_key(spk_writer *writer, enum data_opcode opcode) {
    if (writer->key_depth == NO_KEY) {
        if (!is_key_place(writer)) {
            return true;
        }
        writer->key_depth = writer->depth;
        writer->key_values = writer->values;
    }
    if (writer->depth - writer->key_depth >= writer->options.max_key_depth) {
        return emit_refuse_about(&writer->emit, REASON_LIMIT_KEY_DEPTH, (int)opcode,
                                 writer->options.max_key_depth);
    }
    return true;
}

static bool begin(spk_writer *writer, spk_type type, enum data_opcode opcode, uint64_t count) {
    bool is_hashable = type == SPK_TUPLE || type == SPK_FROZENSET;
    if (!may_put(writer, is_hashable, opcode) || !emit_knows(&writer->emit, type) ||
        !enter_key(writer, opcode)) {
        return false;
    }
    struct emit *emit = &writer->emit;
    if (writer->depth >= writer->options.max_depth) {
        return emit_refuse_about(emit, REASON_LIMIT_DEPTH, (int)opcode, writer->options.max_depth);
    }
    if (count > writer->options.max_expansion - writer->values) {
        return emit_refuse_about(emit, REASON_LIMIT_EXPANSION, (int)opcode,
                                 writer->options.max_expansion);
    }
    if (!array_reserve(&writer->memory, &writer->open, writer->depth + 1, sizeof(struct open))) {
        return emit_refuse_memory(emit);
    }
    writer->values++;
    writer->depth_max =
        writer->depth + 1 > writer->depth_max ? writer->depth + 1 : writer->depth_max;
    emit->at = put_empty(emit->at, type, count);
    if (batch_is_none(type, count)) {
        return end_value(writer);
    }
    struct open *open = (struct open *)writer->open.items + writer->depth++;
    emit->at = batch_first(&open->batch, emit->at, type, count);
    open->left = values_of(&open->batch);
    return close_full(writer);
}

bool spk_begin_list(spk_writer *writer, uint64_t count) {
    return begin(writer, SPK_LIST, DATA_EMPTY_LIST, count);
}

bool spk_begin_tuple(spk_writer *writer, uint64_t count) {
    return begin(writer, SPK_TUPLE, DATA_TUPLE, count);
}

bool spk_begin_dict(spk_writer *writer, uint64_t count) {
    return begin(writer, SPK_DICT, DATA_EMPTY_DICT, count);
}

bool spk_begin_set(spk_writer *writer, uint64_t count) {
    return begin(writer, SPK_SET, DATA_EMPTY_SET, count);
}

bool spk_begin_frozenset(spk_writer *writer, uint64_t count) {
    return begin(writer, SPK_FROZENSET, DATA_FROZENSET, count);
}

/* ---- the writer itself ---- */

spk_writer *spk_writer_new(const spk_encode_options *options, spk_write *write, void *context,
                           spk_report *report) {
    spk_encode_options resolved;
    const char *wrong = limits_take_encode(&resolved, options);
    if (wrong) {
        report_unbegun(report, wrong, REASON_DATA, 0);
        return NULL;
    }
    struct memory memory = memory_start_libc(&resolved.allocator, resolved.max_alloc);
    spk_writer *writer = memory_resize(&memory, NULL, 0, sizeof *writer);
    if (!writer) {
        report_unbegun(report, NULL, memory.failure, resolved.max_alloc);
        return NULL;
    }
    *writer = (spk_writer){.options = resolved,
                           .memory = memory,
                           .refusal = {REASON_DATA, -1, 0, 0, ""},
                           .key_depth = NO_KEY};
    if (!emit_start(&writer->emit, &writer->options, &writer->memory, &writer->refusal, write,
                    context)) {
        spk_report made = SPK_REPORT_INIT;
        report_refusal(&made, &writer->refusal);
        report_copy(report, &made);
        spk_writer_free(writer);
        return NULL;
    }
    return writer;
}

void spk_writer_free(spk_writer *writer) {
    if (writer) {
        emit_free(&writer->emit);
        array_free(&writer->memory, &writer->open, sizeof(struct open));
        struct memory memory = writer->memory; /* the writer holds the count of what is freed */
        memory_free(&memory, writer, sizeof *writer);
    }
}

/* Says in the refusal what is missing. */
static bool refuse_unfinished(spk_writer *writer) {
    const struct open *open = innermost(writer);
    struct text text = text_detail(&writer->refusal);
    if (!open) {
        text_put(&text, "nothing was put");
    } else {
        text_put(&text, "a ");
        text_put(&text, spk_type_name((spk_type)open->batch.type));
        text_put(&text, " lacks ");
        text_put_number(&text,
                        open->left + open->batch.left * (open->batch.type == SPK_DICT ? 2 : 1));
        text_put(&text, open->batch.type == SPK_DICT ? " of its keys and values" : " of its items");
    }
    return emit_refuse(&writer->emit, REASON_UNFINISHED, -1);
}

spk_status spk_writer_finish(spk_writer *writer) {
    if (!writer) {
        return SPK_MISUSE;
    }
    if (!is_over(writer)) {
        if (writer->depth > 0 || writer->values == 0) {
            (void)refuse_unfinished(writer);
        } else {
            writer->is_finished = emit_finish(&writer->emit);
        }
    }
    return refusal_status(&writer->refusal);
}

void *spk_writer_take(spk_writer *writer, size_t *size) {
    if (!size || spk_writer_finish(writer) != SPK_OK || writer->emit.output.write) {
        return NULL;
    }
    bool is_there = writer->emit.output.kept_size > 0;
    void *block = output_take(&writer->emit.output, size);
    if (!block && is_there) {
        (void)emit_refuse_memory(&writer->emit);
    }
    return block;
}

spk_status spk_writer_report(const spk_writer *writer, spk_report *report) {
    spk_report made = SPK_REPORT_INIT;
    if (!writer) {
        report_unbegun(&made, "writer is NULL", REASON_DATA, 0);
    } else {
        emit_report(&writer->emit, writer->depth_max, &made);
        if (!writer->is_finished && made.status == SPK_OK) {
            made.status = SPK_MORE;
        }
    }
    report_copy(report, &made);
    return made.status;
}

size_t spk_writer_memory(const spk_writer *writer, size_t *peak) {
    if (peak) {
        *peak = writer ? writer->memory.peak : 0;
    }
    return writer ? writer->memory.used : 0;
}
