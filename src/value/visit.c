/* SPDX-License-Identifier: MIT
 *
 * The visitor: depth first over a value, with a stack of its own instead of recursion, entering
 * each container once.  Only containers that were fetched from the memo can be met twice, so only
 * these are remembered. */
#include "value/identity.h"
#include "value/builder.h"

struct visit_frame {
    const spk_value *value;
    size_t at; /* the next of the container's words */
};

struct visit {
    struct memory memory;
    spk_visitor *visitor;
    void *context;
    struct array frames;
    size_t depth;
    struct identities met; /* containers that may be met again */
};

/* Remembers a container; *again is true if it was met before.  False when there is no memory. */
static bool meet(struct visit *visit, word w, bool *again) {
    *again = false;
    if ((word_container(w)->facts & FACTS_SHARED) == 0) {
        return true;
    }
    if (!identities_reserve(&visit->met)) {
        return false;
    }
    uint32_t *bucket = identities_bucket(&visit->met, w);
    *again = *bucket != 0;
    if (!*again) {
        identities_enter(&visit->met, bucket, w, 0);
    }
    return true;
}

static bool push(struct visit *visit, const spk_value *value, bool skips) {
    if (!array_reserve(&visit->memory, &visit->frames, visit->depth + 1,
                       sizeof(struct visit_frame))) {
        return false;
    }
    struct visit_frame *frames = visit->frames.items;
    frames[visit->depth++] = (struct visit_frame){value, skips ? SIZE_MAX : 0};
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
    struct visit_frame *frames = visit->frames.items;
    struct visit_frame *frame = &frames[visit->depth - 1];
    const struct container *container = word_container(frame->value->word);
    size_t words = (size_t)container_count(container) *
                   (word_node_kind(frame->value->word) == NODE_DICT ? 2 : 1);
    if (frame->at >= words) {
        const spk_value *value = frame->value;
        visit->depth--;
        return call(visit, SPK_LEAVE, value);
    }
    return meet_value(visit,
                      (const spk_value *)(const void *)&container->items->words[frame->at++]);
}

spk_status spk_visit(const spk_document *document, const spk_value *value, spk_visitor *visitor,
                     void *context) {
    if (!document || !value || !visitor) {
        return SPK_MISUSE;
    }
    struct visit visit = {.memory = memory_start(&document->memory.allocator, SPK_UNLIMITED),
                          .visitor = visitor,
                          .context = context};
    identities_start(&visit.met, &visit.memory, &document->key);
    enum course course = meet_value(&visit, value);
    while (course == COURSE_ON && visit.depth > 0) {
        course = step(&visit);
    }
    array_free(&visit.memory, &visit.frames, sizeof(struct visit_frame));
    identities_free(&visit.met);
    return course == COURSE_NO_MEMORY ? SPK_NO_MEMORY : SPK_OK;
}
