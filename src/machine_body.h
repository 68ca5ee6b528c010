/* SPDX-License-Identifier: MIT
 *
 * The loop and the one switch over opcodes, included once for each sink: SINK(name) is name_check or name_tree.  Cases
 * that are longer than a few lines are functions of machine_steps.h. */

/* At the head of the loop there is room on the stack for one more item, and the opcode at p stands in the window as far
 * as its operand has a fixed size.  A case sets "next" to the bytes of its opcode and goes to "pushed" or "executed", or to
 * one of the ends below the switch. */
static enum stop SINK(run)(struct machine *m, const uint8_t *p, const uint8_t *end, size_t *used) {
    struct stack *const stack = &m->stack;
    const uint8_t *const safe = end - p >= OPCODE_FIXED_MOST ? end - (OPCODE_FIXED_MOST - 1) : p;
    slot *top = stack->top;
    const slot *limit = stack_limit(stack);
    uint64_t opcodes = m->opcodes;
    enum stop stop = STOP_WINDOW;
    slot *items;
    slot value;
    uint64_t size;
    size_t next;
    unsigned kind;

    if (UNLIKELY(top == limit)) { /* the first opcode of all, or the last one filled the stack */
        if (!stack_grow(stack, m->memory)) {
            machine_refuse(m, m->memory->failure, -1, m->window_offset);
            *used = 0;
            return STOP_REFUSED;
        }
        top = stack->top;
        limit = stack_limit(stack);
    }

    for (;;) {
        if (UNLIKELY(p >= safe) && !is_opcode_whole(p, end)) {
            stop = p == end ? STOP_WINDOW : STOP_NEED;
            break;
        }
        const uint8_t op = *p;
        switch (op) {
        case OP_MARK: /* one more than the depth allowed may be open: that of the batch that is being collected */
            if (UNLIKELY(stack->mark_count > m->options->max_depth)) {
                m->reason = REASON_LIMIT_DEPTH;
                goto refused;
            }
            (void)stack_mark(stack, top);
            next = SIZE_MARK;
            goto pushed;
        case OP_POP:
            if (UNLIKELY(top == stack->fence)) {
                if (stack->mark_count == 0) {
                    goto underflow;
                }
                (void)stack_unmark(stack);
            }
            top--;
            next = SIZE_POP;
            goto executed;
        case OP_POP_MARK:
            if (!(items = take_mark(m, NEEDS_POP_MARK))) {
                goto refused;
            }
            top = items - 1;
            next = SIZE_POP_MARK;
            goto executed;
        case OP_STOP:
            if (top - stack->fence < NEEDS_STOP) {
                goto underflow;
            }
            m->reason = SINK(finish)(m, top);
            if (m->reason != REASON_DATA) {
                goto refused;
            }
            stop = STOP_END;
            next = SIZE_STOP;
            goto stopped;

        case OP_PROTO:
            if (!SINK(proto)(m, p[1], offset_of(m, p))) {
                goto refused;
            }
            next = SIZE_PROTO;
            goto executed;
        case OP_FRAME:
            m->frame_size = load_u64(p + 1);
            stop = STOP_FRAME;
            next = SIZE_FRAME;
            goto stopped;

        case OP_NONE:
            *top = SINK(none)();
            next = SIZE_NONE;
            goto pushed;
        case OP_NEWTRUE:
            *top = SINK(bool)(true);
            next = SIZE_NEWTRUE;
            goto pushed;
        case OP_NEWFALSE:
            *top = SINK(bool)(false);
            next = SIZE_NEWFALSE;
            goto pushed;
        case OP_BININT1:
            *top = SINK(small_int)(p[1]);
            next = SIZE_BININT1;
            goto pushed;
        case OP_BININT2:
            *top = SINK(small_int)(load_u16(p + 1));
            next = SIZE_BININT2;
            goto pushed;
        case OP_BININT:
            *top = SINK(small_int)(load_s32(p + 1));
            next = SIZE_BININT;
            goto pushed;
        case OP_BINFLOAT:
            next = SIZE_BINFLOAT;
            if (UNLIKELY(!(*top = SINK(float)(m, load_big_u64(p + 1))))) {
                goto no_memory;
            }
            goto pushed;
        case OP_INT:
        case OP_LONG:
        case OP_FLOAT:
        case OP_PUT:
        case OP_GET:
            switch (scan_number(m, p, end, &next)) {
            case NUMBER_MORE:
                stop = STOP_NEED;
                goto out;
            case NUMBER_BAD:
                machine_refuse_number(m, p, next, offset_of(m, p));
                stop = STOP_REFUSED;
                goto out;
            case NUMBER_DONE:
                break;
            }
            if (op == OP_PUT) {
                if (UNLIKELY(top - stack->fence < NEEDS_PUT)) {
                    goto underflow;
                }
                size = line_index(p + 1, next - 2);
                if (!SINK(put_next)(m, top, size) && !SINK(put)(m, top, size, offset_of(m, p))) {
                    goto refused;
                }
                goto executed;
            }
            value = op == OP_GET ? SINK(get)(m, line_index(p + 1, next - 2)) : SINK(number)(m, op, p + 1, next - 2);
            goto made;

        case OP_STRING:
        case OP_UNICODE: {
            const uint8_t *feed = memchr(p, '\n', (size_t)(end - p));
            value = feed ? SINK(text_line)(m, p, feed) : 0;
            if (value == 0 && (!feed || m->reason == REASON_DATA)) {
                next = SIZE_STRING;
                size = 0;
                goto payload;
            }
            next = (size_t)(feed - p) + 1;
            goto made;
        }
        case OP_SHORT_BINUNICODE:
            size = p[1];
            next = SIZE_SHORT_BINUNICODE;
            goto text;
        case OP_BINUNICODE:
            size = load_u32(p + 1);
            next = SIZE_BINUNICODE;
            goto text;
        case OP_BINUNICODE8:
            size = load_u64(p + 1);
            next = SIZE_BINUNICODE8;
        text:
            if (UNLIKELY(size > (size_t)(end - p) - next)) {
                goto payload;
            }
            if (UNLIKELY(!is_text(m, p + next, (size_t)size, (size_t)(end - p) - next))) {
                m->reason = REASON_BAD_UTF8;
                goto refused;
            }
            value = SINK(counted)(m, SPK_STR, p, next, (size_t)size, (size_t)(end - p));
            goto counted;
        case OP_SHORT_BINBYTES:
            size = p[1];
            next = SIZE_SHORT_BINBYTES;
            kind = SPK_BYTES;
            goto bytes;
        case OP_BINBYTES:
            size = load_u32(p + 1);
            next = SIZE_BINBYTES;
            kind = SPK_BYTES;
            goto bytes;
        case OP_BINBYTES8:
            size = load_u64(p + 1);
            next = SIZE_BINBYTES8;
            kind = SPK_BYTES;
            goto bytes;
        case OP_BYTEARRAY8:
            size = load_u64(p + 1);
            next = SIZE_BYTEARRAY8;
            kind = SPK_BYTEARRAY;
        bytes:
            if (UNLIKELY(size > (size_t)(end - p) - next)) {
                goto payload;
            }
            if (UNLIKELY(!(*top = SINK(counted)(m, kind, p, next, (size_t)size, (size_t)(end - p))))) {
                goto no_memory;
            }
            next += (size_t)size;
            goto pushed;
        case OP_SHORT_BINSTRING:
        case OP_LONG1:
            size = p[1];
            next = SIZE_LONG1;
            goto counted_by_opcode;
        case OP_BINSTRING:
        case OP_LONG4:
            size = load_u32(p + 1);
            next = SIZE_LONG4;
            if (UNLIKELY(size > INT32_MAX)) {
                m->reason = REASON_BAD_LENGTH;
                goto refused;
            }
        counted_by_opcode:
            if (UNLIKELY(size > (size_t)(end - p) - next)) {
                goto payload;
            }
            if (op == OP_LONG1 || op == OP_LONG4) {
                if (UNLIKELY(size > m->options->max_int_bytes)) {
                    m->reason = REASON_LIMIT_INT;
                    goto refused;
                }
                if (UNLIKELY(!(*top = SINK(int_bytes)(m, p + next, (size_t)size)))) {
                    goto no_memory;
                }
                next += (size_t)size;
                goto pushed;
            }
            value = SINK(string)(m, p, next, (size_t)size, (size_t)(end - p));
            if (UNLIKELY(value == 0) && m->reason != REASON_DATA) {
                goto refused;
            }
        counted: /* a str, or what was one in Python 2 */
            if (UNLIKELY(value == 0)) {
                goto no_memory;
            }
            if (size < NAME_TEXT_MOST) {
                names_note(&m->names, p, value);
            }
            *top = value;
            next += (size_t)size;
            goto pushed;
        payload:
            machine_meet_payload(m, p, size);
            stop = STOP_PAYLOAD;
            p += next;
            goto out;

        case OP_EMPTY_TUPLE:
            next = SIZE_EMPTY_TUPLE;
            value = SINK(empty)(m, SPK_TUPLE);
            goto made_empty;
        case OP_EMPTY_LIST:
            next = SIZE_EMPTY_LIST;
            value = SINK(empty)(m, SPK_LIST);
            goto made_empty;
        case OP_EMPTY_DICT:
            next = SIZE_EMPTY_DICT;
            value = SINK(empty)(m, SPK_DICT);
            goto made_empty;
        case OP_EMPTY_SET:
            next = SIZE_EMPTY_SET;
            value = SINK(empty)(m, SPK_SET);
        made_empty:
            if (UNLIKELY(value == 0)) {
                goto no_memory;
            }
            *top = value;
            goto pushed;
        case OP_TUPLE1:
        case OP_TUPLE2:
        case OP_TUPLE3:
            items = top - (op - OP_TUPLE1 + 1);
            if (UNLIKELY(top - stack->fence < op - OP_TUPLE1 + NEEDS_TUPLE1)) {
                goto underflow;
            }
            value = SINK(make)(m, items, (size_t)(top - items), SPK_TUPLE);
            top = items;
            next = SIZE_TUPLE1;
            goto made;
        case OP_TUPLE:
            kind = SPK_TUPLE;
            goto collect;
        case OP_LIST:
            kind = SPK_LIST;
            goto collect;
        case OP_DICT:
            kind = SPK_DICT;
            goto collect;
        case OP_FROZENSET:
            kind = SPK_FROZENSET;
        collect:
            if (UNLIKELY(!(items = take_mark(m, NEEDS_TUPLE)))) {
                goto refused;
            }
            value = SINK(make)(m, items, (size_t)(top - items), kind);
            top = items - 1;
            next = SIZE_TUPLE;
            goto made;

        case OP_APPEND:
            if (UNLIKELY(top - stack->fence < NEEDS_APPEND)) {
                goto underflow;
            }
            next = SIZE_APPEND;
            if (UNLIKELY(!SINK(store)(m, top - 2, top - 1, 1, SPK_LIST))) {
                goto refused;
            }
            top -= 1;
            goto executed;
        case OP_SETITEM:
            if (UNLIKELY(top - stack->fence < NEEDS_SETITEM)) {
                goto underflow;
            }
            next = SIZE_SETITEM;
            if (UNLIKELY(!SINK(store)(m, top - 3, top - 2, 2, SPK_DICT))) {
                goto refused;
            }
            top -= 2;
            goto executed;
        case OP_APPENDS:
            kind = SPK_LIST;
            goto batch;
        case OP_SETITEMS:
            kind = SPK_DICT;
            goto batch;
        case OP_ADDITEMS:
            kind = SPK_SET;
        batch:
            if (UNLIKELY(!(items = take_mark(m, NEEDS_APPENDS)))) {
                goto refused;
            }
            if (UNLIKELY(!SINK(store)(m, items - 2, items, (size_t)(top - items), kind))) {
                goto refused;
            }
            top = items - 1;
            next = SIZE_APPENDS;
            goto executed;

        case OP_MEMOIZE:
            if (UNLIKELY(top - stack->fence < NEEDS_MEMOIZE)) {
                goto underflow;
            }
            next = SIZE_MEMOIZE;
            if (UNLIKELY(!SINK(put_next)(m, top, m->memo.length)) && !SINK(memoize)(m, top, offset_of(m, p))) {
                goto refused;
            }
            goto executed;
        case OP_BINPUT:
            size = p[1];
            next = SIZE_BINPUT;
            goto put;
        case OP_LONG_BINPUT:
            size = load_u32(p + 1);
            next = SIZE_LONG_BINPUT;
        put:
            if (UNLIKELY(top - stack->fence < NEEDS_BINPUT)) {
                goto underflow;
            }
            if (UNLIKELY(!SINK(put_next)(m, top, size)) && !SINK(put)(m, top, size, offset_of(m, p))) {
                goto refused;
            }
            goto executed;
        case OP_BINGET:
            next = SIZE_BINGET;
            if (UNLIKELY(!(*top = SINK(get)(m, p[1])))) {
                goto refused;
            }
            goto pushed;
        case OP_LONG_BINGET:
            next = SIZE_LONG_BINGET;
            if (UNLIKELY(!(*top = SINK(get)(m, load_u32(p + 1))))) {
                goto refused;
            }
            goto pushed;

        default: /* every byte without a case above is no data by the table */
            stop = machine_meet_refused(m, p, top);
            p += stop == STOP_PAYLOAD;
            goto out;
        }

    made: /* a value, or 0 with the reason; REASON_DATA there means that memory failed */
        if (UNLIKELY(value == 0)) {
            if (m->reason == REASON_DATA) {
                goto no_memory;
            }
            goto refused;
        }
        *top = value;
    pushed:
        top++;
        if (UNLIKELY(top == limit)) {
            stack->top = top;
            if (!stack_grow(stack, m->memory)) {
                goto no_memory;
            }
            top = stack->top;
            limit = stack_limit(stack);
        }
    executed:
        p += next;
        opcodes++;
        continue;

    stopped:
        p += next;
        opcodes++;
        break;

    underflow:
        m->reason = REASON_STACK_UNDERFLOW;
        goto refused;
    no_memory:
        m->reason = m->memory->failure;
    refused:
        machine_refuse(m, m->reason, op, offset_of(m, p));
        stop = STOP_REFUSED;
        break;
    }
out:
    m->opcodes = opcodes;
    stack->top = top;
    *used = (size_t)(p - m->window);
    return stop;
}
