/* SPDX-License-Identifier: MIT
 *
 * Ground floor: the refusal, set once and then kept, and the small text writer that details and
 * reports are made with. Knows every reason of reasons.def; decides none of them. */
#ifndef SPK_REPORT_H
#define SPK_REPORT_H

#include <stddef.h>
#include <stdint.h>

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

/* Text into a buffer of fixed size: what does not fit is dropped and counted; always ends with a
 * NUL. */
struct text {
    char *out;
    size_t size; /* of out */
    size_t length; /* that all of it would need */
};

struct text text_start(char *out, size_t size);
struct text text_detail(struct refusal *refusal); /* appends to the detail */
void text_put(struct text *text, const char *string);
void text_put_bytes(struct text *text, const void *data, size_t size);
void text_put_number(struct text *text, uint64_t value);
void text_put_hex(struct text *text, uint64_t value, int digits);

/* Appends bytes escaped as spk_escape does, at most "max" bytes of text, then "...". */
void text_put_escaped(struct text *text, const void *data, size_t size, size_t max);

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
