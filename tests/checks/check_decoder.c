/* SPDX-License-Identifier: MIT
 *
 * The push decoder's states: a verdict sticks, a reset makes as good as new, a document is taken
 * once and outlives its decoder, wrong calls are told and change nothing; borrowing, trailing data.
 */
#define _POSIX_C_SOURCE 200809L

#include <string.h>

#include "support.h"

static spk_report report_of(const spk_decoder *decoder) {
    spk_report report = SPK_REPORT_INIT;
    (void)spk_decoder_report(decoder, &report);
    return report;
}

/* ---- states ---- */

static void states_of_acceptance(void) {
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        spk_decoder *decoder = spk_decoder_new((spk_mode)mode, NULL, NULL);
        REQUIRE(decoder);
        CHECK_U64(report_of(decoder).status, SPK_MORE);
        CHECK_U64(spk_decoder_feed(decoder, NULL, 0), SPK_MORE);
        CHECK_U64(spk_decoder_feed(decoder, "](N", 3), SPK_MORE);
        CHECK(!spk_decoder_take(decoder));
        CHECK_U64(spk_decoder_feed(decoder, "e.", 2), SPK_MORE); /* what follows is not known yet */
        CHECK(report_of(decoder).status == SPK_MORE && report_of(decoder).consumed == 5 &&
              report_of(decoder).input_bytes == 5);
        CHECK(!spk_decoder_take(decoder));
        CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
        CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
        CHECK_U64(spk_decoder_feed(decoder, "", 0), SPK_OK);
        CHECK_U64(report_of(decoder).status, SPK_OK);
        CHECK(report_of(decoder).input_bytes == 5);
        spk_document *document = spk_decoder_take(decoder);
        CHECK((document != NULL) == (mode == SPK_MODE_DECODE));
        CHECK(!spk_decoder_take(decoder));
        spk_decoder_free(decoder);
        CHECK(!document || strcmp(exact_text(document), "#0[None]") == 0);
        spk_document_free(document);
    }
    COVERED(2);
}

/* A refusal stays for good: whatever comes then is legal, changes nothing and costs no memory. */
static void a_refusal_sticks(void) {
    static const struct input refused[] = {
        {(const uint8_t *)"]NR", 3},
        {(const uint8_t *)"N.N", 3},
        {(const uint8_t *)"cos\nsystem\n", 11},
        {(const uint8_t *)"\x80\7N.", 4},
        {(const uint8_t *)"PK\3\4", 4},
        {(const uint8_t *)"\x80\2I1x", 5},
        {(const uint8_t *)"\x80\2h\1", 4},
        {(const uint8_t *)"\x1f\x8b\7\0", 4},
    };
    uint8_t more[5000];
    memset(more, 'N', sizeof more);
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
            spk_decoder *decoder = spk_decoder_new((spk_mode)mode, NULL, NULL);
            REQUIRE(decoder);
            (void)spk_decoder_feed(decoder, refused[i].data, refused[i].size);
            memset(more, 0xff, 40);
            (void)spk_decoder_feed(decoder, more, 40); /* settles what it might have been else */
            memset(more, 'N', sizeof more);
            spk_report first = report_of(decoder);
            size_t held = spk_decoder_memory(decoder, NULL);
            CHECK(first.code != 0 && first.status >= SPK_UNSAFE && first.status <= SPK_POLICY);
            for (int times = 0; times < 10; times++) {
                CHECK_U64(spk_decoder_feed(decoder, more, sizeof more), first.status);
            }
            CHECK_U64(spk_decoder_finish(decoder), first.status);
            CHECK_U64(spk_decoder_feed(decoder, more, 1), first.status);
            spk_report last = report_of(decoder);
            CHECK(same_report(&first, &last) && spk_decoder_memory(decoder, NULL) == held);
            CHECK(!spk_decoder_take(decoder));
            spk_decoder_free(decoder);
        }
    }
    COVERED(2 * sizeof refused / sizeof refused[0]);
}

/* A document that nobody took leaves its memory to the next one; what was taken stays as it is. */
static void documents_follow_each_other(void) {
    struct meter meter = {0};
    spk_decoder *decoder = metered_decoder(SPK_MODE_DECODE, &meter);
    REQUIRE(decoder);
    spk_document *taken = NULL;
    uint64_t requests = 0;
    for (char byte = 'a'; byte <= 'z'; byte++) {
        char pickle[] = {']', '(', 'U', 2, byte, byte, 'K', byte, 'e', '.'};
        (void)spk_decoder_feed(decoder, pickle, sizeof pickle);
        CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
        CHECK(byte <= 'b' || byte == 'n' || meter.requests == requests);
        if (byte == 'm') {
            taken = spk_decoder_take(decoder);
        }
        requests = meter.requests;
        spk_decoder_reset(decoder);
        CHECK_U64(spk_decoder_memory(decoder, NULL) + spk_document_memory(taken), meter.live);
    }
    REQUIRE(taken);
    CHECK(strcmp(exact_text(taken), "#0['mm', i6d]") == 0);
    spk_decoder_free(decoder);
    spk_document_free(taken);
    CHECK(meter.live == 0 && meter.errors == 0);
    COVERED(26);
}

/* The keys of one dict stand where those of the next will: nothing may be known of them any more.
 */
static void keys_of_one_document_are_forgotten(void) {
    static const char *const pickles[] = {"}(U\1aK\1U\1bK\2u.", "}(U\1aK\1U\1aK\2u."};
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_DECODE, NULL, NULL);
    REQUIRE(decoder);
    for (int i = 0; i < 2; i++) {
        (void)spk_decoder_feed(decoder, pickles[i], strlen(pickles[i]));
        CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
        if (i == 0) {
            spk_decoder_reset(decoder);
        }
    }
    spk_document *document = spk_decoder_take(decoder);
    REQUIRE(document);
    CHECK_STR(exact_text(document), "#0{'a': i2}");
    spk_document_free(document);
    spk_decoder_free(decoder);
}

static void refused_at_the_end(void) {
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_DECODE, NULL, NULL);
    REQUIRE(decoder);
    CHECK_U64(spk_decoder_feed(decoder, "](", 2), SPK_MORE);
    CHECK_U64(spk_decoder_finish(decoder), SPK_MALFORMED);
    CHECK_U64(report_of(decoder).code, REASON_TRUNCATED);
    CHECK_U64(spk_decoder_feed(decoder, "e.", 2), SPK_MALFORMED);
    CHECK_U64(spk_decoder_finish(decoder), SPK_MALFORMED);
    CHECK_U64(report_of(decoder).offset, 2);
    spk_decoder_free(decoder);
}

/* ---- wrong calls ---- */

static void wrong_calls(void) {
    spk_report report = SPK_REPORT_INIT;
    spk_options options = SPK_OPTIONS_INIT;
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
    REQUIRE(decoder);
    CHECK_U64(spk_decoder_feed(NULL, "N", 1), SPK_MISUSE);
    CHECK_U64(spk_decoder_feed(decoder, NULL, 1), SPK_MISUSE);
    CHECK_U64(spk_decoder_finish(decoder), SPK_MISUSE);
    spk_decoder_free(decoder);
    CHECK_U64(spk_decoder_finish(NULL), SPK_MISUSE);
    CHECK_U64(spk_decoder_report(NULL, &report), SPK_MISUSE);
    CHECK(!spk_decoder_take(NULL));
    spk_decoder_reset(NULL);
    spk_decoder_free(NULL);
    CHECK(!spk_decoder_new((spk_mode)2, NULL, &report) && report.status == SPK_MISUSE &&
          report.code == 0);
    CHECK_STR(report.name, "misuse");
    options.encoding = (spk_encoding)9;
    CHECK(!spk_decoder_new(SPK_MODE_CHECK, &options, NULL));
    CHECK_U64(spk_check("N.", 2, &options, NULL), SPK_MISUSE);
    report = (spk_report)SPK_REPORT_INIT;
    CHECK(!spk_decode("N.", 2, &options, &report) && report.status == SPK_MISUSE);
    CHECK_U64(spk_check(NULL, 1, NULL, &report), SPK_MISUSE);
    CHECK_U64(report.status, SPK_MISUSE);
    CHECK(!spk_decode_borrowing(NULL, 1, NULL, NULL));
    CHECK_U64(spk_check(NULL, 0, NULL, NULL), SPK_MALFORMED);
    CHECK(!spk_decode_borrowing(NULL, 0, NULL, &report) && report.code == REASON_EMPTY);
    COVERED(14);
}

static void no_memory_for_a_decoder(void) {
    struct meter meter = {0};
    spk_options options = SPK_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    options.allocator = meter_allocator(&meter);
    meter.fail_at = 1;
    CHECK(!spk_decoder_new(SPK_MODE_CHECK, &options, &report) && report.status == SPK_NO_MEMORY);
    CHECK_STR(report.name, "no-memory");
    options.max_alloc = 100;
    CHECK(!spk_decoder_new(SPK_MODE_DECODE, &options, &report) &&
          report.code == REASON_LIMIT_ALLOC && report.limit == 100);
    CHECK_U64(spk_check("N.", 2, &options, NULL), SPK_LIMIT);
    CHECK_U64(meter.live, 0);
}

/* Callers built against an older header: what their structs do not have is neither read nor
 * written. */
static void structs_of_other_sizes(void) {
    struct {
        size_t size;
        uint8_t bytes[sizeof(spk_options)];
    } options = {offsetof(spk_options, max_unpacked), {0}};
    union {
        spk_report report;
        uint8_t bytes[sizeof(spk_report)];
    } small;
    uint64_t max_input = 3;
    memset(options.bytes, 0, sizeof options.bytes);
    memcpy((uint8_t *)&options + offsetof(spk_options, max_input), &max_input, sizeof max_input);
    memset((uint8_t *)&options + offsetof(spk_options, max_unpacked), 1,
           sizeof options - offsetof(spk_options, max_unpacked));
    memset(&small, 0x77, sizeof small);
    small.report.size = offsetof(spk_report, offset);
    const spk_options *older = (const spk_options *)(const void *)&options;
    CHECK_U64(spk_check("](e.", 4, older, &small.report), SPK_LIMIT);
    CHECK(small.report.size == offsetof(spk_report, offset) &&
          small.report.code == REASON_LIMIT_INPUT);
    CHECK(small.bytes[offsetof(spk_report, offset)] == 0x77 &&
          small.bytes[sizeof small - 1] == 0x77);
    CHECK_U64(spk_check("]a", 2, older, &small.report), SPK_MALFORMED);
    CHECK_STR(small.report.opcode, "APPEND");
    CHECK_U64(spk_check("N.", 2, older, NULL), SPK_OK);
    options.size = offsetof(spk_options, max_input) - 1;
    CHECK_U64(spk_check("N.", 2, older, &small.report), SPK_MISUSE);
    CHECK_U64(small.report.status, SPK_MISUSE);
}

/* ---- reset ---- */

static void as_good_as_new(void) {
    static const struct input inputs[] = {
#define CASE(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
        CASE("]q\0(K\1h\0e."),
        CASE("](K\1K\2"),
        CASE("h\0."),
        CASE("\x80\4\x95\xff\0\0\0\0\0\0\0N"),
        CASE("N."),
        CASE("(((((((N"),
        CASE("t."),
        CASE("X\xff\0\0\0abc"),
        CASE("C\2ab."),
        CASE("I123"),
        CASE("4\n."),
        CASE("\x1f"),
        CASE("\x8b."),
        CASE("cos\nsys"),
        CASE("\x8c\1a\x8c\1b"),
        CASE("\x93"),
        CASE("Vabc\\u00"),
        CASE("41\n."),
        CASE("P"),
        CASE("PK\3"),
        CASE("\4"),
        CASE("]q\1]q\0\x94"),
        CASE("]\x94\x94."),
        CASE("\x80\5N."),
        CASE("}(K\1K\2K\1K\3u."),
        CASE("model.pkl\0\0"),
        CASE(""),
        CASE(")\x85q\0h\0\x86."),
        CASE("]]]]aaa."),
        CASE("]q\0h\0a."),
        CASE("]q\0]q\1h\0aa."),
        CASE("]]a."),
#undef CASE
    };
    struct buffer packed = {NULL, 0, 0};
    struct dice dice = {51};
    uint64_t count = 0;
    buffer_gzip(&packed, INPUT("]q\0(K\1K\2e."));
    for (int kind = 0; kind < 4; kind++) {
        struct meter meter = {0};
        spk_options options = SPK_OPTIONS_INIT;
        options.allocator = meter_allocator(&meter);
        options.allow_cycles = kind >= 2;
        options.max_depth = kind >= 2 ? 2 : 0;
        spk_decoder *decoder =
            spk_decoder_new(kind % 2 ? SPK_MODE_DECODE : SPK_MODE_CHECK, &options, NULL);
        REQUIRE(decoder);
        for (int times = 0; times < 2000; times++, count++) {
            size_t which = (size_t)dice_below(&dice, sizeof inputs / sizeof inputs[0] + 2);
            struct input input =
                which < sizeof inputs / sizeof inputs[0] ? inputs[which] : buffer_input(&packed);
            input.size -= which > sizeof inputs / sizeof inputs[0] ? 9 : 0;
            spk_report expected = SPK_REPORT_INIT;
            (void)spk_check(input.data, input.size, &options, &expected);
            size_t cut = (size_t)dice_below(&dice, input.size + 1);
            (void)spk_decoder_feed(decoder, input.data, cut);
            if (dice_below(&dice, 4) > 0) { /* else it is left in the middle */
                (void)spk_decoder_feed(decoder, input.data + cut, input.size - cut);
                (void)spk_decoder_finish(decoder);
                spk_report report = report_of(decoder);
                CHECK_NOTE(same_report(&report, &expected), "input %zu: %s at %u", which,
                           report.name, (unsigned)report.offset);
                if (dice_below(&dice, 2) == 0) {
                    spk_document_free(spk_decoder_take(decoder));
                }
            }
            spk_decoder_reset(decoder);
            CHECK(spk_decoder_memory(decoder, NULL) == meter.live &&
                  report_of(decoder).status == SPK_MORE);
        }
        spk_decoder_free(decoder);
        CHECK(meter.live == 0 && meter.errors == 0);
    }
    COVERED(count);
    buffer_free(&packed);
}

/* Some memory is kept for the next input, but what one large input needed is not. */
static void memory_after_reset(void) {
    struct buffer pickle = {NULL, 0, 0};
    buffer_fill(&pickle, '(', 900);
    buffer_fill(&pickle, ')', 100000);
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        for (int small = 0; small < 2; small++) {
            struct meter meter = {0};
            spk_options options = SPK_OPTIONS_INIT;
            options.allocator = meter_allocator(&meter);
            options.max_alloc = small ? (1 << 20) - 1 : 1 << 30;
            spk_decoder *decoder = spk_decoder_new((spk_mode)mode, &options, NULL);
            REQUIRE(decoder);
            size_t fresh = meter.live;
            CHECK_U64(spk_decoder_feed(decoder, pickle.data, small ? 5000 : pickle.size), SPK_MORE);
            spk_decoder_reset(decoder);
            CHECK(meter.live >= fresh && meter.live <= fresh + (64 << 10));
            CHECK(!small || meter.live == fresh);
            CHECK_U64(spk_decoder_feed(decoder, "N.", 2), SPK_MORE);
            CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
            spk_decoder_free(decoder);
            CHECK_U64(meter.live, 0);
        }
    }
    COVERED(4);
    buffer_free(&pickle);
}

/* ---- trailing data ---- */

static void trailing_stop(void) {
    static const char pickles[] = "N.](K\1e.\x80\4K\7.garbage";
    static const size_t sizes[] = {2, 6, 5};
    spk_options options = SPK_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    options.trailing = SPK_TRAILING_STOP;
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        struct verdict verdict =
            judge((struct input){(const uint8_t *)pickles + at, sizeof pickles - 1 - at}, &options);
        CHECK(verdict.report.status == SPK_OK && verdict.report.consumed == sizes[i]);
        CHECK_STR(verdict.text, i == 0 ? "None" : i == 1 ? "#0[i1]" : "i7");
        at += sizes[i];
    }
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_DECODE, &options, NULL);
    REQUIRE(decoder);
    CHECK_U64(spk_decoder_feed(decoder, "](N", 3), SPK_MORE);
    CHECK_U64(spk_decoder_feed(decoder, "e.cos\nsystem\n", 13),
              SPK_OK); /* the verdict falls at STOP */
    CHECK_U64(spk_decoder_feed(decoder, "R", 1), SPK_OK);
    CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
    report = report_of(decoder);
    CHECK(report.consumed == 5 && report.opcodes == 5);
    spk_document *document = spk_decoder_take(decoder);
    CHECK_STR(exact_text(document), "#0[None]");
    spk_document_free(document);
    spk_decoder_free(decoder);
    REFUSES_INPUT(INPUT("NNR."), &options, CODE_CALL, 2, "");
    REFUSES_INPUT(INPUT("](N"), &options, TRUNCATED, 3, "");
    options.max_input = 2;
    ACCEPTS_INPUT(INPUT("N.N"), &options, "None"); /* what is not read is not counted */
    COVERED(7);
}

/* ---- borrowing ---- */

static bool lies_in(const void *p, const uint8_t *buffer, size_t size) {
    return (const uint8_t *)p >= buffer && (const uint8_t *)p <= buffer + size;
}

static void borrowed_values(void) {
    static const char pickle[] = "(\x8c\2abX\2\0\0\0ab\x8d\2\0\0\0\0\0\0\0ab"
                                 "C\2abB\2\0\0\0ab\x8e\2\0\0\0\0\0\0\0ab"
                                 "\x96\2\0\0\0\0\0\0\0abU\2abT\2\0\0\0abVab\nS'ab'\nt.";
    uint8_t buffer[sizeof pickle];
    struct buffer packed = {NULL, 0, 0};
    memcpy(buffer, pickle, sizeof buffer);
    spk_document *borrowing = spk_decode_borrowing(buffer, sizeof pickle - 1, NULL, NULL);
    spk_document *copying = spk_decode(buffer, sizeof pickle - 1, NULL, NULL);
    REQUIRE(borrowing && copying);
    for (int is_copy = 0; is_copy < 2; is_copy++) {
        const spk_value *root = spk_document_root(is_copy ? copying : borrowing);
        REQUIRE(spk_size(root) == 11);
        for (size_t i = 0; i < 11; i++) {
            const spk_value *value = spk_item(root, i);
            const char *text = NULL;
            const void *data = NULL;
            size_t size = 0;
            CHECK(spk_get_str(value, &text, &size) || spk_get_bytes(value, &data, &size));
            const void *p = text ? (const void *)text : data;
            CHECK(size == 2 && memcmp(p, "ab", 2) == 0);
            CHECK_NOTE(lies_in(p, buffer, sizeof buffer) == (!is_copy && i < 9),
                       "item %zu, copied %d", i, is_copy);
        }
    }
    buffer[3] = 'A';
    CHECK(memcmp(exact_text(borrowing), "#0('Ab'", 7) == 0);
    CHECK(memcmp(exact_text(copying), "#0('ab'", 7) == 0);
    spk_document_free(borrowing);
    spk_document_free(copying);
    if (spk_has_zlib()) {
        buffer_gzip(&packed, INPUT("\x8c\2ab."));
        spk_document *unpacked = spk_decode_borrowing(packed.data, packed.size, NULL, NULL);
        const char *text = NULL;
        size_t size = 0;
        CHECK(spk_get_str(spk_document_root(unpacked), &text, &size) &&
              !lies_in(text, packed.data, packed.size));
        spk_document_free(unpacked);
    }
    COVERED(22);
    buffer_free(&packed);
}

/* Under latin1 a str of ASCII is borrowed, and one that changes on its way is not. */
static void borrowed_latin1(void) {
    static const uint8_t buffer[] = "(U\2abU\2a\xe9T\2\0\0\0abT\2\0\0\0\xe9\xe9t.";
    spk_options options = SPK_OPTIONS_INIT;
    options.encoding = SPK_ENCODING_LATIN1;
    spk_document *document = spk_decode_borrowing(buffer, sizeof buffer - 1, &options, NULL);
    REQUIRE(document);
    for (size_t i = 0; i < 4; i++) {
        const char *text = NULL;
        size_t size = 0;
        CHECK(spk_get_str(spk_item(spk_document_root(document), i), &text, &size));
        CHECK(lies_in(text, buffer, sizeof buffer) == (i % 2 == 0) &&
              size == 2 + i / 2 * (i % 2) + (i % 2));
    }
    CHECK_STR(exact_text(document), "#0('ab', 'a\\xe9', 'ab', '\\xe9\\xe9')");
    spk_document_free(document);
    COVERED(4);
}

/* ---- the secret of the hash ---- */

static void secret_never_shows(void) {
    struct buffer pickle = {NULL, 0, 0};
    struct buffer first = {NULL, 0, 0};
    BUFFER_ADD(&pickle, "}(");
    for (unsigned i = 0; i < 300; i++) {
        buffer_print(&pickle, "Vk%u\n\x8f(I%u\nF%u\nVx%u\n\x90", i * 37 % 200, i, i, i);
    }
    BUFFER_ADD(&pickle, "u.");
    for (unsigned i = 0; i < 20; i++) {
        uint8_t key[16];
        spk_options options = SPK_OPTIONS_INIT;
        memset(key, (int)(i * 13), sizeof key);
        options.hash_key = i > 0 ? key : NULL;
        spk_decoder *decoder = spk_decoder_new(SPK_MODE_DECODE, &options, NULL);
        REQUIRE(decoder);
        memset(key, 0x5a, sizeof key); /* it was read by the call, and is not kept */
        CHECK_U64(spk_decoder_feed(decoder, pickle.data, pickle.size), SPK_MORE);
        CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
        spk_document *document = spk_decoder_take(decoder);
        const char *text = exact_text(document);
        if (i == 0) {
            buffer_bytes(&first, text, strlen(text) + 1);
        }
        CHECK_STR(text, (const char *)first.data);
        spk_document_free(document);
        spk_decoder_free(decoder);
    }
    COVERED(20);
    buffer_free(&pickle);
    buffer_free(&first);
}

static void version(void) {
    static const unsigned parts[] = {SPK_VERSION_MAJOR, SPK_VERSION_MINOR, SPK_VERSION_PATCH};
    char expected[64];
    struct text text = text_start(expected, sizeof expected);
    for (size_t i = 0; i < 3; i++) {
        text_put(&text, i > 0 ? "." : "");
        text_put_number(&text, parts[i]);
    }
    CHECK_STR(spk_version(), expected);
}

REGISTER(decoder, RUN(states_of_acceptance), RUN(a_refusal_sticks),
         RUN(documents_follow_each_other), RUN(keys_of_one_document_are_forgotten),
         RUN(refused_at_the_end), RUN(wrong_calls), RUN(no_memory_for_a_decoder),
         RUN(structs_of_other_sizes), RUN(as_good_as_new), RUN(memory_after_reset),
         RUN(trailing_stop), RUN(borrowed_values), RUN(borrowed_latin1), RUN(secret_never_shows),
         RUN(version))
