/* SPDX-License-Identifier: MIT
 *
 * The sink that builds a document: a slot is the word of its value. */
#ifndef SPK_SINK_TREE_H
#define SPK_SINK_TREE_H

#include "decode/machine.h"
#include "decode/runs.h"
#include "value/word.h"

static inline bool SINK(read_float)(const uint8_t *line, size_t size, uint64_t *bits) {
    return number_float(line, size, bits);
}

static inline slot SINK(none)(void) {
    return WORD_NONE;
}

static inline slot SINK(bool)(bool value) {
    return value ? WORD_TRUE : WORD_FALSE;
}

static inline slot SINK(int)(struct machine *machine, int64_t value) {
    return builder_int(machine->builder, value);
}

/* It has at most four bytes, so it always fits into a word. */
static inline slot SINK(small_int)(int64_t value) {
    return word_of_int(value);
}

static inline slot SINK(int_bytes)(struct machine *machine, const uint8_t *p, size_t size) {
    return builder_int_bytes(machine->builder, p, size);
}

static inline slot SINK(big)(struct machine *machine, const uint8_t *line, size_t size) {
    uint8_t bytes[NUMBER_BIG_MAX];
    return builder_int_bytes(machine->builder, bytes, number_big(line, size, bytes));
}

static inline slot SINK(float)(struct machine *machine, uint64_t bits) {
    return builder_float(machine->builder, bits);
}

/* Only runs of BININT1.  Where sizes differ, but in an order that the processor can foretell, one
 * opcode after the other is faster. */
static inline bool SINK(ints_begin)(const uint8_t *p) {
    return *p == OP_BININT1 && run_begins(p, OP_BININT1, SIZE_BININT1);
}

static inline struct run SINK(ints)(slot *top, const uint8_t *p, size_t bytes, size_t slots) {
    size_t count = run_of_bytes(p, run_max(bytes, SIZE_BININT1, slots));
    for (size_t i = 0; i < count; i++) {
        top[i] = word_of_int(p[i * SIZE_BININT1 + 1]);
    }
    return (struct run){count, count * SIZE_BININT1};
}

/* The same for a run of BINFLOAT. */
static inline struct run SINK(floats)(slot *top, const uint8_t *p, size_t bytes, size_t slots) {
    size_t count = run_of_floats(p, run_max(bytes, SIZE_BINFLOAT, slots));
    for (size_t i = 0; i < count; i++) {
        top[i] = ~load_big_u64(p + i * SIZE_BINFLOAT + 1);
    }
    return (struct run){count, count * SIZE_BINFLOAT};
}

static inline enum word_tag tag_of_kind(unsigned kind) {
    return kind == SPK_STR         ? TAG_STR
           : kind == SPK_BYTES     ? TAG_BYTES
           : kind == SPK_BYTEARRAY ? TAG_BYTEARRAY
                                   : TAG_LONG;
}

/* The stamp of a string is noted under its word, by which it can be asked for. */
static inline slot noted_build(struct machine *machine, slot s, uint64_t stamp) {
    recent_note(&machine->recent, s, stamp);
    return s;
}

static inline slot SINK(counted)(struct machine *machine, unsigned kind, const uint8_t *form,
                                 size_t header, size_t size, size_t readable) {
    slot made = builder_counted(machine->builder, tag_of_kind(kind), form, header + size, readable);
    return noted_build(machine, made, stamp_of(machine, form));
}

#ifndef SINK_WIDE
static inline slot SINK(text)(struct machine *machine, unsigned kind, const uint8_t *form,
                              const uint8_t *p, size_t size) {
    return noted_build(machine, builder_text(machine->builder, tag_of_kind(kind), p, size),
                       stamp_of(machine, form));
}
#endif

static inline slot SINK(empty)(struct machine *machine, unsigned kind) {
    static const uint8_t node_kinds[] = {[SPK_LIST] = NODE_LIST,
                                         [SPK_TUPLE] = NODE_TUPLE,
                                         [SPK_DICT] = NODE_DICT,
                                         [SPK_SET] = NODE_SET};
    return builder_empty(machine->builder, (enum node_kind)node_kinds[kind], facts_empty(kind));
}

static inline bool SINK(is_simple)(slot s) {
    return word_is_plain(s);
}

static inline slot SINK(special)(void) {
    return word_of_node(NODE_LIST, NULL);
}

static inline bool SINK(are_simple)(const slot *items, size_t count) {
    (void)items;
    (void)count;
    return false;
}

static inline facts SINK(facts_of)(struct machine *machine, slot s) {
    (void)machine;
    return word_is_container(s) ? word_container(s)->facts : facts_atom(word_type(s));
}

/* The facts of an atom are kept nowhere; the machine only reads them, so a copy is enough. */
static inline facts *SINK(facts_at)(struct machine *machine, slot *s) {
    if (word_is_container(*s)) {
        return &word_container(*s)->facts;
    }
    machine->atom_facts = facts_atom(word_type(*s));
    return &machine->atom_facts;
}

/* A container that is stored gets no more items (except with allow_cycles), so it is closed. Tuples
 * and frozensets are complete when they are made. */
static inline bool SINK(take_item)(struct machine *machine, slot *s, facts *item) {
    if (SINK(is_no_value)(*s)) {
        machine->memory->failure = REASON_CODE_VALUE;
        return false;
    }
    if (UNLIKELY(!word_is_container(*s))) {
        *item = facts_atom(word_type(*s));
        return true;
    }
    struct container *container = word_container(*s);
    *item = container->facts;
    if ((*item & FACTS_STORED) != 0) {
        return true;
    }
    container->facts |= FACTS_STORED;
    enum node_kind kind = word_node_kind(*s);
    return kind == NODE_TUPLE || kind == NODE_FROZENSET || builder_close(machine->builder, *s);
}

static inline bool SINK(is_nan)(slot s) {
    return word_is_nan(s);
}

static inline slot SINK(container)(struct machine *machine, facts made, const slot *items,
                                   size_t count) {
    return builder_container(machine->builder, made, items, count);
}

static inline bool SINK(extend)(struct machine *machine, slot target, const slot *items,
                                size_t count) {
    return builder_extend(machine->builder, target, items, count);
}

static inline bool SINK(is_memo_value)(slot s) {
    return !word_is_float(s);
}

static inline slot SINK(memoised_new)(slot s, uint64_t index) {
    (void)index;
    return s;
}

static inline slot SINK(memoised)(slot s, uint64_t index) {
    (void)index;
    return s;
}

#ifndef SINK_WIDE
/* Marks what may stand at several places, for the visitor. */
static inline slot SINK(fetched)(struct machine *machine, slot s, uint64_t index) {
    (void)machine;
    (void)index;
    if (word_is_container(s)) {
        word_container(s)->facts |= FACTS_SHARED;
    }
    return s;
}
#endif

/* True for Latin-1, which becomes UTF-8 and is collected apart, as text lines are. */
static inline bool is_converted(const struct machine *machine) {
    uint8_t opcode = machine->payload.opcode;
    return (opcode == OP_BINSTRING || opcode == OP_SHORT_BINSTRING) &&
           machine->options->encoding == SPK_ENCODING_LATIN1;
}

static inline bool latin1_add(struct builder *builder, const uint8_t *p, size_t size) {
    for (size_t at = 0; at < size;) {
        size_t take = size - at < 4096 ? size - at : 4096;
        uint8_t *out = builder_text_space(builder, 2 * take);
        if (!out) {
            return false;
        }
        size_t written = 0;
        for (size_t end = at + take; at < end; at++) {
            written += utf8_write(p[at], out + written);
        }
        builder->text_size += written;
    }
    return true;
}

#ifndef SINK_WIDE
static inline slot SINK(latin1)(struct machine *machine, const uint8_t *form, const uint8_t *bytes,
                                size_t size) {
    slot made = latin1_add(machine->builder, bytes, size)
                    ? builder_text_end(machine->builder, TAG_STR)
                    : WORD_EMPTY;
    return noted_build(machine, made, stamp_of(machine, form));
}
#endif

static inline bool SINK(payload_start)(struct machine *machine) {
    const struct payload *payload = &machine->payload;
    bool is_line = opcode_table[payload->opcode].fixed == 0;
    machine->builder->text_size = 0;
    return is_line || is_converted(machine) ||
           builder_payload_start(machine->builder, payload->claimed);
}

static inline bool SINK(payload_add)(struct machine *machine, const uint8_t *p, size_t size) {
    return is_converted(machine) ? latin1_add(machine->builder, p, size)
                                 : builder_payload_add(machine->builder, p, size);
}

/* Takes only a part of a long line, so that its output needs little space. */
static inline struct unescape_result SINK(text_add)(struct machine *machine, const uint8_t *p,
                                                    size_t size) {
    size_t take = size < 4096 ? size : 4096;
    uint8_t *out = builder_text_space(machine->builder, UNESCAPED_MAX(take));
    if (!out) {
        return (struct unescape_result){0, 0, false, machine->memory->failure};
    }
    struct unescape_result result = unescape_read(&machine->payload.unescape, p, take, out);
    machine->builder->text_size += result.written;
    return result;
}

static inline slot payload_value(struct machine *machine, unsigned kind) {
    bool is_line = opcode_table[machine->payload.opcode].fixed == 0;
    return is_line || is_converted(machine)
               ? builder_text_end(machine->builder, tag_of_kind(kind))
               : builder_payload_end(machine->builder, tag_of_kind(kind));
}

#ifndef SINK_WIDE
static inline slot SINK(payload_end)(struct machine *machine, unsigned kind) {
    return noted_build(machine, payload_value(machine, kind),
                       machine->recent.earlier + machine->payload.offset);
}
#endif

#ifndef SINK_WIDE
static inline uint64_t SINK(stamp_of)(const struct machine *machine, slot s) {
    return recent_find(&machine->recent, s);
}
#endif

#endif
