/* SPDX-License-Identifier: MIT
 *
 * The visitor: the order of events, what is shared met once, cycles, skipping and stopping at every
 * event, a million levels without recursion, and no memory at any moment. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

/* Events as letters: < > of a container, = for one met again, the first letter of an atom's type.
 */
struct trace {
    char text[512];
    size_t length;
    size_t stop_at; /* the event to stop at, from 1 */
    size_t skip_at; /* the event to skip at */
};

static spk_walk trace_event(void *context, spk_event event, const spk_value *value) {
    struct trace *trace = context;
    char letter = event == SPK_ENTER   ? '<'
                  : event == SPK_LEAVE ? '>'
                  : event == SPK_AGAIN ? '='
                                       : spk_type_name(spk_type_of(value))[0];
    if (trace->length + 1 < sizeof trace->text) {
        trace->text[trace->length++] = letter;
        trace->text[trace->length] = '\0';
    }
    if (trace->length == trace->stop_at) {
        return SPK_WALK_STOP;
    }
    return trace->length == trace->skip_at ? SPK_WALK_SKIP : SPK_WALK_ON;
}

static spk_document *decode(struct input input, spk_allocator allocator) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow_cycles = true;
    options.allocator = allocator;
    options.max_depth = options.max_alloc = SPK_UNLIMITED;
    return spk_decode(input.data, input.size, &options, NULL);
}

static void traces(struct input input, const char *expected) {
    struct meter meter = {0};
    spk_document *document = decode(input, meter_allocator(&meter));
    struct trace trace = {"", 0, 0, 0};
    REQUIRE(document);
    CHECK_U64(spk_visit(document, spk_document_root(document), trace_event, &trace), SPK_OK);
    CHECK_STR(trace.text, expected);
    spk_document_free(document);
    CHECK(meter.live == 0 && meter.errors == 0);
}

static void order_of_events(void) {
    traces(INPUT("K\1."), "i");
    traces(INPUT("]."), "<>");
    traces(INPUT(")."), "<>");
    traces(INPUT("](](K\1NeC\0e."), "<<iN>b>");
    traces(INPUT("}(K\1]K\2)u."), "<i<>i<>>");
    traces(INPUT("((K\1K\2\x91)\x85\x8c\1a\x96\0\0\0\0\0\0\0\0\x88t."), "<<ii><<>>sbb>");
    COVERED(6);
}

static void shared_containers(void) {
    traces(INPUT("](]q\1h\1h\1e."), "<<>==>");
    traces(INPUT("](]q\1(NNeh\1)q\2h\2h\1e."), "<<NN>=<>==>");
    traces(INPUT("](]q\1]q\2h\1h\2e."), "<<><>==>");
    traces(INPUT("](]q\1\x85h\1e."), "<<<>>=>");
    traces(INPUT("](\x8c\1aq\1h\1h\1e."), "<sss>"); /* atoms are met wherever they stand */
    COVERED(5);
}

static void cyclic_values(void) {
    traces(INPUT("]q\0h\0a."), "<=>");
    traces(INPUT("}q\0K\1h\0s."), "<i=>");
    traces(INPUT("]q\0h\0\x85q\1"
                 "a0h\1."),
           "<<=>>");
    traces(INPUT("]q\0]q\1h\0ah\1aa."), "<<==>>");
    COVERED(4);
}

/* Tens of thousands of shared containers: each entered once, and met again as often as it stands
 * there. */
struct tally {
    uint64_t entered;
    uint64_t again;
    uint64_t left;
    uint64_t deepest;
};

static spk_walk count_event(void *context, spk_event event, const spk_value *value) {
    struct tally *tally = context;
    (void)value;
    tally->entered += event == SPK_ENTER;
    tally->again += event == SPK_AGAIN;
    tally->left += event == SPK_LEAVE;
    uint64_t depth = tally->entered - tally->left;
    tally->deepest = depth > tally->deepest ? depth : tally->deepest;
    return SPK_WALK_ON;
}

static void many_shared_containers(void) {
    struct meter meter = {0};
    struct buffer pickle = {NULL, 0, 0};
    BUFFER_ADD(&pickle, "](");
    for (uint32_t i = 0; i < 30000; i++) {
        BUFFER_ADD(&pickle, "]\x94j");
        buffer_u32(&pickle, i);
        if (i % 3 == 0) {
            buffer_byte(&pickle, 'j');
            buffer_u32(&pickle, i / 2);
        }
    }
    BUFFER_ADD(&pickle, "e.");
    spk_document *document = decode(buffer_input(&pickle), meter_allocator(&meter));
    struct tally tally = {0, 0, 0, 0};
    REQUIRE(document);
    CHECK_U64(spk_visit(document, spk_document_root(document), count_event, &tally), SPK_OK);
    CHECK(tally.entered == 30001 && tally.again == 40000 && tally.left == 30001);
    spk_document_free(document);
    CHECK_U64(meter.live, 0);
    COVERED(70001);
    buffer_free(&pickle);
}

/* Values that would be 2^40 if they were expanded. */
static void exponential_values(void) {
    struct buffer pickle = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    struct tally tally = {0, 0, 0, 0};
    options.max_expansion = SPK_UNLIMITED;
    BUFFER_ADD(&pickle, ")\x94");
    for (unsigned i = 0; i < 40; i++) {
        BUFFER_ADD(&pickle, "h");
        buffer_byte(&pickle, i);
        BUFFER_ADD(&pickle, "\x86\x94");
    }
    BUFFER_ADD(&pickle, ".");
    spk_document *document = spk_decode(pickle.data, pickle.size, &options, NULL);
    REQUIRE(document);
    CHECK_U64(spk_visit(document, spk_document_root(document), count_event, &tally), SPK_OK);
    CHECK(tally.entered == 41 && tally.again == 40);
    spk_document_free(document);
    COVERED(1);
    buffer_free(&pickle);
}

static void a_million_levels(void) {
    static const struct input steps[] = {{(const uint8_t *)"\x85", 1}, {(const uint8_t *)"]", 1}};
    for (size_t kind = 0; kind < 2; kind++) {
        struct meter meter = {0};
        struct buffer pickle = {NULL, 0, 0};
        struct tally tally = {0, 0, 0, 0};
        BUFFER_ADD(&pickle, "]");
        buffer_repeat(&pickle, steps[kind], 999999);
        buffer_fill(&pickle, 'a', kind == 1 ? 999999 : 0);
        BUFFER_ADD(&pickle, ".");
        spk_document *document = decode(buffer_input(&pickle), meter_allocator(&meter));
        REQUIRE(document);
        CHECK_U64(spk_visit(document, spk_document_root(document), count_event, &tally), SPK_OK);
        CHECK(tally.entered == 1000000 && tally.left == 1000000 && tally.deepest == 1000000);
        spk_document_free(document);
        CHECK(meter.live == 0 && meter.errors == 0);
        buffer_free(&pickle);
    }
    COVERED(2);
}

/* ---- skipping and stopping ---- */

static void skip_and_stop(void) {
    struct meter meter = {0};
    static const char whole[] = "<<iN>s<ss>=>";
    spk_document *document =
        decode(INPUT("]((K\1Ntq\1\x8c\1a}\x8c\1b\x8c\1csh\1e."), meter_allocator(&meter));
    const spk_value *root = spk_document_root(document);
    REQUIRE(document);
    struct trace trace = {"", 0, 0, 0};
    CHECK_U64(spk_visit(document, root, trace_event, &trace), SPK_OK);
    CHECK_STR(trace.text, whole);
    for (size_t at = 1; at <= sizeof whole - 1; at++) {
        trace = (struct trace){"", 0, at, 0};
        CHECK_U64(spk_visit(document, root, trace_event, &trace), SPK_OK);
        CHECK(trace.length == at && strncmp(trace.text, whole, at) == 0);
        trace = (struct trace){"", 0, 0, at};
        CHECK_U64(spk_visit(document, root, trace_event, &trace), SPK_OK);
        CHECK_STR(trace.text, at == 1   ? "<>"
                              : at == 2 ? "<<>s<ss>=>"
                              : at == 7 ? "<<iN>s<>=>"
                                        : whole);
    }
    trace = (struct trace){"", 0, 0, 0};
    CHECK_U64(spk_visit(document, spk_item(root, 2), trace_event, &trace), SPK_OK); /* of a part */
    CHECK_STR(trace.text, "<ss>");
    CHECK_U64(spk_visit(NULL, root, trace_event, &trace), SPK_MISUSE);
    CHECK_U64(spk_visit(document, NULL, trace_event, &trace), SPK_MISUSE);
    CHECK_U64(spk_visit(document, root, NULL, NULL), SPK_MISUSE);
    spk_document_free(document);
    CHECK(meter.live == 0 && meter.errors == 0);
    COVERED(2 * (sizeof whole - 1) + 4);
}

/* ---- memory ---- */

static void visit_without_memory(void) {
    struct meter meter = {0};
    struct buffer pickle = {NULL, 0, 0};
    uint64_t failed = 0;
    buffer_fill(&pickle, ']', 300);
    buffer_fill(&pickle, 'a', 299);
    BUFFER_ADD(&pickle, "(");
    for (uint32_t i = 0; i < 200; i++) {
        BUFFER_ADD(&pickle, "]\x94j");
        buffer_u32(&pickle, i);
    }
    BUFFER_ADD(&pickle, "e.");
    spk_document *document = decode(buffer_input(&pickle), meter_allocator(&meter));
    REQUIRE(document);
    size_t held = meter.live;
    for (bool done = false; !done; failed++) {
        for (int fails_on = 0; fails_on < 2; fails_on++) {
            struct tally tally = {0, 0, 0, 0};
            meter.fail_at = meter.requests + failed + 1;
            meter.fails_on = fails_on;
            meter.refusals = 0;
            spk_status status =
                spk_visit(document, spk_document_root(document), count_event, &tally);
            done = meter.refusals == 0;
            CHECK_U64(status, done ? SPK_OK : SPK_NO_MEMORY);
            CHECK(meter.live == held && (tally.entered == 500 || !done));
            meter.fail_at = 0;
        }
    }
    CHECK(failed > 5);
    spk_document_free(document);
    CHECK(meter.live == 0 && meter.errors == 0);
    COVERED(2 * failed);
    buffer_free(&pickle);
}

REGISTER(visit, RUN(order_of_events), RUN(shared_containers), RUN(cyclic_values),
         RUN(many_shared_containers), RUN(exponential_values), RUN(a_million_levels),
         RUN(skip_and_stop), RUN(visit_without_memory))
