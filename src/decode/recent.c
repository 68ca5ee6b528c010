/* SPDX-License-Identifier: MIT
 *
 * Names are read, and decoded, only when a refusal speaks of them. */
#include "decode/recent.h"

#include <string.h>

#include "scan/scan.h"
#include "text/unescape.h"

#define SHOWN_MAX 100     /* bytes of text for each of the two */
#define NAME_TEXT_MAX 256 /* counted text is shown if it is shorter */
#define NAME_MAX 264 /* bytes of such an opcode: its byte, a length of eight bytes, 255 bytes */

void recent_start(struct recent *recent, bool is_noting) {
    recent->earlier = 0;
    recent_feed(recent, NULL, 0, 0);
    if (is_noting) {
        memset(recent->keys, 0, sizeof recent->keys);
    }
}

void recent_clear(struct recent *recent) {
    recent->earlier += recent->feed_end;
    recent_feed(recent, NULL, 0, 0);
}

void recent_keep(struct recent *recent) {
    uint64_t size = recent->feed_end - recent->feed_offset;
    uint64_t offset = size > RECENT_REACH ? recent->feed_end - RECENT_REACH : recent->feed_offset;
    while (offset < recent->feed_end) {
        size_t at = (size_t)(offset % RECENT_REACH);
        uint64_t left = recent->feed_end - offset;
        size_t take = left < RECENT_REACH - at ? (size_t)left : RECENT_REACH - at;
        memcpy(recent->bytes + at, recent->feed + (offset - recent->feed_offset), take);
        offset += take;
    }
}

uint64_t recent_find(const struct recent *recent, uint64_t key) {
    for (size_t i = 0; i < RECENT_REACH / 2; i++) {
        if (recent->keys[i] == key && recent->stamps[i] >= recent->earlier) {
            return recent->stamps[i];
        }
    }
    return RECENT_UNKNOWN;
}

/* Reads the bytes from this offset up to "end" again, but at most NAME_MAX: enough for the opcode
 * of a name.  Returns how many. */
static size_t read_again(const struct recent *recent, uint64_t offset, uint64_t end,
                         uint8_t bytes[NAME_MAX]) {
    size_t size = 0;
    for (; size < NAME_MAX && offset < end; offset++) {
        bytes[size++] = offset >= recent->feed_offset ? recent->feed[offset - recent->feed_offset]
                                                      : recent->bytes[offset % RECENT_REACH];
    }
    return size;
}

/* Writes the text of a line, in quotes or not.  False if it is no good line. */
static bool describe_line(struct text *text, bool is_unicode, const uint8_t *p, size_t size) {
    uint8_t decoded[UNESCAPED_MAX(NAME_MAX)];
    struct unescape unescape = unescape_start(is_unicode, SPK_ENCODING_BYTES);
    struct unescape_result result = unescape_read(&unescape, p, size, decoded);
    if (result.is_done) {
        text_put_escaped(text, decoded, result.written, SHOWN_MAX);
    }
    return result.is_done;
}

/* Writes the text of an opcode that pushes a str.  False for any other, and if it is too long. */
static bool describe_opcode(struct text *text, const uint8_t *p, size_t size) {
    struct scanned scanned;
    if (scan_opcode(p, size, &scanned) != SCAN_WHOLE) {
        return false;
    }
    switch (p[0]) {
    case OP_STRING:
    case OP_UNICODE:
        return describe_line(text, p[0] == OP_UNICODE, p + 1, scanned.size - 1);
    case OP_SHORT_BINUNICODE:
    case OP_BINUNICODE:
    case OP_BINUNICODE8:
    case OP_SHORT_BINSTRING:
    case OP_BINSTRING:
        if (scanned.operand_size >= NAME_TEXT_MAX) {
            return false;
        }
        text_put_escaped(text, p + scanned.operand, scanned.operand_size, SHOWN_MAX);
        return true;
    default:
        return false;
    }
}

static void describe(const struct recent *recent, struct text *text, uint64_t offset,
                     uint64_t stamp) {
    uint8_t opcode[NAME_MAX] = {0};
    uint64_t here = recent->earlier + offset;
    bool is_near = stamp < here && here - stamp <= RECENT_REACH && stamp >= recent->earlier;
    size_t size = is_near ? read_again(recent, stamp - recent->earlier, offset, opcode) : 0;
    if (size == 0 || !describe_opcode(text, opcode, size)) {
        text_put(text, "?");
    }
}

void recent_describe(const struct recent *recent, struct text *text, uint64_t offset,
                     uint64_t module, uint64_t name) {
    describe(recent, text, offset, module);
    text_put(text, ".");
    describe(recent, text, offset, name);
}
