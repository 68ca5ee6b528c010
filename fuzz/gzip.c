/* SPDX-License-Identifier: MIT
 *
 * Target gzip: the wrapper.  Reads every member with a reader of its own (raw inflate, header and
 * trailer by hand, check sum bit by bit) and asserts that the library accepts exactly what this
 * reader unpacks to an accepted pickle, that an input wrapped here gets the refusal and the value
 * that it gets bare, however it is divided into members, and that max_ratio is exceeded where, and
 * only where, counting byte by byte says so.  (The library that it is linked with counts from 128
 * KiB on, not from 64 MiB.) */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "support.h"
#include "tests/support/reading.h"

#define RATIO_STEP ((size_t)64 << 10)
#define LIMIT_RATIO 303

/* More than any input here may unpack to, so that inflate never lacks room. */
#define MAX (((size_t)1 << 20) + 4096)

static uint8_t unpacked[MAX];

struct bytes {
    uint8_t *data;
    size_t size;
};

static uint32_t load_u32(const uint8_t *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void store_u32(uint8_t *p, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(value >> 8 * i);
    }
}

/* zlib's own is what the library relies on. */
static uint32_t check_sum(const uint8_t *p, size_t size) {
    static uint32_t table[256];
    for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++) {
            table[i] = table[i] >> 1 ^ (0xedb88320 & (0 - (table[i] & 1)));
        }
    }
    uint32_t sum = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        sum = sum >> 8 ^ table[(sum ^ p[i]) & 0xff];
    }
    return ~sum;
}

/* ---- an independent reader ---- */

static size_t skip_text(const uint8_t *p, size_t size, size_t at) {
    while (at < size && p[at] != 0) {
        at++;
    }
    return at + 1; /* beyond the end if there is no NUL */
}

/* Bytes of a member's header; 0 if it is damaged or incomplete. */
static size_t header_size(const uint8_t *p, size_t size) {
    if (size < 10 || p[0] != 0x1f || p[1] != 0x8b || p[2] != 8 || (p[3] & 0xe0) != 0) {
        return 0;
    }
    size_t at = 10;
    if (p[3] & 4) {
        at += size - at >= 2 ? 2u + p[at] + 256u * p[at + 1] : size;
    }
    at = p[3] & 8 ? skip_text(p, size, at) : at;
    at = p[3] & 16 ? skip_text(p, size, at) : at;
    if (at < size && (p[3] & 2)) {
        if (size - at < 2 || (check_sum(p, at) & 0xffff) != p[at] + 256u * p[at + 1]) {
            return 0;
        }
        at += 2;
    }
    return at < size ? at : 0;
}

/* One for all inputs: to make it anew takes longer than most of them. */
static z_stream *inflater(void) {
    static z_stream stream;
    EXPECT((stream.state ? inflateReset(&stream) : inflateInit2(&stream, -MAX_WBITS)) == Z_OK);
    return &stream;
}

static z_stream *deflater(size_t level) {
    static z_stream streams[3];
    z_stream *stream = &streams[level];
    EXPECT((stream->state ? deflateReset(stream)
                          : deflateInit2(stream, (int)level, Z_DEFLATED, -MAX_WBITS, 1,
                                         Z_DEFAULT_STRATEGY)) == Z_OK);
    return stream;
}

/* Unpacks one member behind what is there already; returns the bytes that it takes, 0 if it is
 * damaged or too large. */
static size_t read_member(struct bytes *out, const uint8_t *p, size_t size) {
    size_t at = header_size(p, size);
    if (at == 0) {
        return 0;
    }
    z_stream *stream = inflater();
    stream->next_in = (z_const Bytef *)(uintptr_t)(p + at);
    stream->avail_in = (uInt)(size - at);
    stream->next_out = out->data + out->size;
    stream->avail_out = (uInt)(MAX - out->size);
    bool is_whole = inflate(stream, Z_FINISH) == Z_STREAM_END;
    size_t produced = MAX - out->size - stream->avail_out;
    at = size - stream->avail_in;
    if (!is_whole || size - at < 8 ||
        load_u32(p + at) != check_sum(out->data + out->size, produced) ||
        load_u32(p + at + 4) != (uint32_t)produced) {
        return 0;
    }
    out->size += produced;
    return at + 8;
}

/* True if the whole file is sound: members, and zeros behind them or between. */
static bool read_gzip(struct bytes *out, const uint8_t *p, size_t size) {
    size_t at = read_member(out, p, size);
    if (at == 0) {
        return false;
    }
    while (at < size) {
        size_t used = p[at] == 0 ? 1 : read_member(out, p + at, size - at);
        if (used == 0) {
            return false;
        }
        at += used;
    }
    return true;
}

/* ---- what is asserted ---- */

/* Adds a member around these bytes. */
static void wrap_member(struct bytes *out, const uint8_t *p, size_t size, struct dice *dice) {
    static const uint8_t header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    z_stream *stream = deflater(dice_size(dice, 3));
    size_t room = out->size + deflateBound(stream, (uLong)size) + sizeof header + 8;
    out->data = realloc(out->data, room);
    EXPECT(out->data != NULL);
    memcpy(out->data + out->size, header, sizeof header);
    out->size += sizeof header;
    stream->next_in = (z_const Bytef *)(uintptr_t)p;
    stream->avail_in = (uInt)size;
    stream->next_out = out->data + out->size;
    stream->avail_out = (uInt)(room - out->size);
    EXPECT(deflate(stream, Z_FINISH) == Z_STREAM_END);
    out->size = room - stream->avail_out;
    store_u32(out->data + out->size, check_sum(p, size));
    store_u32(out->data + out->size + 4, (uint32_t)size);
    out->size += 8;
}

/* The input in members, cut wherever the dice say, often where the ratio is tested. */
static struct bytes wrap(const struct setup *setup, struct dice *dice, size_t members) {
    struct bytes out = {NULL, 0};
    size_t at = 0;
    for (; members > 1; members--) {
        size_t left = setup->size - at;
        size_t to_step = RATIO_STEP - at % RATIO_STEP;
        size_t size = to_step <= left && dice_below(dice, 2) ? to_step : dice_size(dice, left + 1);
        wrap_member(&out, setup->data + at, size, dice);
        at += size;
    }
    wrap_member(&out, setup->data + at, setup->size - at, dice);
    return out;
}

/* ---- the ratio, byte by byte ---- */

/* Where the piece of the file ends within which places are not told apart: single bytes at first,
 * then at most an eighth of the place, and 64 KiB (spk_report's raw_offset). */
static uint64_t piece_end(uint64_t place) {
    uint64_t size = 1;
    while (place >= 128 && size < 65536 && place / size / 16 > 0) {
        size *= 2;
    }
    return place - place % size + size;
}

/* True if a sound file unpacks to more than the ratio allows at some step of 64 KiB. */
static bool exceeds_ratio(const struct setup *setup) {
    static z_stream stream;
    uint64_t ratio = setup->options.max_ratio > 0 ? setup->options.max_ratio : 250;
    uint64_t count = 0;
    bool exceeds = false;
    EXPECT((stream.state ? inflateReset(&stream) : inflateInit2(&stream, 16 + MAX_WBITS)) == Z_OK);
    for (size_t at = 0; at < setup->size; at++) {
        int result = Z_OK;
        stream.next_in = (z_const Bytef *)(uintptr_t)(setup->data + at);
        stream.avail_in =
            setup->data[at] == 0 && stream.total_in == 0 ? 0 : 1; /* zeros between members */
        do {
            uint64_t to_step = RATIO_STEP - count % RATIO_STEP;
            stream.next_out = unpacked;
            stream.avail_out = (uInt)to_step;
            result = inflate(&stream, Z_NO_FLUSH);
            uint64_t produced = to_step - stream.avail_out;
            count += produced;
            exceeds = exceeds || (produced > 0 && count % RATIO_STEP == 0 &&
                                  count > SPK_RATIO_FREE && (count - 1) / ratio >= piece_end(at));
        } while (result == Z_OK && stream.avail_out == 0);
        if (result == Z_STREAM_END) {
            EXPECT(inflateReset(&stream) == Z_OK);
        }
    }
    return exceeds;
}

static uint64_t hash_of(const spk_document *document) {
    struct walk walk;
    if (!document) {
        return 0;
    }
    walk_document(&walk, document);
    walk_end(&walk);
    return walk.hash;
}

/* The same bytes bare and in gzip: the same but for what tells of the file, and for its ratio. */
static void compare_bare(const struct setup *bare, const struct setup *packed) {
    struct answer inner, outer;
    answer_start(&inner);
    answer_start(&outer);
    ask_whole(&inner, WAY_DECODE, bare);
    ask_whole(&outer, WAY_DECODE, packed);
    EXPECT(outer.report.wrapper == SPK_WRAPPER_GZIP);
    if (exceeds_ratio(packed)) {
        EXPECT(outer.report.code == LIMIT_RATIO || inner.report.status != SPK_OK);
    } else {
        EXPECT(outer.report.code != LIMIT_RATIO);
    }
    if (outer.report.code == LIMIT_RATIO) {
        answer_end(&inner);
        answer_end(&outer);
        return;
    }
    outer.report.wrapper = inner.report.wrapper;
    outer.report.raw_offset = inner.report.raw_offset;
    outer.report.input_bytes = inner.report.input_bytes;
    expect_same_report(&inner.report, &outer.report, "bare and in gzip");
    EXPECT(hash_of(inner.document) == hash_of(outer.document));
    answer_end(&inner);
    answer_end(&outer);
}

static bool starts_gzip(const uint8_t *p, size_t size) {
    return size >= 1 && p[0] == 0x1f && (size == 1 || p[1] == 0x8b);
}

/* Accepted if, and only if, the file is sound and its content is accepted. */
static void compare_reader(const struct setup *setup, const spk_report *report) {
    struct bytes plain = {unpacked, 0};
    bool is_sound = read_gzip(&plain, setup->data, setup->size);
    EXPECT(is_sound || report->status != SPK_OK);
    if (is_sound && starts_gzip(plain.data, plain.size)) {
        EXPECT(report->status != SPK_OK);
    } else if (is_sound) {
        struct setup bare = *setup;
        uint8_t *exact = exact_copy(plain.data, plain.size);
        bare.data = exact;
        bare.size = plain.size;
        compare_bare(&bare, setup);
        free(exact);
    }
}

static void compare_pieces(const struct setup *setup, const spk_report *report) {
    struct answer pieces;
    answer_start(&pieces);
    ask_pieces(&pieces, SPK_MODE_CHECK, setup, setup->seed);
    expect_same_report(report, &pieces.report, "gzip whole and in pieces");
    answer_end(&pieces);
}

static void compare_wrapped(const struct setup *bare, struct dice *dice) {
    for (size_t members = 1; members <= 9; members += 4) {
        struct bytes packed = wrap(bare, dice, members);
        struct setup wrapped = *bare;
        wrapped.data = packed.data;
        wrapped.size = packed.size;
        compare_bare(bare, &wrapped);
        free(packed.data);
    }
}

/* A pickle of so many zero bytes that max_ratio counts, which no input here is long enough for. */
static void try_bomb(const struct setup *setup, struct dice *dice) {
    struct setup bomb = *setup;
    bomb.size = SPK_RATIO_FREE + RATIO_STEP * dice_size(dice, 5) +
                (dice_size(dice, 2) ? 0 : dice_size(dice, 1000));
    uint8_t *content = calloc(bomb.size, 1);
    EXPECT(content != NULL);
    content[0] = 'B';
    store_u32(content + 1, (uint32_t)bomb.size - 6);
    content[bomb.size - 1] = '.';
    bomb.data = content;
    bomb.options.max_ratio = 1 + dice_below(dice, dice_below(dice, 2) ? 20 : 1200);
    compare_wrapped(&bomb, dice);
    free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct setup setup = setup_of(data, size);
    struct dice dice = dice_from(setup.seed);
    struct answer answer;
    setup.options.gzip = SPK_GZIP_AUTO;
    setup.options.max_alloc = 0;
    setup.options.max_input = 0;
    answer_start(&answer);
    ask_whole(&answer, WAY_CHECK, &setup);
    expect_sound_report(&answer.report);
    compare_pieces(&setup, &answer.report);
    if (answer.report.wrapper == SPK_WRAPPER_GZIP) {
        compare_reader(&setup, &answer.report);
    } else if (!starts_gzip(setup.data, setup.size)) {
        compare_wrapped(&setup, &dice);
        if (dice_below(&dice, 16) == 0) {
            try_bomb(&setup, &dice);
        }
    }
    answer_end(&answer);
    return 0;
}
