/* SPDX-License-Identifier: MIT
 *
 * The stack of the pickle machine with its MARKs, and its memo.  Both hold 64-bit slots and do not
 * know what is in them: facts in a check, words in a document.  0 is "no value" in either.
 *
 * A MARK takes a slot of the stack, which holds the distance in bytes to the fence before it.
 * Whoever pushes makes sure that there is a free slot first; the machine keeps one free at all
 * times. */
#ifndef SPK_SLOTS_H
#define SPK_SLOTS_H

#include "base/bytes.h"
#include "base/memory.h"

typedef uint64_t slot;

struct stack {
    struct array slots;
    slot *limit; /* the end of the slots */
    slot *top;   /* one past the topmost item */
    slot *fence; /* right above the topmost MARK: what is below cannot be reached */
    size_t mark_count;
};

static inline slot *stack_base(const struct stack *stack) {
    return stack->slots.items;
}

/* Makes space for one more item. */
bool stack_grow(struct stack *stack, struct memory *memory);

/* True if so many items stand below "top" that can be reached. */
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

/* Takes the topmost MARK away, of which there must be one, and returns where its items begin; the
 * MARK stood in the slot below them, which is free now. */
static inline slot *stack_unmark(struct stack *stack) {
    slot *items = stack->fence;
    stack->fence = (slot *)(void *)((char *)items - (size_t)items[-1]);
    stack->mark_count--;
    return items;
}

void stack_clear(struct stack *stack);
void stack_free(struct stack *stack, struct memory *memory);

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
 * the index, which is therefore bounded by the input's size (the machine's test).  "max" entries
 * may be appended in all. */
bool memo_put(struct memo *memo, struct memory *memory, uint64_t index, slot value, uint64_t max);

/* Forgets all entries; "max" is what memo_put is called with. */
void memo_clear(struct memo *memo, uint64_t max);
void memo_free(struct memo *memo, struct memory *memory);

#endif
