/* SPDX-License-Identifier: MIT
 *
 * What the machine asks of a sink, which decides what a slot holds: in a check the facts of a value
 * (sink_check.h), in a decode the value itself (sink_build.h).  Included once for each, with
 * SINK(name) as name_check or name_build, in front of the functions themselves; so what is missing,
 * or has another signature, does not compile.
 *
 * Everything here is asked once the machine has judged what it can judge by itself: the operand is
 * there and has the form that it must have, MARK and items are on the stack, the target has the
 * right type.  A sink refuses nothing.  What makes a value returns 0, and what changes one false,
 * for want of memory alone; machine->memory knows why then. */

/* ---- atoms ---- */

static inline slot SINK(none)(void);
static inline slot SINK(bool)(bool value);
static inline slot SINK(small_int)(int64_t value); /* of 32 bits: needs no memory */
static inline slot SINK(int)(struct machine *machine, int64_t value);
/* An int as two's complement, or as the digits of a line that 64 bits do not hold. */
static inline slot SINK(int_bytes)(struct machine *machine, const uint8_t *p, size_t size);
static inline slot SINK(big)(struct machine *machine, const uint8_t *line, size_t size);
/* The bits of a line's float, as far as the sink wants to know them; false: it is too large. */
static inline bool SINK(read_float)(const uint8_t *line, size_t size, uint64_t *bits);
static inline slot SINK(float)(struct machine *machine, uint64_t bits);

/* A str, bytes or bytearray whose opcode ("form") stands in the window as a whole, with as many
 * "readable" bytes behind it; one that a line was decoded to; and one of Latin-1. */
static inline slot SINK(counted)(struct machine *machine, unsigned kind, const uint8_t *form,
                                 size_t header, size_t size, size_t readable);
static inline slot SINK(text)(struct machine *machine, unsigned kind, const uint8_t *form,
                              const uint8_t *p, size_t size);
static inline slot SINK(latin1)(struct machine *machine, const uint8_t *form, const uint8_t *bytes,
                                size_t size);

/* ---- runs of atoms, for speed alone ---- */

/* True if a run of small ints begins that the next function executes, or the beginning of it, in so
 * many bytes, with so many slots left; and the same for BINFLOAT. */
static inline bool SINK(ints_begin)(const uint8_t *p);
static inline struct run SINK(ints)(slot *top, const uint8_t *p, size_t bytes, size_t slots);
static inline struct run SINK(floats)(slot *top, const uint8_t *p, size_t bytes, size_t slots);

/* ---- what is known of a value ---- */

/* A simple value is a hashable one that holds no other: storing it makes no depth and no links.
 * are_simple is true if all of many items are known to be simple at one look.  special is a slot
 * that is not simple, and no value. */
static inline bool SINK(is_simple)(slot s);
static inline bool SINK(are_simple)(const slot *items, size_t count);
static inline slot SINK(special)(void);
static inline bool SINK(is_nan)(slot s);
static inline facts SINK(facts_of)(struct machine *machine, slot s);
/* Where they are kept; valid until the memo grows. */
static inline facts *SINK(facts_at)(struct machine *machine, slot *s);

/* ---- containers: links and limits have been judged when they are filled ---- */

static inline slot SINK(empty)(struct machine *machine, unsigned kind);
/* An item is about to be stored: from now on it may not change.  *item: its facts before. */
static inline bool SINK(take_item)(struct machine *machine, slot *s, facts *item);
/* A new container with these facts, and one more batch of items for one that is there. */
static inline slot SINK(container)(struct machine *machine, facts made, const slot *items,
                                   size_t count);
static inline bool SINK(extend)(struct machine *machine, slot target, const slot *items,
                                size_t count);

/* ---- the memo ---- */

/* True if the memo may have the value; to be asked more closely if not. */
static inline bool SINK(is_memo_value)(slot s);
/* What a slot holds from now on whose value went into the memo: of a container just made, and of
 * any; and what a slot gets that a value is fetched to. */
static inline slot SINK(memoised_new)(slot s, uint64_t index);
static inline slot SINK(memoised)(slot s, uint64_t index);
static inline slot SINK(fetched)(slot entry, uint64_t index);

/* ---- payloads in pieces: machine->payload says which ---- */

static inline bool SINK(payload_start)(struct machine *machine);
static inline bool SINK(payload_add)(struct machine *machine, const uint8_t *p, size_t size);
/* Decodes a piece of a text line; unescape.h says how. */
static inline struct unescape_result SINK(text_add)(struct machine *machine, const uint8_t *p,
                                                    size_t size);
static inline slot SINK(payload_end)(struct machine *machine, unsigned kind);

/* ---- names ---- */

/* The stamp (recent.h) of the opcode that pushed a string; RECENT_UNKNOWN for other values. */
static inline uint64_t SINK(stamp_of)(const struct machine *machine, slot s);
