/* SPDX-License-Identifier: MIT
 *
 * The form for programs: one JSON object a line and input, trouble included, and a summary as the
 * last line, whose absence shows that a run was cut short; "type" tells the two apart.  Every
 * object of an input has the same keys; what does not apply is null, and "message" is the sentence
 * that the text form has.  All of it is plain ASCII, so that a terminal cannot be misled by it. */
#include <stdio.h>
#include <string.h>

#include "json_text.h"
#include "report.h"

static void put_path(struct printer *out, const char *path) {
    put_word(out, "{\"v\":1,\"type\":\"input\",");
    if (is_utf8(path)) {
        put_word(out, "\"path\":");
        put_foreign(out, path);
    } else {
        put_word(out, "\"path_b64\":");
        put_base64(out, path, strlen(path));
    }
}

static void put_key(struct printer *out, const char *key) {
    put_word(out, ",\"");
    put_word(out, key);
    put_word(out, "\":");
}

/* A text of NULL or without characters is null. */
static void put_text(struct printer *out, const char *key, const char *text) {
    put_key(out, key);
    if (text && text[0] != '\0') {
        put_foreign(out, text);
    } else {
        put_word(out, "null");
    }
}

static void put_number(struct printer *out, const char *key, bool applies, uint64_t number) {
    put_key(out, key);
    if (applies) {
        put_unsigned(out, number);
    } else {
        put_word(out, "null");
    }
}

static void json_verdict(struct report *to, const char *path, const spk_report *report) {
    struct printer *out = &to->out;
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
    put_text(out, "set", report->set);
    if (to->allow) {
        put_text(out, "allow", to->allow);
        put_number(out, "imports", true, report->imports);
    }
    put_word(out, "}\n");
}

/* What is wrong with something else than the input is told with its name. */
static void put_message(struct printer *out, const struct trouble *trouble) {
    char room[SYSTEM_WORDS_SIZE];
    char whole[1024];
    const char *message = trouble_message(trouble, room);
    if (trouble->place) {
        snprintf(whole, sizeof whole, "%s: %s", trouble->place, message);
    }
    put_text(out, "message", trouble->place ? whole : message);
}

static void json_trouble(struct report *to, const char *path, const struct trouble *trouble) {
    struct printer *out = &to->out;
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
    put_text(out, "set", NULL);
    put_word(out, "}\n");
}

static void put_count(struct printer *out, const char *before, uint64_t count) {
    put_word(out, before);
    put_unsigned(out, count);
}

static void json_end(struct report *to) {
    struct printer *out = &to->out;
    const struct counts *counts = &to->counts;
    put_word(out, "{\"v\":1,\"type\":\"summary\",\"summary\":{");
    put_count(out, "\"checked\":", counts->accepted + counts->rejected);
    put_count(out, ",\"accepted\":", counts->accepted);
    put_count(out, ",\"rejected\":", counts->rejected);
    put_count(out, ",\"errors\":", counts->errors);
    put_word(out, ",\"tool\":\"" PROGRAM " ");
    put_word(out, report_version());
    put_word(out, "\"}}\n");
}

const struct format format_json = {
    .verdict = json_verdict, .trouble = json_trouble, .end = json_end};
