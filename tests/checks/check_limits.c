/* SPDX-License-Identifier: MIT
 *
 * Options and limits: defaults and ceilings; each limit refuses what is one above it, by its own
 * name, and accepts what is exactly at it; max_alloc is never exceeded, and a check never holds
 * more than a decode. */
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#include "base/facts.h"
#include "support.h"

/* ---- options ---- */

static void defaults(void) {
    static const struct {
        size_t at;
        uint64_t value;
    } wanted[] = {
#define DEFAULT(limit, value) {offsetof(spk_options, limit), value}
        DEFAULT(max_input, UINT64_C(4) << 30),
        DEFAULT(max_unpacked, UINT64_C(4) << 30),
        DEFAULT(max_ratio, 250),
        DEFAULT(max_depth, 1000),
        DEFAULT(max_memo, 67108864),
        DEFAULT(max_alloc, UINT64_C(1) << 30),
        DEFAULT(max_expansion, 1000000000),
        DEFAULT(max_int_bytes, 1048576),
        DEFAULT(max_key_depth, 100),
        DEFAULT(max_key_expansion, 65536),
#undef DEFAULT
    };
    spk_options options = SPK_OPTIONS_INIT;
    size_t count = 0;
    REQUIRE(spk_options_resolve(&options));
    for (const spk_limit *limit; (limit = spk_limit_at(count)) != NULL; count++) {
        uint64_t value = 0;
        memcpy(&value, (const uint8_t *)&options + limit->offset, sizeof value);
        CHECK_NOTE(count < sizeof wanted / sizeof wanted[0] && wanted[count].at == limit->offset &&
                       wanted[count].value == value,
                   "%s", limit->name);
    }
    CHECK_U64(count, sizeof wanted / sizeof wanted[0]);
    COVERED(count);
}

static void ceilings(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.max_key_depth = SPK_UNLIMITED;
    options.max_key_expansion = 65537;
    options.max_depth = FACTS_DEPTH_TOP;
    options.max_expansion = FACTS_EXPANSION_TOP;
    options.max_input = SPK_UNLIMITED;
    REQUIRE(spk_options_resolve(&options));
    CHECK_U64(options.max_key_depth, 100);
    CHECK_U64(options.max_key_expansion, 65536);
    CHECK_U64(options.max_depth, SPK_UNLIMITED);
    CHECK_U64(options.max_expansion, SPK_UNLIMITED);
    CHECK_U64(options.max_input, SPK_UNLIMITED);
    options.max_key_depth = 99;
    options.max_key_expansion = 1;
    options.max_depth = FACTS_DEPTH_TOP - 1;
    options.max_expansion = FACTS_EXPANSION_TOP - 1;
    REQUIRE(spk_options_resolve(&options));
    CHECK_U64(options.max_key_depth, 99);
    CHECK_U64(options.max_key_expansion, 1);
    CHECK_U64(options.max_depth, 1048574);
    CHECK_U64(options.max_expansion, UINT64_C(68719476734));
}

static void out_of_range(void) {
    spk_options changed[4];
    memset(changed, 0, sizeof changed); /* what lies between the members, too, for it is compared */
    for (size_t i = 0; i < 4; i++) {
        changed[i].size = sizeof changed[i];
    }
    changed[0].gzip = (spk_gzip)3;
    changed[1].encoding = (spk_encoding)3;
    changed[2].trailing = (spk_trailing)2;
    changed[3].size = sizeof changed[3] - 1;
    for (size_t i = 0; i < 4; i++) {
        spk_options before;
        memcpy(&before, &changed[i], sizeof before);
        CHECK_NOTE(!spk_options_resolve(&changed[i]), "option %zu", i);
        CHECK(memcmp(&before, &changed[i], sizeof before) == 0);
    }
    CHECK(!spk_options_resolve(NULL));
    COVERED(5);
}

/* Options of callers built against another header: what is missing keeps its default; half a field
 * is a mistake, and what is unknown must not be set. */
static void options_of_other_sizes(void) {
    uint8_t room[sizeof(spk_options) + 64];
    spk_options taken;
    uint64_t inputs = 0;
    memset(room, 0, sizeof room);
    spk_options *options = (spk_options *)(void *)room;
    *options = (spk_options)SPK_OPTIONS_INIT;
    options->max_input = 11;
    options->max_depth = 22;
    options->max_key_expansion = 33;
    for (size_t size = 0; size < sizeof room; size++, inputs++) {
        options->size = size;
        bool is_whole = (size - offsetof(spk_options, max_input)) % 8 == 0 ||
                        size == sizeof(spk_options); /* which ends in a pointer */
        bool is_good = size >= offsetof(spk_options, max_input) && is_whole;
        const char *wrong = limits_take(&taken, options);
        CHECK_NOTE((wrong == NULL) == is_good, "options of %zu bytes", size);
        if (!is_good) {
            CHECK(wrong && strncmp(wrong, "options.size ", 13) == 0);
            continue;
        }
        CHECK_U64(taken.size, sizeof taken);
        CHECK_U64(taken.max_input,
                  size > offsetof(spk_options, max_input) ? 11 : UINT64_C(4) << 30);
        CHECK_U64(taken.max_depth, size > offsetof(spk_options, max_depth) ? 22 : 1000);
        CHECK_U64(taken.max_key_expansion,
                  size > offsetof(spk_options, max_key_expansion) ? 33 : 65536);
    }
    CHECK(!limits_take(&taken, NULL) && taken.max_depth == 1000);
    size_t longest = sizeof room - (sizeof room - offsetof(spk_options, max_input)) % 8;
    options->size = longest;
    for (size_t at = sizeof *options; at < longest; at++, inputs++) {
        room[at] = 1;
        const char *wrong = limits_take(&taken, options);
        CHECK(wrong && strstr(wrong, "does not know"));
        CHECK(!spk_options_resolve(options));
        options->size = at - (at - offsetof(spk_options, max_input)) % 8;
        if (options->size < sizeof *options) {
            options->size = sizeof *options;
        } /* behind what is told, it is not looked at */
        CHECK(!limits_take(&taken, options) && spk_options_resolve(options));
        options->size = longest;
        room[at] = 0;
    }
    options->size = SIZE_MAX;
    CHECK(limits_take(&taken, options) && !spk_options_resolve(options));
    COVERED(inputs);
}

/* The same for writing. */
static void encode_options_of_other_sizes(void) {
    uint8_t room[sizeof(spk_encode_options) + 64];
    spk_encode_options taken;
    memset(room, 0, sizeof room);
    spk_encode_options *options = (spk_encode_options *)(void *)room;
    for (size_t size = 0; size < sizeof room; size++) {
        options->size = size;
        options->max_depth = 22;
        bool is_whole = (size - offsetof(spk_encode_options, max_output)) % 8 == 0;
        bool is_good = size >= offsetof(spk_encode_options, max_output) && is_whole;
        CHECK_NOTE(!limits_take_encode(&taken, options) == is_good, "options of %zu bytes", size);
        CHECK(!is_good ||
              taken.max_depth == (size > offsetof(spk_encode_options, max_depth) ? 22 : 1000));
    }
    room[sizeof room - 1] = 1;
    options->size = sizeof room;
    CHECK(limits_take_encode(&taken, options) != NULL);
    COVERED(sizeof room + 1);
}

/* ---- one above, exactly at ---- */

/* A pickle that needs exactly so much of something. */
struct boundary {
    size_t limit_at; /* offset in spk_options */
    enum reason reason;
    uint64_t needs;
    uint64_t refused_at; /* offset of the refusal when the limit is one lower */
    const char *text; /* of the value */
    struct input pickle;
};

#define BOUNDARY(limit, reason, needs, at, text, literal) \
    {offsetof(spk_options, limit), \
     REASON_##reason, \
     needs, \
     at, \
     text, \
     {(const uint8_t *)(literal), sizeof(literal) - 1}}

static const struct boundary boundaries[] = {
    BOUNDARY(max_input, LIMIT_INPUT, 5, 4, "#0[None]", "](Ne."),
    BOUNDARY(max_input, LIMIT_INPUT, 6, 5, "b'abc'", "C\3abc."),
    BOUNDARY(max_unpacked, LIMIT_UNPACKED, 5, 4, "#0[None]", "](Ne."),
    BOUNDARY(max_unpacked, LIMIT_UNPACKED, 5, 4, "ic", "I12\n."),
    BOUNDARY(max_depth, LIMIT_DEPTH, 3, 4, "#0[#1[#2[]]]", "]]]aa."),
    BOUNDARY(max_depth, LIMIT_DEPTH, 3, 2, "#0(#1(#2()))", ")\x85\x85."),
    BOUNDARY(max_depth, LIMIT_DEPTH, 2, 2, "None", "(((111N."),
    BOUNDARY(max_depth, LIMIT_DEPTH, 2, 3, "#0{None: #1[]}", "}N]s."),
    BOUNDARY(max_depth, LIMIT_DEPTH, 2, 3, "#0{#1(): None}", "})Ns."),
    BOUNDARY(max_depth, LIMIT_DEPTH, 2, 2, "#0F{#1()}", "()\x91."),
    BOUNDARY(max_depth, LIMIT_DEPTH, 2, 3, "#0S{#1()}", "\x8f()\x90."),
    BOUNDARY(max_memo, LIMIT_MEMO, 2, 4, "#0[#1[]]", "]q\0]q\1a."),
    BOUNDARY(max_memo, LIMIT_MEMO, 2, 3, "#0[#1[]]",
             "]\x94]\x94"
             "a."),
    BOUNDARY(max_expansion, LIMIT_EXPANSION, 4, 3, "#0(None, None, None)", "NNN\x87."),
    BOUNDARY(max_expansion, LIMIT_EXPANSION, 4, 5, "#0[None, None, None]", "](NNNe."),
    BOUNDARY(max_expansion, LIMIT_EXPANSION, 3, 4, "#0{i1: None}", "}K\1Ns."),
    BOUNDARY(max_expansion, LIMIT_EXPANSION, 7, 7, "#0(#1(None, None), @1)", "NN\x86q\0h\0\x86."),
    BOUNDARY(max_expansion, LIMIT_EXPANSION, 10, 9, "#0(#1(None, None), @1, @1)",
             "NN\x86q\0h\0h\0\x87."),
    BOUNDARY(max_expansion, LIMIT_EXPANSION, 6, 7, "#0[#1[], #2[], #3[], None, #4[]]", "](]]]N]e."),
    BOUNDARY(max_expansion, LIMIT_EXPANSION, 10, 11,
             "#0[#1(None, None), #2(None, None), #3(None, None)]",
             "](NN\x86NN\x86NN\x86"
             "e."),
    BOUNDARY(max_int_bytes, LIMIT_INT, 3, 0, "i30201", "\x8a\3\1\2\3."),
    BOUNDARY(max_int_bytes, LIMIT_INT, 3, 0, "i30201", "\x8b\3\0\0\0\1\2\3."),
    BOUNDARY(max_key_depth, LIMIT_KEY_DEPTH, 2, 4, "#0{#1(#2()): None}", "})\x85Ns."),
    BOUNDARY(max_key_depth, LIMIT_KEY_DEPTH, 2, 4, "#0{#1(#2()): None}",
             "()\x85N"
             "d."),
    BOUNDARY(max_key_depth, LIMIT_KEY_DEPTH, 2, 10, "#0{i1: #1(#2()), #3(#4()): i2}",
             "}(K\1)\x85)\x85K\2u."),
    BOUNDARY(max_key_depth, LIMIT_KEY_DEPTH, 2, 12, "#0{i1: #1(#2()), @1: i2}",
             "}(K\1)\x85q\0h\0K\2u."),
    BOUNDARY(max_key_depth, LIMIT_KEY_DEPTH, 2, 5, "#0S{#1(#2F{})}", "\x8f((\x91\x85\x90."),
    BOUNDARY(max_key_depth, LIMIT_KEY_DEPTH, 2, 3, "#0F{#1(#2())}", "()\x85\x91."),
    BOUNDARY(max_key_expansion, LIMIT_KEY_EXPANSION, 3, 8, "#0{#1(i1, i2): i3}",
             "}K\1K\2\x86K\3s."),
    BOUNDARY(max_key_expansion, LIMIT_KEY_EXPANSION, 3, 6, "#0F{#1(i1, i2)}", "(K\1K\2\x86\x91."),
};

static spk_options with_limit(size_t at, uint64_t value) {
    spk_options options = SPK_OPTIONS_INIT;
    memcpy((uint8_t *)&options + at, &value, sizeof value);
    return options;
}

static void boundary_of_each_limit(void) {
    for (size_t i = 0; i < sizeof boundaries / sizeof boundaries[0]; i++) {
        const struct boundary *b = &boundaries[i];
        spk_options options = with_limit(b->limit_at, b->needs);
        ACCEPTS_INPUT(b->pickle, &options, b->text);
        options = with_limit(b->limit_at, SPK_UNLIMITED);
        ACCEPTS_INPUT(b->pickle, &options, b->text);
        options = with_limit(b->limit_at, b->needs - 1);
        struct verdict verdict = judge(b->pickle, &options);
        char detail[32];
        struct text text = text_start(detail, sizeof detail);
        text_put(&text, "(");
        text_put_number(&text, b->needs - 1);
        text_put(&text, ")");
        CHECK_NOTE(
            verdict.report.code == (unsigned)b->reason && verdict.report.offset == b->refused_at,
            "boundary %zu: %s at %u", i, verdict.report.name, (unsigned)verdict.report.offset);
        CHECK_U64(verdict.report.limit, b->needs - 1);
        CHECK_STR(verdict.report.detail, detail);
    }
    COVERED(sizeof boundaries / sizeof boundaries[0]);
}

/* Two limits count what a few bytes cannot tell: max_alloc has a check of its own below, max_ratio
 * one in check_gunzip.c. */
static bool is_tried_elsewhere(const spk_limit *limit) {
    return limit->offset == offsetof(spk_options, max_alloc) ||
           limit->offset == offsetof(spk_options, max_ratio);
}

static void each_limit_has_a_boundary(void) {
    size_t count = 0;
    for (const spk_limit *limit; (limit = spk_limit_at(count)) != NULL; count++) {
        size_t found = 0;
        for (size_t i = 0; i < sizeof boundaries / sizeof boundaries[0]; i++) {
            found += boundaries[i].limit_at == limit->offset &&
                     (unsigned)boundaries[i].reason == limit->code;
        }
        CHECK_NOTE((found > 0) != is_tried_elsewhere(limit), "%zu boundaries of %s", found,
                   limit->name);
    }
    COVERED(count);
}

/* A claim over a limit is not believed: the input may end before.  Only when so much has come it is
 * refused, at the opcode that claimed it, and nothing of it was kept. */
static void claims_beyond_the_input(void) {
    static const struct input claims[] = {
#define CLAIM(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
        CLAIM("NX\xff\xff\xff\xff"),
        CLAIM("NB\xff\xff\xff\xff"),
        CLAIM("NT\xff\xff\xff\x7f"),
        CLAIM("N\x8b\xff\xff\xff\x7f"),
        CLAIM("N\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"),
        CLAIM("N\x8e\xff\xff\xff\xff\xff\xff\xff\x7f"),
        CLAIM("N\x96\xff\xff\xff\xff\xff\xff\xff\x7f"),
#undef CLAIM
    };
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        for (size_t come = 0; come < 3000; come = come * 2 + 1) {
            struct buffer pickle = {NULL, 0, 0};
            buffer_bytes(&pickle, claims[i].data, claims[i].size);
            buffer_fill(&pickle, 'x', come);
            REFUSES_INPUT(buffer_input(&pickle), NULL, TRUNCATED, 1, "");
            for (int input = 0; input < 2; input++) {
                spk_options options = SPK_OPTIONS_INIT;
                *(input ? &options.max_input : &options.max_unpacked) = pickle.size;
                REFUSES_INPUT(buffer_input(&pickle), &options, TRUNCATED, 1, "");
                *(input ? &options.max_input : &options.max_unpacked) = pickle.size - 1;
                if (input && come > 0) {
                    REFUSES_INPUT(buffer_input(&pickle), &options, LIMIT_INPUT, 1, NULL);
                } else if (come > 0) {
                    REFUSES_INPUT(buffer_input(&pickle), &options, LIMIT_UNPACKED, 1, NULL);
                }
            }
            buffer_free(&pickle);
        }
    }
    spk_options options = with_limit(offsetof(spk_options, max_int_bytes), 3);
    REFUSES_INPUT(INPUT("N\x8b\4\0\0\0\1\2\3"), &options, TRUNCATED, 1, "");
    REFUSES_INPUT(INPUT("N\x8b\4\0\0\0\1\2\3\4"), &options, LIMIT_INT, 1, "(3)");
    REFUSES_INPUT(INPUT("N\x8a\4\1\2\3\4"), &options, LIMIT_INT, 1, "(3)");
    options = with_limit(offsetof(spk_options, max_input), 10);
    REFUSES_INPUT(INPUT("\x95\x02\0\0\0\0\0\0\0N"), &options, TRUNCATED, 10, "");
    REFUSES_INPUT(INPUT("\x95\x02\0\0\0\0\0\0\0N."), &options, LIMIT_INPUT, 10, "(10)");
    options.max_input = 0;
    REFUSES_INPUT(INPUT("\x8d\0\0\0\0\0\0\0\x80"), &options, BAD_LENGTH, 0, "");
    REFUSES_INPUT(INPUT("\x95\0\0\0\0\0\0\0\x80"), &options, BAD_LENGTH, 0, "");
    COVERED(7 + sizeof claims / sizeof claims[0]);
}

/* Both limits hold for input that is not gzipped; the name is that of the lower one. */
static void input_and_unpacked(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.max_input = 2;
    options.max_unpacked = 3;
    REFUSES_INPUT(INPUT("](e."), &options, LIMIT_INPUT, 2, "(2)");
    options.max_unpacked = 1;
    REFUSES_INPUT(INPUT("](e."), &options, LIMIT_UNPACKED, 1, "(1)");
    COVERED(2);
}

/* The limit on depth also holds where the order of the links hides it from the stack. */
static void depth_by_the_memo(void) {
    spk_options options = with_limit(offsetof(spk_options, max_depth), 3);
    ACCEPTS_INPUT(INPUT("]q\0]q\1]q\2a0h\1a."), &options, "#0[#1[#2[]]]");
    REFUSES_INPUT(INPUT("]]q\1]q\2]q\3aaa."), &options, LIMIT_DEPTH, 12, "(3)");
    REFUSES_INPUT(INPUT("]q\0]]]aa0h\0h\0\x86\x85\x85\x85."), &options, LIMIT_DEPTH, 15, "(3)");
    COVERED(3);
}

/* So many levels, of lists or of a key. */
static spk_report levels(size_t lists, size_t tuples) {
    struct buffer pickle = {NULL, 0, 0};
    if (tuples > 0) {
        BUFFER_ADD(&pickle, "})");
        buffer_fill(&pickle, 0x85, tuples - 1);
        BUFFER_ADD(&pickle, "Ns.");
    } else {
        buffer_fill(&pickle, ']', lists);
        buffer_fill(&pickle, 'a', lists - 1);
        BUFFER_ADD(&pickle, ".");
    }
    spk_report report = judge(buffer_input(&pickle), NULL).report;
    buffer_free(&pickle);
    return report;
}

static void boundary_of_the_defaults(void) {
    CHECK(levels(1000, 0).status == SPK_OK && levels(1000, 0).max_depth == 1000);
    CHECK_U64(levels(1001, 0).code, REASON_LIMIT_DEPTH);
    CHECK(levels(0, 100).status == SPK_OK && levels(0, 100).max_depth == 101);
    CHECK(levels(0, 101).code == REASON_LIMIT_KEY_DEPTH && levels(0, 101).limit == 100);
    COVERED(4);
}

/* ---- max_alloc ---- */

static void build_mixed(struct buffer *out) {
    BUFFER_ADD(out, "](");
    for (unsigned i = 0; i < 300; i++) {
        BUFFER_ADD(out, "]\x94X\x05\0\0\0hello\x94\x86}(");
        for (unsigned j = 0; j < 20; j++) {
            buffer_byte(out, 'M');
            buffer_byte(out, j);
            buffer_byte(out, i & 255);
            BUFFER_ADD(out, "K\x07K\x08\x86");
        }
        BUFFER_ADD(out, "u\x86");
    }
    BUFFER_ADD(out, "e.");
}

static uint64_t peak_of(spk_mode mode, struct input input, uint64_t max_alloc, spk_report *report) {
    struct meter meter = {0};
    spk_options options = with_limit(offsetof(spk_options, max_alloc), max_alloc);
    options.allocator = meter_allocator(&meter);
    if (mode == SPK_MODE_CHECK) {
        (void)spk_check(input.data, input.size, &options, report);
    } else {
        spk_document_free(spk_decode(input.data, input.size, &options, report));
    }
    CHECK_NOTE(meter.peak <= max_alloc, "%zu bytes held, %u allowed", meter.peak,
               (unsigned)max_alloc);
    CHECK(meter.live == 0 && meter.errors == 0);
    return meter.peak;
}

static void alloc_is_never_exceeded(struct input input) {
    spk_report report = SPK_REPORT_INIT;
    uint64_t needs[2] = {peak_of(SPK_MODE_CHECK, input, SPK_UNLIMITED, &report),
                         peak_of(SPK_MODE_DECODE, input, SPK_UNLIMITED, &report)};
    CHECK(needs[SPK_MODE_CHECK] <= needs[SPK_MODE_DECODE]);
    for (uint64_t limit = 1; limit < needs[1] + 2000; limit += 1 + limit / 40) {
        spk_report check = SPK_REPORT_INIT;
        spk_report decode = SPK_REPORT_INIT;
        uint64_t held = peak_of(SPK_MODE_CHECK, input, limit, &check);
        CHECK(held <= peak_of(SPK_MODE_DECODE, input, limit, &decode) || decode.status != SPK_OK);
        CHECK(check.status == SPK_OK || (check.code == REASON_LIMIT_ALLOC && check.limit == limit));
        CHECK(decode.status == SPK_OK ||
              (decode.code == REASON_LIMIT_ALLOC && decode.limit == limit));
        CHECK_NOTE(check.status == SPK_OK || decode.status != SPK_OK, "%u", (unsigned)limit);
        COVERED(1);
    }
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        CHECK(peak_of((spk_mode)mode, input, needs[mode], &report) == needs[mode] &&
              report.status == SPK_OK);
        (void)peak_of((spk_mode)mode, input, needs[mode] - 1, &report);
        CHECK_U64(report.code, REASON_LIMIT_ALLOC);
    }
}

static void max_alloc(void) {
    struct buffer mixed = {NULL, 0, 0};
    struct buffer packed = {NULL, 0, 0};
    build_mixed(&mixed);
    ACCEPTS_INPUT(INPUT("](NNe."), NULL, "#0[None, None]");
    alloc_is_never_exceeded(buffer_input(&mixed));
    alloc_is_never_exceeded(INPUT("N."));
    if (spk_has_zlib()) {
        buffer_gzip(&packed, buffer_input(&mixed));
        alloc_is_never_exceeded(buffer_input(&packed));
    }
    buffer_free(&mixed);
    buffer_free(&packed);
}

/* What the decoder says it holds is what the allocator has given; a document that was taken is the
 * caller's. */
static void memory_is_told(void) {
    struct buffer mixed = {NULL, 0, 0};
    struct meter meter = {0};
    spk_options options = SPK_OPTIONS_INIT;
    size_t peak = 1;
    build_mixed(&mixed);
    options.allocator = meter_allocator(&meter);
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_DECODE, &options, NULL);
    REQUIRE(decoder);
    for (size_t i = 0; i < mixed.size; i++) {
        (void)spk_decoder_feed(decoder, mixed.data + i, 1);
        CHECK(spk_decoder_memory(decoder, &peak) == meter.live && peak == meter.peak);
    }
    CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
    CHECK_U64(spk_decoder_memory(decoder, NULL), meter.live);
    size_t together = meter.live;
    spk_document *document = spk_decoder_take(decoder);
    CHECK_U64(spk_decoder_memory(decoder, NULL) + spk_document_memory(document), together);
    spk_decoder_free(decoder);
    CHECK_U64(spk_document_memory(document), meter.live);
    spk_document_free(document);
    CHECK_U64(meter.live, 0);
    CHECK_U64(spk_document_memory(NULL), 0);
    CHECK(spk_decoder_memory(NULL, &peak) == 0 && peak == 0);
    COVERED(mixed.size);
    buffer_free(&mixed);
}

REGISTER(limits, RUN(defaults), RUN(ceilings), RUN(out_of_range), RUN(options_of_other_sizes),
         RUN(encode_options_of_other_sizes), RUN(boundary_of_each_limit),
         RUN(each_limit_has_a_boundary), RUN(claims_beyond_the_input), RUN(input_and_unpacked),
         RUN(depth_by_the_memo), RUN(boundary_of_the_defaults), RUN(max_alloc), RUN(memory_is_told))
