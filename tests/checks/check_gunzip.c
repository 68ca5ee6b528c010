/* SPDX-License-Identifier: MIT
 *
 * Unwrapping: members, padding, every header field, every byte of a trailer, truncation anywhere,
 * the limits, and that what is told of a place in the file does not depend on how the bytes came.
 * Members are made here, not by zlib. Without zlib each check only asks that gzip is refused by
 * name. */
#include "decode/gunzip.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

#define PLAIN \
    "\x80\4\x95\x0d\0\0\0\0\0\0\0]\x94(K\1\x8c\3two\x94" \
    "e."

static struct input plain_pickle(void) {
    return INPUT(PLAIN);
}

#define PLAIN_TEXT "#0[i1, 'two']"

/* Without zlib there is one thing to check. */
static void check_refused_by_name(void) {
    struct buffer file = {NULL, 0, 0};
    buffer_gzip(&file, plain_pickle());
    REFUSES_INPUT(buffer_input(&file), NULL, GZIP_UNSUPPORTED, 0, "");
    buffer_free(&file);
}

#define NEEDS_ZLIB \
    if (!spk_has_zlib()) { \
        check_refused_by_name(); \
        return; \
    }

/* ---- a member with any header ---- */

enum { FTEXT = 1, FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16 };

static void add_header(struct buffer *out, unsigned flags) {
    size_t start = out->size;
    BUFFER_ADD(out, "\x1f\x8b\x08");
    buffer_byte(out, flags);
    BUFFER_ADD(out, "\1\2\3\4\2\3");
    if (flags & FEXTRA) {
        BUFFER_ADD(out, "\5\0\0\x1f\x8b\0N");
    }
    if (flags & FNAME) {
        BUFFER_ADD(out, "data.pickle\0");
    }
    if (flags & FCOMMENT) {
        BUFFER_ADD(out, "a comment\0");
    }
    if (flags & FHCRC) {
        uint32_t crc = crc32_of((struct input){out->data + start, out->size - start});
        buffer_byte(out, crc & 255);
        buffer_byte(out, crc >> 8 & 255);
    }
}

static void add_body(struct buffer *out, struct input plain) {
    struct buffer member = {NULL, 0, 0};
    buffer_gzip(&member, plain);
    buffer_bytes(out, member.data + 10, member.size - 10);
    buffer_free(&member);
}

static void every_header_is_read(void) {
    NEEDS_ZLIB
    for (unsigned flags = 0; flags < 32; flags++) {
        struct buffer file = {NULL, 0, 0};
        add_header(&file, flags);
        add_body(&file, plain_pickle());
        ACCEPTS_INPUT(buffer_input(&file), NULL, PLAIN_TEXT);
        buffer_free(&file);
    }
    COVERED(32);
}

static void headers_that_are_bad(void) {
    NEEDS_ZLIB
    static const struct {
        size_t at;
        unsigned byte;
        const char *detail;
    } changes[] = {
        {2, 7, "unknown compression method"},  {2, 9, "unknown compression method"},
        {3, 0x20, "unknown header flags set"}, {3, 0x40, "unknown header flags set"},
        {3, 0x80, "unknown header flags set"}, {3, 0xff, "unknown header flags set"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct buffer file = {NULL, 0, 0};
        buffer_gzip(&file, plain_pickle());
        file.data[changes[i].at] = (uint8_t)changes[i].byte;
        REFUSES_INPUT(buffer_input(&file), NULL, GZIP_HEADER, 0, changes[i].detail);
        buffer_free(&file);
    }
    struct buffer file = {NULL, 0, 0};
    add_header(&file, FHCRC | FNAME);
    size_t end = file.size;
    add_body(&file, plain_pickle());
    for (size_t at = 4; at < end;
         at++) { /* each byte that the header's check sum covers, and its own two */
        if (at == end - 3) {
            continue; /* the NUL that ends the name */
        }
        file.data[at] ^= 0x10;
        REFUSES_INPUT(buffer_input(&file), NULL, GZIP_HEADER, 0, "header crc mismatch");
        file.data[at] ^= 0x10;
    }
    ACCEPTS_INPUT(buffer_input(&file), NULL, PLAIN_TEXT);
    COVERED(sizeof changes / sizeof changes[0] + end - 5); /* all but the one NUL */
    buffer_free(&file);
}

/* ---- members ---- */

static void several_members(void) {
    NEEDS_ZLIB
    struct input plain = plain_pickle();
    uint64_t inputs = 0;
    for (size_t cut = 0; cut <= plain.size; cut++, inputs++) {
        struct buffer file = {NULL, 0, 0};
        buffer_gzip(&file, (struct input){plain.data, cut});
        buffer_fill(&file, 0, cut % 3);
        buffer_gzip(&file, (struct input){plain.data + cut, plain.size - cut});
        buffer_fill(&file, 0, cut % 5 * 100);
        buffer_gzip(&file, (struct input){plain.data, 0});
        ACCEPTS_INPUT(buffer_input(&file), NULL, PLAIN_TEXT);
        buffer_free(&file);
    }
    struct buffer file = {NULL, 0, 0};
    for (size_t i = 0; i < plain.size; i++) {
        buffer_gzip(&file, (struct input){plain.data + i, 1});
        buffer_gzip(&file, (struct input){plain.data, 0});
    }
    ACCEPTS_INPUT(buffer_input(&file), NULL, PLAIN_TEXT);
    COVERED(inputs + 1);
    buffer_free(&file);
}

static void what_may_not_follow(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    buffer_gzip(&file, plain_pickle());
    size_t end = file.size;
    size_t unpacked = plain_pickle().size;
    for (unsigned byte = 1; byte < 256; byte++) {
        file.size = end;
        buffer_fill(&file, 0, byte % 4);
        buffer_byte(&file, byte);
        if (byte == 0x1f) {
            REFUSES_INPUT(buffer_input(&file), NULL, GZIP_TRUNCATED, unpacked, "");
        } else {
            REFUSES_INPUT(buffer_input(&file), NULL, GZIP_TRAILING, unpacked, "");
            CHECK_U64(judge(buffer_input(&file), NULL).report.raw_offset, end + byte % 4);
        }
    }
    for (unsigned byte = 0; byte < 256;
         byte++) { /* not even what would be the header of a zlib stream */
        file.size = end;
        BUFFER_ADD(&file, "\x1f");
        buffer_byte(&file, byte);
        if (byte != 0x8b) {
            REFUSES_INPUT(buffer_input(&file), NULL, GZIP_HEADER, unpacked,
                          "incorrect header check");
        }
    }
    file.size = end;
    buffer_gzip(&file, INPUT("N"));
    REFUSES_INPUT(buffer_input(&file), NULL, TRAILING, unpacked, "");
    file.size = end;
    buffer_gzip(&file, plain_pickle());
    REFUSES_INPUT(buffer_input(&file), NULL, SEVERAL, unpacked, "(protocol 4)");
    file.size = 0;
    BUFFER_ADD(&file, "\0");
    buffer_gzip(&file, plain_pickle());
    REFUSES_INPUT(buffer_input(&file), NULL, BAD_OPCODE, 0,
                  "0x00"); /* zeros only behind a member */
    COVERED(255 + 255 + 3);
    buffer_free(&file);
}

static void nothing_inside(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    buffer_gzip(&file, INPUT(""));
    REFUSES_INPUT(buffer_input(&file), NULL, EMPTY, 0, "");
    buffer_fill(&file, 0, 10);
    REFUSES_INPUT(buffer_input(&file), NULL, EMPTY, 0, "");
    CHECK_U64(judge(buffer_input(&file), NULL).report.raw_offset, file.size);
    COVERED(2);
    buffer_free(&file);
}

static void only_one_layer(void) {
    NEEDS_ZLIB
    struct buffer inner = {NULL, 0, 0};
    struct buffer outer = {NULL, 0, 0};
    buffer_gzip(&inner, plain_pickle());
    buffer_gzip(&outer, buffer_input(&inner));
    REFUSES_INPUT(buffer_input(&outer), NULL, GZIP_NESTED, 0, "");
    outer.size = 0;
    buffer_gzip(&outer, INPUT("\x1f"));
    REFUSES_INPUT(buffer_input(&outer), NULL, BAD_OPCODE, 0, "0x1f");
    outer.size = 0;
    buffer_gzip(&outer, INPUT("PK\3\4abc"));
    REFUSES_INPUT(buffer_input(&outer), NULL, WRAPPER_ZIP, 0, "");
    COVERED(3);
    buffer_free(&inner);
    buffer_free(&outer);
}

/* ---- damage ---- */

static void trailers_are_checked(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    buffer_gzip(&file, plain_pickle());
    size_t unpacked = plain_pickle().size;
    for (size_t i = 0; i < 8; i++) {
        for (unsigned bit = 1; bit < 256; bit *= 2) {
            file.data[file.size - 8 + i] ^= (uint8_t)bit;
            if (i < 4) {
                REFUSES_INPUT(buffer_input(&file), NULL, GZIP_CRC, unpacked, "");
            } else {
                REFUSES_INPUT(buffer_input(&file), NULL, GZIP_SIZE, unpacked, "");
            }
            file.data[file.size - 8 + i] ^= (uint8_t)bit;
        }
    }
    ACCEPTS_INPUT(buffer_input(&file), NULL, PLAIN_TEXT);
    COVERED(64);
    buffer_free(&file);
}

/* The first member's trailer as well, before a second one. */
static void first_trailer_is_checked(void) {
    NEEDS_ZLIB
    struct input plain = plain_pickle();
    struct buffer file = {NULL, 0, 0};
    buffer_gzip(&file, (struct input){plain.data, 14});
    size_t end = file.size;
    buffer_gzip(&file, (struct input){plain.data + 14, plain.size - 14});
    ACCEPTS_INPUT(buffer_input(&file), NULL, PLAIN_TEXT);
    file.data[end - 8] ^= 1;
    REFUSES_INPUT(buffer_input(&file), NULL, GZIP_CRC, 14, "");
    file.data[end - 8] ^= 1;
    file.data[end - 1] ^= 1;
    REFUSES_INPUT(buffer_input(&file), NULL, GZIP_SIZE, 14, "");
    COVERED(3);
    buffer_free(&file);
}

static void truncated_anywhere(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    add_header(&file, FEXTRA | FNAME | FCOMMENT | FHCRC);
    size_t body = file.size + 5; /* behind the header of the stored block */
    add_body(&file, plain_pickle());
    for (size_t size = 1; size < file.size; size++) {
        size_t unpacked = size < body ? 0 : size - body;
        unpacked = unpacked < plain_pickle().size ? unpacked : plain_pickle().size;
        struct verdict verdict = judge((struct input){file.data, size}, NULL);
        CHECK_NOTE(verdict.report.code == REASON_GZIP_TRUNCATED, "%zu bytes: %s", size,
                   verdict.report.name);
        CHECK_NOTE(verdict.report.offset == unpacked, "%zu bytes: offset %zu", size,
                   (size_t)verdict.report.offset);
        CHECK_U64(verdict.report.raw_offset, size > 1 ? size : 0);
    }
    COVERED(file.size - 1);
    buffer_free(&file);
}

static void bad_blocks(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    buffer_gzip(&file, plain_pickle());
    file.data[10] = 7; /* a block of the reserved kind */
    REFUSES_INPUT(buffer_input(&file), NULL, GZIP_DATA, 0, "invalid block type");
    file.data[10] = 1;
    file.data[12] ^= 1;
    REFUSES_INPUT(buffer_input(&file), NULL, GZIP_DATA, 0, "invalid stored block lengths");
    COVERED(2);
    buffer_free(&file);
}

/* What comes out before damage is judged before it. */
static void output_before_damage(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    buffer_gzip(&file, INPUT("NNR"));
    file.data[file.size - 8] ^= 1;
    REFUSES_INPUT(buffer_input(&file), NULL, CODE_CALL, 2, "");
    file.size = 0;
    buffer_gzip(&file, INPUT("Ncposix\nsys"));
    file.data[file.size - 1] ^= 1;
    REFUSES_INPUT(buffer_input(&file), NULL, CODE_IMPORT, 1, "posix.sys");
    file.size -= 4;
    REFUSES_INPUT(buffer_input(&file), NULL, CODE_IMPORT, 1, "posix.sys");
    file.size = 0;
    buffer_gzip(&file, INPUT("x"));
    file.data[file.size - 1] ^= 1;
    REFUSES_INPUT(buffer_input(&file), NULL, BAD_OPCODE, 0, "0x78");
    COVERED(4);
    buffer_free(&file);
}

/* ---- options ---- */

static void options_about_gzip(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    buffer_gzip(&file, plain_pickle());
    options.gzip = SPK_GZIP_NEVER;
    REFUSES_INPUT(buffer_input(&file), &options, GZIP_FORBIDDEN, 0, "");
    ACCEPTS_INPUT(plain_pickle(), &options, PLAIN_TEXT);
    REFUSES_INPUT(INPUT("\x1f"), &options, BAD_OPCODE, 0, "0x1f");
    options.gzip = SPK_GZIP_ALWAYS;
    ACCEPTS_INPUT(buffer_input(&file), &options, PLAIN_TEXT);
    REFUSES_INPUT(plain_pickle(), &options, GZIP_MISSING, 0, "");
    REFUSES_INPUT(INPUT(""), &options, GZIP_MISSING, 0, "");
    REFUSES_INPUT(INPUT("\x1f"), &options, GZIP_TRUNCATED, 0, "");
    REFUSES_INPUT(INPUT("\x1fN"), &options, GZIP_MISSING, 0, "");
    options.gzip = SPK_GZIP_AUTO;
    REFUSES_INPUT(INPUT("\x1f"), &options, GZIP_TRUNCATED, 0, "");
    REFUSES_INPUT(INPUT("\x1fN"), &options, BAD_OPCODE, 0, "0x1f");
    COVERED(10);
    buffer_free(&file);
}

static void limits_of_gzip(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    buffer_gzip(&file, plain_pickle());
    options.max_input = file.size;
    options.max_unpacked = plain_pickle().size;
    ACCEPTS_INPUT(buffer_input(&file), &options, PLAIN_TEXT);
    options.max_input--;
    REFUSES_INPUT(buffer_input(&file), &options, LIMIT_INPUT, plain_pickle().size, NULL);
    CHECK_U64(judge(buffer_input(&file), &options).report.limit, file.size - 1);
    CHECK_U64(judge(buffer_input(&file), &options).report.raw_offset, file.size - 1);
    options.max_input = 20;
    REFUSES_INPUT(buffer_input(&file), &options, LIMIT_INPUT, 5, "(20)");
    options.max_input = 0;
    options.max_unpacked--;
    REFUSES_INPUT(buffer_input(&file), &options, LIMIT_UNPACKED, plain_pickle().size - 1, NULL);
    COVERED(4);
    buffer_free(&file);
}

/* With trailing data allowed the check sums still count, and what is behind the pickle does not. */
static void trailing_data(void) {
    NEEDS_ZLIB
    struct buffer plain = {NULL, 0, 0};
    struct buffer file = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    options.trailing = SPK_TRAILING_STOP;
    BUFFER_ADD(&plain, PLAIN "cposix\nsystem\n");
    buffer_gzip(&file, buffer_input(&plain));
    ACCEPTS_INPUT(buffer_input(&file), &options, PLAIN_TEXT);
    CHECK_U64(judge(buffer_input(&file), &options).report.consumed, plain_pickle().size);
    file.data[file.size - 8] ^= 1;
    REFUSES_INPUT(buffer_input(&file), &options, GZIP_CRC, plain_pickle().size, "");
    file.data[file.size - 8] ^= 1;
    buffer_byte(&file, 1);
    REFUSES_INPUT(buffer_input(&file), &options, GZIP_TRAILING, plain_pickle().size, "");
    file.size--;
    for (unsigned members = 1; members < 4;
         members++) { /* what is not read is unpacked, and counted, all the same */
        options.max_unpacked = members * plain.size;
        ACCEPTS_INPUT(buffer_input(&file), &options, PLAIN_TEXT);
        options.max_unpacked = plain_pickle().size;
        REFUSES_INPUT(buffer_input(&file), &options, LIMIT_UNPACKED, plain_pickle().size, NULL);
        options.max_unpacked = members * plain.size - 1;
        REFUSES_INPUT(buffer_input(&file), &options, LIMIT_UNPACKED, members * plain.size - 1,
                      NULL);
        buffer_gzip(&file, buffer_input(&plain));
    }
    COVERED(12);
    buffer_free(&plain);
    buffer_free(&file);
}

/* ---- where in the file ---- */

static spk_report in_pieces(struct input input, const size_t *cuts, size_t count) {
    spk_report report = SPK_REPORT_INIT;
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
    size_t at = 0;
    for (size_t i = 0; i <= count; i++) {
        size_t end = i < count ? cuts[i] : input.size;
        (void)spk_decoder_feed(decoder, input.data + at, end - at);
        at = end;
    }
    (void)spk_decoder_finish(decoder);
    (void)spk_decoder_report(decoder, &report);
    spk_decoder_free(decoder);
    return report;
}

/* Of a file in stored blocks the packed place of each byte is known: what is told is it, rounded
 * down by less than an eighth and 64 KiB; and the same for all pieces. */
static void raw_offsets(void) {
    NEEDS_ZLIB
    struct dice dice = {71};
    uint64_t inputs = 0;
    for (size_t bad = 1; bad < 400000; bad += 1 + bad / 9, inputs++) {
        struct buffer plain = {NULL, 0, 0};
        struct buffer file = {NULL, 0, 0};
        buffer_repeat(&plain, INPUT("N0"), bad / 2);
        BUFFER_ADD(&plain, "\xff");
        buffer_repeat(&plain, INPUT("N0"), 100);
        buffer_gzip(&file, buffer_input(&plain));
        uint64_t place = 10 + 5 * (bad / 2 * 2 / 65535 + 1) + bad / 2 * 2;
        spk_report report = in_pieces(buffer_input(&file), NULL, 0);
        CHECK(report.code == REASON_BAD_OPCODE && report.offset == bad / 2 * 2 &&
              file.data[place] == 0xff);
        CHECK_NOTE(report.raw_offset <= place && place - report.raw_offset < 65536 &&
                       (place - report.raw_offset) * 8 < place &&
                       (place >= 128 || report.raw_offset == place),
                   "byte %u told as %u", (unsigned)place, (unsigned)report.raw_offset);
        for (int times = 0; times < 8; times++) {
            size_t cuts[3] = {(size_t)dice_below(&dice, file.size), 0, 0};
            cuts[0] = times < 3 ? (size_t)place - 1 + (size_t)times : cuts[0];
            cuts[1] = cuts[0] + (size_t)dice_below(&dice, file.size - cuts[0]);
            cuts[2] = cuts[1] + (size_t)dice_below(&dice, file.size - cuts[1]);
            spk_report other = in_pieces(buffer_input(&file), cuts, 3);
            CHECK(same_report(&report, &other));
        }
        buffer_free(&plain);
        buffer_free(&file);
    }
    COVERED(9 * inputs);
}

/* ---- bombs ---- */

struct bits {
    struct buffer *out;
    unsigned held;
    unsigned count;
};

/* RFC 1951: Huffman codes start at their highest bit. */
static void add_code(struct bits *bits, unsigned code, unsigned length) {
    while (length-- > 0) {
        bits->held |= (code >> length & 1) << bits->count++;
        if (bits->count == 8) {
            buffer_byte(bits->out, bits->held);
            bits->held = bits->count = 0;
        }
    }
}

/* One block of fixed codes: the bytes of "start", then the last of them again and again, 258 at a
 * time in 13 bits. */
static void add_bomb(struct buffer *out, struct input start, size_t repeats) {
    struct bits bits = {out, 0, 0};
    BUFFER_ADD(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff");
    add_code(&bits, 6, 3); /* last block, fixed codes (its two bits from the low end) */
    for (size_t i = 0; i < start.size; i++) {
        add_code(&bits, start.data[i] < 144 ? 0x30u + start.data[i] : 0x190u + start.data[i] - 144,
                 start.data[i] < 144 ? 8 : 9);
    }
    for (size_t i = 0; i < repeats; i++) {
        add_code(&bits, 0xc5, 8); /* 285: a length of 258 */
        add_code(&bits, 0, 5); /* a distance of 1 */
    }
    add_code(&bits, 0, 7); /* the end of the block */
    add_code(&bits, 0, 7);
}

/* max_input counts what is packed alone: more than it may come out. */
static void unpacked_over_max_input(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    add_bomb(&file, INPUT("B\0\4\0\0x"), 3);
    CHECK(file.size < 50);
    options.max_input = 50;
    REFUSES_INPUT(buffer_input(&file), &options, GZIP_TRUNCATED, 6 + 3 * 258, "");
    options.max_unpacked = 6 + 3 * 258 - 1;
    REFUSES_INPUT(buffer_input(&file), &options, LIMIT_UNPACKED, 0, "(779)");
    options.max_unpacked = 6 + 3 * 258;
    REFUSES_INPUT(buffer_input(&file), &options, GZIP_TRUNCATED, 6 + 3 * 258, "");
    COVERED(3);
    buffer_free(&file);
}

/* No fuzz target unpacks as much as it takes to come to the ratio, so that its place must not
 * depend on mode and pieces is tested here. */
static bool refused_alike(const struct buffer *file, const spk_options *options,
                          const spk_report *whole, spk_mode mode, size_t step) {
    spk_report report = SPK_REPORT_INIT;
    spk_decoder *decoder = spk_decoder_new(mode, options, NULL);
    CHECK(decoder != NULL);
    for (size_t at = 0; at < file->size; at += step) {
        (void)spk_decoder_feed(decoder, file->data + at,
                               file->size - at < step ? file->size - at : step);
    }
    (void)spk_decoder_finish(decoder);
    (void)spk_decoder_report(decoder, &report);
    spk_decoder_free(decoder);
    return report.code == whole->code && report.offset == whole->offset &&
           report.raw_offset == whole->raw_offset && report.limit == whole->limit;
}

/* The ratio counts from 64 MiB on, and then at every 64 KiB. */
static void max_ratio(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    add_bomb(&file, INPUT("B\0\0\0\x7fx"), 300000); /* 77.4 MB in 487,519 bytes: 158.76 to 1 */
    options.max_ratio = 150;
    (void)spk_check(file.data, file.size, &options, &report);
    CHECK(report.code == REASON_LIMIT_RATIO && report.limit == 150);
    CHECK_STR(report.detail, "(150)");
    CHECK_U64(report.offset, (UINT64_C(64) << 20) + 65536);
    CHECK(report.raw_offset > 423110 - 65536 && report.raw_offset <= 423110);
    CHECK(refused_alike(&file, &options, &report, SPK_MODE_CHECK, 1));
    CHECK(refused_alike(&file, &options, &report, SPK_MODE_DECODE, 1009));
    CHECK(refused_alike(&file, &options, &report, SPK_MODE_DECODE, 1 << 17));
    options.max_ratio = 165;
    (void)spk_check(file.data, file.size, &options, &report);
    CHECK_U64(report.code, REASON_GZIP_TRUNCATED);
    options.max_ratio = 1;
    file.size = 0;
    add_bomb(&file, INPUT("B\0\0\0\x04x"), 200000); /* 51.6 MB: too little to be tested */
    (void)spk_check(file.data, file.size, &options, &report);
    CHECK_U64(report.code, REASON_GZIP_TRUNCATED);
    COVERED(6);
    buffer_free(&file);
}

static void bomb_of_values(void) {
    NEEDS_ZLIB
    struct buffer file = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    spk_report report = SPK_REPORT_INIT;
    struct meter meter = {0};
    add_bomb(&file, INPUT("(]"), 20000); /* 5 MB of empty lists */
    options.max_alloc = 1 << 20;
    options.allocator = meter_allocator(&meter);
    CHECK(!spk_decode(file.data, file.size, &options, &report));
    CHECK(report.code == REASON_LIMIT_ALLOC && report.offset < 100000 && meter.peak <= 1 << 20 &&
          meter.live == 0);
    COVERED(1);
    buffer_free(&file);
}

REGISTER(gunzip, RUN(every_header_is_read), RUN(headers_that_are_bad), RUN(several_members),
         RUN(what_may_not_follow), RUN(nothing_inside), RUN(only_one_layer),
         RUN(trailers_are_checked), RUN(first_trailer_is_checked), RUN(truncated_anywhere),
         RUN(bad_blocks), RUN(output_before_damage), RUN(options_about_gzip), RUN(limits_of_gzip),
         RUN(trailing_data), RUN(raw_offsets), RUN(unpacked_over_max_input), RUN(max_ratio),
         RUN(bomb_of_values))
