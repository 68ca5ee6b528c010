/* SPDX-License-Identifier: MIT
 *
 * The sink of a wide decode, as far as it is not that of a strict one.  It keeps no notes: a word
 * can be asked for what the value is. */
#ifndef SPK_SINK_BUILD_WIDE_H
#define SPK_SINK_BUILD_WIDE_H

#include "decode/sink_build.h"

/* ---- classes and arguments as words: of nodes in machine_wide.c, in no document ---- */

static inline slot SINK(no_value)(enum no_value which, enum constructor constructor) {
    return word_of_node(NODE_NO_VALUE,
                        which == NO_VALUE_CLASS ? &class_nodes[constructor] : &arguments_node);
}

static inline bool SINK(is_no_value)(slot s) {
    return word_is_container(s) && word_node_kind(s) == NODE_NO_VALUE;
}

/* ---- text: that of Python 2 keeps its opcode ---- */

static inline bool is_python2_opcode(uint8_t opcode) {
    return opcode == OP_STRING || opcode == OP_BINSTRING || opcode == OP_SHORT_BINSTRING;
}

/* The form of a str that was made for an opcode of Python 2 gets the opcode with the same header
 * that such a str has.  One of 4 GiB or more has none, and passes for a str of Python 3 here. */
static inline slot of_opcode(slot s, uint8_t opcode) {
    if (s != WORD_EMPTY && is_python2_opcode(opcode)) {
        uint8_t *form = (uint8_t *)(uintptr_t)word_form(s);
        form[0] = form[0] == OP_SHORT_BINBYTES ? OP_SHORT_BINSTRING
                  : form[0] == OP_BINBYTES     ? OP_BINSTRING
                                               : form[0];
    }
    return s;
}

static inline slot SINK(text)(struct machine *machine, unsigned kind, const uint8_t *form,
                              const uint8_t *p, size_t size) {
    slot made = of_opcode(builder_text(machine->builder, tag_of_kind(kind), p, size), form[0]);
    return noted_build(machine, made, stamp_of(machine, form));
}

static inline slot SINK(latin1)(struct machine *machine, const uint8_t *form, const uint8_t *bytes,
                                size_t size) {
    slot made = latin1_add(machine->builder, bytes, size)
                    ? builder_text_end(machine->builder, TAG_STR)
                    : WORD_EMPTY;
    return noted_build(machine, of_opcode(made, form[0]), stamp_of(machine, form));
}

static inline slot SINK(payload_end)(struct machine *machine, unsigned kind) {
    slot made = payload_value(machine, kind);
    if (kind != SPK_INT) {
        made = of_opcode(made, machine->payload.opcode);
    }
    return noted_build(machine, made, machine->recent.earlier + machine->payload.offset);
}

/* Only a str can be a name. */
static inline uint64_t SINK(stamp_of)(const struct machine *machine, slot s) {
    return word_tag(s) == TAG_STR ? recent_find(&machine->recent, s) : RECENT_UNKNOWN;
}

static inline slot SINK(of_python2)(slot s) {
    return s; /* the form was copied, or borrowed, with its opcode */
}

/* ---- containers, and the memo ---- */

static inline facts SINK(notes_of)(struct machine *machine, facts target, const struct sum *sum,
                                   const slot *items, size_t count) {
    (void)machine;
    (void)target;
    (void)sum;
    (void)items;
    (void)count;
    return 0;
}

static inline bool SINK(add_link)(struct machine *machine, facts *target, facts *item) {
    return graph_add(&machine->graph, machine->memory, target, item);
}

static inline bool SINK(may_be_fetched)(struct machine *machine, slot entry) {
    facts of = LIKELY(SINK(is_simple)(entry)) ? 0 : SINK(facts_of)(machine, entry);
    return facts_kind(of) != KIND_NO_VALUE || is_class(of);
}

static inline slot SINK(fetched)(struct machine *machine, slot entry, uint64_t index) {
    (void)machine;
    (void)index;
    if (word_is_container(entry) && !SINK(is_no_value)(entry)) {
        word_container(entry)->facts |= FACTS_SHARED;
    }
    return entry;
}

/* ---- arguments ---- */

static inline bool SINK(is_python2)(slot s) {
    return is_python2_opcode(word_form(s)[0]);
}

static inline enum term SINK(term_of)(slot s) {
    struct counted text = counted_of(word_form(s));
    return names_term(text.data, text.size);
}

static inline bool SINK(is_latin1)(slot s) {
    struct counted text = counted_of(word_form(s));
    return utf8_latin1_size(text.data, text.size) != UTF8_NOT_LATIN1;
}

/* The bytes of a str as Latin-1, or of bytes, where there are many; else 0. */
static inline uint64_t SINK(size_of)(slot s) {
    struct counted text = counted_of(word_form(s));
    size_t size = word_tag(s) == TAG_STR ? utf8_latin1_size(text.data, text.size) : text.size;
    return size < TEXT_LONG_MIN ? 0 : size;
}

static inline bool SINK(is_fetched)(struct machine *machine, slot s) {
    return (SINK(facts_of)(machine, s) & FACTS_SHARED) != 0;
}

static enum reason SINK(judge_members)(struct machine *machine, slot items, uint64_t depth) {
    const struct container *container = word_container(items);
    bool is_large = false;
    for (uint32_t i = 0; i < container_count(container); i++) {
        facts item = SINK(facts_of)(machine, container->items->words[i]);
        if ((item & FACTS_UNHASHABLE) != 0) {
            return REASON_UNHASHABLE;
        }
        is_large = is_large || facts_expansion(item) > machine->options->max_key_expansion;
    }
    return depth > 1 + machine->options->max_key_depth ? REASON_LIMIT_KEY_DEPTH
           : is_large                                  ? REASON_LIMIT_KEY_EXPANSION
                                                       : REASON_DATA;
}

static inline void SINK(take)(struct machine *machine, slot *s) {
    (void)machine;
    word_container(*s)->facts = NO_VALUE(NO_VALUE_TAKEN, 0);
}

/* A set or frozenset with the items of a list or tuple.  It is closed: nothing is added to it. */
static slot SINK(set_of)(struct machine *machine, facts made, slot items) {
    const struct container *from = word_container(items);
    bool is_closed = facts_kind(made) == SPK_FROZENSET; /* as every one that is made */
    slot value = builder_container(machine->builder, made & ~(facts)FACTS_STORED,
                                   from->items ? from->items->words : NULL, container_count(from));
    if (value == WORD_EMPTY || (!is_closed && !builder_close(machine->builder, value))) {
        return WORD_EMPTY;
    }
    word_container(value)->facts = made;
    return value;
}

/* bytes or bytearray with the bytes, or the characters, of an argument; empty ones without. */
static slot SINK(bytes_of)(struct machine *machine, unsigned kind, const slot *argument) {
    static const uint8_t nothing[1];
    struct counted from = {nothing, 0};
    if (argument) {
        from = counted_of(word_form(*argument));
    }
    return argument && word_tag(*argument) == TAG_STR
               ? builder_latin1(machine->builder, tag_of_kind(kind), from.data, from.size)
               : builder_text(machine->builder, tag_of_kind(kind), from.data, from.size);
}

#endif
