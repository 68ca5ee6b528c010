/* SPDX-License-Identifier: MIT
 *
 * One opcode at a time, and the public form of the table.  A length may be anything, so it is
 * compared before it is added to. */
#include "scan/scan.h"

#include <string.h>

#include "base/bytes.h"
#include "base/report.h"

/* The length in front of a payload; all its bytes must be there. */
static uint64_t load_length(const uint8_t *p, unsigned fixed) {
    return fixed == 1 ? p[0] : fixed == 4 ? load_u32(p) : load_u64(p);
}

static bool is_of_lines(const struct opcode_info *info) {
    return info->shape != SHAPE_FIXED && info->shape != SHAPE_COUNTED;
}

static enum scan_end scan_lines(const uint8_t *p, size_t size, unsigned lines,
                                struct scanned *scanned) {
    size_t at = 1;
    for (; lines > 0; lines--) {
        const uint8_t *feed = at < size ? memchr(p + at, '\n', size - at) : NULL;
        if (!feed) {
            return SCAN_CUT;
        }
        at = (size_t)(feed - p) + 1;
    }
    *scanned = (struct scanned){at, 1, at - 2};
    return SCAN_WHOLE;
}

enum scan_end scan_opcode(const uint8_t *p, size_t size, struct scanned *scanned) {
    if (size == 0) {
        return SCAN_CUT;
    }
    const struct opcode_info *info = &opcode_table[p[0]];
    size_t header = (size_t)1 + info->fixed;
    if (!info->is_opcode) {
        return SCAN_BAD;
    }
    if (is_of_lines(info)) {
        return scan_lines(p, size, info->shape == SHAPE_LINES ? 2 : 1, scanned);
    }
    if (header > size) {
        return SCAN_CUT;
    }
    if (info->shape == SHAPE_FIXED) {
        *scanned = (struct scanned){header, 1, info->fixed};
        return SCAN_WHOLE;
    }
    uint64_t length = load_length(p + 1, info->fixed);
    if (length > (info->operand == OPERAND_COUNT_S4 ? (uint64_t)INT32_MAX : (uint64_t)INT64_MAX)) {
        return SCAN_BAD;
    }
    if (length > size - header) {
        return SCAN_CUT;
    }
    *scanned = (struct scanned){header + (size_t)length, header, (size_t)length};
    return SCAN_WHOLE;
}

/* ---- for everybody ---- */

static const spk_opcode opcodes[256] = {
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    [byte] = {#name, byte, protocol, #operand, REASON_##verdict, meaning},
#include "opcodes.def"
#undef OP
};

const spk_opcode *spk_opcode_of(int byte) {
    return byte >= 0 && byte <= 255 && opcode_table[byte].is_opcode ? &opcodes[byte] : NULL;
}

size_t spk_scan(const void *data, size_t size, spk_scanned *out) {
    const uint8_t *p = data;
    struct scanned scanned = {0, 0, 0};
    spk_scanned unwanted = {NULL, NULL, 0};
    out = out ? out : &unwanted;
    if (!p || size == 0) {
        *out = (spk_scanned){NULL, NULL, 0};
        return 0;
    }
    out->opcode = spk_opcode_of(p[0]);
    bool is_whole = scan_opcode(p, size, &scanned) == SCAN_WHOLE;
    out->operand = is_whole ? p + scanned.operand : NULL;
    out->operand_size = scanned.operand_size;
    return scanned.size;
}
