/* SPDX-License-Identifier: MIT
 *
 * What spk_options.allow lets in, and each way in which the wide machine refuses: names, calls,
 * arguments, classes as values, what a call took; by reason, offset and detail.  Each pickle here
 * is also cut in two at every place, in both modes, by decoders that are used again and again. */
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define SET "c__builtin__\nset\n"
#define FROZENSET "c__builtin__\nfrozenset\n"
#define BYTES "c__builtin__\nbytes\n"
#define BYTEARRAY "c__builtin__\nbytearray\n"
#define ENCODE "c_codecs\nencode\n"
#define LATIN1 "X\6\0\0\0latin1"
#define LATIN_1 "X\7\0\0\0latin-1"
#define E_ACUTE \
    "X\2\0\0\0\xc3\xa9" /* U+00E9, the last below it is FF, and the first over it 100 \
                         */

static spk_options allow(const char *sets) {
    spk_options options = SPK_OPTIONS_INIT;
    options.allow = sets;
    return options;
}

/* ---- every cut ---- */

#define CUTS 600 /* about so many, at most; of LARGE inputs fewer */
#define LARGE 4096
#define LARGE_CUTS 12

static void write_value(struct buffer *text, spk_decoder *decoder) {
    spk_document *document = spk_decoder_take(decoder);
    text->size = 0;
    buffer_text(text, document ? exact_text(document) : "");
    buffer_byte(text, '\0');
    spk_document_free(document);
}

static void feed_copy(spk_decoder *decoder, const uint8_t *data, size_t size) {
    void *copy = exact_copy(data, size);
    (void)spk_decoder_feed(decoder, copy, size);
    free(copy);
}

/* The same report, and the same value, wherever the bytes are cut in two. */
static void cut_everywhere(struct input input, const spk_options *options, int line) {
    struct buffer whole = {NULL, 0, 0};
    struct buffer text = {NULL, 0, 0};
    size_t step = input.size / (input.size > LARGE ? LARGE_CUTS : CUTS) + 1;
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        spk_report wanted = SPK_REPORT_INIT;
        spk_decoder *decoder = spk_decoder_new((spk_mode)mode, options, NULL);
        REQUIRE(decoder);
        for (size_t cut = 0; cut <= input.size; cut += step) {
            spk_report report = SPK_REPORT_INIT;
            feed_copy(decoder, input.data, cut);
            feed_copy(decoder, input.data + cut, input.size - cut);
            (void)spk_decoder_finish(decoder);
            (void)spk_decoder_report(decoder, &report);
            write_value(cut == 0 ? &whole : &text, decoder);
            wanted = cut == 0 ? report : wanted;
            CHECK_NOTE(same_report(&report, &wanted), "line %d cut at %zu: %s at %u", line, cut,
                       report.name, (unsigned)report.offset);
            CHECK_NOTE(cut == 0 || strcmp((char *)text.data, (char *)whole.data) == 0,
                       "line %d cut at %zu: other value", line, cut);
            spk_decoder_reset(decoder);
        }
        spk_decoder_free(decoder);
    }
    buffer_free(&whole);
    buffer_free(&text);
}

static void accepts(struct input input, const spk_options *options, const char *text, int line) {
    spk_options plain = allow("plain");
    (void)expect_value(input, options ? options : &plain, text, __FILE__, line);
    cut_everywhere(input, options ? options : &plain, line);
}

static void refuses(struct input input, const spk_options *options, enum reason reason,
                    uint64_t offset, const char *detail, int line) {
    spk_options plain = allow("plain");
    (void)expect_refusal(input, options ? options : &plain, reason, offset, detail, __FILE__, line);
    cut_everywhere(input, options ? options : &plain, line);
}

/* INPUT for a table that is static. */
#define LIKE(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

/* With allow = "plain"; the offset is that of the literal's last opcode but STOP. */
#define IS(literal, text) accepts(INPUT(literal), NULL, text, __LINE__)
#define NOT(literal, reason, offset, detail) \
    refuses(INPUT(literal), NULL, REASON_##reason, offset, detail, __LINE__)
/* The first literal is executed, and the opcode at which the second begins is refused. */
#define STOPS(before, at, reason, detail) NOT(before at, reason, sizeof(before) - 1, detail)

/* ---- what is accepted ---- */

static void values(void) {
    IS(SET "]\x85R.", "#0S{}");
    IS(SET "((ltR.", "#0S{}");
    IS("\x80\2" SET "q\0]q\1(K\1K\2\x88K\2e\x85q\2Rq\3.", "#0S{i1, i2}");
    IS("\x80\3"
       "cbuiltins\nset\nq\0]q\1K\1"
       "a\x85q\2Rq\3.",
       "#0S{i1}");
    IS("\x80\4\x8c\x08"
       "builtins\x94\x8c\3set\x94\x93\x94]\x94K\1"
       "a\x85\x94R\x94.",
       "#0S{i1}");
    IS("\x80\5"
       "cbuiltins\nset\n]\x85R.",
       "#0S{}");
    IS("cbuiltins\nset\n]\x85R.", "#0S{}"); /* as with fix_imports off */
    IS(FROZENSET "]\x85R.", "#0F{}");
    IS(FROZENSET ")\x85R.", "#0F{}");
    IS(FROZENSET "((K\1K\2ttR.", "#0F{i1, i2}");
    IS(FROZENSET "N\x85\x85\x85R.", "#0F{#1(None)}");
    IS(BYTES ")R.", "b''");
    IS(BYTES "(tR.", "b''");
    IS("\x80\2"
       "cbuiltins\nbytes\n)R.",
       "b''");
    IS(ENCODE E_ACUTE LATIN1 "\x86R.", "b'\\xe9'");
    IS(ENCODE "(Vab\\u00ff\nVlatin1\ntR.", "b'ab\\xff'");
    IS(ENCODE "(Vab\nVl\\u0061tin1\ntR.", "b'ab'");
    IS(ENCODE "X\0\0\0\0" LATIN1 "\x86R.", "b''");
    IS(BYTEARRAY ")R.", "#0a''");
    IS("\x80\4"
       "cbuiltins\nbytearray\n)R.",
       "#0a''");
    IS("\x80\3"
       "cbuiltins\nbytearray\nC\2ab\x85R.",
       "#0a'ab'");
    IS(BYTEARRAY ENCODE E_ACUTE LATIN1 "\x86R\x85R.", "#0a'\\xe9'");
    IS(BYTEARRAY E_ACUTE LATIN_1 "\x86R.", "#0a'\\xe9'");
    IS(BYTEARRAY E_ACUTE "U\7latin-1\x86R.", "#0a'\\xe9'");
    IS(BYTEARRAY "(X\0\0\0\0S'latin-1'\ntR.", "#0a''");
    COVERED(26);
}

/* What is made is a value like any other: a member, a key, in the memo, in two places; but closed.
 */
static void values_in_use(void) {
    IS("(" SET "]\x85Rp1\ng1\nt.", "#0(#1S{}, @1)");
    IS("](" SET "]\x85R" SET "]\x85R"
       "e.",
       "#0[#1S{}, #2S{}]");
    IS("\x8f(" FROZENSET "N\x85\x85R" FROZENSET "]N"
       "a\x85R\x90.",
       "#0S{#1F{None}}");
    IS("}" FROZENSET "N\x85\x85RNs.", "#0{#1F{None}: None}");
    IS("}" BYTES ")RNs.", "#0{b'': None}");
    IS("(" SET "p0\n]\x85Rg0\n]\x85Rt.", "#0(#1S{}, #2S{})");
    IS("(" BYTEARRAY ")Rp0\ng0\nt.", "#0(#1a'', @1)");
    IS("(" ENCODE "p0\n" E_ACUTE LATIN1 "p1\n\x86p2\nRp3\ng0\nX\1\0\0\0"
       "ag1\n\x86Rg3\nt.",
       "#0(b'\\xe9', b'a', b'\\xe9')");
    IS("(" ENCODE LATIN1 "p0\ng0\n\x86Rg0\nt.", "#0(b'latin1', 'latin1')");
    IS("(" SET "](K\1K\2"
       "eK\3"
       "a\x85Rt.",
       "#0(#1S{i1, i2, i3})");
    IS(FROZENSET "N\x85p1\n\x85R0N.", "None");
    STOPS(SET "]\x85RN", "a.", BAD_TARGET, "set");
    STOPS(SET "]\x85R(N", "\x90.", CYCLE, "");
    STOPS(SET "]\x85Rp1\ng1\n(N", "\x90.", CYCLE, "");
    STOPS(SET "](]\x85"
              "e\x85",
          "R.", UNHASHABLE, "");
    STOPS("}" SET "]\x85RN", "s.", UNHASHABLE, "");
    STOPS("}" BYTEARRAY ")RN", "s.", UNHASHABLE, "");
    STOPS("\x8f(" SET "]\x85R", "\x90.", UNHASHABLE, "");
    COVERED(18);
}

/* ---- names ---- */

static const struct {
    const char *module;
    const char *name;
    int first; /* protocol, and last */
    int last;
} known[] = {
    {"__builtin__", "set", 0, 2},       {"builtins", "set", 0, 5},
    {"__builtin__", "frozenset", 0, 2}, {"builtins", "frozenset", 0, 5},
    {"__builtin__", "bytes", 0, 2},     {"builtins", "bytes", 0, 2},
    {"__builtin__", "bytearray", 0, 2}, {"builtins", "bytearray", 0, 4},
    {"_codecs", "encode", 0, 2},
};

static bool is_known(const char *module, const char *name, int protocol) {
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i].module, module) == 0 && strcmp(known[i].name, name) == 0) {
            return known[i].first <= protocol && protocol <= known[i].last;
        }
    }
    return false;
}

static void put_str(struct buffer *out, const char *text) {
    BUFFER_ADD(out, "\x8c");
    buffer_byte(out, (unsigned)strlen(text));
    buffer_text(out, text);
}

/* Both ways to name something, without PROTO (protocol -1) and with each: what is allowed comes as
 * far as STOP, which takes no class. */
static void try_name(const char *module, const char *name, int protocol, bool on_stack) {
    struct buffer out = {NULL, 0, 0};
    char detail[100] = "";
    if (protocol >= 0) {
        buffer_byte(&out, 0x80);
        buffer_byte(&out, (unsigned)protocol);
    }
    if (on_stack) {
        put_str(&out, module);
        put_str(&out, name);
    }
    size_t at = out.size;
    buffer_text(&out, on_stack ? "\x93" : "c");
    if (!on_stack) {
        buffer_text(&out, module);
        BUFFER_ADD(&out, "\n");
        buffer_text(&out, name);
        BUFFER_ADD(&out, "\n");
    }
    size_t end = out.size;
    BUFFER_ADD(&out, ".");
    strcat(strcat(strcat(detail, module), "."), name);
    if (is_known(module, name, protocol < 0 ? 0 : protocol) && (!on_stack || protocol >= 4)) {
        refuses(buffer_input(&out), NULL, REASON_CODE_VALUE, end, "", __LINE__);
    } else {
        refuses(buffer_input(&out), NULL, REASON_CODE_IMPORT, at, detail, __LINE__);
    }
    buffer_free(&out);
}

static void every_name(void) {
    static const char *const modules[] = {"__builtin__", "builtins", "_codecs", "codecs", "set"};
    static const char *const names[] = {"set",    "frozenset", "bytes",  "bytearray",
                                        "encode", "list",      "latin1", "builtins"};
    uint64_t inputs = 0;
    for (size_t m = 0; m < sizeof modules / sizeof modules[0]; m++) {
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
            for (int protocol = -1; protocol <= 5; protocol++, inputs += 2) {
                try_name(modules[m], names[n], protocol, false);
                try_name(modules[m], names[n], protocol, true);
            }
        }
    }
    CHECK_U64(inputs, 5 * 8 * 7 * 2);
    COVERED(inputs);
}

/* Names are compared whole: no prefix, no dot, no case, no blank. */
static void names_that_are_alike(void) {
    NOT("c__builtin__\nse\n.", CODE_IMPORT, 0, "__builtin__.se");
    NOT("c__builtin__\nsett\n.", CODE_IMPORT, 0, "__builtin__.sett");
    NOT("c__builtin__\nset.pop\n.", CODE_IMPORT, 0, "__builtin__.set.pop");
    NOT("c__builtin__.set\n\n.", CODE_IMPORT, 0, "__builtin__.set.");
    NOT("c\nset\n.", CODE_IMPORT, 0, ".set");
    NOT("c\n\n.", CODE_IMPORT, 0, ".");
    NOT("c__builtin__\nSet\n.", CODE_IMPORT, 0, "__builtin__.Set");
    NOT("c__builtin__\nset \n.", CODE_IMPORT, 0, "__builtin__.set ");
    NOT("c __builtin__\nset\n.", CODE_IMPORT, 0, " __builtin__.set");
    NOT("c__builtin__\r\nset\r\n.", CODE_IMPORT, 0, "__builtin__\\x0d.set\\x0d");
    NOT("c__builtin__\nset\0\n.", CODE_IMPORT, 0, "__builtin__.set\\x00");
    NOT("c__builtin__\0\nset\n.", CODE_IMPORT, 0, "__builtin__\\x00.set");
    NOT("cset\n__builtin__\n.", CODE_IMPORT, 0, "set.__builtin__");
    NOT("cposix\nsystem\n.", CODE_IMPORT, 0, "posix.system");
    STOPS("(", "i__builtin__\nset\n.", CODE_IMPORT, "__builtin__.set"); /* INST calls as well */
    COVERED(15);
}

#define NAMED(module, name) "\x80\4" module name "\x93]\x85R."
#define S_BUILTINS \
    "\x8c\x08" \
    "builtins"

/* The names of STACK_GLOBAL are data: what they are counts, and not the opcode, or the memo, that
 * they came from; but none is of Python 2, and both are str. */
static void names_on_the_stack(void) {
    IS(NAMED(S_BUILTINS, "X\3\0\0\0set"), "#0S{}");
    IS(NAMED(S_BUILTINS, "\x8d\3\0\0\0\0\0\0\0set"), "#0S{}");
    IS(NAMED("Vbuiltins\n", "Vs\\u0065t\n"), "#0S{}");
    IS("\x80\4(" S_BUILTINS "\x94\x8c\3set\x94\x93]\x85Rh\0h\1\x93]\x85Rh\0h\1t.",
       "#0(#1S{}, #2S{}, 'builtins', 'set')");
#define REFUSED(module, name, detail) \
    STOPS("\x80\4" module name, "\x93]\x85R.", CODE_IMPORT, detail)
    REFUSED("U\x08"
            "builtins",
            "\x8c\3set", "builtins.set");
    REFUSED(S_BUILTINS, "U\3set", "builtins.set");
    REFUSED(S_BUILTINS, "S'set'\n", "builtins.set");
    REFUSED(S_BUILTINS, "C\3set", "builtins.?");
    REFUSED("K\1", "\x8c\3set", "?.set");
    REFUSED("]", "]", "?.?");
    REFUSED(S_BUILTINS, "\x8c\7set.pop", "builtins.set.pop");
    REFUSED(S_BUILTINS, "\x8c\4set\0", "builtins.set\\x00");
#undef REFUSED
    STOPS("\x80\4\x8c\3set", "\x93.", STACK_UNDERFLOW, "");
    STOPS("\x80\4" S_BUILTINS "\x8c\3set\x93\x8c\3set", "\x93.", CODE_IMPORT, "?.set");
    spk_options bytes = allow("plain");
    bytes.encoding = SPK_ENCODING_BYTES;
    refuses(INPUT("\x80\4U\x08"
                  "builtinsU\3set\x93."),
            &bytes, REASON_CODE_IMPORT, 17, NULL, __LINE__);
    COVERED(15);
}

/* Lines that never end, or end too late. */
static void names_that_are_long(void) {
    static const size_t sizes[] = {30, 31, 32, 33, 500, 512, 65535, 65536, 65537, 200000};
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int where = 0; where < 4; where++, inputs++) {
            struct buffer out = {NULL, 0, 0};
            buffer_text(&out, where == 0 ? "c" : where == 1 ? "c__builtin__\n" : SET);
            out.size -= where >= 2; /* the line feed */
            buffer_fill(&out, where == 3 ? 0 : 'x', sizes[i]);
            buffer_text(&out, where == 0 ? "\nset\n]\x85R." : "\n]\x85R.");
            refuses(buffer_input(&out), NULL, REASON_CODE_IMPORT, 0, NULL, __LINE__);
            buffer_free(&out);
        }
    }
    COVERED(inputs);
}

static void names_that_end_early(void) {
    static const char whole[] = SET "]";
    for (size_t size = 1; size < sizeof whole; size++) {
        refuses((struct input){(const uint8_t *)whole, size}, NULL, REASON_TRUNCATED,
                size < sizeof SET - 1 ? 0 : size, "", __LINE__);
    }
    COVERED(sizeof whole - 1);
}

/* In a frame of each size: the name is whole in it, or is told as far as the frame goes. */
static void names_in_frames(void) {
    static const char body[] = "cbuiltins\nset\n]\x85R.";
    static const char name[] = "builtins.set";
    for (size_t size = 1; size < sizeof body; size++) {
        struct buffer out = {NULL, 0, 0};
        char detail[sizeof name] = "";
        BUFFER_ADD(&out, "\x80\4\x95");
        buffer_u64(&out, size);
        BUFFER_ADD(&out, body);
        if (size > sizeof name) { /* with c, and a line feed at the end */
            accepts(buffer_input(&out), NULL, "#0S{}", __LINE__);
        } else {
            memcpy(detail, name, size - 1);
            refuses(buffer_input(&out), NULL, REASON_CODE_IMPORT, 11, detail, __LINE__);
        }
        buffer_free(&out);
    }
    COVERED(sizeof body - 1);
}

/* ---- calls ---- */

/* No call of what is allowed: of something else, or by another opcode. */
static void other_calls(void) {
    STOPS("K\1)", "R.", CODE_CALL, "");
    STOPS("])", "R.", CODE_CALL, "");
    STOPS(")", "R.", STACK_UNDERFLOW, "");
    STOPS("", "R.", STACK_UNDERFLOW, "");
    STOPS(SET, "R.", STACK_UNDERFLOW, "");
    STOPS(SET "()", "R.", STACK_UNDERFLOW, "");
    STOPS(SET ")", "\x81.", CODE_CALL, "");
    STOPS("\x80\4"
          "cbuiltins\nset\n)}",
          "\x92.", CODE_CALL, "");
    STOPS("(" SET, "o.", CODE_CALL, "");
    STOPS(SET "]\x85R}", "b.", CODE_STATE, "");
    STOPS(SET "}", "b.", CODE_STATE, "");
    STOPS("(", "Pset\n.", CODE_PERSISTENT, "set");
    STOPS(SET, "\x82\1.", CODE_EXTENSION, "code 1");
    COVERED(13);
}

static void arguments(void) {
#define WRONG(before, name) STOPS(before, "R.", CODE_ARGUMENTS, name)
    WRONG(SET ")", "set");
    WRONG(SET "K\5\x85", "set");
    WRONG(SET "}\x85", "set");
    WRONG(SET "X\1\0\0\0"
              "a\x85",
          "set");
    WRONG(SET ")\x85", "set");
    WRONG(SET "((K\1tt", "set");
    WRONG(SET "\x8f\x85", "set");
    WRONG(SET "])\x86", "set");
    WRONG(SET "(]NNNNNt", "set");
    WRONG(SET "]", "set"); /* no tuple: unpicklers differ */
    WRONG(SET "}", "set");
    WRONG(SET "X\1\0\0\0"
              "a",
          "set");
    WRONG(SET "(l", "set");
    WRONG(SET "p0\ng0\n", "set");
    WRONG(FROZENSET ")", "frozenset");
    WRONG(FROZENSET "K\5\x85", "frozenset");
    WRONG(FROZENSET "])\x86", "frozenset");
    WRONG(FROZENSET "))\x86", "frozenset");
    WRONG(FROZENSET "(\x91\x85", "frozenset");
    WRONG(BYTES "K\5\x85", "bytes");
    WRONG(BYTES "X\0\0\0\0\x85", "bytes");
    WRONG(BYTES "C\1a\x85", "bytes");
    WRONG(BYTES "]\x85", "bytes");
    WRONG(BYTEARRAY "K\5\x85", "bytearray");
    WRONG(BYTEARRAY "U\2ab\x85", "bytearray");
    WRONG(BYTEARRAY "]\x85", "bytearray");
    WRONG(BYTEARRAY "\x96\1\0\0\0\0\0\0\0a\x85", "bytearray");
    WRONG(BYTEARRAY E_ACUTE LATIN1 "\x86", "bytearray");
    WRONG(BYTEARRAY "C\1a" LATIN_1 "\x86", "bytearray");
    WRONG(BYTEARRAY "U\1a" LATIN_1 "\x86", "bytearray");
    WRONG(BYTEARRAY "X\2\0\0\0\xc4\x80" LATIN_1 "\x86", "bytearray");
    WRONG(BYTEARRAY E_ACUTE "C\7latin-1\x86", "bytearray");
    WRONG("\x80\3"
          "cbuiltins\nbytearray\n" E_ACUTE LATIN_1 "\x86",
          "bytearray");
    WRONG(ENCODE E_ACUTE LATIN_1 "\x86", "_codecs.encode");
    WRONG(ENCODE E_ACUTE "X\6\0\0\0Latin1\x86", "_codecs.encode");
    WRONG(ENCODE E_ACUTE "X\7\0\0\0latin1 \x86", "_codecs.encode");
    WRONG(ENCODE E_ACUTE "X\5\0\0\0rot13\x86", "_codecs.encode");
    WRONG(ENCODE E_ACUTE "U\6latin1\x86", "_codecs.encode");
    WRONG(ENCODE E_ACUTE "C\6latin1\x86", "_codecs.encode");
    WRONG(ENCODE "U\1a" LATIN1 "\x86", "_codecs.encode");
    WRONG(ENCODE "S'a'\n" LATIN1 "\x86", "_codecs.encode");
    WRONG(ENCODE "C\1a" LATIN1 "\x86", "_codecs.encode");
    WRONG(ENCODE "X\2\0\0\0\xc4\x80" LATIN1 "\x86", "_codecs.encode");
    WRONG(ENCODE "X\4\0\0\0\xf0\x9f\x98\x80" LATIN1 "\x86", "_codecs.encode");
    WRONG(ENCODE "X\3\0\0\0\xed\xa0\x80" LATIN1 "\x86", "_codecs.encode");
    WRONG(ENCODE "Va\\u0100\n" LATIN1 "\x86", "_codecs.encode");
    WRONG(ENCODE E_ACUTE "\x85", "_codecs.encode");
    WRONG(ENCODE E_ACUTE LATIN1 "X\6\0\0\0strict\x87", "_codecs.encode");
    WRONG(ENCODE "(" E_ACUTE LATIN1 "NNNt", "_codecs.encode");
    STOPS(ENCODE E_ACUTE LATIN1, "R.", CODE_CALL, ""); /* of the str, that is */
    COVERED(50);
}

/* A tuple, list or str that was not made for the call. */
static void arguments_from_elsewhere(void) {
    WRONG("]p0\n0" SET "g0\n\x85", "set");
    WRONG("]p0\n" SET "(g0\nt", "set");
    WRONG("]\x85p0\n0" SET "g0\n", "set");
    WRONG(SET "]p0\ng0\n\x86", "set");
    WRONG(SET "]p0\n0g0\n\x85", "set"); /* even if it was made here */
    WRONG(SET "]p5\np1\n0g1\n\x85", "set");
    WRONG(SET "]p5\np1\n0g5\n\x85", "set");
    WRONG(")p0\n0" FROZENSET "N\x85p1\n0g1\n\x85", "frozenset");
    WRONG("N\x85p0\n0" FROZENSET "g0\n\x85", "frozenset");
    WRONG(FROZENSET "N\x85\x85p1\n0g1\n", "frozenset");
    WRONG(FROZENSET "]p1\n0g1\n\x85", "frozenset");
    STOPS(SET "]\x85p1\n", "g1\n.", MEMO_ARGUMENT, "1"); /* of what is a call's, none is fetched */
    STOPS(SET "]\x85p1\nR", "g1\n.", MEMO_ARGUMENT, "1");
    STOPS(SET "]p1\n\x85R", "g1\n.", MEMO_ARGUMENT, "1");
    STOPS(SET "]p1\n\x85R", "h\1.", MEMO_ARGUMENT, "1");
    STOPS(SET "]p1\n\x85R", "j\1\0\0\0.", MEMO_ARGUMENT, "1");
    STOPS("]p1\n0" SET "]p2\n\x85R", "g2\n.", MEMO_ARGUMENT, "2");
    STOPS(SET "]p5\np1\n\x85R", "g1\n.", MEMO_ARGUMENT, "1"); /* one list, two entries */
    STOPS(SET "]p5\np1\n\x85R", "g5\n.", MEMO_ARGUMENT, "5");
    STOPS(SET "]p1\n\x85p7\np3\nR", "g7\n.", MEMO_ARGUMENT, "7");
    STOPS(SET "]p1\n\x85p7\np3\nR", "g3\n.", MEMO_ARGUMENT, "3");
    STOPS(FROZENSET "N\x85p1\n\x85R", "g1\n.", MEMO_ARGUMENT, "1");
    STOPS(FROZENSET "N\x85\x85p1\nR", "g1\n.", MEMO_ARGUMENT, "1");
    STOPS(FROZENSET "N\x85p5\np1\n\x85R", "g1\n.", MEMO_ARGUMENT, "1");
    STOPS(FROZENSET "]p1\n\x85R", "g1\n.", MEMO_ARGUMENT, "1");
    STOPS(ENCODE E_ACUTE LATIN1 "\x86p1\nR", "g1\n.", MEMO_ARGUMENT, "1");
    STOPS(BYTES ")p1\nR", "g1\n.", MEMO_ARGUMENT, "1");
    IS("(" SET "]p1\n\x85R]p2\ng2\nt.", "#0(#1S{}, #2[], @2)");
    COVERED(28);
#undef WRONG
}

/* ---- classes, and tuples of a call, as values ---- */

static void classes_as_values(void) {
#define VALUE(before, at) STOPS(before, at, CODE_VALUE, "")
    VALUE(SET, ".");
    VALUE(SET "p0\n", ".");
    VALUE("]" SET, "a.");
    VALUE("](N" SET "N", "e.");
    VALUE("}" SET "N", "s.");
    VALUE("}N" SET, "s.");
    VALUE("}(N" SET, "u.");
    VALUE("}(" SET "N", "u.");
    VALUE("\x8f(N" SET, "\x90.");
    VALUE("(N" SET, "\x91.");
    VALUE("(" SET, "l.");
    VALUE("(" SET, "t.");
    VALUE("(" SET "N", "d.");
    VALUE("(N" SET, "d.");
    VALUE(SET, "\x85.");
    VALUE(SET "N", "\x86.");
    VALUE("NN" SET, "\x87.");
    STOPS(SET SET "\x85", "R.", CODE_ARGUMENTS, "set");
    VALUE(SET, "0.");
    VALUE(SET "p0\n", "0.");
    VALUE("(" SET, "1.");
    VALUE("(N" SET "N", "1.");
    VALUE(SET "N", "a.");
    VALUE(SET "(N", "e.");
    VALUE(SET "(", "e.");
    VALUE(SET "NN", "s.");
    VALUE(SET "(NN", "u.");
    VALUE(SET "(", "u.");
    VALUE(SET "(N", "\x90.");
    VALUE(SET ")", "0.");
    VALUE(SET "]\x85", "0.");
    VALUE("(" SET "]\x85", "1.");
    VALUE(SET "]\x85N", "a.");
    VALUE(SET "])\x86(N", "e.");
    VALUE(SET "]\x85NN", "s.");
    VALUE("]" SET "]\x85", "a.");
    VALUE("](" SET "]\x85", "e.");
    STOPS(SET ")", ".", STACK_LEFTOVER, "");
    STOPS("(" SET, ".", MARK_LEFTOVER, "");
    STOPS(SET "p0\ng0\n", ".", STACK_LEFTOVER, "");
    COVERED(41);
#undef VALUE
}

/* ---- members ---- */

static spk_options with_cycles(bool cycles) {
    spk_options options = allow("plain");
    options.allow_cycles = cycles;
    return options;
}

#define REFUSED_UNDER(options, before, at, reason, detail) \
    refuses(INPUT(before at), &(options), REASON_##reason, sizeof(before) - 1, detail, __LINE__)

/* Of a list that came in batches, the members are judged when it becomes a set: unhashable ones,
 * then those over the limits of keys, depth before size. */
static void members(void) {
    for (int cycles = 0; cycles < 2; cycles++) {
        spk_options options = with_cycles(cycles);
#define AT_REDUCE(before, reason, detail) REFUSED_UNDER(options, before, "R.", reason, detail)
        AT_REDUCE(SET "]]a\x85", UNHASHABLE, "");
        AT_REDUCE(SET "](K\1]K\2e\x85", UNHASHABLE, "");
        AT_REDUCE(SET "](K\1K\2e}a(K\3e\x85", UNHASHABLE, "");
        AT_REDUCE(SET "](]\x85"
                      "e\x85",
                  UNHASHABLE, "");
        AT_REDUCE(SET "]" BYTEARRAY ")Ra\x85", UNHASHABLE, "");
        AT_REDUCE(SET "]" SET "]\x85Ra\x85", UNHASHABLE, "");
        AT_REDUCE(SET "(]lp1\n\x85", UNHASHABLE, "");
        AT_REDUCE(SET "]p1\n(]e\x85", UNHASHABLE, "");
        AT_REDUCE(SET "]p5\np1\n]a\x85", UNHASHABLE, "");
        AT_REDUCE(FROZENSET "]]a\x85", UNHASHABLE, "");
        AT_REDUCE(FROZENSET "]]\x86\x85", UNHASHABLE, "");
        AT_REDUCE(FROZENSET "(]Nt\x85", UNHASHABLE, "");
        options.max_key_depth = 2;
        options.max_key_expansion = 4;
        accepts(INPUT(SET "](N\x85\x85NNN\x87\x65\x85R."), &options,
                "#0S{#1(#2(None)), #3(None, None, None)}", __LINE__);
        AT_REDUCE(SET "]N\x85\x85\x85"
                      "a\x85",
                  LIMIT_KEY_DEPTH, "(2)");
        AT_REDUCE(FROZENSET "(N\x85\x85\x85t\x85", LIMIT_KEY_DEPTH, "(2)");
        AT_REDUCE(SET "]((NNNNte\x85", LIMIT_KEY_EXPANSION, "(4)");
        AT_REDUCE(FROZENSET "((NNNNtt\x85", LIMIT_KEY_EXPANSION, "(4)");
        AT_REDUCE(SET "]((NNNNtN\x85\x85\x85"
                      "e\x85",
                  LIMIT_KEY_DEPTH, "(2)");
        AT_REDUCE(SET "]((NNNNteN\x85\x85\x85"
                      "a\x85",
                  LIMIT_KEY_DEPTH, "(2)");
        AT_REDUCE(SET "]N\x85\x85\x85"
                      "a((NNNNte\x85",
                  LIMIT_KEY_DEPTH, "(2)");
        AT_REDUCE(SET "]N\x85\x85\x85"
                      "a((NNNNte}a\x85",
                  UNHASHABLE, "");
#undef AT_REDUCE
    }
    COVERED(2 * 22);
}

/* ---- limits ---- */

/* What is at the limit is accepted, and refused one below it, in either way to keep links. */
#define BOUNDARY(literal, field, limit, reason, at, at_with_cycles) \
    do { \
        for (int cycles = 0; cycles < 2; cycles++) { \
            spk_options options = with_cycles(cycles); \
            options.field = (limit); \
            CHECK_U64(judge(INPUT(literal), &options).report.code, 0); \
            cut_everywhere(INPUT(literal), &options, __LINE__); \
            options.field = (limit) - 1; \
            refuses(INPUT(literal), &options, REASON_##reason, cycles ? (at_with_cycles) : (at), \
                    NULL, __LINE__); \
        } \
    } while (0)

#define AFTER(literal) (sizeof(literal) - 1)

static void limits(void) {
    BOUNDARY(FROZENSET "]N\x85"
                       "a\x85R.",
             max_depth, 2, LIMIT_DEPTH, AFTER(FROZENSET "]N\x85"),
             AFTER(FROZENSET "]N\x85"
                             "a\x85"));
    BOUNDARY(FROZENSET "]" FROZENSET "]N\x85"
                       "a\x85Ra\x85R.",
             max_depth, 3, LIMIT_DEPTH,
             AFTER(FROZENSET "]" FROZENSET "]N\x85"
                             "a\x85R"),
             AFTER(FROZENSET "]" FROZENSET "]N\x85"
                             "a\x85Ra\x85"));
    BOUNDARY(FROZENSET "]NaNa\x85R.", max_expansion, 3, LIMIT_EXPANSION, AFTER(FROZENSET "]NaN"),
             AFTER(FROZENSET "]NaNa\x85"));
    BOUNDARY(FROZENSET "N\x85\x85\x85R.", max_depth, 3, LIMIT_DEPTH, AFTER(FROZENSET "N\x85\x85"),
             AFTER(FROZENSET "N\x85\x85"));
    BOUNDARY(FROZENSET "(NNNt\x85R.", max_expansion, 5, LIMIT_EXPANSION, AFTER(FROZENSET "(NNNt"),
             AFTER(FROZENSET "(NNNt"));
    BOUNDARY(SET "]N\x85"
                 "a\x85R.",
             max_depth, 2, LIMIT_DEPTH, AFTER(SET "]N\x85"),
             AFTER(SET "]N\x85"
                       "a\x85R"));
    BOUNDARY(SET "]NaNa\x85R.", max_expansion, 3, LIMIT_EXPANSION, AFTER(SET "]NaN"),
             AFTER(SET "]NaNa\x85R"));
    BOUNDARY("]" SET "]Na\x85Ra.", max_depth, 2, LIMIT_DEPTH, AFTER("]" SET "]Na\x85R"),
             AFTER("]" SET "]Na\x85Ra"));
    BOUNDARY("](" FROZENSET "]NaNa\x85Rp1\ng1\nh\1e.", max_expansion, 10, LIMIT_EXPANSION,
             AFTER("](" FROZENSET "]NaNa\x85Rp1\ng1\nh\1"),
             AFTER("](" FROZENSET "]NaNa\x85Rp1\ng1\nh\1e"));
    BOUNDARY("}" FROZENSET "]N\x85"
             "a\x85RNs.",
             max_key_depth, 2, LIMIT_KEY_DEPTH,
             AFTER("}" FROZENSET "]N\x85"
                   "a\x85RN"),
             AFTER("}" FROZENSET "]N\x85"
                   "a\x85RN"));
    BOUNDARY("}" FROZENSET "]NaNa\x85RNs.", max_key_expansion, 3, LIMIT_KEY_EXPANSION,
             AFTER("}" FROZENSET "]NaNa\x85RN"), AFTER("}" FROZENSET "]NaNa\x85RN"));
    BOUNDARY(SET "p0\n]p1\n\x85p2\nR.", max_memo, 3, LIMIT_MEMO, AFTER(SET "p0\n]p1\n\x85"),
             AFTER(SET "p0\n]p1\n\x85"));
    COVERED(2 * 2 * 12);
}

/* ---- the options, and what is reported ---- */

/* Imports that were met: each time one is named, but not when it is fetched. */
static void imports_are_counted(void) {
    static const struct {
        struct input input;
        uint64_t imports;
        const char *sets;
        const char *set; /* of the refusal */
    } cases[] = {
        {LIKE("N."), 0, "plain", ""},
        {LIKE(SET "]\x85R."), 1, "plain", ""},
        {LIKE("(" SET "p0\n]\x85Rg0\n]\x85Rt."), 1, "plain", ""},
        {LIKE("(" SET "]\x85R" SET "]\x85R" BYTES ")Rt."), 3, "plain", ""},
        {LIKE("\x80\4\x8c\x08"
              "builtins\x8c\3set\x93]\x85R."),
         1, "plain", ""},
        {LIKE(SET SET "."), 2, "plain", ""},
        {LIKE(SET ")R."), 1, "plain", ""},
        {LIKE(SET "]\x85R" SET "]\x85R0cposix\nsystem\n."), 2, "plain", ""},
        {LIKE(SET "]\x85R0\x8c\1a"), 1, "plain", ""},
        {LIKE("\x80\3" SET), 0, "plain", "plain"},
        {LIKE(SET "."), 0, NULL, "plain"},
        {LIKE(ENCODE "."), 0, NULL, "plain"},
        {LIKE("\x80\4\x8c\x08"
              "builtins\x8c\3set\x93]\x85R."),
         0, NULL, "plain"},
        {LIKE("cbuiltins\nlen\n."), 0, NULL, ""},
        {LIKE("cbuiltins\nset.pop\n."), 0, NULL, ""},
        {LIKE("(i__builtin__\nset\n."), 0, NULL, "plain"},
        {LIKE("K."), 0, NULL, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spk_options options = allow(cases[i].sets);
        spk_report report = judge(cases[i].input, &options).report;
        CHECK_NOTE(report.imports == cases[i].imports && strcmp(report.set, cases[i].set) == 0,
                   "case %zu: %u imports, '%s'", i, (unsigned)report.imports, report.set);
        cut_everywhere(cases[i].input, &options, __LINE__);
    }
    COVERED(sizeof cases / sizeof cases[0]);
}

static void lists_of_sets(void) {
    static const char *const good[] = {"plain",    "plain,plain", " plain",    "plain ",
                                       ",,plain,", "plain plain", ", plain , "};
    static const char *const none[] = {NULL, "", " ", ",", " , ,"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        spk_options options = allow(good[i]);
        accepts(INPUT(SET "]\x85R."), &options, "#0S{}", __LINE__);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        spk_options options = allow(none[i]);
        refuses(INPUT(SET "]\x85R."), &options, REASON_CODE_IMPORT, 0, "__builtin__.set", __LINE__);
    }
    COVERED(12);
}

#define UNKNOWN "options.allow names an unknown set: "

static void unknown_sets(void) {
    static const struct {
        const char *sets;
        const char *detail;
    } cases[] = {
        {"x", UNKNOWN "x"},
        {"Plain", UNKNOWN "Plain"},
        {"plai", UNKNOWN "plai"},
        {"plain1", UNKNOWN "plain1"},
        {"plain;plain", UNKNOWN "plain;plain"},
        {"plain,x", UNKNOWN "x"},
        {"x,plain", UNKNOWN "x"},
        {"plain, x y", UNKNOWN "x"},
        {"plain\tplain", UNKNOWN "plain\\x09plain"},
        {"plain\n", UNKNOWN "plain\\x0a"},
        {"\x1b[31m", UNKNOWN "\\x1b[31m"},
        {"\xc3\xa9\\", NULL},
        {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
         NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spk_options options = allow(cases[i].sets);
        spk_report reports[] = {SPK_REPORT_INIT, SPK_REPORT_INIT, SPK_REPORT_INIT};
        CHECK_U64(spk_check("N.", 2, &options, &reports[0]), SPK_MISUSE);
        CHECK(!spk_decode("N.", 2, &options, &reports[1]));
        CHECK(!spk_decoder_new(SPK_MODE_CHECK, &options, &reports[2]));
        for (size_t j = 0; j < 3; j++) {
            const char *detail = reports[j].detail;
            CHECK(reports[j].status == SPK_MISUSE && reports[j].code == 0);
            CHECK_NOTE(strncmp(detail, UNKNOWN, sizeof UNKNOWN - 1) == 0 &&
                           (!cases[i].detail || strcmp(detail, cases[i].detail) == 0),
                       "case %zu: %s", i, detail);
            for (const char *at = detail; *at; at++) {
                CHECK(*at < 0 || (*at >= ' ' && *at <= '~'));
            }
            CHECK(strlen(detail) < sizeof UNKNOWN + 4 * 60 + 4);
        }
    }
    COVERED(sizeof cases / sizeof cases[0]);
}

/* The list is read by the call that gets it; one that is behind the size of an older caller's
 * struct is not. */
static void list_is_not_kept(void) {
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        char text[] = "plain";
        spk_options options = allow(text);
        spk_decoder *decoder = spk_decoder_new((spk_mode)mode, &options, NULL);
        REQUIRE(decoder);
        memset(text, 'x', sizeof text - 1);
        for (int times = 0; times < 3; times++) {
            (void)spk_decoder_feed(decoder, SET "]\x85R.", sizeof SET + 3);
            CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
            spk_decoder_reset(decoder);
        }
        spk_decoder_free(decoder);
    }
    spk_options older = allow("plain");
    older.size = offsetof(spk_options, allow);
    CHECK_U64(spk_check(SET "]\x85R.", sizeof SET + 3, &older, NULL), SPK_UNSAFE);
    older.size = sizeof older;
    CHECK_U64(spk_check(SET "]\x85R.", sizeof SET + 3, &older, NULL), SPK_OK);
    COVERED(8);
}

/* ---- one decoder ---- */

/* Nothing of a pickle is left for the next: no class or argument in the memo, no tuple of a call,
 * no import. */
static void pickles_in_a_row(void) {
    static const struct {
        struct input input;
        unsigned code;
        uint64_t imports;
    } pickles[] = {
        {LIKE(SET "p0\n]p1\n\x85p2\nR."), 0, 1},
        {LIKE("g0\n."), REASON_MEMO_MISSING, 0},
        {LIKE("N\x94.\x94"), REASON_TRAILING, 0},
        {LIKE(SET "p0\n]p1\n\x85"), REASON_TRUNCATED, 1},
        {LIKE("R."), REASON_STACK_UNDERFLOW, 0},
        {LIKE("NNR."), REASON_CODE_CALL, 0},
        {LIKE("c__builtin__\nse"), REASON_TRUNCATED, 0},
        {LIKE("t\n]\x85R."), REASON_NO_MARK, 0},
        {LIKE("](K\1e."), 0, 0},
        {LIKE("\x80\4"
              "cbuiltins\nset\n\x94]\x94(K\1e\x85\x94R\x94."),
         0, 1},
        {LIKE("(" ENCODE E_ACUTE LATIN1 "\x86RNt."), 0, 1},
    };
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        spk_options options = allow("plain");
        spk_decoder *decoder = spk_decoder_new((spk_mode)mode, &options, NULL);
        REQUIRE(decoder);
        for (size_t times = 0; times < 7 * sizeof pickles / sizeof pickles[0]; times++) {
            size_t i = times * 5 % (sizeof pickles / sizeof pickles[0]); /* each behind each */
            spk_report report = SPK_REPORT_INIT;
            i = times % 2 ? i : times / 7;
            feed_copy(decoder, pickles[i].input.data, pickles[i].input.size);
            (void)spk_decoder_finish(decoder);
            (void)spk_decoder_report(decoder, &report);
            CHECK_NOTE(report.code == pickles[i].code && report.imports == pickles[i].imports,
                       "pickle %zu: %s, %u imports", i, report.name, (unsigned)report.imports);
            spk_decoder_reset(decoder);
        }
        spk_decoder_free(decoder);
    }
    COVERED(2 * 7 * sizeof pickles / sizeof pickles[0]);
}

/* With and without a set the verdicts on all samples are the same, but for those that the names of
 * the set decide. */
static void samples_without_names(void) {
    const struct sample *all;
    size_t count = samples(&all);
    uint64_t same = 0;
    for (size_t i = 0; i < count; i++) {
        spk_options options = all[i].options;
        spk_report strict = SPK_REPORT_INIT, wide = SPK_REPORT_INIT;
        options.allow = NULL;
        (void)spk_check(all[i].bytes.data, all[i].bytes.size, &options, &strict);
        options.allow = "plain";
        (void)spk_check(all[i].bytes.data, all[i].bytes.size, &options, &wide);
        bool is_of_set = strict.code == REASON_CODE_IMPORT && strcmp(strict.set, "plain") == 0;
        if (!is_of_set && strict.code != REASON_LIMIT_ALLOC) {
            CHECK_NOTE(wide.imports == 0 && same_report(&strict, &wide), "%s: %s, not %s",
                       all[i].path, wide.name, strict.name);
            same++;
        } else if (wide.imports > 0) {
            CHECK(wide.code != REASON_CODE_IMPORT || wide.offset > strict.offset);
        }
    }
    CHECK(same > 500 && same < count);
    COVERED(same);
}

/* ---- gzip ---- */

static void in_gzip(void) {
    static const struct input inputs[] = {
        LIKE(SET "p0\n](K\1K\2e\x85R."), LIKE(SET "]\x85Rb."), LIKE(SET ")R."),
        LIKE(SET "p0\n]p1\n\x85Rg1\n."), LIKE(SET "."),        LIKE("c__builtin__\nse\n")};
    spk_options options = allow("plain");
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        struct buffer packed = {NULL, 0, 0};
        if (!spk_has_zlib()) {
            buffer_gzip(&packed, inputs[i]);
            REFUSES_INPUT(buffer_input(&packed), &options, GZIP_UNSUPPORTED, 0, "");
            buffer_free(&packed);
            continue;
        }
        spk_report bare = judge(inputs[i], &options).report;
        buffer_gzip(&packed, inputs[i]);
        spk_report report = judge(buffer_input(&packed), &options).report;
        CHECK(report.code == bare.code && report.offset == bare.offset &&
              report.imports == bare.imports && strcmp(report.detail, bare.detail) == 0);
        CHECK((report.code == 0) == (i == 0));
        cut_everywhere(buffer_input(&packed), &options, __LINE__);
        buffer_free(&packed);
    }
    COVERED(sizeof inputs / sizeof inputs[0]);
}

/* ---- sizes ---- */

#define MANY 100000

static void put_many(struct buffer *out, const char *constructor, uint32_t first) {
    buffer_text(out, constructor);
    BUFFER_ADD(out, "q\0]q\1");
    for (uint32_t i = 0; i < MANY; i++) {
        if (i % 1000 == 0) {
            BUFFER_ADD(out, "(");
        }
        BUFFER_ADD(out, "J");
        buffer_u32(out, first + i);
        if (i % 1000 == 999) {
            BUFFER_ADD(out, "e");
        }
    }
    BUFFER_ADD(out, "\x85q\2Rq\3.");
}

/* As protocol 2 writes it: all of them are members, each can be found, and equal ones are one. */
static void large_set(void) {
    static const char *const constructors[] = {SET, FROZENSET};
    spk_options options = allow("plain");
    for (size_t i = 0; i < 2; i++) {
        struct buffer out = {NULL, 0, 0};
        spk_report report = SPK_REPORT_INIT;
        put_many(&out, constructors[i], i == 0 ? 0 : 1000000);
        CHECK_U64(spk_check(out.data, out.size, &options, &report), SPK_OK);
        spk_document *document = spk_decode(out.data, out.size, &options, NULL);
        spk_document *others = spk_decode("(J\x9f\x86\1\0J\xa0\x86\1\0t.", 13, NULL, NULL);
        REQUIRE(document && others);
        const spk_value *root = spk_document_root(document);
        CHECK_U64(spk_type_of(root), i == 0 ? SPK_SET : SPK_FROZENSET);
        CHECK_U64(spk_size(root), MANY);
        for (size_t at = 0; at < MANY; at += 777) {
            CHECK(spk_find(root, spk_item(root, at)) == spk_item(root, at));
        }
        const spk_value *last = spk_item(spk_document_root(others), 0); /* 99,999 */
        CHECK((spk_find(root, last) != NULL) == (i == 0));
        CHECK(!spk_find(root, spk_item(spk_document_root(others), 1)));
        CHECK_U64(report.max_depth, 1);
        cut_everywhere(buffer_input(&out), &options, __LINE__);
        spk_document_free(document);
        spk_document_free(others);
        buffer_free(&out);
    }
    IS(SET "](K\1\x88G\x3f\xf0\0\0\0\0\0\0J\1\0\0\0L1L\nK\2e\x85R.", "#0S{i1, i2}");
    COVERED(2);
}

/* A str whose last character decides, and bytes of both kinds, in pieces that cut characters. */
static void long_text(void) {
    static const size_t sizes[] = {250, 256, 4096, 70000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int is_wide = 0; is_wide < 2; is_wide++) {
            struct buffer out = {NULL, 0, 0};
            BUFFER_ADD(&out, ENCODE "X");
            buffer_u32(&out, (uint32_t)sizes[i]);
            buffer_repeat(&out, INPUT("\xc3\xbf"), sizes[i] / 2 - 1);
            buffer_text(&out, is_wide ? "\xc4\x80" : "\xc3\x80");
            BUFFER_ADD(&out, LATIN1 "\x86R.");
            spk_options options = allow("plain");
            spk_report report = judge(buffer_input(&out), &options).report;
            CHECK_U64(report.code, is_wide ? REASON_CODE_ARGUMENTS : 0);
            cut_everywhere(buffer_input(&out), &options, __LINE__);
            buffer_free(&out);
        }
    }
    COVERED(8);
}

/* ---- memory ---- */

#define MEMOISED 1000000

/* A wide check holds nothing beside what a strict one does: what it knows more stands in slots. */
static void memory_of_notes(void) {
    struct buffer out = {NULL, 0, 0};
    size_t peaks[2] = {0, 0};
    BUFFER_ADD(&out, "\x80\4]\x94");
    for (uint32_t i = 0; i < MEMOISED; i++) {
        if (i % 1000 == 0) {
            BUFFER_ADD(&out, "(");
        }
        BUFFER_ADD(&out, "\x8c\3");
        buffer_byte(&out, 'a' + i % 26);
        buffer_byte(&out, 'a' + i / 26 % 26);
        buffer_byte(&out, 'a' + i / 676 % 26);
        BUFFER_ADD(&out, "\x94");
        if (i % 1000 == 999) {
            BUFFER_ADD(&out, "e");
        }
    }
    BUFFER_ADD(&out, ".");
    for (int is_wide = 0; is_wide < 2; is_wide++) {
        spk_options options = allow(is_wide ? "plain" : NULL);
        spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, &options, NULL);
        REQUIRE(decoder);
        (void)spk_decoder_feed(decoder, out.data, out.size);
        CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
        (void)spk_decoder_memory(decoder, &peaks[is_wide]);
        spk_decoder_free(decoder);
    }
    CHECK_U64(peaks[1], peaks[0]);
    COVERED(2);
    buffer_free(&out);
}

static void build_everything(struct buffer *out) {
    BUFFER_ADD(out, "(" ENCODE "p0\n" E_ACUTE LATIN1 "\x86R" SET "p1\n]\x85R");
    for (uint32_t i = 2; i < 200; i++) {
        buffer_print(out, "g1\n](J");
        buffer_u32(out, i);
        buffer_print(out,
                     "g0\nX%c%c%c%c\xc3\xa9"
                     "%010u",
                     12, 0, 0, 0, i);
        BUFFER_ADD(out, LATIN1 "\x86R" FROZENSET "]Na\x85Re");
        buffer_print(out, "p%u\n\x85R", i);
    }
    BUFFER_ADD(out, BYTEARRAY "Vl\xe9");
    buffer_fill(out, 0xe9, 5000);
    BUFFER_ADD(out, "\nS'latin-1'\n\x86R");
    buffer_fill(out, 'N', 9000); /* so that the stack grows */
    BUFFER_ADD(out, "t.");
}

/* Every request for memory fails, alone and with all later ones: the answer is that, nothing is
 * leaked, and the decoder can be used again. */
static void failing_allocations(void) {
    struct buffer out = {NULL, 0, 0};
    uint64_t points = 0;
    build_everything(&out);
    for (int way = 0; way < 8; way++) {
        spk_mode mode = way % 2 ? SPK_MODE_DECODE : SPK_MODE_CHECK;
        size_t piece = way / 2 % 2 ? 61 : out.size;
        uint64_t requests = 1;
        for (uint64_t at = 0; at <= requests; at++, points++) {
            struct meter meter = {0};
            spk_report report = SPK_REPORT_INIT;
            spk_options options = allow("plain");
            options.allow_cycles = way >= 4;
            options.allocator = meter_allocator(&meter);
            meter.fail_at = at; /* 0: none */
            meter.fails_on = at % 2;
            spk_document *document =
                decode_in_pieces(mode, buffer_input(&out), piece, &options, &report);
            requests = at == 0 ? meter.requests : requests;
            CHECK_NOTE(report.status == (at == 0 ? SPK_OK : SPK_NO_MEMORY),
                       "way %d, request %u: %s at %u", way, (unsigned)at, report.name,
                       (unsigned)report.offset);
            spk_document_free(document);
            CHECK(meter_is_clean(&meter));
        }
        CHECK(requests > 4);
    }
    CHECK(points > 100);
    COVERED(points);
    buffer_free(&out);
}

/* Strings in the memo, more than it has space for at first. */
static void build_memo(struct buffer *out, uint32_t count) {
    out->size = 0;
    BUFFER_ADD(out, "\x80\4]\x94(");
    for (uint32_t i = 0; i < count; i++) {
        BUFFER_ADD(out, "\x8c\1a\x94");
    }
    BUFFER_ADD(out, "e.");
}

static void reset_after_a_failure(void) {
    struct buffer many = {NULL, 0, 0};
    struct buffer few = {NULL, 0, 0};
    uint64_t failed = 0;
    build_memo(&many, 50000);
    build_memo(&few, 5000);
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        for (uint64_t at = 1; at < 60; at++) {
            struct meter meter = {0};
            spk_options options = allow("plain");
            options.allocator = meter_allocator(&meter);
            spk_decoder *decoder = spk_decoder_new((spk_mode)mode, &options, NULL);
            REQUIRE(decoder);
            meter.fail_at = meter.requests + at;
            (void)spk_decoder_feed(decoder, many.data, many.size);
            failed += spk_decoder_finish(decoder) == SPK_NO_MEMORY;
            CHECK(spk_decoder_memory(decoder, NULL) == meter.live);
            meter.fail_at = 0;
            for (int times = 0; times < 3; times++) {
                const struct buffer *next = times == 1 ? &many : &few;
                spk_decoder_reset(decoder);
                (void)spk_decoder_feed(decoder, next->data, next->size);
                CHECK_U64(spk_decoder_finish(decoder), SPK_OK);
                CHECK(spk_decoder_memory(decoder, NULL) == meter.live);
            }
            spk_decoder_free(decoder);
            CHECK(meter_is_clean(&meter));
        }
    }
    CHECK_NOTE(failed > 30, "%u failed", (unsigned)failed);
    COVERED(2 * 59);
    buffer_free(&many);
    buffer_free(&few);
}

/* max_alloc from nothing on: it is that, until there is enough. */
static void little_memory(void) {
    uint64_t inputs = 0;
    for (int mode = SPK_MODE_CHECK; mode <= SPK_MODE_DECODE; mode++) {
        spk_report report = SPK_REPORT_INIT;
        report.status = SPK_LIMIT;
        for (uint64_t most = 1; report.status != SPK_OK && most < 1000000; most += 101, inputs++) {
            struct meter meter = {0};
            spk_options options = allow("plain");
            options.max_alloc = most;
            options.allocator = meter_allocator(&meter);
            spk_document *document = decode_in_pieces(
                (spk_mode)mode, INPUT(SET "p0\n](K\1K\2e\x85R."), 64, &options, &report);
            spk_document_free(document);
            CHECK(report.status == SPK_OK || report.code == REASON_LIMIT_ALLOC);
            CHECK(meter_is_clean(&meter) && meter.peak <= most);
        }
        CHECK_U64(report.status, SPK_OK);
    }
    CHECK(inputs > 20);
    COVERED(inputs);
}

REGISTER(wide, RUN(values), RUN(values_in_use), RUN(every_name), RUN(names_that_are_alike),
         RUN(names_on_the_stack), RUN(names_that_are_long), RUN(names_that_end_early),
         RUN(names_in_frames), RUN(other_calls), RUN(arguments), RUN(arguments_from_elsewhere),
         RUN(classes_as_values), RUN(members), RUN(limits), RUN(imports_are_counted),
         RUN(lists_of_sets), RUN(unknown_sets), RUN(list_is_not_kept), RUN(pickles_in_a_row),
         RUN(samples_without_names), RUN(in_gzip), RUN(large_set), RUN(long_text),
         RUN(memory_of_notes), RUN(failing_allocations), RUN(reset_after_a_failure),
         RUN(little_memory))
