/* SPDX-License-Identifier: MIT
 *
 * What the machine's body needs beside its sink, for the files that include it (machine.c and
 * machine_wide.c): functions that no sink changes, some compiled into each, some in machine.c. */
#ifndef SPK_MACHINE_COMMON_H
#define SPK_MACHINE_COMMON_H

#include "decode/dispatch.h"
#include "decode/ints.h"
#include "decode/machine.h"
#include "decode/runs.h"
#include "value/word.h"

/* The distance between items of a container that are keys or members; 0 if it has none. */
static size_t key_stride(unsigned kind) {
    return kind == SPK_DICT ? 2 : kind == SPK_SET || kind == SPK_FROZENSET ? 1 : 0;
}

/* True if some CPython accepts this wrong target.  No pickler writes it, so it is refused too, but
 * as a matter of policy. */
static bool is_odd_target(unsigned wanted, unsigned kind, size_t count) {
    return count == 0 || (wanted == SPK_LIST && kind == SPK_BYTEARRAY) ||
           (wanted == SPK_DICT && (kind == SPK_LIST || kind == SPK_BYTEARRAY));
}

/* Takes the MARK away.  NULL if there is none, or fewer items below it than the opcode needs. */
static inline slot *take_mark(struct machine *machine, ptrdiff_t needs) {
    if (UNLIKELY(machine->stack.mark_count == 0)) {
        machine->reason = REASON_NO_MARK;
        return NULL;
    }
    slot *items = stack_unmark(&machine->stack);
    if (UNLIKELY(!stack_has(&machine->stack, items - 1, needs))) {
        machine->reason = REASON_STACK_UNDERFLOW;
        return NULL;
    }
    return items;
}

/* Bytes that can be read from an opcode on without a test, except near the end of a window.  Enough
 * for a short text with its header, and for what builder_counted copies. */
#define AMPLE_BYTES 48
_Static_assert(AMPLE_BYTES >= SIZE_LONG1 + 8 + INTS_AHEAD,
               "a run is looked for behind a LONG1 of a word");

/* The size of the longest opcode, without payload or line. */
#define FIXED_MAX SIZE_FRAME
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    _Static_assert(1 + FIXED_##operand <= FIXED_MAX, #name " is longer");
#include "opcodes.def"
#undef OP

/* Up to here opcodes may be executed without another look at window and stack: the fixed part of
 * each stands in the window, and the stack has space for what they push.  "left" is at least
 * FIXED_MAX. */
static const uint8_t *safe_end(const struct stack *stack, const uint8_t *p, size_t left,
                               const slot *top) {
    size_t safe = left - (FIXED_MAX - 1);
    size_t free_slots = (size_t)(stack->limit - top);
    return p + (safe < free_slots ? safe : free_slots);
}

/* The size of the operand's fixed part; 0 for an opcode that is refused on sight, as its operand is
 * not needed. */
static const uint8_t operand_min[256] = {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    [byte] = FIXED_##operand * (REASON_##verdict == REASON_DATA),
#include "opcodes.def"
#undef OP
};

/* True if the fixed part of the opcode stands in the window. */
static bool is_opcode_whole(const uint8_t *p, size_t left) {
    return left > 0 && left > operand_min[*p];
}

/* Makes the window end "size" bytes after p. */
static void end_window(struct machine *machine, const uint8_t *p, size_t size) {
    machine->window_end = p + size;
    machine->ample_end = size >= AMPLE_BYTES ? machine->window_end - (AMPLE_BYTES - 1) : p;
}

static enum reason judge_frame(const struct machine *machine, uint64_t size) {
    if (machine->extent.frame_end != 0) {
        return REASON_FRAME_NESTED;
    }
    if (size == 0) {
        return REASON_FRAME_EMPTY;
    }
    if (size > INT64_MAX) {
        return REASON_BAD_LENGTH;
    }
    return REASON_DATA; /* a claim above the limits is refused when the limit is reached */
}

/* Judges FRAME at p, and ends the window where the frame ends. */
static bool enter_frame(struct machine *machine, const uint8_t *p) {
    size_t left = (size_t)(machine->window_end - p) - SIZE_FRAME;
    uint64_t start = offset_of(machine, p) + SIZE_FRAME;
    uint64_t size = load_u64(p + 1);
    machine->reason = judge_frame(machine, size);
    if (machine->reason != REASON_DATA) {
        return false;
    }
    machine->extent.frame_end = start + size;
    if (size < left) {
        end_window(machine, p + SIZE_FRAME, (size_t)size);
    }
    return true;
}

/* Reads a number line.  *size is that of opcode and line, as far as they were read. */
static enum number_end scan_number(struct machine *machine, const uint8_t *p, const uint8_t *end,
                                   size_t *size) {
    size_t used = number_plain(p + 1, (size_t)(end - p) - 1);
    enum number_end result = NUMBER_DONE;
    if (used == 0) {
        machine->scan = number_start((enum operand)opcode_table[p[0]].operand);
        result = number_scan(&machine->scan, p + 1, (size_t)(end - p) - 1, &used);
    }
    *size = used + 1;
    return result;
}

/* The index of GET or PUT.  One that does not fit becomes UINT64_MAX, which no memo can have. */
static uint64_t line_index(const uint8_t *line, size_t size) {
    uint64_t index;
    return number_index(line, size, &index) ? index : UINT64_MAX;
}

/* True if MEMOIZE stands at p, and there is space in the memo. */
static inline bool is_memoize(const struct machine *machine, const uint8_t *p) {
    return LIKELY(*p == OP_MEMOIZE) && LIKELY(machine->memo.length < machine->memo.append_max);
}

static bool is_utf8(struct machine *machine, const uint8_t *p, size_t size) {
    struct utf8 utf8 = {0, 0, 0};
    machine->about = utf8_check(&utf8, p, size);
    return machine->about == size && utf8_is_complete(&utf8);
}

/* True for good UTF-8; the text stands in the window as a whole. */
static ALWAYS_INLINE bool is_text(struct machine *machine, const uint8_t *p, size_t size) {
    return LIKELY(ascii_is_all(p, size)) || is_utf8(machine, p, size);
}

/* ---- in machine.c ---- */

/* The type that a counted payload becomes. */
unsigned machine_payload_kind(const struct machine *machine);

/* The opcode at p has a payload that claims so many bytes, of which the window holds not all. */
void machine_meet_payload(struct machine *machine, const uint8_t *p, uint64_t claimed);

/* Judges a piece of text: UTF-8, or the ASCII of a Python 2 str. */
enum reason machine_payload_text(struct machine *machine, const uint8_t *p, size_t size);

/* A byte that is not data: refused at once, unless its operand can tell what it would import. */
enum stop machine_meet_refused(struct machine *machine, const uint8_t *p, const slot *top);

#endif
