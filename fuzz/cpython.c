/* SPDX-License-Identifier: MIT
 *
 * Target cpython: promises 2 and 3, against CPython in this process.  What is accepted, CPython
 * must load to the same value, to the same last byte, without find_class or persistent_load.  Its
 * pickler writes that value anew, and what it writes must be accepted with the same value, unless
 * it needs a global or exceeds a limit.  What is refused as malformed, CPython must not load, but
 * for lines in which CPython forgets the part before a frame's end. (What is refused for another
 * reason it is not given, for it might never come back.)
 *
 * Python's own allocations are refused over a size: else CPython is the one that dies, of a memo
 * index or of a length that a pickle only claims.  When it runs out that way of an accepted input,
 * nothing is decided; this is counted, and may not become a habit. */
#include <stdio.h>
#include <stdlib.h>

#include "grammar.h"
#include "python_value.h"

#define MAX_AT_ONCE ((size_t)1 << 20)
#define COLLECT_EVERY 16384

static struct {
    uint64_t runs;
    uint64_t accepted;
    uint64_t written;
    uint64_t undecided;
} counts;

static PyObject *bytes_io;
static PyObject *unpickler_type;
static PyObject *dumps;
static PyObject *keywords[3]; /* by encoding */

/* Called by the sanitizer's library, which may be a shared one. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void) {
    return 1; /* Python keeps what it interns; the library's own blocks are counted */
}

/* ---- Python ---- */

static PyMemAllocatorEx original[3];
static bool is_capped;

static void *capped_malloc(void *context, size_t size) {
    const PyMemAllocatorEx *base = context;
    return is_capped && size > MAX_AT_ONCE ? NULL : base->malloc(base->ctx, size);
}

static void *capped_calloc(void *context, size_t count, size_t size) {
    const PyMemAllocatorEx *base = context;
    return is_capped && size > 0 && count > MAX_AT_ONCE / size
               ? NULL
               : base->calloc(base->ctx, count, size);
}

static void *capped_realloc(void *context, void *block, size_t size) {
    const PyMemAllocatorEx *base = context;
    return is_capped && size > MAX_AT_ONCE ? NULL : base->realloc(base->ctx, block, size);
}

static void uncapped_free(void *context, void *block) {
    const PyMemAllocatorEx *base = context;
    base->free(base->ctx, block);
}

static void cap_allocations(void) {
    static const PyMemAllocatorDomain domains[] = {PYMEM_DOMAIN_RAW, PYMEM_DOMAIN_MEM,
                                                   PYMEM_DOMAIN_OBJ};
    for (size_t i = 0; i < 3; i++) {
        PyMemAllocatorEx capped = {&original[i], capped_malloc, capped_calloc, capped_realloc,
                                   uncapped_free};
        PyMem_GetAllocator(domains[i], &original[i]);
        PyMem_SetAllocator(domains[i], &capped);
    }
}

static const char program[] = "import _pickle, io\n"
                              "class Unpickler(_pickle.Unpickler):\n"
                              "    def find_class(self, module, name):\n"
                              "        raise LookupError\n"
                              "    def persistent_load(self, pid):\n"
                              "        raise LookupError\n";

static PyObject *attribute(const char *module_name, const char *name) {
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *found = module ? PyObject_GetAttrString(module, name) : NULL;
    if (!found) {
        PyErr_Print();
        fail("Python has no %s.%s", module_name, name);
    }
    Py_DECREF(module);
    return found;
}

static void tell_counts(void) {
    (void)fprintf(
        stderr,
        "cpython: %llu inputs, %llu accepted and loaded alike, %llu written anew, %llu undecided\n",
        (unsigned long long)counts.runs, (unsigned long long)counts.accepted,
        (unsigned long long)counts.written, (unsigned long long)counts.undecided);
}

static void start_python(void) {
    static const char *const encodings[] = {"ASCII", "latin1", "bytes"};
    PyConfig config;
    cap_allocations();
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.use_hash_seed = 1; /* 0: a run repeats exactly */
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status) || PyRun_SimpleString(program) != 0) {
        fail("Python does not start");
    }
    unpickler_type = attribute("__main__", "Unpickler");
    bytes_io = attribute("io", "BytesIO");
    dumps = attribute("_pickle", "dumps");
    for (size_t i = 0; i < 3; i++) {
        keywords[i] = Py_BuildValue("{ss}", "encoding", encodings[i]);
        EXPECT(keywords[i] != NULL);
    }
    PyGC_Disable();
    is_capped = true;
    (void)atexit(tell_counts);
}

/* Cycles that loaded values leave behind. */
static void collect_now_and_then(void) {
    if (++counts.runs % COLLECT_EVERY == 0) {
        (void)PyGC_Enable();
        (void)PyGC_Collect();
        (void)PyGC_Disable();
        EXPECT(counts.undecided * 20 <= counts.runs);
    }
}

/* NULL with a Python error; else consumed tells how far it read. */
static PyObject *load(const struct setup *setup, uint64_t *consumed) {
    PyObject *file =
        PyObject_CallFunction(bytes_io, "y#", (const char *)setup->data, (Py_ssize_t)setup->size);
    PyObject *arguments = file ? PyTuple_Pack(1, file) : NULL;
    PyObject *named = keywords[setup->options.encoding];
    PyObject *unpickler = arguments ? PyObject_Call(unpickler_type, arguments, named) : NULL;
    PyObject *value = unpickler ? PyObject_CallMethod(unpickler, "load", NULL) : NULL;
    PyObject *place = value ? PyObject_CallMethod(file, "tell", NULL) : NULL;
    if (place) {
        *consumed = PyLong_AsUnsignedLongLong(place);
    }
    Py_XDECREF(place);
    Py_XDECREF(unpickler);
    Py_XDECREF(arguments);
    Py_XDECREF(file);
    return value;
}

static void show_error(const char *what) {
    PyErr_Print();
    fail("%s", what);
}

/* ---- what is asserted ---- */

static void compare_accepted(const struct answer *answer, PyObject *theirs, uint64_t consumed) {
    if (!theirs && PyErr_ExceptionMatches(PyExc_MemoryError)) {
        counts.undecided++;
        return;
    }
    if (!theirs) {
        show_error("CPython does not load what is accepted");
    }
    if (consumed != answer->report.consumed) {
        fail("CPython reads %llu bytes, not %llu", (unsigned long long)consumed,
             (unsigned long long)answer->report.consumed);
    }
    if (same_value(answer->document, theirs, false)) {
        counts.accepted++;
    } else {
        counts.undecided++;
    }
}

/* CPython hashes a shared tuple as often as it is reached. */
#define MAX_IN_KEY 300

/* Below protocol 5 some types are written as calls of globals. */
static bool may_be_refused(const spk_report *report, int protocol) {
    return report->status == SPK_LIMIT || (report->status == SPK_UNSAFE && protocol < 5);
}

static void compare_written(PyObject *theirs, int protocol) {
    struct answer answer;
    PyObject *written = PyObject_CallFunction(dumps, "Oi", theirs, protocol);
    if (!written) { /* too deep, too large, or an int of too many digits */
        PyErr_Clear();
        return;
    }
    struct setup setup = {(const uint8_t *)PyBytes_AS_STRING(written),
                          (size_t)PyBytes_GET_SIZE(written), SPK_OPTIONS_INIT, 0};
    setup.options.allow_cycles = true;
    answer_start(&answer);
    ask_whole(&answer, WAY_DECODE, &setup);
    if (answer.document) {
        counts.written += same_value(answer.document, theirs, protocol == 0);
    } else if (!may_be_refused(&answer.report, protocol)) {
        char line[SPK_LINE_SIZE];
        (void)spk_report_format(&answer.report, line, sizeof line);
        fail("what CPython writes in protocol %d is refused: %s", protocol, line);
    }
    answer_end(&answer);
    Py_DECREF(written);
}

/* Of a line that a frame's end cuts in two, CPython before 3.13.15 and 3.14.7 reads only what comes
 * behind the cut when it loads from a file.  What it then likes may be a line that is malformed as
 * a whole. */
static bool line_leaves_frame(const struct setup *setup, uint64_t offset) {
    size_t count;
    const struct op *ops = split_stream(setup->data, setup->size, &count);
    uint64_t frame_end = 0;
    for (size_t i = 0; i < count && ops[i].at <= offset; i++) {
        if (ops[i].at == offset) {
            return row_of(ops[i].byte) && row_of(ops[i].byte)->shape >= SHAPE_LINE &&
                   frame_end > offset && offset + ops[i].size > frame_end;
        }
        if (ops[i].byte == OP_FRAME && ops[i].is_whole) {
            frame_end = ops[i].at + ops[i].size;
            for (int byte = 0; byte < 8; byte++) {
                frame_end += (uint64_t)setup->data[ops[i].at + 1 + (size_t)byte] << 8 * byte;
            }
        }
    }
    return false;
}

static void compare_loaded(const struct setup *setup, const struct answer *answer, PyObject *theirs,
                           uint64_t consumed, int protocol) {
    if (answer->document) {
        compare_accepted(answer, theirs, consumed);
    } else if (theirs && !line_leaves_frame(setup, answer->report.offset)) {
        fail("CPython loads what is refused as malformed: SP%u %s at %llu", answer->report.code,
             answer->report.opcode, (unsigned long long)answer->report.offset);
    }
    PyErr_Clear();
    if (theirs) {
        compare_written(theirs, protocol);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup given = setup_of(data, size);
    struct setup setup = {given.data, given.size, SPK_OPTIONS_INIT, 0};
    struct answer answer;
    uint64_t consumed = 0;
    if (!dumps) {
        start_python();
    }
    collect_now_and_then();
    setup.options.gzip = SPK_GZIP_NEVER;
    setup.options.encoding = given.options.encoding;
    setup.options.trailing = given.options.trailing;
    setup.options.allow_cycles = given.options.allow_cycles;
    setup.options.max_key_expansion = MAX_IN_KEY;
    answer_start(&answer);
    ask_whole(&answer, WAY_DECODE, &setup);
    if (answer.document || answer.report.status == SPK_MALFORMED) {
        PyObject *theirs = load(&setup, &consumed);
        compare_loaded(&setup, &answer, theirs, consumed, (int)(given.seed % 6));
        Py_XDECREF(theirs);
    }
    answer_end(&answer);
    return 0;
}
