/* SPDX-License-Identifier: MIT
 *
 * What the wide machine knows beside what the strict one does.  Its body is the same, compiled once
 * more for each sink, with cases for the opcodes that import and call; what they may import and
 * call is constructors.def, and construct.h judges it.  Nothing is imported or called: a class is a
 * slot that only a call may take, and its arguments are judged and made into the value.
 *
 * No values, as facts.  They have the kind KIND_NO_VALUE and are unhashable, so that whatever
 * stores items looks at them more closely, and refuses:
 *
 *      63           24 23         16 15    8 7      4 3    0
 *     |    nothing    | constructor | which |UNHASH. |  15  |
 *
 *   NO_VALUE_CLASS      what GLOBAL pushes; may be memoised and fetched
 *   NO_VALUE_ARGUMENTS  the tuple of a call, of which the items are in struct call
 *   NO_VALUE_TAKEN      in the memo alone: what was an argument, and belongs to a value now
 *
 * Notes.  A document can be asked for what a value is; in a check only slots tell, so they tell
 * more.  Of a str:
 *
 *      63            19   18   17     16    15     8 7      4 3    0
 *     | stamp, or size  |LONG|LATIN1|PYTHON2|  term   | flags  | kind |
 *
 *   term       which string of constructors.def it is, if one
 *   PYTHON2    it was a str of Python 2 (of bytes, too)
 *   LATIN1     it has no character over U+00FF; below protocol 3 alone
 *   LONG       it has TEXT_LONG_MIN bytes or more, which no name has, and its size stands in the
 *              place of the stamp (of Latin-1: as Latin-1); of bytes, too
 *   stamp      as in a strict check, but for its upper bits, which a pickle of 32 TiB would need
 *
 * Of a container the upper four bits of the depth; so with allow max_depth is at most
 * FACTS_NOTED_DEPTH_MAX:
 *
 *      63       28   27  26    25     24      23       8 7      4 3    0
 *     | expansion  | - |LARGE|UNHASH.|FETCHED|   depth   | flags  | kind |
 *
 *   FETCHED    it was fetched from the memo: there may be another reference to it
 *   UNHASHABLE of a list or tuple: one of its items is unhashable,
 *   LARGE      or, if none is, over max_key_expansion, so that it cannot be a member of a set */
#ifndef SPK_WIDE_H
#define SPK_WIDE_H

#include "base/facts.h"
#include "base/memory.h"
#include "base/names.h"
#include "decode/slots.h"

#define TEXT_TERM_SHIFT 8
#define TEXT_TERM UINT64_C(0xff)
#define TEXT_PYTHON2 UINT64_C(0x10000)
#define TEXT_LATIN1 UINT64_C(0x20000)
#define TEXT_LONG UINT64_C(0x40000)
#define TEXT_SHIFT 19 /* of stamp or size */
#define TEXT_LONG_MIN 256

#define NOTE_FETCHED UINT64_C(0x1000000)
#define NOTE_UNHASHABLE UINT64_C(0x2000000)
#define NOTE_LARGE UINT64_C(0x4000000)

_Static_assert(TERMS <= TEXT_TERM, "a term has eight bits");

enum no_value { NO_VALUE_CLASS, NO_VALUE_ARGUMENTS, NO_VALUE_TAKEN };

#define NO_VALUE(which, constructor) \
    (KIND_NO_VALUE | FACTS_UNHASHABLE | (facts)(which) << 8 | (facts)(constructor) << 16)

static inline bool is_class(facts f) {
    return (f & 0xffff) == NO_VALUE(NO_VALUE_CLASS, 0);
}

static inline enum constructor class_constructor(facts f) {
    return (enum constructor)(f >> 16);
}

#define ARGUMENTS_MAX 4

/* The tuple that was made last directly above a class. */
struct call {
    slot arguments[ARGUMENTS_MAX];
    size_t count;
    size_t place; /* on the stack; CALL_NONE: there is none, or it was used */
};

#define CALL_NONE SIZE_MAX

/* What a check has seen of a str that comes in pieces. */
struct text_seen {
    uint64_t size;
    uint64_t latin1_size; /* as utf8_latin1_size, as long as it is Latin-1 */
    bool is_latin1;
    uint8_t head[TERM_SIZE_MAX]; /* its first bytes */
};

struct wide {
    allowed sets;            /* 0: strict, and all that follows means nothing */
    struct term_filter filter;
    struct call call;
    struct text_seen text;
    uint64_t copied; /* bytes of long arguments that became values */
    uint64_t imports;    /* names met */
};

void wide_start(struct wide *wide, allowed sets);
void wide_clear(struct wide *wide); /* another pickle begins */

#endif
