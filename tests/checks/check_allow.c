/* SPDX-License-Identifier: MIT
 *
 * What allow does to limits: sets that are made in a graph of links, texts that are copied, the
 * depth of a wide check; and the list of sets.  check_wide.c has what is let in and what is
 * not. */
#include <string.h>

#include "base/names.h"
#include "buffer.h"
#include "judge.h"
#include "meter.h"
#include "support.h"

#define SET "c__builtin__\nset\n"
#define FROZENSET "c__builtin__\nfrozenset\n"
#define ENCODE "c_codecs\nencode\n"
#define LATIN1 "X\x06\0\0\0latin1"

static spk_options plain(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow = "plain";
    return options;
}

#define LETS_IN(literal, text) ACCEPTS_INPUT(INPUT(literal), &options, text)
#define KEEPS_OUT(literal, reason, offset, detail) \
    REFUSES_INPUT(INPUT(literal), &options, reason, offset, detail)

/* With allow_cycles a list is a node of the graph, and so is the set that it becomes. */
static void sets_in_cycles(void) {
    spk_options options = plain();
    options.allow_cycles = true;
    LETS_IN("]q\0h\0a" SET "](K\1)e\x85R\x86.", "#0(#1[@1], #2S{i1, #3()})");
    LETS_IN("(]t.", "#0(#1[])"); /* the notes of a value are no part of its depth */
    LETS_IN("(K\1t.", "#0(i1)");
    options.max_depth = 2;
    LETS_IN(FROZENSET "])\x61\x85R.", "#0F{#1()}");
    KEEPS_OUT(FROZENSET "])\x85\x61\x85R.", LIMIT_DEPTH, 28, "(2)");
    options.max_depth = 0;
    options.max_expansion = 3;
    LETS_IN(FROZENSET "](K\1K\2e\x85R.", "#0F{i1, i2}");
    KEEPS_OUT(FROZENSET "](K\1K\2K\3e\x85R.", LIMIT_EXPANSION, 33, "(3)");
    COVERED(7);
}

/* ---- bounds ---- */

static void long_texts_are_copied_twice_at_most(void) {
    spk_options options = plain();
    struct buffer pickle = {NULL, 0, 0};
    buffer_bytes(&pickle, "\x80\2" ENCODE "q\0X\0\1\0\0", 25);
    for (int i = 0; i < 256; i++) {
        buffer_byte(&pickle, 'a');
    }
    buffer_bytes(&pickle, "q\1" LATIN1 "q\2\x86R(", 18);
    size_t head = pickle.size;
    for (int i = 0; i < 40; i++) {
        buffer_bytes(&pickle, "h\0h\1h\2\x86R", 8);
    }
    buffer_bytes(&pickle, "t\x86.", 3);
    /* 256 bytes were copied once; with the n-th call more than twice of what was read would be. */
    size_t call = 0;
    while ((call + 2) * 256 / 2 <= head + call * 8 + 7) {
        call++;
    }
    REFUSES_INPUT(((struct input){pickle.data, pickle.size}), &options, CODE_ARGUMENTS,
                  head + call * 8 + 7, "_codecs.encode");
    buffer_free(&pickle);
    COVERED(1);
}

/* ---- the options ---- */

static void lists_of_sets(void) {
    static const char *const good[] = {"plain", " plain", "plain,", "plain, plain", "", ","};
    static const char *const bad[] = {"Plain", "plainx", "pla", "plain;plain", "plain,\x1b[m"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        spk_options options = SPK_OPTIONS_INIT;
        options.allow = good[i];
        spk_status status = spk_check(SET "]\x85R.", sizeof SET - 1 + 4, &options, NULL);
        CHECK(status == (strlen(good[i]) > 1 ? SPK_OK : SPK_UNSAFE));
        CHECK(spk_options_resolve(&options));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        spk_options options = SPK_OPTIONS_INIT;
        spk_report report = SPK_REPORT_INIT;
        options.allow = bad[i];
        CHECK(spk_check("N.", 2, &options, &report) == SPK_MISUSE);
        CHECK(strncmp(report.detail, "options.allow names an unknown set: ", 36) == 0);
        CHECK(strchr(report.detail, '\x1b') == NULL);
        CHECK(!spk_options_resolve(&options));
    }
    for (size_t i = 0; i < ALLOW_SETS; i++) {
        CHECK(spk_set_at(i) != NULL);
    }
    CHECK(spk_set_at(ALLOW_SETS) == NULL && spk_set_at(SIZE_MAX) == NULL);
    COVERED(13);
}

static void depth_has_an_end(void) {
    spk_options options = plain();
    options.max_depth = SPK_UNLIMITED;
    CHECK(spk_options_resolve(&options));
    CHECK_U64(options.max_depth, 65534);
    options = plain();
    options.max_depth = 65533;
    CHECK(spk_options_resolve(&options));
    CHECK_U64(options.max_depth, 65533);
    struct buffer pickle = {NULL, 0, 0};
    for (int i = 0; i < 65535; i++) {
        buffer_byte(&pickle, ']');
    }
    for (int i = 0; i < 65534; i++) {
        buffer_byte(&pickle, 'a');
    }
    buffer_byte(&pickle, '.');
    options.max_depth = SPK_UNLIMITED;
    REFUSES_INPUT(((struct input){pickle.data, pickle.size}), &options, LIMIT_DEPTH, 65535 + 65533,
                  "(65534)");
    buffer_free(&pickle);
    COVERED(3);
}

REGISTER(allow, RUN(sets_in_cycles), RUN(long_texts_are_copied_twice_at_most), RUN(lists_of_sets),
         RUN(depth_has_an_end))
