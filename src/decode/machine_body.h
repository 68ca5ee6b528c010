/* SPDX-License-Identifier: MIT
 *
 * The loop and the one switch over opcodes, included once for each sink: SINK(name) is name_check
 * or name_build.  Cases that are longer than a few lines are functions of machine_steps.h.
 *
 * At the start of a case there is space on the stack for one more item, and the fixed part of the
 * opcode at p stands in the window; below m->ample_end, AMPLE_BYTES bytes stand there.  An opcode
 * pushes no more items than it has bytes, so one comparison of p with "safe" stands for both the
 * end of the window and the end of the stack.  A case ends with PUSHED or EXECUTED, which get the
 * size of the opcode, or goes to one of the labels.
 *
 * Who owns what: while the loop runs, p, top and opcodes are its own.  They are written back to
 * m->executed, stack->top and m->opcodes at "out", and top also before stack_grow.  stack->fence
 * stays in the stack, because MARKs change it.  Whoever goes to "refused", or returns 0 or false
 * for a refusal, has set m->reason and m->about.
 *
 * The labels, and what must be set before one goes there:
 *
 *   text, bytes, string, long_bytes   size (of the payload), next (where it begins, from p); bytes
 *                                     needs kind, too.  To "payload" if not all is in the window
 *   long_text                         size, next: text that may be long, or not of ASCII
 *   counted_text                      size, next: text that was judged
 *   counted                           value (0 for lack of memory), size, next: pushes it
 *   made_empty                        value: a new empty container; 0 for lack of memory
 *   made_container                    value (0: not_made), next; the items are off the stack
 *   collect                           kind: takes the MARK and makes a container
 *   batch                             kind: takes the MARK and fills a container
 *   put                               size (the index), next
 *   before_ints                       next; the value is in *top; a run of ints seems to follow
 *   ints                              nothing; a run of small ints seems to begin at p
 *   run                               run: its values stand at top
 *   made                              value (0: not_made), next: pushes it
 *   payload                           size, next: the pieces come through window.c
 *   not_made                          m->reason; REASON_DATA there means lack of memory
 *   underflow, bad_length, no_memory  nothing
 *   refused                           m->reason; m->about if the detail needs it
 *   out                               stop */

static enum stop SINK(run)(struct machine *m, const uint8_t *p) {
    struct stack *const stack = &m->stack;
    const uint8_t *safe = p;
    slot *top = stack->top;
    uint64_t opcodes = m->opcodes;
    enum stop stop = STOP_WINDOW;
    slot *items;
    slot value;
    uint64_t size;
    size_t next;    /* the size of the opcode at p, where that is no constant */
    size_t scanned; /* the same for a line; a variable of its own, because its address is taken */
    size_t count;
    struct run run;
    unsigned kind;
#ifdef SPK_THREADED
    static const void *const labels[256] = {
        [0 ... 255] = &&op_other,
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    [byte] = LABEL_##where(name, verdict),
#include "opcodes.def"
#undef OP
    };
#endif

head:
    if (UNLIKELY(p >= safe)) {
        size_t left = (size_t)(m->window_end - p);
        if (UNLIKELY(top == stack->limit)) {
            stack->top = top;
            if (!stack_grow(stack, m->memory)) {
                machine_refuse(m, m->memory->failure, -1, offset_of(m, p));
                stop = STOP_REFUSED;
                goto out;
            }
            top = stack->top;
        }
        if (LIKELY(left >= FIXED_MAX)) {
            safe = safe_end(stack, p, left, top);
            if (p < m->ample_end && SINK(ints_begin)(p)) {
                goto ints;
            }
        } else if (!is_opcode_whole(p, left)) {
            stop = left == 0 ? STOP_WINDOW : STOP_NEED;
            goto out;
        }
    }
    /* clang-format does not see that this is a switch, because CASE hides it. */
    /* clang-format off */
    DISPATCH(*p) {
        CASE(MARK) /* one more than max_depth may be open: the batch for the innermost container */
            if (UNLIKELY(stack->mark_count > m->options->max_depth)) {
                m->reason = REASON_LIMIT_DEPTH;
                goto refused;
            }
            (void)stack_mark(stack, top);
            PUSHED(SIZE_MARK);
        CASE(POP)
            if (UNLIKELY(!stack_has(stack, top, 1))) {
                if (stack->mark_count == 0) {
                    goto underflow;
                }
                (void)stack_unmark(stack);
            } else if (SINK(is_no_value)(top[-1])) {
                goto no_value;
            }
            top--;
            EXECUTED(SIZE_POP);
        CASE(POP_MARK)
            if (UNLIKELY(!(items = take_mark(m, NEEDS_POP_MARK)))) {
                goto refused;
            }
            if (SINK(has_no_value)(items, top)) {
                goto no_value;
            }
            top = items - 1;
            EXECUTED(SIZE_POP_MARK);
        CASE(STOP)
            if (!stack_has(stack, top, NEEDS_STOP)) {
                goto underflow;
            }
            m->reason = SINK(finish)(m, top);
            if (m->reason != REASON_DATA) {
                goto refused;
            }
            stop = STOP_END;
            p += SIZE_STOP;
            opcodes++;
            goto out;

        CASE(PROTO)
            if (!SINK(proto)(m, p[1], offset_of(m, p))) {
                goto refused;
            }
            EXECUTED(SIZE_PROTO);
        CASE(FRAME)
            if (UNLIKELY(!enter_frame(m, p))) {
                goto refused;
            }
            safe = p; /* the window may end earlier now */
            EXECUTED(SIZE_FRAME);

        CASE(NONE)
            *top = SINK(none)();
            PUSHED(SIZE_NONE);
        CASE(NEWTRUE)
            *top = SINK(bool)(true);
            PUSHED(SIZE_NEWTRUE);
        CASE(NEWFALSE)
            *top = SINK(bool)(false);
            PUSHED(SIZE_NEWFALSE);
        CASE(BININT1)
            if (UNLIKELY(top == stack->fence && p < m->ample_end) && SINK(ints_begin)(p)) {
                goto ints;
            }
            *top = SINK(small_int)(p[1]);
            PUSHED(SIZE_BININT1);
        CASE(BININT2)
            if (UNLIKELY(top == stack->fence && p < m->ample_end) && SINK(ints_begin)(p)) {
                goto ints;
            }
            *top = SINK(small_int)(load_u16(p + 1));
            PUSHED(SIZE_BININT2);
        CASE(BININT)
            if (UNLIKELY(top == stack->fence && p < m->ample_end) && SINK(ints_begin)(p)) {
                goto ints;
            }
            *top = SINK(small_int)(load_s32(p + 1));
            PUSHED(SIZE_BININT);
        CASE(BINFLOAT)
            if (UNLIKELY(p < m->ample_end && run_begins(p, OP_BINFLOAT, SIZE_BINFLOAT))) {
                run = SINK(floats)(top, p, (size_t)(m->window_end - p),
                                   (size_t)(stack->limit - top));
                if (LIKELY(run.count > 0)) {
                    goto run;
                }
            }
            if (UNLIKELY(!(*top = SINK(float)(m, load_big_u64(p + 1))))) {
                goto no_memory;
            }
            PUSHED(SIZE_BINFLOAT);
        CASE(INT)
        CASE(LONG)
        CASE(FLOAT)
        CASE(PUT)
        CASE(GET)
            switch (scan_number(m, p, m->window_end, &scanned)) {
            case NUMBER_MORE:
                stop = STOP_NEED;
                goto out;
            case NUMBER_BAD:
                machine_refuse_number(m, p, scanned, offset_of(m, p));
                stop = STOP_REFUSED;
                goto out;
            case NUMBER_DONE:
                break;
            }
            next = scanned;
            if (*p == OP_PUT) {
                size = line_index(p + 1, next - 2);
                goto put;
            }
            value = *p == OP_GET ? SINK(get)(m, line_index(p + 1, next - 2))
                                 : SINK(number)(m, *p, p + 1, next - 2);
            goto made;

        CASE(STRING)
        CASE(UNICODE)
            value = SINK(text_line)(m, p, m->window_end, &scanned);
            next = value != 0 ? scanned : SIZE_STRING;
            if (value == 0 && m->reason == REASON_DATA) {
                size = 0;
                goto payload;
            }
            goto made;
        CASE(BINUNICODE8)
            size = load_u64(p + 1);
            next = SIZE_BINUNICODE8;
            goto text;
        CASE(BINUNICODE)
            size = load_u32(p + 1);
            next = SIZE_BINUNICODE;
            goto text;
        CASE(SHORT_BINUNICODE)
            size = p[1];
            next = SIZE_SHORT_BINUNICODE;
            if (UNLIKELY(p >= m->ample_end || size > ASCII_SHORT) ||
                UNLIKELY(!ascii_is_short(p + next, (size_t)size))) {
                goto long_text;
            }
            value = SINK(counted)(m, SPK_STR, p, SIZE_SHORT_BINUNICODE, (size_t)size, AMPLE_BYTES);
            if (UNLIKELY(value == 0)) {
                goto no_memory;
            }
            *top = value;
            if (LIKELY(is_memoize(m, p + SIZE_SHORT_BINUNICODE + size))) { /* saves a turn */
                memo_append(&m->memo, value);
                opcodes++;
                PUSHED(SIZE_SHORT_BINUNICODE + (size_t)size + SIZE_MEMOIZE);
            }
            PUSHED(SIZE_SHORT_BINUNICODE + (size_t)size);
        text:
            if (LIKELY(p < m->ample_end && size <= ASCII_SHORT) &&
                LIKELY(ascii_is_short(p + next, (size_t)size))) {
                goto counted_text;
            }
        long_text: /* long, or near the end of the window, or not of ASCII */
            if (UNLIKELY(size > (size_t)(m->window_end - p) - next)) {
                goto payload;
            }
            if (UNLIKELY(!is_text(m, p + next, (size_t)size))) {
                m->reason = REASON_BAD_UTF8;
                goto refused;
            }
        counted_text:
            value = SINK(counted)(m, SPK_STR, p, next, (size_t)size, (size_t)(m->window_end - p));
        counted: /* a str, or what was one in Python 2 */
            if (UNLIKELY(value == 0)) {
                goto no_memory;
            }
            *top = value;
            p += next + (size_t)size;
            if (LIKELY(p < m->window_end && is_memoize(m, p))) {
                memo_append(&m->memo, value);
                opcodes++;
                PUSHED(SIZE_MEMOIZE);
            }
            PUSHED(0);
        CASE(BINBYTES8)
            size = load_u64(p + 1);
            next = SIZE_BINBYTES8;
            kind = SPK_BYTES;
            goto bytes;
        CASE(BYTEARRAY8)
            size = load_u64(p + 1);
            next = SIZE_BYTEARRAY8;
            kind = SPK_BYTEARRAY;
            goto bytes;
        CASE(BINBYTES)
            size = load_u32(p + 1);
            next = SIZE_BINBYTES;
            kind = SPK_BYTES;
            goto bytes;
        CASE(SHORT_BINBYTES)
            size = p[1];
            next = SIZE_SHORT_BINBYTES;
            kind = SPK_BYTES;
        bytes:
            if (UNLIKELY(size > (size_t)(m->window_end - p) - next)) {
                goto payload;
            }
            *top = SINK(counted)(m, kind, p, next, (size_t)size, (size_t)(m->window_end - p));
            if (UNLIKELY(*top == 0)) {
                goto no_memory;
            }
            PUSHED(next + (size_t)size);
        CASE(LONG4)
            size = load_u32(p + 1);
            next = SIZE_LONG4;
            if (UNLIKELY(size > INT32_MAX)) {
                goto bad_length;
            }
            goto long_bytes;
        CASE(LONG1)
            size = p[1];
            next = SIZE_LONG1;
        long_bytes:
            if (UNLIKELY(size > (size_t)(m->window_end - p) - next)) {
                goto payload;
            }
            if (UNLIKELY(size > m->options->max_int_bytes)) {
                m->reason = REASON_LIMIT_INT;
                goto refused;
            }
            if (UNLIKELY(!(*top = SINK(int_bytes)(m, p + next, (size_t)size)))) {
                goto no_memory;
            }
            next += (size_t)size;
            if (p < m->ample_end && next <= SIZE_LONG1 + 8 && SINK(ints_begin)(p + next)) {
                goto before_ints;
            }
            PUSHED(next);
        CASE(BINSTRING)
            size = load_u32(p + 1);
            next = SIZE_BINSTRING;
            if (UNLIKELY(size > INT32_MAX)) {
                goto bad_length;
            }
            goto string;
        CASE(SHORT_BINSTRING)
            size = p[1];
            next = SIZE_SHORT_BINSTRING;
        string:
            if (UNLIKELY(size > (size_t)(m->window_end - p) - next)) {
                goto payload;
            }
            value = SINK(string)(m, p, next, (size_t)size, (size_t)(m->window_end - p));
            if (UNLIKELY(value == 0) && m->reason != REASON_DATA) {
                goto refused;
            }
            goto counted;

        CASE(EMPTY_TUPLE)
            value = SINK(empty_tuple)(m, top);
            goto made_empty;
        CASE(EMPTY_LIST)
            value = SINK(empty)(m, SPK_LIST);
            goto made_empty;
        CASE(EMPTY_DICT)
            value = SINK(empty)(m, SPK_DICT);
            goto made_empty;
        CASE(EMPTY_SET)
            value = SINK(empty)(m, SPK_SET);
        made_empty:
            if (UNLIKELY(value == 0)) {
                goto no_memory;
            }
            next = SIZE_EMPTY_LIST;
        made_container: /* a value, or 0 with the reason */
            if (UNLIKELY(value == 0)) {
                goto not_made;
            }
            p += next;
            if (LIKELY(p < m->window_end && is_memoize(m, p))) {
                size = m->memo.length;
                memo_append(&m->memo, value);
                value = SINK(memoised_new)(value, size);
                p += SIZE_MEMOIZE;
                opcodes++;
            }
            *top = value;
            PUSHED(0);
        CASE(TUPLE1)
        CASE(TUPLE2)
        CASE(TUPLE3)
            count = (size_t)*p - OP_TUPLE1 + NEEDS_TUPLE1;
            if (UNLIKELY(top - stack->fence < (ptrdiff_t)count)) {
                goto underflow;
            }
            top -= count;
            value = SINK(tuple)(m, top, top, count);
            next = SIZE_TUPLE1;
            goto made_container;
        CASE(TUPLE)
            kind = SPK_TUPLE;
            goto collect;
        CASE(LIST)
            kind = SPK_LIST;
            goto collect;
        CASE(DICT)
            kind = SPK_DICT;
            goto collect;
        CASE(FROZENSET)
            kind = SPK_FROZENSET;
        collect:
            if (UNLIKELY(!(items = take_mark(m, NEEDS_TUPLE)))) {
                goto refused;
            }
            value = SINK(collect)(m, items - 1, items, (size_t)(top - items), kind);
            top = items - 1;
            next = SIZE_TUPLE;
            goto made_container;

        CASE(APPEND)
            if (UNLIKELY(!stack_has(stack, top, NEEDS_APPEND))) {
                goto underflow;
            }
            if (UNLIKELY(!SINK(store)(m, top - 2, top - 1, 1, SPK_LIST))) {
                goto refused;
            }
            top -= 1;
            EXECUTED(SIZE_APPEND);
        CASE(SETITEM)
            if (UNLIKELY(!stack_has(stack, top, NEEDS_SETITEM))) {
                goto underflow;
            }
            if (UNLIKELY(!SINK(store)(m, top - 3, top - 2, 2, SPK_DICT))) {
                goto refused;
            }
            top -= 2;
            EXECUTED(SIZE_SETITEM);
        CASE(APPENDS)
            kind = SPK_LIST;
            goto batch;
        CASE(SETITEMS)
            kind = SPK_DICT;
            goto batch;
        CASE(ADDITEMS)
            kind = SPK_SET;
        batch:
            if (UNLIKELY(!(items = take_mark(m, NEEDS_APPENDS)))) {
                goto refused;
            }
            if (UNLIKELY(!SINK(store)(m, items - 2, items, (size_t)(top - items), kind))) {
                goto refused;
            }
            top = items - 1;
            EXECUTED(SIZE_APPENDS);

        CASE(LONG_BINPUT)
            size = load_u32(p + 1);
            next = SIZE_LONG_BINPUT;
            goto put;
        CASE(BINPUT)
            size = p[1];
            next = SIZE_BINPUT;
        put:
            if (UNLIKELY(!stack_has(stack, top, NEEDS_PUT))) {
                goto underflow;
            }
            if (UNLIKELY(!SINK(put_next)(m, top, size)) &&
                !SINK(put)(m, top, size, offset_of(m, p))) {
                goto refused;
            }
            EXECUTED(next);
        CASE(MEMOIZE)
            if (UNLIKELY(!stack_has(stack, top, NEEDS_MEMOIZE))) {
                goto underflow;
            }
            if (UNLIKELY(!SINK(put_next)(m, top, m->memo.length)) &&
                !SINK(memoize)(m, top, offset_of(m, p))) {
                goto refused;
            }
            EXECUTED(SIZE_MEMOIZE);
        CASE(BINGET)
            if (UNLIKELY(!(*top = SINK(get)(m, p[1])))) {
                goto refused;
            }
            PUSHED(SIZE_BINGET);
        CASE(LONG_BINGET)
            if (UNLIKELY(!(*top = SINK(get)(m, load_u32(p + 1))))) {
                goto refused;
            }
            PUSHED(SIZE_LONG_BINGET);

#ifdef SINK_WIDE
        CASE(GLOBAL)
            next = names_lines(p, m->window_end);
            value = next > 0 ? SINK(import_lines)(m, p + 1, next - 1) : 0;
            if (value == 0) { /* the lines go on, or must be told */
                size = 0;
                next = SIZE_GLOBAL;
                goto payload;
            }
            goto made;
        CASE(STACK_GLOBAL)
            if (UNLIKELY(!stack_has(stack, top, NEEDS_STACK_GLOBAL))) {
                goto underflow;
            }
            if (UNLIKELY(!(value = SINK(import_items)(m, top)))) {
                stop = machine_meet_refused(m, p, top);
                goto out;
            }
            top[-2] = value;
            top -= 1;
            EXECUTED(SIZE_STACK_GLOBAL);
        CASE(REDUCE)
            if (UNLIKELY(!stack_has(stack, top, NEEDS_REDUCE))) {
                goto underflow;
            }
            if (UNLIKELY(!(value = SINK(reduce)(m, top, offset_of(m, p))))) {
                goto not_made;
            }
            top[-2] = value;
            top -= 1;
            EXECUTED(SIZE_REDUCE);
#endif

        OTHERWISE /* by the table no byte without a case is data */
#ifndef SPK_THREADED
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    REFUSED_##where(name, verdict)
#include "opcodes.def"
#undef OP
#endif
            stop = machine_meet_refused(m, p, top);
            p += stop == STOP_PAYLOAD;
            goto out;
    }
    /* clang-format on */

before_ints: /* behind the opcode at p, whose value is in *top, a run of small ints seems to begin
              */
    top++;
    p += next;
    opcodes++;
    if (UNLIKELY(p >= safe)) { /* the stack may be full now */
        goto head;
    }
ints: /* Runs are looked for in three cases: a batch begins, a LONG1 interrupted a run, a new window
         begins. */
    run = SINK(ints)(top, p, (size_t)(m->window_end - p), (size_t)(stack->limit - top));
    if (UNLIKELY(run.count == 0)) {
        next = ints_size(*p);
        *top = SINK(small_int)(next == SIZE_BININT1   ? p[1]
                               : next == SIZE_BININT2 ? load_u16(p + 1)
                                                      : load_s32(p + 1));
        PUSHED(next);
    }
run: /* its values are on the stack already */
    p += run.bytes;
    opcodes += run.count;
    top += run.count;
    goto head;

made: /* a value, or 0 with the reason */
    if (UNLIKELY(value == 0)) {
        goto not_made;
    }
    *top = value;
    PUSHED(next);

payload: /* it does not stand in the window as a whole */
    machine_meet_payload(m, p, size);
    stop = STOP_PAYLOAD;
    p += next;
    goto out;

not_made:
    if (m->reason == REASON_DATA) {
        goto no_memory;
    }
    goto refused;
bad_length:
    m->reason = REASON_BAD_LENGTH;
    goto refused;
underflow:
    m->reason = REASON_STACK_UNDERFLOW;
    goto refused;
no_value:
    m->reason = REASON_CODE_VALUE;
    goto refused;
no_memory:
    m->reason = m->memory->failure;
refused:
    machine_refuse(m, m->reason, *p, offset_of(m, p));
    stop = STOP_REFUSED;
out:
    m->opcodes = opcodes;
    stack->top = top;
    m->executed = p;
    return stop;
}
