/* SPDX-License-Identifier: MIT
 *
 * What the machine asks of a sink.  The sink decides what a slot holds: in a check the facts of a
 * value (sink_check.h), in a decode the value itself (sink_build.h).  Included once for each, with
 * SINK(name) as name_check or name_build, in front of the functions themselves; so a function that
 * is missing, or has another signature, does not compile.
 *
 * The machine calls these after all that it can judge by itself: the operand is there and has a
 * good form, MARK and items are on the stack, the target has the right type.  A sink refuses
 * nothing.  A function that makes a value returns 0, and one that changes a value false, only for
 * lack of memory; machine->memory->failure says why. */

/* ---- atoms ---- */

static inline slot SINK(none)(void);
static inline slot SINK(bool)(bool value);
static inline slot SINK(small_int)(int64_t value); /* of 32 bits: needs no memory */
static inline slot SINK(int)(struct machine *machine, int64_t value);
/* An int from its two's complement; and one from a line whose digits do not fit into 64 bits. */
static inline slot SINK(int_bytes)(struct machine *machine, const uint8_t *p, size_t size);
static inline slot SINK(big)(struct machine *machine, const uint8_t *line, size_t size);
/* The bits of a line's float, or as much of them as the sink needs.  False if it is too large. */
static inline bool SINK(read_float)(const uint8_t *line, size_t size, uint64_t *bits);
static inline slot SINK(float)(struct machine *machine, uint64_t bits);

/* A str, bytes or bytearray: one whose opcode ("form") stands in the window as a whole ("readable"
 * bytes can be read from there), one from a line, and one from Latin-1. */
static inline slot SINK(counted)(struct machine *machine, unsigned kind, const uint8_t *form,
                                 size_t header, size_t size, size_t readable);
static inline slot SINK(text)(struct machine *machine, unsigned kind, const uint8_t *form,
                              const uint8_t *p, size_t size);
static inline slot SINK(latin1)(struct machine *machine, const uint8_t *form, const uint8_t *bytes,
                                size_t size);

/* ---- runs of atoms, for speed alone ---- */

/* ints_begin: true if a run of small ints seems to begin at p.  The next two execute a run of small
 * ints, or of BINFLOATs, or its beginning: within this number of bytes and of free slots. */
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
/* The address of the facts; valid until the memo grows. */
static inline facts *SINK(facts_at)(struct machine *machine, slot *s);

/* ---- containers; links and limits have been judged before ---- */

static inline slot SINK(empty)(struct machine *machine, unsigned kind);
/* An item is about to be stored, and may not change from now on.  *item: its facts before that.  In
 * the wide machine it may be no value: then false, with REASON_CODE_VALUE in memory->failure. */
static inline bool SINK(take_item)(struct machine *machine, slot *s, facts *item);
/* Makes a container with these facts; and adds a batch of items to one that is there. */
static inline slot SINK(container)(struct machine *machine, facts made, const slot *items,
                                   size_t count);
static inline bool SINK(extend)(struct machine *machine, slot target, const slot *items,
                                size_t count);

/* ---- the memo ---- */

/* True if the memo may surely hold the value; if false, is_nan has to be asked. */
static inline bool SINK(is_memo_value)(slot s);
/* What the slot of a value becomes when the value goes into the memo: for a container just made,
 * and for any value.  And what a slot gets when a value is fetched from the memo. */
static inline slot SINK(memoised_new)(slot s, uint64_t index);
static inline slot SINK(memoised)(slot s, uint64_t index);
static inline slot SINK(fetched)(struct machine *machine, slot entry, uint64_t index);

/* ---- payloads in pieces, of machine->payload ---- */

static inline bool SINK(payload_start)(struct machine *machine);
static inline bool SINK(payload_add)(struct machine *machine, const uint8_t *p, size_t size);
/* Decodes a piece of a text line; see unescape_read. */
static inline struct unescape_result SINK(text_add)(struct machine *machine, const uint8_t *p,
                                                    size_t size);
static inline slot SINK(payload_end)(struct machine *machine, unsigned kind);

/* ---- what the wide machine adds (wide.h); in a strict one it is nothing ---- */

/* True for a class and the arguments of a call, which are no values; and for many slots, if there
 * is one among them. */
static inline bool SINK(is_no_value)(slot s);
static bool SINK(has_no_value)(const slot *items, const slot *end);
/* False for an entry of the memo that was an argument. */
static inline bool SINK(may_be_fetched)(struct machine *machine, slot entry);
/* The slot of a str that is one of Python 2. */
static inline slot SINK(of_python2)(slot s);
/* What a container has to remember of items that are stored in it. */
static inline facts SINK(notes_of)(struct machine *machine, facts target, const struct sum *sum,
                                   const slot *items, size_t count);
/* graph_add. */
static inline bool SINK(add_link)(struct machine *machine, facts *target, facts *item);

/* ---- names ---- */

/* The stamp (recent.h) of the opcode that pushed a string; RECENT_UNKNOWN for other values. */
static inline uint64_t SINK(stamp_of)(const struct machine *machine, slot s);
