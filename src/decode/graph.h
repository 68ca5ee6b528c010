/* SPDX-License-Identifier: MIT
 *
 * The graph of links between unhashable containers, which is kept with allow_cycles alone: built as
 * items are stored, judged once at STOP, in one pass that does not recurse.  Hashable values cannot
 * be part of a cycle and are no nodes; they count in the node that holds them.  Knows facts, and
 * nothing of opcodes or sinks. */
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

/* Counts an item stored in an unhashable container; "target" is numbered at its first link, and so
 * is an unhashable item. False when there is no memory. */
bool graph_add(struct graph *graph, struct memory *memory, facts *target, facts *item);

/* Judges the finished graph and tells the depth of the value, whose facts are "root".
 *
 * Depth is what a depth-first walk meets that enters each container once, over links in the order
 * in which they were stored (those too whose value a later equal key replaced, so that a check,
 * which does not look for equal keys, counts as a decode does).  It starts at the root, and then at
 * each container that was not met, for what is not reached from the root may not be deeper either.
 * A hashable item counts with all its depth wherever it is met.
 *
 *     root = {'c': []}, then a thousand times root['c'].append({'p': root}):
 *     root, list, dict  is 3
 *
 * Expansion counts the values that are met by who remembers only within a component of containers
 * that reach each other: an item that leads back into the component counts as one value, and a link
 * into another component as all that it reaches.
 *
 *     A = [B], B = [A, C, C], C = [1, 2]:  C is 3 values; A and B are A, B, A again, and twice C: 9
 */
enum reason graph_judge(struct graph *graph, const spk_options *limits, facts root,
                        uint64_t *depth);

size_t graph_memory(const struct graph *graph);
void graph_clear(struct graph *graph);
void graph_free(struct graph *graph, struct memory *memory);

#endif
