/* SPDX-License-Identifier: MIT
 *
 * The sink of a check: builds nothing.  A slot is the facts of its value, with these differences:
 *
 *                                     63                       8 7                4 3      0
 *                                    +--------------------------+------------------+--------+
 *   a str or bytes                   | stamp of its opcode      | 0                | kind   |
 *   a float                          | 1 for a NaN, else 0      | 0                | kind   |
 *   a container that is in the memo  | index of its memo entry  | SHARED+CONTAINER | 0      |
 *                                    +--------------------------+------------------+--------+
 *
 * A container in the memo may stand in several slots.  Its facts can still change, so only the memo
 * has them, and the slots refer to the entry.  The stamp of a string is for recent.h. */
#ifndef SPK_SINK_CHECK_H
#define SPK_SINK_CHECK_H

#include "decode/ints.h"
#include "decode/machine.h"
#include "decode/runs.h"

/* A check needs to know only whether the float is too large, and whether it is a NaN. */
static inline bool SINK(read_float)(const uint8_t *line, size_t size, uint64_t *bits) {
    *bits = line[0] == 'n' ? NUMBER_NAN : 0;
    return !number_float_overflows(line, size);
}

static inline slot SINK(none)(void) {
    return facts_atom(SPK_NONE);
}

static inline slot SINK(bool)(bool value) {
    (void)value;
    return facts_atom(SPK_BOOL);
}

static inline slot SINK(int)(struct machine *machine, int64_t value) {
    (void)machine;
    (void)value;
    return facts_atom(SPK_INT);
}

static inline slot SINK(small_int)(int64_t value) {
    (void)value;
    return facts_atom(SPK_INT);
}

static inline slot SINK(int_bytes)(struct machine *machine, const uint8_t *p, size_t size) {
    (void)machine;
    (void)p;
    (void)size;
    return facts_atom(SPK_INT);
}

static inline slot SINK(big)(struct machine *machine, const uint8_t *line, size_t size) {
    (void)machine;
    (void)line;
    (void)size;
    return facts_atom(SPK_INT);
}

static inline slot SINK(float)(struct machine *machine, uint64_t bits) {
    (void)machine;
    return UNLIKELY(is_nan_bits(bits)) ? SPK_FLOAT | FACTS_NAN : SPK_FLOAT;
}

static inline bool SINK(ints_begin)(const uint8_t *p) {
    return ints_begin(p);
}

static inline struct run SINK(ints)(slot *top, const uint8_t *p, size_t bytes, size_t slots) {
    size_t count = run_begins(p, OP_BININT1, SIZE_BININT1)
                       ? run_of_bytes(p, run_max(bytes, SIZE_BININT1, slots))
                       : 0;
    struct run run = {count, count * SIZE_BININT1};
    if (count == 0) {
        run = ints_count(p, bytes, slots - (slots < RUN_GROUP ? slots : RUN_GROUP));
    }
    run_fill(top, run.count, facts_atom(SPK_INT));
    return run;
}

static inline struct run SINK(floats)(slot *top, const uint8_t *p, size_t bytes, size_t slots) {
    size_t count = run_of_floats(p, run_max(bytes, SIZE_BINFLOAT, slots));
    run_fill(top, count, SPK_FLOAT);
    return (struct run){count, count * SIZE_BINFLOAT};
}

/* A str, bytes or bytearray that the opcode with this stamp pushed.  A bytearray keeps its facts
 * whole: it is unhashable, and links.h adds up depth and expansion of what is. */
static inline slot stamped_check(unsigned kind, uint64_t stamp) {
    return kind == SPK_BYTEARRAY ? facts_atom(kind) : kind | (slot)stamp << 8;
}

#ifndef SINK_WIDE
static inline uint64_t SINK(stamp_of)(const struct machine *machine, slot s) {
    (void)machine;
    return (s & 0xff) == SPK_STR || (s & 0xff) == SPK_BYTES ? s >> 8 : RECENT_UNKNOWN;
}
#endif

#ifndef SINK_WIDE
static inline slot SINK(counted)(struct machine *machine, unsigned kind, const uint8_t *form,
                                 size_t header, size_t size, size_t readable) {
    (void)header;
    (void)size;
    (void)readable;
    return stamped_check(kind, stamp_of(machine, form));
}

static inline slot SINK(text)(struct machine *machine, unsigned kind, const uint8_t *form,
                              const uint8_t *p, size_t size) {
    (void)p;
    (void)size;
    return stamped_check(kind, stamp_of(machine, form));
}

static inline slot SINK(latin1)(struct machine *machine, const uint8_t *form, const uint8_t *bytes,
                                size_t size) {
    (void)bytes;
    (void)size;
    return stamped_check(SPK_STR, stamp_of(machine, form));
}
#endif

static inline slot SINK(empty)(struct machine *machine, unsigned kind) {
    (void)machine;
    return facts_empty(kind);
}

#define FACTS_NOT_SIMPLE (FACTS_CONTAINER | FACTS_UNHASHABLE)

static inline bool SINK(is_simple)(slot s) {
    return (s & FACTS_NOT_SIMPLE) == 0;
}

static inline slot SINK(special)(void) {
    return FACTS_CONTAINER;
}

static inline bool SINK(are_simple)(const slot *items, size_t count) {
#ifdef SPK_SSE2
    return UNLIKELY(count >= RUN_WORTH) && SINK(is_simple)(run_of_flags(items, count));
#else
    (void)items;
    (void)count;
    return false;
#endif
}

/* True for a slot that only refers to a memo entry, which has the facts of the container. */
static inline bool is_reference(slot s) {
    return (s & FACTS_SHARED) != 0;
}

static inline slot reference_to(uint64_t index) {
    return (slot)index << 8 | FACTS_CONTAINER | FACTS_SHARED;
}

static inline facts *SINK(facts_at)(struct machine *machine, slot *s) {
    facts *entries = machine->memo.entries.items;
    return is_reference(*s) ? entries + (*s >> 8) : s;
}

static inline facts SINK(facts_of)(struct machine *machine, slot s) {
    return *SINK(facts_at)(machine, &s);
}

/* Only a container that is in the memo can be reached again, so only those are marked as stored. */
static inline bool SINK(take_item)(struct machine *machine, slot *s, facts *item) {
    if (SINK(is_no_value)(*s)) {
        machine->memory->failure = REASON_CODE_VALUE;
        return false;
    }
    *item = *s;
    if (is_reference(*s)) {
        facts *at = SINK(facts_at)(machine, s);
        *item = *at;
        *at |= FACTS_STORED;
    }
    return true;
}

static inline bool SINK(is_nan)(slot s) {
    return (s & (KIND_MASK | FACTS_CONTAINER | FACTS_NAN)) == (SPK_FLOAT | FACTS_NAN);
}

static inline slot SINK(container)(struct machine *machine, facts made, const slot *items,
                                   size_t count) {
    (void)machine;
    (void)items;
    (void)count;
    return made;
}

static inline bool SINK(extend)(struct machine *machine, slot target, const slot *items,
                                size_t count) {
    (void)machine;
    (void)target;
    (void)items;
    (void)count;
    return true;
}

static inline bool SINK(is_memo_value)(slot s) {
    return !SINK(is_nan)(s);
}

#ifndef SINK_WIDE
static inline slot SINK(memoised_new)(slot s, uint64_t index) {
    (void)s;
    return reference_to(index);
}
#endif

static inline slot SINK(memoised)(slot s, uint64_t index) {
    slot reference = reference_to(index);
    return (s & (FACTS_CONTAINER | FACTS_SHARED)) == FACTS_CONTAINER ? reference : s;
}

#ifndef SINK_WIDE
static inline slot SINK(fetched)(struct machine *machine, slot entry, uint64_t index) {
    (void)machine;
    return SINK(memoised)(entry, index);
}

static inline bool SINK(payload_start)(struct machine *machine) {
    (void)machine;
    return true;
}

static inline bool SINK(payload_add)(struct machine *machine, const uint8_t *p, size_t size) {
    (void)machine;
    (void)p;
    (void)size;
    return true;
}

static inline struct unescape_result SINK(text_add)(struct machine *machine, const uint8_t *p,
                                                    size_t size) {
    return unescape_read(&machine->payload.unescape, p, size, NULL);
}

static inline slot SINK(payload_end)(struct machine *machine, unsigned kind) {
    return kind == SPK_INT ? facts_atom(kind)
                           : stamped_check(kind, machine->recent.earlier + machine->payload.offset);
}
#endif

#endif
