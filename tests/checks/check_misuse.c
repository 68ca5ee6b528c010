/* SPDX-License-Identifier: MIT
 *
 * Calls that are wrong: each says so in the report, and names the field or argument. */
#include <string.h>

#include "support.h"

static const char *formatted(const spk_report *report) {
    static char line[SPK_LINE_SIZE];
    spk_report_format(report, line, sizeof line);
    return line;
}

/* The report of a wrong call. */
static void names(const spk_report *report, const char *what) {
    char line[SPK_LINE_SIZE] = "the call was wrong: ";
    strcat(line, what);
    CHECK_U64(report->status, SPK_MISUSE);
    CHECK(report->code == 0 && strcmp(report->name, "misuse") == 0);
    CHECK_STR(report->detail, what);
    CHECK_STR(formatted(report), line);
}

#define OF_SIZE "options.size is not that of this struct (start with its INIT)"

/* A check, a decode and a decoder with options in which one field is wrong. */
static void options_name(const spk_options *options, const char *what) {
    spk_report reports[] = {SPK_REPORT_INIT, SPK_REPORT_INIT, SPK_REPORT_INIT, SPK_REPORT_INIT};
    CHECK_U64(spk_check("N.", 2, options, &reports[0]), SPK_MISUSE);
    CHECK(!spk_decode("N.", 2, options, &reports[1]) &&
          !spk_decode_borrowing("N.", 2, options, &reports[2]));
    CHECK(!spk_decoder_new(SPK_MODE_CHECK, options, &reports[3]));
    for (size_t i = 0; i < 4; i++) {
        names(&reports[i], what);
    }
}

static void every_option(void) {
    static const struct {
        const char *what;
        size_t at; /* of a byte in the options that is set to 9 */
    } fields[] = {
        {OF_SIZE, offsetof(spk_options, size)},
        {"options.gzip is out of range", offsetof(spk_options, gzip)},
        {"options.encoding is out of range", offsetof(spk_options, encoding)},
        {"options.trailing is out of range", offsetof(spk_options, trailing)},
        {"options.allow_cycles is no bool", offsetof(spk_options, allow_cycles)},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        spk_options options = SPK_OPTIONS_INIT;
        memset((char *)&options + fields[i].at, 9, 1);
        options_name(&options, fields[i].what);
    }
    spk_options zeros = {0};
    options_name(&zeros, OF_SIZE);
    COVERED(sizeof fields / sizeof fields[0] + 1);
}

static void encode_name(const spk_encode_options *options, const char *what) {
    spk_document *document = spk_decode("N.", 2, NULL, NULL);
    spk_report report = SPK_REPORT_INIT;
    size_t size;
    CHECK(!spk_encode_buffer(spk_document_root(document), options, &size, &report));
    names(&report, what);
    report = (spk_report)SPK_REPORT_INIT;
    CHECK(!spk_writer_new(options, NULL, NULL, &report));
    names(&report, what);
    spk_document_free(document);
}

static void every_encode_option(void) {
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    options.protocol = 1;
    encode_name(&options, "options.protocol is out of range");
    options.protocol = 6;
    encode_name(&options, "options.protocol is out of range");
    options.protocol = 0;
    options.gzip_level = -1;
    encode_name(&options, "options.gzip_level is out of range");
    options.gzip_level = 10;
    encode_name(&options, "options.gzip_level is out of range");
    options.gzip_level = 0;
    memset(&options.gzip, 9, 1);
    encode_name(&options, "options.gzip is no bool");
    options = (spk_encode_options){0};
    encode_name(&options, OF_SIZE);
    COVERED(6);
}

static bool write_nothing(void *context, const void *data, size_t size) {
    (void)context;
    (void)data;
    return size > 0;
}

static void every_argument(void) {
    spk_report report = SPK_REPORT_INIT;
    CHECK_U64(spk_check(NULL, 1, NULL, &report), SPK_MISUSE);
    names(&report, "data is NULL");
    CHECK(!spk_decoder_new((spk_mode)2, NULL, &report));
    names(&report, "mode is out of range");
    spk_document *document = spk_decode("N.", 2, NULL, NULL);
    const spk_value *root = spk_document_root(document);
    size_t size;
    CHECK_U64(spk_encode(root, NULL, NULL, NULL, &report), SPK_MISUSE);
    names(&report, "write is NULL");
    CHECK_U64(spk_encode(NULL, NULL, write_nothing, NULL, &report), SPK_MISUSE);
    names(&report, "value is NULL");
    CHECK(!spk_encode_buffer(root, NULL, NULL, &report));
    names(&report, "size is NULL");
    CHECK(!spk_encode_buffer(NULL, NULL, &size, &report));
    names(&report, "value is NULL");
    spk_document_free(document);
    CHECK_U64(spk_decoder_report(NULL, &report), SPK_MISUSE);
    names(&report, "decoder is NULL");
    CHECK_U64(spk_writer_report(NULL, &report), SPK_MISUSE);
    names(&report, "writer is NULL");
    spk_writer *writer = spk_writer_new(NULL, NULL, NULL, NULL);
    CHECK(!spk_put_str(writer, NULL, 1));
    CHECK_U64(spk_writer_report(writer, &report), SPK_MISUSE);
    names(&report, "data is NULL");
    spk_writer_free(writer);
    COVERED(9);
}

/* What a decoder answers that was fed wrongly: the same misuse to every call, until it is reset. */
static void is_misused(spk_decoder *decoder, spk_mode mode, const char *what) {
    spk_report report = SPK_REPORT_INIT;
    CHECK_U64(spk_decoder_report(decoder, &report), SPK_MISUSE);
    names(&report, what);
    CHECK_U64(spk_decoder_feed(decoder, "N.", 2), SPK_MISUSE);
    CHECK_U64(spk_decoder_feed(decoder, NULL, 0), SPK_MISUSE);
    CHECK_U64(spk_decoder_finish(decoder), SPK_MISUSE);
    CHECK(!spk_decoder_take(decoder));
    report = (spk_report)SPK_REPORT_INIT;
    CHECK_U64(spk_decoder_report(decoder, &report), SPK_MISUSE);
    names(&report, what);
    spk_decoder_reset(decoder);
    CHECK_U64(spk_decoder_feed(decoder, "N.", 2), SPK_MORE);
    CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
    spk_document *document = spk_decoder_take(decoder);
    CHECK((document != NULL) == (mode == SPK_MODE_DECODE));
    spk_document_free(document);
    spk_decoder_reset(decoder);
}

/* Wrong before anything, in the middle, while a refusal waits for its name, after an accepting
 * finish and after its document was taken. */
static void every_feed(void) {
    static const char *const begun[] = {"", "](N", "\x1f", "\x1f\x8b\x08", "cos", "#"};
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        spk_decoder *decoder = spk_decoder_new((spk_mode)mode, NULL, NULL);
        REQUIRE(decoder);
        for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
            if (!spk_has_zlib() && strncmp(begun[i], "\x1f\x8b", 2) == 0) {
                continue; /* refused at once */
            }
            CHECK_U64(spk_decoder_feed(decoder, begun[i], strlen(begun[i])), SPK_MORE);
            CHECK_U64(spk_decoder_feed(decoder, NULL, 1), SPK_MISUSE);
            is_misused(decoder, (spk_mode)mode, "data is NULL");
        }
        for (int is_taken = 0; is_taken < 2; is_taken++) {
            (void)spk_decoder_feed(decoder, "].", 2);
            CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
            spk_document *document = is_taken ? spk_decoder_take(decoder) : NULL;
            CHECK_U64(spk_decoder_feed(decoder, "N", 1), SPK_MISUSE);
            is_misused(decoder, (spk_mode)mode, "fed after finish");
            CHECK(!document || spk_type_of(spk_document_root(document)) == SPK_LIST);
            spk_document_free(document);
        }
        (void)spk_decoder_feed(decoder, "N", 1);
        CHECK_U64(spk_decoder_feed(decoder, NULL, 1), SPK_MISUSE);
        spk_decoder_free(decoder);
    }
    COVERED(18);
}

/* A refusal comes first, whatever is fed then. */
static void a_refusal_stays(void) {
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
    CHECK_U64(spk_decoder_feed(decoder, "](cos\nsystem\n", 14), SPK_UNSAFE);
    CHECK_U64(spk_decoder_feed(decoder, NULL, 1), SPK_UNSAFE);
    CHECK_U64(spk_decoder_finish(decoder), SPK_UNSAFE);
    spk_decoder_free(decoder);
    COVERED(1);
}

/* A report is filled by whole fields, and read as far as it goes. */
static void reports_of_other_sizes(void) {
    union {
        spk_report report;
        uint8_t bytes[sizeof(spk_report) + 16];
    } room;
    spk_report whole = SPK_REPORT_INIT;
    CHECK_U64(spk_check("](cos\nsystem\n.", 15, NULL, &whole), SPK_UNSAFE);
    for (size_t size = 0; size <= sizeof room; size++) {
        memset(&room, 0x77, sizeof room);
        room.report.size = size;
        CHECK_U64(spk_check("](cos\nsystem\n.", 15, NULL, &room.report), SPK_UNSAFE);
        CHECK_U64(room.report.size, size);
        bool has_name = size >= offsetof(spk_report, name) + sizeof room.report.name;
        uint8_t untouched[sizeof room.report.name];
        memset(untouched, 0x77, sizeof untouched);
        CHECK(has_name ? room.report.name == whole.name
                       : memcmp(&room.report.name, untouched, sizeof untouched) == 0);
        bool has_detail = size >= offsetof(spk_report, detail) + sizeof room.report.detail;
        CHECK(has_detail ? strcmp(room.report.detail, "os.system") == 0
                         : (uint8_t)room.report.detail[0] == 0x77);
        CHECK(room.bytes[sizeof(spk_report)] == 0x77 && room.bytes[sizeof room - 1] == 0x77);
    }
    room.report.size = 0;
    CHECK(strstr(formatted(&room.report), "SPK_REPORT_INIT"));
    whole.size = offsetof(spk_report, detail);
    CHECK_STR(formatted(&whole), "SP101 GLOBAL at byte 2 (0x2) would import");
    whole.size = sizeof whole + 16;
    CHECK_STR(formatted(&whole), "SP101 GLOBAL at byte 2 (0x2) would import os.system");
    CHECK_U64(spk_report_format(NULL, NULL, 0), 0);
    COVERED(sizeof room + 1);
}

REGISTER(misuse, RUN(every_option), RUN(every_encode_option), RUN(every_argument), RUN(every_feed),
         RUN(a_refusal_stays), RUN(reports_of_other_sizes))
