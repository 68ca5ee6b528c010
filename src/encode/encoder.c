/* SPDX-License-Identifier: MIT
 *
 * Writes a decoded value as CPython's C pickler writes the same objects: depth first, and with
 * every object that has an identity in the memo.  Has an explicit stack.  Decides about the order;
 * emit makes the bytes. */
#include "encode/emit.h"
#include "value/identity.h"
#include "base/limits.h"

/* An open container; the frame at the bottom has the one value that is to be written. */
struct encode_frame {
    const word *next;    /* the item to be written */
    const word *end;     /* of the batch */
    struct batch batch;
    word value;          /* WORD_EMPTY at the bottom */
    bool is_again;       /* the same tuple is open further down, too */
};

struct encoder {
    struct emit emit;
    spk_encode_options options;
    struct memory memory;
    struct refusal refusal;
    struct identities met;
    struct array frames;
    size_t frame_count;
    uint64_t depth;      /* open containers, each counted once */
    uint64_t depth_max;
    uint64_t marks;      /* open MARKs */
    uint64_t memo_max;
};

/* The index of a tuple or frozenset whose items are being written: it has no entry yet. */
#define INDEX_OPEN UINT64_MAX

static bool next_index(struct encoder *encoder, uint64_t *index) {
    if (encoder->emit.memo_count >= encoder->memo_max) {
        return emit_refuse_about(&encoder->emit, REASON_LIMIT_MEMO, -1, encoder->memo_max);
    }
    *index = encoder->emit.memo_count++;
    return true;
}

/* Gives the topmost item of the stack the next entry of the memo. */
static bool memoize(struct encoder *encoder, uint64_t *index) {
    struct emit *emit = &encoder->emit;
    if (!next_index(encoder, index)) {
        return false;
    }
    emit->at = put_memoize(emit->at, emit->is_framed, *index);
    return true;
}

/* ---- str, bytes, bytearray ---- */

/* Writes the bytes of a text.  For a short one there is space already. */
static bool put_text(struct encoder *encoder, word w) {
    struct emit *emit = &encoder->emit;
    spk_type type = word_type(w);
    struct counted text = counted_of(word_form(w));
    if (LIKELY(type == SPK_STR && text.size < EMIT_SHORT && emit->is_framed)) {
        emit->at = put_short_str(emit->at, text.data, text.size);
        return true;
    }
    return emit_knows(emit, type) && emit_counted(emit, type, text.data, text.size) &&
           emit_make_space(emit);
}

static bool encode_text(struct encoder *encoder, word w) {
    struct emit *emit = &encoder->emit;
    if (UNLIKELY(!identities_reserve(&encoder->met))) {
        return emit_refuse_memory(emit);
    }
    uint32_t *bucket = identities_bucket(&encoder->met, w);
    if (*bucket != 0) {
        emit->at = put_get(emit->at, identity_at(&encoder->met, bucket)->index);
        return true;
    }
    uint64_t index = 0;
    if (!put_text(encoder, w) || !memoize(encoder, &index)) {
        return false;
    }
    identities_enter(&encoder->met, bucket, w, index);
    return true;
}

/* ---- containers ---- */

static bool judge_depth(struct encoder *encoder, uint64_t depth) {
    /* One more MARK may be open. */
    uint64_t levels = encoder->marks > depth ? encoder->marks - 1 : depth;
    encoder->depth_max = depth > encoder->depth_max ? depth : encoder->depth_max;
    if (levels > encoder->options.max_depth) {
        return emit_refuse_about(&encoder->emit, REASON_LIMIT_DEPTH, -1,
                                 encoder->options.max_depth);
    }
    return true;
}

/* Where the next frame goes; NULL when there is no memory. */
static inline struct encode_frame *next_frame(struct encoder *encoder) {
    if (UNLIKELY(encoder->frame_count == encoder->frames.capacity) &&
        !array_reserve(&encoder->memory, &encoder->frames, encoder->frame_count + 1,
                       sizeof(struct encode_frame))) {
        (void)emit_refuse_memory(&encoder->emit);
        return NULL;
    }
    struct encode_frame *frames = encoder->frames.items;
    return &frames[encoder->frame_count];
}

static inline struct encode_frame *top(const struct encoder *encoder) {
    struct encode_frame *frames = encoder->frames.items;
    return &frames[encoder->frame_count - 1];
}

static void set_end(struct encode_frame *frame) {
    size_t words = (size_t)frame->batch.size * (frame->batch.type == SPK_DICT ? 2 : 1);
    /* The items of an empty frozenset may be NULL, to which nothing must be added. */
    frame->end = words > 0 ? frame->next + words : frame->next;
}

/* Takes the frame that next_frame gave, and that is filled in now. */
static bool push(struct encoder *encoder, const struct encode_frame *frame) {
    encoder->frame_count++;
    encoder->marks += frame->batch.is_marked;
    encoder->depth += !frame->is_again;
    return judge_depth(encoder, encoder->depth);
}

static void pop(struct encoder *encoder, const struct encode_frame *frame) {
    encoder->marks -= frame->batch.is_marked;
    encoder->depth -= !frame->is_again;
    encoder->frame_count--;
}

static bool is_shared(word w) {
    return (word_container(w)->facts & FACTS_SHARED) != 0;
}

/* Enters a container that may stand at several places.  *is_done: it was written before, and has
 * been fetched.  *is_again: it is being written. */
static bool meet(struct encoder *encoder, word w, bool *is_done, bool *is_again) {
    if (UNLIKELY(!identities_reserve(&encoder->met))) {
        return emit_refuse_memory(&encoder->emit);
    }
    uint32_t *bucket = identities_bucket(&encoder->met, w);
    if (*bucket == 0) {
        identities_enter(&encoder->met, bucket, w, INDEX_OPEN);
    } else if (identity_at(&encoder->met, bucket)->index != INDEX_OPEN) {
        encoder->emit.at = put_get(encoder->emit.at, identity_at(&encoder->met, bucket)->index);
        *is_done = true;
    } else {
        *is_again = true;
    }
    return true;
}

/* The entry of a container that meet has seen. */
static struct identity *find(const struct encoder *encoder, word w) {
    return identity_at(&encoder->met, identities_bucket(&encoder->met, w));
}

/* Gives a container its entry of the memo. */
static bool memoize_container(struct encoder *encoder, word w) {
    uint64_t index = 0;
    if (!memoize(encoder, &index)) {
        return false;
    }
    if (is_shared(w)) {
        find(encoder, w)->index = index;
    }
    return true;
}

/* Writes what comes before the items of a container; they follow in the main loop. */
static bool enter(struct encoder *encoder, word w) {
    struct emit *emit = &encoder->emit;
    const struct items *items = word_container(w)->items;
    uint64_t count = container_count(word_container(w));
    spk_type type = word_type(w);
    bool is_done = false;
    bool is_again = false;
    if (!emit_knows(emit, type)) {
        return false;
    }
    if (type == SPK_TUPLE && count == 0) { /* has no identity in Python either */
        emit->at = put_empty(emit->at, type, 0);
        return judge_depth(encoder, encoder->depth + 1);
    }
    if (is_shared(w) && !meet(encoder, w, &is_done, &is_again)) {
        return false;
    }
    if (is_done) {
        return true;
    }
    emit->at = put_empty(emit->at, type, count);
    if (type != SPK_TUPLE && type != SPK_FROZENSET && !memoize_container(encoder, w)) {
        return false;
    }
    if (batch_is_none(type, count)) {
        return judge_depth(encoder, encoder->depth + 1);
    }
    struct encode_frame *frame = next_frame(encoder);
    if (UNLIKELY(!frame)) {
        return false;
    }
    frame->next = items ? items->words : NULL;
    frame->value = w;
    frame->is_again = is_again;
    emit->at = batch_first(&frame->batch, emit->at, type, count);
    set_end(frame);
    return push(encoder, frame);
}

/* Ends a tuple or frozenset whose items are written.  If one of them led back to it, it was written
 * on the way and is in the memo now: then the items are dropped, and it is fetched from there. */
static bool close_immutable(struct encoder *encoder, struct encode_frame *frame) {
    struct emit *emit = &encoder->emit;
    const struct identity *identity = is_shared(frame->value) ? find(encoder, frame->value) : NULL;
    bool more;
    if (!identity || identity->index == INDEX_OPEN) {
        emit->at = batch_close(&frame->batch, emit->at, &more);
        return memoize_container(encoder, frame->value);
    }
    if (frame->batch.is_marked) {
        emit->at = put_opcode(emit->at, DATA_POP_MARK);
    } else {
        for (uint64_t i = 0; i < frame->batch.size; i++) {
            emit->at = put_opcode(emit->at, DATA_POP);
        }
    }
    emit->at = put_get(emit->at, identity->index);
    return true;
}

/* Writes what comes after the items of a batch. */
static bool leave(struct encoder *encoder) {
    struct emit *emit = &encoder->emit;
    struct encode_frame *frame = top(encoder);
    bool more = false;
    if (!emit_make_space(emit)) {
        return false;
    }
    if (frame->batch.type == SPK_TUPLE || frame->batch.type == SPK_FROZENSET) {
        if (!close_immutable(encoder, frame)) {
            return false;
        }
    } else {
        emit->at = batch_close(&frame->batch, emit->at, &more);
    }
    if (more) {
        set_end(frame);
    } else {
        pop(encoder, frame);
    }
    return true;
}

/* ---- the main loop ---- */

/* Writes anything but a constant or a float that its word holds. */
static bool encode_other(struct encoder *encoder, word w) {
    struct emit *emit = &encoder->emit;
    struct counted number;
    switch (word_tag(w)) {
    case TAG_INT:
        if (!emit_takes_int(emit, word_int(w))) {
            return false;
        }
        emit->at = put_int(emit->at, word_int(w));
        return true;
    case TAG_STR:
    case TAG_BYTES:
    case TAG_BYTEARRAY:
        return encode_text(encoder, w);
    case TAG_LONG:
        number = counted_of(word_form(w));
        return emit_counted(emit, SPK_INT, number.data, number.size) && emit_make_space(emit);
    default:
        if (word_is_float(w)) {
            emit->at = put_float(emit->at, word_float_bits(w));
            return true;
        }
        return enter(encoder, w);
    }
}

/* Writes items of the topmost container until its batch ends, or another container is entered. */
static bool encode_items(struct encoder *encoder) {
    struct emit *emit = &encoder->emit;
    struct encode_frame *frame = top(encoder);
    const word *next = frame->next;
    const word *const end = frame->end;
    const size_t depth = encoder->frame_count;
    while (next < end) {
        if (UNLIKELY(emit->at >= emit->turn) && !emit_turn(emit)) {
            return false;
        }
        word w = *next++;
        if (word_is_near_float(w)) {
            emit->at = put_float(emit->at, ~w);
        } else if (w >> 48 == TAG_CONSTANT) {
            emit->at = w == WORD_NONE ? put_opcode(emit->at, DATA_NONE)
                                      : put_bool(emit->at, w == WORD_TRUE);
        } else {
            frame->next = next;
            if (!encode_other(encoder, w)) {
                return false;
            }
            /* If so, "frame" may be gone: the frames may have moved. */
            if (encoder->frame_count != depth) {
                return true;
            }
        }
    }
    frame->next = next;
    return true;
}

static bool encode(struct encoder *encoder, const spk_value *value) {
    struct encode_frame *bottom = next_frame(encoder);
    if (!bottom) {
        return false;
    }
    *bottom =
        (struct encode_frame){.next = &value->word, .end = &value->word + 1, .value = WORD_EMPTY};
    encoder->frame_count = 1;
    for (;;) {
        if (!encode_items(encoder)) {
            return false;
        }
        const struct encode_frame *frame = top(encoder);
        if (frame->next < frame->end) {
            continue;
        }
        if (frame->value == WORD_EMPTY) {
            return emit_finish(&encoder->emit);
        }
        if (!leave(encoder)) {
            return false;
        }
    }
}

/* ---- the calls ---- */

static void encoder_start(struct encoder *encoder) {
    encoder->memory = memory_start_libc(&encoder->options.allocator, encoder->options.max_alloc);
    encoder->refusal = (struct refusal){REASON_DATA, -1, 0, 0, ""};
    identities_start(&encoder->met, &encoder->memory, NULL);
    encoder->frames = (struct array){NULL, 0};
    encoder->frame_count = 0;
    encoder->depth = 0;
    encoder->depth_max = 0;
    encoder->marks = 0;
    /* The operand of LONG_BINGET has 32 bits. */
    uint64_t max = (uint64_t)UINT32_MAX + 1;
    encoder->memo_max = encoder->options.max_memo < max ? encoder->options.max_memo : max;
}

static void encoder_clear(struct encoder *encoder) {
    identities_free(&encoder->met);
    array_free(&encoder->memory, &encoder->frames, sizeof(struct encode_frame));
}

/* "wrong" is what is wrong with the call.  If it is NULL, the options may still be wrong. */
static void *run(const char *wrong, const spk_value *value, const spk_encode_options *options,
                 spk_write *write, void *context, size_t *size, spk_report *report) {
    struct encoder encoder;
    spk_report made = SPK_REPORT_INIT;
    void *block = NULL;
    wrong = wrong ? wrong : limits_take_encode(&encoder.options, options);
    if (wrong) {
        report_unbegun(report, wrong, REASON_DATA, 0);
        return NULL;
    }
    encoder_start(&encoder);
    if (emit_start(&encoder.emit, &encoder.options, &encoder.memory, &encoder.refusal, write,
                   context) &&
        encode(&encoder, value) && size) {
        encoder_clear(&encoder); /* first, so that the block may take the place of this memory */
        block = output_take(&encoder.emit.output, size);
        if (!block) {
            (void)emit_refuse_memory(&encoder.emit);
        }
    }
    emit_report(&encoder.emit, encoder.depth_max, &made);
    report_copy(report, &made);
    encoder_clear(&encoder);
    emit_free(&encoder.emit);
    return block;
}

spk_status spk_encode(const spk_value *value, const spk_encode_options *options, spk_write *write,
                      void *context, spk_report *report) {
    spk_report made = SPK_REPORT_INIT;
    const char *wrong = !value ? "value is NULL" : !write ? "write is NULL" : NULL;
    (void)run(wrong, value, options, write, context, NULL, &made);
    report_copy(report, &made);
    return made.status;
}

void *spk_encode_buffer(const spk_value *value, const spk_encode_options *options, size_t *size,
                        spk_report *report) {
    const char *wrong = !value ? "value is NULL" : !size ? "size is NULL" : NULL;
    return run(wrong, value, options, NULL, NULL, size, report);
}
