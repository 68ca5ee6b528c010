/* SPDX-License-Identifier: MIT
 *
 * Magic numbers, from the formats' own specifications: PKWARE APPNOTE 4.3, RFC 1950 and 1952,
 * bzip2's manual, the .xz file format, RFC 8878, numpy.lib.format, POSIX ustar, the HDF5
 * superblock, 7zFormat.txt, PNG (RFC 2083), JPEG (ISO 10918-1), GIF89a, PDF (ISO 32000-1), ELF,
 * Parquet's and Arrow's format pages, the SQLite file format, gguf.md and the README of
 * safetensors, the LZ4 frame format, the .lzma format of the LZMA SDK, joblib's zfile, importlib's
 * _bootstrap_external (.pyc), Free Pascal's ppu, the Git LFS pointer specification, RFC 4648,
 * Unicode. */
#include "decode/sniff.h"

#include <string.h>

#include "decode/prose.h"

_Static_assert(PROSE_HEAD <= SNIFF_ALL_BUT_TAR, "what is text is known by then");

struct magic {
    enum reason reason;
    uint8_t size;
    bool is_late; /* looked for after a refusal only: a pickle could begin with it, or its first
                     byte is no opcode */
    const char *bytes;
    const char *mask; /* for each byte "=", this very byte, or a set; NULL: all are "=" */
};

static const struct magic magics[] = {
    {REASON_GZIP_NESTED, 2, false, "\x1f\x8b", NULL},
    {REASON_WRAPPER_ZIP, 4, false, "PK\x03\x04", NULL},
    {REASON_WRAPPER_ZIP, 4, false, "PK\x05\x06", NULL},
    {REASON_WRAPPER_ZIP, 4, false, "PK\x07\x08", NULL},
    {REASON_WRAPPER_ZLIB, 2, false, "\x78\x01", NULL},
    {REASON_WRAPPER_ZLIB, 2, false, "\x78\x5e", NULL},
    {REASON_WRAPPER_ZLIB, 2, false, "\x78\x9c", NULL},
    {REASON_WRAPPER_ZLIB, 2, false, "\x78\xda", NULL},
    {REASON_WRAPPER_BZ2, 10, false, "BZh91AY&SY", "===1======"},
    {REASON_WRAPPER_BZ2, 10, false, "BZh9\x17\x72\x45\x38\x50\x90", "===1======"},
    {REASON_WRAPPER_XZ, 6, false,
     "\xfd"
     "7zXZ\0",
     NULL},
    {REASON_WRAPPER_ZSTD, 4, false, "\x28\xb5\x2f\xfd", NULL},
    {REASON_WRAPPER_NPY, 6, false, "\x93NUMPY", NULL},
    {REASON_WRAPPER_HDF5, 8, false, "\x89HDF\r\n\x1a\n", NULL},
    {REASON_WRAPPER_7Z, 6, false, "7z\xbc\xaf\x27\x1c", NULL},
    {REASON_WRAPPER_JOBLIB, 4, false, "ZF0x", NULL},
    {REASON_WRAPPER_LZ4, 4, false, "\x04\x22\x4d\x18", NULL},
    {REASON_WRAPPER_LZMA, 3, false, "\x5d\0\0", NULL},
    {REASON_WRAPPER_PARQUET, 4, false, "PAR1", NULL},
    {REASON_WRAPPER_PARQUET, 5, false, "PARE\x15", "====b"}, /* of encrypted files */
    {REASON_WRAPPER_ARROW, 6, false, "ARROW1", NULL},
    {REASON_WRAPPER_SQLITE, 16, false, "SQLite format 3\0", NULL},
    {REASON_WRAPPER_GGUF, 4, true, "GGUF", NULL},
    {REASON_WRAPPER_SAFETENSORS, 10, true, "****\0\0\0\0{\"", "*nnn======"},
    {REASON_WRAPPER_PNG, 8, false, "\x89PNG\r\n\x1a\n", NULL},
    {REASON_WRAPPER_JPEG, 3, true, "\xff\xd8\xff", NULL},
    {REASON_WRAPPER_GIF, 6, true, "GIF89a", NULL},
    {REASON_WRAPPER_GIF, 6, true, "GIF87a", NULL},
    {REASON_WRAPPER_PDF, 5, false, "%PDF-", NULL},
    {REASON_WRAPPER_ELF, 4, false,
     "\x7f"
     "ELF",
     NULL},
    {REASON_WRAPPER_PYC, 4, true, "*v\r\n", "*v=="},
    {REASON_WRAPPER_PPU, 6, false, "PPU207", "===000"},
    {REASON_WRAPPER_RENPY, 6, false, "RENPY ", NULL},
    {REASON_WRAPPER_LENGTH, 6, false, "\0***\x80\4", "=***=p"},
    {REASON_WRAPPER_BASE64, 4, false, "gASV", "==aA"},
    {REASON_WRAPPER_GIT_LFS, 23, false, "version https://git-lfs", NULL},
    {REASON_WRAPPER_BOM, 3, false, "\xef\xbb\xbf", NULL},
    {REASON_WRAPPER_BOM, 2, true, "\xff\xfe", NULL},
    {REASON_WRAPPER_BOM, 2, true, "\xfe\xff", NULL},
    {REASON_WRAPPER_PYTHON, 7, false, "import ", NULL},
    {REASON_WRAPPER_PYTHON, 6, false, "class ", NULL},
};

/* True if a set of the masks has the byte.  (Base64 of 80 02 to 80 05 and one byte more is "gA",
 * then a letter from I to X, then any letter: sets a and A.) */
static bool is_in_mask(char set, uint8_t byte) {
    switch (set) {
    case '*':
        return true;
    case 'n': /* with a line feed a whole GLOBAL could stand in the number */
        return byte != '\n';
    case '1':
        return byte >= '1' && byte <= '9';
    case '0':
        return byte >= '0' && byte <= '9';
    case 'b':
        return byte < 0x20 || byte >= 0x7f;
    case 'p':
        return byte >= 2 && byte <= 5;
    case 'a':
        return byte >= 'I' && byte <= 'X';
    case 'A':
        return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
               (byte >= '0' && byte <= '9') || byte == '+' || byte == '/';
    default: /* v: the second byte of .pyc, in all versions of CPython from 2.3 on and of PyPy */
        return (byte >= 0x0b && byte <= 0x0f) || byte == 0xf2 || byte == 0xf3 || byte <= 1;
    }
}

static bool is_start_of(const struct magic *magic, const uint8_t *head, size_t size) {
    for (size_t i = 0; i < size; i++) {
        bool is_exact = !magic->mask || magic->mask[i] == '=';
        if (is_exact ? head[i] != (uint8_t)magic->bytes[i] : !is_in_mask(magic->mask[i], head[i])) {
            return false;
        }
    }
    return true;
}

static enum sniff sniff_one(const struct magic *magic, const uint8_t *head, size_t size,
                            bool is_whole) {
    if (!is_start_of(magic, head, size < magic->size ? size : magic->size)) {
        return SNIFF_NONE;
    }
    return size >= magic->size ? SNIFF_FOUND : is_whole ? SNIFF_NONE : SNIFF_WAIT;
}

/* ---- zip: the name of its first file says what wrote it ---- */

#define ZIP_HEADER 30 /* bytes of a local file header, before the name */
#define ZIP_NAME_MAX 200

static bool ends_with(const uint8_t *name, size_t size, const char *end) {
    size_t length = strlen(end);
    return size >= length && memcmp(name + (size - length), end, length) == 0;
}

static enum sniff sniff_zip(const uint8_t *head, size_t size, bool is_whole, enum reason *reason) {
    *reason = REASON_WRAPPER_ZIP;
    if (head[2] != 3) { /* empty, or in parts */
        return SNIFF_FOUND;
    }
    size_t name_size = size < ZIP_HEADER ? 0 : (size_t)(head[26] | head[27] << 8);
    if (size < ZIP_HEADER + name_size && name_size <= ZIP_NAME_MAX) {
        return is_whole ? SNIFF_FOUND : SNIFF_WAIT;
    }
    if (name_size <= ZIP_NAME_MAX && ends_with(head + ZIP_HEADER, name_size, ".npy")) {
        *reason = REASON_WRAPPER_NPZ;
    } else if (name_size <= ZIP_NAME_MAX && ends_with(head + ZIP_HEADER, name_size, "/data.pkl")) {
        *reason = REASON_WRAPPER_TORCH;
    }
    return SNIFF_FOUND;
}

enum sniff sniff_magic(const uint8_t *head, size_t size, bool is_whole, enum reason *reason) {
    enum sniff result = SNIFF_NONE;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *magic = &magics[i];
        if (magic->is_late) {
            continue;
        }
        /* For speed alone: nearly all are passed over here. */
        if (size > 0 && head[0] != (uint8_t)magic->bytes[0]) {
            continue;
        }
        enum sniff one = sniff_one(magic, head, size, is_whole);
        if (one == SNIFF_FOUND) {
            *reason = magic->reason;
            return magic->reason == REASON_WRAPPER_ZIP ? sniff_zip(head, size, is_whole, reason)
                                                       : SNIFF_FOUND;
        }
        result = one == SNIFF_WAIT ? SNIFF_WAIT : result;
    }
    return result;
}

/* ---- what a pickle could begin with ---- */

/* True if no unpickler comes past what was refused. */
static bool is_end_for_all(const struct refusal *refusal) {
    return (unsigned)refusal->reason / 100 == 2;
}

/* Magic numbers that are looked for after a refusal.  If an unpickler could go on behind the
 * number, and the refusal came later, the number was only a part of a pickle. */
static enum sniff sniff_late(const uint8_t *head, size_t size, bool is_whole,
                             const struct refusal *refusal, enum reason *reason) {
    enum sniff result = SNIFF_NONE;
    bool is_end = is_end_for_all(refusal);
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *magic = &magics[i];
        enum sniff one = magic->is_late && (is_end || refusal->offset < magic->size)
                             ? sniff_one(magic, head, size, is_whole)
                             : SNIFF_NONE;
        if (one == SNIFF_FOUND) {
            *reason = magic->reason;
            return SNIFF_FOUND;
        }
        result = one == SNIFF_WAIT ? SNIFF_WAIT : result;
    }
    return result;
}

/* POSIX ustar: a name of 100 bytes filled up with NUL, then numbers in octal, a type at 156,
 * another name. */
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

bool sniff_may_be_tar(const uint8_t *head, size_t from, size_t to) {
    bool may = true;
    for (size_t at = from; may && at < to && at < SNIFF_HEAD; at++) {
        may = may_stand_at(head, at);
    }
    return may;
}

/* SNIFF_WAIT as long as the bytes so far look like the header of a tar file. */
static enum sniff sniff_tar(const uint8_t *head, size_t size, bool is_whole) {
    if (!sniff_may_be_tar(head, 0, size)) {
        return SNIFF_NONE;
    }
    return size >= SNIFF_HEAD ? SNIFF_FOUND : is_whole ? SNIFF_NONE : SNIFF_WAIT;
}

enum sniff sniff_refused(const uint8_t *head, size_t size, bool is_whole,
                         const struct refusal *refusal, enum reason *reason) {
    enum reason late = REASON_DATA;
    enum reason prose = REASON_DATA;
    bool is_of_tar = is_end_for_all(refusal) || refusal->offset < SNIFF_HEAD;
    enum sniff as_tar = is_of_tar ? sniff_tar(head, size, is_whole) : SNIFF_NONE;
    enum sniff as_late = sniff_late(head, size, is_whole, refusal, &late);
    enum sniff as_prose = prose_look(head, size, is_whole, refusal, &prose);
    if (as_tar == SNIFF_WAIT || as_late == SNIFF_WAIT || as_prose == SNIFF_WAIT) {
        return SNIFF_WAIT;
    }
    *reason = as_tar == SNIFF_FOUND ? REASON_WRAPPER_TAR : as_late == SNIFF_FOUND ? late : prose;
    return as_tar == SNIFF_FOUND || as_late == SNIFF_FOUND ? SNIFF_FOUND : as_prose;
}

bool sniff_torch(const uint8_t *head, size_t size) {
    static const uint8_t magic[SNIFF_TORCH_SIZE] = {0x80, 2,    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                    0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
    return size >= sizeof magic && memcmp(head, magic, sizeof magic) == 0;
}
