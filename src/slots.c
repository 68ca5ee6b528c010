/* SPDX-License-Identifier: MIT
 *
 * Growth of stack, marks and memo; everything else about them is in the header. */
#include "slots.h"

bool stack_grow(struct stack *stack, struct memory *memory) {
    size_t used = stack->slots.items ? (size_t)(stack->top - stack_base(stack)) : 0;
    size_t fence = stack->slots.items ? (size_t)(stack->fence - stack_base(stack)) : 0;
    if (!array_reserve(memory, &stack->slots, used + 1, sizeof(slot))) {
        return false;
    }
    stack->top = stack_base(stack) + used;
    stack->fence = stack_base(stack) + fence;
    return true;
}

bool stack_mark(struct stack *stack, struct memory *memory) {
    if (!array_reserve(memory, &stack->marks, stack->mark_count + 1, sizeof(size_t))) {
        return false;
    }
    size_t *marks = stack->marks.items;
    marks[stack->mark_count++] = (size_t)(stack->fence - stack_base(stack));
    stack->fence = stack->top;
    return true;
}

void stack_clear(struct stack *stack) {
    stack->top = stack_base(stack);
    stack->fence = stack->top;
    stack->mark_count = 0;
}

void stack_free(struct stack *stack, struct memory *memory) {
    array_free(memory, &stack->slots, sizeof(slot));
    array_free(memory, &stack->marks, sizeof(size_t));
    stack_clear(stack);
}

bool memo_put(struct memo *memo, struct memory *memory, uint64_t index, slot value) {
    if (index >= SIZE_MAX) {
        memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    size_t at = (size_t)index;
    if (!array_reserve(memory, &memo->entries, at + 1, sizeof(slot))) {
        return false;
    }
    slot *entries = memo->entries.items;
    for (; memo->length < at; memo->length++) {
        entries[memo->length] = 0;
    }
    entries[at] = value;
    memo->is_in_order = memo->is_in_order && at == memo->count;
    memo->length = at < memo->length ? memo->length : at + 1;
    memo->count++;
    return true;
}

void memo_clear(struct memo *memo) {
    memo->length = 0;
    memo->count = 0;
    memo->is_in_order = true;
}

void memo_free(struct memo *memo, struct memory *memory) {
    array_free(memory, &memo->entries, sizeof(slot));
    memo_clear(memo);
}
