/* SPDX-License-Identifier: MIT
 *
 * Target cost: promise 5 for every input, by counting and without a clock.  Memory held, bytes
 * asked of the allocator and moved by it, requests, and work stay under fixed multiples of bytes
 * and calls.  Work is the number of basic blocks that the library runs through, which is built for
 * this target with -fsanitize-coverage=trace-pc, and the bytes that the C library moves for it
 * (counted.h).  A look-up takes work in the order of the values in the key.  This target's mutator
 * repeats blocks, so that what is not linear shows.  With COST_SHOWN set in the environment every
 * input says what it cost, which is how the multiples were found. */
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

/* Multiples of bytes and calls, and a constant: about twice the worst that is known.  The decoder
 * itself, its first arrays and the 64 KiB that one payload may have reserved before it has come are
 * in the constant. */
#define HELD_CHECK 32
#define HELD_DECODE 128
#define HELD_START 120000
#define TRAFFIC 256
#define TRAFFIC_START 200000
#define REQUESTS 1
#define REQUESTS_START 64
#define WORK 300
#define WORK_START 50000

/* Of a look-up, for each value of the key, as often as it is met: sixteen entries may have to be
 * compared where there is no index, and what is sought in nested sets is read again a few times. */
#define WORK_FIND 1500

/* With allow_cycles the links are kept until STOP: so many times the memory and the traffic. */
#define CYCLES 4

extern uint64_t work_counted; /* counted.c has it */

struct cost {
    const char *of;
    uint64_t calls_and_bytes;
    uint64_t work_before;
    struct meter *meter;
};

static struct cost cost_start(const char *of, uint64_t calls_and_bytes, struct meter *meter) {
    return (struct cost){of, calls_and_bytes, work_counted, meter};
}

static void expect_linear(const struct cost *cost, const char *what, uint64_t amount,
                          uint64_t times, uint64_t start) {
    uint64_t n = cost->calls_and_bytes;
    if (getenv("COST_SHOWN")) {
        (void)fprintf(stderr, "%s %s: %llu for %llu, %.1f each\n", cost->of, what,
                      (unsigned long long)amount, (unsigned long long)n,
                      amount > start ? (double)(amount - start) / (double)(n + 1) : 0.0);
    }
    if (amount > times * n + start) {
        fail("%s costs too much %s: %llu for %llu bytes and calls", cost->of, what,
             (unsigned long long)amount, (unsigned long long)n);
    }
}

static void cost_end(const struct cost *cost, const struct setup *setup, uint64_t held) {
    uint64_t links = setup->options.allow_cycles ? CYCLES : 1;
    const struct meter *meter = cost->meter;
    uint64_t done = work_counted - cost->work_before;
    EXPECT(done > 0); /* else the library was built without its counters */
    expect_linear(cost, "memory", meter->peak, held * links, HELD_START);
    expect_linear(cost, "allocator traffic", meter->asked + meter->copied, TRAFFIC * links,
                  TRAFFIC_START);
    expect_linear(cost, "requests", meter->requests, REQUESTS, REQUESTS_START);
    expect_linear(cost, "work", done, WORK, WORK_START);
}

static void check_at_once(const struct setup *setup) {
    struct answer answer;
    answer_start(&answer);
    struct cost cost = cost_start("check", setup->size, &answer.meter);
    ask_whole(&answer, WAY_CHECK, setup);
    answer_end(&answer);
    cost_end(&cost, setup, HELD_CHECK);
}

static spk_walk see(void *context, spk_event event, const spk_value *value) {
    (void)event;
    (void)value;
    ++*(uint64_t *)context;
    return SPK_WALK_ON;
}

/* Decodes, visits and frees.  Shared values do not make the visit longer than the input. */
static void decode_at_once(const struct setup *setup) {
    struct answer answer;
    uint64_t events = 0;
    answer_start(&answer);
    struct cost cost = cost_start("decode", setup->size, &answer.meter);
    ask_whole(&answer, WAY_DECODE, setup);
    if (answer.document) {
        EXPECT(spk_visit(answer.document, spk_document_root(answer.document), see, &events) ==
               SPK_OK);
    }
    answer_end(&answer);
    EXPECT(events <= 2 * (uint64_t)setup->size);
    cost_end(&cost, setup, HELD_DECODE);
}

#define KEY_VALUES 65536u
#define KEY_LEVELS 100u

/* The values in a key, shared ones counted as often as they are met; more than any key may have if
 * it is none. */
static uint64_t values_in(const spk_value *key) {
    struct {
        const spk_value *value;
        size_t at;
    } levels[KEY_LEVELS];
    size_t depth = 0;
    uint64_t count = 1;
    if (spk_type_of(key) >= SPK_LIST) {
        levels[depth].value = key;
        levels[depth++].at = 0;
    }
    while (depth > 0 && count <= KEY_VALUES) {
        const spk_value *item = spk_item(levels[depth - 1].value, levels[depth - 1].at++);
        if (!item) {
            depth--;
            continue;
        }
        count++;
        if (spk_type_of(item) >= SPK_LIST) {
            if (depth == KEY_LEVELS) {
                return KEY_VALUES + 1;
            }
            levels[depth].value = item;
            levels[depth++].at = 0;
        }
    }
    return count;
}

/* Looks keys up that are equal to those of the value and not the same: of a second document. */
static void find_keys(const struct setup *setup) {
    spk_document *in = spk_decode(setup->data, setup->size, &setup->options, NULL);
    spk_document *asked = spk_decode(setup->data, setup->size, &setup->options, NULL);
    const spk_value *container = spk_document_root(in);
    const spk_value *keys = spk_document_root(asked);
    bool is_dict = spk_type_of(container) == SPK_DICT;
    size_t count = is_dict || spk_type_of(container) >= SPK_SET ? spk_size(container) : 0;
    for (size_t i = 0; i < count && i < 4; i++) {
        const spk_value *key = is_dict ? spk_dict_key(keys, i) : spk_item(keys, i);
        uint64_t values = values_in(key);
        uint64_t before = work_counted;
        (void)spk_find(container, key);
        struct cost cost = {"find", values + setup->size / 8, 0,
                            NULL}; /* the text in it is read, too */
        expect_linear(&cost, "work", work_counted - before, WORK_FIND, WORK_START);
    }
    spk_document_free(in);
    spk_document_free(asked);
}

/* Single bytes, and on after a refusal: calls are cheap. */
static void decode_in_bytes(const struct setup *setup) {
    struct answer answer;
    spk_options options = setup->options;
    answer_start(&answer);
    options.allocator = meter_allocator(&answer.meter);
    struct cost cost = cost_start("decode in bytes", 2 * (uint64_t)setup->size, &answer.meter);
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_DECODE, &options, NULL);
    EXPECT(decoder != NULL);
    for (size_t i = 0; i < setup->size; i++) {
        (void)spk_decoder_feed(decoder, setup->data + i, 1);
    }
    (void)spk_decoder_finish(decoder);
    spk_decoder_free(decoder);
    answer_end(&answer);
    cost_end(&cost, setup, HELD_DECODE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    setup.options.gzip = SPK_GZIP_NEVER; /* n is then the size */
    setup.options.max_alloc = 0;
    check_at_once(&setup);
    decode_at_once(&setup);
    decode_in_bytes(&setup);
    find_keys(&setup);
    return 0;
}
