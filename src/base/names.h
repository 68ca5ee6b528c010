/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the names of constructors.def.  Which strings are a term, which two of them name a
 * constructor, and which set has it.  Judges nothing, and compares whole strings: no prefix, no dot
 * within a name, no case, no hash. */
#ifndef SPK_NAMES_H
#define SPK_NAMES_H

#include "base/bytes.h"

enum allow_set {
#define ALLOW_SET(id, name) ALLOW_##id,
#include "constructors.def"
#undef ALLOW_SET
    ALLOW_SETS
};

enum term {
    TERM_NONE,
#define TERM(id, text) TERM_##id,
#include "constructors.def"
#undef TERM
    TERMS
};

enum constructor {
    CONSTRUCTOR_NONE,
#define CONSTRUCTOR(id, set, name) CONSTRUCTOR_##id,
#include "constructors.def"
#undef CONSTRUCTOR
    CONSTRUCTORS
};

/* What a list of sets allows: a bit for each set, those it holds included. */
typedef unsigned allowed;

struct unknown_set {
    const char *word; /* in the list */
    size_t size;
};

/* Reads such a list: names separated by commas or spaces; NULL is an empty one.  False if a word is
 * the name of no set. */
bool names_allow(const char *list, allowed *sets, struct unknown_set *unknown);

#define TERM_SIZE_MAX 31

/* TERM_NONE if the string is no term. */
enum term names_term(const uint8_t *p, size_t size);

/* The constructor that two terms name in a pickle of this protocol (-1: it has no PROTO), if the
 * sets have it; else CONSTRUCTOR_NONE. */
enum constructor names_find(enum term module, enum term name, int protocol, allowed sets);

/* Its name for people; static. */
const char *names_of(enum constructor constructor);

/* The name of the first set that has an import, written as "module.name"; "" if none has. */
const char *names_set_of(const char *import);

/* For each size the first bytes that a term of it may begin with, as bits: most strings are known
 * by that alone to be none. */
struct term_filter {
    uint64_t first[TERM_SIZE_MAX + 1];
};

struct term_filter names_filter(void);

/* At the end of a window there is no byte behind an empty string. */
static inline bool names_may_be_term(const struct term_filter *filter, const uint8_t *p,
                                     size_t size) {
    return size > 0 && size <= TERM_SIZE_MAX && (filter->first[size] >> (p[0] & 63) & 1) != 0;
}

#endif
