/* SPDX-License-Identifier: MIT
 *
 * The verdict does not depend on how the bytes come: every sample of up to 4 KiB cut in two at
 * every place (at every third or seventh where more than 16 KiB are packed in it), all samples in
 * pieces of many sizes, and random streams of opcodes, good and bad, raw and gzipped; the report
 * and the value are the same each time. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define CUT_MAX 4096

/* Feeds pieces that end at the cuts, each in a block of its own, and gives the report and the value
 * as text: "" if there is none or it is not wanted. */
static const char *feed_pieces(spk_decoder *decoder, struct input input, const size_t *cuts,
                               size_t count, spk_report *report, bool wants_value) {
    const char *text = "";
    size_t at = 0;
    for (size_t i = 0; i <= count; i++) {
        size_t end = i < count ? cuts[i] : input.size;
        uint8_t *piece = must_allocate(end - at);
        memcpy(piece, input.data + at, end - at);
        (void)spk_decoder_feed(decoder, piece, end - at);
        free(piece);
        at = end;
    }
    (void)spk_decoder_finish(decoder);
    (void)spk_decoder_report(decoder, report);
    spk_document *document = spk_decoder_take(decoder);
    if (document && wants_value) {
        text = exact_text(document);
    }
    spk_document_free(document);
    spk_decoder_reset(decoder);
    return text;
}

/* max_alloc counts what is held, which for a payload in pieces is more than for a whole one. */
static bool depends_on_pieces(const struct sample *sample) {
    return sample->reason && strcmp(sample->reason, "limit-alloc") == 0;
}

/* Every cut of one sample.  The values are compared as well; of large ones, whose text takes long
 * to make, at some cuts. */
static uint64_t cut_sample(const struct sample *sample, spk_mode mode) {
    spk_report whole = SPK_REPORT_INIT;
    struct buffer text = {NULL, 0, 0};
    uint64_t wrong = 0;
    size_t size = sample->bytes.size;
    spk_decoder *decoder = spk_decoder_new(mode, &sample->options, NULL);
    const char *value = feed_pieces(decoder, sample->bytes, NULL, 0, &whole, true);
    buffer_bytes(&text, value, strlen(value) + 1);
    bool is_large = whole.consumed > 4 * CUT_MAX; /* much is packed in it */
    size_t step = !is_large ? 1 : mode == SPK_MODE_CHECK ? 3 : 7;
    for (size_t cut = 0; cut <= size; cut += step) {
        spk_report report = SPK_REPORT_INIT;
        bool compares = text.size < 1000 || cut % 64 == 0;
        value = feed_pieces(decoder, sample->bytes, &cut, 1, &report, compares);
        if (!same_report(&report, &whole) ||
            (compares && strcmp(value, (const char *)text.data) != 0)) {
            CHECK_NOTE(wrong++ > 0, "%s cut at %zu: '%s' at %u, not '%s' at %u", sample->path, cut,
                       report.name, (unsigned)report.offset, whole.name, (unsigned)whole.offset);
        }
    }
    CHECK_U64(wrong, 0);
    spk_decoder_free(decoder);
    buffer_free(&text);
    return size / step + 1;
}

static void every_cut(spk_mode mode) {
    const struct sample *all;
    size_t count = samples(&all);
    uint64_t inputs = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].bytes.size <= CUT_MAX && !depends_on_pieces(&all[i])) {
            inputs += cut_sample(&all[i], mode);
        }
    }
    CHECK_NOTE(inputs > 50000, "only %u cuts", (unsigned)inputs);
    COVERED(inputs);
}

static void every_cut_for_check(void) {
    every_cut(SPK_MODE_CHECK);
}

static void every_cut_for_decode(void) {
    every_cut(SPK_MODE_DECODE);
}

static void pieces_of_all_sizes(void) {
    static const size_t sizes[] = {1, 2, 3, 5, 9, 64, 255, 4096, 65536};
    const struct sample *all;
    size_t count = samples(&all);
    static size_t cuts[1 << 20];
    uint64_t inputs = 0;
    for (size_t i = 0; i < count; i++) {
        spk_report whole = SPK_REPORT_INIT;
        struct input bytes = all[i].bytes;
        if (depends_on_pieces(&all[i])) {
            continue;
        }
        (void)spk_check(bytes.data, bytes.size, &all[i].options, &whole);
        spk_decoder *decoder =
            spk_decoder_new(i % 2 ? SPK_MODE_CHECK : SPK_MODE_DECODE, &all[i].options, NULL);
        REQUIRE(decoder);
        for (size_t s = 0;
             s < sizeof sizes / sizeof sizes[0] && (s == 0 || sizes[s - 1] < bytes.size);
             s++, inputs++) {
            spk_report report = SPK_REPORT_INIT;
            size_t cut_count = 0;
            for (size_t at = sizes[s]; at < bytes.size && cut_count < sizeof cuts / sizeof cuts[0];
                 at += sizes[s]) {
                cuts[cut_count++] = at;
            }
            (void)feed_pieces(decoder, bytes, cuts, cut_count, &report, false);
            CHECK_NOTE(same_report(&report, &whole), "%s in pieces of %zu: '%s'", all[i].path,
                       sizes[s], report.name);
        }
        spk_decoder_free(decoder);
    }
    COVERED(inputs);
}

/* ---- random streams ---- */

static const struct input opcodes[] = {
#define OPCODE(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
    OPCODE("N"),
    OPCODE("K\7"),
    OPCODE("M\1\2"),
    OPCODE("J\1\2\3\4"),
    OPCODE("\x8a\2\1\2"),
    OPCODE("\x8b\1\0\0\0\7"),
    OPCODE("I12\n"),
    OPCODE("I01\n"),
    OPCODE("L5L\n"),
    OPCODE("F1.5\n"),
    OPCODE("G\1\2\3\4\5\6\7\x08"),
    OPCODE("S'a\\x41'\n"),
    OPCODE("U\2ab"),
    OPCODE("T\1\0\0\0a"),
    OPCODE("Va\\u00e9\n"),
    OPCODE("X\2\0\0\0\xc3\xa9"),
    OPCODE("\x8c\3abc"),
    OPCODE("\x8d\1\0\0\0\0\0\0\0a"),
    OPCODE("C\2\xff\0"),
    OPCODE("B\1\0\0\0b"),
    OPCODE("\x96\1\0\0\0\0\0\0\0c"),
    OPCODE(")"),
    OPCODE("]"),
    OPCODE("}"),
    OPCODE("\x8f"),
    OPCODE("("),
    OPCODE("("),
    OPCODE("t"),
    OPCODE("l"),
    OPCODE("d"),
    OPCODE("e"),
    OPCODE("u"),
    OPCODE("\x90"),
    OPCODE("\x91"),
    OPCODE("a"),
    OPCODE("s"),
    OPCODE("\x85"),
    OPCODE("\x86"),
    OPCODE("\x87"),
    OPCODE("\x94"),
    OPCODE("\x94"),
    OPCODE("q\0"),
    OPCODE("q\3"),
    OPCODE("p1\n"),
    OPCODE("r\2\0\0\0"),
    OPCODE("h\0"),
    OPCODE("h\1"),
    OPCODE("g0\n"),
    OPCODE("j\1\0\0\0"),
    OPCODE("0"),
    OPCODE("0"),
    OPCODE("1"),
    OPCODE("."),
    OPCODE("\x93"),
    OPCODE("\x95\5\0\0\0\0\0\0\0"),
    OPCODE("\x95\2\0\0\0\0\0\0\0"),
    OPCODE("cos\nsystem\n"),
    OPCODE("R"),
    OPCODE("]a"),
    OPCODE("](NK\1e"),
    OPCODE("}(K\1NK\2)u"),
    OPCODE("]\x94(h\0e"),
    OPCODE("N\x85"),
    OPCODE("0N"),
#undef OPCODE
};

static void random_stream(struct dice *dice, struct buffer *out) {
    out->size = 0;
    for (uint64_t count = 1 + dice_below(dice, 14); count > 0; count--) {
        const struct input *opcode = &opcodes[dice_below(dice, sizeof opcodes / sizeof opcodes[0])];
        size_t size = dice_below(dice, 60) == 0 ? opcode->size / 2 : opcode->size;
        buffer_bytes(out, opcode->data, size);
        if (dice_below(dice, 60) == 0) {
            buffer_byte(out, (unsigned)dice_below(dice, 256));
        }
    }
    if (dice_below(dice, 3) > 0) {
        BUFFER_ADD(out, ".");
    }
}

static void random_streams(void) {
    struct dice dice = {83};
    struct buffer stream = {NULL, 0, 0};
    struct buffer packed = {NULL, 0, 0};
    struct buffer text = {NULL, 0, 0};
    spk_decoder *decoders[2] = {spk_decoder_new(SPK_MODE_CHECK, NULL, NULL),
                                spk_decoder_new(SPK_MODE_DECODE, NULL, NULL)};
    uint64_t accepted = 0;
    REQUIRE(decoders[0] && decoders[1]);
    for (int times = 0; times < 60000; times++) {
        spk_report whole = SPK_REPORT_INIT;
        random_stream(&dice, &stream);
        packed.size = 0;
        if (times % 4 == 0 && spk_has_zlib()) {
            buffer_gzip(&packed, buffer_input(&stream));
        }
        struct input input = buffer_input(packed.size > 0 ? &packed : &stream);
        const char *value = feed_pieces(decoders[1], input, NULL, 0, &whole, true);
        text.size = 0;
        buffer_bytes(&text, value, strlen(value) + 1);
        accepted += whole.status == SPK_OK;
        for (int way = 0; way < 4; way++) {
            spk_report report = SPK_REPORT_INIT;
            size_t cuts[3] = {(size_t)dice_below(&dice, input.size + 1), 0, 0};
            cuts[1] = cuts[0] + (size_t)dice_below(&dice, input.size - cuts[0] + 1);
            cuts[2] = cuts[1] + (size_t)dice_below(&dice, input.size - cuts[1] + 1);
            value = feed_pieces(decoders[way % 2], input, cuts, way < 2 ? 3 : 1, &report, true);
            CHECK_NOTE(same_report(&report, &whole) &&
                           (way % 2 == 0 || strcmp(value, (const char *)text.data) == 0),
                       "stream %d: '%s' at %u, not '%s' at %u", times, report.name,
                       (unsigned)report.offset, whole.name, (unsigned)whole.offset);
        }
    }
    CHECK_NOTE(accepted > 500, "only %u accepted", (unsigned)accepted);
    spk_decoder_free(decoders[0]);
    spk_decoder_free(decoders[1]);
    COVERED(240000);
    buffer_free(&stream);
    buffer_free(&packed);
    buffer_free(&text);
}

REGISTER(splits, RUN(every_cut_for_check), RUN(every_cut_for_decode), RUN(pieces_of_all_sizes),
         RUN(random_streams))
