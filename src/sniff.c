/* SPDX-License-Identifier: MIT
 *
 * Magic numbers, from the formats' own specifications: PKWARE APPNOTE 4.3, RFC 1950 and 1952, bzip2's manual, the .xz file
 * format, RFC 8878, numpy.lib.format, POSIX ustar, the HDF5 superblock, 7zFormat.txt. */
#include "sniff.h"

#include <string.h>

struct magic {
    enum reason reason;
    uint8_t size;
    uint8_t digit; /* index of a byte that is one of 1 to 9; 0: none */
    const char *bytes;
};

static const struct magic magics[] = {
    {REASON_GZIP_NESTED, 2, 0, "\x1f\x8b"},
    {REASON_WRAPPER_ZIP, 4, 0, "PK\x03\x04"},
    {REASON_WRAPPER_ZIP, 4, 0, "PK\x05\x06"},
    {REASON_WRAPPER_ZIP, 4, 0, "PK\x07\x08"},
    {REASON_WRAPPER_ZLIB, 2, 0, "\x78\x01"},
    {REASON_WRAPPER_ZLIB, 2, 0, "\x78\x5e"},
    {REASON_WRAPPER_ZLIB, 2, 0, "\x78\x9c"},
    {REASON_WRAPPER_ZLIB, 2, 0, "\x78\xda"},
    {REASON_WRAPPER_BZ2, 10, 3, "BZh91AY&SY"},
    {REASON_WRAPPER_BZ2, 10, 3, "BZh9\x17\x72\x45\x38\x50\x90"},
    {REASON_WRAPPER_XZ, 6, 0, "\xfd" "7zXZ\0"},
    {REASON_WRAPPER_ZSTD, 4, 0, "\x28\xb5\x2f\xfd"},
    {REASON_WRAPPER_NPY, 6, 0, "\x93NUMPY"},
    {REASON_WRAPPER_HDF5, 8, 0, "\x89HDF\r\n\x1a\n"},
    {REASON_WRAPPER_7Z, 6, 0, "7z\xbc\xaf\x27\x1c"},
};

static bool is_start_of(const struct magic *magic, const uint8_t *head, size_t size) {
    for (size_t i = 0; i < size; i++) {
        bool matches = magic->digit != 0 && i == magic->digit ? head[i] >= '1' && head[i] <= '9'
                                                              : head[i] == (uint8_t)magic->bytes[i];
        if (!matches) {
            return false;
        }
    }
    return true;
}

enum sniff sniff_magic(const uint8_t *head, size_t size, enum reason *reason) {
    enum sniff result = SNIFF_NONE;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *magic = &magics[i];
        if (size > 0 && head[0] != (uint8_t)magic->bytes[0]) { /* nearly always; so the small pickle is told at once */
            continue;
        }
        if (!is_start_of(magic, head, size < magic->size ? size : magic->size)) {
            continue;
        }
        if (size >= magic->size) {
            *reason = magic->reason;
            return SNIFF_FOUND;
        }
        result = SNIFF_WAIT;
    }
    return result;
}

/* POSIX ustar: a name of 100 bytes filled up with NUL, then numbers in octal, a type at 156, another name. */
static bool may_stand_at(const uint8_t *head, size_t at) {
    uint8_t c = head[at];
    bool is_text = c >= 0x20 && c < 0x7f;
    if (at < 100 || (at > 156 && at < 257)) {
        bool is_first = at == 0 || at == 157;
        return is_text ? is_first || head[at - 1] != 0 : c == 0 && at != 0;
    }
    if (at < 156) {
        return c == 0 || c == ' ' || (c >= '0' && c <= '7');
    }
    return at == 156 ? c == 0 || is_text : c == (uint8_t)"ustar"[at - 257];
}

enum sniff sniff_tar(const uint8_t *head, size_t size) {
    for (size_t at = 0; at < size && at < SNIFF_TAR_SIZE; at++) {
        if (!may_stand_at(head, at)) {
            return SNIFF_NONE;
        }
    }
    return size < SNIFF_TAR_SIZE ? SNIFF_WAIT : SNIFF_FOUND;
}
