/* SPDX-License-Identifier: MIT
 *
 * Compares a document's values with Python's, for target cpython. */
#ifndef SPK_FUZZ_PYTHON_VALUE_H
#define SPK_FUZZ_PYTHON_VALUE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "support.h"

/* Ends the program unless the two are the same: types, contents, order, the bits of floats (but for
 * the bits of a NaN if any_nan is set: protocol 0 writes none), and which places hold the same
 * object.  False if Python ran out of memory first. */
bool same_value(const spk_document *document, PyObject *theirs, bool any_nan);

#endif
