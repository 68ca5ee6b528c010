/* SPDX-License-Identifier: MIT
 *
 * Growth of stack and memo; everything else about them is in the header. */
#include "decode/slots.h"

/* Picklers write batches of a thousand pairs.  With this much the stack still has many free slots
 * above one, and as an opcode pushes no more items than it has bytes, the machine can execute that
 * many bytes between two looks at the stack (machine_body.h). */
#define STACK_FIRST 4096

bool stack_grow(struct stack *stack, struct memory *memory) {
    size_t used = stack->slots.items ? (size_t)(stack->top - stack_base(stack)) : 0;
    size_t fence = stack->slots.items ? (size_t)(stack->fence - stack_base(stack)) : 0;
    if (!array_reserve(memory, &stack->slots, used < STACK_FIRST ? STACK_FIRST : used + 1,
                       sizeof(slot))) {
        return false;
    }
    stack->limit = stack_base(stack) + stack->slots.capacity;
    stack->top = stack_base(stack) + used;
    stack->fence = stack_base(stack) + fence;
    return true;
}

void stack_clear(struct stack *stack) {
    stack->top = stack_base(stack);
    stack->fence = stack->top;
    stack->mark_count = 0;
}

void stack_free(struct stack *stack, struct memory *memory) {
    array_free(memory, &stack->slots, sizeof(slot));
    stack->limit = NULL;
    stack_clear(stack);
}

static void set_append_max(struct memo *memo, uint64_t max) {
    size_t space = memo->entries.capacity < max ? memo->entries.capacity : (size_t)max;
    memo->append_max = memo->is_in_order ? space : 0;
}

bool memo_put(struct memo *memo, struct memory *memory, uint64_t index, slot value, uint64_t max) {
    if (index >= SIZE_MAX) {
        memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    size_t at = (size_t)index;
    if (!array_reserve_gently(memory, &memo->entries, at + 1, sizeof(slot))) {
        return false;
    }
    slot *entries = memo->entries.items;
    memo->is_in_order = memo->is_in_order && at == memo->length;
    if (at < memo->length) {
        memo->holes--;
        entries[at] = value;
    } else {
        memo->holes += at - memo->length;
        for (; memo->length < at; memo->length++) {
            entries[memo->length] = 0;
        }
        memo_append(memo, value);
    }
    set_append_max(memo, max);
    return true;
}

void memo_clear(struct memo *memo, uint64_t max) {
    memo->length = 0;
    memo->holes = 0;
    memo->is_in_order = true;
    set_append_max(memo, max);
}

void memo_free(struct memo *memo, struct memory *memory) {
    array_free(memory, &memo->entries, sizeof(slot));
    memo_clear(memo, 0);
}
