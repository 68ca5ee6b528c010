/* SPDX-License-Identifier: MIT
 *
 * The stack with its MARKs and the memo, against the plainest models of both. */
#include "decode/slots.h"

#include <string.h>

#include "support.h"

static struct memory metered(struct meter *meter) {
    spk_allocator allocator = meter_allocator(meter);
    return memory_start(&allocator, SPK_UNLIMITED);
}

#define STEPS 20000

/* Pushes, pops, MARKs in a random order: what is there, what the fence hides, what a MARK gives
 * back. */
static void stack_follows_its_model(void) {
    static slot model[STEPS];
    static size_t marks[STEPS];
    size_t count = 0;
    size_t mark_count = 0;
    struct dice dice = {41};
    struct meter meter = {0};
    struct memory memory = metered(&meter);
    struct stack stack = {{NULL, 0}, NULL, NULL, NULL, 0};
    stack_clear(&stack);
    REQUIRE(stack_grow(&stack, &memory));
    for (slot i = 1; i < STEPS; i++) {
        switch (dice_below(&dice, i % 4000 < 3000 ? 5 : 9)) {
        case 0:
            REQUIRE(stack.top < stack.limit || stack_grow(&stack, &memory));
            stack.top = stack_mark(&stack, stack.top);
            model[count] =
                (slot)(count + 1 - (mark_count > 0 ? marks[mark_count - 1] : 0)) * sizeof(slot);
            marks[mark_count++] = ++count;
            break;
        case 1:
        case 2:
        case 3:
            REQUIRE(stack.top < stack.limit || stack_grow(&stack, &memory));
            *stack.top++ = i;
            model[count++] = i;
            break;
        case 4:
        case 5:
            if (mark_count > 0) {
                slot *items = stack_unmark(&stack);
                CHECK_U64((uint64_t)(items - stack_base(&stack)), marks[mark_count - 1]);
                count = marks[--mark_count] - 1;
                stack.top = items - 1;
            }
            break;
        default:
            if (count > (mark_count > 0 ? marks[mark_count - 1] : 0)) {
                CHECK_U64(*--stack.top, model[--count]);
            }
            break;
        }
        CHECK((size_t)(stack.top - stack_base(&stack)) == count && stack.mark_count == mark_count);
        CHECK((size_t)(stack.fence - stack_base(&stack)) ==
              (mark_count > 0 ? marks[mark_count - 1] : 0));
        CHECK(stack.limit >= stack.top);
        CHECK(count == 0 || memcmp(stack_base(&stack), model, count * sizeof(slot)) == 0);
    }
    CHECK(count > 200 && meter.live > 0);
    stack_free(&stack, &memory);
    CHECK(meter.live == 0 && meter.errors == 0 && stack.mark_count == 0);
    COVERED(STEPS);
}

static void stack_is_cleared(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter);
    struct stack stack = {{NULL, 0}, NULL, NULL, NULL, 0};
    REQUIRE(stack_grow(&stack, &memory));
    *stack.top++ = 5;
    stack.top = stack_mark(&stack, stack_mark(&stack, stack.top));
    size_t held = meter.live;
    stack_clear(&stack);
    CHECK(stack.top == stack_base(&stack) && stack.fence == stack.top && stack.mark_count == 0 &&
          meter.live == held);
    stack_free(&stack, &memory);
    CHECK_U64(meter.live, 0);
}

static void stack_without_memory(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter);
    struct stack stack = {{NULL, 0}, NULL, NULL, NULL, 0};
    meter.fail_at = 1;
    CHECK(!stack_grow(&stack, &memory) && !stack.limit);
    CHECK(stack_grow(&stack, &memory));
    while (stack.top < stack.limit) {
        *stack.top++ = 9;
    }
    slot *limit = stack.top;
    meter.fail_at = meter.requests + 1;
    CHECK(!stack_grow(&stack, &memory) && stack.top == limit && limit[-1] == 9);
    stack_free(&stack, &memory);
    CHECK_U64(meter.live, 0);
}

/* Entries at random places: what was written and nothing else, the number of entries, and whether
 * the order was kept. */
static void memo_follows_its_model(void) {
    static slot model[3000];
    struct dice dice = {43};
    uint64_t writes = 0;
    uint64_t appended = 0;
    for (int round = 0; round < 12; round++) {
        struct meter meter = {0};
        struct memory memory = metered(&meter);
        struct memo memo = {{NULL, 0}, 0, 0, 0, true};
        bool in_order = true;
        size_t count = 0;
        memset(model, 0, sizeof model);
        for (int i = 0; i < 300; i++) {
            bool is_next = round < 4 || (round < 8 && i < 250) || (round < 10 && i % 2 == 0);
            uint64_t index = is_next ? count : dice_below(&dice, 2900);
            if (model[index] != 0) {
                continue;
            }
            in_order = in_order && index == count;
            model[index] = dice_roll(&dice) | 1;
            count++;
            writes++;
            if (index == memo.length && index < memo.append_max) {
                memo_append(&memo, model[index]);
                appended++;
            } else {
                REQUIRE(memo_put(&memo, &memory, index, model[index], 200));
            }
            CHECK(memo_count(&memo) == count && memo.is_in_order == in_order);
            CHECK(memo.append_max <= 200 && memo.append_max <= memo.entries.capacity &&
                  (in_order || memo.append_max == 0));
            uint64_t other = dice_below(&dice, 3000);
            CHECK_U64(memo_get(&memo, other), model[other]);
        }
        for (uint64_t i = 0; i < 3000; i++) {
            CHECK_U64(memo_get(&memo, i), model[i]);
        }
        CHECK(memo_get(&memo, UINT64_MAX) == 0 && memo_get(&memo, UINT64_C(1) << 32) == 0);
        memo_clear(&memo, UINT64_MAX);
        CHECK(memo_get(&memo, 0) == 0 && memo_count(&memo) == 0 && memo.is_in_order);
        REQUIRE(memo_put(&memo, &memory, 5, 7, 9)); /* what stood there before must not come back */
        CHECK(memo_get(&memo, 5) == 7 && memo_get(&memo, 4) == 0 && memo_get(&memo, 6) == 0 &&
              !memo.is_in_order);
        memo_free(&memo, &memory);
        CHECK(meter.live == 0 && meter.errors == 0 && memo_get(&memo, 5) == 0);
    }
    CHECK(appended > 200);
    COVERED(writes);
}

static void memo_of_impossible_size(void) {
    struct meter meter = {0};
    struct memory memory = metered(&meter);
    struct memo memo = {{NULL, 0}, 0, 0, 0, true};
    static const uint64_t indexes[] = {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX / 8,
                                       UINT64_MAX / 16 + 1};
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
        memory.failure = REASON_DATA;
        CHECK(!memo_put(&memo, &memory, indexes[i], 1, 9) && memory.failure == REASON_LIMIT_ALLOC);
    }
    meter.fail_at = 1;
    CHECK(!memo_put(&memo, &memory, 3, 1, 9) && memory.failure == REASON_NO_MEMORY);
    CHECK(memo_count(&memo) == 0 && memo.length == 0 && memo.is_in_order &&
          memo_get(&memo, 3) == 0);
    COVERED(sizeof indexes / sizeof indexes[0]);
}

REGISTER(slots, RUN(stack_follows_its_model), RUN(stack_is_cleared), RUN(stack_without_memory),
         RUN(memo_follows_its_model), RUN(memo_of_impossible_size))
