/* SPDX-License-Identifier: MIT
 *
 * Ground floor: how a decoded value is held in one 64-bit word, in the stack, the memo and the
 * items of a container.
 *
 *    63      48 47                                     0
 *   +----------+----------------------------------------+
 *   | tag      | the low 48 bits                        |
 *   +----------+----------------------------------------+
 *     0          0 EMPTY (no value), 1 None, 2 False, 3 True
 *     1          an int of 48 bits, two's complement
 *     2 to 5     the address of the "counted form" of a str, bytes, larger int or bytearray
 *     6          the address of a container, with its node_kind in the low three bits, which are
 *                free because nodes are aligned
 *     7          the address of the bits of a float, for the few NaNs that the next row cannot hold
 *     8 and up   any other float: all 64 bits of the word are the complement of its bits
 *
 * A counted form is the opcode as the pickle has it.  It stands in the arena or, when borrowing, in
 * the caller's buffer.  So a string costs nothing but its bytes, and its length is read where it
 * stands.
 *
 *   +--------+------------------------+---------+
 *   | opcode | length: 1, 4, 8 bytes  | payload |    "id" is 8c 02 69 64
 *   +--------+------------------------+---------+ */
#ifndef SPK_WORD_H
#define SPK_WORD_H

#include "base/bytes.h"
#include "base/facts.h"
#include "base/opcode.h"

typedef uint64_t word;

struct spk_value {
    word word;
};

/* The items of a container; those of a dict are keys and values in turn.  A dict, set or
 * frozenset with space for more than INDEX_MIN entries has one word more, the address of its index
 * (index.h):
 *
 *   +-------+----------+-----+-------+-----+-------+-- --+-------+-------+
 *   | count | capacity | key | value | key | value | ... | space | index |
 *   +-------+----------+-----+-------+-----+-------+-- --+-------+-------+ */
struct items {
    /* Pairs of a dict, members of a set, items of the others. */
    _Alignas(8) uint32_t count;
    /* How many there is space for.  A tuple never grows: intern.c keeps a number here, or 0. */
    uint32_t capacity;
    word words[];
};

/* A list, tuple, dict, set or frozenset. */
struct container {
    _Alignas(8) facts facts;
    struct items *items; /* NULL: it never had any */
};

enum word_tag {
    TAG_CONSTANT = 0,
    TAG_INT = 1,
    TAG_STR = 2,
    TAG_BYTES = 3,
    TAG_LONG = 4,
    TAG_BYTEARRAY = 5,
    TAG_CONTAINER = 6,
    TAG_FAR_FLOAT = 7,
    TAG_FLOAT = 8
};

enum node_kind {
    NODE_LIST = 0,
    NODE_TUPLE = 1,
    NODE_DICT = 2,
    NODE_SET = 3,
    NODE_FROZENSET = 4,
    NODE_NO_VALUE = 7 /* in no document; facts alone (sink_build_wide.h) */
};

/* True for a dict, set or frozenset: its equal keys or members become one, and it may have an
 * index.  Kinds are asked for by predicates like this one, never compared by their order. */
static inline bool node_has_keys(enum node_kind kind) {
    return kind != NODE_LIST && kind != NODE_TUPLE;
}

#define WORD_EMPTY ((word)0)
#define WORD_NONE ((word)1)
#define WORD_FALSE ((word)2)
#define WORD_TRUE ((word)3)

#define WORD_LOW48 UINT64_C(0xffffffffffff)
#define WORD_INT_MAX ((INT64_C(1) << 47) - 1)

static inline unsigned word_tag(word w) {
    uint64_t tag = w >> 48;
    return tag < TAG_FLOAT ? (unsigned)tag : TAG_FLOAT;
}

static inline bool word_fits_int(int64_t value) {
    return value >= -WORD_INT_MAX - 1 && value <= WORD_INT_MAX;
}

static inline word word_of_int(int64_t value) {
    return (word)TAG_INT << 48 | ((uint64_t)value & WORD_LOW48);
}

static inline int64_t word_int(word w) {
    uint64_t low = w & WORD_LOW48;
    return low >> 47 ? (int64_t)low - (INT64_C(1) << 48) : (int64_t)low;
}

static inline word word_of_counted(enum word_tag tag, const uint8_t *form) {
    return (word)tag << 48 | (uint64_t)(uintptr_t)form;
}

static inline const uint8_t *word_form(word w) {
    return (const uint8_t *)(uintptr_t)(w & WORD_LOW48);
}

static inline word word_of_node(enum node_kind kind, const void *node) {
    return (word)TAG_CONTAINER << 48 | (uint64_t)(uintptr_t)node | (uint64_t)kind;
}

static inline word word_of_far_float(const uint64_t *bits) {
    return (word)TAG_FAR_FLOAT << 48 | (uint64_t)(uintptr_t)bits;
}

static inline void *word_node(word w) {
    return (void *)(uintptr_t)(w & WORD_LOW48 & ~UINT64_C(7));
}

static inline enum node_kind word_node_kind(word w) {
    return (enum node_kind)(w & 7);
}

static inline bool word_is_container(word w) {
    return w >> 48 == TAG_CONTAINER;
}

/* True for a hashable value that holds no other: anything but a bytearray or container.  These two
 * have neighbouring tags, so one comparison does. */
static inline bool word_is_plain(word w) {
    return w - ((word)TAG_BYTEARRAY << 48) >= (word)(TAG_FAR_FLOAT - TAG_BYTEARRAY) << 48;
}

static inline struct container *word_container(word w) {
    return word_node(w);
}

static inline uint32_t container_count(const struct container *container) {
    return container->items ? container->items->count : 0;
}

static inline uint32_t container_capacity(const struct container *container) {
    return container->items ? container->items->capacity : 0;
}

/* True for a float whose bits the word itself holds, as their complement. */
static inline bool word_is_near_float(word w) {
    return w >> 48 >= TAG_FLOAT;
}

static inline bool word_is_float(word w) {
    return w >> 48 >= TAG_FAR_FLOAT;
}

/* Of a word that is a float. */
static inline uint64_t word_float_bits(word w) {
    return word_is_near_float(w) ? ~w : *(const uint64_t *)(uintptr_t)(w & WORD_LOW48);
}

/* A NaN is equal to nothing, so it is never found, and never the same key as another. */
static inline bool word_is_nan(word w) {
    return word_is_float(w) && is_nan_bits(word_float_bits(w));
}

/* True if a word can hold these bits of a float: then it is their complement. */
static inline bool word_fits_float(uint64_t bits) {
    return word_is_near_float(~bits);
}

static inline spk_type word_type(word w) {
    static const uint8_t of_constant[] = {SPK_INVALID, SPK_NONE, SPK_BOOL, SPK_BOOL};
    static const uint8_t of_tag[] = {SPK_INVALID,   SPK_INT,     SPK_STR,   SPK_BYTES, SPK_INT,
                                     SPK_BYTEARRAY, SPK_INVALID, SPK_FLOAT, SPK_FLOAT};
    static const uint8_t of_node[] = {SPK_LIST,      SPK_TUPLE,   SPK_DICT,    SPK_SET,
                                      SPK_FROZENSET, SPK_INVALID, SPK_INVALID, SPK_INVALID};
    unsigned tag = word_tag(w);
    if (tag == TAG_CONSTANT) {
        return (spk_type)of_constant[w & 3];
    }
    return (spk_type)(tag == TAG_CONTAINER ? of_node[w & 7] : of_tag[tag]);
}

/* Bytes in front of the payload of a counted form: the opcode and its length. */
static inline size_t counted_header(uint8_t opcode) {
    return (size_t)1 + opcode_table[opcode].fixed;
}

struct counted {
    const uint8_t *data;
    size_t size;
};

static inline struct counted counted_of(const uint8_t *form) {
    if (LIKELY(form[0] == OP_SHORT_BINUNICODE)) { /* most are this one */
        return (struct counted){form + 2, form[1]};
    }
    size_t header = counted_header(form[0]);
    uint64_t size = header == 2 ? form[1] : header == 5 ? load_u32(form + 1) : load_u64(form + 1);
    return (struct counted){form + header, (size_t)size};
}

#endif
