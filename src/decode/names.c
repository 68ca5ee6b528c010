/* SPDX-License-Identifier: MIT
 *
 * Names are read, and decoded, only when a refusal speaks of them. */
#include "decode/names.h"

#include <string.h>

#include "text/escape.h"
#include "value/word.h"

#define SHOWN_MAX 100     /* bytes of text for each of the two */
#define NAME_TEXT_MAX 256 /* counted text shorter than this is told */
#define NAME_MAX \
    264      /* bytes of an opcode with its operand: opcode, a length of eight bytes, 255 bytes */

void names_start(struct names *names, bool is_noting) {
    names->earlier = 0;
    names_feed(names, NULL, 0, 0);
    if (is_noting) {
        memset(names->keys, 0, sizeof names->keys);
    }
}

void names_clear(struct names *names) {
    names->earlier += names->feed_end;
    names_feed(names, NULL, 0, 0);
}

void names_keep(struct names *names) {
    uint64_t size = names->feed_end - names->feed_offset;
    uint64_t offset = size > NAMES_REACH ? names->feed_end - NAMES_REACH : names->feed_offset;
    while (offset < names->feed_end) {
        size_t at = (size_t)(offset % NAMES_REACH);
        uint64_t left = names->feed_end - offset;
        size_t take = left < NAMES_REACH - at ? (size_t)left : NAMES_REACH - at;
        memcpy(names->recent + at, names->feed + (offset - names->feed_offset), take);
        offset += take;
    }
}

uint64_t names_find(const struct names *names, uint64_t key) {
    for (size_t i = 0; i < NAMES_REACH / 2; i++) {
        if (names->keys[i] == key && names->places[i] >= names->earlier) {
            return names->places[i];
        }
    }
    return NAMES_UNKNOWN;
}

/* The opcode at this offset, as far as NAME_MAX, with what follows it before "end"; returns the
 * bytes. */
static size_t read_again(const struct names *names, uint64_t offset, uint64_t end,
                         uint8_t bytes[NAME_MAX]) {
    size_t size = 0;
    for (; size < NAME_MAX && offset < end; offset++) {
        bytes[size++] = offset >= names->feed_offset ? names->feed[offset - names->feed_offset]
                                                     : names->recent[offset % NAMES_REACH];
    }
    return size;
}

static bool describe_line(struct text *text, const uint8_t *opcode, size_t size) {
    uint8_t decoded[ESCAPE_ROOM(NAME_MAX)];
    struct escape escape = escape_start(opcode[0] == OP_UNICODE, SPK_ENCODING_BYTES);
    struct escape_result result = escape_read(&escape, opcode + 1, size - 1, decoded);
    if (result.is_done) {
        text_put_escaped(text, decoded, result.written, SHOWN_MAX);
    }
    return result.is_done;
}

static bool describe_counted(struct text *text, const uint8_t *opcode, size_t size) {
    size_t header = counted_header(opcode[0]);
    if (size < header) {
        return false;
    }
    struct counted counted = counted_of(opcode);
    if (counted.size >= NAME_TEXT_MAX || counted.size > size - header) {
        return false;
    }
    text_put_escaped(text, counted.data, counted.size, SHOWN_MAX);
    return true;
}

/* Of the opcodes that a name may come from. */
static bool describe_opcode(struct text *text, const uint8_t *opcode, size_t size) {
    switch (opcode[0]) {
    case OP_STRING:
    case OP_UNICODE:
        return describe_line(text, opcode, size);
    case OP_SHORT_BINUNICODE:
    case OP_BINUNICODE:
    case OP_BINUNICODE8:
    case OP_SHORT_BINSTRING:
    case OP_BINSTRING:
        return describe_counted(text, opcode, size);
    default:
        return false;
    }
}

static void describe(const struct names *names, struct text *text, uint64_t offset,
                     uint64_t place) {
    uint8_t opcode[NAME_MAX] = {0};
    uint64_t here = names->earlier + offset;
    bool is_near = place < here && here - place <= NAMES_REACH && place >= names->earlier;
    size_t size = is_near ? read_again(names, place - names->earlier, offset, opcode) : 0;
    if (size == 0 || !describe_opcode(text, opcode, size)) {
        text_put(text, "?");
    }
}

void names_describe(const struct names *names, struct text *text, uint64_t offset, uint64_t module,
                    uint64_t name) {
    describe(names, text, offset, module);
    text_put(text, ".");
    describe(names, text, offset, name);
}
