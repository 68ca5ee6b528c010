/* SPDX-License-Identifier: MIT
 *
 * The sink that builds a document: a slot is the word of its value. */
#ifndef SPK_SINK_TREE_H
#define SPK_SINK_TREE_H

#include "decode/machine.h"
#include "decode/runs.h"
#include "value/word.h"

static inline bool read_float_tree(const uint8_t *line, size_t size, uint64_t *bits) {
    return number_float(line, size, bits);
}

static inline slot none_tree(void) {
    return WORD_NONE;
}

static inline slot bool_tree(bool value) {
    return value ? WORD_TRUE : WORD_FALSE;
}

static inline slot int_tree(struct machine *machine, int64_t value) {
    return tree_int(machine->tree, value);
}

/* Of four bytes at most, which always fit into a word. */
static inline slot small_int_tree(int64_t value) {
    return word_of_int(value);
}

static inline slot int_bytes_tree(struct machine *machine, const uint8_t *p, size_t size) {
    return tree_int_bytes(machine->tree, p, size);
}

static inline slot big_tree(struct machine *machine, const uint8_t *line, size_t size) {
    uint8_t bytes[NUMBER_BIG_MAX];
    return tree_int_bytes(machine->tree, bytes, number_big(line, size, bytes));
}

static inline slot float_tree(struct machine *machine, uint64_t bits) {
    return tree_float(machine->tree, bits);
}

/* True if a run begins that ints_tree executes.  Of different sizes it would take longer than
 * opcode by opcode where their order can be foretold. */
static inline bool ints_begin_tree(const uint8_t *p) {
    return *p == OP_BININT1 && run_begins(p, OP_BININT1, SIZE_BININT1);
}

/* Executes a run of small ints, or the beginning of one, in so many bytes, with so many slots left.
 */
static inline struct run ints_tree(slot *top, const uint8_t *p, size_t bytes, size_t room) {
    size_t count = run_of_bytes(p, run_max(bytes, SIZE_BININT1, room));
    for (size_t i = 0; i < count; i++) {
        top[i] = word_of_int(p[i * SIZE_BININT1 + 1]);
    }
    return (struct run){count, count * SIZE_BININT1};
}

/* The same for a run of BINFLOAT. */
static inline struct run floats_tree(slot *top, const uint8_t *p, size_t bytes, size_t room) {
    size_t count = run_of_floats(p, run_max(bytes, SIZE_BINFLOAT, room));
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

/* By its word a string can be found when its place is asked for. */
static inline slot noted_tree(struct machine *machine, slot s, uint64_t place) {
    names_note(&machine->names, s, place);
    return s;
}

static inline slot counted_tree(struct machine *machine, unsigned kind, const uint8_t *form,
                                size_t header, size_t size, size_t readable) {
    slot made = tree_counted(machine->tree, tag_of_kind(kind), form, header + size, readable);
    return noted_tree(machine, made, place_of(machine, form));
}

static inline slot text_tree(struct machine *machine, unsigned kind, const uint8_t *form,
                             const uint8_t *p, size_t size) {
    return noted_tree(machine, tree_text(machine->tree, tag_of_kind(kind), p, size),
                      place_of(machine, form));
}

static inline slot empty_tree(struct machine *machine, unsigned kind) {
    static const uint8_t node_kinds[] = {[SPK_LIST] = NODE_LIST,
                                         [SPK_TUPLE] = NODE_TUPLE,
                                         [SPK_DICT] = NODE_DICT,
                                         [SPK_SET] = NODE_SET};
    return tree_empty(machine->tree, (enum node_kind)node_kinds[kind], facts_empty(kind));
}

static inline bool is_plain_tree(slot s) {
    return word_is_plain(s);
}

/* A slot that is not plain, and no value. */
static inline slot special_tree(void) {
    return word_of_node(NODE_LIST, NULL);
}

static inline bool are_plain_tree(const slot *items, size_t count) {
    (void)items;
    (void)count;
    return false;
}

static inline facts facts_of_tree(struct machine *machine, slot s) {
    (void)machine;
    return word_is_container(s) ? word_container(s)->facts : facts_atom(word_type(s));
}

/* Of atoms, whose facts are kept nowhere, the machine only reads them. */
static inline facts *facts_at_tree(struct machine *machine, slot *s) {
    if (word_is_container(*s)) {
        return &word_container(*s)->facts;
    }
    machine->atom_facts = facts_atom(word_type(*s));
    return &machine->atom_facts;
}

/* The facts of an item that is stored: from now on it may not change, save with allow_cycles, and
 * is finished (tuples and frozensets are so from the start). */
static inline bool take_item_tree(struct machine *machine, slot *s, facts *item) {
    (void)machine;
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
    return kind == NODE_TUPLE || kind == NODE_FROZENSET || tree_close(machine->tree, *s);
}

static inline bool is_nan_tree(slot s) {
    return word_is_nan(s);
}

static inline slot build_tree(struct machine *machine, facts made, const slot *items,
                              size_t count) {
    return tree_container(machine->tree, made, items, count);
}

static inline bool extend_tree(struct machine *machine, slot target, const slot *items,
                               size_t count) {
    return tree_extend(machine->tree, target, items, count);
}

/* True if the memo may have the value; to be asked more closely if not. */
static inline bool is_memo_value_tree(slot s) {
    return word_tag(s) < TAG_FAR_FLOAT;
}

static inline slot memoised_new_tree(slot s, uint64_t index) {
    (void)index;
    return s;
}

static inline slot memoised_tree(slot s, uint64_t index) {
    (void)index;
    return s;
}

/* Marks what may stand at several places, for the visitor. */
static inline slot fetched_tree(slot s, uint64_t index) {
    (void)index;
    if (word_is_container(s)) {
        word_container(s)->facts |= FACTS_SHARED;
    }
    return s;
}

/* Latin-1 and the text lines change on their way, and are collected apart. */
static inline bool is_converted(const struct machine *machine) {
    uint8_t opcode = machine->payload.opcode;
    return (opcode == OP_BINSTRING || opcode == OP_SHORT_BINSTRING) &&
           machine->options->encoding == SPK_ENCODING_LATIN1;
}

static inline bool latin1_add(struct tree *tree, const uint8_t *p, size_t size) {
    for (size_t at = 0; at < size;) {
        size_t take = size - at < 4096 ? size - at : 4096;
        uint8_t *out = tree_text_room(tree, 2 * take);
        if (!out) {
            return false;
        }
        size_t written = 0;
        for (size_t end = at + take; at < end; at++) {
            written += utf8_write(p[at], out + written);
        }
        tree->text_size += written;
    }
    return true;
}

static inline slot latin1_tree(struct machine *machine, const uint8_t *form, const uint8_t *bytes,
                               size_t size) {
    slot made =
        latin1_add(machine->tree, bytes, size) ? tree_text_end(machine->tree, TAG_STR) : WORD_EMPTY;
    return noted_tree(machine, made, place_of(machine, form));
}

static inline bool payload_start_tree(struct machine *machine) {
    const struct payload *payload = &machine->payload;
    bool is_line = opcode_table[payload->opcode].fixed == 0;
    machine->tree->text_size = 0;
    return is_line || is_converted(machine) || tree_payload_start(machine->tree, payload->claimed);
}

static inline bool payload_add_tree(struct machine *machine, const uint8_t *p, size_t size) {
    return is_converted(machine) ? latin1_add(machine->tree, p, size)
                                 : tree_payload_add(machine->tree, p, size);
}

/* At most so much of a line that the room for it stays small; the rest is for the next call. */
static inline struct escape_result text_add_tree(struct machine *machine, const uint8_t *p,
                                                 size_t size) {
    size_t take = size < 4096 ? size : 4096;
    uint8_t *out = tree_text_room(machine->tree, ESCAPE_ROOM(take));
    if (!out) {
        return (struct escape_result){0, 0, false, machine->memory->failure};
    }
    struct escape_result result = escape_read(&machine->payload.escape, p, take, out);
    machine->tree->text_size += result.written;
    return result;
}

static inline slot payload_end_tree(struct machine *machine, unsigned kind) {
    bool is_line = opcode_table[machine->payload.opcode].fixed == 0;
    slot made = is_line || is_converted(machine)
                    ? tree_text_end(machine->tree, tag_of_kind(kind))
                    : tree_payload_end(machine->tree, tag_of_kind(kind));
    return noted_tree(machine, made, machine->names.earlier + machine->payload.offset);
}

#endif
