/* SPDX-License-Identifier: MIT
 *
 * The sink of a wide check, as far as it is not that of a strict one: slots tell more (wide.h). */
#ifndef SPK_SINK_CHECK_WIDE_H
#define SPK_SINK_CHECK_WIDE_H

#include "decode/sink_check.h"

/* ---- text ---- */

static inline slot text_slot(unsigned kind, uint64_t flags, uint64_t size, uint64_t stamp) {
    uint64_t upper = size < TEXT_LONG_MIN ? stamp << TEXT_SHIFT : TEXT_LONG | size << TEXT_SHIFT;
    return kind == SPK_BYTEARRAY ? facts_atom(kind) : kind | flags | upper;
}

/* A str of UTF-8 below protocol 3, where some forms take text for bytes. */
static NOINLINE slot latin1_slot(uint64_t flags, const uint8_t *p, size_t size, uint64_t stamp) {
    size_t latin1_size = utf8_latin1_size(p, size);
    bool is_latin1 = latin1_size != UTF8_NOT_LATIN1;
    return text_slot(SPK_STR, flags | (is_latin1 ? TEXT_LATIN1 : 0), is_latin1 ? latin1_size : size,
                     stamp);
}

/* A str of "size" bytes of UTF-8, of "readable" ones. */
static inline slot str_slot(const struct machine *machine, uint64_t flags, const uint8_t *p,
                            size_t size, size_t readable, uint64_t stamp) {
    if (UNLIKELY(names_may_be_term(&machine->wide.filter, p, size))) {
        flags |= (uint64_t)names_term(p, size) << TEXT_TERM_SHIFT;
    }
    if (LIKELY(machine->protocol >= 3)) {
        return text_slot(SPK_STR, flags, size, stamp);
    }
    bool is_ascii = size <= ASCII_SHORT && readable >= ASCII_SHORT && ascii_is_short(p, size);
    return is_ascii ? text_slot(SPK_STR, flags | TEXT_LATIN1, size, stamp)
                    : latin1_slot(flags, p, size, stamp);
}

static inline slot SINK(of_python2)(slot s) {
    return s | TEXT_PYTHON2;
}

static inline slot SINK(counted)(struct machine *machine, unsigned kind, const uint8_t *form,
                                 size_t header, size_t size, size_t readable) {
    uint64_t stamp = stamp_of(machine, form);
    return kind == SPK_STR ? str_slot(machine, 0, form + header, size, readable - header, stamp)
                           : text_slot(kind, 0, size, stamp);
}

static inline slot SINK(text)(struct machine *machine, unsigned kind, const uint8_t *form,
                              const uint8_t *p, size_t size) {
    uint64_t stamp = stamp_of(machine, form);
    uint64_t flags = form[0] == OP_STRING ? TEXT_PYTHON2 : 0;
    return kind == SPK_STR ? str_slot(machine, flags, p, size, size, stamp)
                           : text_slot(kind, flags, size, stamp);
}

/* It has bytes over 127, and so is no term. */
static inline slot SINK(latin1)(struct machine *machine, const uint8_t *form, const uint8_t *bytes,
                                size_t size) {
    (void)bytes;
    return text_slot(SPK_STR, TEXT_PYTHON2, size, stamp_of(machine, form));
}

/* ---- payloads in pieces ---- */

static inline bool SINK(payload_start)(struct machine *machine) {
    machine->wide.text.size = machine->wide.text.latin1_size = 0;
    machine->wide.text.is_latin1 = true;
    return true;
}

static inline void see_text(struct text_seen *text, const uint8_t *p, size_t size) {
    for (size_t i = 0; i < size && text->size + i < TERM_SIZE_MAX; i++) {
        text->head[text->size + i] = p[i];
    }
    size_t latin1_size = text->is_latin1 ? utf8_latin1_size(p, size) : UTF8_NOT_LATIN1;
    text->size += size;
    text->is_latin1 = latin1_size != UTF8_NOT_LATIN1;
    text->latin1_size += text->is_latin1 ? latin1_size : 0;
}

static inline bool SINK(payload_add)(struct machine *machine, const uint8_t *p, size_t size) {
    see_text(&machine->wide.text, p, size);
    return true;
}

#define LINE_PIECE 256

static inline struct unescape_result SINK(text_add)(struct machine *machine, const uint8_t *p,
                                                    size_t size) {
    uint8_t out[UNESCAPED_MAX(LINE_PIECE)];
    size_t take = size < LINE_PIECE ? size : LINE_PIECE;
    struct unescape_result result = unescape_read(&machine->payload.unescape, p, take, out);
    see_text(&machine->wide.text, out, result.written);
    return result;
}

static inline slot SINK(payload_end)(struct machine *machine, unsigned kind) {
    const struct text_seen *text = &machine->wide.text;
    uint8_t opcode = machine->payload.opcode;
    uint64_t stamp = machine->recent.earlier + machine->payload.offset;
    bool is_python2 = opcode == OP_STRING || opcode == OP_BINSTRING || opcode == OP_SHORT_BINSTRING;
    uint64_t flags = is_python2 ? TEXT_PYTHON2 : 0;
    if (kind == SPK_INT) {
        return facts_atom(kind);
    }
    if (kind != SPK_STR) {
        return text_slot(kind, flags, text->size, stamp);
    }
    size_t size = text->size <= TERM_SIZE_MAX ? (size_t)text->size : 0;
    flags |= (uint64_t)names_term(text->head, size) << TEXT_TERM_SHIFT;
    return machine->protocol < 3 && text->is_latin1
               ? text_slot(kind, flags | TEXT_LATIN1, text->latin1_size, stamp)
               : text_slot(kind, flags, text->size, stamp);
}

/* The upper bits of a stamp are those of what is being read, or one less. */
static inline uint64_t SINK(stamp_of)(const struct machine *machine, slot s) {
    const uint64_t mask = UINT64_MAX >> TEXT_SHIFT;
    uint64_t now = machine->recent.earlier + machine->recent.feed_end;
    uint64_t stamp = s >> TEXT_SHIFT;
    if ((s & (TEXT_LONG | 0xff)) != SPK_STR) {
        return RECENT_UNKNOWN;
    }
    uint64_t ago = (now & mask) >= stamp ? (now & mask) - stamp : (now & mask) + (mask - stamp) + 1;
    return ago <= now ? now - ago : RECENT_UNKNOWN;
}

/* ---- containers ---- */

static inline bool SINK(is_no_value)(slot s) {
    return (s & KIND_MASK) == KIND_NO_VALUE;
}

/* True if one of the items is larger than a key may be. */
static bool is_one_larger(struct machine *machine, const slot *items, size_t count, uint64_t max) {
    for (size_t i = 0; i < count; i++) {
        if (facts_expansion(SINK(facts_of)(machine, items[i])) > max) {
            return true;
        }
    }
    return false;
}

static inline facts SINK(notes_of)(struct machine *machine, facts target, const struct sum *sum,
                                   const slot *items, size_t count) {
    uint64_t max = machine->options->max_key_expansion;
    if (facts_kind(target) != SPK_LIST && facts_kind(target) != SPK_TUPLE) {
        return 0;
    }
    if ((sum->flags & FACTS_UNHASHABLE) != 0) {
        return NOTE_UNHASHABLE;
    }
    return sum->expansion > max && is_one_larger(machine, items, count, max) ? NOTE_LARGE : 0;
}

/* The graph knows nothing of notes. */
static inline bool SINK(add_link)(struct machine *machine, facts *target, facts *item) {
    bool is_noted = (*item & FACTS_CONTAINER) != 0 && item != target;
    facts target_notes = *target & FACTS_NOTES;
    facts item_notes = is_noted ? *item & FACTS_NOTES : 0;
    *target &= ~target_notes;
    *item &= ~item_notes;
    bool is_added = graph_add(&machine->graph, machine->memory, target, item);
    *target |= target_notes;
    *item |= item_notes;
    return is_added;
}

/* ---- the memo ---- */

static inline slot SINK(memoised_new)(slot s, uint64_t index) {
    return SINK(memoised)(s, index);
}

static inline bool SINK(may_be_fetched)(struct machine *machine, slot entry) {
    facts of = LIKELY(SINK(is_simple)(entry)) ? 0 : SINK(facts_of)(machine, entry);
    return facts_kind(of) != KIND_NO_VALUE || is_class(of);
}

/* An entry may itself refer to that which a container was memoised to first. */
static inline slot SINK(fetched)(struct machine *machine, slot entry, uint64_t index) {
    if (LIKELY(SINK(is_simple)(entry))) {
        return entry;
    }
    slot value = SINK(memoised)(entry, index);
    if (is_reference(value)) {
        *SINK(facts_at)(machine, &value) |= NOTE_FETCHED;
    }
    return value;
}

/* ---- classes and arguments ---- */

static inline slot SINK(no_value)(enum no_value which, enum constructor constructor) {
    return NO_VALUE(which, constructor);
}

static inline enum term SINK(term_of)(slot s) {
    return (enum term)(s >> TEXT_TERM_SHIFT & TEXT_TERM);
}

static inline bool SINK(is_python2)(slot s) {
    return (s & TEXT_PYTHON2) != 0;
}

static inline bool SINK(is_latin1)(slot s) {
    return (s & TEXT_LATIN1) != 0;
}

static inline bool SINK(is_fetched)(struct machine *machine, slot s) {
    return (SINK(facts_of)(machine, s) & NOTE_FETCHED) != 0;
}

static inline enum reason SINK(judge_members)(struct machine *machine, slot items, uint64_t depth) {
    facts of = SINK(facts_of)(machine, items);
    return (of & NOTE_UNHASHABLE) != 0                   ? REASON_UNHASHABLE
           : depth > 1 + machine->options->max_key_depth ? REASON_LIMIT_KEY_DEPTH
           : (of & NOTE_LARGE) != 0                      ? REASON_LIMIT_KEY_EXPANSION
                                                         : REASON_DATA;
}

static inline void SINK(take)(struct machine *machine, slot *s) {
    *SINK(facts_at)(machine, s) = NO_VALUE(NO_VALUE_TAKEN, 0);
}

static inline slot SINK(set_of)(struct machine *machine, facts made, slot items) {
    (void)machine;
    (void)items;
    return made;
}

static inline uint64_t SINK(size_of)(slot s) {
    return (s & TEXT_LONG) != 0 ? s >> TEXT_SHIFT : 0;
}

static inline slot SINK(bytes_of)(struct machine *machine, unsigned kind, const slot *argument) {
    (void)machine;
    return text_slot(kind, 0, argument ? SINK(size_of)(*argument) : 0, 0);
}

#endif
