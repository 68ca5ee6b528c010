/* SPDX-License-Identifier: MIT
 *
 * Text into a buffer, and foreign bytes made printable.  Numbers are written by hand: no locale may
 * ever speak here. */
#include "base/show.h"

#include <stdbool.h>
#include <string.h>

#include "safepickle.h"

struct text text_start(char *out, size_t size) {
    if (size > 0) {
        out[0] = '\0';
    }
    return (struct text){out, size, 0};
}

void text_put_bytes(struct text *text, const void *data, size_t size) {
    if (size == 0) {
        return;
    }
    if (text->length < text->size) {
        size_t room = text->size - text->length - 1;
        size_t fits = size < room ? size : room;
        memcpy(text->out + text->length, data, fits);
        text->out[text->length + fits] = '\0';
    }
    text->length += size;
}

void text_put(struct text *text, const char *string) {
    text_put_bytes(text, string, strlen(string));
}

void text_put_number(struct text *text, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    text_put_bytes(text, digits + at, sizeof digits - at);
}

void text_put_hex(struct text *text, uint64_t value, int digits) {
    int max = 16;
    while (max > digits && value >> 4 * (max - 1) == 0) {
        max--;
    }
    while (max-- > 0) {
        text_put_bytes(text, &"0123456789abcdef"[value >> 4 * max & 15], 1);
    }
}

/* Length of the UTF-8 sequence of a code point that may stand in text as it is; 0 if the first byte
 * must be escaped. */
static size_t printable_length(const uint8_t *p, size_t size, uint32_t *code_point) {
    uint8_t first = p[0];
    if (first < 0x80) {
        *code_point = first;
        return first < 0x20 || first == 0x7f || first == '\\' ? 0 : 1;
    }
    size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0 || length > size) {
        return 0;
    }
    uint32_t value = first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (p[i] & 0x3f);
    }
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < min[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return 0;
    }
    *code_point = value;
    return length;
}

/* Code points that a terminal or a reader could be misled by: C1 controls, bidirectional and other
 * invisible marks. */
static bool is_invisible(uint32_t c) {
    return (c >= 0x80 && c <= 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

/* Writes the text of one character, NUL-terminated; returns the bytes of data it stands for. */
static size_t unescape_one(const uint8_t *p, size_t size, char piece[16]) {
    struct text text = text_start(piece, 16);
    uint32_t code_point = 0;
    size_t length = printable_length(p, size, &code_point);
    if (length == 0) {
        text_put(&text, "\\x");
        text_put_hex(&text, p[0], 2);
        return 1;
    }
    if (is_invisible(code_point)) {
        text_put(&text, "\\u{");
        text_put_hex(&text, code_point, 4);
        text_put(&text, "}");
    } else {
        text_put_bytes(&text, p, length);
    }
    return length;
}

size_t spk_escape(const void *data, size_t size, char *out, size_t out_size) {
    const uint8_t *p = data;
    size_t written = 0;
    size_t needed = 0;
    for (size_t at = 0; at < size;) {
        char piece[16];
        at += unescape_one(p + at, size - at, piece);
        size_t length = strlen(piece);
        if (written == needed && out_size > length && written < out_size - length) {
            memcpy(out + written, piece, length);
            written += length;
        }
        needed += length;
    }
    if (out_size > 0) {
        out[written] = '\0';
    }
    return needed;
}

void text_put_escaped(struct text *text, const void *data, size_t size, size_t max) {
    const uint8_t *p = data;
    size_t written = 0;
    for (size_t at = 0; at < size;) {
        char piece[16];
        at += unescape_one(p + at, size - at, piece);
        size_t length = strlen(piece);
        if (written + length > max) {
            text_put(text, "...");
            return;
        }
        text_put_bytes(text, piece, length);
        written += length;
    }
}
