/* SPDX-License-Identifier: MIT
 *
 * Containers that are no pickles, by their magic numbers: every one, every prefix of it, every byte
 * of it changed; and the way these refusals reach a caller, in whatever pieces the bytes come. */
#include "decode/sniff.h"

#include <string.h>

#include "support.h"

static const struct {
    enum reason reason;
    struct input magic;
} magics[] = {
#define MAGIC(reason, literal) {REASON_##reason, {(const uint8_t *)(literal), sizeof(literal) - 1}}
    MAGIC(WRAPPER_ZIP, "PK\x05\x06"),
    MAGIC(WRAPPER_ZIP, "PK\x07\x08"),
    MAGIC(WRAPPER_ZLIB, "\x78\x01"),
    MAGIC(WRAPPER_ZLIB, "\x78\x5e"),
    MAGIC(WRAPPER_ZLIB, "\x78\x9c"),
    MAGIC(WRAPPER_ZLIB, "\x78\xda"),
    MAGIC(WRAPPER_BZ2, "BZh11AY&SY"),
    MAGIC(WRAPPER_BZ2, "BZh51AY&SY"),
    MAGIC(WRAPPER_BZ2, "BZh91AY&SY"),
    MAGIC(WRAPPER_BZ2, "BZh9\x17\x72\x45\x38\x50\x90"),
    MAGIC(WRAPPER_XZ, "\xfd"
                      "7zXZ\0"),
    MAGIC(WRAPPER_ZSTD, "\x28\xb5\x2f\xfd"),
    MAGIC(WRAPPER_NPY, "\x93NUMPY"),
    MAGIC(WRAPPER_HDF5, "\x89HDF\r\n\x1a\n"),
    MAGIC(WRAPPER_7Z, "7z\xbc\xaf\x27\x1c"),
    MAGIC(WRAPPER_JOBLIB, "ZF0x"),
    MAGIC(WRAPPER_LZ4, "\x04\x22\x4d\x18"),
    MAGIC(WRAPPER_LZMA, "]\0\0"),
    MAGIC(WRAPPER_PARQUET, "PAR1"),
    MAGIC(WRAPPER_PARQUET, "PARE\x15"),
    MAGIC(WRAPPER_ARROW, "ARROW1"),
    MAGIC(WRAPPER_SQLITE, "SQLite format 3\0"),
    MAGIC(WRAPPER_PNG, "\x89PNG\r\n\x1a\n"),
    MAGIC(WRAPPER_PDF, "%PDF-"),
    MAGIC(WRAPPER_ELF, "\x7f"
                       "ELF"),
    MAGIC(WRAPPER_PPU, "PPU183"),
    MAGIC(WRAPPER_RENPY, "RENPY "),
    MAGIC(WRAPPER_LENGTH, "\0\1\2\3\x80\4"),
    MAGIC(WRAPPER_BASE64, "gAJd"),
    MAGIC(WRAPPER_BASE64, "gASV"),
    MAGIC(WRAPPER_BOM, "\xef\xbb\xbf"),
    MAGIC(WRAPPER_PYTHON, "import "),
    MAGIC(WRAPPER_PYTHON, "class "),
#undef MAGIC
};

#define MAGICS (sizeof magics / sizeof magics[0])

static void every_magic_number(void) {
    uint64_t inputs = 0;
    for (size_t i = 0; i < MAGICS; i++) {
        uint8_t head[16] = "0123456789abcde";
        size_t size = magics[i].magic.size;
        memcpy(head, magics[i].magic.data, size);
        for (size_t n = 1; n <= sizeof head; n++, inputs++) {
            enum reason reason = REASON_DATA;
            enum sniff sniff = sniff_magic(head, n, false, &reason);
            CHECK_U64(sniff, n < size ? SNIFF_WAIT : SNIFF_FOUND);
            CHECK_U64(reason, n < size ? REASON_DATA : magics[i].reason);
        }
    }
    COVERED(inputs);
}

static bool is_magic(const uint8_t *p, size_t size) {
    for (size_t i = 0; i < MAGICS; i++) {
        if (magics[i].magic.size == size && memcmp(magics[i].magic.data, p, size) == 0) {
            return true;
        }
    }
    if (size == 5 && memcmp(p, "PARE", 4) == 0) {
        return p[4] < 0x20 || p[4] >= 0x7f;
    }
    if (size == 6 && memcmp(p, "PPU", 3) == 0) {
        return strspn((const char *)p + 3, "0123456789") == 3;
    }
    if (size == 6 && p[0] == 0) {
        return p[4] == 0x80 && p[5] >= 2 && p[5] <= 5;
    }
    if (size == 4 && memcmp(p, "gA", 2) == 0) {
        static const char base64[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        return p[2] >= 'I' && p[2] <= 'X' && p[3] != 0 && strchr(base64, p[3]);
    }
    return size == 10 && memcmp(p, "BZh", 3) == 0 && p[3] >= '1' && p[3] <= '9' &&
           (memcmp(p + 4, "1AY&SY", 6) == 0 || memcmp(p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static void other_bytes_are_none(void) {
    uint64_t inputs = 0;
    for (size_t i = 0; i < MAGICS; i++) {
        for (size_t at = 0; at < magics[i].magic.size; at++) {
            for (unsigned byte = 0; byte < 256; byte++, inputs++) {
                uint8_t head[16];
                enum reason reason = REASON_DATA;
                memset(head, 0, sizeof head); /* ends the numbers that is_magic reads */
                memcpy(head, magics[i].magic.data, magics[i].magic.size);
                head[at] = (uint8_t)byte;
                enum sniff sniff = sniff_magic(head, magics[i].magic.size, false, &reason);
                bool is_one = memcmp(head, "\x1f\x8b", 2) == 0;
                for (size_t n = 2; n <= magics[i].magic.size; n++) {
                    is_one = is_one || is_magic(head, n);
                }
                CHECK_NOTE((sniff == SNIFF_FOUND) == is_one, "magic %zu with %02x at %zu", i, byte,
                           at);
            }
        }
    }
    COVERED(inputs);
}

static void reach_the_caller(void) {
    for (size_t i = 0; i < MAGICS; i++) {
        struct buffer input = {NULL, 0, 0};
        buffer_bytes(&input, magics[i].magic.data, magics[i].magic.size);
        (void)expect_refusal(buffer_input(&input), NULL, magics[i].reason, 0, "", __FILE__,
                             __LINE__);
        BUFFER_ADD(&input, "whatever follows it\n.");
        (void)expect_refusal(buffer_input(&input), NULL, magics[i].reason, 0, "", __FILE__,
                             __LINE__);
        buffer_free(&input);
    }
    COVERED(2 * MAGICS);
}

/* What only starts like a magic number is judged as the pickle that it is. */
static void beginnings_of_magic_numbers(void) {
    ACCEPTS("(t.", "#0()");
    ACCEPTS("B\x01\0\0\0Z.", "b'Z'");
    ACCEPTS("\x89.", "False");
    REFUSES("\x28\xb5", BAD_OPCODE, 1);
    REFUSES("BZh9", TRUNCATED, 0);
    REFUSES_SAYING("PK\x03\x05\n", CODE_PERSISTENT, 0, "K\\x03\\x05");
    REFUSES("PK", TRUNCATED, 0);
    REFUSES("\x93NUMPX", STACK_UNDERFLOW, 0);
    REFUSES("\x93", STACK_UNDERFLOW, 0);
    REFUSES_SAYING("x", BAD_OPCODE, 0, "0x78");
    REFUSES_SAYING("\xfd"
                   "7zX",
                   BAD_OPCODE, 0, "0xfd");
    REFUSES_SAYING("7", BAD_OPCODE, 0, "0x37");
    COVERED(12);
}

/* ---- tar ---- */

#define INPUT_OF(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

static void tar_header(void) {
    uint8_t tar[512];
    const struct refusal bad_opcode = {REASON_BAD_OPCODE, 'm', 0, 0, ""};
    make_tar(tar, INPUT("model.pkl"));
    for (size_t size = 0; size <= 512; size++) {
        enum reason reason = REASON_DATA;
        CHECK_U64(sniff_refused(tar, size, false, &bad_opcode, &reason),
                  size < SNIFF_HEAD ? SNIFF_WAIT : SNIFF_FOUND);
        CHECK_U64(reason, size < SNIFF_HEAD ? REASON_DATA : REASON_WRAPPER_TAR);
        (void)sniff_refused(tar, size, true, &bad_opcode, &reason);
        CHECK((reason == REASON_WRAPPER_TAR) == (size >= SNIFF_HEAD));
    }
    for (size_t at = 0; at < SNIFF_HEAD; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t changed[512];
            memcpy(changed, tar, sizeof changed);
            changed[at] = (uint8_t)byte;
            bool is_in_name = at < 10 || (at >= 156 && at < 158);
            bool is_text = byte >= 0x20 && byte < 0x7f;
            bool is_octal = byte == 0 || byte == ' ' || (byte >= '0' && byte <= '7');
            bool holds = at < 9                               ? is_text
                         : is_in_name                         ? is_text || byte == 0
                         : at < 100 || (at > 157 && at < 257) ? byte == 0
                         : at < 156                           ? is_octal
                                                              : byte == tar[at];
            holds = holds || (at > 0 && at < 9 && byte == 0 && tar[at + 1] == 0);
            enum reason reason = REASON_DATA;
            (void)sniff_refused(changed, sizeof changed, false, &bad_opcode, &reason);
            CHECK_NOTE((reason == REASON_WRAPPER_TAR) == holds, "%02x at %zu", byte, at);
        }
    }
    COVERED(512 + 262 * 256);
}

/* A tar file's name may look like a pickle; the refusal of what follows waits for the 262 bytes
 * that tell, and says the same in whatever pieces they come.  What is a whole pickle is not taken
 * for a tar file. */
static void tar_files(void) {
    static const struct {
        struct input name;
        enum reason reason;
        uint64_t offset;
    } files[] = {
        {INPUT_OF("model.pkl"), REASON_WRAPPER_TAR, 0}, {INPUT_OF("((("), REASON_WRAPPER_TAR, 0},
        {INPUT_OF("I1"), REASON_WRAPPER_TAR, 0},        {INPUT_OF("cos"), REASON_WRAPPER_TAR, 0},
        {INPUT_OF("Px"), REASON_WRAPPER_TAR, 0},        {INPUT_OF("]0."), REASON_WRAPPER_TAR, 0},
        {INPUT_OF("U"), REASON_WRAPPER_TAR, 0},         {INPUT_OF("X0000"), REASON_WRAPPER_TAR, 0},
        {INPUT_OF("N."), REASON_TRAILING, 2},
    };
    static uint8_t tar[1024];
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct input input = {tar, sizeof tar};
        make_tar(tar, files[i].name);
        (void)expect_refusal(input, NULL, files[i].reason, files[i].offset, "", __FILE__, __LINE__);
        for (size_t split = 0; split <= sizeof tar; split++, inputs++) {
            spk_report report = SPK_REPORT_INIT;
            spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
            REQUIRE(decoder);
            (void)spk_decoder_feed(decoder, tar, split);
            (void)spk_decoder_feed(decoder, tar + split, sizeof tar - split);
            (void)spk_decoder_finish(decoder);
            (void)spk_decoder_report(decoder, &report);
            spk_decoder_free(decoder);
            CHECK_NOTE(report.code == (unsigned)files[i].reason && report.offset == files[i].offset,
                       "tar %zu at %zu: %s", i, split, report.name);
        }
    }
    COVERED(inputs);
}

/* While it waits the verdict is open, and finishing settles it. */
static void waiting_for_tar(void) {
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, NULL, NULL);
    spk_report report = SPK_REPORT_INIT;
    uint8_t tar[512];
    REQUIRE(decoder);
    make_tar(tar, INPUT("model.pkl"));
    for (size_t i = 0; i < SNIFF_HEAD; i++) {
        CHECK_U64(spk_decoder_feed(decoder, tar + i, 1),
                  i < SNIFF_HEAD - 1 ? SPK_MORE : SPK_WRAPPER);
    }
    spk_decoder_reset(decoder);
    CHECK_U64(spk_decoder_feed(decoder, tar, 200), SPK_MORE);
    CHECK_U64(spk_decoder_finish(decoder), SPK_MALFORMED);
    (void)spk_decoder_report(decoder, &report);
    CHECK(report.code == REASON_BAD_OPCODE && report.offset == 0);
    spk_decoder_reset(decoder);
    CHECK_U64(spk_decoder_feed(decoder, tar, 200), SPK_MORE);
    CHECK_U64(spk_decoder_feed(decoder, "\xff", 1),
              SPK_MALFORMED); /* no tar file: the refusal stands at once */
    spk_decoder_free(decoder);
    COVERED(SNIFF_HEAD);
}

/* In gzip, too, wherever a member ends. */
static void tar_in_members(void) {
    enum reason reason = spk_has_zlib() ? REASON_WRAPPER_TAR : REASON_GZIP_UNSUPPORTED;
    uint8_t tar[512];
    make_tar(tar, INPUT("dump.pkl"));
    for (size_t cut = 0; cut <= sizeof tar; cut++) {
        struct buffer file = {NULL, 0, 0};
        buffer_gzip(&file, (struct input){tar, cut});
        buffer_gzip(&file, (struct input){tar + cut, sizeof tar - cut});
        (void)expect_refusal(buffer_input(&file), NULL, reason, 0, "", __FILE__, __LINE__);
        buffer_free(&file);
    }
    COVERED(sizeof tar + 1);
}

/* Where a limit ends the waiting for the rest of a tar header, the refused byte stays where it was.
 */
static void waiting_up_to_a_limit(void) {
    struct buffer file = {NULL, 0, 0};
    uint8_t tar[512];
    unsigned waited = 0;
    make_tar(tar, INPUT("model.pkl"));
    buffer_gzip(&file, (struct input){tar, sizeof tar});
    if (!spk_has_zlib()) {
        CHECK_U64(judge(buffer_input(&file), NULL).report.code, REASON_GZIP_UNSUPPORTED);
        buffer_free(&file);
        COVERED(1);
        return;
    }
    for (size_t max = 1; max < file.size; max++) {
        spk_options options = SPK_OPTIONS_INIT;
        options.max_input = max;
        spk_report limited = judge(buffer_input(&file), &options).report;
        spk_report cut = judge((struct input){file.data, max}, NULL).report;
        if (cut.code == REASON_BAD_OPCODE) {
            CHECK(limited.code == cut.code && limited.offset == 0 &&
                  limited.raw_offset == cut.raw_offset);
            waited += limited.raw_offset < max - 1;
        }
    }
    CHECK(waited > 5);
    buffer_free(&file);
    COVERED(waited);
}

/* A few bytes that begin with no opcode are text if there is a letter among them, wherever. */
static void a_letter_makes_it_text(void) {
    char text[16];
    for (size_t size = 2; size < sizeof text; size++) {
        memset(text, '#', sizeof text);
        REFUSES_INPUT(((struct input){(const uint8_t *)text, size}), NULL, BAD_OPCODE, 0, "0x23");
        for (size_t at = 1; at < size; at++) {
            memset(text, '#', sizeof text);
            text[at] = at % 2 == 0 ? 'a' : 'Z';
            REFUSES_INPUT(((struct input){(const uint8_t *)text, size}), NULL, WRAPPER_TEXT, 0, "");
        }
    }
    COVERED(sizeof text - 2);
}

REGISTER(sniff, RUN(every_magic_number), RUN(other_bytes_are_none), RUN(reach_the_caller),
         RUN(beginnings_of_magic_numbers), RUN(tar_header), RUN(tar_files), RUN(waiting_for_tar),
         RUN(tar_in_members), RUN(waiting_up_to_a_limit), RUN(a_letter_makes_it_text))
