/* SPDX-License-Identifier: MIT
 *
 * Target roundtrip: what was decoded, written, and decoded again is the same value with the same
 * identities; written once more it is the same bytes, through a function in pieces as well, and
 * gzipped and unpacked.  Nothing is left behind when memory or the output fails, and what was put
 * out by then is no pickle. */
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "tests/support/sink.h"

#define CODE_DEPTH 304
#define CODE_PROTOCOL 601
#define CODE_WRITE 604

/* There is one empty tuple, which has no entry in the memo: places that shared one do no longer. */
static spk_walk look_for_empty_tuples(void *context, spk_event event, const spk_value *value) {
    *(bool *)context |=
        event == SPK_AGAIN && spk_type_of(value) == SPK_TUPLE && spk_size(value) == 0;
    return SPK_WALK_ON;
}

static void expect_same_value(const spk_document *a, const spk_document *b) {
    struct walk walk_a, walk_b;
    bool shares_empty_tuples = false;
    EXPECT(spk_visit(a, spk_document_root(a), look_for_empty_tuples, &shares_empty_tuples) ==
           SPK_OK);
    walk_document(&walk_a, a);
    walk_document(&walk_b, b);
    EXPECT(shares_empty_tuples || walk_a.hash == walk_b.hash);
    walk_end(&walk_a);
    walk_end(&walk_b);
}

/* Decodes without limits, for the value may have been decoded so. */
static spk_document *decode(const void *data, size_t size) {
    spk_options options = SPK_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    options.allow_cycles = true;
    options.max_depth = options.max_expansion = options.max_int_bytes = SPK_UNLIMITED;
    spk_document *document = spk_decode(data, size, &options, &report);
    if (!document) {
        fail("what was written is refused: SP%u %s", report.code, report.name);
    }
    return document;
}

/* Through a function, gzipped or not, with the bytes that a buffer got. */
static void expect_same_bytes(const spk_document *document, spk_encode_options options,
                              const void *data, size_t size) {
    struct sink sink = {.calls = 0};
    spk_report report = SPK_REPORT_INIT;
    EXPECT(spk_encode(spk_document_root(document), &options, sink_keep, &sink, &report) == SPK_OK);
    buffer_fit(&sink.got);
    EXPECT(report.raw_offset == sink.got.size && report.consumed == size && sink.errors == 0);
    if (options.gzip) {
        spk_document *unpacked = decode(sink.got.data, sink.got.size);
        expect_same_value(document, unpacked);
        spk_document_free(unpacked);
    } else {
        EXPECT(sink.got.size == size && memcmp(sink.got.data, data, size) == 0);
    }
    buffer_free(&sink.got);
}

/* What default limits wrote, default limits read. */
static void expect_readable(const spk_document *document, int protocol) {
    spk_encode_options encoding = SPK_ENCODE_OPTIONS_INIT;
    spk_options decoding = SPK_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    size_t size = 0;
    encoding.protocol = protocol;
    decoding.allow_cycles = true;
    decoding.max_expansion = SPK_UNLIMITED; /* the decoder's alone to count */
    void *made = spk_encode_buffer(spk_document_root(document), &encoding, &size, &report);
    EXPECT(made || report.code == CODE_DEPTH || report.code / 100 == 3);
    if (made) {
        spk_status status = spk_check(made, size, &decoding, &report);
        EXPECT(status == SPK_OK ||
               report.code == CODE_DEPTH); /* the rings of a document that was decoded with more */
    }
    free(made);
}

static void fail_somewhere(const spk_document *document, spk_encode_options options,
                           uint64_t seed) {
    struct dice dice = dice_from(seed);
    struct meter meter = METER_START;
    struct sink sink = {.calls = 0};
    spk_report report = SPK_REPORT_INIT;
    options.allocator = meter_allocator(&meter);
    meter.fail_at = 1 + dice_below(&dice, 12);
    meter.fails_on = dice_below(&dice, 2) == 0;
    sink.fail_at = dice_below(&dice, 4);
    spk_status status =
        spk_encode(spk_document_root(document), &options, sink_keep, &sink, &report);
    buffer_fit(&sink.got);
    EXPECT(status == SPK_OK || status == SPK_NO_MEMORY || report.code == CODE_WRITE);
    EXPECT(meter_is_clean(&meter) && sink.errors == 0);
    EXPECT(status == SPK_OK || spk_check(sink.got.data, sink.got.size, NULL, NULL) != SPK_OK);
    buffer_free(&sink.got);
}

static void round_trip(const spk_document *document, int protocol, uint64_t seed) {
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    size_t size = 0, again_size = 0;
    options.protocol = protocol;
    options.max_depth = options.max_int_bytes = SPK_UNLIMITED;
    void *made = spk_encode_buffer(spk_document_root(document), &options, &size, &report);
    if (!made) {
        EXPECT(report.code == CODE_PROTOCOL && protocol < 5);
        return;
    }
    EXPECT(report.status == SPK_OK && report.consumed == size && report.raw_offset == size);
    spk_document *second = decode(made, size);
    expect_same_value(document, second);
    void *again = spk_encode_buffer(spk_document_root(second), &options, &again_size, NULL);
    EXPECT(again && again_size == size && memcmp(again, made, size) == 0);
    expect_same_bytes(document, options, made, size);
    options.gzip = spk_has_zlib() && seed % 4 == 0;
    options.gzip_level = 1;
    expect_same_bytes(document, options, made, size);
    expect_readable(document, protocol);
    fail_somewhere(document, options, seed);
    spk_document_free(second);
    free(again);
    free(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    setup.options.max_alloc = 0;
    spk_document *document =
        setup.seed % 2 == 0 ? spk_decode(setup.data, setup.size, &setup.options, NULL)
                            : spk_decode_borrowing(setup.data, setup.size, &setup.options, NULL);
    if (document) {
        round_trip(document, 2 + (int)(mix(setup.seed, size) % 4), setup.seed);
        round_trip(document, 5, mix(setup.seed, 3));
        spk_document_free(document);
    }
    return 0;
}
