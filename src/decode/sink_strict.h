/* SPDX-License-Identifier: MIT
 *
 * What a strict machine has in place of what wide.h adds to a sink: nothing.  Included once for
 * each sink. */

static inline bool SINK(is_no_value)(slot s) {
    (void)s;
    return false;
}

static inline bool SINK(has_no_value)(const slot *items, const slot *end) {
    (void)items;
    (void)end;
    return false;
}

static inline bool SINK(may_be_fetched)(struct machine *machine, slot entry) {
    (void)machine;
    (void)entry;
    return true;
}

static inline slot SINK(of_python2)(slot s) {
    return s;
}

static inline facts SINK(notes_of)(struct machine *machine, facts target, const struct sum *sum,
                                   const slot *items, size_t count) {
    (void)machine;
    (void)target;
    (void)sum;
    (void)items;
    (void)count;
    return 0;
}

static inline bool SINK(add_link)(struct machine *machine, facts *target, facts *item) {
    return graph_add(&machine->graph, machine->memory, target, item);
}
