/* SPDX-License-Identifier: MIT
 *
 * The body of the machine, included once for each sink: SINK(name) is name_check or name_tree.  Cases that are longer than
 * a few lines are functions above the loop.  The judgement within one opcode has a fixed order: operand, underflow and
 * MARK, type, count, hashability, link, limits. */

/* What an opcode does returns the new top of the stack, or NULL if it was refused, with the reason in m->reason. */
static inline slot *SINK(pushed)(struct machine *m, slot *top, slot value) {
    if (UNLIKELY(value == 0)) {
        return refused(m, m->memory->failure);
    }
    *top = value;
    return top + 1;
}

/* ---- containers ---- */

/* Judges the storing of items in a container and updates the facts of all of them. */
static enum reason SINK(link)(struct machine *m, facts *target, slot target_slot, slot *items, size_t count, bool is_new) {
    struct sum sum = {0, 0, 0, 0, 0, 0, false};
    size_t stride = key_stride(facts_kind(*target));
    for (size_t i = 0; i < count; i++) {
        facts item = SINK(facts_of)(m, items[i]);
        sum_add(&sum, item);
        if (stride != 0 && i % stride == 0) {
            sum_add_key(&sum, item);
        }
        if (item & FACTS_CONTAINER) {
            sum.holds_target |= SINK(is_same)(items[i], target_slot);
            SINK(mark_stored)(m, items[i]);
        }
    }
    enum reason reason = links_store(m->options, target, &sum, is_new);
    if (LIKELY(!m->options->allow_cycles) || reason != REASON_DATA || (*target & FACTS_UNHASHABLE) == 0) {
        return reason;
    }
    for (size_t i = 0; i < count; i++) {
        if (!graph_add(&m->graph, m->memory, target, SINK(facts_at)(m, &items[i]))) {
            return m->memory->failure;
        }
    }
    return REASON_DATA;
}

/* Makes a container of the items from "items" to "top" and puts it in their place. */
static slot *SINK(make)(struct machine *m, slot *items, slot *top, unsigned kind) {
    size_t count = (size_t)(top - items);
    facts made = facts_empty(kind);
    if (kind == SPK_DICT && count % 2 != 0) {
        return refused(m, REASON_ODD_ITEMS);
    }
    if (count > 0) {
        enum reason reason = SINK(link)(m, &made, 0, items, count, true);
        if (reason != REASON_DATA) {
            return refused(m, reason);
        }
    }
    return SINK(pushed)(m, items, SINK(build)(m, made, items, count));
}

/* Stores the items from "items" to "top" in the container right below "below", which becomes the top. */
static slot *SINK(store)(struct machine *m, slot *below, slot *items, slot *top, unsigned wanted) {
    slot *target = below - 1;
    facts *target_facts = SINK(facts_at)(m, target);
    size_t count = (size_t)(top - items);
    unsigned kind = facts_kind(SINK(facts_of)(m, *target));
    if (kind != wanted) {
        m->about = kind;
        return refused(m, is_odd_target(wanted, kind, count) ? REASON_ODD_TARGET : REASON_BAD_TARGET);
    }
    if (wanted == SPK_DICT && count % 2 != 0) {
        return refused(m, REASON_ODD_ITEMS);
    }
    if (count == 0) { /* picklers write empty batches; they change nothing */
        return below;
    }
    enum reason reason = SINK(link)(m, target_facts, *target, items, count, false);
    if (reason == REASON_DATA && !SINK(extend)(m, *target, items, count)) {
        reason = m->memory->failure;
    }
    return reason == REASON_DATA ? below : refused(m, reason);
}

/* ---- memo ---- */

static slot *SINK(put)(struct machine *m, slot *top, uint64_t index, uint64_t offset) {
    m->about = index;
    if (index > offset) {
        return refused(m, REASON_MEMO_INDEX);
    }
    if (memo_get(&m->memo, index) != 0) {
        return refused(m, REASON_MEMO_REWRITTEN);
    }
    if (SINK(is_nan)(top[-1])) {
        return refused(m, REASON_MEMO_NAN);
    }
    if (m->memo.count >= m->options->max_memo) {
        return refused(m, REASON_LIMIT_MEMO);
    }
    if (!SINK(share)(m, &top[-1]) || !memo_put(&m->memo, m->memory, index, top[-1])) {
        return refused(m, m->memory->failure);
    }
    return top;
}

static inline slot *SINK(get)(struct machine *m, slot *top, uint64_t index) {
    slot value = memo_get(&m->memo, index);
    if (UNLIKELY(value == 0)) {
        m->about = index;
        return refused(m, REASON_MEMO_MISSING);
    }
    *top = SINK(fetched)(value);
    return top + 1;
}

/* ---- number lines ---- */

/* What a whole line that the grammar has passed does; size without the line feed. */
static slot *SINK(number)(struct machine *m, slot *top, uint8_t op, const uint8_t *line, size_t size,
                                      uint64_t offset) {
    int64_t value;
    uint64_t bits;
    switch (op) {
    case OP_FLOAT:
        return number_float(line, size, &bits) ? SINK(pushed)(m, top, SINK(float)(m, bits))
                                               : refused(m, REASON_FLOAT_RANGE);
    case OP_PUT:
    case OP_GET:
        if (!number_index(line, size, &bits)) {
            bits = UINT64_MAX;
        }
        if (op == OP_GET) {
            return SINK(get)(m, top, bits);
        }
        if ((size_t)(top - m->stack.fence) < 1) {
            return refused(m, REASON_STACK_UNDERFLOW);
        }
        return SINK(put)(m, top, bits, offset);
    default:
        if (op == OP_INT && number_is_bool(line, size)) {
            return SINK(pushed)(m, top, SINK(bool)(line[1] == '1'));
        }
        return SINK(pushed)(m, top, number_int(line, size, &value) ? SINK(int)(m, value) : SINK(big)(m, line, size));
    }
}

/* ---- counted payloads ---- */

/* A Python 2 str, under the encoding chosen. */
static slot *SINK(string)(struct machine *m, slot *top, const uint8_t *form, size_t header, size_t size) {
    const uint8_t *bytes = form + header;
    if (m->options->encoding == SPK_ENCODING_BYTES) {
        return SINK(pushed)(m, top, SINK(counted)(m, SPK_BYTES, form, header + size));
    }
    size_t ascii = utf8_ascii_prefix(bytes, size);
    if (ascii == size) {
        return SINK(pushed)(m, top, SINK(counted)(m, SPK_STR, form, header + size));
    }
    if (m->options->encoding == SPK_ENCODING_LATIN1) {
        return SINK(pushed)(m, top, SINK(latin1)(m, bytes, size));
    }
    m->about = bytes[ascii];
    return refused(m, REASON_NOT_ASCII);
}

/* A counted payload that stands in the window as a whole: header (opcode and length), then size bytes. */
static inline slot *SINK(counted_form)(struct machine *m, slot *top, const uint8_t *form, size_t header,
                                                   size_t size) {
    struct utf8 utf8 = {0, 0, 0};
    switch (form[0]) {
    case OP_SHORT_BINUNICODE:
    case OP_BINUNICODE:
    case OP_BINUNICODE8:
        m->about = utf8_check(&utf8, form + header, size);
        if (UNLIKELY(m->about < size || !utf8_is_complete(&utf8))) {
            return refused(m, REASON_BAD_UTF8);
        }
        return SINK(pushed)(m, top, SINK(counted)(m, SPK_STR, form, header + size));
    case OP_SHORT_BINBYTES:
    case OP_BINBYTES:
    case OP_BINBYTES8:
        return SINK(pushed)(m, top, SINK(counted)(m, SPK_BYTES, form, header + size));
    case OP_BYTEARRAY8:
        return SINK(pushed)(m, top, SINK(counted)(m, SPK_BYTEARRAY, form, header + size));
    case OP_LONG1:
    case OP_LONG4:
        if (size > m->options->max_int_bytes) {
            return refused(m, REASON_LIMIT_INT);
        }
        return SINK(pushed)(m, top, SINK(counted)(m, SPK_INT, form, header + size));
    default:
        return SINK(string)(m, top, form, header, size);
    }
}

/* ---- MARK, POP, PROTO, STOP ---- */

/* One MARK more than the depth allowed may be open: that of the batch that is being collected. */
static slot *SINK(mark)(struct machine *m, slot *top) {
    if (m->stack.mark_count > m->options->max_depth) {
        return refused(m, REASON_LIMIT_DEPTH);
    }
    m->stack.top = top;
    return stack_mark(&m->stack, m->memory) ? top : refused(m, m->memory->failure);
}

static inline slot *SINK(pop)(struct machine *m, slot *top) {
    if (top > m->stack.fence) {
        return top - 1;
    }
    if (m->stack.mark_count == 0) {
        return refused(m, REASON_STACK_UNDERFLOW);
    }
    (void)stack_unmark(&m->stack);
    return top;
}

static slot *SINK(proto)(struct machine *m, slot *top, uint8_t protocol, uint64_t offset) {
    m->about = protocol;
    if (offset != 0) {
        return refused(m, REASON_PROTO_PLACE);
    }
    if (protocol > 5) {
        return refused(m, REASON_BAD_PROTOCOL);
    }
    m->protocol = protocol;
    return top;
}

/* The value is what stands alone on the stack; with allow_cycles its links are judged now. */
static slot *SINK(finish)(struct machine *m, slot *top) {
    if (m->stack.mark_count > 0) {
        return refused(m, REASON_MARK_LEFTOVER);
    }
    if (top - 1 != stack_base(&m->stack)) {
        return refused(m, REASON_STACK_LEFTOVER);
    }
    m->root = top[-1];
    facts root = SINK(facts_of)(m, m->root);
    m->root_depth = facts_depth(root);
    if (m->options->allow_cycles) {
        enum reason reason = graph_judge(&m->graph, m->options);
        if (reason != REASON_DATA) {
            return refused(m, reason);
        }
        if ((root & FACTS_CONTAINER) != 0 && (root & FACTS_UNHASHABLE) != 0) {
            m->root_depth = graph_depth(&m->graph, root);
        }
    }
    return top;
}

/* ---- the loop ---- */

/* Before the switch the table has answered for every opcode: it is data, its fixed operand is there, the stack is high
 * enough above the MARK (or below it, for what takes the MARK), and there is room for one more item. */
static enum stop SINK(run)(struct machine *m, const uint8_t *p, const uint8_t *end, size_t *used) {
    struct stack *stack = &m->stack;
    if (!stack->top && !stack_grow(stack, m->memory)) {
        machine_refuse(m, m->memory->failure, -1, m->window_offset);
        *used = 0;
        return STOP_REFUSED;
    }
    slot *top = stack->top;
    slot *limit = stack_limit(stack);
    slot *items = top; /* of an opcode that takes the MARK: what was above it */
    uint64_t opcodes = m->opcodes;
    enum stop stop = STOP_WINDOW;
    uint64_t size;

    while (p < end) {
        const uint8_t op = *p;
        const struct opcode_info *info = &opcode_table[op];
        size_t next = info->fixed; /* bytes of this opcode, in the end with its payload */

        if (UNLIKELY(!info->is_data)) {
            stop = machine_meet_refused(m, p, top);
            p += stop == STOP_PAYLOAD;
            break;
        }
        if (UNLIKELY((size_t)(end - p) <= next)) {
            stop = STOP_NEED;
            break;
        }
        next++;
        slot *after = NULL; /* the top of the stack afterwards; NULL: refused */
        if (info->takes_mark) {
            if (UNLIKELY(stack->mark_count == 0)) {
                (void)refused(m, REASON_NO_MARK);
                goto refused;
            }
            items = stack_unmark(stack);
            if (UNLIKELY((size_t)(items - stack->fence) < info->needs)) {
                (void)refused(m, REASON_STACK_UNDERFLOW);
                goto refused;
            }
        } else if (UNLIKELY((size_t)(top - stack->fence) < info->needs) && info->operand != OPERAND_LINE_INDEX) {
            (void)refused(m, REASON_STACK_UNDERFLOW);
            goto refused;
        }
        if (UNLIKELY(top == limit)) {
            size_t from = info->takes_mark ? (size_t)(items - stack_base(stack)) : 0;
            stack->top = top;
            if (!stack_grow(stack, m->memory)) {
                (void)refused(m, m->memory->failure);
                goto refused;
            }
            top = stack->top;
            limit = stack_limit(stack);
            items = stack_base(stack) + from;
        }

        switch (op) {
        case OP_MARK:
            after = SINK(mark)(m, top);
            break;
        case OP_POP:
            after = SINK(pop)(m, top);
            break;
        case OP_POP_MARK:
            after = items;
            break;
        case OP_STOP:
            if (!SINK(finish)(m, top)) {
                goto refused;
            }
            stop = STOP_END;
            goto stopped;

        case OP_PROTO:
            after = SINK(proto)(m, top, p[1], offset_of(m, p));
            break;
        case OP_FRAME:
            m->frame_size = load_u64(p + 1);
            stop = STOP_FRAME;
            goto stopped;

        case OP_NONE:
            *top = SINK(none)();
            after = top + 1;
            break;
        case OP_NEWTRUE:
        case OP_NEWFALSE:
            *top = SINK(bool)(op == OP_NEWTRUE);
            after = top + 1;
            break;
        case OP_BININT1: /* an int of four bytes always fits into a word */
            *top = SINK(int)(m, p[1]);
            after = top + 1;
            break;
        case OP_BININT2:
            *top = SINK(int)(m, load_u16(p + 1));
            after = top + 1;
            break;
        case OP_BININT:
            *top = SINK(int)(m, load_s32(p + 1));
            after = top + 1;
            break;
        case OP_BINFLOAT:
            after = SINK(pushed)(m, top, SINK(float)(m, load_big_u64(p + 1)));
            break;
        case OP_INT:
        case OP_LONG:
        case OP_FLOAT:
        case OP_PUT:
        case OP_GET: {
            size_t line = 0;
            m->scan = number_start((enum operand)info->operand);
            enum number_end number_end = number_scan(&m->scan, p + 1, (size_t)(end - p) - 1, &line);
            if (number_end == NUMBER_MORE) {
                stop = STOP_NEED;
                goto out;
            }
            if (number_end == NUMBER_BAD) {
                machine_refuse_number(m, p, line + 1, offset_of(m, p));
                stop = STOP_REFUSED;
                goto out;
            }
            after = SINK(number)(m, top, op, p + 1, line - 1, offset_of(m, p));
            next += line;
            break;
        }

        case OP_STRING:
        case OP_UNICODE:
            size = 0;
            goto payload;
        case OP_LONG1:
        case OP_SHORT_BINUNICODE:
        case OP_SHORT_BINBYTES:
        case OP_SHORT_BINSTRING:
            size = p[1];
            goto counted;
        case OP_LONG4:
        case OP_BINSTRING:
        case OP_BINUNICODE:
        case OP_BINBYTES:
            size = load_u32(p + 1);
            if (UNLIKELY(size > INT32_MAX) && info->operand == OPERAND_COUNT_S4) {
                (void)refused(m, REASON_BAD_LENGTH);
                goto refused;
            }
            goto counted;
        case OP_BINUNICODE8:
        case OP_BINBYTES8:
        case OP_BYTEARRAY8:
            size = load_u64(p + 1);
        counted:
            if (UNLIKELY(size > (size_t)(end - p) - next)) {
                goto payload;
            }
            after = SINK(counted_form)(m, top, p, next, (size_t)size);
            if (after && size < 256 && is_named(op)) {
                names_note(&m->names, p, top[0]);
            }
            next += (size_t)size;
            break;
        payload:
            machine_meet_payload(m, p, size);
            stop = STOP_PAYLOAD;
            p += next;
            goto out;

        case OP_EMPTY_TUPLE:
            after = SINK(pushed)(m, top, SINK(empty)(m, SPK_TUPLE));
            break;
        case OP_EMPTY_LIST:
            after = SINK(pushed)(m, top, SINK(empty)(m, SPK_LIST));
            break;
        case OP_EMPTY_DICT:
            after = SINK(pushed)(m, top, SINK(empty)(m, SPK_DICT));
            break;
        case OP_EMPTY_SET:
            after = SINK(pushed)(m, top, SINK(empty)(m, SPK_SET));
            break;
        case OP_TUPLE1:
        case OP_TUPLE2:
        case OP_TUPLE3:
            after = SINK(make)(m, top - (op - OP_TUPLE1 + 1), top, SPK_TUPLE);
            break;
        case OP_TUPLE:
            after = SINK(make)(m, items, top, SPK_TUPLE);
            break;
        case OP_LIST:
            after = SINK(make)(m, items, top, SPK_LIST);
            break;
        case OP_DICT:
            after = SINK(make)(m, items, top, SPK_DICT);
            break;
        case OP_FROZENSET:
            after = SINK(make)(m, items, top, SPK_FROZENSET);
            break;
        case OP_APPEND:
            after = SINK(store)(m, top - 1, top - 1, top, SPK_LIST);
            break;
        case OP_APPENDS:
            after = SINK(store)(m, items, items, top, SPK_LIST);
            break;
        case OP_SETITEM:
            after = SINK(store)(m, top - 2, top - 2, top, SPK_DICT);
            break;
        case OP_SETITEMS:
            after = SINK(store)(m, items, items, top, SPK_DICT);
            break;
        case OP_ADDITEMS:
            after = SINK(store)(m, items, items, top, SPK_SET);
            break;

        case OP_MEMOIZE:
            after = m->memo.is_in_order ? SINK(put)(m, top, m->memo.count, offset_of(m, p))
                                        : refused(m, REASON_MEMO_ORDER);
            break;
        case OP_BINPUT:
            after = SINK(put)(m, top, p[1], offset_of(m, p));
            break;
        case OP_LONG_BINPUT:
            after = SINK(put)(m, top, load_u32(p + 1), offset_of(m, p));
            break;
        case OP_BINGET:
            after = SINK(get)(m, top, p[1]);
            break;
        case OP_LONG_BINGET:
            after = SINK(get)(m, top, load_u32(p + 1));
            break;
        default: /* every byte without a case here is no data by the table, and was refused above */
            after = refused(m, REASON_BAD_OPCODE);
            break;
        }
        if (UNLIKELY(!after)) {
            goto refused;
        }
        top = after;
        p += next;
        m->opcodes = ++opcodes;
        continue;

    stopped:
        p += next;
        m->opcodes = ++opcodes;
        break;

    refused:
        machine_refuse(m, m->reason, op, offset_of(m, p));
        stop = STOP_REFUSED;
        break;
    }
out:
    stack->top = top;
    *used = (size_t)(p - m->window);
    return stop;
}

/* ---- payloads in pieces ---- */

static enum payload_end SINK(payload_finished)(struct machine *m, unsigned kind) {
    struct payload *payload = &m->payload;
    slot value = SINK(payload_end)(m, kind);
    if (value == 0) {
        machine_refuse(m, m->memory->failure, payload->opcode, payload->offset);
        return PAYLOAD_REFUSED;
    }
    names_close(&m->names, value);
    *m->stack.top++ = value;
    m->opcodes++;
    return PAYLOAD_DONE;
}

static enum payload_end SINK(line_piece)(struct machine *m, const uint8_t *p, size_t size, size_t *used) {
    struct payload *payload = &m->payload;
    struct escape_result result = SINK(text_add)(m, p, size);
    names_add(&m->names, p, result.used);
    *used = result.used;
    if (result.reason != REASON_DATA) {
        m->about = payload->escape.bad_byte;
        machine_refuse(m, result.reason, payload->opcode, payload->offset);
        return PAYLOAD_REFUSED;
    }
    bool is_bytes = payload->opcode == OP_STRING && m->options->encoding == SPK_ENCODING_BYTES;
    return result.is_done ? SINK(payload_finished)(m, is_bytes ? SPK_BYTES : SPK_STR) : PAYLOAD_MORE;
}

static enum payload_end SINK(counted_piece)(struct machine *m, const uint8_t *p, size_t size, size_t *used) {
    struct payload *payload = &m->payload;
    uint64_t left = payload->claimed - payload->seen;
    size_t take = size < left ? size : (size_t)left;
    unsigned kind = machine_payload_kind(m);
    enum reason reason = machine_payload_text(m, p, take);
    if (reason == REASON_DATA && !SINK(payload_add)(m, p, take)) {
        reason = m->memory->failure;
    }
    if (reason != REASON_DATA) {
        machine_refuse(m, reason, payload->opcode, payload->offset);
        return PAYLOAD_REFUSED;
    }
    names_add(&m->names, p, take);
    payload->seen += take;
    *used = take;
    return payload->seen == payload->claimed ? SINK(payload_finished)(m, kind) : PAYLOAD_MORE;
}
