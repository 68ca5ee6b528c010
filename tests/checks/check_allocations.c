/* SPDX-License-Identifier: MIT
 *
 * Every failing allocation: for each sample, and some streams made to need many, the first request
 * for memory fails, then the second ... alone, and together with all later ones; in both modes, in
 * one piece and in many, zlib's requests included.  The answer is "no memory", never another and
 * never the verdict as if nothing had failed, and nothing is leaked.  No sample is left out; of
 * those over LARGE bytes, in which a failure comes late, the requests behind the first EACH are
 * tried in steps of STEP, and in one piece only. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define LARGE 20000
#define EACH 64
#define STEP 16
#define POINTS_MIN 100000

struct trial {
    struct input input;
    const spk_options *options;
    spk_mode mode;
    size_t piece; /* bytes fed at once; 0: all */
};

/* One run; the report tells the outcome even where there is no decoder. */
static spk_report run(const struct trial *trial, struct meter *meter) {
    spk_report report = SPK_REPORT_INIT;
    spk_options options = *trial->options;
    options.allocator = meter_allocator(meter);
    size_t piece = trial->piece > 0 ? trial->piece : trial->input.size;
    spk_document *document = decode_in_pieces(trial->mode, trial->input, piece, &options, &report);
    CHECK((document != NULL) == (report.status == SPK_OK && trial->mode == SPK_MODE_DECODE));
    spk_document_free(document);
    return report;
}

/* All points of one trial; returns how many there were. */
static uint64_t fail_everywhere(const struct trial *trial, const char *name) {
    struct meter meter = {0};
    uint64_t points = 0;
    spk_report normal = run(trial, &meter);
    uint64_t requests = meter.requests;
    CHECK(meter.live == 0 && meter.errors == 0);
    uint64_t step = trial->input.size > LARGE ? STEP : 1;
    for (uint64_t at = 1; at <= requests; at += at < EACH ? 1 : step) {
        for (int fails_on = 0; fails_on < 2; fails_on++, points++) {
            meter = (struct meter){0};
            meter.fail_at = at;
            meter.fails_on = fails_on;
            spk_report report = run(trial, &meter);
            CHECK_NOTE(meter.live == 0 && meter.blocks == 0 && meter.errors == 0,
                       "%s, request %u: %zu bytes leaked", name, (unsigned)at, meter.live);
            CHECK_NOTE(meter.refusals > 0 && report.status == SPK_NO_MEMORY,
                       "%s, request %u: '%s', not '%s'", name, (unsigned)at, report.name,
                       normal.name);
        }
    }
    return points;
}

static uint64_t fail_in_all_ways(struct input input, const spk_options *options, const char *name) {
    static const size_t pieces[] = {0, 1, 2, 3, 5, 7, 17, 31, 61, 127, 255};
    uint64_t points = 0;
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        for (size_t i = 0; i < (input.size > LARGE ? 1 : sizeof pieces / sizeof *pieces); i++) {
            struct trial trial = {input, options, (spk_mode)mode, pieces[i]};
            points += fail_everywhere(&trial, name);
        }
    }
    return points;
}

static void every_sample(void) {
    const struct sample *all;
    size_t count = samples(&all);
    uint64_t points = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t of_sample = fail_in_all_ways(all[i].bytes, &all[i].options, all[i].path);
        CHECK_NOTE(of_sample > 0, "%s: no point", all[i].path);
        points += of_sample;
    }
    CHECK_NOTE(points >= (spk_has_zlib() ? POINTS_MIN : POINTS_MIN / 2), "only %u points",
               (unsigned)points);
    COVERED(points);
}

/* ---- streams that need many allocations ---- */

static void build_keys(struct buffer *out) {
    BUFFER_ADD(out, "}(");
    for (uint32_t i = 0; i < 300; i++) {
        buffer_print(out, "X%c%c%c%c", 80, 0, 0, 0);
        buffer_print(out, "%080u", i % 150);
        buffer_print(out, "I%u\n\x85I%u\nVx\n\x86(I%u\nN\x91N", i, i, i);
    }
    BUFFER_ADD(out, "u.");
}

static void build_nesting(struct buffer *out) {
    buffer_fill(out, '(', 300);
    buffer_fill(out, 't', 300);
    BUFFER_ADD(out, "0");
    buffer_fill(out, ']', 500);
    for (uint32_t i = 0; i < 200; i++) {
        BUFFER_ADD(out, "]r");
        buffer_u32(out, i * 5 + 100);
    }
    buffer_fill(out, 'a', 200);
    BUFFER_ADD(out, "(");
    for (uint32_t i = 0; i < 200; i++) {
        BUFFER_ADD(out, "j");
        buffer_u32(out, i * 5 + 100);
    }
    BUFFER_ADD(out, "t\x85"
                    "0");
    buffer_fill(out, '0', 498);
    BUFFER_ADD(out, ".");
}

static void build_long_values(struct buffer *out) {
    BUFFER_ADD(out, "(");
    BUFFER_ADD(out, "B");
    buffer_u32(out, 600000);
    buffer_fill(out, 'b', 600000);
    BUFFER_ADD(out, "T");
    buffer_u32(out, 40000);
    buffer_fill(out, 0xe9, 40000);
    BUFFER_ADD(out, "V");
    buffer_fill(out, 0xe9, 70000);
    BUFFER_ADD(out, "\nS'");
    buffer_fill(out, 'q', 9000);
    BUFFER_ADD(out, "'\n\x8b");
    buffer_u32(out, 3000);
    buffer_fill(out, 7, 3000);
    BUFFER_ADD(out, "I");
    buffer_fill(out, '9', 4000);
    BUFFER_ADD(out, "\nG\xff\xff\xff\xff\xff\xff\xff\xfft.");
}

static void build_cycles(struct buffer *out) {
    BUFFER_ADD(out, "]\x94");
    for (uint32_t i = 1; i < 250; i++) {
        BUFFER_ADD(out, "]\x94j");
        buffer_u32(out, i / 2);
        BUFFER_ADD(out, "a");
    }
    buffer_fill(out, 'a', 249);
    BUFFER_ADD(out, ".");
}

static void built_streams(void) {
    static void (*const builders[])(struct buffer *) = {build_keys, build_nesting,
                                                        build_long_values, build_cycles};
    static const char *const names[] = {"keys", "nesting", "long values", "cycles"};
    uint64_t points = 0;
    for (size_t i = 0; i < 4; i++) {
        struct buffer stream = {NULL, 0, 0};
        struct buffer packed = {NULL, 0, 0};
        spk_options options = SPK_OPTIONS_INIT;
        options.encoding = SPK_ENCODING_LATIN1;
        options.allow_cycles = i == 3;
        builders[i](&stream);
        uint64_t before = points;
        points += fail_in_all_ways(buffer_input(&stream), &options, names[i]);
        buffer_gzip(&packed, buffer_input(&stream));
        points += fail_in_all_ways(buffer_input(&packed), &options, names[i]);
        CHECK_NOTE(points - before > (spk_has_zlib() ? 80u : 30u), "%s: only %u points", names[i],
                   (unsigned)(points - before));
        buffer_free(&stream);
        buffer_free(&packed);
    }
    COVERED(points);
}

/* After a failure a decoder is as usable as after any refusal, once there is memory again. */
static void reset_after_a_failure(void) {
    struct buffer stream = {NULL, 0, 0};
    uint64_t failed = 0;
    build_keys(&stream);
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        struct meter meter = {0};
        spk_decoder *decoder = metered_decoder((spk_mode)mode, &meter);
        REQUIRE(decoder);
        for (uint64_t at = 1; at < 50; at++) {
            meter.fail_at = meter.requests + at;
            (void)spk_decoder_feed(decoder, stream.data, stream.size);
            failed += spk_decoder_finish(decoder) == SPK_NO_MEMORY;
            CHECK(spk_decoder_memory(decoder, NULL) == meter.live);
            meter.fail_at = 0;
            spk_decoder_reset(decoder);
            (void)spk_decoder_feed(decoder, stream.data, stream.size);
            CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
            spk_decoder_reset(decoder);
        }
        spk_decoder_free(decoder);
        CHECK(meter.live == 0 && meter.errors == 0);
    }
    CHECK_NOTE(failed >= 20, "%u failed", (unsigned)failed);
    COVERED(98);
    buffer_free(&stream);
}

REGISTER(allocations, RUN(every_sample), RUN(built_streams), RUN(reset_after_a_failure))
