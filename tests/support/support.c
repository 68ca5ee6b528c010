/* SPDX-License-Identifier: MIT
 *
 * What support.h promises.  Writes no file and knows no test framework. */
#include "support.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- checks ---- */

#define SHOWN_MAX 20 /* failures of one check */

uint64_t assertions_made;

static struct check_room *rooms;
static uint64_t failures;
static uint64_t inputs_covered;

void add_checks(struct check_room *room) {
    struct check_room **place = &rooms;
    while (*place && strcmp((*place)->name, room->name) < 0) {
        place = &(*place)->next;
    }
    room->next = *place;
    *place = room;
}

size_t check_count(void) {
    size_t count = 0;
    for (const struct check_room *room = rooms; room; room = room->next) {
        count += room->count;
    }
    return count;
}

static const struct check *find_check(size_t number, const char **room_name) {
    const struct check_room *room = rooms;
    while (number >= room->count) {
        number -= room->count;
        room = room->next;
    }
    *room_name = room->name;
    return &room->checks[number];
}

const char *check_name(size_t number) {
    static char name[128];
    const char *room;
    const struct check *check = find_check(number, &room);
    snprintf(name, sizeof name, "%s.%s", room, check->name);
    return name;
}

bool check_run(size_t number) {
    const char *room;
    const struct check *check = find_check(number, &room);
    assertions_made = failures = inputs_covered = 0;
    check->run();
    if (assertions_made == 0) {
        (void)note_failure(__FILE__, __LINE__, "asserts nothing");
    }
    printf("%s %s: %" PRIu64 " assertions", failures > 0 ? "FAILED" : "passed", check_name(number),
           assertions_made);
    if (inputs_covered > 0) {
        printf(" about %" PRIu64 " inputs", inputs_covered);
    }
    if (failures > 0) {
        printf(", %" PRIu64 " failed", failures);
    }
    printf("\n");
    fflush(stdout);
    return failures == 0;
}

bool note_failure(const char *file, int line, const char *format, ...) {
    va_list arguments;
    assertions_made++;
    failures++;
    if (failures <= SHOWN_MAX) {
        printf("%s:%d: ", file, line);
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        printf("\n");
        fflush(stdout);
    }
    return false;
}

bool check_u64(uint64_t actual, uint64_t expected, const char *what, const char *file, int line) {
    return actual == expected
               ? note_success()
               : note_failure(file, line,
                              "%s is %" PRIu64 " (0x%" PRIx64 "), not %" PRIu64 " (0x%" PRIx64 ")",
                              what, actual, actual, expected, expected);
}

bool check_i64(int64_t actual, int64_t expected, const char *what, const char *file, int line) {
    return actual == expected ? note_success()
                              : note_failure(file, line, "%s is %" PRId64 ", not %" PRId64, what,
                                             actual, expected);
}

bool check_str(const char *actual, const char *expected, const char *what, const char *file,
               int line) {
    return strcmp(actual, expected) == 0
               ? note_success()
               : note_failure(file, line, "%s is \"%s\", not \"%s\"", what, actual, expected);
}

bool check_bytes(const void *actual, size_t actual_size, const void *expected, size_t expected_size,
                 const char *what, const char *file, int line) {
    if (actual_size != expected_size) {
        return note_failure(file, line, "%s has %zu bytes, not %zu", what, actual_size,
                            expected_size);
    }
    const uint8_t *a = actual;
    const uint8_t *e = expected;
    for (size_t i = 0; i < actual_size; i++) {
        if (a[i] != e[i]) {
            return note_failure(file, line, "byte %zu of %s is %02x, not %02x", i, what, a[i],
                                e[i]);
        }
    }
    return note_success();
}

void note_inputs(uint64_t inputs, const char *file, int line) {
    inputs_covered += inputs;
    if (inputs == 0) {
        (void)note_failure(file, line, "covers no input");
    }
}

/* ---- bytes ---- */

void *must_allocate(size_t size) {
    void *block = malloc(size > 0 ? size : 1);
    if (!block) {
        printf("the tests are out of memory\n");
        exit(2);
    }
    return block;
}

static uint8_t *buffer_room(struct buffer *buffer, size_t size) {
    if (buffer->capacity - buffer->size < size) {
        size_t capacity = buffer->capacity * 2 + size + 64;
        uint8_t *data = must_allocate(capacity);
        if (buffer->size > 0) {
            memcpy(data, buffer->data, buffer->size);
        }
        free(buffer->data);
        buffer->data = data;
        buffer->capacity = capacity;
    }
    buffer->size += size;
    return buffer->data + buffer->size - size;
}

void buffer_bytes(struct buffer *buffer, const void *data, size_t size) {
    if (size > 0) {
        memcpy(buffer_room(buffer, size), data, size);
    }
}

void buffer_byte(struct buffer *buffer, unsigned byte) {
    *buffer_room(buffer, 1) = (uint8_t)byte;
}

void buffer_fill(struct buffer *buffer, unsigned byte, size_t times) {
    memset(buffer_room(buffer, times), (int)byte, times);
}

void buffer_u32(struct buffer *buffer, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        buffer_byte(buffer, value >> 8 * i & 255);
    }
}

void buffer_u64(struct buffer *buffer, uint64_t value) {
    buffer_u32(buffer, (uint32_t)value);
    buffer_u32(buffer, (uint32_t)(value >> 32));
}

void buffer_repeat(struct buffer *buffer, struct input input, size_t times) {
    for (size_t i = 0; i < times; i++) {
        buffer_bytes(buffer, input.data, input.size);
    }
}

void buffer_print(struct buffer *buffer, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_bytes(buffer, text, (size_t)length);
}

struct input buffer_input(const struct buffer *buffer) {
    return (struct input){buffer->data, buffer->size};
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){NULL, 0, 0};
}

uint32_t crc32_of(struct input input) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < input.size; i++) {
        crc ^= input.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
        }
    }
    return ~crc;
}

/* RFC 1951: blocks that are stored, of at most 65,535 bytes. */
void buffer_gzip(struct buffer *buffer, struct input plain) {
    size_t left = plain.size;
    BUFFER_ADD(buffer, "\x1f\x8b\x08\0\0\0\0\0\0\xff");
    do {
        uint32_t size = left < 65535 ? (uint32_t)left : 65535;
        buffer_byte(buffer, left == size);
        buffer_u32(buffer, size | ~size << 16);
        buffer_bytes(buffer, plain.data + (plain.size - left), size);
        left -= size;
    } while (left > 0);
    buffer_u32(buffer, crc32_of(plain));
    buffer_u32(buffer, (uint32_t)plain.size);
}

uint8_t *read_file(const char *path, size_t *size) {
    struct buffer buffer = {NULL, 0, 0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    for (size_t got = 1; got > 0;) {
        uint8_t piece[4096];
        got = fread(piece, 1, sizeof piece, file);
        buffer_bytes(&buffer, piece, got);
    }
    bool failed = ferror(file) != 0;
    *size = buffer.size;
    if (fclose(file) != 0 || failed) {
        buffer_free(&buffer);
    }
    return buffer.data || failed ? buffer.data : must_allocate(0);
}

/* xorshift64* */
uint64_t dice_roll(struct dice *dice) {
    dice->state ^= dice->state >> 12;
    dice->state ^= dice->state << 25;
    dice->state ^= dice->state >> 27;
    return dice->state * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t dice_below(struct dice *dice, uint64_t limit) {
    return (dice_roll(dice) >> 11) % limit;
}

/* ---- the allocator ---- */

#define SIZE_ROOM 16 /* in front of each block, for its size */

static void *meter_resize(void *context, void *block, size_t old_size, size_t new_size) {
    struct meter *meter = context;
    uint8_t *old = block ? (uint8_t *)block - SIZE_ROOM : NULL;
    size_t real_size = 0;
    if (old) {
        memcpy(&real_size, old, sizeof real_size);
    }
    meter->errors += real_size != old_size || (!old && new_size == 0);
    if (new_size == 0) {
        meter->live -= real_size;
        meter->blocks -= old != NULL;
        free(old);
        return NULL;
    }
    meter->requests++;
    if (meter->requests == meter->fail_at ||
        (meter->fails_on && meter->fail_at > 0 && meter->requests > meter->fail_at)) {
        meter->refusals++;
        return NULL;
    }
    uint8_t *moved = must_allocate(new_size + SIZE_ROOM);
    memset(moved, 0xa5, new_size + SIZE_ROOM);
    memcpy(moved, &new_size, sizeof new_size);
    if (old) {
        memcpy(moved + SIZE_ROOM, block, real_size < new_size ? real_size : new_size);
        meter->copied += real_size;
        free(old);
    }
    meter->live = meter->live - real_size + new_size;
    meter->blocks += !old;
    meter->peak = meter->live > meter->peak ? meter->live : meter->peak;
    return moved + SIZE_ROOM;
}

spk_allocator meter_allocator(struct meter *meter) {
    return (spk_allocator){meter_resize, meter};
}

/* ---- values as text ---- */

struct level {
    spk_type type;
    size_t met;
};

struct writer {
    struct buffer *out;
    struct buffer levels;     /* struct level */
    struct buffer containers; /* uint64_t: ids, in the order of entering */
};

static void write_quoted(struct buffer *out, const char *opening, const void *data, size_t size) {
    const uint8_t *p = data;
    buffer_print(out, "%s'", opening);
    for (size_t i = 0; i < size; i++) {
        if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\'' && p[i] != '\\') {
            buffer_byte(out, p[i]);
        } else {
            buffer_print(out, "\\x%02x", p[i]);
        }
    }
    buffer_byte(out, '\'');
}

static void write_int(struct buffer *out, const spk_value *value) {
    int64_t small;
    size_t size = spk_get_int_bytes(value, NULL, 0);
    if (spk_get_int(value, &small)) {
        buffer_print(out, "%" PRId64, small);
        return;
    }
    uint8_t *bytes = must_allocate(size);
    (void)spk_get_int_bytes(value, bytes, size);
    BUFFER_ADD(out, "0x");
    for (size_t i = size; i-- > 0;) {
        buffer_print(out, "%02x", bytes[i]);
    }
    free(bytes);
}

static void write_atom(struct buffer *out, const spk_value *value) {
    const char *text = NULL;
    const void *data = NULL;
    size_t size = 0;
    double number = 0;
    uint64_t bits;
    bool truth = false;
    switch (spk_type_of(value)) {
    case SPK_NONE:
        BUFFER_ADD(out, "None");
        break;
    case SPK_BOOL:
        (void)spk_get_bool(value, &truth);
        buffer_print(out, truth ? "True" : "False");
        break;
    case SPK_INT:
        write_int(out, value);
        break;
    case SPK_FLOAT:
        (void)spk_get_float(value, &number);
        memcpy(&bits, &number, sizeof bits);
        buffer_print(out, "f%016" PRIx64, bits);
        break;
    case SPK_STR:
        (void)spk_get_str(value, &text, &size);
        write_quoted(out, "", text, size);
        break;
    case SPK_BYTES:
    case SPK_BYTEARRAY:
        (void)spk_get_bytes(value, &data, &size);
        write_quoted(out, spk_type_of(value) == SPK_BYTES ? "b" : "B", data, size);
        break;
    default:
        BUFFER_ADD(out, "?");
        break;
    }
}

static struct level *innermost(struct writer *writer) {
    size_t count = writer->levels.size / sizeof(struct level);
    return count > 0 ? (struct level *)(void *)writer->levels.data + (count - 1) : NULL;
}

static size_t container_number(const struct writer *writer, uint64_t id) {
    size_t count = writer->containers.size / sizeof id;
    for (size_t i = 0; i < count; i++) {
        if (memcmp(writer->containers.data + i * sizeof id, &id, sizeof id) == 0) {
            return i;
        }
    }
    return count;
}

static const char *opening_of(spk_type type) {
    return type == SPK_LIST    ? "["
           : type == SPK_TUPLE ? "("
           : type == SPK_DICT  ? "{"
           : type == SPK_SET   ? "S{"
                               : "F{";
}

static spk_walk write_event(void *context, spk_event event, const spk_value *value) {
    struct writer *writer = context;
    spk_type type = spk_type_of(value);
    uint64_t id = spk_value_id(value);
    struct level *level = innermost(writer);
    if (event == SPK_LEAVE) {
        buffer_byte(writer->out, type == SPK_LIST ? ']' : type == SPK_TUPLE ? ')' : '}');
        writer->levels.size -= sizeof *level;
        return SPK_WALK_ON;
    }
    if (level && level->met++ > 0) {
        buffer_print(writer->out, level->type == SPK_DICT && level->met % 2 == 0 ? ": " : ", ");
    }
    if (event == SPK_ENTER) {
        struct level inner = {type, 0};
        buffer_print(writer->out, "%s", opening_of(type));
        buffer_bytes(&writer->containers, &id, sizeof id);
        buffer_bytes(&writer->levels, &inner, sizeof inner);
    } else if (event == SPK_AGAIN) {
        buffer_print(writer->out, "@%zu", container_number(writer, id));
    } else {
        write_atom(writer->out, value);
    }
    return SPK_WALK_ON;
}

static void write_value(struct buffer *out, const spk_document *document, const spk_value *value) {
    struct writer writer = {out, {NULL, 0, 0}, {NULL, 0, 0}};
    out->size = 0;
    if (spk_visit(document, value, write_event, &writer) != SPK_OK) {
        BUFFER_ADD(out, "?");
    }
    buffer_byte(out, 0);
    buffer_free(&writer.levels);
    buffer_free(&writer.containers);
}

const char *value_text(const spk_document *document, const spk_value *value) {
    static struct buffer out;
    write_value(&out, document, value);
    return (const char *)out.data;
}

/* ---- verdicts ---- */

bool same_report(const spk_report *a, const spk_report *b) {
    return a->status == b->status && a->code == b->code && strcmp(a->name, b->name) == 0 &&
           strcmp(a->message, b->message) == 0 && strcmp(a->opcode, b->opcode) == 0 &&
           a->offset == b->offset && a->raw_offset == b->raw_offset && a->limit == b->limit &&
           a->wrapper == b->wrapper && a->protocol == b->protocol && a->consumed == b->consumed &&
           a->opcodes == b->opcodes && a->max_depth == b->max_depth &&
           strcmp(a->detail, b->detail) == 0 &&
           (a->status != SPK_OK || a->input_bytes == b->input_bytes);
}

enum way { WAY_CHECK, WAY_DECODE, WAY_BORROW, WAY_CHECK_BYTES, WAY_DECODE_BYTES, WAYS };

static spk_document *decode_bytes(enum way way, struct input input, const spk_options *options,
                                  spk_report *report) {
    spk_mode mode = way == WAY_CHECK_BYTES ? SPK_MODE_CHECK : SPK_MODE_DECODE;
    spk_decoder *decoder = spk_decoder_new(mode, options, report);
    if (!decoder) {
        return NULL;
    }
    for (size_t i = 0; i < input.size; i++) {
        uint8_t *piece =
            must_allocate(1); /* a block of its own, so that a reading beyond it is seen */
        *piece = input.data[i];
        (void)spk_decoder_feed(decoder, piece, 1);
        free(piece);
    }
    (void)spk_decoder_finish(decoder);
    (void)spk_decoder_report(decoder, report);
    spk_document *document = spk_decoder_take(decoder);
    spk_decoder_free(decoder);
    return document;
}

/* One way; the value, if there is one, as text. */
static spk_report ask(enum way way, struct input input, const spk_options *options,
                      struct buffer *text) {
    spk_report report = SPK_REPORT_INIT;
    spk_document *document = NULL;
    uint8_t *copy = must_allocate(input.size);
    if (input.size > 0) {
        memcpy(copy, input.data, input.size);
    }
    if (way == WAY_CHECK) {
        (void)spk_check(copy, input.size, options, &report);
    } else if (way == WAY_DECODE) {
        document = spk_decode(copy, input.size, options, &report);
        memset(copy, 0xa5, input.size);
    } else if (way == WAY_BORROW) {
        document = spk_decode_borrowing(copy, input.size, options, &report);
    } else {
        document = decode_bytes(way, input, options, &report);
    }
    bool builds = way == WAY_DECODE || way == WAY_BORROW || way == WAY_DECODE_BYTES;
    CHECK((document != NULL) == (builds && report.status == SPK_OK));
    write_value(text, document, spk_document_root(document));
    spk_document_free(document);
    free(copy);
    return report;
}

struct verdict judge(struct input input, const spk_options *options) {
    static struct buffer first, text;
    struct verdict verdict = {SPK_REPORT_INIT, ""};
    spk_options metered = SPK_OPTIONS_INIT;
    if (options) {
        metered = *options;
    }
    for (int way = 0; way < WAYS; way++) {
        struct meter meter = {0};
        metered.allocator = meter_allocator(&meter);
        spk_report report = ask((enum way)way, input, &metered, way == WAY_DECODE ? &first : &text);
        CHECK_NOTE(meter.live == 0 && meter.blocks == 0 && meter.errors == 0,
                   "way %d leaves %zu bytes, %" PRIu64 " errors", way, meter.live, meter.errors);
        if (way == WAY_CHECK) {
            verdict.report = report;
        }
        CHECK_NOTE(same_report(&verdict.report, &report),
                   "way %d says %s at %" PRIu64 " %s, not %s at %" PRIu64 " %s", way, report.name,
                   report.offset, report.detail, verdict.report.name, verdict.report.offset,
                   verdict.report.detail);
        if ((way == WAY_BORROW || way == WAY_DECODE_BYTES) && report.status == SPK_OK) {
            CHECK_STR((const char *)text.data, (const char *)first.data);
        }
    }
    if (verdict.report.status == SPK_OK) {
        verdict.text = (const char *)first.data;
    }
    return verdict;
}

static const char *start_of(struct input input) {
    static char text[128];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < input.size && at + 8 < sizeof text; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%02x", input.data[i]);
    }
    return text;
}

bool expect_value(struct input input, const spk_options *options, const char *text,
                  const char *file, int line) {
    struct verdict verdict = judge(input, options);
    if (verdict.report.status != SPK_OK) {
        return note_failure(file, line, "%s: %s at %" PRIu64 " %s", start_of(input),
                            verdict.report.name, verdict.report.offset, verdict.report.detail);
    }
    return check_str(verdict.text, text, start_of(input), file, line);
}

bool expect_refusal(struct input input, const spk_options *options, enum reason reason,
                    uint64_t offset, const char *detail, const char *file, int line) {
    struct verdict verdict = judge(input, options);
    const spk_report *report = &verdict.report;
    if (report->code != (unsigned)reason || report->offset != offset ||
        (detail && strcmp(report->detail, detail) != 0)) {
        return note_failure(file, line,
                            "%s: SP%u %s at %" PRIu64 " '%s', not SP%u at %" PRIu64 " '%s'",
                            start_of(input), report->code, report->name, report->offset,
                            report->detail, (unsigned)reason, offset, detail ? detail : "");
    }
    return note_success();
}
