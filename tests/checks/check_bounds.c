/* SPDX-License-Identifier: MIT
 *
 * Bounded memory and work, on a small scale: what an input claims costs nothing, memory is at most
 * a constant times the bytes received, and what is copied when blocks grow as well.  Bytes are
 * counted by the allocator; how much work an input makes is counted by
 * tests/scripts/test_growth.py. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

struct spent {
    spk_report report;
    size_t peak;
    uint64_t copied;
};

static struct spent cost_once(spk_mode mode, struct input input, const spk_options *options) {
    struct meter meter = {0};
    struct spent cost = {SPK_REPORT_INIT, 0, 0};
    spk_options metered = *options;
    metered.allocator = meter_allocator(&meter);
    if (mode == SPK_MODE_CHECK) {
        (void)spk_check(input.data, input.size, &metered, &cost.report);
    } else {
        spk_document_free(spk_decode(input.data, input.size, &metered, &cost.report));
    }
    cost.peak = meter.peak;
    cost.copied = meter.copied;
    CHECK(meter.live == 0 && meter.errors == 0);
    return cost;
}

/* ---- claims ---- */

static void claims_cost_nothing(void) {
    static const struct {
        struct input input;
        enum reason reason;
    } claims[] = {
#define CLAIM(literal, reason) {{(const uint8_t *)(literal), sizeof(literal) - 1}, REASON_##reason}
        CLAIM("\x8e\0\0\0\0\0\0\0\x40", TRUNCATED),
        CLAIM("\x8d\0\0\0\0\0\0\0\x40", TRUNCATED),
        CLAIM("\x96\0\0\0\0\0\0\0\x40", TRUNCATED),
        CLAIM("\x95\0\0\0\0\0\0\0\x40", TRUNCATED),
        CLAIM("\x8e\xff\xff\xff\xff\xff\xff\xff\xff", BAD_LENGTH),
        CLAIM("B\0\0\0\xff", TRUNCATED),
        CLAIM("X\0\0\0\xff", TRUNCATED),
        CLAIM("T\0\0\0\x7f", TRUNCATED),
        CLAIM("\x8b\0\0\0\x7f", TRUNCATED),
        CLAIM("Nr\0\0\0\x80", MEMO_INDEX),
        CLAIM("Nr\xff\xff\xff\xff", MEMO_INDEX),
        CLAIM("Np2147483648\n", MEMO_INDEX),
        CLAIM("Np9223372036854775807\n", MEMO_INDEX),
        CLAIM("j\xff\xff\xff\xff", MEMO_MISSING),
#undef CLAIM
    };
    spk_options options = SPK_OPTIONS_INIT;
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        size_t min = cost_once((spk_mode)mode, INPUT("N."), &options).peak;
        for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
            struct spent cost = cost_once((spk_mode)mode, claims[i].input, &options);
            CHECK_NOTE(cost.report.code == (unsigned)claims[i].reason && cost.peak < min + 100000,
                       "claim %zu: '%s', %zu bytes", i, cost.report.name, cost.peak);
        }
    }
    COVERED(2 * sizeof claims / sizeof claims[0]);
}

/* ---- floods ---- */

/* So many times the same bytes between a start and an end; what it may cost an input byte, in a
 * check and in a decode: somewhat more than it does. */
static const struct {
    const char *name;
    struct input start;
    struct input unit;
    struct input end;
    bool needs_cycles;
    unsigned bytes_max[2];
} floods[] = {
#define PART(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
    {"MARK", PART(""), PART("("), PART(""), false, {17, 17}},
    {"EMPTY_LIST", PART("("), PART("]"), PART("t."), false, {17, 58}},
    {"EMPTY_DICT", PART("("), PART("}"), PART("t."), false, {17, 58}},
    {"EMPTY_SET", PART("("), PART("\x8f"), PART("l."), false, {17, 58}},
    {"EMPTY_TUPLE", PART("("), PART(")"), PART("l."), false, {17, 58}},
    {"FROZENSET", PART("("), PART("(\x91"), PART("l."), false, {9, 30}},
    {"NONE", PART("("), PART("N"), PART("t."), false, {17, 27}},
    {"POP", PART(""), PART("N0"), PART("N."), false, {1, 2}},
    {"POP_MARK", PART(""), PART("(NN1"), PART("N."), false, {1, 2}},
    {"nested TUPLE1", PART(")"), PART("\x85"), PART("."), false, {1, 41}},
    {"nested LIST", PART("]"), PART("\x85\x85"), PART("."), false, {1, 41}},
    {"APPEND", PART("]"), PART("Na"), PART("."), false, {1, 10}},
    {"APPENDS", PART("]"), PART("(NNe"), PART("."), false, {1, 10}},
    {"empty APPENDS", PART("]"), PART("(e"), PART("."), false, {2, 2}},
    {"SETITEM of one key", PART("}"), PART("NNs"), PART("."), false, {1, 12}},
    {"SETITEMS of one key", PART("}("), PART("NN"), PART("u."), false, {17, 25}},
    {"dict of one", PART("("), PART("}NNs"), PART("t."), false, {5, 22}},
    {"set of one", PART("("), PART("\x8f(N\x90"), PART("t."), false, {5, 18}},
    {"frozenset of one", PART("("), PART("(N\x91"), PART("t."), false, {7, 23}},
    {"list of one", PART("("), PART("]Na"), PART("t."), false, {7, 23}},
    {"MEMOIZE", PART("("), PART("]\x94"), PART("t."), false, {25, 38}},
    {"MEMOIZE of one",
     PART(""),
     PART("N\x94"
          "0"),
     PART("N."),
     false,
     {7, 7}},
    {"BINGET",
     PART("]\x94"
          "("),
     PART("h\0"),
     PART("e."),
     true,
     {17, 22}},
    {"BINGET into a tuple",
     PART("]\x94"
          "("),
     PART("h\0"),
     PART("t\x86."),
     false,
     {9, 14}},
    {"short str", PART("("), PART("\x8c\0"), PART("t."), false, {9, 16}},
    {"short bytes", PART("("), PART("C\1x"), PART("t."), false, {7, 11}},
    {"BINFLOAT of a rare NaN",
     PART("("),
     PART("G\xff\xff\xff\xff\xff\xff\xff\xff"),
     PART("t."),
     false,
     {3, 6}},
    {"INT", PART("("), PART("I1\n"), PART("t."), false, {7, 10}},
    {"LONG1 of nine bytes",
     PART("("),
     PART("\x8a\x09\1\2\3\4\5\6\7\x08\x09"),
     PART("t."),
     false,
     {3, 5}},
    {"STRING", PART("("), PART("S''\n"), PART("t."), false, {5, 9}},
    {"UNICODE", PART("("), PART("V\n"), PART("t."), false, {9, 16}},
    {"UNICODE text", PART("V"), PART("\xe9"), PART("\n."), false, {1, 8}},
    {"BINUNICODE", PART("("), PART("X\1\0\0\0x"), PART("t."), false, {4, 7}},
    {"members that are equal", PART("\x8f("), PART("N"), PART("\x90."), false, {17, 29}},
    {"keys that are NaN", PART("}("), PART("G\x7f\xf8\0\0\0\0\0\0N"), PART("u."), false, {5, 10}},
    {"NaNs in tuples", PART("}("), PART("G\x7f\xf8\0\0\0\0\0\0\x85N"), PART("u."), false, {4, 25}},
    {"tuples as members", PART("\x8f("), PART("K\1\x85"), PART("\x90."), false, {7, 51}},
    {"lists in a list, kept as links", PART("]("), PART("]"), PART("e."), true, {96, 137}},
    {"one list, linked often", PART("]]\x94("), PART("h\0"), PART("ea."), true, {17, 22}},
#undef PART
};

#define FLOODS (sizeof floods / sizeof floods[0])

static void memory_of_floods(void) {
    for (size_t i = 0; i < FLOODS; i++) {
        for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
            struct spent costs[2];
            size_t sizes[2];
            for (size_t scale = 0; scale < 2; scale++) {
                struct buffer pickle = {NULL, 0, 0};
                spk_options options = SPK_OPTIONS_INIT;
                options.max_depth = options.max_expansion = SPK_UNLIMITED;
                options.allow_cycles = floods[i].needs_cycles;
                buffer_bytes(&pickle, floods[i].start.data, floods[i].start.size);
                buffer_repeat(&pickle, floods[i].unit, 20000u << scale);
                buffer_bytes(&pickle, floods[i].end.data, floods[i].end.size);
                sizes[scale] = pickle.size;
                costs[scale] = cost_once((spk_mode)mode, buffer_input(&pickle), &options);
                CHECK_NOTE(costs[scale].report.status == SPK_OK || floods[i].end.size == 0,
                           "%s: '%s' at %u", floods[i].name, costs[scale].report.name,
                           (unsigned)costs[scale].report.offset);
                buffer_free(&pickle);
            }
            /* From 2 MiB on a document takes its memory by as much. */
            uint64_t spare = costs[1].peak > (2u << 20) ? 2u << 20 : 0;
            CHECK_NOTE(
                costs[1].peak <= 40000 + spare + (uint64_t)floods[i].bytes_max[mode] * sizes[1],
                "%s, mode %d: %zu bytes for %zu", floods[i].name, mode, costs[1].peak, sizes[1]);
            CHECK_NOTE(costs[1].copied <= 2 * costs[1].peak + 100000,
                       "%s, mode %d: %u bytes copied", floods[i].name, mode,
                       (unsigned)costs[1].copied);
            CHECK_NOTE(costs[1].peak <= 100000 + spare + 5 * costs[0].peak / 2,
                       "%s, mode %d: from %zu to %zu bytes", floods[i].name, mode, costs[0].peak,
                       costs[1].peak);
        }
    }
    COVERED(2 * 2 * FLOODS);
}

/* With the limits that are the default a flood of levels ends at the first one too many, at once.
 */
static void levels_are_refused(void) {
    spk_options options = SPK_OPTIONS_INIT;
    static const struct {
        struct input unit;
        size_t refused_at;
    } levels[] = {{{(const uint8_t *)"(", 1}, 1001}, {{(const uint8_t *)"\x85", 1}, 1001}};
    for (size_t i = 0; i < 2; i++) {
        struct buffer pickle = {NULL, 0, 0};
        buffer_print(&pickle, i == 0 ? "" : "](");
        pickle.size = i;
        buffer_repeat(&pickle, levels[i].unit, 1000000);
        for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
            struct spent cost = cost_once((spk_mode)mode, buffer_input(&pickle), &options);
            CHECK(cost.report.code == REASON_LIMIT_DEPTH && cost.peak < 200000);
            CHECK_U64(cost.report.offset, i == 0 ? 1001 : 1000);
        }
        buffer_free(&pickle);
    }
    COVERED(4);
}

/* ---- billion laughs ---- */

static void build_laughs(struct buffer *out, unsigned levels, const char *end) {
    out->size = 0;
    buffer_print(out, "%s)\x94", end[0] == 's' ? "}" : "");
    for (unsigned i = 0; i < levels; i++) {
        BUFFER_ADD(out, "h");
        buffer_byte(out, i);
        BUFFER_ADD(out, "\x86\x94");
    }
    buffer_print(out, "%s", end[0] == 's' ? "Ns." : end);
}

static void billion_laughs(void) {
    struct buffer pickle = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        build_laughs(&pickle, 28, ".");
        CHECK_U64(cost_once((spk_mode)mode, buffer_input(&pickle), &options).report.status, SPK_OK);
        build_laughs(&pickle, 200, ".");
        struct spent cost = cost_once((spk_mode)mode, buffer_input(&pickle), &options);
        CHECK(cost.report.code == REASON_LIMIT_EXPANSION && cost.peak < 100000);
        CHECK_U64(cost.report.offset, 2 + 4 * 28 + 2);
        build_laughs(&pickle, 14, "s");
        CHECK_U64(cost_once((spk_mode)mode, buffer_input(&pickle), &options).report.status, SPK_OK);
        build_laughs(&pickle, 28, "s");
        cost = cost_once((spk_mode)mode, buffer_input(&pickle), &options);
        CHECK(cost.report.code == REASON_LIMIT_KEY_EXPANSION && cost.peak < 100000);
        options.allow_cycles = true;
        CHECK_U64(cost_once((spk_mode)mode, buffer_input(&pickle), &options).report.code,
                  REASON_LIMIT_KEY_EXPANSION);
        options.allow_cycles = false;
    }
    COVERED(10);
    buffer_free(&pickle);
}

/* The largest key that may be, a shared one, met again and again: without end if it were looked at
 * each time. */
static void a_large_shared_key(void) {
    struct buffer pickle = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    options.max_expansion = SPK_UNLIMITED;
    build_laughs(&pickle, 14, ".");
    pickle.size--;
    BUFFER_ADD(&pickle, "0}(");
    buffer_repeat(&pickle, INPUT("h\x0eN"), 100000);
    BUFFER_ADD(&pickle, "u.");
    struct spent cost = cost_once(SPK_MODE_DECODE, buffer_input(&pickle), &options);
    CHECK_STR(cost.report.name, "");
    COVERED(100000);
    buffer_free(&pickle);
}

/* ---- keys ---- */

static void add_int_key(struct buffer *out, uint64_t low, uint64_t high) {
    BUFFER_ADD(out, "\x8a\x0d");
    buffer_u64(out, low);
    buffer_u32(out, (uint32_t)high);
    BUFFER_ADD(out, "\0");
}

/* One of many keys: ints that all have the same hash in CPython, ints in steps that are bad for
 * weak tables, and what is equal to nothing, itself included. */
static void add_odd_key(struct buffer *out, int kind, uint64_t i) {
    static const uint64_t steps[] = {(UINT64_C(1) << 61) - 1, UINT64_C(1) << 32, UINT64_C(1) << 48,
                                     64};
    switch (kind) {
    case 4:
        BUFFER_ADD(out, "G\x7f\xf8\0\0\0\0\0\0");
        break;
    case 5:
        BUFFER_ADD(out, "G\x7f\xf8\0\0\0\0\0\0\x85");
        break;
    case 6:
        BUFFER_ADD(out, "(G\x7f\xf8\0\0\0\0\0\0\x91");
        break;
    case 7:
        BUFFER_ADD(out, "G\x7f\xf8\0\0\0\0\0\0\x85\x85");
        break;
    case 8:
        add_int_key(out, steps[0] * i, i >> 3);
        BUFFER_ADD(out, "\x85");
        break;
    default:
        add_int_key(out, steps[kind] * i, kind == 0 ? i >> 3 : i >> 16);
        break;
    }
}

#define ODD_KINDS 9

/* All are different, and all are kept. */
static void keys_that_collide_elsewhere(void) {
    const size_t count = 6000;
    for (int kind = 0; kind < ODD_KINDS; kind++) {
        struct buffer pickle = {NULL, 0, 0};
        spk_report report = SPK_REPORT_INIT;
        BUFFER_ADD(&pickle, "}(");
        for (uint64_t i = 0; i < count; i++) {
            add_odd_key(&pickle, kind, i);
            BUFFER_ADD(&pickle, "N");
        }
        BUFFER_ADD(&pickle, "u.");
        spk_document *document = spk_decode(pickle.data, pickle.size, NULL, &report);
        CHECK_STR(report.name, "");
        CHECK_NOTE(spk_size(spk_document_root(document)) == count, "kind %d", kind);
        spk_document_free(document);
        buffer_free(&pickle);
    }
    COVERED(ODD_KINDS * count);
}

/* ---- many small pieces ---- */

/* Long payloads and lines that come byte by byte: memory, and what is copied, follow what has come.
 */
static void payloads_byte_by_byte(void) {
    static const struct input starts[] = {
        {(const uint8_t *)"B\x40\x0d\x03\0", 5},
        {(const uint8_t *)"X\x40\x0d\x03\0", 5},
        {(const uint8_t *)"V", 1},
        {(const uint8_t *)"S'", 2},
        {(const uint8_t *)"T\x40\x0d\x03\0", 5},
        {(const uint8_t *)"C\1x0", 4},
    };
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
            struct meter meter = {0};
            spk_decoder *decoder = metered_decoder((spk_mode)mode, &meter);
            REQUIRE(decoder);
            size_t min = meter.peak;
            (void)spk_decoder_feed(decoder, starts[i].data, starts[i].size);
            for (size_t fed = 0; fed < 200000; fed++) {
                (void)spk_decoder_feed(decoder, i == 5 ? &"N0"[fed % 2] : "x", 1);
            }
            CHECK_U64(spk_decoder_report(decoder, NULL), SPK_MORE);
            CHECK_NOTE(meter.peak < min + 100000 + 4 * 200000 && meter.copied < 2000000,
                       "start %zu: %zu bytes, %u copied", i, meter.peak, (unsigned)meter.copied);
            CHECK(mode != SPK_MODE_CHECK || meter.peak < min + 40000); /* the stack's first slots */
            spk_decoder_free(decoder);
        }
    }
    COVERED(2 * 6 * 200000);
}

/* A check holds the stack and the memo, and nothing of what the pickle is long by. */
static void a_check_holds_little(void) {
    struct buffer pickle = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    size_t min = cost_once(SPK_MODE_CHECK, INPUT("N."), &options).peak;
    BUFFER_ADD(&pickle, "]");
    for (unsigned batch = 0; batch < 300; batch++) {
        BUFFER_ADD(&pickle, "(");
        buffer_repeat(&pickle, INPUT("M\1\2C\5hello"), 500);
        BUFFER_ADD(&pickle, "e");
    }
    BUFFER_ADD(&pickle, "X");
    buffer_u32(&pickle, 1000000);
    buffer_fill(&pickle, 'x', 1000000);
    BUFFER_ADD(&pickle, "a.");
    struct spent cost = cost_once(SPK_MODE_CHECK, buffer_input(&pickle), &options);
    CHECK_STR(cost.report.name, "");
    CHECK_NOTE(cost.peak < min + 40000, "%zu bytes, %zu for nothing", cost.peak, min);
    COVERED(1);
    buffer_free(&pickle);
}

REGISTER(bounds, RUN(claims_cost_nothing), RUN(memory_of_floods), RUN(levels_are_refused),
         RUN(billion_laughs), RUN(a_large_shared_key), RUN(keys_that_collide_elsewhere),
         RUN(payloads_byte_by_byte), RUN(a_check_holds_little))
