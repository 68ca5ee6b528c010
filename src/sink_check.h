/* SPDX-License-Identifier: MIT
 *
 * The sink of a check: builds nothing.  A slot is the facts of its value.  A container in the memo may stand in several
 * slots, so its facts move to a box, and slot and memo entry hold the box's number, flagged FACTS_SHARED.  The slot of a
 * string also holds the number of its opcode, by which names.h knows it. */
#ifndef SPK_SINK_CHECK_H
#define SPK_SINK_CHECK_H

#include "machine.h"

static inline slot none_check(void) {
    return facts_atom(SPK_NONE);
}

static inline slot bool_check(bool value) {
    (void)value;
    return facts_atom(SPK_BOOL);
}

static inline slot int_check(struct machine *machine, int64_t value) {
    (void)machine;
    (void)value;
    return facts_atom(SPK_INT);
}

static inline slot big_check(struct machine *machine, const uint8_t *line, size_t size) {
    (void)machine;
    (void)line;
    (void)size;
    return facts_atom(SPK_INT);
}

static inline slot float_check(struct machine *machine, uint64_t bits) {
    (void)machine;
    return facts_atom(is_nan_bits(bits) ? KIND_NAN : SPK_FLOAT);
}

static inline slot counted_check(struct machine *machine, unsigned kind, const uint8_t *form, size_t size) {
    (void)form;
    (void)size;
    return facts_atom(kind) | (slot)(machine->opcodes + 1) << 8;
}

static inline slot latin1_check(struct machine *machine, const uint8_t *bytes, size_t size) {
    return counted_check(machine, SPK_STR, bytes, size);
}

static inline slot empty_check(struct machine *machine, unsigned kind) {
    (void)machine;
    return facts_empty(kind);
}

static inline bool is_boxed(slot s) {
    return (s & (FACTS_CONTAINER | FACTS_SHARED)) == (FACTS_CONTAINER | FACTS_SHARED);
}

/* Where the facts of a value are kept; valid until the next box is made. */
static inline facts *facts_at_check(struct machine *machine, slot *s) {
    facts *boxes = machine->boxes.items;
    return is_boxed(*s) ? boxes + (*s >> 8) : s;
}

static inline facts facts_of_check(struct machine *machine, slot s) {
    return *facts_at_check(machine, &s);
}

static inline bool is_same_check(slot a, slot b) {
    return a == b && is_boxed(a);
}

static inline void mark_stored_check(struct machine *machine, slot s) {
    if (is_boxed(s)) {
        facts *boxes = machine->boxes.items;
        boxes[s >> 8] |= FACTS_STORED;
    }
}

static inline bool is_nan_check(slot s) {
    return facts_kind(s) == KIND_NAN;
}

static inline slot build_check(struct machine *machine, facts made, const slot *items, size_t count) {
    (void)machine;
    (void)items;
    (void)count;
    return made;
}

static inline bool extend_check(struct machine *machine, slot target, const slot *items, size_t count) {
    (void)machine;
    (void)target;
    (void)items;
    (void)count;
    return true;
}

/* Before a value goes into the memo. */
static inline bool share_check(struct machine *machine, slot *s) {
    if (!(*s & FACTS_CONTAINER) || is_boxed(*s)) {
        return true;
    }
    if (!array_reserve(machine->memory, &machine->boxes, machine->box_count + 1, sizeof(facts))) {
        return false;
    }
    facts *boxes = machine->boxes.items;
    boxes[machine->box_count] = *s;
    *s = (*s & KIND_MASK) | FACTS_CONTAINER | FACTS_SHARED | (slot)machine->box_count++ << 8;
    return true;
}

/* When a value comes out of the memo. */
static inline slot fetched_check(slot s) {
    return s;
}

static inline bool payload_start_check(struct machine *machine) {
    (void)machine;
    return true;
}

static inline bool payload_add_check(struct machine *machine, const uint8_t *p, size_t size) {
    (void)machine;
    (void)p;
    (void)size;
    return true;
}

static inline struct escape_result text_add_check(struct machine *machine, const uint8_t *p, size_t size) {
    return escape_read(&machine->payload.escape, p, size, NULL);
}

static inline slot payload_end_check(struct machine *machine, unsigned kind) {
    return counted_check(machine, kind, NULL, 0);
}

#endif
