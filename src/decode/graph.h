/* SPDX-License-Identifier: MIT
 *
 * The graph of links between unhashable containers, which is kept with allow_cycles alone.  It is
 * built as items are stored, and judged once, at STOP, in one pass that does not recurse.  Hashable
 * values cannot be part of a cycle, so they are no nodes; they count in the node that holds them.
 * Knows facts, and nothing of opcodes or sinks. */
#ifndef SPK_GRAPH_H
#define SPK_GRAPH_H

#include "base/facts.h"
#include "base/memory.h"

struct graph {
    struct array nodes; /* struct graph_node */
    struct array edges; /* struct graph_edge */
    uint32_t node_count;
    uint32_t edge_count;
};

/* Counts an item that is stored in the unhashable container "target".  Target and item, if it is an
 * unhashable container, get their numbers at their first link.  False when there is no memory. */
bool graph_add(struct graph *graph, struct memory *memory, facts *target, facts *item);

/* Judges the finished graph.  *depth becomes that of the value, whose facts are "root".
 *
 * Depth is that of a depth-first walk which enters each container once and follows links in the
 * order in which they were stored.  The walk starts at the root, and then again at each container
 * that was not entered yet: what cannot be reached from the root may not be too deep either.  Links
 * whose value a later equal key replaced count, too: a check does not look for equal keys, and must
 * count as a decode does.  A hashable item counts with its whole depth wherever it is met.
 *
 *     root = {'c': []}, then a thousand times root['c'].append({'p': root}):
 *     root, list, dict  is 3
 *
 * Expansion is counted by components, which are containers that all reach each other.  A link
 * within a component counts one value, wherever it leads, and the component itself one more.  A
 * link into another component counts all that can be reached there.
 *
 *     A = [B], B = [A, C, C], C = [1, 2]:  C is 3 values; A and B are A, B, A again, and twice C: 9
 */
enum reason graph_judge(struct graph *graph, const spk_options *limits, facts root,
                        uint64_t *depth);

/* What a container that holds hashable items alone, as all of them are stored, would come to if it
 * were hashable itself: it is no part of a cycle. */
void graph_measure(const struct graph *graph, facts container, uint64_t *depth,
                   uint64_t *expansion);

size_t graph_memory(const struct graph *graph);
void graph_clear(struct graph *graph);
void graph_free(struct graph *graph, struct memory *memory);

#endif
