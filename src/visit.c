/* SPDX-License-Identifier: MIT
 *
 * The visitor: depth first over a value, with a stack of its own instead of recursion, entering each container once.  Only
 * containers that were fetched from the memo can be met twice, so only these are remembered. */
#include <string.h>

#include "tree.h"

struct frame {
    const spk_value *value;
    size_t at; /* the next of the container's words */
};

struct visit {
    struct memory memory;
    spk_visitor *visitor;
    void *context;
    struct array frames;
    size_t depth;
    struct array met; /* open addressing: words of containers; at most half full */
    size_t met_count;
};

/* No secret is needed: two addresses fall on one place of a table for n when their distance is one in about n, so n such
 * containers take n times n bytes of the document, which their author has to send. */
static size_t met_slot(const struct array *table, word w) {
    const word *entries = table->items;
    size_t at = (size_t)((w >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (table->capacity - 1);
    while (entries[at] != 0 && entries[at] != w) {
        at = (at + 1) & (table->capacity - 1);
    }
    return at;
}

static bool grow_met(struct visit *visit) {
    struct array larger = {NULL, 0};
    size_t capacity = visit->met.capacity > 0 ? visit->met.capacity : 32;
    if (!multiply_size(capacity, 2, &capacity) || !array_reserve(&visit->memory, &larger, capacity, sizeof(word))) {
        return false;
    }
    memset(larger.items, 0, larger.capacity * sizeof(word));
    const word *old = visit->met.items;
    word *entries = larger.items;
    for (size_t i = 0; i < visit->met.capacity; i++) {
        if (old[i] != 0) {
            entries[met_slot(&larger, old[i])] = old[i];
        }
    }
    array_free(&visit->memory, &visit->met, sizeof(word));
    visit->met = larger;
    return true;
}

/* Remembers a container; *again tells whether it was known.  False when there is no memory. */
static bool meet(struct visit *visit, word w, bool *again) {
    *again = false;
    if ((word_container(w)->facts & FACTS_SHARED) == 0) {
        return true;
    }
    if (visit->met_count >= visit->met.capacity / 2 && !grow_met(visit)) {
        return false;
    }
    word *entries = visit->met.items;
    size_t at = met_slot(&visit->met, w);
    *again = entries[at] == w;
    if (!*again) {
        entries[at] = w;
        visit->met_count++;
    }
    return true;
}

static bool push(struct visit *visit, const spk_value *value, bool skips) {
    if (!array_reserve(&visit->memory, &visit->frames, visit->depth + 1, sizeof(struct frame))) {
        return false;
    }
    struct frame *frames = visit->frames.items;
    frames[visit->depth++] = (struct frame){value, skips ? SIZE_MAX : 0};
    return true;
}

enum course { COURSE_ON, COURSE_STOP, COURSE_NO_MEMORY };

static enum course call(struct visit *visit, spk_event event, const spk_value *value) {
    return visit->visitor(visit->context, event, value) == SPK_WALK_STOP ? COURSE_STOP : COURSE_ON;
}

static enum course meet_value(struct visit *visit, const spk_value *value) {
    bool again;
    if (!word_is_container(value->word)) {
        return call(visit, SPK_ATOM, value);
    }
    if (!meet(visit, value->word, &again)) {
        return COURSE_NO_MEMORY;
    }
    if (again) {
        return call(visit, SPK_AGAIN, value);
    }
    spk_walk walk = visit->visitor(visit->context, SPK_ENTER, value);
    if (walk == SPK_WALK_STOP) {
        return COURSE_STOP;
    }
    return push(visit, value, walk == SPK_WALK_SKIP) ? COURSE_ON : COURSE_NO_MEMORY;
}

static enum course step(struct visit *visit) {
    struct frame *frames = visit->frames.items;
    struct frame *frame = &frames[visit->depth - 1];
    const struct container *container = word_container(frame->value->word);
    size_t words = (size_t)container_count(container) * (word_node_kind(frame->value->word) == NODE_DICT ? 2 : 1);
    if (frame->at >= words) {
        const spk_value *value = frame->value;
        visit->depth--;
        return call(visit, SPK_LEAVE, value);
    }
    return meet_value(visit, (const spk_value *)(const void *)&container->items->words[frame->at++]);
}

spk_status spk_visit(const spk_document *document, const spk_value *value, spk_visitor *visitor, void *context) {
    if (!document || !value || !visitor) {
        return SPK_MISUSE;
    }
    struct visit visit = {memory_start(&document->memory.allocator, SPK_UNLIMITED), visitor, context, {NULL, 0}, 0,
                          {NULL, 0}, 0};
    enum course course = meet_value(&visit, value);
    while (course == COURSE_ON && visit.depth > 0) {
        course = step(&visit);
    }
    array_free(&visit.memory, &visit.frames, sizeof(struct frame));
    array_free(&visit.memory, &visit.met, sizeof(word));
    return course == COURSE_NO_MEMORY ? SPK_NO_MEMORY : SPK_OK;
}
