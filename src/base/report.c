/* SPDX-License-Identifier: MIT
 *
 * Refusals and reports as text. */
#include "base/report.h"

#include <string.h>

#include "base/names.h"
#include "base/opcode.h"

enum detail {
    DETAIL_NONE,
    DETAIL_TEXT,
    DETAIL_LIMIT,
    DETAIL_OPCODE,
    DETAIL_BYTE,
    DETAIL_NUMBER,
    DETAIL_AFTER,
    DETAIL_TYPE,
    DETAIL_CONSTRUCTOR
};

struct reason_info {
    spk_reason shown;
    enum detail detail;
};

#define CLASS_OF(code) \
    ((code) < 200   ? SPK_UNSAFE \
     : (code) < 300 ? SPK_MALFORMED \
     : (code) < 400 ? SPK_LIMIT \
     : (code) < 500 ? SPK_WRAPPER \
     : (code) < 600 ? SPK_POLICY \
                    : SPK_UNWRITTEN)

static const struct reason_info reasons[] = {
#define REASON(id, code, name, detail, message, hint, help) \
    {{code, name, CLASS_OF(code), message, hint, help}, DETAIL_##detail},
#include "reasons.def"
#undef REASON
};

#define REASONS (sizeof reasons / sizeof reasons[0])

static const struct reason_info *reason_info(enum reason reason) {
    static const struct reason_info none = {{0, "", SPK_OK, "", "", ""}, DETAIL_NONE};
    static const struct reason_info no_memory = {
        {0, "no-memory", SPK_NO_MEMORY, "the allocator has no memory", "", ""}, DETAIL_NONE};
    static const struct reason_info misuse = {
        {0, "misuse", SPK_MISUSE, "the call was wrong:", "", ""}, DETAIL_TEXT};
    for (size_t i = 0; i < REASONS; i++) {
        if (reasons[i].shown.code == (unsigned)reason) {
            return &reasons[i];
        }
    }
    return reason == REASON_NO_MEMORY ? &no_memory : reason == REASON_MISUSE ? &misuse : &none;
}

const spk_reason *spk_reason_at(size_t index) {
    return index < REASONS ? &reasons[index].shown : NULL;
}

/* Types of ours that older protocols make by importing something
 * (docs.python.org/3/library/pickle.html, and what the picklers write): which protocol does
 * without. */
static const char *hint_of_import(const char *name) {
    static const struct {
        const char *name;
        const char *hint;
    } known[] = {
#define BYTES "protocol 3 or higher writes bytes without it"
#define SETS "protocol 4 or higher writes a set or frozenset without it"
#define BYTEARRAY "protocol 5 writes a bytearray without it"
        {"_codecs.encode", BYTES},
        {"__builtin__.bytes", BYTES},
        {"builtins.bytes", BYTES},
        {"__builtin__.set", SETS},
        {"builtins.set", SETS},
        {"__builtin__.frozenset", SETS},
        {"builtins.frozenset", SETS},
        {"__builtin__.bytearray", BYTEARRAY},
        {"builtins.bytearray", BYTEARRAY},
#undef BYTES
#undef SETS
#undef BYTEARRAY
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            return known[i].hint;
        }
    }
    return "";
}

static void put_detail(struct text *text, enum detail detail, int opcode, uint64_t about) {
    switch (detail) {
    case DETAIL_NONE:
    case DETAIL_TEXT:
        break;
    case DETAIL_LIMIT:
        text_put(text, "(");
        text_put_number(text, about);
        text_put(text, ")");
        break;
    case DETAIL_OPCODE:
    case DETAIL_BYTE:
        text_put(text, "0x");
        text_put_hex(text, detail == DETAIL_OPCODE ? (uint64_t)opcode : about, 2);
        break;
    case DETAIL_NUMBER:
        text_put_number(text, about);
        break;
    case DETAIL_AFTER:
        text_put(text, "after byte ");
        text_put_number(text, about);
        text_put(text, " of it");
        break;
    case DETAIL_TYPE:
        text_put(text, spk_type_name((spk_type)about));
        break;
    case DETAIL_CONSTRUCTOR:
        text_put(text, names_of((enum constructor)about));
        break;
    }
}

void refuse(struct refusal *refusal, enum reason reason, int opcode, uint64_t offset) {
    if (refusal->reason != REASON_DATA) {
        return;
    }
    refusal->reason = reason;
    refusal->opcode = opcode;
    refusal->offset = offset;
}

void refuse_about(struct refusal *refusal, enum reason reason, int opcode, uint64_t offset,
                  uint64_t about) {
    if (refusal->reason != REASON_DATA) {
        return;
    }
    enum detail detail = reason_info(reason)->detail;
    struct text text = text_detail(refusal);
    refuse(refusal, reason, opcode, offset);
    refusal->limit = detail == DETAIL_LIMIT ? about : 0;
    put_detail(&text, detail, opcode, about);
}

void refuse_misuse(struct refusal *refusal, const char *wrong) {
    if (refusal->reason == REASON_DATA) {
        struct text text = text_detail(refusal);
        refuse(refusal, REASON_MISUSE, -1, 0);
        text_put(&text, wrong);
    }
}

spk_status refusal_status(const struct refusal *refusal) {
    return reason_info(refusal->reason)->shown.status;
}

const char *spk_type_name(spk_type type) {
    static const char *const names[] = {"",     "NoneType", "bool",      "int",  "float",
                                        "str",  "bytes",    "bytearray", "list", "tuple",
                                        "dict", "set",      "frozenset"};
    return (unsigned)type < sizeof names / sizeof names[0] ? names[type] : "";
}

const char *spk_status_name(spk_status status) {
    switch (status) {
    case SPK_OK:
        return "accepted";
    case SPK_MORE:
        return "more";
    case SPK_UNSAFE:
        return "code";
    case SPK_MALFORMED:
        return "malformed";
    case SPK_LIMIT:
        return "limit";
    case SPK_WRAPPER:
        return "wrapper";
    case SPK_POLICY:
        return "policy";
    case SPK_NO_MEMORY:
        return "no-memory";
    case SPK_MISUSE:
        return "misuse";
    case SPK_UNWRITTEN:
        return "unwritten";
    }
    return "";
}

struct text text_detail(struct refusal *refusal) {
    struct text text = {refusal->detail, sizeof refusal->detail, strlen(refusal->detail)};
    return text;
}

void report_refusal(spk_report *report, const struct refusal *refusal) {
    const spk_reason *reason = &reason_info(refusal->reason)->shown;
    report->status = reason->status;
    report->code = reason->code;
    report->name = reason->name;
    report->message = reason->message;
    report->opcode = opcode_name(refusal->opcode);
    report->offset = refusal->offset;
    report->limit = refusal->limit;
    memcpy(report->detail, refusal->detail, sizeof report->detail);
    report->hint =
        refusal->reason == REASON_CODE_IMPORT ? hint_of_import(refusal->detail) : reason->hint;
    report->set = refusal->reason == REASON_CODE_IMPORT ? names_set_of(refusal->detail) : "";
}

/* Where each field of a report ends: of a smaller struct no field is filled by half. */
static const size_t report_ends[] = {
#define END(field) offsetof(spk_report, field) + sizeof((spk_report *)0)->field
    END(size),     END(status),      END(code),       END(name),    END(message),
    END(opcode),   END(offset),      END(raw_offset), END(limit),   END(wrapper),
    END(protocol), END(input_bytes), END(consumed),   END(opcodes), END(max_depth),
    END(detail),   END(hint),        END(set),        END(imports),
#undef END
};

void report_copy(spk_report *to, const spk_report *from) {
    size_t fields = sizeof report_ends / sizeof report_ends[0];
    while (to && fields > 0 && report_ends[fields - 1] > to->size) {
        fields--;
    }
    if (to && fields > 1) {
        memcpy((char *)to + sizeof to->size, (const char *)from + sizeof to->size,
               report_ends[fields - 1] - sizeof to->size);
    }
}

void report_unbegun(spk_report *to, const char *wrong, enum reason failure, uint64_t max_alloc) {
    spk_report made = SPK_REPORT_INIT;
    struct refusal refusal = {REASON_DATA, -1, 0, 0, ""};
    if (wrong) {
        refuse_misuse(&refusal, wrong);
    } else {
        refuse_about(&refusal, failure == REASON_LIMIT_ALLOC ? failure : REASON_NO_MEMORY, -1, 0,
                     max_alloc);
    }
    report_refusal(&made, &refusal);
    report_copy(to, &made);
}

static void format_accepted(struct text *text, const spk_report *report) {
    text_put(text, "accepted (");
    if (report->wrapper == SPK_WRAPPER_GZIP) {
        text_put(text, "gzip, ");
    }
    if (report->protocol >= 0) {
        text_put(text, "protocol ");
        text_put_number(text, (uint64_t)report->protocol);
        text_put(text, ", ");
    }
    text_put_number(text, report->opcodes);
    text_put(text, report->opcodes == 1 ? " opcode, " : " opcodes, ");
    text_put_number(text, report->consumed);
    text_put(text, " bytes, depth ");
    text_put_number(text, report->max_depth);
    text_put(text, ")");
}

static void format_refused(struct text *text, const spk_report *report) {
    if (report->code != 0) {
        text_put(text, "SP");
        text_put_number(text, report->code);
        text_put(text, " ");
    }
    if (report->opcode[0] != '\0') {
        text_put(text, report->opcode);
        text_put(text, " ");
    }
    if (report->code != 0) {
        text_put(text, "at byte ");
        text_put_number(text, report->offset);
        text_put(text, " (0x");
        text_put_hex(text, report->offset, 1);
        if (report->wrapper == SPK_WRAPPER_GZIP) {
            text_put(text, ", in the file about ");
            text_put_number(text, report->raw_offset);
        }
        text_put(text, report->opcode[0] != '\0' ? ") " : "): ");
    }
    text_put(text, report->message);
    if (report->detail[0] != '\0') {
        text_put(text, " ");
        text_put(text, report->detail);
    }
    if (report->hint[0] != '\0') {
        text_put(text, "; ");
        text_put(text, report->hint);
    }
}

size_t spk_report_format(const spk_report *report, char *out, size_t out_size) {
    struct text text = text_start(out, out_size);
    spk_report known = SPK_REPORT_INIT;
    if (!report) {
        return 0;
    }
    known.size = report->size < sizeof known ? report->size : sizeof known;
    report_copy(&known,
                report); /* of a caller's shorter struct the rest is as if nothing were known */
    if (known.size <= offsetof(spk_report, status)) {
        text_put(&text, "no report: its size was not set (start with SPK_REPORT_INIT)");
    } else if (known.status == SPK_OK) {
        format_accepted(&text, &known);
    } else if (known.status == SPK_MORE) {
        text_put(&text, "nothing wrong so far");
    } else {
        format_refused(&text, &known);
    }
    return text.length;
}
