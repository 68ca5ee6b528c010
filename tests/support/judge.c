/* SPDX-License-Identifier: MIT
 *
 * What judge.h promises.  Writes no file. */
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "canonical_text.h"
#include "checks.h"
#include "die.h"
#include "meter.h"
#include "pieces.h"
#include "reading.h"
#include "same_report.h"

static void write_exactly(struct buffer *text, const spk_document *document) {
    text->size = 0;
    if (document) {
        put_document(text, document, EXACT);
    }
    buffer_byte(text, '\0');
}

const char *exact_text(const spk_document *document) {
    static struct buffer text;
    write_exactly(&text, document);
    return (const char *)text.data;
}

enum asking { ASK_CHECK, ASK_DECODE, ASK_BORROW, ASK_CHECK_BYTES, ASK_DECODE_BYTES, ASKINGS };

/* One way; the value, if there is one, as text. */
static spk_report ask(enum asking way, struct input input, const spk_options *options,
                      struct buffer *text) {
    spk_report report = SPK_REPORT_INIT;
    spk_document *document = NULL;
    uint8_t *copy = exact_copy(input.data, input.size);
    if (way == ASK_CHECK) {
        (void)spk_check(copy, input.size, options, &report);
    } else if (way == ASK_DECODE) {
        document = spk_decode(copy, input.size, options, &report);
        memset(copy, 0xa5, input.size);
    } else if (way == ASK_BORROW) {
        document = spk_decode_borrowing(copy, input.size, options, &report);
    } else {
        spk_mode mode = way == ASK_CHECK_BYTES ? SPK_MODE_CHECK : SPK_MODE_DECODE;
        document = decode_in_pieces(mode, input, 1, options, &report);
    }
    bool builds = way == ASK_DECODE || way == ASK_BORROW || way == ASK_DECODE_BYTES;
    CHECK((document != NULL) == (builds && report.status == SPK_OK));
    write_exactly(text, document);
    spk_document_free(document);
    free(copy);
    return report;
}

struct verdict judge(struct input input, const spk_options *options) {
    static struct buffer first, text;
    struct verdict verdict = {SPK_REPORT_INIT, ""};
    spk_options metered = SPK_OPTIONS_INIT;
    if (options) {
        metered = *options;
    }
    for (int way = 0; way < ASKINGS; way++) {
        struct meter meter = {0};
        metered.allocator = meter_allocator(&meter);
        spk_report report =
            ask((enum asking)way, input, &metered, way == ASK_DECODE ? &first : &text);
        CHECK_NOTE(meter.live == 0 && meter.blocks == 0 && meter.errors == 0,
                   "way %d leaves %zu bytes, %" PRIu64 " errors", way, meter.live, meter.errors);
        if (way == ASK_CHECK) {
            verdict.report = report;
        }
        CHECK_NOTE(same_report(&verdict.report, &report),
                   "way %d says %s at %" PRIu64 " %s, not %s at %" PRIu64 " %s", way, report.name,
                   report.offset, report.detail, verdict.report.name, verdict.report.offset,
                   verdict.report.detail);
        if ((way == ASK_BORROW || way == ASK_DECODE_BYTES) && report.status == SPK_OK) {
            CHECK_STR((const char *)text.data, (const char *)first.data);
        }
    }
    if (verdict.report.status == SPK_OK) {
        verdict.text = (const char *)first.data;
    }
    return verdict;
}

static const char *start_of(struct input input) {
    static char text[128];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < input.size && at + 8 < sizeof text; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%02x", input.data[i]);
    }
    return text;
}

bool expect_value(struct input input, const spk_options *options, const char *text,
                  const char *file, int line) {
    struct verdict verdict = judge(input, options);
    if (verdict.report.status != SPK_OK) {
        return note_failure(file, line, "%s: %s at %" PRIu64 " %s", start_of(input),
                            verdict.report.name, verdict.report.offset, verdict.report.detail);
    }
    return check_str(verdict.text, text, start_of(input), file, line);
}

bool expect_refusal(struct input input, const spk_options *options, enum reason reason,
                    uint64_t offset, const char *detail, const char *file, int line) {
    struct verdict verdict = judge(input, options);
    const spk_report *report = &verdict.report;
    if (report->code != (unsigned)reason || report->offset != offset ||
        (detail && strcmp(report->detail, detail) != 0)) {
        return note_failure(file, line,
                            "%s: SP%u %s at %" PRIu64 " '%s', not SP%u at %" PRIu64 " '%s'",
                            start_of(input), report->code, report->name, report->offset,
                            report->detail, (unsigned)reason, offset, detail ? detail : "");
    }
    return note_success();
}
