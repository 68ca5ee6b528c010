/* SPDX-License-Identifier: MIT
 *
 * The mutator of target gzip: unpacks the first member, mutates the pickle in it, packs it again as
 * one or several members, with right trailers or, now and then, not quite. */
#include <string.h>
#include <zlib.h>

#include "mutator.h"

#define MAX ((size_t)1 << 18)
#define MIN_WINDOW 9
#define WINDOWS (MAX_WBITS - MIN_WINDOW + 1)

static uint8_t plain[MAX];
static uint8_t packed[2 * MAX];

/* zlib's streams are kept: to make one takes longer than to use it. */
static z_stream *inflater(void) {
    static z_stream stream;
    EXPECT((stream.state ? inflateReset(&stream) : inflateInit2(&stream, 16 + MAX_WBITS)) == Z_OK);
    return &stream;
}

static z_stream *deflater(int level, size_t window_bits, int strategy) {
    static z_stream streams[WINDOWS];
    z_stream *stream = &streams[window_bits];
    EXPECT((stream->state ? deflateReset(stream)
                          : deflateInit2(stream, level, Z_DEFLATED,
                                         16 + MIN_WINDOW + (int)window_bits, 1, strategy)) == Z_OK);
    EXPECT(deflateParams(stream, level, strategy) == Z_OK);
    return stream;
}

/* The bytes of the first member; those of the input itself if it is not gzip. */
static size_t unpack(const uint8_t *data, size_t size) {
    size_t copied = size < MAX ? size : MAX;
    if (size < 2 || data[0] != 0x1f || data[1] != 0x8b) {
        if (copied > 0) {
            memcpy(plain, data, copied);
        }
        return copied;
    }
    z_stream *stream = inflater();
    stream->next_in = (z_const Bytef *)(uintptr_t)data;
    stream->avail_in = (uInt)size;
    stream->next_out = plain;
    stream->avail_out = (uInt)MAX;
    (void)inflate(stream, Z_SYNC_FLUSH);
    return MAX - stream->avail_out;
}

static void set_header(gz_header *header, struct dice *dice) {
    static uint8_t extra[4] = "ab";
    static uint8_t text[] = "name";
    memset(header, 0, sizeof *header);
    header->os = (int)dice_below(dice, 256);
    header->hcrc = (int)dice_below(dice, 2);
    header->extra = dice_below(dice, 2) ? extra : Z_NULL;
    header->extra_len = sizeof extra;
    header->name = dice_below(dice, 2) ? text : Z_NULL;
    header->comment = dice_below(dice, 4) == 0 ? text : Z_NULL;
}

/* One member behind what is packed; returns the new end. */
static size_t pack(size_t at, const uint8_t *data, size_t size, struct dice *dice) {
    gz_header header;
    int strategy = dice_below(dice, 4) == 0 ? Z_FIXED : Z_DEFAULT_STRATEGY;
    int level = (int)dice_below(dice, 4);
    z_stream *stream = deflater(level, dice_size(dice, WINDOWS), strategy);
    set_header(&header, dice);
    (void)deflateSetHeader(stream, dice_below(dice, 4) == 0 ? &header : Z_NULL);
    stream->next_in = (z_const Bytef *)(uintptr_t)data;
    stream->avail_in = (uInt)size;
    stream->next_out = packed + at;
    stream->avail_out = (uInt)(sizeof packed - at);
    int result = deflate(stream, Z_FINISH);
    size_t end = sizeof packed - stream->avail_out;
    return result == Z_STREAM_END ? end : at;
}

static size_t pack_members(size_t size, struct dice *dice) {
    size_t end = 0;
    size_t at = 0;
    while (dice_below(dice, 8) == 0 && at < size) {
        size_t part = dice_size(dice, size - at + 1);
        end = pack(end, plain + at, part, dice);
        at += part;
        for (size_t zeros = dice_size(dice, 8); zeros > 5 && end < sizeof packed; zeros--) {
            packed[end++] = 0;
        }
    }
    return pack(end, plain + at, size - at, dice);
}

/* Of the last trailer one bit, or a byte anywhere, or the end. */
static size_t damage(size_t size, struct dice *dice) {
    switch (dice_below(dice, 12)) {
    case 0:
        packed[size - 1 - dice_below(dice, size < 8 ? size : 8)] ^=
            (uint8_t)(1u << dice_below(dice, 8));
        return size;
    case 1:
        packed[dice_below(dice, size)] = (uint8_t)dice_roll(dice);
        return size;
    case 2:
        return size - dice_size(dice, size < 12 ? size : 12);
    default:
        return size;
    }
}

static size_t copy_out(uint8_t *out, size_t size, size_t max) {
    size = size < max ? size : max;
    if (size > 0) {
        memcpy(out, packed, size);
    }
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
    struct dice dice = dice_from(seed);
    struct tail tail;
    size = tail_off(&tail, data, size);
    if (dice_below(&dice, 8) == 0) {
        return tail_on(&tail, data, LLVMFuzzerMutate(data, size, max), max, &dice);
    }
    size_t inside = mutate_pickle(plain, unpack(data, size), max < MAX ? max : MAX, &dice);
    size_t end = damage(pack_members(inside, &dice), &dice);
    return tail_on(&tail, data, copy_out(data, end, max), max, &dice);
}
