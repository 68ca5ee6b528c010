/* SPDX-License-Identifier: MIT
 *
 * Deflate's format reaches 1032 : 1, and a reader that guards against bombs, as the decoder does,
 * refuses far less. So what would pack better than RATIO_MAX has a few of its 64 KiB steps stored
 * unpacked; that costs half a percent and only ever happens past RATIO_FREE bytes of nearly the
 * same. */
#include "encode/deflate.h"

#include "base/bytes.h"

#ifdef SPK_WITH_ZLIB

#include <zlib.h>

#define OUT_SIZE ((size_t)16 << 10)
#define STEP ((size_t)64 << 10)
#define RATIO_FREE ((uint64_t)32 << 20)
#define RATIO_MAX 200
#define OS_UNKNOWN 255 /* zlib would tell what it was built on */

struct deflater {
    z_stream stream;
    gz_header header;
    const uint8_t *next; /* what was fed and has no step yet */
    size_t left;
    int level;   /* that was asked for */
    int current; /* that zlib is set to: level, or 0 while storing */
    uint64_t unpacked;
    uint64_t packed;
    uint8_t out[OUT_SIZE];
};

static void *allocate(void *opaque, unsigned items, unsigned item_size) {
    return memory_allocate_sized(opaque, items, item_size);
}

static void release(void *opaque, void *address) {
    memory_free_sized(opaque, address);
}

struct deflater *deflater_new(struct memory *memory, int level) {
    struct deflater *deflater = memory_resize(memory, NULL, 0, sizeof *deflater);
    if (!deflater) {
        return NULL;
    }
    deflater->stream = (z_stream){.zalloc = allocate, .zfree = release, .opaque = memory};
    deflater->header = (gz_header){.os = OS_UNKNOWN};
    deflater->next = NULL;
    deflater->left = 0;
    deflater->level = level;
    deflater->current = level;
    deflater->unpacked = 0;
    deflater->packed = 0;
    memory->failure = REASON_NO_MEMORY;
    if (deflateInit2(&deflater->stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        memory_free(memory, deflater, sizeof *deflater);
        return NULL;
    }
    (void)deflateSetHeader(&deflater->stream, &deflater->header);
    return deflater;
}

void deflater_free(struct deflater *deflater, struct memory *memory) {
    if (deflater) {
        (void)deflateEnd(&deflater->stream);
        memory_free(memory, deflater, sizeof *deflater);
    }
}

void deflater_feed(struct deflater *deflater, const uint8_t *p, size_t size) {
    deflater->next = p;
    deflater->left = size;
}

/* Steps end at fixed places, so that the same bytes are packed alike however they were fed. */
static void next_step(struct deflater *deflater) {
    size_t room = STEP - (size_t)(deflater->unpacked % STEP);
    size_t size = deflater->left < room ? deflater->left : room;
    deflater->stream.next_in = (z_const Bytef *)(uintptr_t)deflater->next;
    deflater->stream.avail_in = (uInt)size;
    deflater->next += size;
    deflater->left -= size;
    deflater->unpacked += size;
}

/* The level for the next step. */
static int wanted_level(const struct deflater *deflater) {
    if (deflater->unpacked % STEP != 0) {
        return deflater->current;
    }
    bool is_extreme =
        deflater->unpacked >= RATIO_FREE && deflater->unpacked / RATIO_MAX > deflater->packed;
    return is_extreme ? 0 : deflater->level;
}

/* True if zlib has nothing more to do before it gets more input; what came out may fill the room or
 * not. */
static bool work(struct deflater *deflater, bool is_end) {
    z_stream *stream = &deflater->stream;
    if (stream->avail_in == 0 && deflater->left > 0) {
        int wanted = wanted_level(deflater);
        if (wanted != deflater->current) {
            if (deflateParams(stream, wanted, Z_DEFAULT_STRATEGY) == Z_OK ||
                stream->avail_out > 0) {
                deflater->current =
                    wanted; /* else it needs room for what it held back, and is asked again */
            }
            return false;
        }
        next_step(deflater);
    }
    bool ends = is_end && deflater->left == 0;
    int result = deflate(stream, ends ? Z_FINISH : Z_NO_FLUSH);
    if (ends) {
        return result == Z_STREAM_END;
    }
    return deflater->left == 0 && stream->avail_in == 0 && stream->avail_out > 0;
}

size_t deflater_run(struct deflater *deflater, bool is_end, const uint8_t **out) {
    deflater->stream.next_out = deflater->out;
    deflater->stream.avail_out = (uInt)OUT_SIZE;
    while (deflater->stream.avail_out > 0 && !work(deflater, is_end)) {
    }
    size_t produced = OUT_SIZE - deflater->stream.avail_out;
    deflater->packed += produced;
    *out = deflater->out;
    return produced;
}

#else

struct deflater *deflater_new(struct memory *memory, int level) {
    (void)level;
    memory->failure = REASON_NO_ZLIB;
    return NULL;
}

void deflater_free(struct deflater *deflater, struct memory *memory) {
    (void)deflater;
    (void)memory;
}

void deflater_feed(struct deflater *deflater, const uint8_t *p, size_t size) {
    (void)deflater;
    (void)p;
    (void)size;
}

size_t deflater_run(struct deflater *deflater, bool is_end, const uint8_t **out) {
    (void)deflater;
    (void)is_end;
    *out = NULL;
    return 0;
}

#endif
