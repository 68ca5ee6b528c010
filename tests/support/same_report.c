/* SPDX-License-Identifier: MIT
 *
 * What same_report.h promises. */
#include "same_report.h"

#include <string.h>

bool same_report(const spk_report *a, const spk_report *b) {
    return a->status == b->status && a->code == b->code && a->name == b->name &&
           a->message == b->message && strcmp(a->opcode, b->opcode) == 0 &&
           a->offset == b->offset && a->raw_offset == b->raw_offset && a->limit == b->limit &&
           a->wrapper == b->wrapper && a->protocol == b->protocol && a->consumed == b->consumed &&
           a->opcodes == b->opcodes && a->max_depth == b->max_depth &&
           strcmp(a->detail, b->detail) == 0 && strcmp(a->set, b->set) == 0 &&
           a->imports == b->imports && (a->status != SPK_OK || a->input_bytes == b->input_bytes);
}
