/* SPDX-License-Identifier: MIT
 *
 * What both compilations of the machine's body share: refusals with their details, and payloads
 * that come in pieces. */
#include "decode/machine.h"

#include "base/limits.h"
#include "decode/machine_common.h"
#include "decode/wide.h"

void machine_clear(struct machine *machine) {
    stack_clear(&machine->stack);
    memo_clear(&machine->memo, machine->options->max_memo);
    graph_clear(&machine->graph);
    if (machine->wide.sets != 0) {
        wide_clear(&machine->wide);
    }
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

uint64_t machine_imports(const struct machine *machine) {
    return machine->wide.sets != 0 ? machine->wide.imports : 0;
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
    return machine->mode->name_end(machine);
}

/* The type that a counted payload becomes. */
unsigned machine_payload_kind(const struct machine *machine) {
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

void machine_meet_payload(struct machine *machine, const uint8_t *p, uint64_t claimed) {
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
enum stop machine_meet_refused(struct machine *machine, const uint8_t *p, const slot *top) {
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
enum reason machine_payload_text(struct machine *machine, const uint8_t *p, size_t size) {
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

#define SINK(name) name##_check
#include "decode/sink.h"
#include "decode/sink_strict.h"
#include "decode/sink_check.h"
#include "decode/machine_steps.h"
#include "decode/machine_body.h"
#undef SINK

#define SINK(name) name##_build
#include "decode/sink.h"
#include "decode/sink_strict.h"
#include "decode/sink_build.h"
#include "decode/machine_steps.h"
#include "decode/machine_body.h"
#undef SINK

/* ---- the two modes ---- */

static enum payload_end refuse_name(struct machine *machine) {
    machine_refuse_name(machine);
    return PAYLOAD_REFUSED;
}

static const struct mode mode_check = {run_check,           payload_start_check, line_piece_check,
                                       counted_piece_check, refuse_name,         stamp_of_check};
static const struct mode mode_build = {run_build,           payload_start_build, line_piece_build,
                                       counted_piece_build, refuse_name,         stamp_of_build};

void machine_start(struct machine *machine, const spk_options *options, allowed sets,
                   struct memory *memory, struct refusal *refusal, struct builder *builder) {
    machine->options = options;
    machine->memory = memory;
    machine->refusal = refusal;
    machine->builder = builder;
    machine->wide.sets = 0;
    machine->mode = builder ? &mode_build : &mode_check;
    machine->stack = (struct stack){.limit = NULL};
    machine->memo = (struct memo){.is_in_order = true};
    machine->graph = (struct graph){{NULL, 0}, {NULL, 0}, 0, 0};
    /* With allow_cycles every link needs a look.  The expansion stops at the top of its field, even
     * if the limit is higher. */
    uint64_t max =
        options->max_expansion < FACTS_EXPANSION_TOP ? options->max_expansion : FACTS_EXPANSION_TOP;
    machine->simple_max = options->allow_cycles ? 0 : max;
    recent_start(&machine->recent, builder != NULL);
    if (sets != 0) {
        machine->mode = builder ? &mode_build_wide : &mode_check_wide;
        wide_start(&machine->wide, sets);
    }
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
