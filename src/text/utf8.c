/* SPDX-License-Identifier: MIT
 *
 * The accepted sequences are those of CPython's utf-8 codec with "surrogatepass":
 * 00-7F | C2-DF 80-BF | E0 A0-BF 80-BF | E1-EF 80-BF 80-BF | F0 90-BF .. | F1-F3 .. | F4 80-8F ..
 * (Unicode 15, table 3-7, plus ED A0-BF 80-BF). */
#include "text/utf8.h"

#include "text/ascii.h"
#include "text/utf8_vector.h"

/* Reads the first byte of a sequence of two to four; false if no sequence starts with it. */
static bool start(struct utf8 *state, uint8_t first) {
    state->min = 0x80;
    state->max = 0xbf;
    if (first < 0xc2 || first > 0xf4) {
        return false;
    }
    state->missing = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first == 0xe0) {
        state->min = 0xa0;
    } else if (first == 0xf0) {
        state->min = 0x90;
    } else if (first == 0xf4) {
        state->max = 0x8f;
    }
    return true;
}

size_t utf8_check(struct utf8 *state, const uint8_t *p, size_t size) {
    size_t at = 0;
    if (state->missing == 0 && size >= UTF8_VECTOR_MIN) {
        at = utf8_vector_prefix(p, size);
    }
    while (at < size) {
        if (state->missing == 0) {
            at += ascii_prefix(p + at, size - at);
            if (at == size) {
                break;
            }
            if (!start(state, p[at])) {
                return at;
            }
        } else {
            if (p[at] < state->min || p[at] > state->max) {
                return at;
            }
            state->missing--;
            state->min = 0x80;
            state->max = 0xbf;
        }
        at++;
    }
    return size;
}

size_t utf8_write(uint32_t c, uint8_t out[UTF8_MAX]) {
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

size_t utf8_latin1_size(const uint8_t *p, size_t size) {
    size_t count = ascii_prefix(p, size);
    for (size_t i = count; i < size; i++) {
        if (p[i] > 0xc3) { /* begins one of more than eight bits */
            return UTF8_NOT_LATIN1;
        }
        count += (p[i] & 0xc0) != 0x80;
    }
    return count;
}
