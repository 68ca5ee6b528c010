/* SPDX-License-Identifier: MIT
 *
 * The value of a document as canonical text, the one notation of values in all tests;
 * tests/scripts/canonical.py defines it and prints it for Python's values.
 *
 * Knows the public header only, and what the library returns is not trusted: where two getters
 * contradict each other, or a promise of the header is broken, the program dies and says so. */
#ifndef SPK_TESTS_CANONICAL_TEXT_H
#define SPK_TESTS_CANONICAL_TEXT_H

#include "buffer.h"
#include "safepickle.h"

enum canonical_form {
    CANONICAL, /* what Python can tell of a value, too */
    EXACT, /* what only the library can: sets in their order, and a number for every container */
};

/* Adds the text, without a NUL. */
void put_document(struct buffer *text, const spk_document *document, enum canonical_form form);

#endif
