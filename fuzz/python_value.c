/* SPDX-License-Identifier: MIT
 *
 * The comparison of a document with a Python value, pair by pair from a list of pairs to do, so
 * that neither depth nor sharing matters.  Knows nothing of pickles. */
#include "python_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pair {
    const spk_value *ours;
    PyObject *theirs; /* borrowed: the root keeps it */
};

struct comparison {
    const spk_document *document;
    struct pair *pairs;
    size_t count;
    size_t capacity;
    PyObject *theirs_by_id; /* dict: our id to the address of their object */
    PyObject *ids_by_theirs;
    bool any_nan;
    bool has_failed; /* for want of memory */
};

static void differ(const char *what) {
    fail("CPython has another value: %s", what);
}

static void later(struct comparison *comparison, const spk_value *ours, PyObject *theirs) {
    if (comparison->count == comparison->capacity) {
        comparison->capacity = comparison->capacity > 0 ? comparison->capacity * 2 : 64;
        comparison->pairs =
            realloc(comparison->pairs, comparison->capacity * sizeof *comparison->pairs);
        EXPECT(comparison->pairs != NULL);
    }
    if (!ours || !theirs) {
        differ("an item is missing");
    }
    comparison->pairs[comparison->count++] = (struct pair){ours, theirs};
}

/* ---- atoms ---- */

static PyObject *python_int(const spk_value *ours) {
    size_t size = spk_get_int_bytes(ours, NULL, 0);
    uint8_t *bytes = malloc(size);
    EXPECT(bytes && spk_get_int_bytes(ours, bytes, size) == size);
    PyObject *number = _PyLong_FromByteArray(bytes, size, 1, 1);
    free(bytes);
    return number;
}

/* NULL with a Python error when there is no memory, or for a container. */
static PyObject *python_atom(const spk_value *ours) {
    const char *text = NULL;
    const void *bytes = NULL;
    size_t size = 0;
    double number = 0;
    bool truth = false;
    switch (spk_type_of(ours)) {
    case SPK_NONE:
        return Py_NewRef(Py_None);
    case SPK_BOOL:
        (void)spk_get_bool(ours, &truth);
        return PyBool_FromLong(truth);
    case SPK_INT:
        return python_int(ours);
    case SPK_FLOAT:
        (void)spk_get_float(ours, &number);
        return PyFloat_FromDouble(number);
    case SPK_STR:
        (void)spk_get_str(ours, &text, &size);
        return PyUnicode_DecodeUTF8(text, (Py_ssize_t)size, "surrogatepass");
    case SPK_BYTES:
        (void)spk_get_bytes(ours, &bytes, &size);
        return PyBytes_FromStringAndSize(bytes, (Py_ssize_t)size);
    case SPK_BYTEARRAY:
        (void)spk_get_bytes(ours, &bytes, &size);
        return PyByteArray_FromStringAndSize(bytes, (Py_ssize_t)size);
    default:
        PyErr_SetString(PyExc_TypeError, "no atom");
        return NULL;
    }
}

static bool same_bits(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

static void compare_atom(struct comparison *comparison, const spk_value *ours, PyObject *theirs) {
    double number;
    PyObject *made = python_atom(ours);
    if (!made) {
        comparison->has_failed = true;
        return;
    }
    if (Py_TYPE(made) != Py_TYPE(theirs)) {
        differ("type of an atom");
    }
    if (spk_get_float(ours, &number)) {
        double their_number = PyFloat_AS_DOUBLE(theirs);
        if (!same_bits(number, their_number) &&
            !(comparison->any_nan && isnan(number) && isnan(their_number))) {
            differ("bits of a float");
        }
    } else if (PyObject_RichCompareBool(made, theirs, Py_EQ) != 1) {
        differ("an atom");
    }
    Py_DECREF(made);
}

/* ---- members of sets, which have no order: made anew, and found ---- */

struct maker {
    PyObject *stack; /* list */
    PyObject *known; /* dict: our id to what was made of it */
    bool has_failed;
    bool has_nan;
};

static void make_atom(struct maker *maker, const spk_value *value) {
    double number;
    PyObject *made = python_atom(value);
    maker->has_nan = maker->has_nan || (spk_get_float(value, &number) && isnan(number));
    maker->has_failed = maker->has_failed || !made || PyList_Append(maker->stack, made) != 0;
    Py_XDECREF(made);
}

/* Of the newest items, as many as the container has. */
static void make_container(struct maker *maker, const spk_value *value) {
    Py_ssize_t end = PyList_GET_SIZE(maker->stack);
    Py_ssize_t start = end - (Py_ssize_t)spk_size(value);
    EXPECT(start >= 0);
    PyObject *items = PyList_GetSlice(maker->stack, start, end);
    PyObject *made = !items                            ? NULL
                     : spk_type_of(value) == SPK_TUPLE ? PyList_AsTuple(items)
                                                       : PyFrozenSet_New(items);
    PyObject *id = PyLong_FromUnsignedLongLong(spk_value_id(value));
    maker->has_failed = !made || !id || PyList_SetSlice(maker->stack, start, end, NULL) != 0 ||
                        PyList_Append(maker->stack, made) != 0 ||
                        PyDict_SetItem(maker->known, id, made) != 0;
    Py_XDECREF(items);
    Py_XDECREF(made);
    Py_XDECREF(id);
}

static void make_again(struct maker *maker, const spk_value *value) {
    PyObject *id = PyLong_FromUnsignedLongLong(spk_value_id(value));
    PyObject *known = id ? PyDict_GetItemWithError(maker->known, id) : NULL;
    maker->has_failed = !known || PyList_Append(maker->stack, known) != 0;
    Py_XDECREF(id);
}

static spk_walk make(void *context, spk_event event, const spk_value *value) {
    struct maker *maker = context;
    if (event == SPK_ATOM) {
        make_atom(maker, value);
    } else if (event == SPK_LEAVE) {
        make_container(maker, value);
    } else if (event == SPK_AGAIN) {
        make_again(maker, value);
    }
    return maker->has_failed ? SPK_WALK_STOP : SPK_WALK_ON;
}

/* Their member that is equal to ours; NULL without an error where a NaN makes that undecidable. */
static PyObject *find_member(struct comparison *comparison, const spk_value *ours,
                             PyObject *by_value) {
    struct maker maker = {PyList_New(0), PyDict_New(), false, false};
    PyObject *found = NULL;
    maker.has_failed = !maker.stack || !maker.known;
    if (!maker.has_failed) {
        EXPECT(spk_visit(comparison->document, ours, make, &maker) == SPK_OK);
    }
    if (!maker.has_failed && !maker.has_nan) {
        found = PyDict_GetItemWithError(by_value, PyList_GET_ITEM(maker.stack, 0));
        if (!found && !PyErr_Occurred()) {
            differ("a member is not there");
        }
    }
    comparison->has_failed = comparison->has_failed || maker.has_failed || PyErr_Occurred();
    Py_XDECREF(maker.stack);
    Py_XDECREF(maker.known);
    return found;
}

static void compare_set(struct comparison *comparison, const spk_value *ours, PyObject *theirs) {
    PyObject *by_value = PyDict_New();
    PyObject *iterator = by_value ? PyObject_GetIter(theirs) : NULL;
    PyObject *member;
    while (iterator && (member = PyIter_Next(iterator)) != NULL) {
        (void)PyDict_SetItem(by_value, member, member);
        Py_DECREF(member);
    }
    Py_XDECREF(iterator);
    for (size_t i = 0; i < spk_size(ours) && !PyErr_Occurred() && !comparison->has_failed; i++) {
        member = find_member(comparison, spk_item(ours, i), by_value);
        if (member) {
            later(comparison, spk_item(ours, i), member);
        }
    }
    comparison->has_failed = comparison->has_failed || PyErr_Occurred();
    Py_XDECREF(by_value);
}

/* ---- containers ---- */

static void compare_dict(struct comparison *comparison, const spk_value *ours, PyObject *theirs) {
    Py_ssize_t place = 0;
    PyObject *key, *value;
    for (size_t i = 0; PyDict_Next(theirs, &place, &key, &value); i++) {
        later(comparison, spk_dict_key(ours, i), key);
        later(comparison, spk_dict_value(ours, i), value);
    }
}

static void compare_container(struct comparison *comparison, const spk_value *ours,
                              PyObject *theirs) {
    PyTypeObject *const types[] = {&PyList_Type, &PyTuple_Type, &PyDict_Type, &PySet_Type,
                                   &PyFrozenSet_Type};
    spk_type type = spk_type_of(ours);
    if (Py_TYPE(theirs) != types[type - SPK_LIST]) {
        differ("type of a container");
    }
    if (PyObject_Size(theirs) != (Py_ssize_t)spk_size(ours)) {
        differ("size of a container");
    }
    if (type == SPK_DICT) {
        compare_dict(comparison, ours, theirs);
    } else if (type == SPK_SET || type == SPK_FROZENSET) {
        compare_set(comparison, ours, theirs);
    }
    for (size_t i = 0; type <= SPK_TUPLE && i < spk_size(ours); i++) {
        PyObject *item =
            type == SPK_LIST ? PyList_GET_ITEM(theirs, i) : PyTuple_GET_ITEM(theirs, i);
        later(comparison, spk_item(ours, i), item);
    }
}

/* Notes under key that it stands for value; if it was known, that must be the same one. */
static bool is_known(struct comparison *comparison, PyObject *by_key, PyObject *key,
                     PyObject *value) {
    PyObject *known = PyDict_SetDefault(by_key, key, value);
    comparison->has_failed = comparison->has_failed || !known;
    if (known && known != value && PyObject_RichCompareBool(known, value, Py_EQ) != 1) {
        differ("identity of an object");
    }
    return known != value;
}

/* True if the pair was met before.  One object of ours is one of theirs; and the other way round
 * where Python does not share on its own. */
static bool is_met(struct comparison *comparison, const spk_value *ours, PyObject *theirs) {
    spk_type type = spk_type_of(ours);
    PyObject *id = PyLong_FromUnsignedLongLong(spk_value_id(ours));
    PyObject *address = PyLong_FromVoidPtr(theirs);
    bool is_old = true;
    if (id && address) {
        is_old = is_known(comparison, comparison->theirs_by_id, id, address);
        if (type == SPK_BYTEARRAY || type == SPK_LIST || type == SPK_DICT || type == SPK_SET) {
            (void)is_known(comparison, comparison->ids_by_theirs, address, id);
        }
    }
    comparison->has_failed = comparison->has_failed || !id || !address;
    Py_XDECREF(id);
    Py_XDECREF(address);
    return is_old;
}

static void compare_pair(struct comparison *comparison, const spk_value *ours, PyObject *theirs) {
    if (spk_value_id(ours) != 0 && is_met(comparison, ours, theirs)) {
        return;
    }
    if (spk_type_of(ours) < SPK_LIST) {
        compare_atom(comparison, ours, theirs);
    } else {
        compare_container(comparison, ours, theirs);
    }
}

bool same_value(const spk_document *document, PyObject *theirs, bool any_nan) {
    struct comparison comparison = {document,     NULL,         0,       0,
                                    PyDict_New(), PyDict_New(), any_nan, false};
    comparison.has_failed = !comparison.theirs_by_id || !comparison.ids_by_theirs;
    later(&comparison, spk_document_root(document), theirs);
    while (comparison.count > 0 && !comparison.has_failed) {
        struct pair pair = comparison.pairs[--comparison.count];
        compare_pair(&comparison, pair.ours, pair.theirs);
    }
    free(comparison.pairs);
    Py_XDECREF(comparison.theirs_by_id);
    Py_XDECREF(comparison.ids_by_theirs);
    PyErr_Clear();
    return !comparison.has_failed;
}
