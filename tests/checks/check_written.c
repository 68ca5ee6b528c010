/* SPDX-License-Identifier: MIT
 *
 * Where the encoder and the writer give up: exactly at a limit, whatever stands there, and saying
 * which one it was.  And that writing leaves nothing behind, and packs within the ratio that a
 * reader allows, however the bytes come. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static spk_document *decode(struct input pickle) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow_cycles = true;
    options.max_depth = SPK_UNLIMITED;
    return spk_decode(pickle.data, pickle.size, &options, NULL);
}

/* ---- the memo ---- */

/* Each thing that gets an entry, in a list that has one itself: without room for both, it is told
 * and nothing is made. */
static void every_entry_of_the_memo(void) {
    const struct input items[] = {INPUT("U\1a"),       INPUT("]"),
                                  INPUT("]K\1a"),      INPUT("}"),
                                  INPUT("}NNs"),       INPUT("\x8f"),
                                  INPUT("\x8f(N\x90"), INPUT("K\1\x85"),
                                  INPUT("NN\x86"),     INPUT("(NNNNt"),
                                  INPUT("(\x91"),      INPUT("(N\x91"),
                                  INPUT("C\1b"),       INPUT("\x96\1\0\0\0\0\0\0\0x")};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        for (uint64_t max = 1; max <= 2; max++) {
            struct buffer pickle = {NULL, 0, 0};
            spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
            spk_report report = SPK_REPORT_INIT;
            size_t size = 0;
            BUFFER_ADD(&pickle, "]");
            buffer_bytes(&pickle, items[i].data, items[i].size);
            BUFFER_ADD(&pickle, "a.");
            spk_document *document = decode(buffer_input(&pickle));
            options.protocol = 5;
            options.max_memo = max;
            void *made = spk_encode_buffer(spk_document_root(document), &options, &size, &report);
            CHECK_NOTE((made != NULL) == (max == 2), "item %zu, %u entries: %s", i, (unsigned)max,
                       report.name);
            CHECK_U64(report.code, max == 2 ? 0 : REASON_LIMIT_MEMO);
            CHECK_U64(report.limit, max == 2 ? 0 : max);
            free(made);
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    COVERED(2 * sizeof items / sizeof items[0]);
}

/* ---- depth ---- */

/* A tuple of lists that each hold it: CPython's way of writing it opens a MARK for each. */
static void build_ring(struct buffer *out, unsigned count, bool in_a_list) {
    buffer_print(out, "%s(", in_a_list ? "]" : "");
    for (unsigned i = 0; i < count; i++) {
        buffer_print(out, "]p%u\n", i);
    }
    buffer_print(out, "tp%u\n", count);
    for (unsigned i = 0; i < count; i++) {
        buffer_print(out, "g%u\n(Ng%u\ne0", i, count);
    }
    buffer_print(out, "%s.", in_a_list ? "a" : "");
}

/* What is refused for its MARKs is what the decoder with the same limit would refuse, and nothing
 * else. */
static void marks_to_the_last(void) {
    uint64_t written = 0;
    uint64_t refused = 0;
    for (unsigned count = 4; count <= 40; count++) {
        for (uint64_t max = 5; max <= 30; max++) {
            struct buffer pickle = {NULL, 0, 0};
            spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
            spk_options decoding = SPK_OPTIONS_INIT;
            size_t size = 0;
            build_ring(&pickle, count, max % 2 == 0);
            spk_document *document = decode(buffer_input(&pickle));
            REQUIRE(document);
            options.protocol = 2;
            options.max_depth = SPK_UNLIMITED;
            void *made = spk_encode_buffer(spk_document_root(document), &options, &size, NULL);
            options.max_depth = max;
            decoding.max_depth = max;
            decoding.allow_cycles = true;
            bool is_written =
                spk_encode(spk_document_root(document), &options, sink_count, NULL, NULL) == SPK_OK;
            bool is_read = spk_check(made, size, &decoding, NULL) == SPK_OK;
            CHECK_NOTE(is_written == is_read, "%u lists, limit %u: written %d, read %d", count,
                       (unsigned)max, is_written, is_read);
            written += is_written;
            refused += !is_written;
            free(made);
            spk_document_free(document);
            buffer_free(&pickle);
        }
    }
    CHECK(written > 100 && refused > 100);
    COVERED(written + refused);
}

/* ---- ints ---- */

/* An int that has a length in the pickle has the shortest, and that is what max_int_bytes bounds.
 */
static void ints_at_each_length(void) {
    uint64_t inputs = 0;
    for (unsigned bytes = 5; bytes <= 8; bytes++) {
        for (int sign = 0; sign < 2; sign++) {
            for (uint64_t max = 4; max <= 8; max++, inputs++) {
                spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
                int64_t min = (int64_t)1
                              << (8 * (bytes - 1) - 1); /* the first that needs so many bytes */
                int64_t value = sign ? -min - 1 : min;
                options.max_int_bytes = max;
                spk_writer *writer = spk_writer_new(&options, sink_count, NULL, NULL);
                CHECK_NOTE(spk_put_int(writer, value) == (bytes <= max), "%u bytes, limit %u",
                           bytes, (unsigned)max);
                spk_writer_free(writer);
            }
        }
    }
    COVERED(inputs);
}

/* ---- counts ---- */

/* A count of items is refused when it is told, not when the first item too many comes. */
static void counts_over_what_is_left(void) {
    for (uint64_t count = 0; count <= 12; count++) {
        for (uint64_t inner = 0; inner <= 12; inner++) {
            spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
            spk_report report = SPK_REPORT_INIT;
            options.max_expansion = 10;
            spk_writer *writer = spk_writer_new(&options, sink_count, NULL, NULL);
            bool fits = 1 + count <= 10;
            CHECK_NOTE(spk_begin_list(writer, count) == (count <= 10), "%u items", (unsigned)count);
            if (fits && count > 0) {
                CHECK_NOTE(spk_begin_tuple(writer, inner) == (inner <= 9), "%u items, then %u",
                           (unsigned)count, (unsigned)inner);
                (void)spk_writer_report(writer, &report);
                CHECK_U64(report.code, inner <= 9 ? 0 : REASON_LIMIT_EXPANSION);
                CHECK_U64(report.limit, inner <= 9 ? 0 : 10);
            }
            spk_writer_free(writer);
        }
    }
    COVERED(169);
}

/* ---- calls that fail ---- */

/* Each call of a writer that gives it a value, with an argument that is good, or for is_bad with
 * NULL for data. */
static bool call(unsigned number, spk_writer *writer, bool is_bad) {
    static const uint8_t long_int[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const char *text = is_bad ? NULL : "text";
    switch (number) {
    case 0:
        return spk_put_int_bytes(writer, is_bad ? NULL : long_int, sizeof long_int);
    case 1:
        return spk_put_str(writer, text, 4);
    case 2:
        return spk_put_bytes(writer, text, 4);
    case 3:
        return spk_put_bytearray(writer, text, 4);
    case 4:
        return spk_put_int_bytes(writer, is_bad ? NULL : long_int, 3);
    case 5:
        return spk_put_none(writer);
    case 6:
        return spk_put_bool(writer, true);
    case 7:
        return spk_put_int(writer, 5);
    case 8:
        return spk_put_float(writer, 0.5);
    case 9:
        return spk_begin_list(writer, 0);
    case 10:
        return spk_begin_tuple(writer, 0);
    case 11:
        return spk_begin_dict(writer, 0);
    case 12:
        return spk_begin_set(writer, 0);
    default:
        return spk_begin_frozenset(writer, 0);
    }
}

enum { CALLS = 14, CALLS_WITH_DATA = 5 };

static void expect_all_to_fail(spk_writer *writer, const char *when) {
    for (unsigned number = 0; number < CALLS; number++) {
        CHECK_NOTE(!call(number, writer, false), "call %u %s", number, when);
    }
}

/* The call that fails says so, and all after it do, whatever they are, and change neither the
 * reason nor the output. */
static void failures_stick(void) {
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    options.protocol = 5;
    for (unsigned number = 0; number < CALLS; number++) {
        spk_report first = SPK_REPORT_INIT;
        spk_report again = SPK_REPORT_INIT;
        spk_writer *writer = spk_writer_new(&options, sink_count, NULL, NULL);
        (void)spk_begin_list(writer, 1);
        CHECK_NOTE(call(number, writer, number < CALLS_WITH_DATA) == (number >= CALLS_WITH_DATA),
                   "call %u", number);
        if (number >= CALLS_WITH_DATA) {
            CHECK_U64(spk_writer_finish(writer), SPK_OK);
        }
        (void)spk_writer_report(writer, &first);
        expect_all_to_fail(writer, number < CALLS_WITH_DATA ? "after a failure" : "after the end");
        (void)spk_writer_report(writer, &again);
        CHECK(same_report(&first, &again));
        CHECK_U64(again.status, number < CALLS_WITH_DATA ? SPK_MISUSE : SPK_OK);
        spk_writer_free(writer);
    }
    expect_all_to_fail(NULL, "without a writer");
    COVERED(CALLS);
}

/* ---- memory ---- */

static void build_large(struct buffer *out) {
    BUFFER_ADD(out, "](");
    for (uint32_t i = 0; i < 40; i++) {
        BUFFER_ADD(out, "B");
        buffer_u32(out, 40000 + i);
        buffer_fill(out, i, 40000 + i);
    }
    BUFFER_ADD(out, "e.");
}

/* A limit that was exceeded, or for 0 that there was no memory, which is no verdict. */
static void check_told(const spk_report *report, uint64_t limit) {
    CHECK_U64(report->status, limit > 0 ? SPK_LIMIT : SPK_NO_MEMORY);
    CHECK_U64(report->code, limit > 0 ? REASON_LIMIT_ALLOC : 0);
    CHECK_U64(report->limit, limit);
}

/* No memory and no more allowed are told apart, by the encoder and the writer. */
static void why_there_is_no_memory(void) {
    struct buffer pickle = {NULL, 0, 0};
    build_large(&pickle);
    spk_document *document = decode(buffer_input(&pickle));
    REQUIRE(document);
    for (uint64_t at = 1; at <= 6; at++) {
        for (int way = 0; way < 2; way++) {
            struct meter meter = {0};
            spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
            spk_report report = SPK_REPORT_INIT;
            size_t size = 0;
            if (way == 0) {
                meter.fail_at = at;
                options.allocator = meter_allocator(&meter);
            } else {
                options.max_alloc = at * 300;
            }
            void *made = spk_encode_buffer(spk_document_root(document), &options, &size, &report);
            CHECK(made == NULL);
            check_told(&report, way == 0 ? 0 : at * 300);
            report = (spk_report)SPK_REPORT_INIT;
            meter.requests = 0;
            spk_writer *writer = spk_writer_new(&options, sink_count, NULL, &report);
            if (writer) {
                (void)spk_begin_list(writer, 1);
                (void)spk_put_bytes(writer, pickle.data, 40000);
                (void)spk_writer_finish(writer);
                (void)spk_writer_report(writer, &report);
                spk_writer_free(writer);
            }
            CHECK(report.status != SPK_OK || (way == 0 && at > 3));
            if (report.status != SPK_OK) {
                check_told(&report, way == 0 ? 0 : at * 300);
            }
        }
    }
    spk_document_free(document);
    buffer_free(&pickle);
    COVERED(12);
}

#if defined __linux__ && !IS_SANITIZED
/* Pages of this process's address space; 0 if nobody says. */
static unsigned long pages_in_use(void) {
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        pages = fscanf(file, "%lu", &pages) == 1 ? pages : 0;
        fclose(file);
    }
    return pages;
}

/* Large blocks are mappings, which no sanitizer knows of: what is not given back stays in the
 * address space. */
static void nothing_stays_mapped(void) {
    enum { ROUNDS = 100, MAX_PAGES = 25 << 8 }; /* 25 MiB; one mapping a round would be 200 */
    struct buffer pickle = {NULL, 0, 0};
    build_large(&pickle);
    unsigned long before = 0;
    for (unsigned i = 0; i <= ROUNDS; i++) {
        size_t size = 0;
        spk_document *document = decode(buffer_input(&pickle));
        void *made = spk_encode_buffer(spk_document_root(document), NULL, &size, NULL);
        CHECK(made && size > pickle.size);
        free(made);
        spk_document_free(document);
        before = i == 0 ? pages_in_use() : before;
    }
    unsigned long after = pages_in_use();
    CHECK_NOTE(after < before + MAX_PAGES, "%lu pages, then %lu", before, after);
    COVERED(ROUNDS);
    buffer_free(&pickle);
}
#else
static void nothing_stays_mapped(void) {
    CHECK(true);
}
#endif

/* ---- gzip ---- */

/* Nearly nothing but zeros, by how much they are packed. */
static uint64_t ratio_of_zeros(uint64_t whole, int level, size_t piece) {
    static uint8_t zeros[1 << 20];
    uint64_t packed = 0;
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    options.gzip = true;
    options.gzip_level = level;
    uint64_t count = whole / piece;
    spk_writer *writer = spk_writer_new(&options, sink_count, &packed, NULL);
    spk_begin_list(writer, count);
    for (uint64_t i = 0; i < count; i++) {
        zeros[0] = (uint8_t)(i % 7);
        spk_put_bytes(writer, zeros, piece);
    }
    CHECK_U64(spk_writer_finish(writer), SPK_OK);
    spk_writer_free(writer);
    return whole / packed;
}

/* As well as deflate can up to 32 MiB, and beyond about as well as a reader allows, never better.
 */
static void ratio_at_each_level(void) {
    static const size_t pieces[] = {1 << 20, 700001, 90017};
    const uint64_t mib = (uint64_t)1 << 20;
    if (!spk_has_zlib()) {
        CHECK(true);
        return;
    }
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        uint64_t ratio = ratio_of_zeros(48 * mib, i == 1 ? 9 : 1, pieces[i]);
        CHECK_NOTE(ratio > 100 && ratio < 250, "pieces of %zu: %u : 1", pieces[i], (unsigned)ratio);
    }
    CHECK(ratio_of_zeros(31 * mib, 9, 1 << 20) > 800);
    COVERED(4);
}

static void levels_of_gzip(void) {
    for (int level = -2; level <= 12; level++) {
        spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
        options.gzip_level = level;
        spk_writer *writer = spk_writer_new(&options, sink_count, NULL, NULL);
        CHECK_NOTE((writer != NULL) == (level >= 0 && level <= 9), "level %d", level);
        spk_writer_free(writer);
    }
    COVERED(15);
}

REGISTER(written, RUN(every_entry_of_the_memo), RUN(marks_to_the_last), RUN(ints_at_each_length),
         RUN(counts_over_what_is_left), RUN(failures_stick), RUN(why_there_is_no_memory),
         RUN(nothing_stays_mapped), RUN(ratio_at_each_level), RUN(levels_of_gzip))
