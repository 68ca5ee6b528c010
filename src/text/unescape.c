/* SPDX-License-Identifier: MIT
 *
 * STRING: what CPython's codecs.unescape_decode takes without a warning (a later CPython turns the
 * warnings into errors).  UNICODE: every byte is a Latin-1 character, except in \uXXXX and
 * \UXXXXXXXX.  Before any other byte a backslash stands for itself, and so does that byte, even if
 * it is a backslash. */
#include "text/unescape.h"

#include "base/bytes.h"
#include "text/utf8.h"

enum state {
    OPENING, /* STRING: the first quote must come */
    TEXT,
    QUOTED, /* STRING: a quote was read; it is the last one if the line ends here, else text */
    RETURNED, /* STRING: a quote and CR were read */
    BACKSLASH,
    HEX,
    OCTAL
};

struct unescape unescape_start(bool is_unicode, spk_encoding encoding) {
    return (struct unescape){is_unicode, encoding, is_unicode ? TEXT : OPENING, 0, 0, 0, 0, 0};
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

/* A byte of a Python 2 str, in the encoding that the options say. */
static enum reason put_string_byte(struct unescape *unescape, struct writer *writer, uint8_t byte) {
    if (unescape->encoding == SPK_ENCODING_BYTES) {
        put_byte(writer, byte);
        return REASON_DATA;
    }
    if (byte >= 0x80 && unescape->encoding == SPK_ENCODING_ASCII) {
        unescape->bad_byte = byte;
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

static void start_digits(struct unescape *unescape, uint8_t state, uint8_t missing) {
    unescape->state = state;
    unescape->missing = missing;
    unescape->digits = 0;
    unescape->value = 0;
}

static enum reason string_backslash(struct unescape *unescape, struct writer *writer, uint8_t c) {
    int meaning = simple_escape(c);
    if (meaning >= 0) {
        unescape->state = TEXT;
        return put_string_byte(unescape, writer, (uint8_t)meaning);
    }
    if (c == 'x') {
        start_digits(unescape, HEX, 2);
        return REASON_DATA;
    }
    if (c >= '0' && c <= '7') {
        start_digits(unescape, OCTAL, 0);
        unescape->value = (uint32_t)(c - '0');
        unescape->digits = 1;
        return REASON_DATA;
    }
    return c == '\n' ? REASON_BAD_QUOTES : REASON_ODD_ESCAPE;
}

/* The byte behind one to three octal digits.  *again: it is no part of the escape, and is to be
 * read as text. */
static enum reason string_octal(struct unescape *unescape, struct writer *writer, uint8_t c,
                                bool *again) {
    if (c >= '0' && c <= '7' && unescape->digits < 3) {
        unescape->value = unescape->value * 8 + (uint32_t)(c - '0');
        unescape->digits++;
        return unescape->value > 0xff ? REASON_ODD_ESCAPE : REASON_DATA;
    }
    *again = true;
    unescape->state = TEXT;
    return put_string_byte(unescape, writer, (uint8_t)unescape->value);
}

static enum reason string_text(struct unescape *unescape, struct writer *writer, uint8_t c) {
    if (c == '\\') {
        unescape->state = BACKSLASH;
        return REASON_DATA;
    }
    if (c == unescape->quote) {
        unescape->state = QUOTED;
        return REASON_DATA;
    }
    return c == '\n' ? REASON_BAD_QUOTES : put_string_byte(unescape, writer, c);
}

static enum reason read_string(struct unescape *unescape, struct writer *writer, uint8_t c,
                               bool *again, bool *done) {
    switch ((enum state)unescape->state) {
    case OPENING:
        unescape->quote = c;
        unescape->state = TEXT;
        return c == '\'' || c == '"' ? REASON_DATA : REASON_BAD_QUOTES;
    case TEXT:
        return string_text(unescape, writer, c);
    case QUOTED:
        if (c == '\n') {
            *done = true;
            return REASON_DATA;
        }
        if (c == '\r') {
            unescape->state = RETURNED;
            return REASON_DATA;
        }
        *again = true;
        unescape->state = TEXT;
        return put_string_byte(unescape, writer, unescape->quote);
    case RETURNED:
        if (c == '\n') {
            return REASON_CRLF;
        }
        *again = true;
        unescape->state = TEXT;
        (void)put_string_byte(unescape, writer, unescape->quote);
        return put_string_byte(unescape, writer, '\r');
    case BACKSLASH:
        return string_backslash(unescape, writer, c);
    case OCTAL:
        return string_octal(unescape, writer, c, again);
    case HEX: {
        int digit = hex_digit(c);
        if (digit < 0) {
            return REASON_BAD_ESCAPE;
        }
        unescape->value = unescape->value << 4 | (uint32_t)digit;
        if (--unescape->missing > 0) {
            return REASON_DATA;
        }
        unescape->state = TEXT;
        return put_string_byte(unescape, writer, (uint8_t)unescape->value);
    }
    }
    return REASON_BAD_ESCAPE;
}

static enum reason read_unicode(struct unescape *unescape, struct writer *writer, uint8_t c,
                                bool *done) {
    if (unescape->state == HEX) {
        int digit = hex_digit(c);
        if (digit < 0) {
            return REASON_BAD_ESCAPE;
        }
        unescape->value = unescape->value << 4 | (uint32_t)digit;
        unescape->missing--;
        /* Too large already, whatever digits follow. */
        if ((uint64_t)unescape->value << 4 * unescape->missing > 0x10ffff) {
            return REASON_BAD_ESCAPE;
        }
        if (unescape->missing == 0) {
            unescape->state = TEXT;
            put_code_point(writer, unescape->value);
        }
        return REASON_DATA;
    }
    if (unescape->state == BACKSLASH) {
        unescape->state = TEXT;
        if (c == 'u' || c == 'U') {
            start_digits(unescape, HEX, c == 'u' ? 4 : 8);
            return REASON_DATA;
        }
        put_byte(writer, '\\');
    } else if (c == '\\') {
        unescape->state = BACKSLASH;
        return REASON_DATA;
    }
    if (c == '\n') {
        *done = true;
    } else {
        put_code_point(writer, c);
    }
    return REASON_DATA;
}

struct unescape_result unescape_read(struct unescape *unescape, const uint8_t *p, size_t size,
                                     uint8_t *out) {
    struct writer writer = {out, 0};
    struct unescape_result result = {0, 0, false, REASON_DATA};
    while (result.used < size && !result.is_done && result.reason == REASON_DATA) {
        bool again = false;
        uint8_t c = p[result.used];
        if (unescape->is_unicode) {
            result.reason = read_unicode(unescape, &writer, c, &result.is_done);
        } else {
            result.reason = read_string(unescape, &writer, c, &again, &result.is_done);
        }
        result.used += !again;
    }
    result.written = writer.written;
    return result;
}
