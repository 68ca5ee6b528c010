/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the refusal, set once and then kept, and the report that it becomes.  Knows every
 * reason of reasons.def; decides none of them. */
#ifndef SPK_REPORT_H
#define SPK_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/show.h"
#include "safepickle.h"

enum reason {
    REASON_DATA = 0, /* no refusal; the word that opcodes.def uses */
    REASON_NO_MEMORY = 1,
    REASON_MISUSE = 2,
#define REASON(id, code, name, detail, message, hint, help) REASON_##id = (code),
#include "reasons.def"
#undef REASON
};

struct refusal {
    enum reason reason;
    int opcode; /* -1: none is concerned */
    uint64_t offset;
    uint64_t limit;
    char detail[SPK_DETAIL_SIZE];
};

/* Sets the refusal unless there is one; opcode -1: none is concerned.  The detail is untouched:
 * text is added right after. */
void refuse(struct refusal *refusal, enum reason reason, int opcode, uint64_t offset);

/* The same, and "about" is what the detail tells, in the form that reasons.def has for the reason:
 * the value of a limit, which the refusal keeps, a number, a byte, a type. */
void refuse_about(struct refusal *refusal, enum reason reason, int opcode, uint64_t offset,
                  uint64_t about);

/* The same for a call that was wrong; the detail tells what: static text such as "data is NULL". */
void refuse_misuse(struct refusal *refusal, const char *wrong);

spk_status refusal_status(const struct refusal *refusal);

/* Text put there is appended to the detail. */
struct text text_detail(struct refusal *refusal);

/* Copies what the refusal knows into the report: status, code, name, message, opcode, offset,
 * limit, detail. */
void report_refusal(spk_report *report, const struct refusal *refusal);

/* Copies the fields of a report that the caller's struct has room for as a whole; its size stays as
 * it was. */
void report_copy(spk_report *to, const spk_report *from);

/* Tells in a caller's report, which may be NULL, why nothing was begun: what is wrong with the
 * call, or, where that is NULL, how the memory failed. */
void report_unbegun(spk_report *to, const char *wrong, enum reason failure, uint64_t max_alloc);

#endif
