/* SPDX-License-Identifier: MIT
 *
 * Ground floor: what must be known of a value to judge what is done with it, packed into one word.
 * Both modes keep the same facts: in a check they are all there is of a value, in a document every
 * container carries them.
 *
 *    63                              28 27                       8 7      4 3      0
 *   +----------------------------------+--------------------------+--------+--------+
 *   | expansion                        | depth                    | flags  | kind   |
 *   +----------------------------------+--------------------------+--------+--------+
 *
 *   kind        an spk_type
 *   flags       FACTS_CONTAINER, FACTS_UNHASHABLE, FACTS_STORED, FACTS_SHARED
 *   depth       0 for atoms, 1 for an empty container, else one more than the deepest item
 *   expansion   the values in it, shared ones counted as often as they are reached; 1 for atoms
 *
 * A check keeps something else in bits 8 to 63 of strings and floats, where only its sink looks
 * (sink_check.h).
 *
 * Depth and expansion stop at the top of their fields; a limit that high counts as none (limits.c).
 * With allow_cycles the expansion of an unhashable container is its number in the graph of links
 * instead (graph.h). */
#ifndef SPK_FACTS_H
#define SPK_FACTS_H

#include "base/bytes.h"
#include "safepickle.h"

typedef uint64_t facts;

#define KIND_MASK 15u
#define KIND_NO_VALUE 15u /* only in the wide machine: wide.h */

#define FACTS_CONTAINER 0x10u
#define FACTS_UNHASHABLE 0x20u
#define FACTS_STORED 0x40u /* has been an item or a key: may not change any more */
#define FACTS_SHARED 0x80u /* a container fetched from the memo: several places may hold it */
#define FACTS_NAN 0x100u   /* of a float, which has no depth: the memo must not keep it */

#define FACTS_DEPTH_SHIFT 8
/* The wide machine keeps notes in four bits of the depth (wide.h), so that there no limit is
 * higher. */
#define FACTS_NOTED_DEPTH_MAX UINT64_C(0xfffe)
#ifdef FACTS_HAVE_NOTES
#define FACTS_NOTES UINT64_C(0xf000000)
#define FACTS_DEPTH_TOP UINT64_C(0xffff)
#else
#define FACTS_NOTES UINT64_C(0)
#define FACTS_DEPTH_TOP UINT64_C(0xfffff)
#endif
#define FACTS_EXPANSION_SHIFT 28
#define FACTS_EXPANSION_TOP UINT64_C(0xfffffffff)

/* The ceilings of max_key_depth and max_key_expansion.  With them a fixed number of frames is
 * enough for all work on keys. */
#define KEY_DEPTH_MAX 100
#define KEY_EXPANSION_MAX 65536

static inline unsigned facts_kind(facts f) {
    return (unsigned)f & KIND_MASK;
}

static inline uint64_t facts_depth(facts f) {
    return f & FACTS_CONTAINER ? f >> FACTS_DEPTH_SHIFT & FACTS_DEPTH_TOP : 0;
}

static inline uint64_t facts_expansion(facts f) {
    return f & FACTS_CONTAINER ? f >> FACTS_EXPANSION_SHIFT : 1;
}

/* Replaces depth and expansion, which must be within their fields. */
static inline facts facts_with(facts f, uint64_t depth, uint64_t expansion) {
    return (f & (FACTS_NOTES | 0xff)) | depth << FACTS_DEPTH_SHIFT |
           expansion << FACTS_EXPANSION_SHIFT;
}

/* Of an empty container of this kind. */
static inline facts facts_empty(unsigned kind) {
    bool unhashable = kind == SPK_LIST || kind == SPK_DICT || kind == SPK_SET;
    facts f = kind | FACTS_CONTAINER | (unhashable ? FACTS_UNHASHABLE : 0);
    return facts_with(f, 1, 1);
}

/* Of an atom of this kind. */
static inline facts facts_atom(unsigned kind) {
    return facts_with(kind | (kind == SPK_BYTEARRAY ? FACTS_UNHASHABLE : 0), 0, 1);
}

static inline bool is_nan_bits(uint64_t bits) {
    return (bits & UINT64_C(0x7fffffffffffffff)) > UINT64_C(0x7ff0000000000000);
}

#endif
