/* SPDX-License-Identifier: MIT
 *
 * Representatives.  While a document is built, every heavy key (key.h) is hashed and compared only
 * once, when it is first used as a key.  That finds its representative, which has a number; from
 * then on two heavy keys are equal if their numbers are.  So a megabyte that is a key a million
 * times costs as much as once, and equality needs no budget that could run out.  Of tuples and
 * frozensets the representatives of the items are hashed and compared, with an explicit stack. */
#ifndef SPK_INTERN_H
#define SPK_INTERN_H

#include "value/identity.h"

struct intern {
    struct memory *memory;
    struct hash_key key;
    struct identities seen; /* the number of the representative of each heavy value but a tuple */
    struct array table; /* open addressing: number of a representative plus 1, by its hash */
    struct array found; /* the representatives: hash, and the first value of the kind */
    uint32_t found_count;
};

void intern_start(struct intern *intern, struct memory *memory, struct hash_key key);

void intern_forget(struct intern *intern);

/* Forgets everything.  Mostly no key was heavy, so that there is nothing to forget. */
static inline void intern_clear(struct intern *intern) {
    if (UNLIKELY(intern->found_count > 0 || intern->table.capacity > 0 ||
                 intern->seen.list.capacity > 0)) {
        intern_forget(intern);
    }
}

/* The hash of any hashable value, which has a representative afterwards if it is heavy.  False when
 * there is no memory. */
bool intern_hash(struct intern *intern, word w, uint64_t *hash);

/* Equality of two values that intern_hash has seen. */
bool intern_equal(const struct intern *intern, word a, word b);

#endif
