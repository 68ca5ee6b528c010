/* SPDX-License-Identifier: MIT
 *
 * Target writer: the input is a list of calls.  Whatever a writer finishes the decoder accepts,
 * with the limits that the writer had, and it holds what was told; whatever it does not finish is
 * no pickle.  Memory and output may fail. */
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "tests/support/sink.h"

#define OUTPUT_MAX ((size_t)1 << 21)

/* The calls' bytes; 0 when they are used up. */
struct calls {
    const uint8_t *p;
    const uint8_t *end;
    size_t told_bytes;
};

static unsigned next_byte(struct calls *calls) {
    return calls->p < calls->end ? *calls->p++ : 0;
}

static uint64_t next_number(struct calls *calls) {
    unsigned size = next_byte(calls) % 9;
    uint64_t number = 0;
    while (size-- > 0) {
        number = number << 8 | next_byte(calls);
    }
    return number;
}

#define DEPTH_MAX 1100
#define FILLERS_MAX 5000

/* What was told, and what is found: as many values, and a hash of all in their order; and which
 * places are left. */
struct told {
    uint64_t values;
    uint64_t hash;
    uint64_t left[DEPTH_MAX];
    size_t depth;
};

static bool is_whole(const struct told *told) {
    return told->depth == 0 && told->values > 0;
}

/* A value takes its place; "count" values are to come in it. */
static void take_place(struct told *told, uint64_t count) {
    if (told->depth > 0) {
        told->left[told->depth - 1]--;
    }
    if (count > 0 && told->depth < DEPTH_MAX) {
        told->left[told->depth++] = count;
    }
    while (told->depth > 0 && told->left[told->depth - 1] == 0) {
        told->depth--;
    }
}

static void note(struct told *told, spk_type type, const void *data, size_t size) {
    told->values++;
    told->hash = mix_bytes(mix(told->hash, (uint64_t)type << 32 | size), data, size);
}

/* ---- telling ---- */

static void note_int(struct told *told, const uint8_t *p, size_t size) {
    static const uint8_t zero[1] = {0};
    while (size > 1 && ((p[size - 1] == 0 && p[size - 2] < 128) ||
                        (p[size - 1] == 255 && p[size - 2] >= 128))) {
        size--;
    }
    note(told, SPK_INT, size > 0 ? p : zero, size > 0 ? size : 1);
}

static bool tell_int(spk_writer *writer, struct calls *calls, struct told *told) {
    uint64_t number = next_number(calls);
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(number >> 8 * i);
    }
    note_int(told, bytes, 8);
    return spk_put_int(writer, (int64_t)number);
}

static bool tell_float(spk_writer *writer, struct calls *calls, struct told *told) {
    uint64_t bits = next_number(calls);
    double number;
    memcpy(&number, &bits, sizeof number);
    note(told, SPK_FLOAT, &bits, sizeof bits);
    return spk_put_float(writer, number);
}

/* Bytes of the input, or one repeated so often that frames and lengths grow. */
static bool tell_bytes(spk_writer *writer, struct calls *calls, struct told *told, unsigned kind) {
    size_t size = next_byte(calls);
    size_t left = (size_t)(calls->end - calls->p);
    uint8_t *block;
    if (size >= 250 && calls->told_bytes < OUTPUT_MAX) {
        size = (size_t)next_byte(calls) << 8 | next_byte(calls);
        size += size % 3 == 0 ? 65536 - 200 : 0;
        block = malloc(size > 0 ? size : 1);
        EXPECT(block != NULL);
        memset(block, (int)next_byte(calls), size);
    } else {
        size = size < left ? size : left;
        block = malloc(size > 0
                           ? size
                           : 1); /* exactly, so that a memory checker sees what is read beyond it */
        EXPECT(block != NULL);
        memcpy(block, calls->p, size);
        calls->p += size;
    }
    calls->told_bytes += size;
    bool good;
    if (kind == 0) {
        note(told, SPK_STR, block, size);
        good = spk_put_str(writer, (const char *)block, size);
    } else if (kind == 1) {
        note(told, SPK_BYTES, block, size);
        good = spk_put_bytes(writer, block, size);
    } else if (kind == 2) {
        note(told, SPK_BYTEARRAY, block, size);
        good = spk_put_bytearray(writer, block, size);
    } else {
        note_int(told, block, size);
        good = spk_put_int_bytes(writer, block, size);
    }
    free(block);
    return good;
}

static bool tell_container(spk_writer *writer, struct calls *calls, struct told *told,
                           unsigned kind) {
    static bool (*const begin[])(spk_writer *, uint64_t) = {
        spk_begin_list, spk_begin_tuple, spk_begin_dict, spk_begin_set, spk_begin_frozenset};
    uint64_t count = next_byte(calls);
    count = count < 240 ? count % 6 : count == 240 ? next_number(calls) : 990 + count % 20;
    note(told, (spk_type)(SPK_LIST + (int)kind), NULL, 0);
    take_place(told, kind == 2 ? count * 2 : count);
    return begin[kind](writer, count);
}

static bool tell_next(spk_writer *writer, struct calls *calls, struct told *told) {
    unsigned call = next_byte(calls) % 20;
    bool truth = call == 1;
    if (call < 12) {
        take_place(told, 0);
    }
    if (call == 0) {
        note(told, SPK_NONE, NULL, 0);
        return spk_put_none(writer);
    }
    if (call < 3) {
        note(told, SPK_BOOL, &truth, sizeof truth);
        return spk_put_bool(writer, truth);
    }
    if (call < 6) {
        return tell_int(writer, calls, told);
    }
    if (call == 6) {
        return tell_float(writer, calls, told);
    }
    return call < 12 ? tell_bytes(writer, calls, told, (call - 7) % 4)
                     : tell_container(writer, calls, told, (call - 12) % 5);
}

/* Different ints for the places that are left when the input is used up. */
static bool fill(spk_writer *writer, struct told *told) {
    for (int64_t i = 0; i < FILLERS_MAX && told->depth > 0; i++) {
        uint8_t bytes[3] = {(uint8_t)(i + 1000), (uint8_t)((i + 1000) >> 8), 0};
        take_place(told, 0);
        note_int(told, bytes, sizeof bytes);
        if (!spk_put_int(writer, i + 1000)) {
            return false;
        }
    }
    return true;
}

/* ---- finding ---- */

static spk_walk find(void *context, spk_event event, const spk_value *value) {
    struct told *found = context;
    const char *text = NULL;
    const void *data = NULL;
    size_t size = 0;
    double number = 0;
    bool truth = false;
    spk_type type = spk_type_of(value);
    EXPECT(event != SPK_AGAIN);
    if (event == SPK_LEAVE) {
        return SPK_WALK_ON;
    }
    if (type == SPK_BOOL) {
        EXPECT(spk_get_bool(value, &truth));
        note(found, type, &truth, sizeof truth);
    } else if (type == SPK_FLOAT) {
        EXPECT(spk_get_float(value, &number));
        note(found, type, &number, sizeof number);
    } else if (type == SPK_INT) {
        size = spk_get_int_bytes(value, NULL, 0);
        uint8_t *bytes = malloc(size);
        EXPECT(bytes && spk_get_int_bytes(value, bytes, size) == size);
        note(found, type, bytes, size);
        free(bytes);
    } else if (spk_get_str(value, &text, &size)) {
        note(found, type, text, size);
    } else if (spk_get_bytes(value, &data, &size)) {
        note(found, type, data, size);
    } else {
        note(found, type, NULL, 0);
    }
    return SPK_WALK_ON;
}

/* Equal keys and members are dropped by the reader; then less is found than was told. */
static void expect_told(const struct sink *sink, const spk_encode_options *limits,
                        const struct told *told) {
    spk_options options = SPK_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    struct told found = {.values = 0};
    options.max_depth = limits->max_depth;
    options.max_expansion = limits->max_expansion;
    options.max_int_bytes = limits->max_int_bytes;
    options.max_key_depth = limits->max_key_depth;
    options.max_key_expansion = limits->max_key_expansion;
    options.max_unpacked = limits->max_output;
    spk_document *document = spk_decode(sink->got.data, sink->got.size, &options, &report);
    if (!document) {
        fail("what was written is refused: SP%u %s", report.code, report.name);
    }
    EXPECT(spk_visit(document, spk_document_root(document), find, &found) == SPK_OK);
    EXPECT(found.values <= told->values &&
           (found.values < told->values || found.hash == told->hash));
    spk_document_free(document);
}

static uint64_t small_limit(struct calls *calls) {
    unsigned byte = next_byte(calls);
    return byte < 128 ? 0 : byte - 127;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct calls calls = {data, data + size, 0};
    static struct told told;
    struct sink sink = {.calls = 0};
    struct meter meter = METER_START;
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    unsigned flags = next_byte(&calls);
    options.protocol = 5 - (int)(flags % 4);
    options.gzip = spk_has_zlib() && flags % 16 == 7;
    options.gzip_level = 1;
    options.allocator = meter_allocator(&meter);
    if (flags & 32) {
        options.max_depth = small_limit(&calls);
        options.max_expansion = small_limit(&calls);
        options.max_int_bytes = small_limit(&calls);
        options.max_key_depth = small_limit(&calls);
        options.max_key_expansion = small_limit(&calls);
        options.max_output = small_limit(&calls) * 64;
    }
    if ((flags & 192) == 192) {
        meter.fail_at = next_byte(&calls) % 16;
        sink.fail_at = next_byte(&calls) % 8;
    }
    spk_writer *writer = spk_writer_new(&options, sink_keep, &sink, &report);
    EXPECT(writer || report.status == SPK_NO_MEMORY);
    bool good = writer != NULL;
    told.values = told.hash = told.depth = 0;
    bool goes_on = flags & 16; /* past the end of the value, which is an error */
    while (good && calls.p < calls.end && (goes_on || !is_whole(&told))) {
        good = tell_next(writer, &calls, &told);
    }
    good = good && (goes_on || fill(writer, &told));
    if (writer) {
        EXPECT(good || !spk_put_none(writer));
        spk_status status = spk_writer_finish(writer);
        EXPECT(status == spk_writer_report(writer, &report) && (status != SPK_OK || good));
        EXPECT(spk_writer_memory(writer, NULL) == meter.live);
        buffer_fit(&sink.got);
        if (status == SPK_OK) {
            EXPECT(report.raw_offset == sink.got.size);
            expect_told(&sink, &options, &told);
        } else {
            EXPECT(report.name[0] != '\0' &&
                   spk_check(sink.got.data, sink.got.size, NULL, NULL) != SPK_OK);
        }
    }
    spk_writer_free(writer);
    EXPECT(meter_is_clean(&meter) && sink.errors == 0);
    buffer_free(&sink.got);
    return 0;
}
