/* SPDX-License-Identifier: MIT
 *
 * The nodes and edges as they come, and Tarjan's algorithm over them at STOP. */
#include "decode/graph.h"

#define NOTHING UINT32_MAX

/* In the field of its expansion a numbered container holds the index of its node plus 2.  One that
 * is not numbered holds 1 there, as an empty container does. */
#define FIRST_NUMBER 2

struct graph_node {
    uint64_t
        expansion; /* itself and its hashable items; in a finished component that of all of it */
    uint32_t depth;     /* that its hashable items give it */
    uint32_t edge;      /* while edges are added: the last; in the pass: the next to look at */
    uint32_t order; /* 0: not visited; else its turn, from 1; FINISHED once its component is */
    uint32_t low; /* the smallest order reached from here */
    uint32_t parent; /* the node that the pass came from */
    uint32_t below; /* the next one down on the stack of unfinished nodes */
};

/* The edges of a node, in the order of storing, are a ring, so that one index gives both the last
 * and the first:
 *
 *     node.edge --> last --next--> first --next--> second --next--> last
 *
 * The pass opens the ring when it enters the node. */
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
    if (!array_reserve(memory, &graph->nodes, (size_t)graph->node_count + 1,
                       sizeof(struct graph_node))) {
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
    if (!array_reserve(memory, &graph->edges, (size_t)graph->edge_count + 1,
                       sizeof(struct graph_edge))) {
        return false;
    }
    struct graph_node *nodes = graph->nodes.items;
    struct graph_edge *edges = graph->edges.items;
    uint32_t last = nodes[from].edge;
    edges[graph->edge_count] = (struct graph_edge){to, graph->edge_count};
    if (last != NOTHING) {
        edges[graph->edge_count].next = edges[last].next;
        edges[last].next = graph->edge_count;
    }
    nodes[from].edge = graph->edge_count++;
    return true;
}

static void add_expansion(struct graph_node *node, uint64_t expansion) {
    node->expansion = add_capped(node->expansion, expansion, FACTS_EXPANSION_TOP);
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
    uint64_t depth = add_capped(facts_depth(*item), 1, FACTS_DEPTH_TOP);
    nodes[from].depth = (uint32_t)max_u64(nodes[from].depth, depth);
    add_expansion(&nodes[from], facts_expansion(*item));
    return true;
}

void graph_measure(const struct graph *graph, facts container, uint64_t *depth,
                   uint64_t *expansion) {
    uint64_t value = container >> FACTS_EXPANSION_SHIFT;
    const struct graph_node *nodes = graph->nodes.items;
    bool is_numbered = value >= FIRST_NUMBER;
    *depth = is_numbered ? nodes[value - FIRST_NUMBER].depth : 1;
    *expansion = is_numbered ? nodes[value - FIRST_NUMBER].expansion : 1;
}

/* Tarjan's algorithm.  Its walk is also the one that gives the depth.  Instead of a recursion the
 * path is kept in the nodes (parent), and so is the stack of unfinished nodes (below). */
struct pass {
    struct graph_node *nodes;
    struct graph_edge *edges;
    uint32_t top; /* of the stack of unfinished nodes */
    uint32_t order; /* the last that was given */
    uint64_t level; /* of the node that the walk is at: 1 where it started */
    uint64_t deepest; /* since it started */
    uint64_t largest; /* expansion of a component so far */
};

static void enter(struct pass *pass, uint32_t at, uint32_t parent) {
    struct graph_node *node = &pass->nodes[at];
    node->order = node->low = ++pass->order;
    node->parent = parent;
    node->below = pass->top;
    pass->top = at;
    if (node->edge != NOTHING) { /* opens the ring of edges: begins with the first */
        uint32_t last = node->edge;
        node->edge = pass->edges[last].next;
        pass->edges[last].next = NOTHING;
    }
    pass->level++;
    pass->deepest =
        max_u64(pass->deepest, add_capped(pass->level - 1, node->depth, FACTS_DEPTH_TOP));
}

/* The component is complete: it is all that stands on the stack down to its root.  Its expansion is
 * 1 for the root, and for each node what that counts beyond itself; links count the other nodes. */
static void finish_component(struct pass *pass, uint32_t root) {
    struct graph_node *nodes = pass->nodes;
    uint64_t expansion = 1;
    uint32_t at = pass->top;
    for (bool is_last = false; !is_last; at = nodes[at].below) {
        is_last = at == root;
        expansion = add_capped(expansion, nodes[at].expansion - 1, FACTS_EXPANSION_TOP);
    }
    at = pass->top;
    for (bool is_last = false; !is_last; at = nodes[at].below) {
        is_last = at == root;
        nodes[at].expansion = expansion;
        nodes[at].order = FINISHED;
    }
    pass->largest = max_u64(pass->largest, expansion);
    pass->top = nodes[root].below;
}

/* Counts a link to a node that has been visited: into a finished component, or to a node on the
 * stack, which may reach further up. */
static void count_link(struct pass *pass, uint32_t from, uint32_t to) {
    struct graph_node *node = &pass->nodes[from];
    const struct graph_node *item = &pass->nodes[to];
    if (item->order == FINISHED) {
        add_expansion(node, item->expansion);
        return;
    }
    add_expansion(node, 1);
    if (item->low < node->low) {
        node->low = item->low;
    }
}

static void walk_from(struct pass *pass, uint32_t start) {
    pass->level = 0;
    pass->deepest = 0;
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
        pass->level--;
        at = node->parent;
    }
}

/* The index of the node of a container; NOTHING for a value that has none. */
static uint32_t node_of(facts container) {
    bool is_in_graph = (container & FACTS_CONTAINER) != 0 && (container & FACTS_UNHASHABLE) != 0;
    uint64_t value = container >> FACTS_EXPANSION_SHIFT;
    return is_in_graph && value >= FIRST_NUMBER ? (uint32_t)(value - FIRST_NUMBER) : NOTHING;
}

enum reason graph_judge(struct graph *graph, const spk_options *limits, facts root,
                        uint64_t *depth) {
    struct pass pass = {graph->nodes.items, graph->edges.items, NOTHING, 0, 0, 0, 0};
    uint32_t first = node_of(root);
    *depth = facts_depth(root);
    if (first != NOTHING) {
        walk_from(&pass, first);
        *depth = pass.deepest;
    }
    uint64_t deepest = *depth;
    for (uint32_t i = 0; i < graph->node_count; i++) {
        if (pass.nodes[i].order == 0) {
            walk_from(&pass, i);
            deepest = max_u64(deepest, pass.deepest);
        }
    }
    if (deepest > limits->max_depth) {
        return REASON_LIMIT_DEPTH;
    }
    return pass.largest > limits->max_expansion ? REASON_LIMIT_EXPANSION : REASON_DATA;
}

size_t graph_memory(const struct graph *graph) {
    return graph->nodes.capacity * sizeof(struct graph_node) +
           graph->edges.capacity * sizeof(struct graph_edge);
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
