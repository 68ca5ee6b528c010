/* SPDX-License-Identifier: MIT
 *
 * The wide machine: names and arguments that are let in, each refusal of what is not, with its
 * offset, in every way of judging and cut at every byte; and that nothing is let in that was not
 * asked for. */
#include <string.h>

#include "base/names.h"
#include "buffer.h"
#include "judge.h"
#include "meter.h"
#include "support.h"

#define SET "c__builtin__\nset\n"
#define FROZENSET "c__builtin__\nfrozenset\n"
#define ENCODE "c_codecs\nencode\n"
#define BYTEARRAY "c__builtin__\nbytearray\n"
#define LATIN1 "X\x06\0\0\0latin1"

static spk_options plain(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow = "plain";
    return options;
}

#define LETS_IN(literal, text) ACCEPTS_INPUT(INPUT(literal), &options, text)
#define KEEPS_OUT(literal, reason, offset, detail) \
    REFUSES_INPUT(INPUT(literal), &options, reason, offset, detail)

/* ---- what picklers write ---- */

static void what_picklers_write(void) {
    spk_options options = plain();
    LETS_IN(SET "]\x85R.", "#0S{}");
    LETS_IN("\x80\x02" SET "q\0]q\1(K\1K\2K\1e\x85q\2Rq\3.", "#0S{i1, i2}");
    LETS_IN("\x80\x03"
            "cbuiltins\nset\n]K\1a\x85R.",
            "#0S{i1}");
    LETS_IN("\x80\x04\x8c\x08"
            "builtins\x94\x8c\x03set\x94\x93\x94]\x94K\1a\x85\x94R\x94.",
            "#0S{i1}");
    LETS_IN(FROZENSET "((lp0\nI1\natp1\nRp2\n.", "#0F{i1}");
    LETS_IN(FROZENSET "(K\1K\2t\x85R.", "#0F{i1, i2}");
    LETS_IN(FROZENSET ")\x85R.", "#0F{}");
    LETS_IN(ENCODE "X\2\0\0\0\xc3\xbf" LATIN1 "\x86R.", "b'\\xff'");
    LETS_IN(ENCODE "V\xff\np0\nVlatin1\np1\n\x86R.", "b'\\xff'");
    LETS_IN("c__builtin__\nbytes\n)R.", "b''");
    LETS_IN(BYTEARRAY ")R.", "#0a''");
    LETS_IN(BYTEARRAY ENCODE "X\1\0\0\0a" LATIN1 "\x86R\x85R.", "#0a'a'");
    LETS_IN(BYTEARRAY "X\1\0\0\0aU\7latin-1\x86R.", "#0a'a'");
    LETS_IN("\x80\x03"
            "cbuiltins\nbytearray\nC\1a\x85R.",
            "#0a'a'");
    COVERED(14);
}

static void names_are_fetched(void) {
    spk_options options = plain();
    LETS_IN("(" SET "q\0]\x85Rh\0]\x85Rt.", "#0(#1S{}, #2S{})");
    LETS_IN("\x80\x04(\x8c\x03set\x94\x8c\x08"
            "builtins\x94h\0\x93]\x85Rh\1h\0\x93]\x85Rt.",
            "#0('set', #1S{}, #2S{})");
    LETS_IN("(" ENCODE "q\0X\1\0\0\0a" LATIN1 "q\1\x86Rh\0X\1\0\0\0bh\1\x86Rt.", "#0(b'a', b'b')");
    COVERED(3);
}

/* ---- what is not let in ---- */

static void names_of_no_set(void) {
    spk_options options = plain();
    spk_report report = SPK_REPORT_INIT;
    KEEPS_OUT("cposix\nsystem\n.", CODE_IMPORT, 0, "posix.system");
    KEEPS_OUT("c__builtin__\nse\n.", CODE_IMPORT, 0, "__builtin__.se");
    KEEPS_OUT("c__builtin__\nset \n.", CODE_IMPORT, 0, NULL);
    KEEPS_OUT("c__builtin__\nset\r\n.", CODE_IMPORT, 0, NULL);
    KEEPS_OUT("\x80\x03" SET "]\x85R.", CODE_IMPORT, 2, "__builtin__.set");
    KEEPS_OUT("\x80\x03" ENCODE ".", CODE_IMPORT, 2, "_codecs.encode");
    KEEPS_OUT("\x80\x05"
              "cbuiltins\nbytearray\n.",
              CODE_IMPORT, 2, "builtins.bytearray");
    KEEPS_OUT("\x80\x04\x8c\x08"
              "builtins\x8c\x04"
              "eval\x93.",
              CODE_IMPORT, 18, "builtins.eval");
    KEEPS_OUT("\x80\x03X\x08\0\0\0builtinsX\x03\0\0\0set\x93.", CODE_IMPORT, 23, "builtins.set");
    KEEPS_OUT("\x80\x04U\x08"
              "builtinsU\x03set\x93.",
              CODE_IMPORT, 17, "builtins.set");
    KEEPS_OUT("\x80\x04KK\x8c\x03set\x93.", CODE_IMPORT, 9, "?.set");
    KEEPS_OUT("(i__builtin__\nset\n.", CODE_IMPORT, 1, "__builtin__.set");
    CHECK(spk_check(SET, sizeof SET, NULL, &report) == SPK_UNSAFE);
    CHECK_STR(report.set, "plain");
    CHECK(spk_check("cposix\nsystem\n.", 16, &options, &report) == SPK_UNSAFE);
    CHECK_STR(report.set, "");
    COVERED(14);
}

static void arguments_of_no_form(void) {
    spk_options options = plain();
    KEEPS_OUT(SET ")R.", CODE_ARGUMENTS, 18, "set");
    KEEPS_OUT(SET "]]\x86R.", CODE_ARGUMENTS, 20, "set");
    KEEPS_OUT(SET "K\1\x85R.", CODE_ARGUMENTS, 20, "set");
    KEEPS_OUT(SET "(K\1t\x85R.", CODE_ARGUMENTS, 22, "set");
    KEEPS_OUT(SET "]]aR.", CODE_ARGUMENTS, 20, "set");
    KEEPS_OUT("(]q\0" SET "h\0\x85Rt.", CODE_ARGUMENTS, 24, "set");
    KEEPS_OUT(SET "]q\0\x85h\0"
                  "0R.",
              CODE_ARGUMENTS, 24, "set");
    KEEPS_OUT("(K\1\x85q\0" FROZENSET "h\0\x85Rt.", CODE_ARGUMENTS, 32, "frozenset");
    KEEPS_OUT("c__builtin__\nbytes\nK\1\x85R.", CODE_ARGUMENTS, 22, "bytes");
    KEEPS_OUT(ENCODE "X\2\0\0\0\xc4\x80" LATIN1 "\x86R.", CODE_ARGUMENTS, 35, "_codecs.encode");
    KEEPS_OUT(ENCODE "X\1\0\0\0aX\7\0\0\0latin-1\x86R.", CODE_ARGUMENTS, 35, NULL);
    KEEPS_OUT(ENCODE "X\1\0\0\0aU\6latin1\x86R.", CODE_ARGUMENTS, 31, NULL);
    KEEPS_OUT(ENCODE "U\1a" LATIN1 "\x86R.", CODE_ARGUMENTS, 31, NULL);
    KEEPS_OUT(BYTEARRAY "K\1\x85R.", CODE_ARGUMENTS, 26, "bytearray");
    KEEPS_OUT("\x80\x02N)R.", CODE_CALL, 4, NULL);
    KEEPS_OUT("\x80\x02" SET "]\x85\x81.", CODE_CALL, 21, NULL);
    KEEPS_OUT(SET "]\x85RNb.", CODE_STATE, 21, NULL);
    COVERED(17);
}

static void imports_are_no_values(void) {
    spk_options options = plain();
    KEEPS_OUT("]" SET "a.", CODE_VALUE, 18, NULL);
    KEEPS_OUT("](" SET "e.", CODE_VALUE, 19, NULL);
    KEEPS_OUT("(" SET "l.", CODE_VALUE, 18, NULL);
    KEEPS_OUT("(" SET "t.", CODE_VALUE, 18, NULL);
    KEEPS_OUT("}" SET "Ns.", CODE_VALUE, 19, NULL);
    KEEPS_OUT("}N" SET "s.", CODE_VALUE, 19, NULL);
    KEEPS_OUT("\x80\x04\x8f("
              "cbuiltins\nset\n\x90.",
              CODE_VALUE, 18, NULL);
    KEEPS_OUT(SET ".", CODE_VALUE, 17, NULL);
    KEEPS_OUT("N" SET "0.", CODE_VALUE, 18, NULL);
    KEEPS_OUT("N(" SET "1.", CODE_VALUE, 19, NULL);
    KEEPS_OUT(SET "Na.", CODE_VALUE, 18, NULL);
    KEEPS_OUT(SET "]\x85"
                  "0.",
              CODE_VALUE, 19, NULL);
    KEEPS_OUT("]q\0" SET "]\x85q\1R0h\1a.", MEMO_ARGUMENT, 26, "1");
    KEEPS_OUT("]" SET "]q\1\x85R0h\1a.", MEMO_ARGUMENT, 24, "1");
    KEEPS_OUT("]" SET "]q\1q\0\x85R0h\0a.", MEMO_ARGUMENT, 26, "0");
    KEEPS_OUT("]" FROZENSET "(K\1tq\1\x85R0h\1a.", MEMO_ARGUMENT, 33, "1");
    COVERED(16);
}

static void members_of_a_set(void) {
    spk_options options = plain();
    KEEPS_OUT(SET "]]a\x85R.", UNHASHABLE, 21, NULL);
    KEEPS_OUT(SET "](K\1]e\x85R.", UNHASHABLE, 24, NULL);
    KEEPS_OUT(FROZENSET "]]\x85\x61\x85R.", UNHASHABLE, 28, NULL);
    options.max_key_depth = 1;
    LETS_IN(SET "])\x61\x85R.", "#0S{#1()}");
    KEEPS_OUT(SET "])\x85\x61\x85R.", LIMIT_KEY_DEPTH, 22, "(1)");
    options = plain();
    options.max_key_expansion = 3;
    LETS_IN(SET "](K\1K\2K\3K\4e\x85R.", "#0S{i1, i2, i3, i4}");
    LETS_IN(SET "]K\1K\2\x86\x61\x85R.", "#0S{#1(i1, i2)}");
    KEEPS_OUT(SET "]K\1K\2K\3\x87\x61\x85R.", LIMIT_KEY_EXPANSION, 27, "(3)");
    COVERED(8);
}

/* With allow_cycles a list is a node of the graph, and so is the set that it becomes. */
static void sets_in_cycles(void) {
    spk_options options = plain();
    options.allow_cycles = true;
    LETS_IN("]q\0h\0a" SET "](K\1)e\x85R\x86.", "#0(#1[@1], #2S{i1, #3()})");
    options.max_depth = 2;
    LETS_IN(FROZENSET "])\x61\x85R.", "#0F{#1()}");
    KEEPS_OUT(FROZENSET "])\x85\x61\x85R.", LIMIT_DEPTH, 28, "(2)");
    options.max_depth = 0;
    options.max_expansion = 3;
    LETS_IN(FROZENSET "](K\1K\2e\x85R.", "#0F{i1, i2}");
    KEEPS_OUT(FROZENSET "](K\1K\2K\3e\x85R.", LIMIT_EXPANSION, 33, "(3)");
    COVERED(5);
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

static void a_wide_check_takes_no_more_memory(void) {
    struct buffer pickle = {NULL, 0, 0};
    size_t peaks[2];
    buffer_bytes(&pickle, "\x80\2](", 4);
    for (int i = 0; i < 100000; i++) {
        buffer_bytes(&pickle, "X\2\0\0\0abr", 8);
        buffer_bytes(&pickle, (uint8_t[]){(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16), 0}, 4);
    }
    buffer_bytes(&pickle, "e.", 2);
    for (int wide = 0; wide < 2; wide++) {
        spk_options options = plain();
        options.allow = wide ? "plain" : NULL;
        spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, &options, NULL);
        spk_decoder_feed(decoder, pickle.data, pickle.size);
        CHECK(spk_decoder_finish(decoder) == SPK_OK);
        (void)spk_decoder_memory(decoder, &peaks[wide]);
        spk_decoder_free(decoder);
    }
    CHECK_U64(peaks[1], peaks[0]);
    buffer_free(&pickle);
    COVERED(2);
}

static void names_that_go_on_and_on(void) {
    spk_options options = plain();
    struct buffer pickle = {NULL, 0, 0};
    spk_report report = SPK_REPORT_INIT;
    buffer_bytes(&pickle, "c__builtin__\nset", 16);
    for (int i = 0; i < 100000; i++) {
        buffer_byte(&pickle, 'x');
    }
    CHECK(spk_check(pickle.data, pickle.size, &options, &report) == SPK_UNSAFE);
    CHECK_U64(report.code, REASON_CODE_IMPORT);
    buffer_free(&pickle);
    KEEPS_OUT("c__builtin__\nset", TRUNCATED, 0, NULL);
    COVERED(2);
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

/* Nothing is left of one pickle for the next, and imports are counted for each. */
static void one_decoder_for_many(void) {
    static const char first[] = SET "q\0]q\1\x85R.";
    static const char second[] = "]h\0]\x85R.";
    spk_options options = plain();
    spk_report report = SPK_REPORT_INIT;
    for (spk_mode mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        spk_decoder *decoder = spk_decoder_new(mode, &options, NULL);
        for (int i = 0; i < 3; i++) {
            spk_decoder_feed(decoder, first, sizeof first - 1);
            CHECK(spk_decoder_finish(decoder) == SPK_OK);
            spk_decoder_report(decoder, &report);
            CHECK_U64(report.imports, 1);
            spk_decoder_reset(decoder);
            CHECK(spk_decoder_feed(decoder, second, sizeof second - 1) == SPK_MALFORMED);
            spk_decoder_report(decoder, &report);
            CHECK_U64(report.imports, 0);
            spk_decoder_reset(decoder);
        }
        spk_decoder_free(decoder);
    }
    COVERED(6);
}

REGISTER(wide, RUN(what_picklers_write), RUN(names_are_fetched), RUN(names_of_no_set),
         RUN(arguments_of_no_form), RUN(imports_are_no_values), RUN(members_of_a_set),
         RUN(sets_in_cycles), RUN(long_texts_are_copied_twice_at_most),
         RUN(a_wide_check_takes_no_more_memory), RUN(names_that_go_on_and_on), RUN(lists_of_sets),
         RUN(depth_has_an_end), RUN(one_decoder_for_many))
