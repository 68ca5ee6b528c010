/* SPDX-License-Identifier: MIT
 *
 * What both compilations of the machine's body share: refusals with their details, and payloads
 * that come in pieces. */
#include "decode/machine.h"

#include "base/limits.h"
#include "decode/dispatch.h"
#include "decode/ints.h"
#include "decode/runs.h"
#include "value/word.h"

void machine_clear(struct machine *machine) {
    stack_clear(&machine->stack);
    memo_clear(&machine->memo, machine->options->max_memo);
    graph_clear(&machine->graph);
    recent_clear(&machine->recent);
    machine->root = 0;
    machine->root_depth = 0;
    machine->about = 0;
    machine->opcodes = 0;
    machine->protocol = -1;
}

void machine_free(struct machine *machine) {
    stack_free(&machine->stack, machine->memory);
    memo_free(&machine->memo, machine->memory);
    graph_free(&machine->graph, machine->memory);
}

size_t machine_memory(const struct machine *machine) {
    return (machine->stack.slots.capacity + machine->memo.entries.capacity) * sizeof(slot) +
           graph_memory(&machine->graph);
}

/* ---- refusals ---- */

void machine_refuse(struct machine *machine, enum reason reason, int opcode, uint64_t offset) {
    bool is_size = reason == REASON_LIMIT_INPUT || reason == REASON_LIMIT_UNPACKED;
    uint64_t limit = is_size ? machine->extent.max : limits_value(machine->options, reason);
    refuse_about(machine->refusal, reason, opcode, offset, limit != 0 ? limit : machine->about);
}

void machine_refuse_number(struct machine *machine, const uint8_t *line, size_t size,
                           uint64_t offset) {
    struct text text = text_detail(machine->refusal);
    if (line[size - 1] == '\r') {
        refuse(machine->refusal, REASON_CRLF, line[0], offset);
        return;
    }
    refuse(machine->refusal, REASON_NUMBER_FORM, line[0], offset);
    text_put_escaped(&text, line, size, 60);
}

/* ---- what the body needs and no sink changes ---- */

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
#define OP(name, byte, protocol, operand, needs, mark, verdict, meaning) \
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
#define OP(name, byte, protocol, operand, needs, mark, verdict, meaning) \
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

/* ---- opcodes that are refused on sight ---- */

/* Writes what the operand of a refused opcode says: GLOBAL and INST have two lines, PERSID has one,
 * EXT1, EXT2 and EXT4 have a number. */
static void describe_name(struct text *text, const struct payload *payload) {
    const uint8_t *operand = payload->text;
    size_t size = payload->text_size;
    const uint8_t *feed = memchr(operand, '\n', size);
    if (opcode_table[payload->opcode].fixed > 0) {
        text_put(text, "code ");
        uint64_t code = 0;
        for (size_t i = size; i-- > 0;) {
            code = code << 8 | operand[i];
        }
        text_put_number(text, code);
        return;
    }
    size_t first = feed ? (size_t)(feed - operand) : size;
    text_put_escaped(text, operand, first, 100);
    if (feed && opcode_table[payload->opcode].operand == OPERAND_LINES_NAME) {
        size_t second = size - first - 1;
        second -= second > 0 && operand[size - 1] == '\n';
        text_put(text, ".");
        text_put_escaped(text, feed + 1, second, 100);
    }
}

void machine_refuse_name(struct machine *machine) {
    const struct payload *payload = &machine->payload;
    struct text text = text_detail(machine->refusal);
    refuse(machine->refusal, (enum reason)opcode_table[payload->opcode].verdict, payload->opcode,
           payload->offset);
    if (payload->text_size > 0) {
        describe_name(&text, payload);
    }
}

bool machine_payload_is_name(const struct machine *machine) {
    return !opcode_table[machine->payload.opcode].is_data;
}

/* Takes a piece of a name: lines up to their ends, but at most NAME_WAIT_MAX bytes, or a number.
 * The first bytes are kept for the refusal. */
static enum payload_end name_piece(struct machine *machine, const uint8_t *p, size_t size,
                                   size_t *used) {
    struct payload *payload = &machine->payload;
    const struct opcode_info *info = &opcode_table[payload->opcode];
    unsigned lines = info->operand == OPERAND_LINES_NAME  ? 2
                     : info->operand == OPERAND_LINE_NAME ? 1
                                                          : 0;
    uint64_t max = lines > 0 ? NAME_WAIT_MAX : info->fixed;
    size_t at = 0;
    while (at < size && payload->seen < max && (lines == 0 || payload->lines < lines)) {
        if (payload->text_size < OPERAND_TEXT_MAX) {
            payload->text[payload->text_size++] = p[at];
        }
        payload->lines = (uint8_t)(payload->lines + (p[at++] == '\n'));
        payload->seen++;
    }
    *used = at;
    if (payload->seen < max && (lines == 0 || payload->lines < lines)) {
        return PAYLOAD_MORE;
    }
    machine_refuse_name(machine);
    return PAYLOAD_REFUSED;
}

/* The type that a counted payload becomes. */
static unsigned machine_payload_kind(const struct machine *machine) {
    switch (machine->payload.opcode) {
    case OP_SHORT_BINUNICODE:
    case OP_BINUNICODE:
    case OP_BINUNICODE8:
        return SPK_STR;
    case OP_SHORT_BINSTRING:
    case OP_BINSTRING:
        return machine->options->encoding == SPK_ENCODING_BYTES ? SPK_BYTES : SPK_STR;
    case OP_LONG1:
    case OP_LONG4:
        return SPK_INT;
    case OP_BYTEARRAY8:
        return SPK_BYTEARRAY;
    default:
        return SPK_BYTES;
    }
}

static void machine_meet_payload(struct machine *machine, const uint8_t *p, uint64_t claimed) {
    struct payload *payload = &machine->payload;
    payload->opcode = p[0];
    payload->offset = offset_of(machine, p);
    payload->claimed = claimed;
    payload->seen = 0;
    payload->is_doomed =
        machine_payload_kind(machine) == SPK_INT && claimed > machine->options->max_int_bytes;
    payload->lines = 0;
    payload->text_size = 0;
    payload->utf8 = (struct utf8){0, 0, 0};
    payload->unescape = unescape_start(p[0] == OP_UNICODE, machine->options->encoding);
}

/* Writes what STACK_GLOBAL at this offset would import, from the two items on top of the stack. */
static void describe_global(struct machine *machine, uint64_t offset, const slot *top) {
    struct text text = text_detail(machine->refusal);
    uint64_t stamps[2];
    for (ptrdiff_t i = 0; i < 2; i++) {
        bool is_there = top - machine->stack.fence > i;
        stamps[i] = is_there ? machine->mode->stamp_of(machine, top[-1 - i]) : RECENT_UNKNOWN;
    }
    recent_describe(&machine->recent, &text, offset, stamps[1], stamps[0]);
}

/* Why the C unpickler would fail before it did what a refused opcode does: items or a MARK are
 * missing. */
static enum reason missing_operands(const struct machine *machine, const struct opcode_info *info,
                                    const slot *top) {
    if (info->takes_mark && machine->stack.mark_count == 0) {
        return REASON_NO_MARK;
    }
    return stack_has(&machine->stack, top, info->needs) ? REASON_DATA : REASON_STACK_UNDERFLOW;
}

/* A byte that is not data.  It is refused at once, unless its operand says what it would import. */
static enum stop machine_meet_refused(struct machine *machine, const uint8_t *p, const slot *top) {
    const struct opcode_info *info = &opcode_table[p[0]];
    if (info->operand != OPERAND_NONE && !info->is_data) {
        machine_meet_payload(machine, p, 0);
        return STOP_PAYLOAD;
    }
    enum reason reason = missing_operands(machine, info, top);
    if (reason == REASON_DATA) {
        reason = info->is_opcode && !info->is_data ? (enum reason)info->verdict : REASON_BAD_OPCODE;
    }
    machine_refuse(machine, reason, p[0], offset_of(machine, p));
    if (reason == REASON_CODE_IMPORT) {
        describe_global(machine, offset_of(machine, p), top);
    }
    return STOP_REFUSED;
}

/* ---- payloads in pieces ---- */

/* Judges a piece of a text payload: UTF-8, or ASCII for a Python 2 str. */
static enum reason machine_payload_text(struct machine *machine, const uint8_t *p, size_t size) {
    struct payload *payload = &machine->payload;
    if (machine_payload_kind(machine) != SPK_STR) {
        return REASON_DATA;
    }
    if (payload->opcode == OP_SHORT_BINSTRING || payload->opcode == OP_BINSTRING) {
        size_t ascii = ascii_prefix(p, size);
        if (ascii == size || machine->options->encoding == SPK_ENCODING_LATIN1) {
            return REASON_DATA;
        }
        machine->about = p[ascii];
        return REASON_NOT_ASCII;
    }
    size_t good = utf8_check(&payload->utf8, p, size);
    machine->about = payload->seen + good;
    bool is_last = payload->seen + size == payload->claimed;
    return good < size || (is_last && !utf8_is_complete(&payload->utf8)) ? REASON_BAD_UTF8
                                                                         : REASON_DATA;
}

#ifdef SPK_THREADED
#pragma GCC diagnostic push
/* Labels as values are an extension, and so are ranges of an array. */
#pragma GCC diagnostic ignored "-Wpedantic"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#elif defined __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wswitch-enum" /* a row of data without a case */
#endif

#define SINK(name) name##_check
#include "decode/sink.h"
#include "decode/sink_check.h"
#include "decode/machine_steps.h"
#include "decode/machine_body.h"
#undef SINK

#define SINK(name) name##_build
#include "decode/sink.h"
#include "decode/sink_build.h"
#include "decode/machine_steps.h"
#include "decode/machine_body.h"
#undef SINK

#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

/* ---- the two modes ---- */

static const struct mode mode_check = {run_check, payload_start_check, line_piece_check,
                                       counted_piece_check, stamp_of_check};
static const struct mode mode_build = {run_build, payload_start_build, line_piece_build,
                                       counted_piece_build, stamp_of_build};

void machine_start(struct machine *machine, const spk_options *options, struct memory *memory,
                   struct refusal *refusal, struct builder *builder) {
    machine->options = options;
    machine->memory = memory;
    machine->refusal = refusal;
    machine->builder = builder;
    machine->mode = builder ? &mode_build : &mode_check;
    machine->stack = (struct stack){{NULL, 0}, NULL, NULL, NULL, 0};
    machine->memo = (struct memo){{NULL, 0}, 0, 0, 0, true};
    machine->graph = (struct graph){{NULL, 0}, {NULL, 0}, 0, 0};
    /* With allow_cycles every link needs a look.  The expansion stops at the top of its field, even
     * if the limit is higher. */
    uint64_t max =
        options->max_expansion < FACTS_EXPANSION_TOP ? options->max_expansion : FACTS_EXPANSION_TOP;
    machine->simple_max = options->allow_cycles ? 0 : max;
    recent_start(&machine->recent, builder != NULL);
    machine_clear(machine);
}

static uint64_t stamp_base(const struct recent *recent, const uint8_t *window, uint64_t offset) {
    return recent->earlier + offset - (uintptr_t)window;
}

enum stop machine_run(struct machine *machine, const uint8_t *window, size_t size,
                      uint64_t offset) {
    machine->window = window;
    machine->window_offset = offset;
    machine->stamp_base = stamp_base(&machine->recent, window, offset);
    end_window(machine, window, size);
    return machine->mode->run(machine, window);
}

bool machine_payload_start(struct machine *machine, bool is_doomed) {
    struct payload *payload = &machine->payload;
    payload->is_doomed = is_doomed || payload->is_doomed;
    if (machine_payload_is_name(machine)) {
        return true;
    }
    if (!payload->is_doomed && !machine->mode->payload_start(machine)) {
        machine_refuse(machine, machine->memory->failure, payload->opcode, payload->offset);
        return false;
    }
    return true;
}

enum payload_end machine_payload(struct machine *machine, const uint8_t *p, size_t size,
                                 size_t *used) {
    switch (opcode_table[machine->payload.opcode].operand) {
    case OPERAND_LINE_STRING:
    case OPERAND_LINE_UNICODE:
        return machine->mode->line_piece(machine, p, size, used);
    case OPERAND_COUNT_U1:
    case OPERAND_COUNT_U4:
    case OPERAND_COUNT_S4:
    case OPERAND_COUNT_U8:
        return machine->mode->counted_piece(machine, p, size, used);
    default:
        return name_piece(machine, p, size, used);
    }
}
