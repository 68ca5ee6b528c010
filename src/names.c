/* SPDX-License-Identifier: MIT
 *
 * Names are kept as the pickle has them and decoded only when a refusal speaks of them. */
#include "names.h"

#include <string.h>

#include "escape.h"
#include "word.h"

#define SHOWN_MOST 100 /* bytes of text for each of the two */

void names_clear(struct names *names) {
    names->count = 0;
    names->kept = 0;
    names->open_fits = false;
}

static bool is_line(uint8_t opcode) {
    return opcode == OP_STRING || opcode == OP_UNICODE;
}

static size_t opcode_size(const uint8_t *opcode) {
    if (is_line(opcode[0])) {
        const uint8_t *feed = memchr(opcode, '\n', NAME_MOST);
        return feed ? (size_t)(feed - opcode) + 1 : 0;
    }
    return counted_header(opcode[0]) + counted_of(opcode).size;
}

void names_keep(struct names *names) {
    if (names->count - names->kept > NAMES_KEPT) {
        names->kept = names->count - NAMES_KEPT;
    }
    for (; names->kept < names->count; names->kept++) {
        unsigned at = (unsigned)(names->kept % NAMES_KEPT);
        const uint8_t *opcode = names->fresh[at];
        if (!opcode) {
            continue;
        }
        size_t size = opcode_size(opcode);
        names->names[at].size = (uint16_t)size;
        memcpy(names->names[at].bytes, opcode, size);
        names->fresh[at] = NULL;
    }
}

void names_open(struct names *names, const uint8_t *p, size_t size, bool is_wanted) {
    names->open.size = 0;
    names->open_fits = is_wanted;
    names_add(names, p, size);
}

void names_add(struct names *names, const uint8_t *p, size_t size) {
    if (!names->open_fits || size > (size_t)(NAME_MOST - names->open.size)) {
        names->open_fits = false;
        return;
    }
    memcpy(names->open.bytes + names->open.size, p, size);
    names->open.size = (uint16_t)(names->open.size + size);
}

void names_close(struct names *names, uint64_t key) {
    if (!names->open_fits) {
        return;
    }
    unsigned at = (unsigned)(names->count++ % NAMES_KEPT);
    names->fresh[at] = NULL;
    names->keys[at] = key;
    names->names[at].size = names->open.size;
    memcpy(names->names[at].bytes, names->open.bytes, names->open.size);
}

static void describe_line(struct text *text, const uint8_t *opcode) {
    uint8_t decoded[ESCAPE_ROOM(NAME_MOST)];
    struct escape escape = escape_start(opcode[0] == OP_UNICODE, SPK_ENCODING_BYTES);
    struct escape_result result = escape_read(&escape, opcode + 1, opcode_size(opcode) - 1, decoded);
    text_put_escaped(text, decoded, result.written, SHOWN_MOST);
}

static void describe(struct names *names, struct text *text, uint64_t key) {
    uint64_t oldest = names->count > NAMES_KEPT ? names->count - NAMES_KEPT : 0;
    for (uint64_t i = names->count; key != 0 && i > oldest; i--) {
        unsigned at = (unsigned)((i - 1) % NAMES_KEPT);
        if (names->keys[at] != key) {
            continue;
        }
        const uint8_t *opcode = names->fresh[at] ? names->fresh[at] : names->names[at].bytes;
        if (is_line(opcode[0])) {
            describe_line(text, opcode);
        } else {
            struct counted counted = counted_of(opcode);
            text_put_escaped(text, counted.data, counted.size, SHOWN_MOST);
        }
        return;
    }
    text_put(text, "?");
}

void names_describe(struct names *names, struct text *text, uint64_t module, uint64_t name) {
    describe(names, text, module);
    text_put(text, ".");
    describe(names, text, name);
}
