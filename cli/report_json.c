/* SPDX-License-Identifier: MIT
 *
 * The form for programs: one JSON object a line and input, trouble included, and a summary as the
 * last line, whose absence shows that a run was cut short; "type" tells the two apart.  Every
 * object of an input has the same keys; what does not apply is null, and "message" is the sentence
 * that the text form has.  All of it is plain ASCII, so that a terminal cannot be misled by it. */
#include <inttypes.h>
#include <string.h>

#include "report.h"

static void put_hex_escape(FILE *out, uint32_t unit) {
    fprintf(out, "\\u%04" PRIx32, unit);
}

static void put_code_point(FILE *out, uint32_t code_point) {
    if (code_point >= 0x10000) {
        put_hex_escape(out, 0xd800 + ((code_point - 0x10000) >> 10));
        put_hex_escape(out, 0xdc00 + ((code_point - 0x10000) & 0x3ff));
    } else if (code_point < 0x20 || code_point >= 0x7f) {
        put_hex_escape(out, code_point);
    } else {
        if (code_point == '"' || code_point == '\\') {
            fputc('\\', out);
        }
        fputc((int)code_point, out);
    }
}

/* Length of the UTF-8 sequence that text starts with; 0 if it is none.  The NUL at the end stops a
 * short one. */
static size_t read_code_point(const char *text, uint32_t *code_point) {
    static const uint32_t min[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80   ? 1
                    : first < 0xc0 ? 0
                    : first < 0xe0 ? 2
                    : first < 0xf0 ? 3
                    : first < 0xf8 ? 4
                                   : 0;
    if (length < 2) {
        *code_point = first;
        return length;
    }
    uint32_t value = first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if ((byte & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (byte & 0x3f);
    }
    *code_point = value;
    return value < min[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? 0
                                                                                           : length;
}

static bool is_utf8(const char *text) {
    while (*text != '\0') {
        uint32_t code_point;
        size_t length = read_code_point(text, &code_point);
        if (length == 0) {
            return false;
        }
        text += length;
    }
    return true;
}

static void put_string(FILE *out, const char *text) {
    fputc('"', out);
    while (*text != '\0') {
        uint32_t code_point;
        size_t length = read_code_point(text, &code_point);
        put_code_point(out, length > 0 ? code_point : 0xfffd);
        text += length > 0 ? length : 1;
    }
    fputc('"', out);
}

static void put_base64(FILE *out, const char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t left = strlen(text);
    fputc('"', out);
    while (left > 0) {
        size_t size = left < 3 ? left : 3;
        uint32_t bits = 0;
        for (size_t i = 0; i < 3; i++) {
            bits = bits << 8 | (i < size ? (unsigned char)text[i] : 0u);
        }
        for (size_t i = 0; i < 4; i++) {
            fputc(i <= size ? digits[bits >> (18 - 6 * i) & 0x3f] : '=', out);
        }
        text += size;
        left -= size;
    }
    fputc('"', out);
}

static void put_path(FILE *out, const char *path) {
    if (is_utf8(path)) {
        fputs("{\"v\":1,\"type\":\"input\",\"path\":", out);
        put_string(out, path);
    } else {
        fputs("{\"v\":1,\"type\":\"input\",\"path_b64\":", out);
        put_base64(out, path);
    }
}

/* A text of NULL or without characters is null. */
static void put_text(FILE *out, const char *key, const char *text) {
    fprintf(out, ",\"%s\":", key);
    if (text && text[0] != '\0') {
        put_string(out, text);
    } else {
        fputs("null", out);
    }
}

static void put_number(FILE *out, const char *key, bool applies, uint64_t number) {
    if (applies) {
        fprintf(out, ",\"%s\":%" PRIu64, key, number);
    } else {
        fprintf(out, ",\"%s\":null", key);
    }
}

static void json_verdict(FILE *out, const char *path, const spk_report *report) {
    bool accepted = report->status == SPK_OK;
    bool refused = !accepted;
    char code[16] = "";
    struct sentence sentence;
    report_describe(&sentence, report);
    if (refused) {
        snprintf(code, sizeof code, "SP%u", report->code);
    }
    put_path(out, path);
    put_text(out, "verdict", accepted ? "accepted" : "rejected");
    put_text(out, "code", code);
    put_text(out, "name", report->name);
    put_text(out, "class", refused ? spk_status_name(report->status) : NULL);
    put_text(out, "opcode", report->opcode);
    put_number(out, "offset", refused, report->offset);
    put_number(out, "raw_offset", refused, report->raw_offset);
    put_text(out, "detail", report->detail);
    put_number(out, "limit", report->status == SPK_LIMIT, report->limit);
    put_text(out, "wrapper", report->wrapper == SPK_WRAPPER_GZIP ? "gzip" : "none");
    put_number(out, "protocol", report->protocol >= 0, (uint64_t)report->protocol);
    put_number(out, "bytes", true, report->input_bytes);
    put_number(out, "opcodes", true, report->opcodes);
    put_number(out, "max_depth", accepted, report->max_depth);
    put_text(out, "hint", sentence.hint);
    put_text(out, "message", refused ? sentence.line : NULL);
    fputs("}\n", out);
}

/* What is wrong with something else than the input is told with its name. */
static void put_message(FILE *out, const struct trouble *trouble) {
    char room[SYSTEM_WORDS_SIZE];
    char whole[1024];
    const char *message = trouble_message(trouble, room);
    if (trouble->place) {
        snprintf(whole, sizeof whole, "%s: %s", trouble->place, message);
    }
    put_text(out, "message", trouble->place ? whole : message);
}

static void json_trouble(FILE *out, const char *path, const struct trouble *trouble) {
    put_path(out, path);
    put_text(out, "verdict", "error");
    put_text(out, "code", trouble_code(trouble));
    static const char *const facts[] = {"name",    "class",     "opcode",  "offset",   "raw_offset",
                                        "detail",  "limit",     "wrapper", "protocol", "bytes",
                                        "opcodes", "max_depth", "hint"};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        put_text(out, facts[i], NULL);
    }
    put_message(out, trouble);
    fputs("}\n", out);
}

static void json_end(FILE *out, const struct counts *counts) {
    fprintf(out,
            "{\"v\":1,\"type\":\"summary\",\"summary\":{\"checked\":%" PRIu64
            ",\"accepted\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"errors\":%" PRIu64
            ",\"tool\":\"" PROGRAM " %s\"}}\n",
            counts->accepted + counts->rejected, counts->accepted, counts->rejected, counts->errors,
            report_version());
}

const struct format format_json = {json_verdict, json_trouble, json_end};
