/* SPDX-License-Identifier: MIT
 *
 * The table of opcodes: as many as there are, each byte once, names and operands as pickletools has
 * them. */
#include "base/opcode.h"

#include <string.h>

#include "support.h"

/* All opcodes by byte, from CPython's Lib/pickletools.py; '!' marks those that plain data do not
 * need. */
static const char *const expected[256] = {
    ['('] = "MARK",
    [')'] = "EMPTY_TUPLE",
    ['.'] = "STOP",
    ['0'] = "POP",
    ['1'] = "POP_MARK",
    ['2'] = "!DUP",
    ['B'] = "BINBYTES",
    ['C'] = "SHORT_BINBYTES",
    ['F'] = "FLOAT",
    ['G'] = "BINFLOAT",
    ['I'] = "INT",
    ['J'] = "BININT",
    ['K'] = "BININT1",
    ['L'] = "LONG",
    ['M'] = "BININT2",
    ['N'] = "NONE",
    ['P'] = "!PERSID",
    ['Q'] = "!BINPERSID",
    ['R'] = "!REDUCE",
    ['S'] = "STRING",
    ['T'] = "BINSTRING",
    ['U'] = "SHORT_BINSTRING",
    ['V'] = "UNICODE",
    ['X'] = "BINUNICODE",
    [']'] = "EMPTY_LIST",
    ['a'] = "APPEND",
    ['b'] = "!BUILD",
    ['c'] = "!GLOBAL",
    ['d'] = "DICT",
    ['e'] = "APPENDS",
    ['g'] = "GET",
    ['h'] = "BINGET",
    ['i'] = "!INST",
    ['j'] = "LONG_BINGET",
    ['l'] = "LIST",
    ['o'] = "!OBJ",
    ['p'] = "PUT",
    ['q'] = "BINPUT",
    ['r'] = "LONG_BINPUT",
    ['s'] = "SETITEM",
    ['t'] = "TUPLE",
    ['u'] = "SETITEMS",
    ['}'] = "EMPTY_DICT",
    [0x80] = "PROTO",
    [0x81] = "!NEWOBJ",
    [0x82] = "!EXT1",
    [0x83] = "!EXT2",
    [0x84] = "!EXT4",
    [0x85] = "TUPLE1",
    [0x86] = "TUPLE2",
    [0x87] = "TUPLE3",
    [0x88] = "NEWTRUE",
    [0x89] = "NEWFALSE",
    [0x8a] = "LONG1",
    [0x8b] = "LONG4",
    [0x8c] = "SHORT_BINUNICODE",
    [0x8d] = "BINUNICODE8",
    [0x8e] = "BINBYTES8",
    [0x8f] = "EMPTY_SET",
    [0x90] = "ADDITEMS",
    [0x91] = "FROZENSET",
    [0x92] = "!NEWOBJ_EX",
    [0x93] = "!STACK_GLOBAL",
    [0x94] = "MEMOIZE",
    [0x95] = "FRAME",
    [0x96] = "BYTEARRAY8",
    [0x97] = "!NEXT_BUFFER",
    [0x98] = "!READONLY_BUFFER",
};

static void every_byte(void) {
    unsigned rows = 0;
    unsigned forbidden = 0;
    for (int byte = 0; byte < 256; byte++) {
        const struct opcode_info *info = &opcode_table[byte];
        const char *name = expected[byte];
        if (!name) {
            CHECK_NOTE(!info->is_opcode && info->operand == OPERAND_NONE, "byte %02x",
                       (unsigned)byte);
            CHECK_STR(opcode_name(byte), "");
            continue;
        }
        bool is_forbidden = name[0] == '!';
        CHECK(info->is_opcode);
        CHECK_STR(opcode_name(byte), name + is_forbidden);
        CHECK_NOTE(is_forbidden == (info->verdict != REASON_DATA), "%s", name);
        CHECK_NOTE(info->protocol <= 5 && info->needs <= 3, "%s", name);
        rows++;
        forbidden += is_forbidden;
    }
    CHECK_U64(rows, 68);
    CHECK_U64(forbidden, 16);
    COVERED(256);
}

static void no_opcode(void) {
    CHECK_STR(opcode_name(-1), "");
    CHECK_STR(opcode_name(256), "");
    CHECK_STR(opcode_name(-1000), "");
}

static void verdicts(void) {
    static const struct {
        const char *opcodes;
        enum reason reason;
    } classes[] = {
        {"ci\x93", REASON_CODE_IMPORT}, {"oR\x81\x92", REASON_CODE_CALL},
        {"b", REASON_CODE_STATE},       {"\x82\x83\x84", REASON_CODE_EXTENSION},
        {"PQ", REASON_CODE_PERSISTENT}, {"2", REASON_DUP},
        {"\x97\x98", REASON_BUFFER},
    };
    uint64_t count = 0;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        for (const char *p = classes[i].opcodes; *p; p++) {
            CHECK_U64(opcode_table[(uint8_t)*p].verdict, classes[i].reason);
            count++;
        }
    }
    CHECK_U64(count, 16);
    COVERED(count);
}

/* How many bytes of an operand have a fixed place. */
static void operand_sizes(void) {
    static const char *const of_size[] = {
        NULL, "KhqCU\x80\x82\x8a\x8c", "M\x83", NULL, "JjrBTX\x84\x8b", NULL, NULL,
        NULL, "G\x8d\x8e\x95\x96"};
    uint8_t sizes[256] = {0};
    for (uint8_t size = 0; size < sizeof of_size / sizeof of_size[0]; size++) {
        for (const char *p = of_size[size]; p && *p; p++) {
            sizes[(uint8_t)*p] = size;
        }
    }
    for (int byte = 0; byte < 256; byte++) {
        CHECK_NOTE(opcode_table[byte].fixed == sizes[byte], "%s", opcode_name(byte));
    }
    COVERED(256);
}

static void marks_and_needs(void) {
    static const char takes_mark[] = "1tleudoi\x90\x91";
    static const char needs_one[] = ".\x85"
                                    "eu\x90pqr\x94"
                                    "2Qo\x98";
    static const char needs_two[] = "\x86"
                                    "aRb\x81\x93";
    static const char needs_three[] = "\x87s\x92";
    for (int byte = 1; byte < 256; byte++) {
        const struct opcode_info *info = &opcode_table[byte];
        unsigned needs = strchr(needs_one, byte)     ? 1
                         : strchr(needs_two, byte)   ? 2
                         : strchr(needs_three, byte) ? 3
                                                     : 0;
        CHECK_NOTE(info->takes_mark == (strchr(takes_mark, byte) != NULL), "%s", opcode_name(byte));
        CHECK_NOTE(info->needs == needs, "%s", opcode_name(byte));
    }
    COVERED(255);
}

REGISTER(opcode, RUN(every_byte), RUN(no_opcode), RUN(verdicts), RUN(operand_sizes),
         RUN(marks_and_needs))
