/* SPDX-License-Identifier: MIT
 *
 * What storing values in a container does to its facts, and what forbids it.
 *
 * One rule keeps the work for a link constant: a container that has been stored may not change any
 * more, and nothing may be stored in itself.  So depth, hashability and expansion are final when a
 * link is made, and no cycle can arise.  CPython's picklers break the rule only for values that
 * contain themselves.
 *
 * An example: the items 7 and [] are appended to an empty list.
 *
 *                          depth                      expansion
 *     the list before      1                          1
 *     the sum of items     1, that of []              1 + 1
 *     the list after       max(1, 1 + 1) = 2          1 + 2 = 3
 *
 * With allow_cycles the rule is off: see graph.h. */
#ifndef SPK_LINKS_H
#define SPK_LINKS_H

#include "base/facts.h"
#include "base/memory.h"

/* What a batch of items adds up to.  It starts as if all items were simple (hashable atoms): depth
 * 0, and one value an item.  Then the machine adds those that are not. */
struct sum {
    uint64_t depth;         /* of the deepest item */
    uint64_t expansion;     /* of all */
    uint64_t key_depth;     /* of the deepest key or member */
    uint64_t key_expansion; /* of the largest */
    facts flags;            /* of all items, or-ed */
    facts key_flags;        /* of all keys or members, or-ed */
};

static inline void sum_add(struct sum *sum, facts item) {
    sum->flags |= item;
    sum->expansion += (item >> FACTS_EXPANSION_SHIFT) - 1;
    if (UNLIKELY(sum->expansion > INT64_MAX)) { /* far above the top, but faster to test */
        sum->expansion = FACTS_EXPANSION_TOP;
    }
    uint64_t depth = item >> FACTS_DEPTH_SHIFT & FACTS_DEPTH_TOP;
    if (depth > sum->depth) {
        sum->depth = depth;
    }
}

/* Adds "count" more items, at least 1, that are equal to the one added last. */
static inline void sum_add_more(struct sum *sum, facts item, size_t count) {
    uint64_t each = (item >> FACTS_EXPANSION_SHIFT) - 1;
    bool is_too_much = each > (FACTS_EXPANSION_TOP - 1) / count;
    sum->expansion = is_too_much ? FACTS_EXPANSION_TOP : sum->expansion + each * count;
    if (sum->expansion > FACTS_EXPANSION_TOP) {
        sum->expansion = FACTS_EXPANSION_TOP;
    }
}

static inline void sum_add_key(struct sum *sum, facts key) {
    sum->key_flags |= key;
    if (facts_depth(key) > sum->key_depth) {
        sum->key_depth = facts_depth(key);
    }
    if (facts_expansion(key) > sum->key_expansion) {
        sum->key_expansion = facts_expansion(key);
    }
}

static inline enum reason links_judge_keys(const spk_options *limits, const struct sum *sum) {
    if (sum->key_depth > limits->max_key_depth) {
        return REASON_LIMIT_KEY_DEPTH;
    }
    if (sum->key_expansion > limits->max_key_expansion) {
        return REASON_LIMIT_KEY_EXPANSION;
    }
    return REASON_DATA;
}

/* Judges the storing of a batch of items, at least 1, in a container.  Updates the facts of the
 * container if nothing forbids it, and then returns REASON_DATA.  is_new: the container is just
 * being made, of these items.  The tests have the order that the documents promise: hashability,
 * link, limits. */
static inline enum reason links_store(const spk_options *limits, facts *target,
                                      const struct sum *sum, bool is_new) {
    if (sum->key_flags & FACTS_UNHASHABLE) {
        return REASON_UNHASHABLE;
    }
    facts changed =
        *target | (facts_kind(*target) == SPK_TUPLE ? sum->flags & FACTS_UNHASHABLE : 0);
    bool in_graph = limits->allow_cycles && (changed & FACTS_UNHASHABLE) != 0;
    /* True also if the container is one of the items: they are marked as stored by now. */
    if (!is_new && !limits->allow_cycles && (*target & FACTS_STORED) != 0) {
        return REASON_CYCLE;
    }
    enum reason reason = links_judge_keys(limits, sum);
    if (reason != REASON_DATA || in_graph) {
        *target = changed;
        return reason;
    }
    uint64_t depth = max_u64(facts_depth(changed), add_capped(sum->depth, 1, FACTS_DEPTH_TOP));
    uint64_t expansion = add_capped(facts_expansion(changed), sum->expansion, FACTS_EXPANSION_TOP);
    if (depth > limits->max_depth) {
        return REASON_LIMIT_DEPTH;
    }
    if (expansion > limits->max_expansion) {
        return REASON_LIMIT_EXPANSION;
    }
    *target = facts_with(changed, depth, expansion);
    return REASON_DATA;
}

#endif
