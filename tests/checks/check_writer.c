/* SPDX-License-Identifier: MIT
 *
 * The writer: exact bytes, every misuse, every limit, failing writes and allocations at every
 * point, gzip, memory.  What it puts out the decoder must accept, and what it does not finish must
 * be no pickle. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

/* ---- what is told ---- */

typedef void teller(spk_writer *writer);

/* Bytes of a finished writer, which the caller frees, raw. */
static struct input told(teller *tell, int protocol, struct buffer *out) {
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    struct sink sink = {.calls = 0};
    options.protocol = protocol;
    spk_writer *writer = spk_writer_new(&options, sink_keep, &sink, NULL);
    CHECK(writer != NULL);
    tell(writer);
    CHECK_U64(spk_writer_finish(writer), SPK_OK);
    spk_writer_free(writer);
    *out = sink.got;
    return buffer_input(out);
}

static void tell_john(spk_writer *writer) {
    CHECK(spk_begin_dict(writer, 2));
    CHECK(spk_put_str(writer, "name", 4));
    CHECK(spk_put_str(writer, "John", 4));
    CHECK(spk_put_str(writer, "age", 3));
    CHECK(spk_put_int(writer, 30));
}

static void tell_all_types(spk_writer *writer) {
    static const uint8_t big[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};
    spk_begin_list(writer, 18);
    spk_put_none(writer);
    spk_put_bool(writer, true);
    spk_put_bool(writer, false);
    spk_put_int(writer, -1);
    spk_put_int_bytes(writer, big, sizeof big);
    spk_put_int_bytes(writer, NULL, 0);
    spk_put_float(writer, 1.5);
    spk_put_str(writer, "a\0\xed\xa0\x80", 5);
    spk_put_bytes(writer, "\xff", 1);
    spk_put_bytearray(writer, NULL, 0);
    spk_begin_list(writer, 0);
    spk_begin_tuple(writer, 0);
    spk_begin_dict(writer, 0);
    spk_begin_set(writer, 0);
    spk_begin_frozenset(writer, 0);
    spk_begin_set(writer, 2);
    spk_put_int(writer, 1);
    spk_begin_frozenset(writer, 1);
    spk_begin_tuple(writer, 1);
    spk_put_str(writer, "k", 1);
    spk_begin_tuple(writer, 4);
    for (int i = 0; i < 4; i++) {
        spk_begin_tuple(writer, 1);
        spk_put_int(writer, 70000 * i);
    }
    spk_begin_dict(writer, 1);
    spk_begin_tuple(writer, 2);
    spk_put_int(writer, INT64_MIN);
    spk_put_int(writer, INT64_MAX);
    spk_begin_list(writer, 1);
    spk_put_none(writer);
}

static void exact_bytes(void) {
    static const char framed[] = "\x80\x04\x95\x17\0\0\0\0\0\0\0}(\x8c\x04name\x8c\x04John\x8c\x03"
                                 "ageK\x1eu.";
    static const char older[] = "\x80\x02}(X\4\0\0\0nameX\4\0\0\0JohnX\3\0\0\0ageK\x1eu.";
    struct buffer out;
    struct input input = told(tell_john, 0, &out);
    CHECK_BYTES(input.data, input.size, framed, sizeof framed - 1);
    ACCEPTS_INPUT(input, NULL, "#0{'name': 'John', 'age': i1e}");
    buffer_free(&out);
    input = told(tell_john, 2, &out);
    CHECK_BYTES(input.data, input.size, older, sizeof older - 1);
    ACCEPTS_INPUT(input, NULL, "#0{'name': 'John', 'age': i1e}");
    buffer_free(&out);
}

static void every_type(void) {
    struct buffer out;
    struct input input = told(tell_all_types, 5, &out);
    spk_document *document = spk_decode(input.data, input.size, NULL, NULL);
    REQUIRE(document);
    CHECK_STR(
        exact_text(document),
        "#0[None, True, False, i-1, i10000000000000000, i0, f3ff8000000000000, 'a\\x00\\ud800', b'\\xff', #1a'', #2[], #3(), #4{}, #5S{}, #6F{}, #7S{i1, #8F{#9('k')}}, #10(#11(i0), #12(i11170), #13(i222e0), #14(i33450)), #15{#16(i-8000000000000000, i7fffffffffffffff): #17[None]}]");
    spk_document_free(document);
    buffer_free(&out);
}

/* Ints next to every border between opcodes. */
static void ints(void) {
    uint64_t count = 0;
    for (unsigned bits = 0; bits < 64; bits++) {
        for (int step = -2; step <= 2; step++) {
            uint64_t number = (UINT64_C(1) << bits) + (uint64_t)(int64_t)step;
            for (int sign = 0; sign < 2; sign++, count++) {
                int64_t value = (int64_t)(sign ? 0 - number : number);
                int64_t found = 0;
                size_t size = 0;
                spk_writer *writer = spk_writer_new(NULL, NULL, NULL, NULL);
                CHECK(spk_put_int(writer, value));
                void *pickle = spk_writer_take(writer, &size);
                spk_document *document = spk_decode(pickle, size, NULL, NULL);
                CHECK(spk_get_int(spk_document_root(document), &found));
                CHECK_I64(found, value);
                /* a pickle's second decoding would not notice bytes that are not needed */
                CHECK_U64(size, value >= 0 && value < 256     ? 5
                                : value >= 0 && value < 65536 ? 15
                                : value >= INT32_MIN && value <= INT32_MAX
                                    ? 17
                                    : (size_t)(14 + spk_get_int_bytes(spk_document_root(document),
                                                                      NULL, 0)));
                spk_document_free(document);
                free(pickle);
                spk_writer_free(writer);
            }
        }
    }
    COVERED(count);
}

/* Around the sizes of batches: the value that comes back has as many items. */
static void counts(void) {
    static const uint64_t sizes[] = {0, 1, 2, 3, 4, 999, 1000, 1001, 1999, 2000, 2001, 3000};
    static bool (*const begin[])(spk_writer *, uint64_t) = {
        spk_begin_list, spk_begin_tuple, spk_begin_dict, spk_begin_set, spk_begin_frozenset};
    for (int type = 0; type < 5; type++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            size_t size = 0;
            spk_writer *writer = spk_writer_new(NULL, NULL, NULL, NULL);
            CHECK(begin[type](writer, sizes[i]));
            for (uint64_t at = 0; at < sizes[i]; at++) {
                CHECK(spk_put_int(writer, (int64_t)at));
                CHECK(type != 2 || spk_put_none(writer));
            }
            CHECK(!spk_put_none(writer) || sizes[i] == UINT64_MAX); /* it has closed by itself */
            CHECK(spk_writer_take(writer, &size) == NULL);
            spk_writer_free(writer);
            writer = spk_writer_new(NULL, NULL, NULL, NULL);
            begin[type](writer, sizes[i]);
            for (uint64_t at = 0; at < sizes[i] * (type == 2 ? 2 : 1); at++) {
                spk_put_int(writer, (int64_t)at);
            }
            void *pickle = spk_writer_take(writer, &size);
            spk_document *document = spk_decode(pickle, size, NULL, NULL);
            CHECK_U64(spk_size(spk_document_root(document)), sizes[i]);
            CHECK_U64(spk_type_of(spk_document_root(document)), SPK_LIST + (unsigned)type);
            spk_document_free(document);
            free(pickle);
            spk_writer_free(writer);
        }
    }
    COVERED(60);
}

/* ---- misuse ---- */

struct wrong {
    const char *what;
    teller *tell;
    int protocol;
    unsigned code;
    const char *detail;
};

static void tell_nothing(spk_writer *writer) {
    (void)writer;
}

static void tell_too_few(spk_writer *writer) {
    spk_begin_list(writer, 2);
    spk_begin_tuple(writer, 4);
    spk_put_none(writer);
}

static void tell_half_a_pair(spk_writer *writer) {
    spk_begin_dict(writer, 1001);
    spk_put_none(writer);
}

static void tell_two_roots(spk_writer *writer) {
    CHECK(spk_put_none(writer));
    CHECK(!spk_put_none(writer));
}

static void tell_too_many(spk_writer *writer) {
    spk_begin_list(writer, 1);
    spk_put_none(writer);
    CHECK(!spk_begin_list(writer, 0));
}

static void tell_list_as_key(spk_writer *writer) {
    spk_begin_dict(writer, 1);
    CHECK(!spk_begin_list(writer, 0));
}

static void tell_list_in_a_key(spk_writer *writer) {
    spk_begin_set(writer, 1);
    spk_begin_tuple(writer, 2);
    spk_put_int(writer, 1);
    CHECK(!spk_begin_list(writer, 0));
}

static void tell_bytearray_as_member(spk_writer *writer) {
    spk_begin_frozenset(writer, 1);
    CHECK(!spk_put_bytearray(writer, "", 0));
}

static void tell_bad_utf8(spk_writer *writer) {
    CHECK(!spk_put_str(writer, "\xff", 1));
}

static void tell_cut_utf8(spk_writer *writer) {
    CHECK(!spk_put_str(writer, "a\xe2\x82", 3));
}

static void tell_null(spk_writer *writer) {
    CHECK(!spk_put_bytes(writer, NULL, 1));
}

static void tell_bytes(spk_writer *writer) {
    CHECK(!spk_put_bytes(writer, "", 0));
}

static void tell_bytearray(spk_writer *writer) {
    CHECK(!spk_put_bytearray(writer, "", 0));
}

static void tell_set(spk_writer *writer) {
    CHECK(!spk_begin_set(writer, 0));
}

static void tell_frozenset(spk_writer *writer) {
    CHECK(!spk_begin_frozenset(writer, 0));
}

static const struct wrong wrongs[] = {
    {"no value", tell_nothing, 0, REASON_UNFINISHED, "nothing was put"},
    {"too few items", tell_too_few, 0, REASON_UNFINISHED, "a tuple lacks 3 of its items"},
    {"half a pair", tell_half_a_pair, 0, REASON_UNFINISHED,
     "a dict lacks 2001 of its keys and values"},
    {"two roots", tell_two_roots, 0, REASON_EXTRA_VALUE, ""},
    {"too many items", tell_too_many, 0, REASON_EXTRA_VALUE, ""},
    {"a list as key", tell_list_as_key, 0, REASON_UNHASHABLE, ""},
    {"a list in a key", tell_list_in_a_key, 0, REASON_UNHASHABLE, ""},
    {"a bytearray as member", tell_bytearray_as_member, 5, REASON_UNHASHABLE, ""},
    {"bad UTF-8", tell_bad_utf8, 0, REASON_BAD_UTF8, ""},
    {"UTF-8 cut short", tell_cut_utf8, 0, REASON_BAD_UTF8, ""},
    {"NULL", tell_null, 0, 0, ""},
    {"bytes at 2", tell_bytes, 2, REASON_NEEDS_PROTOCOL, "bytes need protocol 3"},
    {"a bytearray at 4", tell_bytearray, 4, REASON_NEEDS_PROTOCOL, "bytearrays need protocol 5"},
    {"a set at 3", tell_set, 3, REASON_NEEDS_PROTOCOL, "sets need protocol 4"},
    {"a frozenset at 2", tell_frozenset, 2, REASON_NEEDS_PROTOCOL, "frozensets need protocol 4"},
};

static void misuse(void) {
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        for (int packed = 0; packed <= (int)spk_has_zlib(); packed++) {
            struct sink sink = {.calls = 0};
            spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
            spk_report report = SPK_REPORT_INIT;
            size_t size = 77;
            options.protocol = wrongs[i].protocol;
            options.gzip = packed;
            spk_writer *writer = spk_writer_new(&options, sink_keep, &sink, NULL);
            REQUIRE(writer);
            CHECK_U64(spk_writer_report(writer, &report), SPK_MORE);
            wrongs[i].tell(writer);
            spk_status status = spk_writer_finish(writer);
            CHECK_U64(spk_writer_report(writer, &report), status);
            CHECK_NOTE(report.code == wrongs[i].code, "%s: SP%u", wrongs[i].what, report.code);
            CHECK_STR(report.detail, wrongs[i].code != 0 ? wrongs[i].detail : "data is NULL");
            CHECK(status != SPK_OK && (wrongs[i].code != 0 || status == SPK_MISUSE));
            /* it stays so */
            uint64_t calls = sink.calls;
            CHECK(!spk_put_none(writer) && !spk_begin_list(writer, 1) &&
                  spk_writer_take(writer, &size) == NULL);
            CHECK_U64(spk_writer_finish(writer), status);
            CHECK(size == 77 && sink.calls == calls);
            spk_report refused = SPK_REPORT_INIT;
            CHECK(spk_check(sink.got.data, sink.got.size, NULL, &refused) != SPK_OK);
            spk_writer_free(writer);
            buffer_free(&sink.got);
        }
    }
    COVERED(sizeof wrongs / sizeof wrongs[0]);
}

static void nulls_and_options(void) {
    spk_report report = SPK_REPORT_INIT;
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    size_t size = 0;
    CHECK(!spk_put_none(NULL) && !spk_put_str(NULL, "", 0) && !spk_begin_dict(NULL, 1));
    CHECK(spk_writer_finish(NULL) == SPK_MISUSE && spk_writer_take(NULL, &size) == NULL);
    CHECK_U64(spk_writer_report(NULL, &report), SPK_MISUSE);
    CHECK_U64(spk_writer_memory(NULL, NULL), 0);
    spk_writer_free(NULL);
    static const int protocols[] = {-1, 1, 6, 1000};
    for (int i = 0; i < 4; i++) {
        options.protocol = protocols[i];
        CHECK(spk_writer_new(&options, NULL, NULL, &report) == NULL && report.status == SPK_MISUSE);
    }
    options.protocol = 0;
    options.gzip_level = 10;
    CHECK(spk_writer_new(&options, NULL, NULL, &report) == NULL && report.status == SPK_MISUSE);
    options.gzip_level = 0;
    options.size = 8;
    CHECK(spk_writer_new(&options, NULL, NULL, &report) == NULL && report.status == SPK_MISUSE);
    options.size = offsetof(spk_encode_options,
                            max_output); /* of an older header: the limits are the default ones */
    spk_writer *writer = spk_writer_new(&options, NULL, NULL, &report);
    CHECK(writer != NULL);
    CHECK(spk_writer_take(writer, NULL) == NULL && spk_put_none(writer));
    free(spk_writer_take(writer, &size));
    CHECK_U64(size, 4);
    spk_writer_free(writer);
    if (!spk_has_zlib()) {
        options = (spk_encode_options)SPK_ENCODE_OPTIONS_INIT;
        options.gzip = true;
        CHECK(spk_writer_new(&options, NULL, NULL, &report) == NULL &&
              report.code == REASON_NO_ZLIB);
    }
}

static void after_finish(void) {
    spk_report report = SPK_REPORT_INIT;
    size_t size = 0;
    spk_writer *writer = spk_writer_new(NULL, NULL, NULL, NULL);
    tell_john(writer);
    CHECK_U64(spk_writer_finish(writer), SPK_OK);
    CHECK(!spk_put_none(writer) && spk_writer_finish(writer) == SPK_OK);
    void *pickle = spk_writer_take(writer, &size);
    CHECK(pickle != NULL && spk_writer_take(writer, &size) == NULL);
    CHECK_U64(spk_writer_report(writer, &report), SPK_OK);
    CHECK(report.protocol == 4 && report.consumed == size && report.raw_offset == size &&
          report.max_depth == 1);
    free(pickle);
    spk_writer_free(writer);
}

/* ---- limits ---- */

static void tell_nested(spk_writer *writer) {
    for (int i = 0; i < 9; i++) {
        spk_begin_list(writer, 1);
    }
    spk_begin_tuple(writer, 0);
}

static void tell_deep_key(spk_writer *writer) {
    spk_begin_list(writer, 1);
    spk_begin_dict(writer, 2);
    for (int key = 0; key < 2; key++) {
        for (int i = 0; i < 6; i++) {
            spk_begin_tuple(writer, 1);
        }
        spk_begin_frozenset(writer, 1);
        spk_put_int(writer, key);
        spk_put_none(writer);
    }
}

static void tell_wide_key(spk_writer *writer) {
    spk_begin_set(writer, 2);
    for (int key = 0; key < 2; key++) {
        spk_begin_tuple(writer, 20);
        for (int i = 0; i < 19; i++) {
            spk_put_int(writer, key);
        }
        spk_begin_tuple(writer, 0);
    }
}

static void tell_big_int(spk_writer *writer) {
    uint8_t bytes[300] = {0};
    bytes[299] = 1;
    spk_put_int_bytes(writer, bytes, sizeof bytes);
}

static void tell_small_int(spk_writer *writer) {
    spk_put_int(writer, INT64_C(1) << 40);
}

static void tell_text(spk_writer *writer) {
    static char text[70000];
    memset(text, 'a', sizeof text);
    spk_begin_list(writer, 3);
    for (int i = 0; i < 3; i++) {
        spk_put_str(writer, text, sizeof text);
    }
}

/* Each limit: what just fits is written and read with it; with one less it is refused, for the same
 * reason by a decoder. */
static void limits(void) {
    static const struct {
        teller *tell;
        size_t field, decoder_field;
        uint64_t min;
        enum reason reason;
    } cases[] = {
        {tell_nested, offsetof(spk_encode_options, max_depth), offsetof(spk_options, max_depth), 10,
         REASON_LIMIT_DEPTH},
        {tell_deep_key, offsetof(spk_encode_options, max_key_depth),
         offsetof(spk_options, max_key_depth), 7, REASON_LIMIT_KEY_DEPTH},
        {tell_wide_key, offsetof(spk_encode_options, max_key_expansion),
         offsetof(spk_options, max_key_expansion), 21, REASON_LIMIT_KEY_EXPANSION},
        {tell_wide_key, offsetof(spk_encode_options, max_expansion),
         offsetof(spk_options, max_expansion), 43, REASON_LIMIT_EXPANSION},
        {tell_big_int, offsetof(spk_encode_options, max_int_bytes),
         offsetof(spk_options, max_int_bytes), 300, REASON_LIMIT_INT},
        {tell_small_int, offsetof(spk_encode_options, max_int_bytes),
         offsetof(spk_options, max_int_bytes), 6, REASON_LIMIT_INT},
        {tell_text, offsetof(spk_encode_options, max_output), offsetof(spk_options, max_unpacked),
         210021, REASON_LIMIT_UNPACKED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer whole;
        (void)told(cases[i].tell, 4, &whole);
        for (uint64_t less = 0; less < 2; less++) {
            struct sink sink = {.calls = 0};
            spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
            spk_options decoder = SPK_OPTIONS_INIT;
            spk_report report = SPK_REPORT_INIT;
            *(uint64_t *)(void *)((char *)&options + cases[i].field) = cases[i].min - less;
            *(uint64_t *)(void *)((char *)&decoder + cases[i].decoder_field) = cases[i].min - less;
            spk_writer *writer = spk_writer_new(&options, sink_keep, &sink, NULL);
            REQUIRE(writer);
            cases[i].tell(writer);
            CHECK_NOTE((spk_writer_finish(writer) == SPK_OK) == (less == 0), "case %zu", i);
            (void)spk_writer_report(writer, &report);
            CHECK_U64(report.code, less == 0 ? 0 : cases[i].reason);
            CHECK_U64(report.limit, less == 0 ? 0 : cases[i].min - 1);
            (void)spk_check(whole.data, whole.size, &decoder, &report);
            CHECK_NOTE(report.code == (less == 0 ? 0 : (unsigned)cases[i].reason), "case %zu: SP%u",
                       i, report.code);
            spk_writer_free(writer);
            buffer_free(&sink.got);
        }
        buffer_free(&whole);
    }
    COVERED(sizeof cases / sizeof cases[0]);
}

/* ---- failures of the world ---- */

struct outcome {
    spk_status status;
    unsigned code;
    uint64_t calls;
};

static void tell_much(spk_writer *writer) {
    static char text[66000];
    memset(text, 't', sizeof text);
    spk_begin_list(writer, 3004);
    for (int i = 0; i < 3000; i++) {
        spk_begin_dict(writer, 1);
        spk_put_str(writer, text, (size_t)i % 90);
        spk_put_float(writer, i);
    }
    spk_put_str(writer, text, sizeof text);
    spk_put_bytes(writer, text, 65000);
    for (int i = 0; i < 200; i++) {
        spk_begin_list(writer, 2);
        spk_put_none(writer);
    }
    spk_put_int(writer, 5);
    spk_put_int(writer, 6);
}

/* One writer, whose memory and output may fail; into its own memory if there is no sink. */
static struct outcome attempt(teller *tell, bool packed, struct meter *meter, struct sink *sink) {
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    options.gzip = packed;
    options.allocator = meter_allocator(meter);
    spk_writer *writer = spk_writer_new(&options, sink ? sink_keep : NULL, sink, &report);
    size_t size = 0;
    if (writer) {
        tell(writer);
        void *pickle = sink ? NULL : spk_writer_take(writer, &size);
        spk_status status = spk_writer_finish(writer);
        CHECK_U64(spk_writer_report(writer, &report), status);
        CHECK(sink || (pickle != NULL) == (status == SPK_OK));
        if (pickle) {
            CHECK_U64(spk_check(pickle, size, NULL, NULL), SPK_OK);
            options.allocator.resize(options.allocator.context, pickle, size, 0);
        }
        spk_writer_free(writer);
    }
    CHECK(meter->live == 0 && meter->blocks == 0 && meter->errors == 0);
    return (struct outcome){report.status, report.code, sink ? sink->calls : 0};
}

static void failing_allocations(void) {
    uint64_t points = 0;
    for (int packed = 0; packed <= (int)spk_has_zlib(); packed++) {
        for (int gathers = 0; gathers < 2; gathers++) {
            struct meter meter = {0};
            struct sink sink = {.calls = 0};
            struct outcome normal = attempt(tell_much, packed, &meter, gathers ? NULL : &sink);
            CHECK_U64(normal.status, SPK_OK);
            uint64_t requests = meter.requests;
            buffer_free(&sink.got);
            for (uint64_t at = 1; at <= requests; at++, points++) {
                struct sink other = {.calls = 0};
                meter = (struct meter){0};
                meter.fail_at = at;
                meter.fails_on = at % 2 == 0;
                struct outcome outcome =
                    attempt(tell_much, packed, &meter, gathers ? NULL : &other);
                CHECK(meter.refusals > 0 && outcome.status == SPK_NO_MEMORY);
                CHECK(spk_check(other.got.data, other.got.size, NULL, NULL) != SPK_OK);
                buffer_free(&other.got);
            }
        }
    }
    COVERED(points);
}

static void failing_writes(void) {
    uint64_t points = 0;
    for (int packed = 0; packed <= (int)spk_has_zlib(); packed++) {
        struct meter meter = {0};
        struct sink sink = {.calls = 0};
        struct outcome normal = attempt(tell_much, packed, &meter, &sink);
        CHECK(normal.status == SPK_OK && (packed || normal.calls >= 4));
        CHECK_U64(spk_check(sink.got.data, sink.got.size, NULL, NULL), SPK_OK);
        buffer_free(&sink.got);
        for (uint64_t at = 1; at <= normal.calls; at++, points++) {
            sink = (struct sink){.fail_at = at};
            meter = (struct meter){0};
            struct outcome outcome = attempt(tell_much, packed, &meter, &sink);
            CHECK(outcome.status == SPK_UNWRITTEN && outcome.code == REASON_WRITE_FAILED &&
                  outcome.calls == at);
            CHECK(spk_check(sink.got.data, sink.got.size, NULL, NULL) != SPK_OK);
            buffer_free(&sink.got);
        }
    }
    COVERED(points);
}

static void max_alloc(void) {
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    options.max_alloc = 100;
    CHECK(spk_writer_new(&options, NULL, NULL, &report) == NULL &&
          report.code == REASON_LIMIT_ALLOC);
    options.max_alloc = 150000;
    spk_writer *writer = spk_writer_new(&options, NULL, NULL, &report);
    REQUIRE(writer);
    tell_text(writer);
    size_t peak = 0;
    CHECK_U64(spk_writer_finish(writer), SPK_LIMIT);
    CHECK(spk_writer_memory(writer, &peak) <= peak && peak <= options.max_alloc);
    spk_writer_free(writer);
}

/* ---- much ---- */

/* Memory does not follow what is written. */
static void memory(void) {
    for (int packed = 0; packed <= (int)spk_has_zlib(); packed++) {
        uint64_t written = 0;
        size_t peak = 0;
        spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
        options.gzip = packed;
        options.gzip_level = 1;
        spk_writer *writer = spk_writer_new(&options, sink_count, &written, NULL);
        REQUIRE(writer);
        spk_begin_list(writer, 3000000);
        for (int64_t i = 0; i < 3000000; i++) {
            spk_put_int(writer, i);
        }
        CHECK_U64(spk_writer_finish(writer), SPK_OK);
        (void)spk_writer_memory(writer, &peak);
        CHECK_NOTE(peak < (packed ? 700000 : 200000), "%zu bytes held", peak);
        CHECK(written > 1000000);
        spk_writer_free(writer);
    }
}

static void gzip_form(void) {
    static const uint8_t head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    struct sink first = {.calls = 0};
    if (!spk_has_zlib()) {
        CHECK(true);
        return;
    }
    options.gzip = true;
    for (int round = 0; round < 2; round++) {
        struct sink sink = {.calls = 0};
        spk_report report = SPK_REPORT_INIT;
        spk_writer *writer = spk_writer_new(&options, sink_keep, &sink, NULL);
        tell_much(writer);
        CHECK_U64(spk_writer_finish(writer), SPK_OK);
        (void)spk_writer_report(writer, &report);
        CHECK(report.wrapper == SPK_WRAPPER_GZIP && report.raw_offset == sink.got.size &&
              report.consumed > sink.got.size);
        spk_writer_free(writer);
        CHECK_BYTES(sink.got.data, 10, head, 10);
        CHECK_U64(spk_check(sink.got.data, sink.got.size, NULL, NULL), SPK_OK);
        if (round == 0) {
            first = sink;
        } else {
            CHECK_BYTES(sink.got.data, sink.got.size, first.got.data, first.got.size);
            buffer_free(&sink.got);
        }
    }
    buffer_free(&first.got);
}

/* What deflate could pack a thousand to one the decoder takes all the same. */
static void gzip_ratio(void) {
    static char zeros[1 << 20];
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    struct sink sink = {.calls = 0};
    spk_report report = SPK_REPORT_INIT;
    if (!spk_has_zlib()) {
        CHECK(true);
        return;
    }
    options.gzip = true;
    options.gzip_level = 1;
    spk_writer *writer = spk_writer_new(&options, sink_keep, &sink, NULL);
    spk_begin_list(writer, 140);
    for (int i = 0; i < 140; i++) {
        spk_put_bytes(writer, zeros, sizeof zeros);
    }
    CHECK_U64(spk_writer_finish(writer), SPK_OK);
    spk_writer_free(writer);
    CHECK_U64(spk_check(sink.got.data, sink.got.size, NULL, &report), SPK_OK);
    CHECK_NOTE(report.consumed / sink.got.size > 100, "ratio %u",
               (unsigned)(report.consumed / sink.got.size));
    buffer_free(&sink.got);
}

REGISTER(writer, RUN(exact_bytes), RUN(every_type), RUN(ints), RUN(counts), RUN(misuse),
         RUN(nulls_and_options), RUN(after_finish), RUN(limits), RUN(failing_allocations),
         RUN(failing_writes), RUN(max_alloc), RUN(memory), RUN(gzip_form), RUN(gzip_ratio))
