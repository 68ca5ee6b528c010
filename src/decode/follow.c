/* SPDX-License-Identifier: MIT
 *
 * A pickle of protocol 2 or higher begins with PROTO.  Older ones are found by counting: for each
 * opcode, the items and MARKs that it takes and leaves.  It is a pickle if STOP finds one item and
 * no MARK, or if all bytes that are looked at pass without a contradiction.  Text mostly
 * contradicts itself within three letters. */
#include "decode/follow.h"

#include <string.h>

#include "scan/scan.h"

#define MARKS_MAX 16

struct count {
    unsigned items; /* above the topmost MARK */
    unsigned below[MARKS_MAX]; /* above each MARK further down */
    unsigned marks;
    unsigned opcodes;
};

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

/* True if the line of this operand may begin like this. */
static bool fits_line(unsigned operand, const uint8_t *line) {
    switch (operand) {
    case OPERAND_LINE_INDEX:
        return is_digit(line[0]);
    case OPERAND_LINE_INT:
    case OPERAND_LINE_LONG:
        return is_digit(line[0]) || line[0] == '-';
    case OPERAND_LINE_FLOAT:
        return is_digit(line[0]) || line[0] == '-' || line[0] == 'i' || line[0] == 'n';
    case OPERAND_LINE_STRING:
        return line[0] == '\'' || line[0] == '"';
    default:
        return true;
    }
}

/* Items that an opcode leaves for the ones that it needs. */
static unsigned items_left(uint8_t opcode) {
    switch (opcode) {
    case OP_POP:
    case OP_POP_MARK:
        return 0;
    case OP_DUP:
        return 2;
    default:
        return 1;
    }
}

/* Counts what an opcode does to the stack; false if it cannot be done. */
static bool count_opcode(struct count *count, uint8_t opcode) {
    const struct opcode_info *info = &opcode_table[opcode];
    /* The class that OBJ needs stands above the MARK, and goes away with it. */
    unsigned needs = opcode == OP_POP ? 1 : opcode == OP_OBJ ? 0 : info->needs;
    count->opcodes++;
    if (opcode == OP_MARK) {
        if (count->marks == MARKS_MAX) {
            return false;
        }
        count->below[count->marks++] = count->items;
        count->items = 0;
        return true;
    }
    if (info->takes_mark) {
        if (count->marks == 0) {
            return false;
        }
        count->items = count->below[--count->marks];
    }
    if (count->items < needs) {
        return false;
    }
    count->items = count->items - needs + items_left(opcode);
    return true;
}

/* Looks for a pickle of protocol 0 or 1. */
static enum sniff look_for_opcodes(const uint8_t *p, size_t size, bool is_whole) {
    struct count count = {0};
    size_t at = 0;
    while (at < size) {
        struct scanned scanned;
        enum scan_end end = scan_opcode(p + at, size - at, &scanned);
        if (end == SCAN_BAD || p[at] == OP_PROTO || p[at] == OP_FRAME ||
            (size - at > 1 && !fits_line(opcode_table[p[at]].operand, p + at + 1))) {
            return SNIFF_NONE;
        }
        if (end == SCAN_CUT) {
            break;
        }
        if (p[at] == OP_STOP) {
            return count.items == 1 && count.marks == 0 ? SNIFF_FOUND : SNIFF_NONE;
        }
        if (!count_opcode(&count, p[at])) {
            return SNIFF_NONE;
        }
        at += scanned.size;
    }
    if (size < FOLLOW_MAX) {
        return is_whole ? SNIFF_NONE : SNIFF_WAIT;
    }
    return count.opcodes > 2 ? SNIFF_FOUND : SNIFF_NONE;
}

enum sniff follow_look(const uint8_t *p, size_t size, bool is_whole, enum reason *reason,
                       unsigned *protocol) {
    bool is_line_end = memcmp(p, "\r\n", size < 2 ? size : 2) == 0 && size <= 2;
    if (size == 1 && p[0] == '\n') {
        *reason = REASON_TRAILING_NEWLINE;
        return is_whole ? SNIFF_FOUND : SNIFF_WAIT;
    }
    if (is_line_end) {
        *reason = REASON_TRAILING_NEWLINE;
        return !is_whole ? SNIFF_WAIT : size == 2 ? SNIFF_FOUND : SNIFF_NONE;
    }
    *reason = REASON_SEVERAL;
    if (p[0] != OP_PROTO) {
        *protocol = 0;
        return look_for_opcodes(p, size, is_whole);
    }
    if (size == 1) {
        return is_whole ? SNIFF_NONE : SNIFF_WAIT;
    }
    *protocol = p[1];
    return p[1] <= 5 ? SNIFF_FOUND : SNIFF_NONE;
}
