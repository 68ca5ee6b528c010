/* SPDX-License-Identifier: MIT
 *
 * Answers, and what must be true of each.  Never judges a pickle itself. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/reading.h"
#include "tests/support/same_report.h"

void answer_start(struct answer *answer) {
    *answer = (struct answer){METER_START, SPK_REPORT_INIT, NULL};
}

static spk_options metered(const struct setup *setup, struct answer *answer) {
    spk_options options = setup->options;
    options.allocator = meter_allocator(&answer->meter);
    return options;
}

void ask_whole(struct answer *answer, enum way way, const struct setup *setup) {
    spk_options options = metered(setup, answer);
    if (way == WAY_CHECK) {
        spk_status status = spk_check(setup->data, setup->size, &options, &answer->report);
        EXPECT(status == answer->report.status);
    } else if (way == WAY_DECODE) {
        answer->document = spk_decode(setup->data, setup->size, &options, &answer->report);
    } else {
        answer->document =
            spk_decode_borrowing(setup->data, setup->size, &options, &answer->report);
    }
    EXPECT((answer->document != NULL) == (way != WAY_CHECK && answer->report.status == SPK_OK));
    EXPECT(spk_document_memory(answer->document) == answer->meter.live);
}

/* Mostly a few bytes, now and then none or many. */
static size_t piece_size(struct dice *dice, size_t left) {
    static const size_t max[] = {1, 2, 3, 8, 8, 40, 300, SIZE_MAX};
    size_t limit = max[dice_below(dice, sizeof max / sizeof max[0])];
    size_t size = limit == SIZE_MAX ? left : dice_size(dice, limit + 1);
    return size < left ? size : left;
}

static void feed_piece(spk_decoder *decoder, const uint8_t *data, size_t size, spk_status *known) {
    uint8_t *piece = exact_copy(data, size);
    spk_status status = spk_decoder_feed(decoder, piece, size);
    EXPECT(status != SPK_MISUSE);
    EXPECT(*known == SPK_MORE || *known == SPK_OK || status == *known);
    *known = status;
    memset(piece, 0x5a, size);
    free(piece);
}

/* A report may be asked for at any time; it changes nothing. */
static void peek(const spk_decoder *decoder, const struct meter *meter, spk_status known) {
    spk_report report = SPK_REPORT_INIT;
    size_t peak = 0;
    EXPECT(spk_decoder_report(decoder, &report) == known);
    EXPECT(spk_decoder_memory(decoder, &peak) == meter->live);
    EXPECT(peak == meter->peak);
}

static void ask_decoder(struct answer *answer, spk_decoder *decoder, const struct setup *setup,
                        struct dice *dice) {
    spk_status known = SPK_MORE;
    for (size_t at = 0; at < setup->size;) {
        size_t size = piece_size(dice, setup->size - at);
        feed_piece(decoder, setup->data + at, size, &known);
        at += size;
        if (dice_below(dice, 16) == 0) {
            peek(decoder, &answer->meter, known);
        }
    }
    spk_status verdict = spk_decoder_finish(decoder);
    EXPECT(known == SPK_MORE || known == SPK_OK || verdict == known);
    EXPECT(spk_decoder_finish(decoder) == verdict);
    peek(decoder, &answer->meter, verdict);
    EXPECT(spk_decoder_report(decoder, &answer->report) == verdict);
}

/* Bytes behind a verdict: a refusal stays, an acceptance is withdrawn. */
static void feed_more(spk_decoder *decoder, spk_status verdict) {
    spk_status expected = verdict == SPK_OK ? SPK_MISUSE : verdict;
    EXPECT(spk_decoder_feed(decoder, "x", 1) == expected);
    EXPECT(spk_decoder_finish(decoder) == expected);
    EXPECT(spk_decoder_report(decoder, NULL) == expected);
    EXPECT(spk_decoder_take(decoder) == NULL);
}

void ask_pieces(struct answer *answer, spk_mode mode, const struct setup *setup, uint64_t seed) {
    struct dice dice = dice_from(seed);
    spk_options options = metered(setup, answer);
    spk_decoder *decoder = spk_decoder_new(mode, &options, &answer->report);
    if (!decoder) {
        EXPECT(answer->report.status == SPK_NO_MEMORY || answer->report.status == SPK_LIMIT);
        return;
    }
    bool twice = dice_below(&dice, 4) == 0;
    ask_decoder(answer, decoder, setup, &dice);
    if (twice) { /* once more, after a reset: the same answer */
        spk_report first = answer->report;
        feed_more(decoder, first.status);
        spk_decoder_reset(decoder);
        ask_decoder(answer, decoder, setup, &dice);
        expect_same_report(&first, &answer->report, "after a reset");
    }
    if (dice_below(&dice, 16) > 0) { /* else it is freed with the decoder */
        answer->document = spk_decoder_take(decoder);
        EXPECT((answer->document != NULL) ==
               (mode == SPK_MODE_DECODE && answer->report.status == SPK_OK));
    }
    EXPECT(answer->document == NULL || spk_decoder_take(decoder) == NULL);
    feed_more(decoder, answer->report.status);
    spk_decoder_free(decoder);
    EXPECT(spk_document_memory(answer->document) == answer->meter.live);
}

void answer_end(struct answer *answer) {
    spk_document_free(answer->document);
    answer->document = NULL;
    if (!meter_is_clean(&answer->meter)) {
        fail("%zu bytes in %llu blocks are left, %llu calls were wrong", answer->meter.live,
             (unsigned long long)answer->meter.blocks, (unsigned long long)answer->meter.errors);
    }
}

static void show(const spk_report *report) {
    char line[SPK_LINE_SIZE];
    (void)spk_report_format(report, line, sizeof line);
    (void)fprintf(
        stderr,
        "fuzz: %s [raw %llu, limit %llu, protocol %d, fed %llu, consumed %llu, opcodes %llu]\n",
        line, (unsigned long long)report->raw_offset, (unsigned long long)report->limit,
        report->protocol, (unsigned long long)report->input_bytes,
        (unsigned long long)report->consumed, (unsigned long long)report->opcodes);
}

void expect_same_report(const spk_report *a, const spk_report *b, const char *what) {
    if (!same_report(a, b)) {
        show(a);
        show(b);
        fail("two answers differ: %s", what);
    }
}

static bool is_class_of(unsigned code, spk_status status) {
    static const spk_status classes[] = {SPK_UNSAFE, SPK_MALFORMED, SPK_LIMIT, SPK_WRAPPER,
                                         SPK_POLICY};
    return code >= 100 && code < 600 && classes[code / 100 - 1] == status;
}

static void expect_printable(const char *text) {
    for (size_t i = 0; text[i] != '\0'; i++) {
        EXPECT((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
    }
}

void expect_sound_report(const spk_report *report) {
    char line[SPK_LINE_SIZE];
    size_t length = spk_report_format(report, line, sizeof line);
    EXPECT(length < sizeof line && strlen(line) == length && length > 0);
    expect_printable(line);
    if (report->status == SPK_OK) {
        EXPECT(report->code == 0 && report->name[0] == '\0' && report->detail[0] == '\0');
        EXPECT(report->opcodes > 0 && report->opcodes <= report->consumed);
    } else {
        EXPECT(report->status == SPK_NO_MEMORY || is_class_of(report->code, report->status));
        EXPECT(report->status == SPK_NO_MEMORY ||
               (report->name[0] != '\0' && report->message[0] != '\0'));
        EXPECT((report->status == SPK_LIMIT) == (report->limit > 0));
        EXPECT(report->consumed == report->offset && report->max_depth == 0);
        EXPECT(report->raw_offset <= report->input_bytes);
        EXPECT(report->wrapper == SPK_WRAPPER_GZIP || report->offset <= report->input_bytes);
    }
}
