/* SPDX-License-Identifier: MIT
 *
 * The input is inflated in cells, so that all that is told of a place in the file is the same
 * however the bytes arrived: a cell ends at a fixed place of the file, and whatever comes out of
 * its bytes is said to stand at its start. */
#include "decode/gzip.h"

#ifdef SPK_WITH_ZLIB

#include <zlib.h>

#define OUT_SIZE ((size_t)64 << 10)
#define RATIO_STEP ((uint64_t)64 << 10)
#ifdef SPK_RATIO_FREE
#define RATIO_FREE SPK_RATIO_FREE /* a fuzz target has less, so that its inputs come to it */
#else
#define RATIO_FREE ((uint64_t)64 << 20)
#endif
#define CELL_MAX_BITS 16
#define CELL_SHARE_BITS 3
#define CELL_SINGLE 128

struct gzip {
    struct memory *memory;
    const spk_options *options;
    struct refusal *refusal;
    struct window *window;
    z_stream stream;
    bool in_member;
    uint64_t packed;   /* bytes of the file taken */
    uint64_t unpacked; /* bytes that came out */
    uint64_t raw_offset;
    uint8_t out[OUT_SIZE];
};

static void *allocate(void *opaque, unsigned items, unsigned item_size) {
    return memory_allocate_sized(opaque, items, item_size);
}

static void release(void *opaque, void *address) {
    memory_free_sized(opaque, address);
}

struct gzip *gzip_new(struct memory *memory, const spk_options *options, struct refusal *refusal,
                      struct window *window) {
    struct gzip *gzip = memory_resize(memory, NULL, 0, sizeof *gzip);
    if (!gzip) {
        return NULL;
    }
    gzip->memory = memory;
    gzip->options = options;
    gzip->refusal = refusal;
    gzip->window = window;
    gzip->stream = (z_stream){.zalloc = allocate, .zfree = release, .opaque = memory};
    memory->failure = REASON_NO_MEMORY;
    if (inflateInit2(&gzip->stream, 16 + MAX_WBITS) != Z_OK) { /* 16: gzip only */
        memory_free(memory, gzip, sizeof *gzip);
        return NULL;
    }
    gzip_clear(gzip);
    return gzip;
}

void gzip_free(struct gzip *gzip, struct memory *memory) {
    if (gzip) {
        (void)inflateEnd(&gzip->stream);
        memory_free(memory, gzip, sizeof *gzip);
    }
}

void gzip_clear(struct gzip *gzip) {
    (void)inflateReset(&gzip->stream);
    gzip->in_member = true;
    gzip->packed = 0;
    gzip->unpacked = 0;
    gzip->raw_offset = 0;
}

uint64_t gzip_raw_offset(const struct gzip *gzip) {
    return gzip->raw_offset;
}

/* Cells grow with the place: single bytes as far as CELL_SINGLE, then never more than an eighth of
 * it, and at most 64 KiB. Smaller ones would tell a place more exactly, but zlib copies its window
 * at the end of each and goes on from there. */
static unsigned cell_bits(uint64_t place) {
    unsigned bits = 0;
    while (place >= CELL_SINGLE && bits < CELL_MAX_BITS &&
           place >> (bits + CELL_SHARE_BITS + 1) != 0) {
        bits++;
    }
    return bits;
}

static uint64_t cell_start(uint64_t place) {
    return place >> cell_bits(place) << cell_bits(place);
}

static uint64_t cell_end(uint64_t place) {
    return cell_start(place) + (UINT64_C(1) << cell_bits(place));
}

static bool is_refused(const struct gzip *gzip) {
    return gzip->refusal->reason != REASON_DATA;
}

/* What was unpacked before has been judged; if it was not refused, this is. */
static void refuse_gzip(struct gzip *gzip, enum reason reason, const char *detail) {
    window_flush(gzip->window);
    if (!is_refused(gzip)) {
        struct text text = text_detail(gzip->refusal);
        refuse(gzip->refusal, reason, -1, gzip->window->position);
        text_put(&text, detail);
    }
}

static void refuse_size(struct gzip *gzip, enum reason reason, uint64_t limit) {
    window_flush(gzip->window);
    refuse_limit(gzip->refusal, reason, -1, gzip->window->position, limit);
}

/* Says nothing about the input, so what was held back is not judged either. */
static void refuse_memory(struct gzip *gzip) {
    uint64_t offset = gzip->window->position;
    if (gzip->memory->failure == REASON_LIMIT_ALLOC) {
        refuse_limit(gzip->refusal, REASON_LIMIT_ALLOC, -1, offset, gzip->options->max_alloc);
    } else {
        refuse(gzip->refusal, REASON_NO_MEMORY, -1, offset);
    }
}

/* zlib tells what is wrong in words only.  Should other words come one day, the refusal stays and
 * is less precise. */
static void refuse_data(struct gzip *gzip) {
    static const struct {
        const char *message;
        enum reason reason;
    } known[] = {
        {"incorrect header check", REASON_GZIP_HEADER},
        {"unknown compression method", REASON_GZIP_HEADER},
        {"unknown header flags set", REASON_GZIP_HEADER},
        {"header crc mismatch", REASON_GZIP_HEADER},
        {"incorrect data check", REASON_GZIP_CRC},
        {"incorrect length check", REASON_GZIP_SIZE},
    };
    const char *message = gzip->stream.msg ? gzip->stream.msg : "";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(message, known[i].message) == 0) {
            refuse_gzip(gzip, known[i].reason,
                        known[i].reason == REASON_GZIP_HEADER ? message : "");
            return;
        }
    }
    refuse_gzip(gzip, REASON_GZIP_DATA, message);
}

/* The ratio is tested only at fixed places of the output, whichever member brings them.  Behind
 * STOP nobody but this room counts what is unpacked. */
static void test_limits(struct gzip *gzip) {
    uint64_t max = gzip->options->max_unpacked;
    uint64_t ratio = gzip->options->max_ratio;
    if (gzip->window->is_done && gzip->unpacked > max) {
        refuse_limit(gzip->refusal, REASON_LIMIT_UNPACKED, -1, max, max);
    } else if (gzip->unpacked > RATIO_FREE && gzip->unpacked % RATIO_STEP == 0 &&
               (gzip->unpacked - 1) / ratio >= cell_end(gzip->packed)) {
        refuse_size(gzip, REASON_LIMIT_RATIO, ratio);
    }
}

/* Inflates once, as far as the output's next fixed place, and judges what came out, before what
 * zlib said of what is behind it: that is returned. */
static int inflate_once(struct gzip *gzip) {
    z_stream *stream = &gzip->stream;
    size_t room = OUT_SIZE - (size_t)(gzip->unpacked % OUT_SIZE);
    stream->next_out = gzip->out;
    stream->avail_out = (uInt)room;
    int result = inflate(stream, Z_NO_FLUSH);
    size_t produced = room - stream->avail_out;
    gzip->unpacked += produced;
    window_feed(gzip->window, gzip->out, produced);
    if (produced > 0 && !is_refused(gzip)) {
        test_limits(gzip);
    }
    return result;
}

/* Bytes of one cell, within a member; returns those taken, which are all unless the member ends. */
static size_t feed_member(struct gzip *gzip, const uint8_t *p, size_t size) {
    z_stream *stream = &gzip->stream;
    stream->next_in = (z_const Bytef *)(uintptr_t)p;
    stream->avail_in = (uInt)size;
    for (;;) {
        int result = inflate_once(gzip);
        bool is_full = stream->avail_out == 0;
        if (is_refused(gzip) &&
            window_is_settled(gzip->window)) { /* else a tar header may go on in the next member */
            return size;
        }
        if (result == Z_STREAM_END) {
            gzip->in_member = false;
            return size - stream->avail_in;
        }
        if (result == Z_MEM_ERROR) {
            refuse_memory(gzip);
            return size;
        }
        if (result != Z_OK && result != Z_BUF_ERROR) {
            refuse_data(gzip);
            return size;
        }
        if (!is_full) { /* zlib has taken everything and holds nothing back */
            return size;
        }
    }
}

/* A byte behind a member: padding, the start of the next member, or garbage. */
static size_t feed_between(struct gzip *gzip, uint8_t byte) {
    if (byte == 0x1f) {
        (void)inflateReset(&gzip->stream);
        gzip->in_member = true;
        return 0;
    }
    if (byte != 0) {
        refuse_gzip(gzip, REASON_GZIP_TRAILING, "");
    }
    return 1;
}

void gzip_feed(struct gzip *gzip, const uint8_t *p, size_t size) {
    while (size > 0 && !(is_refused(gzip) && window_is_settled(gzip->window))) {
        uint64_t left = cell_end(gzip->packed) - gzip->packed;
        if (left > gzip->options->max_input - gzip->packed) {
            left = gzip->options->max_input - gzip->packed;
        }
        size_t take = size < left ? size : (size_t)left;
        bool was_refused = is_refused(gzip);
        if (take == 0) {
            refuse_size(gzip, REASON_LIMIT_INPUT, gzip->options->max_input);
            gzip->raw_offset = was_refused ? gzip->raw_offset : gzip->packed;
            return;
        }
        size_t used = gzip->in_member ? feed_member(gzip, p, take) : feed_between(gzip, *p);
        if (is_refused(gzip) && !was_refused) {
            gzip->raw_offset = cell_start(gzip->packed);
        }
        gzip->packed += used;
        p += used;
        size -= used;
    }
}

void gzip_finish(struct gzip *gzip) {
    if (is_refused(gzip)) {
        return;
    }
    if (gzip->in_member) {
        refuse_gzip(gzip, REASON_GZIP_TRUNCATED, "");
    }
    gzip->raw_offset = gzip->packed;
}

#else

struct gzip *gzip_new(struct memory *memory, const spk_options *options, struct refusal *refusal,
                      struct window *window) {
    (void)options;
    (void)window;
    (void)memory;
    refuse(refusal, REASON_GZIP_UNSUPPORTED, -1, 0);
    return NULL;
}

void gzip_free(struct gzip *gzip, struct memory *memory) {
    (void)gzip;
    (void)memory;
}

void gzip_clear(struct gzip *gzip) {
    (void)gzip;
}

void gzip_feed(struct gzip *gzip, const uint8_t *p, size_t size) {
    (void)gzip;
    (void)p;
    (void)size;
}

void gzip_finish(struct gzip *gzip) {
    (void)gzip;
}

uint64_t gzip_raw_offset(const struct gzip *gzip) {
    (void)gzip;
    return 0;
}

#endif
