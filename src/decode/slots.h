/* SPDX-License-Identifier: MIT
 *
 * The stack of the pickle machine with its MARKs, and its memo.  Both hold 64-bit slots and do not
 * know what is in them: facts in a check, words in a document.  0 is "no value" in either.
 *
 * A MARK takes a slot of the stack.  The slot holds the distance in bytes from the fence before the
 * MARK to the fence that the MARK makes, so taking the MARK away gives the old fence back.  After
 * MARK, BININT1 1, MARK, BININT1 2, at eight bytes a slot:
 *
 *     slot     0        1        2        3        4
 *           +--------+--------+--------+--------+
 *           | MARK 8 | int 1  | MARK 16| int 2  |
 *           +--------+--------+--------+--------+
 *                    ^                 ^        ^
 *                    fence before      fence    top
 *
 * Before a push there must be a free slot; the machine keeps one free at all times. */
#ifndef SPK_SLOTS_H
#define SPK_SLOTS_H

#include "base/bytes.h"
#include "base/memory.h"

typedef uint64_t slot;

struct stack {
    struct array slots;
    slot *limit; /* the end of the slots */
    slot *top;   /* one past the topmost item */
    slot *fence; /* right above the topmost MARK: nothing below it can be reached */
    size_t mark_count;
};

static inline slot *stack_base(const struct stack *stack) {
    return stack->slots.items;
}

/* Makes space for one more item. */
bool stack_grow(struct stack *stack, struct memory *memory);

/* True if at least this number of items stand between the fence and "top". */
static inline bool stack_has(const struct stack *stack, const slot *top, ptrdiff_t items) {
    return items == 0 || (items == 1 ? top != stack->fence : top - stack->fence >= items);
}

/* Sets a MARK at "top", where there must be space; returns the new top. */
static inline slot *stack_mark(struct stack *stack, slot *top) {
    *top = (slot)((const char *)(top + 1) - (const char *)stack->fence);
    stack->fence = top + 1;
    stack->mark_count++;
    return top + 1;
}

/* Takes the topmost MARK away; there must be one.  Returns where its items begin.  The MARK stood
 * in the slot below them, which is free now. */
static inline slot *stack_unmark(struct stack *stack) {
    slot *items = stack->fence;
    stack->fence = (slot *)(void *)((char *)items - (size_t)items[-1]);
    stack->mark_count--;
    return items;
}

void stack_clear(struct stack *stack);
void stack_free(struct stack *stack, struct memory *memory);

/* After PUT 0, PUT 1 and PUT 3, where 0 stands for "not written":
 *
 *     entry   0     1     2     3     4
 *          +-----+-----+-----+-----+--------
 *          | a   | b   | 0   | d   |           length 4, holes 1, not in order
 *          +-----+-----+-----+-----+--------
 */
struct memo {
    struct array entries; /* slots; those past "length" are not initialised */
    size_t length;        /* the highest index written, plus 1 */
    size_t holes;         /* indexes below it that were not written */
    size_t append_max; /* memo_append may be called while length is below; 0 unless is_in_order */
    bool is_in_order; /* every entry so far was written at the index that was next */
};

static inline size_t memo_count(const struct memo *memo) {
    return memo->length - memo->holes;
}

/* 0 if it was never written. */
static inline slot memo_get(const struct memo *memo, uint64_t index) {
    const slot *entries = memo->entries.items;
    return index < memo->length ? entries[index] : 0;
}

/* Writes the next entry of a memo in order, for which there is space. */
static inline void memo_append(struct memo *memo, slot value) {
    slot *entries = memo->entries.items;
    entries[memo->length++] = value;
}

/* Writes an entry that was not written before; false when there is no memory.  The array grows with
 * the index, so the machine allows no index above the offset of its opcode.  memo_append may then
 * go up to "max" entries in all. */
bool memo_put(struct memo *memo, struct memory *memory, uint64_t index, slot value, uint64_t max);

/* Forgets all entries.  "max" as for memo_put. */
void memo_clear(struct memo *memo, uint64_t max);
void memo_free(struct memo *memo, struct memory *memory);

#endif
