/* SPDX-License-Identifier: MIT
 *
 * How the machine's loop gets from one opcode to the next: by a switch, or, where the compiler has
 * labels as values, by a jump at the end of every case.  The processor predicts these jumps better,
 * and they save some instructions for each opcode. */
#ifndef SPK_DISPATCH_H
#define SPK_DISPATCH_H

#include "base/opcode.h"

#if defined __GNUC__ && !defined SPK_PORTABLE
#define SPK_THREADED

/* The label of a row of opcodes.def, by its verdict: the table of labels is filled with these. */
#define LABEL_DATA(name) &&op_##name
#define LABEL_DUP(name) &&op_other
#define LABEL_BUFFER(name) &&op_other
#define LABEL_CODE_IMPORT(name) &&op_other
#define LABEL_CODE_CALL(name) &&op_other
#define LABEL_CODE_STATE(name) &&op_other
#define LABEL_CODE_EXTENSION(name) &&op_other
#define LABEL_CODE_PERSISTENT(name) &&op_other

#define DISPATCH(opcode) goto *labels[opcode];
#define CASE(name) op_##name:
#define OTHERWISE \
    op_other:
#define EXECUTED(bytes) \
    do { \
        p += (bytes); \
        opcodes++; \
        if (UNLIKELY(p >= safe)) { \
            goto head; \
        } \
        DISPATCH(*p) \
    } while (0)

#else

#define DISPATCH(at) switch ((enum opcode)(at))
#define CASE(name) case OP_##name:
#define OTHERWISE default:

/* What a row of opcodes.def becomes behind OTHERWISE: a case if it is refused, and nothing if its
 * verdict is DATA.  So a row of DATA without a case is missing from the switch.  machine.c makes
 * that an error, as the missing label is in the other form. */
#define REFUSED_DATA(name)
#define REFUSED_DUP(name) case OP_##name:
#define REFUSED_BUFFER(name) case OP_##name:
#define REFUSED_CODE_IMPORT(name) case OP_##name:
#define REFUSED_CODE_CALL(name) case OP_##name:
#define REFUSED_CODE_STATE(name) case OP_##name:
#define REFUSED_CODE_EXTENSION(name) case OP_##name:
#define REFUSED_CODE_PERSISTENT(name) case OP_##name:
#define EXECUTED(bytes) \
    do { \
        p += (bytes); \
        opcodes++; \
        goto head; \
    } while (0)

#endif

/* By the column "where" of the table: in the wide machine a row of STRICT has a case. */
#ifdef SINK_WIDE
#define LABEL_STRICT(name, verdict) LABEL_DATA(name)
#define REFUSED_STRICT(name, verdict)
#else
#define LABEL_STRICT(name, verdict) LABEL_##verdict(name)
#define REFUSED_STRICT(name, verdict) REFUSED_##verdict(name)
#endif
#define LABEL_BOTH(name, verdict) LABEL_##verdict(name)
#define REFUSED_BOTH(name, verdict) REFUSED_##verdict(name)

#ifdef SPK_THREADED
/* Labels as values are an extension, and so are ranges of an array, which rows then override. */
#pragma GCC diagnostic ignored "-Wpedantic"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#elif defined __GNUC__
#pragma GCC diagnostic error "-Wswitch-enum" /* a row of data without a case */
#endif

#define PUSHED(bytes) \
    do { \
        top++; \
        EXECUTED(bytes); \
    } while (0)

#endif
