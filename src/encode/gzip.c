/* SPDX-License-Identifier: MIT
 *
 * Deflate can pack 1032 : 1, but a reader that guards against bombs, as the decoder does, refuses
 * much less than that.  So of data that would pack better than RATIO_MAX, a step of 64 KiB is
 * stored unpacked now and then.  That costs half a percent, and happens only past RATIO_FREE bytes
 * that are nearly all the same. */
#include "encode/gzip.h"

#include "base/bytes.h"

#ifdef SPK_WITH_ZLIB

#include <zlib.h>

#define OUT_SIZE ((size_t)16 << 10)
#define STEP ((size_t)64 << 10)
#define RATIO_FREE ((uint64_t)32 << 20)
#define RATIO_MAX 200
#define OS_UNKNOWN 255 /* zlib would write the system that it was built on */

struct gzip {
    z_stream stream;
    gz_header header;
    const uint8_t *next; /* what was fed and is not part of a step yet */
    size_t left;
    int level;   /* what was asked for */
    int current; /* what zlib is set to: level, or 0 for a step that is stored */
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

struct gzip *gzip_new(struct memory *memory, int level) {
    struct gzip *gzip = memory_resize(memory, NULL, 0, sizeof *gzip);
    if (!gzip) {
        return NULL;
    }
    gzip->stream = (z_stream){.zalloc = allocate, .zfree = release, .opaque = memory};
    gzip->header = (gz_header){.os = OS_UNKNOWN};
    gzip->next = NULL;
    gzip->left = 0;
    gzip->level = level;
    gzip->current = level;
    gzip->unpacked = 0;
    gzip->packed = 0;
    memory->failure = REASON_NO_MEMORY;
    if (deflateInit2(&gzip->stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        memory_free(memory, gzip, sizeof *gzip);
        return NULL;
    }
    (void)deflateSetHeader(&gzip->stream, &gzip->header);
    return gzip;
}

void gzip_free(struct gzip *gzip, struct memory *memory) {
    if (gzip) {
        (void)deflateEnd(&gzip->stream);
        memory_free(memory, gzip, sizeof *gzip);
    }
}

void gzip_feed(struct gzip *gzip, const uint8_t *p, size_t size) {
    gzip->next = p;
    gzip->left = size;
}

/* Steps end at fixed places, so that bytes are packed the same way however they are fed. */
static void next_step(struct gzip *gzip) {
    size_t space = STEP - (size_t)(gzip->unpacked % STEP);
    size_t size = gzip->left < space ? gzip->left : space;
    gzip->stream.next_in = (z_const Bytef *)(uintptr_t)gzip->next;
    gzip->stream.avail_in = (uInt)size;
    gzip->next += size;
    gzip->left -= size;
    gzip->unpacked += size;
}

/* The level for the next step. */
static int wanted_level(const struct gzip *gzip) {
    if (gzip->unpacked % STEP != 0) {
        return gzip->current;
    }
    bool is_extreme = gzip->unpacked >= RATIO_FREE && gzip->unpacked / RATIO_MAX > gzip->packed;
    return is_extreme ? 0 : gzip->level;
}

/* Lets zlib work once.  True if it has nothing more to do without more input, however much has come
 * out. */
static bool work(struct gzip *gzip, bool is_end) {
    z_stream *stream = &gzip->stream;
    if (stream->avail_in == 0 && gzip->left > 0) {
        int wanted = wanted_level(gzip);
        if (wanted != gzip->current) {
            /* If that fails, it needs space for what it held back, and is asked again. */
            if (deflateParams(stream, wanted, Z_DEFAULT_STRATEGY) == Z_OK ||
                stream->avail_out > 0) {
                gzip->current = wanted;
            }
            return false;
        }
        next_step(gzip);
    }
    bool ends = is_end && gzip->left == 0;
    int result = deflate(stream, ends ? Z_FINISH : Z_NO_FLUSH);
    if (ends) {
        return result == Z_STREAM_END;
    }
    return gzip->left == 0 && stream->avail_in == 0 && stream->avail_out > 0;
}

size_t gzip_run(struct gzip *gzip, bool is_end, const uint8_t **out) {
    gzip->stream.next_out = gzip->out;
    gzip->stream.avail_out = (uInt)OUT_SIZE;
    while (gzip->stream.avail_out > 0 && !work(gzip, is_end)) {
    }
    size_t produced = OUT_SIZE - gzip->stream.avail_out;
    gzip->packed += produced;
    *out = gzip->out;
    return produced;
}

#else

struct gzip *gzip_new(struct memory *memory, int level) {
    (void)level;
    memory->failure = REASON_NO_ZLIB;
    return NULL;
}

void gzip_free(struct gzip *gzip, struct memory *memory) {
    (void)gzip;
    (void)memory;
}

void gzip_feed(struct gzip *gzip, const uint8_t *p, size_t size) {
    (void)gzip;
    (void)p;
    (void)size;
}

size_t gzip_run(struct gzip *gzip, bool is_end, const uint8_t **out) {
    (void)gzip;
    (void)is_end;
    *out = NULL;
    return 0;
}

#endif
