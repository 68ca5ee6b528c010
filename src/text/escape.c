/* SPDX-License-Identifier: MIT
 *
 * STRING: what CPython's codecs.escape_decode takes without a warning (a later CPython turns the
 * warnings into errors). UNICODE: every byte is a Latin-1 character, but for \uXXXX and \UXXXXXXXX.
 * A backslash before another byte stands for itself and so does that byte, even if it is a
 * backslash. */
#include "text/escape.h"

#include "base/bytes.h"
#include "text/utf8.h"

enum state {
    OPENING, /* STRING: the first quote is due */
    TEXT,
    QUOTED, /* STRING: a quote was read; the last one if the line ends here, else text */
    RETURNED, /* STRING: a quote and CR were read */
    BACKSLASH,
    HEX,
    OCTAL
};

struct escape escape_start(bool is_unicode, spk_encoding encoding) {
    return (struct escape){is_unicode, encoding, is_unicode ? TEXT : OPENING, 0, 0, 0, 0, 0};
}

struct writer {
    uint8_t *out;
    size_t written;
};

static void put_code_point(struct writer *writer, uint32_t code_point) {
    uint8_t bytes[UTF8_MAX];
    size_t size = utf8_write(code_point, bytes);
    if (writer->out) {
        memcpy(writer->out + writer->written, bytes, size);
        writer->written += size;
    }
}

static void put_byte(struct writer *writer, uint8_t byte) {
    if (writer->out) {
        writer->out[writer->written++] = byte;
    }
}

/* A byte of a Python 2 str, under the encoding chosen. */
static enum reason put_string_byte(struct escape *escape, struct writer *writer, uint8_t byte) {
    if (escape->encoding == SPK_ENCODING_BYTES) {
        put_byte(writer, byte);
        return REASON_DATA;
    }
    if (byte >= 0x80 && escape->encoding == SPK_ENCODING_ASCII) {
        escape->bad_byte = byte;
        return REASON_NOT_ASCII;
    }
    put_code_point(writer, byte);
    return REASON_DATA;
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that a one-letter escape of STRING stands for; -1 if there is none. */
static int simple_escape(uint8_t c) {
    static const char letters[] = "\\'\"abfnrtv";
    static const char meanings[] = "\\'\"\a\b\f\n\r\t\v";
    const char *found = c == '\0' ? NULL : strchr(letters, c);
    return found ? meanings[found - letters] : -1;
}

static void start_digits(struct escape *escape, uint8_t state, uint8_t missing) {
    escape->state = state;
    escape->missing = missing;
    escape->digits = 0;
    escape->value = 0;
}

static enum reason string_backslash(struct escape *escape, struct writer *writer, uint8_t c) {
    int meaning = simple_escape(c);
    if (meaning >= 0) {
        escape->state = TEXT;
        return put_string_byte(escape, writer, (uint8_t)meaning);
    }
    if (c == 'x') {
        start_digits(escape, HEX, 2);
        return REASON_DATA;
    }
    if (c >= '0' && c <= '7') {
        start_digits(escape, OCTAL, 0);
        escape->value = (uint32_t)(c - '0');
        escape->digits = 1;
        return REASON_DATA;
    }
    return c == '\n' ? REASON_BAD_QUOTES : REASON_ODD_ESCAPE;
}

/* One byte after one to three octal digits; *again if it is not part of the escape. */
static enum reason string_octal(struct escape *escape, struct writer *writer, uint8_t c,
                                bool *again) {
    if (c >= '0' && c <= '7' && escape->digits < 3) {
        escape->value = escape->value * 8 + (uint32_t)(c - '0');
        escape->digits++;
        return escape->value > 0xff ? REASON_ODD_ESCAPE : REASON_DATA;
    }
    *again = true;
    escape->state = TEXT;
    return put_string_byte(escape, writer, (uint8_t)escape->value);
}

static enum reason string_text(struct escape *escape, struct writer *writer, uint8_t c) {
    if (c == '\\') {
        escape->state = BACKSLASH;
        return REASON_DATA;
    }
    if (c == escape->quote) {
        escape->state = QUOTED;
        return REASON_DATA;
    }
    return c == '\n' ? REASON_BAD_QUOTES : put_string_byte(escape, writer, c);
}

static enum reason read_string(struct escape *escape, struct writer *writer, uint8_t c, bool *again,
                               bool *done) {
    switch ((enum state)escape->state) {
    case OPENING:
        escape->quote = c;
        escape->state = TEXT;
        return c == '\'' || c == '"' ? REASON_DATA : REASON_BAD_QUOTES;
    case TEXT:
        return string_text(escape, writer, c);
    case QUOTED:
        if (c == '\n') {
            *done = true;
            return REASON_DATA;
        }
        if (c == '\r') {
            escape->state = RETURNED;
            return REASON_DATA;
        }
        *again = true;
        escape->state = TEXT;
        return put_string_byte(escape, writer, escape->quote);
    case RETURNED:
        if (c == '\n') {
            return REASON_CRLF;
        }
        *again = true;
        escape->state = TEXT;
        (void)put_string_byte(escape, writer, escape->quote);
        return put_string_byte(escape, writer, '\r');
    case BACKSLASH:
        return string_backslash(escape, writer, c);
    case OCTAL:
        return string_octal(escape, writer, c, again);
    case HEX: {
        int digit = hex_digit(c);
        if (digit < 0) {
            return REASON_BAD_ESCAPE;
        }
        escape->value = escape->value << 4 | (uint32_t)digit;
        if (--escape->missing > 0) {
            return REASON_DATA;
        }
        escape->state = TEXT;
        return put_string_byte(escape, writer, (uint8_t)escape->value);
    }
    }
    return REASON_BAD_ESCAPE;
}

static enum reason read_unicode(struct escape *escape, struct writer *writer, uint8_t c,
                                bool *done) {
    if (escape->state == HEX) {
        int digit = hex_digit(c);
        if (digit < 0) {
            return REASON_BAD_ESCAPE;
        }
        escape->value = escape->value << 4 | (uint32_t)digit;
        escape->missing--;
        if ((uint64_t)escape->value << 4 * escape->missing >
            0x10ffff) { /* whatever digits follow */
            return REASON_BAD_ESCAPE;
        }
        if (escape->missing == 0) {
            escape->state = TEXT;
            put_code_point(writer, escape->value);
        }
        return REASON_DATA;
    }
    if (escape->state == BACKSLASH) {
        escape->state = TEXT;
        if (c == 'u' || c == 'U') {
            start_digits(escape, HEX, c == 'u' ? 4 : 8);
            return REASON_DATA;
        }
        put_byte(writer, '\\');
    } else if (c == '\\') {
        escape->state = BACKSLASH;
        return REASON_DATA;
    }
    if (c == '\n') {
        *done = true;
    } else {
        put_code_point(writer, c);
    }
    return REASON_DATA;
}

struct escape_result escape_read(struct escape *escape, const uint8_t *p, size_t size,
                                 uint8_t *out) {
    struct writer writer = {out, 0};
    struct escape_result result = {0, 0, false, REASON_DATA};
    while (result.used < size && !result.is_done && result.reason == REASON_DATA) {
        bool again = false;
        uint8_t c = p[result.used];
        if (escape->is_unicode) {
            result.reason = read_unicode(escape, &writer, c, &result.is_done);
        } else {
            result.reason = read_string(escape, &writer, c, &again, &result.is_done);
        }
        result.used += !again;
    }
    result.written = writer.written;
    return result;
}
