/* SPDX-License-Identifier: MIT
 *
 * Refusals and the sentences made of them: the first one sticks, details fit, and nothing is
 * written past the end of a buffer of any size. */
#include "base/report.h"

#include <string.h>

#include "base/opcode.h"
#include "support.h"

/* ---- refusals ---- */

static const enum reason every_reason[] = {
#define REASON(id, code, name, detail, message, hint, help) REASON_##id,
#include "reasons.def"
#undef REASON
};

#define REASONS (sizeof every_reason / sizeof every_reason[0])

static void first_refusal_sticks(void) {
    struct refusal refusal = {REASON_DATA, -1, 0, 0, ""};
    refuse(&refusal, REASON_NO_MARK, OP_TUPLE, 7);
    refuse(&refusal, REASON_DUP, OP_DUP, 3);
    CHECK_U64(refusal.reason, REASON_NO_MARK);
    CHECK_I64(refusal.opcode, OP_TUPLE);
    CHECK_U64(refusal.offset, 7);
}

static void every_reason_has_its_class(void) {
    static const spk_status classes[] = {SPK_OK,      SPK_UNSAFE, SPK_MALFORMED, SPK_LIMIT,
                                         SPK_WRAPPER, SPK_POLICY, SPK_UNWRITTEN};
    for (size_t i = 0; i < REASONS; i++) {
        struct refusal refusal = {every_reason[i], -1, 5, 6, "d"};
        spk_report report = SPK_REPORT_INIT;
        unsigned class = (unsigned)every_reason[i] / 100;
        REQUIRE(class >= 1 && class <= 6);
        CHECK_U64(refusal_status(&refusal), classes[class]);
        report_refusal(&report, &refusal);
        CHECK_U64(report.status, classes[class]);
        CHECK_U64(report.code, every_reason[i]);
        CHECK(report.name[0] != '\0' && report.message[0] != '\0');
        CHECK(strspn(report.name, "abcdefghijklmnopqrstuvwxyz-0123456789") == strlen(report.name));
        CHECK_STR(report.opcode, "");
        CHECK(report.offset == 5 && report.limit == 6 && strcmp(report.detail, "d") == 0);
        for (size_t j = 0; j < i; j++) {
            struct refusal other = {every_reason[j], -1, 0, 0, ""};
            spk_report other_report = SPK_REPORT_INIT;
            report_refusal(&other_report, &other);
            CHECK_NOTE(every_reason[i] != every_reason[j] &&
                           strcmp(report.name, other_report.name) != 0,
                       "SP%u", report.code);
        }
    }
    COVERED(REASONS);
}

/* Codes are promised never to change: those that programs will be written against stand here a
 * second time. */
static void codes_are_stable(void) {
    CHECK_U64(REASON_CODE_IMPORT, 101);
    CHECK_U64(REASON_CODE_PERSISTENT, 105);
    CHECK_U64(REASON_TRUNCATED, 201);
    CHECK_U64(REASON_BAD_PROTOCOL, 214);
    CHECK_U64(REASON_LIMIT_INPUT, 301);
    CHECK_U64(REASON_LIMIT_ALLOC, 306);
    CHECK_U64(REASON_GZIP_TRUNCATED, 401);
    CHECK_U64(REASON_WRAPPER_7Z, 419);
    CHECK_U64(REASON_TRAILING, 501);
    CHECK_U64(REASON_MEMO_NAN, 520);
    CHECK_U64(REASON_NEEDS_PROTOCOL, 601);
    CHECK_U64(REASON_WRITE_FAILED, 604);
}

static void no_verdicts(void) {
    struct refusal none = {REASON_DATA, -1, 0, 0, ""};
    struct refusal memory = {REASON_NO_MEMORY, -1, 0, 0, ""};
    struct refusal misuse = {REASON_MISUSE, -1, 0, 0, ""};
    spk_report report = SPK_REPORT_INIT;
    CHECK_U64(refusal_status(&none), SPK_OK);
    CHECK_U64(refusal_status(&memory), SPK_NO_MEMORY);
    CHECK_U64(refusal_status(&misuse), SPK_MISUSE);
    report_refusal(&report, &memory);
    CHECK_U64(report.code, 0);
    CHECK_STR(report.name, "no-memory");
    report_refusal(&report, &misuse);
    CHECK_U64(report.code, 0);
    CHECK_STR(report.name, "misuse");
}

static void status_names(void) {
    static const char *const names[] = {"accepted", "more",     "code",   "malformed",
                                        "limit",    "wrapper",  "policy", "no-memory",
                                        "misuse",   "unwritten"};
    for (unsigned i = 0; i < 10; i++) {
        CHECK_STR(spk_status_name((spk_status)i), names[i]);
    }
    CHECK_STR(spk_status_name((spk_status)10), "");
}

/* ---- details ---- */

static void details_are_added_to(void) {
    struct refusal refusal = {REASON_DATA, -1, 0, 0, "x"};
    struct text text = text_detail(&refusal);
    text_put(&text, "yz");
    CHECK_STR(refusal.detail, "xyz");
    for (int i = 0; i < 100; i++) {
        text = text_detail(&refusal);
        text_put(&text, "0123456789");
    }
    CHECK_U64(strlen(refusal.detail), SPK_DETAIL_SIZE - 1);
    CHECK(memcmp(refusal.detail, "xyz0123456789012", 16) == 0);
}

static void escaped_detail_is_short(void) {
    struct refusal refusal = {REASON_DATA, -1, 0, 0, ""};
    struct text text = text_detail(&refusal);
    text_put_escaped(&text, "abcdef", 6, 6);
    CHECK_STR(refusal.detail, "abcdef");
    text_put_escaped(&text, "abcdef", 6, 5);
    CHECK_STR(refusal.detail, "abcdefabcde...");
    text_put_escaped(&text, "ab\n", 3, 5);
    CHECK_STR(refusal.detail, "abcdefabcde...ab...");
}

/* ---- reports ---- */

static spk_report refused_report(const char *opcode, spk_wrapper wrapper, const char *detail) {
    spk_report report = SPK_REPORT_INIT;
    struct refusal refusal = {REASON_CODE_IMPORT, -1, 50, 0, ""};
    report_refusal(&report, &refusal);
    report.opcode = opcode;
    report.wrapper = wrapper;
    report.raw_offset = 61;
    struct text text = text_start(report.detail, sizeof report.detail);
    text_put(&text, detail);
    return report;
}

static void lines_of_text(void) {
    char line[SPK_LINE_SIZE];
    spk_report report = refused_report("STACK_GLOBAL", SPK_WRAPPER_NONE, "posix.system");
    CHECK_U64(spk_report_format(&report, line, sizeof line), 62);
    CHECK_STR(line, "SP101 STACK_GLOBAL at byte 50 (0x32) would import posix.system");
    report = refused_report("", SPK_WRAPPER_NONE, "");
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "SP101 at byte 50 (0x32): would import");
    report = refused_report("GLOBAL", SPK_WRAPPER_GZIP, "a.b");
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "SP101 GLOBAL at byte 50 (0x32, in the file about 61) would import a.b");
    report = (spk_report)SPK_REPORT_INIT;
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "nothing wrong so far");
    report.status = SPK_OK;
    report.opcodes = 1;
    report.consumed = 2;
    spk_report_format(&report, line, sizeof line);
    CHECK_STR(line, "accepted (1 opcode, 2 bytes, depth 0)");
    report.wrapper = SPK_WRAPPER_GZIP;
    report.protocol = 4;
    report.opcodes = 24;
    report.consumed = 51;
    report.max_depth = 2;
    CHECK_U64(spk_report_format(&report, line, sizeof line), 58);
    CHECK_STR(line, "accepted (gzip, protocol 4, 24 opcodes, 51 bytes, depth 2)");
}

static void lines_without_room(void) {
    char whole[SPK_LINE_SIZE];
    spk_report report = refused_report("STACK_GLOBAL", SPK_WRAPPER_NONE, "posix.system");
    size_t length = spk_report_format(&report, whole, sizeof whole);
    for (size_t room = 0; room <= length + 2; room++) {
        char line[SPK_LINE_SIZE];
        memset(line, '#', sizeof line);
        CHECK_U64(spk_report_format(&report, line, room), length);
        CHECK(line[room] == '#');
        CHECK(room == 0 || (strlen(line) == (room <= length ? room - 1 : length) &&
                            strncmp(line, whole, strlen(line)) == 0));
    }
    CHECK_U64(spk_report_format(&report, NULL, 0), length);
    CHECK_U64(spk_report_format(NULL, whole, sizeof whole), 0);
    CHECK_STR(whole, "");
    COVERED(length);
}

/* The longest line that can be fits SPK_LINE_SIZE. */
static void longest_line_fits(void) {
    char line[SPK_LINE_SIZE];
    for (size_t i = 0; i < REASONS; i++) {
        struct refusal refusal = {every_reason[i], OP_READONLY_BUFFER, UINT64_MAX, UINT64_MAX, ""};
        memset(refusal.detail, 'x', sizeof refusal.detail - 1);
        spk_report report = SPK_REPORT_INIT;
        report_refusal(&report, &refusal);
        report.wrapper = SPK_WRAPPER_GZIP;
        report.raw_offset = UINT64_MAX;
        CHECK(spk_report_format(&report, line, sizeof line) < sizeof line);
    }
    COVERED(REASONS);
}

REGISTER(report, RUN(first_refusal_sticks), RUN(every_reason_has_its_class), RUN(codes_are_stable),
         RUN(no_verdicts), RUN(status_names), RUN(details_are_added_to),
         RUN(escaped_detail_is_short), RUN(lines_of_text), RUN(lines_without_room),
         RUN(longest_line_fits))
