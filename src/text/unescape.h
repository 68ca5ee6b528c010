/* SPDX-License-Identifier: MIT
 *
 * The text lines of protocol 0: STRING, a quoted Python 2 str, and UNICODE, raw-unicode-escape.
 * Reads a line in pieces of any size and writes what it means, as UTF-8 or bytes. */
#ifndef SPK_UNESCAPE_H
#define SPK_UNESCAPE_H

#include "base/report.h"

struct unescape {
    bool is_unicode;       /* UNICODE, else STRING */
    spk_encoding encoding; /* of STRING */
    uint8_t state;
    uint8_t quote;
    uint8_t missing;  /* hex digits still to come */
    uint8_t digits;   /* octal digits seen */
    uint32_t value;   /* of the digits so far */
    uint8_t bad_byte; /* for REASON_NOT_ASCII: the byte that is not ASCII */
};

struct unescape unescape_start(bool is_unicode, spk_encoding encoding);

/* The most bytes that a piece of this size can become. */
#define UNESCAPED_MAX(size) (2 * (size) + 4)

struct unescape_result {
    size_t used;    /* bytes read, the line feed included */
    size_t written; /* bytes written to "out" */
    bool is_done;   /* the line feed was read, and nothing was wrong */
    enum reason reason; /* of the first bad byte, else REASON_DATA */
};

/* "out" has space for UNESCAPED_MAX(size) bytes; NULL if only the verdict is wanted. */
struct unescape_result unescape_read(struct unescape *unescape, const uint8_t *p, size_t size,
                                     uint8_t *out);

#endif
