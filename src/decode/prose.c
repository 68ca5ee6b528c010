/* SPDX-License-Identifier: MIT
 *
 * An input is called text if its first PROSE_HEAD bytes are UTF-8 without control characters, and
 * one of these holds:
 *
 *   its first byte is no opcode, and there are letters, or many bytes:
 *       # a comment    {"a": 1}    ########
 *   its first line was refused, and there are words:
 *       Hello world    Name: x
 *
 * What can run code keeps that name, whatever it looks like. */
#include "decode/prose.h"

#include <string.h>

#include "base/opcode.h"
#include "text/utf8.h"

#define STRANGE_ENOUGH 16 /* bytes of text that begins with no opcode: then it needs no letter */

static bool is_control(uint8_t c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7f;
}

static bool is_text(const uint8_t *p, size_t size) {
    struct utf8 utf8 = {0, 0, 0};
    for (size_t i = 0; i < size; i++) {
        if (is_control(p[i])) {
            return false;
        }
    }
    return utf8_check(&utf8, p, size) == size; /* a character may be cut at the end */
}

static bool is_letter(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static size_t line_size(const uint8_t *p, size_t size) {
    const uint8_t *feed = memchr(p, '\n', size);
    return feed ? (size_t)(feed - p) : size;
}

static bool is_one_of(const char *set, uint8_t c) {
    return c != 0 && strchr(set, c) != NULL;
}

/* True if somewhere a blank stands between what can end a word and what can begin one. */
static bool has_words(const uint8_t *p, size_t size) {
    for (size_t i = 1; i + 1 < size; i++) {
        if (p[i] == ' ' && (is_letter(p[i - 1]) || is_one_of("0123456789,.:;)", p[i - 1])) &&
            (is_letter(p[i + 1]) || is_one_of("\"'(<[\\", p[i + 1]))) {
            return true;
        }
    }
    return false;
}

static bool has_letter(const uint8_t *p, size_t size) {
    bool has = false;
    for (size_t i = 0; i < size; i++) {
        has = has || is_letter(p[i]);
    }
    return has;
}

/* True for opcodes with a binary operand: no text was written to mean them. */
static bool has_binary_operand(uint8_t opcode) {
    const struct opcode_info *info = &opcode_table[opcode];
    return info->is_opcode && info->fixed > 0;
}

/* True for a refusal that words get, and that a damaged pickle of protocol 0 does not get. */
static bool stumbles_over_words(const uint8_t *head, size_t size, const struct refusal *refusal) {
    bool is_line = opcode_table[head[0]].operand == OPERAND_LINE_STRING && size > 1 &&
                   (head[1] == '\'' || head[1] == '"');
    bool in_line = refusal->offset <= line_size(head, size) || has_binary_operand(head[0]);
    size_t looked_at = refusal->reason == REASON_NUMBER_FORM ? line_size(head, size) : size;
    if (is_line || !in_line || !has_words(head, looked_at)) {
        return false;
    }
    switch (refusal->reason) {
    case REASON_TRUNCATED:
        return has_binary_operand(head[0]) || !opcode_table[head[0]].is_data;
    case REASON_NOT_ASCII:
        return has_binary_operand(head[0]);
    case REASON_BAD_OPCODE:
    case REASON_BAD_QUOTES:
    case REASON_STACK_UNDERFLOW:
    case REASON_NO_MARK:
    case REASON_BAD_TARGET:
    case REASON_MEMO_MISSING:
        return true;
    case REASON_NUMBER_FORM:
        return refusal->offset == 0;
    default:
        return false;
    }
}

static size_t skip_blanks(const uint8_t *p, size_t size, size_t at) {
    while (at < size && (p[at] == ' ' || p[at] == '\t' || p[at] == '\n' || p[at] == '\r')) {
        at++;
    }
    return at;
}

static bool is_json(const uint8_t *p, size_t size) {
    size_t at = skip_blanks(p, size, 0);
    uint8_t first = at < size ? p[at] : 0;
    at = skip_blanks(p, size, at + 1);
    uint8_t next = at < size ? p[at] : 0;
    bool is_empty = next == '}' && skip_blanks(p, size, at + 1) == size && size < PROSE_HEAD;
    return first == '{' ? next == '"' || is_empty
                        : first == '[' && is_one_of("\"{[]-0123456789tfn", next);
}

static bool is_markup(const uint8_t *p, size_t size) {
    size_t at = skip_blanks(p, size, 0);
    return at + 1 < size && p[at] == '<' &&
           (is_letter(p[at + 1]) || p[at + 1] == '?' || p[at + 1] == '!');
}

static bool begins_with(const uint8_t *p, size_t size, const char *start) {
    size_t length = strlen(start);
    return size >= length && memcmp(p, start, length) == 0;
}

static bool holds(const uint8_t *p, size_t size, const char *part) {
    for (size_t i = 0; i < size; i++) {
        if (begins_with(p + i, size - i, part)) {
            return true;
        }
    }
    return false;
}

static bool is_python(const uint8_t *p, size_t size) {
    static const char *const starts[] = {"#!/usr/bin/env python",
                                         "#!/usr/bin/python",
                                         "def ",
                                         "async def ",
                                         "import ",
                                         "class ",
                                         "print(",
                                         "b'",
                                         "b\"",
                                         "\"\"\"",
                                         "'''"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (begins_with(p, size, starts[i])) {
            return true;
        }
    }
    return begins_with(p, size, "from ") && holds(p, size, " import ");
}

enum sniff prose_look(const uint8_t *head, size_t size, bool is_whole,
                      const struct refusal *refusal, enum reason *reason) {
    size_t seen = size < PROSE_HEAD ? size : PROSE_HEAD;
    bool is_code = (unsigned)refusal->reason / 100 == 1;
    if (seen == 0 || is_code || !is_text(head, seen)) {
        return SNIFF_NONE;
    }
    if (seen < PROSE_HEAD && !is_whole) {
        return SNIFF_WAIT;
    }
    bool is_strange = refusal->reason == REASON_BAD_OPCODE && refusal->offset == 0 && seen > 1;
    if (is_strange && is_json(head, seen)) {
        *reason = REASON_WRAPPER_JSON;
    } else if (is_strange && is_markup(head, seen)) {
        *reason = REASON_WRAPPER_XML;
    } else if (is_python(head, seen)) {
        *reason = REASON_WRAPPER_PYTHON;
    } else if ((is_strange && (has_letter(head, seen) || seen >= STRANGE_ENOUGH)) ||
               stumbles_over_words(head, seen, refusal)) {
        *reason = REASON_WRAPPER_TEXT;
    } else {
        return SNIFF_NONE;
    }
    return SNIFF_FOUND;
}
