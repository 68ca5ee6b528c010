/* SPDX-License-Identifier: MIT
 *
 * What the other checks and the fuzz targets rely on to see mistakes: the meter's and the sink's
 * own eyes. */
#include "support.h"

static void meter_sees_mistakes(void) {
    struct meter meter = {0};
    spk_allocator allocator = meter_allocator(&meter);
    uint8_t *first = allocator.resize(allocator.context, NULL, 0, 2000);
    uint8_t *second = allocator.resize(allocator.context, NULL, 0, 10);
    REQUIRE(first && second);
    CHECK(first[0] == 0xa5 && first[1999] == 0xa5 && meter.errors == 0);
    first[9] = 7;
    first = allocator.resize(allocator.context, first, 1999, 10);
    CHECK(first && first[9] == 7 && meter.errors == 1); /* a wrong old size */
    CHECK(!allocator.resize(allocator.context, second + 1, 10, 20) && meter.errors == 2);
    CHECK(!allocator.resize(allocator.context, NULL, 5, 0) && meter.errors == 3);
    CHECK(meter.live == 20 && meter.peak == 2010 && meter.blocks == 2);
    CHECK(meter.asked == 2020 && meter.copied == 2000 && meter.requests == 3);
    allocator.resize(allocator.context, first, 10, 0);
    allocator.resize(allocator.context, second, 10, 0);
    CHECK(meter.live == 0 && meter.blocks == 0 && !meter_is_clean(&meter));
    meter.errors = 0;
    CHECK(meter_is_clean(&meter));
}

static void meter_fails_when_told(void) {
    for (int fails_on = 0; fails_on <= 1; fails_on++) {
        struct meter meter = {.fail_at = 2, .fails_on = fails_on};
        spk_allocator allocator = meter_allocator(&meter);
        void *block = allocator.resize(allocator.context, NULL, 0, 8);
        REQUIRE(block);
        CHECK(!allocator.resize(allocator.context, block, 8, 16) && meter.live == 8);
        void *moved = allocator.resize(allocator.context, block, 8, 16);
        CHECK((moved == NULL) == fails_on && meter.refusals == 1 + (uint64_t)fails_on);
        CHECK_U64(meter.live, moved ? 16 : 8);
        allocator.resize(allocator.context, moved ? moved : block, moved ? 16 : 8, 0);
        CHECK(meter_is_clean(&meter));
    }
    COVERED(2);
}

static void sink_sees_mistakes(void) {
    struct sink sink = {.fail_at = 2};
    CHECK(sink_keep(&sink, "ab", 2) && !sink_keep(&sink, "cd", 2) && sink.errors == 0);
    CHECK(sink_keep(&sink, "ef", 2) && sink.errors == 1); /* a write after one that failed */
    CHECK_BYTES(sink.got.data, sink.got.size, "abef", 4);
    buffer_free(&sink.got);
    sink = (struct sink){.calls = 0};
    CHECK(sink_keep(&sink, "", 0) && sink.errors == 1);
    buffer_free(&sink.got);
}

REGISTER(support, RUN(meter_sees_mistakes), RUN(meter_fails_when_told), RUN(sink_sees_mistakes))
