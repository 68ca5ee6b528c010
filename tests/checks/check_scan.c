/* SPDX-License-Identifier: MIT
 *
 * Splitting into opcodes, and what the public tables tell: every form of operand, cut at every
 * byte, and lengths that nothing can have. */
#include "scan/scan.h"

#include <string.h>

#include "base/report.h"
#include "support.h"

/* One opcode of each form, whole. */
static const struct {
    const char *name;
    size_t size;
    const char *bytes;
    size_t operand;
    size_t operand_size;
} forms[] = {
    {"NONE", 1, "N", 1, 0},
    {"BININT1", 2, "K\1", 1, 1},
    {"BININT2", 3, "M\1\2", 1, 2},
    {"BININT", 5, "J\1\2\3\4", 1, 4},
    {"FRAME", 9, "\x95\1\0\0\0\0\0\0\0", 1, 8},
    {"BINFLOAT", 9, "G\1\2\3\4\5\6\7\10", 1, 8},
    {"INT", 4, "I12\n", 1, 2},
    {"STRING", 4, "S''\n", 1, 2},
    {"UNICODE", 2, "V\n", 1, 0},
    {"GLOBAL", 5, "ca\nb\n", 1, 3},
    {"PERSID", 3, "Px\n", 1, 1},
    {"SHORT_BINBYTES", 4, "C\2ab", 2, 2},
    {"BINBYTES", 7, "B\2\0\0\0ab", 5, 2},
    {"BINSTRING", 7, "T\2\0\0\0ab", 5, 2},
    {"BINBYTES8", 11, "\x8e\2\0\0\0\0\0\0\0ab", 9, 2},
};

#define FORMS (sizeof forms / sizeof forms[0])

static void every_form(void) {
    for (size_t i = 0; i < FORMS; i++) {
        for (size_t size = 0; size <= forms[i].size + 1; size++) {
            uint8_t bytes[16] = {0};
            memcpy(bytes, forms[i].bytes, forms[i].size);
            spk_scanned seen;
            size_t found = spk_scan(bytes, size, &seen);
            bool is_whole = size >= forms[i].size;
            CHECK_NOTE(found == (is_whole ? forms[i].size : 0), "%s, %zu bytes", forms[i].name,
                       size);
            CHECK((seen.opcode == NULL) == (size == 0));
            CHECK(!seen.opcode || strcmp(seen.opcode->name, forms[i].name) == 0);
            CHECK(seen.operand == (is_whole ? bytes + forms[i].operand : NULL));
            CHECK_U64(seen.operand_size, is_whole ? forms[i].operand_size : 0);
        }
    }
    COVERED(FORMS);
}

/* Lengths up to those that no memory holds; the sum with what stands before them never wraps. */
static void lengths_that_cannot_be(void) {
    static const struct {
        const char *bytes;
        size_t size;
        enum scan_end end;
    } streams[] = {
        {"\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", 10, SCAN_BAD},
        {"\x8e\0\0\0\0\0\0\0\x80.", 10, SCAN_BAD},
        {"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", 10, SCAN_CUT},
        {"\x8d\xf7\xff\xff\xff\xff\xff\xff\x7f.", 10, SCAN_CUT},
        {"T\0\0\0\x80.", 6, SCAN_BAD},
        {"T\xff\xff\xff\x7f.", 6, SCAN_CUT},
        {"\x8b\xff\xff\xff\xff.", 6, SCAN_BAD},
        {"B\xff\xff\xff\xff.", 6, SCAN_CUT},
        {"\xff", 1, SCAN_BAD},
        {"\0", 1, SCAN_BAD},
    };
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        struct scanned scanned = {7, 7, 7};
        CHECK_U64(scan_opcode((const uint8_t *)streams[i].bytes, streams[i].size, &scanned),
                  streams[i].end);
        CHECK(scanned.size == 7 && scanned.operand == 7 && scanned.operand_size == 7);
    }
    COVERED(sizeof streams / sizeof streams[0]);
}

static void nothing_to_look_at(void) {
    spk_scanned seen;
    CHECK_U64(spk_scan(NULL, 0, &seen), 0);
    CHECK(!seen.opcode && !seen.operand && seen.operand_size == 0);
    CHECK_U64(spk_scan(NULL, 5, &seen), 0);
    CHECK_U64(spk_scan("", 1, &seen), 0);
    CHECK_U64(spk_scan("K\1.", 3, NULL), 2);
    CHECK_U64(spk_scan("", 0, NULL), 0);
    CHECK(!seen.opcode && !seen.operand);
}

static void every_opcode_is_told(void) {
    unsigned count = 0;
    for (int byte = -3; byte < 300; byte++) {
        const spk_opcode *opcode = spk_opcode_of(byte);
        bool is_opcode = byte >= 0 && byte <= 255 && opcode_table[byte].is_opcode;
        CHECK_NOTE((opcode != NULL) == is_opcode, "%d", byte);
        if (opcode) {
            CHECK_STR(opcode->name, opcode_name(byte));
            CHECK(opcode->byte == byte && opcode->protocol == opcode_table[byte].protocol);
            CHECK_U64(opcode->code, opcode_table[byte].verdict);
            CHECK(opcode->operand[0] != '\0' && strchr(opcode->meaning, ' '));
            count++;
        }
    }
    CHECK_U64(count, 68);
    COVERED(count);
}

/* In the order of their codes, each with its words; the same as reports have them. */
static void every_reason_is_told(void) {
    size_t count = 0;
    unsigned last = 0;
    for (const spk_reason *reason; (reason = spk_reason_at(count)) != NULL; count++) {
        struct refusal refusal = {(enum reason)reason->code, -1, 0, 0, ""};
        spk_report report = SPK_REPORT_INIT;
        report_refusal(&report, &refusal);
        CHECK(reason->code > last && report.code == reason->code);
        CHECK(report.status == reason->status && strcmp(report.name, reason->name) == 0);
        CHECK_STR(report.message, reason->message);
        size_t length = strlen(reason->help);
        CHECK_NOTE(length > 40 && reason->help[length - 1] == '.', "SP%u", reason->code);
        last = reason->code;
    }
    CHECK(count > 90 && !spk_reason_at(count) && !spk_reason_at(SIZE_MAX));
    COVERED(count);
}

/* The message of a limit ends with its name. */
static bool is_named_by(unsigned code, const char *name) {
    const spk_reason *reason;
    for (size_t i = 0; (reason = spk_reason_at(i)) != NULL; i++) {
        const char *last = strrchr(reason->message, ' ');
        if (reason->code == code) {
            return last && strcmp(last + 1, name) == 0;
        }
    }
    return false;
}

/* Of the field that bounds the same in what is written; 0: there is none. */
static size_t encode_offset_of(const char *limit) {
    static const struct {
        const char *limit;
        size_t at;
    } fields[] = {
#define SAME(field) {#field, offsetof(spk_encode_options, field)}
        {"max_unpacked", offsetof(spk_encode_options, max_output)},
        SAME(max_depth),
        SAME(max_memo),
        SAME(max_alloc),
        SAME(max_expansion),
        SAME(max_int_bytes),
        SAME(max_key_depth),
        SAME(max_key_expansion),
#undef SAME
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].limit, limit) == 0) {
            return fields[i].at;
        }
    }
    return 0;
}

/* Each by its default, which a field of 0 resolves to, and by its ceiling. */
static void every_limit_is_told(void) {
    size_t count = 0;
    size_t writing = 0;
    for (const spk_limit *limit; (limit = spk_limit_at(count)) != NULL; count++) {
        spk_options options = SPK_OPTIONS_INIT;
        uint64_t value;
        CHECK(limit->offset == offsetof(spk_options, max_input) + count * sizeof value);
        CHECK(spk_options_resolve(&options));
        memcpy(&value, (const char *)&options + limit->offset, sizeof value);
        CHECK_U64(value, limit->default_value);
        value = SPK_UNLIMITED;
        memcpy((char *)&options + limit->offset, &value, sizeof value);
        CHECK(spk_options_resolve(&options));
        memcpy(&value, (const char *)&options + limit->offset, sizeof value);
        CHECK_U64(value, limit->ceiling);
        CHECK_NOTE(is_named_by(limit->code, limit->name), "%s", limit->name);
        CHECK(limit->code / 100 == 3 && strlen(limit->what) > 5);
        CHECK(strncmp(limit->name, "max_", 4) == 0);
        writing += limit->encode_offset > 0;
        CHECK_U64(limit->encode_offset, encode_offset_of(limit->name));
    }
    CHECK_U64(offsetof(spk_options, max_input) + count * sizeof(uint64_t),
              offsetof(spk_options, allow));
    CHECK_U64(offsetof(spk_encode_options, max_output) + writing * sizeof(uint64_t),
              sizeof(spk_encode_options));
    CHECK(!spk_limit_at(SIZE_MAX));
    COVERED(count);
}

REGISTER(scan, RUN(every_form), RUN(lengths_that_cannot_be), RUN(nothing_to_look_at),
         RUN(every_opcode_is_told), RUN(every_reason_is_told), RUN(every_limit_is_told))
