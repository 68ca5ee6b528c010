/* SPDX-License-Identifier: MIT
 *
 * The input is inflated in cells, which end at fixed offsets of the file.  Whatever comes out of
 * the bytes of a cell is reported to stand at its start.  So raw_offset and the ratio are the same
 * however the bytes arrived. */
#include "decode/gunzip.h"

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

struct gunzip {
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

struct gunzip *gunzip_new(struct memory *memory, const spk_options *options,
                          struct refusal *refusal, struct window *window) {
    struct gunzip *gunzip = memory_resize(memory, NULL, 0, sizeof *gunzip);
    if (!gunzip) {
        return NULL;
    }
    gunzip->memory = memory;
    gunzip->options = options;
    gunzip->refusal = refusal;
    gunzip->window = window;
    gunzip->stream = (z_stream){.zalloc = allocate, .zfree = release, .opaque = memory};
    memory->failure = REASON_NO_MEMORY;
    if (inflateInit2(&gunzip->stream, 16 + MAX_WBITS) != Z_OK) { /* 16: gzip only */
        memory_free(memory, gunzip, sizeof *gunzip);
        return NULL;
    }
    gunzip_clear(gunzip);
    return gunzip;
}

void gunzip_free(struct gunzip *gunzip, struct memory *memory) {
    if (gunzip) {
        (void)inflateEnd(&gunzip->stream);
        memory_free(memory, gunzip, sizeof *gunzip);
    }
}

void gunzip_clear(struct gunzip *gunzip) {
    (void)inflateReset(&gunzip->stream);
    gunzip->in_member = true;
    gunzip->packed = 0;
    gunzip->unpacked = 0;
    gunzip->raw_offset = 0;
}

uint64_t gunzip_raw_offset(const struct gunzip *gunzip) {
    return gunzip->raw_offset;
}

/* Cells grow with the offset: single bytes up to CELL_SINGLE, then never more than an eighth of the
 * offset, and at most 64 KiB.  Smaller cells would make raw_offset more exact, but zlib copies its
 * own window at the end of each.
 *
 *     offset   0 1 2 ... 127 | 128 ... 143 | ... 255 | 256 ... 287 | ...
 *     cells    of 1 byte     | of 16 bytes           | of 32 bytes        */
static unsigned cell_bits(uint64_t raw) {
    unsigned bits = 0;
    while (raw >= CELL_SINGLE && bits < CELL_MAX_BITS && raw >> (bits + CELL_SHARE_BITS + 1) != 0) {
        bits++;
    }
    return bits;
}

static uint64_t cell_start(uint64_t raw) {
    return raw >> cell_bits(raw) << cell_bits(raw);
}

static uint64_t cell_end(uint64_t raw) {
    return cell_start(raw) + (UINT64_C(1) << cell_bits(raw));
}

static bool is_refused(const struct gunzip *gunzip) {
    return gunzip->refusal->reason != REASON_DATA;
}

/* Refuses the wrapper, unless the bytes that were unpacked before are refused: these come first. */
static void refuse_gzip(struct gunzip *gunzip, enum reason reason, const char *detail) {
    window_flush(gunzip->window);
    if (!is_refused(gunzip)) {
        struct text text = text_detail(gunzip->refusal);
        refuse(gunzip->refusal, reason, -1, gunzip->window->position);
        text_put(&text, detail);
    }
}

static void refuse_size(struct gunzip *gunzip, enum reason reason, uint64_t limit) {
    window_flush(gunzip->window);
    refuse_about(gunzip->refusal, reason, -1, gunzip->window->position, limit);
}

/* Lack of memory is no verdict, so bytes that are held back are not judged before it. */
static void refuse_memory(struct gunzip *gunzip) {
    refuse_about(gunzip->refusal, memory_reason(gunzip->memory), -1, gunzip->window->position,
                 gunzip->options->max_alloc);
}

/* zlib says only in words what is wrong.  With other words, of a later zlib, the input is still
 * refused, but with a more general reason. */
static void refuse_data(struct gunzip *gunzip) {
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
    const char *message = gunzip->stream.msg ? gunzip->stream.msg : "";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(message, known[i].message) == 0) {
            refuse_gzip(gunzip, known[i].reason,
                        known[i].reason == REASON_GZIP_HEADER ? message : "");
            return;
        }
    }
    refuse_gzip(gunzip, REASON_GZIP_DATA, message);
}

/* The ratio is tested only at fixed offsets of the output, which goes on from member to member.
 * Behind STOP the window no longer counts what is unpacked, so the limit is tested here. */
static void test_limits(struct gunzip *gunzip) {
    uint64_t max = gunzip->options->max_unpacked;
    uint64_t ratio = gunzip->options->max_ratio;
    if (gunzip->window->is_done && gunzip->unpacked > max) {
        refuse_about(gunzip->refusal, REASON_LIMIT_UNPACKED, -1, max, max);
    } else if (gunzip->unpacked > RATIO_FREE && gunzip->unpacked % RATIO_STEP == 0 &&
               (gunzip->unpacked - 1) / ratio >= cell_end(gunzip->packed)) {
        refuse_size(gunzip, REASON_LIMIT_RATIO, ratio);
    }
}

/* Inflates once, at most up to the next fixed offset of the output, and has the output judged. Then
 * returns the result of zlib, which is about what comes behind the output. */
static int inflate_once(struct gunzip *gunzip) {
    z_stream *stream = &gunzip->stream;
    size_t space = OUT_SIZE - (size_t)(gunzip->unpacked % OUT_SIZE);
    stream->next_out = gunzip->out;
    stream->avail_out = (uInt)space;
    int result = inflate(stream, Z_NO_FLUSH);
    size_t produced = space - stream->avail_out;
    gunzip->unpacked += produced;
    window_feed(gunzip->window, gunzip->out, produced);
    if (produced > 0 && !is_refused(gunzip)) {
        test_limits(gunzip);
    }
    return result;
}

/* Feeds bytes of one cell, within a member.  Returns how many were taken: all, unless the member
 * ends. */
static size_t feed_member(struct gunzip *gunzip, const uint8_t *p, size_t size) {
    z_stream *stream = &gunzip->stream;
    stream->next_in = (z_const Bytef *)(uintptr_t)p;
    stream->avail_in = (uInt)size;
    for (;;) {
        int result = inflate_once(gunzip);
        bool is_full = stream->avail_out == 0;
        /* Not settled: a header of tar, for example, may go on in the next member. */
        if (is_refused(gunzip) && window_is_settled(gunzip->window)) {
            return size;
        }
        if (result == Z_STREAM_END) {
            gunzip->in_member = false;
            return size - stream->avail_in;
        }
        if (result == Z_MEM_ERROR) {
            refuse_memory(gunzip);
            return size;
        }
        if (result != Z_OK && result != Z_BUF_ERROR) {
            refuse_data(gunzip);
            return size;
        }
        if (!is_full) { /* zlib has taken all input and holds no output back */
            return size;
        }
    }
}

/* A byte behind a member: padding, the start of the next member, or garbage. */
static size_t feed_between(struct gunzip *gunzip, uint8_t byte) {
    if (byte == 0x1f) {
        (void)inflateReset(&gunzip->stream);
        gunzip->in_member = true;
        return 0;
    }
    if (byte != 0) {
        refuse_gzip(gunzip, REASON_GZIP_TRAILING, "");
    }
    return 1;
}

void gunzip_feed(struct gunzip *gunzip, const uint8_t *p, size_t size) {
    while (size > 0 && !(is_refused(gunzip) && window_is_settled(gunzip->window))) {
        uint64_t left = cell_end(gunzip->packed) - gunzip->packed;
        if (left > gunzip->options->max_input - gunzip->packed) {
            left = gunzip->options->max_input - gunzip->packed;
        }
        size_t take = size < left ? size : (size_t)left;
        bool was_refused = is_refused(gunzip);
        if (take == 0) {
            refuse_size(gunzip, REASON_LIMIT_INPUT, gunzip->options->max_input);
            gunzip->raw_offset = was_refused ? gunzip->raw_offset : gunzip->packed;
            return;
        }
        size_t used = gunzip->in_member ? feed_member(gunzip, p, take) : feed_between(gunzip, *p);
        if (is_refused(gunzip) && !was_refused) {
            gunzip->raw_offset = cell_start(gunzip->packed);
        }
        gunzip->packed += used;
        p += used;
        size -= used;
    }
}

void gunzip_finish(struct gunzip *gunzip) {
    if (is_refused(gunzip)) {
        return;
    }
    if (gunzip->in_member) {
        refuse_gzip(gunzip, REASON_GZIP_TRUNCATED, "");
    }
    gunzip->raw_offset = gunzip->packed;
}

#else

struct gunzip *gunzip_new(struct memory *memory, const spk_options *options,
                          struct refusal *refusal, struct window *window) {
    (void)options;
    (void)window;
    (void)memory;
    refuse(refusal, REASON_GZIP_UNSUPPORTED, -1, 0);
    return NULL;
}

void gunzip_free(struct gunzip *gunzip, struct memory *memory) {
    (void)gunzip;
    (void)memory;
}

void gunzip_clear(struct gunzip *gunzip) {
    (void)gunzip;
}

void gunzip_feed(struct gunzip *gunzip, const uint8_t *p, size_t size) {
    (void)gunzip;
    (void)p;
    (void)size;
}

void gunzip_finish(struct gunzip *gunzip) {
    (void)gunzip;
}

uint64_t gunzip_raw_offset(const struct gunzip *gunzip) {
    (void)gunzip;
    return 0;
}

#endif
