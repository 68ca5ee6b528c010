/* SPDX-License-Identifier: MIT
 *
 * What single opcodes do, where that is more than a few lines, and payloads in pieces.  Included
 * once for each sink: SINK(name) is name_check or name_build.  The judgement within one opcode has
 * a fixed order: operand, underflow and MARK, type, count, hashability, link, limits.
 *
 * A function that makes a value returns 0 when it is refused, with the reason in m->reason.  The
 * sinks themselves return 0 only for lack of memory. */

/* ---- containers ---- */

/* The first item that is not simple, of which there must be one. */
static ALWAYS_INLINE slot *SINK(next_special)(slot *item) {
    for (;; item += 2) {
        if (!SINK(is_simple)(item[0])) {
            return item;
        }
        if (!SINK(is_simple)(item[1])) {
            return item + 1;
        }
    }
}

/* Adds up the items from "item" on, which is not simple, and takes them.  Every stride-th item is a
 * key; with stride 0 none is. */
static ALWAYS_INLINE bool SINK(sum_up)(struct machine *m, struct sum *sum, const slot *items,
                                       const slot *end, slot *item, size_t stride) {
    while (item != end) {
        facts of;
        if (UNLIKELY(!SINK(take_item)(m, item, &of))) {
            return false;
        }
        sum_add(sum, of);
        if (stride != 0 && ((size_t)(item - items) & (stride - 1)) == 0) { /* it is 1 or 2 */
            sum_add_key(sum, of);
        }
        const slot *alike = item++;
        /* Equal slots: mostly new containers in a check, whose slots are only facts. */
        if (stride == 0 && *item == *alike) {
            do {
                item++;
            } while (*item == *alike);
            sum_add_more(sum, of, (size_t)(item - alike) - 1);
        }
        if (SINK(is_simple)(*item)) {
            item = SINK(next_special)(item + 1);
        }
    }
    return true;
}

/* Judges the storing of items of any kind in a container, and updates the facts of all of them.
 * "item" is the first that is not simple.  Behind the last item stands the special slot. */
static enum reason SINK(link_any)(struct machine *m, facts *target, slot *items, size_t count,
                                  slot *item, bool is_new) {
    struct sum sum = {0, count, 0, 1, 0, 0};
    size_t stride = key_stride(facts_kind(*target));
    bool is_taken = stride == 0 ? SINK(sum_up)(m, &sum, items, items + count, item, 0)
                                : SINK(sum_up)(m, &sum, items, items + count, item, stride);
    if (UNLIKELY(!is_taken)) {
        return m->memory->failure;
    }
    enum reason reason = links_store(m->options, target, &sum, is_new);
    *target |= SINK(notes_of)(m, *target, &sum, items, count);
    if (LIKELY(!m->options->allow_cycles) || reason != REASON_DATA ||
        (*target & FACTS_UNHASHABLE) == 0) {
        return reason;
    }
    for (size_t i = 0; i < count; i++) {
        if (!SINK(add_link)(m, target, SINK(facts_at)(m, &items[i]))) {
            return m->memory->failure;
        }
    }
    return REASON_DATA;
}

/* The same.  Mostly all items are simple, and only their number has to be added.  The slot above
 * the items is free; the special slot is put there, and ends the search for items that are not
 * simple. */
static ALWAYS_INLINE enum reason SINK(link)(struct machine *m, facts *target, slot *items,
                                            size_t count, bool is_new) {
    items[count] = SINK(special)();
    slot *item = SINK(are_simple)(items, count) ? items + count : SINK(next_special)(items);
    bool is_open = is_new || (*target & FACTS_STORED) == 0;
    if (LIKELY(item == items + count && is_open &&
               (*target >> FACTS_EXPANSION_SHIFT) + count <= m->simple_max)) {
        *target += (facts)count << FACTS_EXPANSION_SHIFT;
        return REASON_DATA;
    }
    return SINK(link_any)(m, target, items, count, item, is_new);
}

/* Makes a container of items; 0 if it is refused. */
static inline slot SINK(make)(struct machine *m, slot *items, size_t count, unsigned kind) {
    facts made = facts_empty(kind);
    if (kind == SPK_DICT && count % 2 != 0) {
        m->reason = REASON_ODD_ITEMS;
        return 0;
    }
    if (count > 0) {
        enum reason reason = SINK(link)(m, &made, items, count, true);
        if (UNLIKELY(reason != REASON_DATA)) {
            m->reason = reason;
            return 0;
        }
    }
    m->reason = REASON_DATA;
    return SINK(container)(m, made, items, count);
}

#ifndef SINK_WIDE /* where they do more: construct.h */
static inline slot SINK(empty_tuple)(struct machine *m, const slot *at) {
    (void)at;
    return SINK(empty)(m, SPK_TUPLE);
}

static inline slot SINK(tuple)(struct machine *m, const slot *at, slot *items, size_t count) {
    (void)at;
    return SINK(make)(m, items, count, SPK_TUPLE);
}

static inline slot SINK(collect)(struct machine *m, const slot *at, slot *items, size_t count,
                                 unsigned kind) {
    (void)at;
    return SINK(make)(m, items, count, kind);
}
#endif

/* Stores items in a target, which must be of the type that is wanted: list, dict or set. */
static ALWAYS_INLINE bool SINK(store)(struct machine *m, slot *target, slot *items, size_t count,
                                      unsigned wanted) {
    facts *target_facts = SINK(facts_at)(m, target);
    unsigned kind = facts_kind(*target_facts);
    if (UNLIKELY(kind != wanted)) {
        m->about = kind;
        m->reason = SINK(is_no_value)(*target)           ? REASON_CODE_VALUE
                    : is_odd_target(wanted, kind, count) ? REASON_ODD_TARGET
                                                         : REASON_BAD_TARGET;
        return false;
    }
    if (UNLIKELY(wanted == SPK_DICT && count % 2 != 0)) {
        m->reason = REASON_ODD_ITEMS;
        return false;
    }
    if (count == 0) { /* picklers write empty batches; they change nothing */
        return true;
    }
    m->reason = SINK(link)(m, target_facts, items, count, false);
    if (LIKELY(m->reason == REASON_DATA) && UNLIKELY(!SINK(extend)(m, *target, items, count))) {
        m->reason = m->memory->failure;
    }
    return m->reason == REASON_DATA;
}

/* ---- memo ---- */

static bool SINK(put)(struct machine *m, slot *top, uint64_t index, uint64_t offset) {
    m->about = index;
    if (index > offset) {
        m->reason = REASON_MEMO_INDEX;
    } else if (memo_get(&m->memo, index) != 0) {
        m->reason = REASON_MEMO_REWRITTEN;
    } else if (SINK(is_nan)(top[-1])) {
        m->reason = REASON_MEMO_NAN;
    } else if (memo_count(&m->memo) >= m->options->max_memo) {
        m->reason = REASON_LIMIT_MEMO;
    } else if (!memo_put(&m->memo, m->memory, index, top[-1], m->options->max_memo)) {
        m->reason = m->memory->failure;
    } else {
        top[-1] = SINK(memoised)(top[-1], index);
        return true;
    }
    return false;
}

/* PUT with the next index, as picklers write it.  While the memo has space nothing can forbid it:
 * the index cannot be larger than the offset of its opcode, as each entry before took an opcode. */
static inline bool SINK(put_next)(struct machine *m, slot *top, uint64_t index) {
    slot value = top[-1];
    if (LIKELY(index == m->memo.length && index < m->memo.append_max) &&
        LIKELY(SINK(is_memo_value)(value))) {
        memo_append(&m->memo, value);
        top[-1] = SINK(memoised)(value, index);
        return true;
    }
    return false;
}

static bool SINK(memoize)(struct machine *m, slot *top, uint64_t offset) {
    if (!m->memo.is_in_order) {
        m->reason = REASON_MEMO_ORDER;
        return false;
    }
    return SINK(put)(m, top, m->memo.length, offset);
}

static inline slot SINK(get)(struct machine *m, uint64_t index) {
    slot value = memo_get(&m->memo, index);
    if (UNLIKELY(value == 0)) {
        m->about = index;
        m->reason = REASON_MEMO_MISSING;
        return 0;
    }
    if (UNLIKELY(!SINK(may_be_fetched)(m, value))) {
        m->about = index;
        m->reason = REASON_MEMO_ARGUMENT;
        return 0;
    }
    return SINK(fetched)(m, value, index);
}

/* ---- lines ---- */

/* The value of a whole number line of good form; size is without the line feed. */
static slot SINK(number)(struct machine *m, uint8_t op, const uint8_t *line, size_t size) {
    int64_t value;
    uint64_t bits;
    m->reason = REASON_DATA;
    if (op == OP_FLOAT) {
        if (!SINK(read_float)(line, size, &bits)) {
            m->reason = REASON_FLOAT_RANGE;
            return 0;
        }
        return SINK(float)(m, bits);
    }
    if (op == OP_INT && number_is_bool(line, size)) {
        return SINK(bool)(line[1] == '1');
    }
    return number_int(line, size, &value) ? SINK(int)(m, value) : SINK(big)(m, line, size);
}

/* The value of STRING or UNICODE whose line stands in the window as a whole and has no escapes.
 * *size is that of the opcode.  0 with REASON_DATA for a line that is not known to be like that. */
static slot SINK(text_line)(struct machine *m, const uint8_t *p, const uint8_t *end, size_t *size) {
    const uint8_t *feed = memchr(p, '\n', (size_t)(end - p));
    const uint8_t *text = p + 1;
    const uint8_t *text_end = feed;
    bool is_bytes = p[0] == OP_STRING && m->options->encoding == SPK_ENCODING_BYTES;
    m->reason = REASON_DATA;
    if (!feed) {
        return 0;
    }
    if (p[0] == OP_STRING) {
        if (feed - text < 2 || (text[0] != '\'' && text[0] != '"') || feed[-1] != text[0]) {
            return 0;
        }
        text++;
        text_end--;
    }
    if (!ascii_is_literal(text, (size_t)(text_end - text))) {
        return 0;
    }
    *size = (size_t)(feed - p) + 1;
    slot value = SINK(text)(m, is_bytes ? SPK_BYTES : SPK_STR, p, text, (size_t)(text_end - text));
    if (value == 0) {
        m->reason = m->memory->failure;
    }
    return value;
}

/* ---- counted payloads ---- */

/* A Python 2 str that stands in the window as a whole, read with the encoding of the options. */
static slot SINK(string)(struct machine *m, const uint8_t *form, size_t header, size_t size,
                         size_t readable) {
    const uint8_t *bytes = form + header;
    bool is_bytes = m->options->encoding == SPK_ENCODING_BYTES;
    size_t ascii = is_bytes ? size : ascii_prefix(bytes, size);
    m->reason = REASON_DATA;
    if (ascii == size) {
        slot value = SINK(counted)(m, is_bytes ? SPK_BYTES : SPK_STR, form, header, size, readable);
        return SINK(of_python2)(value);
    }
    if (m->options->encoding == SPK_ENCODING_LATIN1) {
        return SINK(latin1)(m, form, bytes, size);
    }
    m->about = bytes[ascii];
    m->reason = REASON_NOT_ASCII;
    return 0;
}

/* ---- PROTO, STOP ---- */

static bool SINK(proto)(struct machine *m, uint8_t protocol, uint64_t offset) {
    m->about = protocol;
    m->reason = offset != 0 ? REASON_PROTO_PLACE : protocol > 5 ? REASON_BAD_PROTOCOL : REASON_DATA;
    if (m->reason != REASON_DATA) {
        return false;
    }
    m->protocol = protocol;
    return true;
}

/* STOP: the value must stand alone on the stack.  With allow_cycles all links are judged now. */
static enum reason SINK(finish)(struct machine *m, const slot *top) {
    if (m->stack.mark_count > 0) {
        return REASON_MARK_LEFTOVER;
    }
    if (top - 1 != stack_base(&m->stack)) {
        return REASON_STACK_LEFTOVER;
    }
    if (SINK(is_no_value)(top[-1])) {
        return REASON_CODE_VALUE;
    }
    m->root = top[-1];
    facts root = SINK(facts_of)(m, m->root) & ~FACTS_NOTES; /* of which the graph knows nothing */
    m->root_depth = facts_depth(root);
    if (m->options->allow_cycles) {
        enum reason reason = graph_judge(&m->graph, m->options, root, &m->root_depth);
        if (reason != REASON_DATA) {
            return reason;
        }
    }
    return SINK(take_item)(m, &m->root, &root) ? REASON_DATA : m->memory->failure;
}

/* ---- payloads in pieces ---- */

static enum payload_end SINK(payload_finished)(struct machine *m, unsigned kind) {
    struct payload *payload = &m->payload;
    slot value = SINK(payload_end)(m, kind);
    if (value == 0) {
        machine_refuse(m, m->memory->failure, payload->opcode, payload->offset);
        return PAYLOAD_REFUSED;
    }
    *m->stack.top++ = value;
    m->opcodes++;
    return PAYLOAD_DONE;
}

static enum payload_end SINK(line_piece)(struct machine *m, const uint8_t *p, size_t size,
                                         size_t *used) {
    struct payload *payload = &m->payload;
    struct unescape_result result = SINK(text_add)(m, p, size);
    *used = result.used;
    if (result.reason != REASON_DATA) {
        m->about = payload->unescape.bad_byte;
        machine_refuse(m, result.reason, payload->opcode, payload->offset);
        return PAYLOAD_REFUSED;
    }
    bool is_bytes = payload->opcode == OP_STRING && m->options->encoding == SPK_ENCODING_BYTES;
    return result.is_done ? SINK(payload_finished)(m, is_bytes ? SPK_BYTES : SPK_STR)
                          : PAYLOAD_MORE;
}

static enum payload_end SINK(counted_piece)(struct machine *m, const uint8_t *p, size_t size,
                                            size_t *used) {
    struct payload *payload = &m->payload;
    uint64_t left = payload->claimed - payload->seen;
    size_t take = size < left ? size : (size_t)left;
    unsigned kind = machine_payload_kind(m);
    enum reason reason = machine_payload_text(m, p, take);
    if (reason == REASON_DATA && kind == SPK_INT &&
        payload->seen + take > m->options->max_int_bytes) {
        reason = REASON_LIMIT_INT;
    }
    if (reason == REASON_DATA && !payload->is_doomed && !SINK(payload_add)(m, p, take)) {
        reason = m->memory->failure;
    }
    if (reason != REASON_DATA) {
        machine_refuse(m, reason, payload->opcode, payload->offset);
        return PAYLOAD_REFUSED;
    }
    payload->seen += take;
    *used = take;
    return payload->seen == payload->claimed ? SINK(payload_finished)(m, kind) : PAYLOAD_MORE;
}
