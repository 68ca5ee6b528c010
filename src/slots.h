/* SPDX-License-Identifier: MIT
 *
 * The stack of the pickle machine with its MARKs, and its memo.  Both hold 64-bit slots and do not know what is in them:
 * facts in a check, words in a document.  0 is "no value" in either. */
#ifndef SPK_SLOTS_H
#define SPK_SLOTS_H

#include "bytes.h"
#include "memory.h"

typedef uint64_t slot;

struct stack {
    struct array slots;
    struct array marks; /* size_t: where the fence stood before each MARK */
    slot *top;          /* one past the topmost item */
    slot *fence;        /* the topmost MARK: what is below cannot be reached */
    size_t mark_count;
};

static inline slot *stack_base(const struct stack *stack) {
    return stack->slots.items;
}

static inline slot *stack_limit(const struct stack *stack) {
    slot *base = stack->slots.items;
    return base ? base + stack->slots.capacity : NULL;
}

/* Makes room for one more item. */
bool stack_grow(struct stack *stack, struct memory *memory);

/* Sets a MARK on top. */
bool stack_mark(struct stack *stack, struct memory *memory);

/* Takes the topmost MARK away, of which there must be one, and returns where it was: its items are from there to top. */
static inline slot *stack_unmark(struct stack *stack) {
    slot *items = stack->fence;
    const size_t *marks = stack->marks.items;
    stack->fence = stack_base(stack) + marks[--stack->mark_count];
    return items;
}

void stack_clear(struct stack *stack);
void stack_free(struct stack *stack, struct memory *memory);

struct memo {
    struct array entries; /* slots; those past "length" are not initialised */
    size_t length;        /* the highest index written, plus 1 */
    size_t count;         /* entries written */
    bool is_in_order;     /* every entry so far was written at index "count" */
};

/* 0 if it was never written. */
static inline slot memo_get(const struct memo *memo, uint64_t index) {
    const slot *entries = memo->entries.items;
    return index < memo->length ? entries[index] : 0;
}

/* Writes an entry that was not written before; false when there is no memory.  The array grows with the index, which is
 * therefore bounded by the input's size (the machine's test). */
bool memo_put(struct memo *memo, struct memory *memory, uint64_t index, slot value);

void memo_clear(struct memo *memo);
void memo_free(struct memo *memo, struct memory *memory);

#endif
