/* SPDX-License-Identifier: MIT
 *
 * The limits by their names, and the graph of links. */
#include "links.h"

uint64_t links_limit(const spk_options *limits, enum reason reason) {
    switch (reason) {
    case REASON_LIMIT_DEPTH:
        return limits->max_depth;
    case REASON_LIMIT_EXPANSION:
        return limits->max_expansion;
    case REASON_LIMIT_KEY_DEPTH:
        return limits->max_key_depth;
    case REASON_LIMIT_KEY_EXPANSION:
        return limits->max_key_expansion;
    default:
        return 0;
    }
}

#define NOTHING UINT32_MAX

/* A numbered container holds its node's index plus 2 where others hold their expansion: an empty one expands to 1. */
#define FIRST_NUMBER 2

struct graph_node {
    uint64_t expansion; /* itself, its atoms and hashable items; in the end all */
    uint32_t depth;     /* by hashable items; in the end by all */
    uint32_t edge;      /* the next to look at */
    uint32_t order;     /* 0: not visited; else when, from 1; FINISHED once its component is */
    uint32_t low;       /* the earliest order reached from here */
    uint32_t parent;    /* the node that the pass came from */
    uint32_t below;     /* on the stack of unfinished nodes */
};

struct graph_edge {
    uint32_t to;
    uint32_t next;
};

#define FINISHED UINT32_MAX

static bool number(struct graph *graph, struct memory *memory, facts *container, uint32_t *index) {
    uint64_t value = *container >> FACTS_EXPANSION_SHIFT;
    if (value >= FIRST_NUMBER) {
        *index = (uint32_t)(value - FIRST_NUMBER);
        return true;
    }
    if (graph->node_count == NOTHING - FIRST_NUMBER) {
        memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    if (!array_reserve(memory, &graph->nodes, (size_t)graph->node_count + 1, sizeof(struct graph_node))) {
        return false;
    }
    struct graph_node *nodes = graph->nodes.items;
    *index = graph->node_count++;
    nodes[*index] = (struct graph_node){1, 1, NOTHING, 0, 0, NOTHING, NOTHING};
    *container = facts_with(*container, 1, (uint64_t)*index + FIRST_NUMBER);
    return true;
}

static bool add_edge(struct graph *graph, struct memory *memory, uint32_t from, uint32_t to) {
    if (graph->edge_count == NOTHING) {
        memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    if (!array_reserve(memory, &graph->edges, (size_t)graph->edge_count + 1, sizeof(struct graph_edge))) {
        return false;
    }
    struct graph_node *nodes = graph->nodes.items;
    struct graph_edge *edges = graph->edges.items;
    edges[graph->edge_count] = (struct graph_edge){to, nodes[from].edge};
    nodes[from].edge = graph->edge_count++;
    return true;
}

/* Counts a value whose own facts are final. */
static void count_item(struct graph_node *node, uint64_t item_depth, uint64_t item_expansion) {
    node->depth = (uint32_t)links_larger(node->depth, links_sum(item_depth, 1, FACTS_DEPTH_TOP));
    node->expansion = links_sum(node->expansion, item_expansion, FACTS_EXPANSION_TOP);
}

bool graph_add(struct graph *graph, struct memory *memory, facts *target, facts *item) {
    uint32_t from;
    uint32_t to;
    if (!number(graph, memory, target, &from)) {
        return false;
    }
    if ((*item & FACTS_CONTAINER) != 0 && (*item & FACTS_UNHASHABLE) != 0) {
        return number(graph, memory, item, &to) && add_edge(graph, memory, from, to);
    }
    struct graph_node *nodes = graph->nodes.items;
    count_item(&nodes[from], facts_depth(*item), facts_expansion(*item));
    return true;
}

/* Tarjan's algorithm; the paths that a recursion would keep on the C stack are links through the nodes. */
struct pass {
    struct graph_node *nodes;
    const struct graph_edge *edges;
    uint32_t top;   /* of the stack of unfinished nodes */
    uint32_t order; /* last one given */
};

static void enter(struct pass *pass, uint32_t at, uint32_t parent) {
    struct graph_node *node = &pass->nodes[at];
    node->order = node->low = ++pass->order;
    node->parent = parent;
    node->below = pass->top;
    pass->top = at;
}

/* All of a component is on the stack down to its root: its depth is known now. */
static void finish_component(struct pass *pass, uint32_t root) {
    struct graph_node *nodes = pass->nodes;
    uint64_t depth = 0;
    uint64_t size = 0;
    uint32_t at = pass->top;
    for (bool is_last = false; !is_last; at = nodes[at].below) {
        is_last = at == root;
        depth = links_larger(depth, nodes[at].depth);
        size++;
    }
    depth = links_sum(depth, size - 1, FACTS_DEPTH_TOP);
    at = pass->top;
    for (bool is_last = false; !is_last; at = nodes[at].below) {
        is_last = at == root;
        nodes[at].depth = (uint32_t)depth;
        nodes[at].order = FINISHED;
    }
    pass->top = nodes[root].below;
}

/* A link from "from" to "to", which has been visited: into a finished component, or within the one being walked. */
static void count_link(struct pass *pass, uint32_t from, uint32_t to) {
    struct graph_node *node = &pass->nodes[from];
    const struct graph_node *item = &pass->nodes[to];
    if (item->order == FINISHED) {
        count_item(node, item->depth, item->expansion);
        return;
    }
    node->expansion = links_sum(node->expansion, 1, FACTS_EXPANSION_TOP);
    if (item->low < node->low) {
        node->low = item->low;
    }
}

static void walk_from(struct pass *pass, uint32_t start) {
    enter(pass, start, NOTHING);
    uint32_t at = start;
    while (at != NOTHING) {
        struct graph_node *node = &pass->nodes[at];
        if (node->edge != NOTHING) {
            uint32_t to = pass->edges[node->edge].to;
            if (pass->nodes[to].order == 0) {
                enter(pass, to, at); /* the edge is counted when the pass comes back */
                at = to;
                continue;
            }
            node->edge = pass->edges[node->edge].next;
            count_link(pass, at, to);
            continue;
        }
        if (node->low == node->order) {
            finish_component(pass, at);
        }
        at = node->parent;
    }
}

enum reason graph_judge(struct graph *graph, const spk_options *limits) {
    struct pass pass = {graph->nodes.items, graph->edges.items, NOTHING, 0};
    for (uint32_t i = 0; i < graph->node_count; i++) {
        if (pass.nodes[i].order == 0) {
            walk_from(&pass, i);
        }
    }
    for (uint32_t i = 0; i < graph->node_count; i++) {
        if (pass.nodes[i].depth > limits->max_depth) {
            return REASON_LIMIT_DEPTH;
        }
        if (pass.nodes[i].expansion > limits->max_expansion) {
            return REASON_LIMIT_EXPANSION;
        }
    }
    return REASON_DATA;
}

uint64_t graph_depth(const struct graph *graph, facts container) {
    uint64_t value = container >> FACTS_EXPANSION_SHIFT;
    const struct graph_node *nodes = graph->nodes.items;
    return value < FIRST_NUMBER ? 1 : nodes[value - FIRST_NUMBER].depth;
}

size_t graph_memory(const struct graph *graph) {
    return graph->nodes.capacity * sizeof(struct graph_node) + graph->edges.capacity * sizeof(struct graph_edge);
}

void graph_clear(struct graph *graph) {
    graph->node_count = 0;
    graph->edge_count = 0;
}

void graph_free(struct graph *graph, struct memory *memory) {
    array_free(memory, &graph->nodes, sizeof(struct graph_node));
    array_free(memory, &graph->edges, sizeof(struct graph_edge));
    graph_clear(graph);
}
