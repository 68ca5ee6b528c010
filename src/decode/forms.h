/* SPDX-License-Identifier: MIT
 *
 * The calls of constructors.def as tables, for construct.h. */
#ifndef SPK_FORMS_H
#define SPK_FORMS_H

#include "base/names.h"

enum argument_form {
    ARGUMENT_NOTHING,
    ARGUMENT_MEMBERS,
    ARGUMENT_TUPLE,
    ARGUMENT_BYTES,
    ARGUMENT_TEXT,
    ARGUMENT_LATIN1,
    ARGUMENT_LATIN_1
};

enum makes { MAKES_SET, MAKES_FROZENSET, MAKES_BYTES, MAKES_BYTEARRAY };

#define FORM_ARGUMENTS 2

struct call_form {
    uint8_t constructor;
    int8_t first; /* protocol, and last; -1: without PROTO */
    int8_t last;
    uint8_t makes;
    uint8_t count;
    uint8_t arguments[FORM_ARGUMENTS];
};

static const struct call_form call_forms[] = {
#define FORM(constructor, first, last, makes, a, b) \
    {CONSTRUCTOR_##constructor, \
     (first) == 0 ? -1 : (first), \
     last, \
     MAKES_##makes, \
     (ARGUMENT_##a != ARGUMENT_NOTHING) + (ARGUMENT_##b != ARGUMENT_NOTHING), \
     {ARGUMENT_##a, ARGUMENT_##b}},
#include "constructors.def"
#undef FORM
};

#define CALL_FORMS (sizeof call_forms / sizeof call_forms[0])

/* True if a form of it has a tuple for an argument. */
static inline bool constructor_takes_tuple(enum constructor constructor) {
    for (size_t i = 0; i < CALL_FORMS; i++) {
        if (call_forms[i].constructor == constructor &&
            call_forms[i].arguments[0] == ARGUMENT_TUPLE) {
            return true;
        }
    }
    return false;
}

#endif
