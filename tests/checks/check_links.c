/* SPDX-License-Identifier: MIT
 *
 * Facts about values: their arithmetic against plain sums with a stop, the order of judgement, and
 * the graph of links against its definition, followed word by word on thousands of small graphs. */
#include "base/limits.h"
#include "decode/graph.h"
#include "decode/links.h"

#include <string.h>

#include "support.h"

static spk_options all_unlimited(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.max_depth = options.max_expansion = SPK_UNLIMITED;
    options.max_key_depth = 100;
    options.max_key_expansion = 65536;
    return options;
}

static facts container_of(unsigned kind, uint64_t depth, uint64_t expansion) {
    return facts_with(facts_empty(kind), depth, expansion);
}

/* ---- facts ---- */

static void facts_of_values(void) {
    static const struct {
        unsigned kind;
        bool hashable;
    } kinds[] = {{SPK_LIST, false},
                 {SPK_TUPLE, true},
                 {SPK_DICT, false},
                 {SPK_SET, false},
                 {SPK_FROZENSET, true}};
    for (size_t i = 0; i < 5; i++) {
        facts f = facts_empty(kinds[i].kind);
        CHECK(facts_kind(f) == kinds[i].kind && facts_depth(f) == 1 && facts_expansion(f) == 1);
        CHECK(((f & FACTS_UNHASHABLE) == 0) == kinds[i].hashable && (f & FACTS_STORED) == 0);
        f = facts_with(f | FACTS_STORED, FACTS_DEPTH_TOP, FACTS_EXPANSION_TOP);
        CHECK(facts_kind(f) == kinds[i].kind && facts_depth(f) == FACTS_DEPTH_TOP);
        CHECK(facts_expansion(f) == FACTS_EXPANSION_TOP && (f & FACTS_STORED) != 0);
        f = facts_with(f, 5, 6);
        CHECK(facts_depth(f) == 5 && facts_expansion(f) == 6 && (f & FACTS_STORED) != 0);
    }
    for (unsigned kind = SPK_NONE; kind <= SPK_BYTEARRAY; kind++) {
        facts f = facts_atom(kind) |
                  UINT64_C(0xabcdef) << 8; /* in a check the number of the opcode stands there */
        CHECK(facts_kind(f) == kind && facts_depth(f) == 0 && facts_expansion(f) == 1);
        CHECK(((f & FACTS_UNHASHABLE) != 0) == (kind == SPK_BYTEARRAY));
    }
    COVERED(12);
}

static void bits_of_nan(void) {
    CHECK(is_nan_bits(UINT64_C(0x7ff0000000000001)) && is_nan_bits(UINT64_C(0xfff8000000000000)));
    CHECK(is_nan_bits(UINT64_MAX) && is_nan_bits(UINT64_C(0x7ff8000000000000)));
    CHECK(!is_nan_bits(UINT64_C(0x7ff0000000000000)) && !is_nan_bits(UINT64_C(0xfff0000000000000)));
    CHECK(!is_nan_bits(0) && !is_nan_bits(UINT64_C(0x7fefffffffffffff)) &&
          !is_nan_bits(UINT64_C(1) << 63));
}

static uint64_t stopped(uint64_t value, uint64_t top) {
    return value < top ? value : top;
}

/* Random batches into random containers. */
static void depth_and_expansion(void) {
    struct dice dice = {19};
    spk_options limits = all_unlimited();
    for (int times = 0; times < 50000; times++) {
        unsigned kind = (unsigned)dice_below(&dice, 2) ? SPK_LIST : SPK_TUPLE;
        uint64_t range = dice_below(&dice, 3) ? 50 : FACTS_DEPTH_TOP;
        uint64_t many = dice_below(&dice, 3) ? 1000 : FACTS_EXPANSION_TOP;
        facts target =
            container_of(kind, 1 + dice_below(&dice, range), 1 + dice_below(&dice, many));
        uint64_t depth = facts_depth(target);
        uint64_t expansion = facts_expansion(target);
        bool unhashable = kind == SPK_LIST;
        uint64_t items = 1 + dice_below(&dice, 5);
        uint64_t more = dice_below(&dice, 4); /* of each */
        struct sum sum = {0, items * (more + 1), 0, 1, 0, 0};
        for (; items > 0; items--) {
            bool is_atom = dice_below(&dice, 2) == 0;
            unsigned item_kind = dice_below(&dice, 3) ? SPK_TUPLE : SPK_SET;
            facts item = is_atom ? facts_atom(SPK_INT)
                                 : container_of(item_kind, 1 + dice_below(&dice, range),
                                                1 + dice_below(&dice, many));
            sum_add(&sum, item);
            if (more > 0) {
                sum_add_more(&sum, item, (size_t)more);
            }
            expansion = stopped(expansion + (is_atom ? 1 : facts_expansion(item)) * (more + 1),
                                FACTS_EXPANSION_TOP);
            uint64_t below = is_atom ? 1 : facts_depth(item) + 1;
            depth = below > depth ? stopped(below, FACTS_DEPTH_TOP) : depth;
            unhashable = unhashable || (!is_atom && item_kind == SPK_SET);
        }
        CHECK_U64(links_store(&limits, &target, &sum, false), REASON_DATA);
        CHECK(facts_depth(target) == depth && facts_expansion(target) == expansion);
        CHECK(((target & FACTS_UNHASHABLE) != 0) == unhashable && facts_kind(target) == kind);
    }
    COVERED(50000);
}

static enum reason store(const spk_options *limits, facts target, bool is_new, struct sum sum) {
    facts before = target;
    enum reason reason = links_store(limits, &target, &sum, is_new);
    CHECK(reason == REASON_DATA || reason == REASON_LIMIT_KEY_DEPTH ||
          reason == REASON_LIMIT_KEY_EXPANSION || target == before);
    return reason;
}

/* Hashability, link, keys, depth, expansion: each is told before those behind it. */
static void order_of_judgement(void) {
    spk_options limits = all_unlimited();
    facts dict = facts_empty(SPK_DICT);
    struct sum sum = {10, 10, 10, 10, 0, FACTS_UNHASHABLE};
    limits.max_depth = limits.max_expansion = limits.max_key_depth = limits.max_key_expansion = 5;
    CHECK_U64(store(&limits, dict | FACTS_STORED, false, sum), REASON_UNHASHABLE);
    sum.key_flags = 0;
    CHECK_U64(store(&limits, dict | FACTS_STORED, false, sum), REASON_CYCLE);
    CHECK_U64(store(&limits, dict, false, sum), REASON_LIMIT_KEY_DEPTH);
    CHECK_U64(store(&limits, dict | FACTS_STORED, true, sum), REASON_LIMIT_KEY_DEPTH);
    sum.key_depth = 5;
    CHECK_U64(store(&limits, dict, false, sum), REASON_LIMIT_KEY_EXPANSION);
    sum.key_expansion = 5;
    CHECK_U64(store(&limits, dict, false, sum), REASON_LIMIT_DEPTH);
    sum.depth = 4;
    CHECK_U64(store(&limits, dict, false, sum), REASON_LIMIT_EXPANSION);
    sum.expansion = 4;
    CHECK_U64(store(&limits, dict, false, sum), REASON_DATA);
    sum.depth = 5;
    CHECK_U64(store(&limits, dict, false, sum), REASON_LIMIT_DEPTH);
    sum.depth = 4;
    sum.expansion = 5;
    CHECK_U64(store(&limits, dict, false, sum), REASON_LIMIT_EXPANSION);
}

/* However many items of however many values: the sum stops instead of starting again. */
static void sums_do_not_overflow(void) {
    struct sum sum = {0, INT64_MAX - 1, 0, 1, 0, 0};
    for (int times = 0; times < 100; times++) {
        sum_add(&sum, container_of(SPK_LIST, 1, FACTS_EXPANSION_TOP));
        CHECK(sum.expansion >= FACTS_EXPANSION_TOP && sum.expansion <= INT64_MAX);
    }
    for (unsigned bits = 0; bits < 28; bits++) {
        for (size_t count = 1; count < SIZE_MAX / 16; count *= 3) {
            uint64_t each = FACTS_EXPANSION_TOP >> bits;
            sum.expansion = count + 1;
            sum_add(&sum, container_of(SPK_LIST, 1, each));
            sum_add_more(&sum, container_of(SPK_LIST, 1, each), count);
            bool is_less = count < FACTS_EXPANSION_TOP / each;
            CHECK(sum.expansion == FACTS_EXPANSION_TOP ||
                  (is_less && sum.expansion == each * (count + 1)));
        }
    }
}

static void keys_are_summed(void) {
    struct sum sum = {0, 0, 0, 0, 0, 0};
    sum_add_key(&sum, facts_atom(SPK_STR));
    CHECK(sum.key_depth == 0 && sum.key_expansion == 1 && (sum.key_flags & FACTS_UNHASHABLE) == 0);
    sum_add_key(&sum, container_of(SPK_TUPLE, 3, 100));
    sum_add_key(&sum, container_of(SPK_FROZENSET, 7, 50));
    CHECK(sum.key_depth == 7 && sum.key_expansion == 100 && sum.expansion == 0);
    sum_add_key(&sum, facts_atom(SPK_BYTEARRAY));
    CHECK((sum.key_flags & FACTS_UNHASHABLE) != 0);
}

static void limits_are_named(void) {
    spk_options limits = all_unlimited();
    limits.max_depth = 1;
    limits.max_expansion = 2;
    limits.max_key_depth = 3;
    limits.max_key_expansion = 4;
    CHECK_U64(limits_value(&limits, REASON_LIMIT_DEPTH), 1);
    CHECK_U64(limits_value(&limits, REASON_LIMIT_EXPANSION), 2);
    CHECK_U64(limits_value(&limits, REASON_LIMIT_KEY_DEPTH), 3);
    CHECK_U64(limits_value(&limits, REASON_LIMIT_KEY_EXPANSION), 4);
    CHECK_U64(limits_value(&limits, REASON_CYCLE), 0);
}

/* ---- the graph ---- */

#define NODES 7
#define EDGES 14

struct tangle {
    size_t nodes;
    size_t root;
    size_t edges; /* in the order in which they are stored */
    size_t from[EDGES];
    size_t to[EDGES];
    facts tuple[NODES]; /* a hashable item of the node; 0: none */
    bool is_met[NODES];
    bool reaches[NODES][NODES];
};

/* What graph.h says of depth, word by word. */
static uint64_t walk(struct tangle *t, size_t at) {
    uint64_t deepest = 1 + (t->tuple[at] ? facts_depth(t->tuple[at]) : 0);
    t->is_met[at] = true;
    for (size_t e = 0; e < t->edges; e++) {
        if (t->from[e] == at && !t->is_met[t->to[e]]) {
            uint64_t below = walk(t, t->to[e]) + 1;
            deepest = below > deepest ? below : deepest;
        }
    }
    return deepest;
}

static void find_reach(struct tangle *t) {
    for (size_t e = 0; e < t->edges; e++) {
        t->reaches[t->from[e]][t->to[e]] = true;
    }
    for (size_t k = 0; k < t->nodes; k++) {
        t->reaches[k][k] = true;
        for (size_t i = 0; i < t->nodes; i++) {
            for (size_t j = 0; j < t->nodes; j++) {
                t->reaches[i][j] = t->reaches[i][j] || (t->reaches[i][k] && t->reaches[k][j]);
            }
        }
    }
}

/* The same of expansion: of the component of "at". */
static uint64_t expand(const struct tangle *t, size_t at) {
    uint64_t sum = 1;
    for (size_t i = 0; i < t->nodes; i++) {
        if (t->reaches[at][i] && t->reaches[i][at]) {
            sum += 1 + (t->tuple[i] ? facts_expansion(t->tuple[i]) : 0);
            for (size_t e = 0; e < t->edges; e++) {
                sum += t->from[e] != i ? 0 : t->reaches[t->to[e]][at] ? 1 : expand(t, t->to[e]);
            }
        }
    }
    return sum;
}

static struct tangle throw_tangle(struct dice *dice) {
    struct tangle t = {.nodes = 2 + (size_t)dice_below(dice, NODES - 1)};
    t.root = (size_t)dice_below(dice, t.nodes);
    for (size_t i = 0; i < t.nodes; i++) {
        if (dice_below(dice, 3) == 0) {
            t.tuple[i] = container_of(SPK_TUPLE, 1 + dice_below(dice, 4), 1 + dice_below(dice, 9));
        }
    }
    for (uint64_t edges = dice_below(dice, EDGES); edges > 0; edges--, t.edges++) {
        t.from[t.edges] = (size_t)dice_below(dice, t.nodes);
        t.to[t.edges] = (size_t)dice_below(dice, t.nodes);
    }
    return t;
}

/* The graph through the library. */
static enum reason judge_trial(const struct tangle *t, const spk_options *limits, uint64_t *depth) {
    facts of[NODES];
    struct meter meter = {0};
    spk_allocator allocator = meter_allocator(&meter);
    struct memory memory = memory_start(&allocator, SPK_UNLIMITED);
    struct graph graph = {{NULL, 0}, {NULL, 0}, 0, 0};
    for (size_t i = 0; i < t->nodes; i++) {
        facts tuple = t->tuple[i];
        facts atom = facts_atom(SPK_INT); /* gives each its number */
        of[i] = facts_empty(i % 2 ? SPK_LIST : SPK_DICT);
        CHECK(graph_add(&graph, &memory, &of[i], &atom));
        CHECK(tuple == 0 || graph_add(&graph, &memory, &of[i], &tuple));
    }
    for (size_t e = 0; e < t->edges; e++) {
        CHECK(graph_add(&graph, &memory, &of[t->from[e]], &of[t->to[e]]));
    }
    enum reason reason = graph_judge(&graph, limits, of[t->root], depth);
    graph_free(&graph, &memory);
    CHECK(meter.live == 0 && meter.errors == 0);
    return reason;
}

/* Judged with its exact needs as limits, and with one less of each. */
static void try_graph(struct dice *dice) {
    struct tangle t = throw_tangle(dice);
    uint64_t told;
    uint64_t depth = walk(&t, t.root);
    uint64_t max_depth = depth;
    uint64_t max_expansion = 0;
    find_reach(&t);
    for (size_t i = 0; i < t.nodes; i++) {
        uint64_t deeper = t.is_met[i] ? 0 : walk(&t, i);
        uint64_t expansion = expand(&t, i);
        max_depth = deeper > max_depth ? deeper : max_depth;
        max_expansion = expansion > max_expansion ? expansion : max_expansion;
    }
    spk_options limits = all_unlimited();
    limits.max_depth = max_depth;
    limits.max_expansion = max_expansion;
    CHECK_U64(judge_trial(&t, &limits, &told), REASON_DATA);
    CHECK_U64(told, depth);
    limits.max_depth--;
    CHECK_U64(judge_trial(&t, &limits, &told), REASON_LIMIT_DEPTH);
    limits.max_depth = SPK_UNLIMITED;
    limits.max_expansion--;
    CHECK_U64(judge_trial(&t, &limits, &told), REASON_LIMIT_EXPANSION);
}

static void small_graphs(void) {
    struct dice dice = {23};
    for (int times = 0; times < 20000; times++) {
        try_graph(&dice);
    }
    COVERED(20000);
}

/* A chain that is deep, and one in which every link stands twice: no recursion, and sums that stop
 * at the top. */
static void long_chains(void) {
    struct meter meter = {0};
    spk_allocator allocator = meter_allocator(&meter);
    struct memory memory = memory_start(&allocator, SPK_UNLIMITED);
    struct graph graph = {{NULL, 0}, {NULL, 0}, 0, 0};
    spk_options limits = all_unlimited();
    static facts of[200000];
    uint64_t depth;
    of[0] = facts_empty(SPK_LIST);
    for (size_t i = 1; i < 200000; i++) {
        of[i] = facts_empty(SPK_LIST);
        REQUIRE(graph_add(&graph, &memory, &of[i - 1], &of[i]));
    }
    CHECK_U64(graph_judge(&graph, &limits, of[0], &depth), REASON_DATA);
    CHECK_U64(depth, 200000);
    CHECK_U64(graph_memory(&graph), meter.live);
    graph_clear(&graph);
    for (size_t i = 0; i < 60; i++) {
        of[i] = facts_empty(SPK_LIST);
    }
    for (size_t i = 1; i < 60; i++) {
        REQUIRE(graph_add(&graph, &memory, &of[i - 1], &of[i]) &&
                graph_add(&graph, &memory, &of[i - 1], &of[i]));
    }
    limits.max_expansion = FACTS_EXPANSION_TOP - 1;
    CHECK_U64(graph_judge(&graph, &limits, facts_empty(SPK_SET), &depth), REASON_LIMIT_EXPANSION);
    CHECK_U64(depth, 1); /* of a set that was never linked */
    graph_free(&graph, &memory);
    CHECK_U64(meter.live, 0);
    COVERED(200059);
}

static void graph_without_memory(void) {
    uint64_t failed = 0;
    for (uint64_t at = 1; at < 12; at++) {
        struct meter meter = {0};
        spk_allocator allocator = meter_allocator(&meter);
        struct memory memory = memory_start(&allocator, SPK_UNLIMITED);
        struct graph graph = {{NULL, 0}, {NULL, 0}, 0, 0};
        facts of[300];
        meter.fail_at = at;
        of[0] = facts_empty(SPK_LIST);
        for (size_t i = 1; i < 300; i++) {
            of[i] = facts_empty(SPK_LIST);
            if (!graph_add(&graph, &memory, &of[i - 1], &of[i])) {
                CHECK_U64(memory.failure, REASON_NO_MEMORY);
                failed++;
                break;
            }
        }
        graph_free(&graph, &memory);
        CHECK(meter.live == 0 && meter.errors == 0);
    }
    CHECK(failed > 3);
    COVERED(failed);
}

/* ---- cycles as values ---- */

static void cycles(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow_cycles = true;
    ACCEPTS_INPUT(INPUT("]q\0h\0a."), &options, "#0[@0]");
    ACCEPTS_INPUT(INPUT("}q\0K\1h\0s."), &options, "#0{i1: @0}");
    ACCEPTS_INPUT(INPUT("]q\0h\0\x85q\1"
                        "a0h\1."),
                  &options, "#0(#1[@0])");
    ACCEPTS_INPUT(INPUT("]q\0]q\1h\0aa."), &options, "#0[#1[@0]]");
    ACCEPTS_INPUT(INPUT("]q\0]q\1]q\2h\1aaah\0a."), &options, "#0[#1[#2[@1]], @0]");
    REFUSES("]q\0h\0a.", CYCLE, 5);
    REFUSES("]]q\1ah\1Na.", CYCLE, 8);
    REFUSES("}q\0h\0Ns.", UNHASHABLE, 6);
    REFUSES_INPUT(INPUT("}q\0h\0Ns."), &options, UNHASHABLE, 6, "");
    ACCEPTS("]]q\1ah\1(e0.", "#0[#1[]]"); /* an empty batch changes nothing */
    REFUSES("]]q\1ah\1(Ne0.", CYCLE, 9);
    CHECK_U64(judge(INPUT("]q\0h\0a."), &options).report.max_depth, 1);
    CHECK_U64(judge(INPUT("]q\0]q\1h\0aa."), &options).report.max_depth, 2);
    CHECK_U64(judge(INPUT("]q\0]q\1]q\2h\1aaah\0a."), &options).report.max_depth, 3);
    CHECK_U64(judge(INPUT("](])\x85"
                          "e."),
                    &options)
                  .report.max_depth,
              3);
    CHECK_U64(judge(INPUT(")\x85\x85."), &options).report.max_depth, 3);
    CHECK_U64(judge(INPUT("]."), &options).report.max_depth, 1);
    CHECK_U64(judge(INPUT("N."), &options).report.max_depth, 0);
    options.max_depth = 2;
    REFUSES_INPUT(INPUT("]q\0]q\1]q\2h\1aaah\0a."), &options, LIMIT_DEPTH, 17, "(2)");
    options.max_depth = 3;
    options.max_expansion = 6;
    REFUSES_INPUT(INPUT("]q\0](NNNNeh\0aa."), &options, LIMIT_EXPANSION, 14, "(6)");
    options.max_expansion = 7;
    ACCEPTS_INPUT(INPUT("]q\0](NNNNeh\0aa."), &options, "#0[#1[None, None, None, None, @0]]");
    COVERED(19);
}

/* A_k = [B_k], B_k = [A_k, ten times A_(k+1)]: each level has ten times the values of the one
 * below. */
static void cycles_in_cycles(void) {
    spk_options options = SPK_OPTIONS_INIT;
    uint64_t values = 3;
    options.allow_cycles = true;
    for (unsigned levels = 1; levels <= 10; levels++, values = 3 + 10 * values) {
        struct buffer pickle = {NULL, 0, 0};
        for (unsigned k = 0; k < levels; k++) { /* the innermost comes first */
            const uint8_t level[] = {
                ']', 'q', (uint8_t)(2 * k), ']', 'q', (uint8_t)(2 * k + 1), 'h', (uint8_t)(2 * k),
                'a'};
            const uint8_t below[] = {'h', (uint8_t)(2 * k - 2), 'a'};
            buffer_bytes(&pickle, level, sizeof level);
            buffer_repeat(&pickle, (struct input){below, sizeof below}, k > 0 ? 10 : 0);
            buffer_bytes(&pickle, "a0", k + 1 < levels ? 2 : 1);
        }
        buffer_byte(&pickle, '.');
        options.max_expansion = values;
        struct verdict enough = judge(buffer_input(&pickle), &options);
        CHECK_U64(enough.report.status, SPK_OK);
        CHECK_U64(enough.report.max_depth, 2 * levels);
        options.max_expansion = values - 1;
        REFUSES_INPUT(buffer_input(&pickle), &options, LIMIT_EXPANSION, pickle.size - 1, NULL);
        buffer_free(&pickle);
    }
    COVERED(20);
}

/* root = {'c': []}, then root['c'].append({'p': root}) again and again: three levels, however many.
 */
static void parent_pointers(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow_cycles = true;
    options.max_depth = 3;
    for (unsigned children = 1; children <= 10000; children *= 100) {
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "}q\0X\1\0\0\0c](");
        for (unsigned i = 0; i < children; i++) {
            BUFFER_ADD(&pickle, "}X\1\0\0\0ph\0s");
        }
        BUFFER_ADD(&pickle, "es.");
        CHECK_U64(judge(buffer_input(&pickle), &options).report.status, SPK_OK);
        CHECK_U64(judge(buffer_input(&pickle), &options).report.max_depth, 3);
        options.max_depth = 2;
        REFUSES_INPUT(buffer_input(&pickle), &options, LIMIT_DEPTH, pickle.size - 1, "(2)");
        options.max_depth = 3;
        buffer_free(&pickle);
    }
    COVERED(6);
}

REGISTER(links, RUN(facts_of_values), RUN(bits_of_nan), RUN(depth_and_expansion),
         RUN(order_of_judgement), RUN(sums_do_not_overflow), RUN(keys_are_summed),
         RUN(limits_are_named), RUN(small_graphs), RUN(long_chains), RUN(graph_without_memory),
         RUN(cycles), RUN(cycles_in_cycles), RUN(parent_pointers))
