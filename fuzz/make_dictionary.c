/* SPDX-License-Identifier: MIT
 *
 * Prints the dictionary of the pickle targets, in the form that libFuzzer and AFL++ read: every
 * opcode of opcodes.def with an operand that fits it, and a few words and numbers that matter.  Its
 * own text holds no opcode. */
#include <stdio.h>
#include <string.h>

struct example {
    const char *operand;
    const char *bytes;
    size_t size;
};

#define EXAMPLE(operand, literal) {#operand, literal, sizeof(literal) - 1}

static const struct example examples[] = {
    EXAMPLE(NONE, ""),
    EXAMPLE(U1, "\1"),
    EXAMPLE(U2, "\1\0"),
    EXAMPLE(U4, "\1\0\0\0"),
    EXAMPLE(S4, "\xff\xff\xff\xff"),
    EXAMPLE(U8, "\4\0\0\0\0\0\0\0"),
    EXAMPLE(F8, "\x3f\xf0\0\0\0\0\0\0"),
    EXAMPLE(LINE_INT, "-1\n"),
    EXAMPLE(LINE_LONG, "12L\n"),
    EXAMPLE(LINE_FLOAT, "1.5e+10\n"),
    EXAMPLE(LINE_INDEX, "0\n"),
    EXAMPLE(COUNT_U1, "\2ab"),
    EXAMPLE(COUNT_U4, "\2\0\0\0ab"),
    EXAMPLE(COUNT_S4, "\2\0\0\0ab"),
    EXAMPLE(COUNT_U8, "\2\0\0\0\0\0\0\0ab"),
    EXAMPLE(LINE_STRING, "'ab'\n"),
    EXAMPLE(LINE_UNICODE, "ab\\u1234\n"),
    EXAMPLE(LINE_NAME, "id\n"),
    EXAMPLE(LINES_NAME, "os\nabs\n"),
};

static const struct example words[] = {
    EXAMPLE(proto, "\x80\4"),
    EXAMPLE(gzip, "\x1f\x8b\x08\0"),
    EXAMPLE(zip, "PK\3\4"),
    EXAMPLE(npy, "\x93NUMPY"),
    EXAMPLE(inf, "inf\n"),
    EXAMPLE(nan, "nan\n"),
    EXAMPLE(true, "I01\n"),
    EXAMPLE(surrogate, "\xed\xa0\x80"),
    EXAMPLE(minus_one, "\xff\xff\xff\xff\xff\xff\xff\xff"),
    EXAMPLE(sign, "\0\0\0\x80"),
    EXAMPLE(set, "c__builtin__\nset\n"),
    EXAMPLE(frozenset, "cbuiltins\nfrozenset\n"),
    EXAMPLE(encode, "c_codecs\nencode\n"),
    EXAMPLE(bytes, "c__builtin__\nbytes\n"),
    EXAMPLE(bytearray, "c__builtin__\nbytearray\n"),
    EXAMPLE(latin1, "X\6\0\0\0latin1"),
    EXAMPLE(call1, "\x85R"),
    EXAMPLE(call2, "\x86R"),
    EXAMPLE(nan8, "\x7f\xf8\0\0\0\0\0\0"),
};

static void print(const char *name, int first, const struct example *rest) {
    (void)printf("%s=\"", name);
    if (first >= 0) {
        (void)printf("\\x%02x", (unsigned)first);
    }
    for (size_t i = 0; i < rest->size; i++) {
        (void)printf("\\x%02x", (unsigned)(unsigned char)rest->bytes[i]);
    }
    (void)printf("\"\n");
}

static int print_opcode(const char *name, int byte, const char *operand) {
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        if (strcmp(examples[i].operand, operand) == 0) {
            print(name, byte, &examples[i]);
            return 0;
        }
    }
    (void)fprintf(stderr, "make_dictionary: no example of operand %s\n", operand);
    return 1;
}

int main(void) {
    int missing = 0;
#define OP(name, byte, protocol, operand, needs, mark, where, verdict, meaning) \
    missing += print_opcode(#name, byte, #operand);
#include "../src/opcodes.def"
#undef OP
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        print(words[i].operand, -1, &words[i]);
    }
    return missing > 0 || fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}
