/* SPDX-License-Identifier: MIT
 *
 * Look-up by keys that are nested: random trees of tuples, frozensets and atoms, written in another
 * order, with numbers in another form and some members twice, and keys that differ from them in one
 * atom only. */
#include <string.h>

#include "support.h"

#define DEPTH_MAX 45 /* a member of a set is two levels */

struct builder {
    struct dice shape;    /* the same for all renderings of a key */
    struct dice order;    /* different for each */
    unsigned atoms;       /* written so far */
    unsigned changed;     /* the atom that is another in this key; 0: none */
    unsigned left;        /* values that may still be written */
};

static void write_atom(struct builder *builder, struct buffer *out) {
    unsigned number =
        ++builder->atoms == builder->changed ? 1000000 : (unsigned)dice_below(&builder->shape, 30);
    if (number % 3 == 0) {
        buffer_print(out, "V%u\n", number);
    } else if (dice_below(&builder->order, 2)) {
        buffer_print(out, "I%u\n", number);
    } else {
        buffer_print(out, "F%u\n", number);
    }
}

static void write_key(struct builder *builder, struct buffer *out, unsigned depth);

/* Members have to be different: each is a tuple that begins with its place. */
static void write_members(struct builder *builder, struct buffer *out, unsigned depth,
                          unsigned count) {
    struct buffer members[24];
    memset(members, 0, sizeof members);
    for (unsigned i = 0; i < count; i++) {
        buffer_print(&members[i], "(I%u\n", i);
        write_key(builder, &members[i], depth - 1);
        buffer_byte(&members[i], 't');
    }
    unsigned first = (unsigned)dice_below(&builder->order, count);
    unsigned step = dice_below(&builder->order, 2) ? 1 : count - 1;
    for (unsigned i = 0, at = first; i < count; i++, at = (at + step) % count) {
        unsigned times = dice_below(&builder->order, 8) == 0 && members[at].size < 100 ? 2 : 1;
        buffer_repeat(out, buffer_input(&members[at]), times);
    }
    for (unsigned i = 0; i < count; i++) {
        buffer_free(&members[i]);
    }
}

static void write_key(struct builder *builder, struct buffer *out, unsigned depth) {
    unsigned count =
        (unsigned)dice_below(&builder->shape, dice_below(&builder->shape, 12) == 0 ? 24 : 4);
    bool is_set = dice_below(&builder->shape, 2) == 0;
    if (depth < 2 || builder->left < 24) {
        write_atom(builder, out);
        return;
    }
    builder->left -= count;
    buffer_byte(out, '(');
    if (is_set && count > 0) {
        write_members(builder, out, depth, count);
    } else {
        for (unsigned i = 0; i < count; i++) {
            write_key(builder, out, depth - 1);
        }
    }
    buffer_byte(out, is_set ? 0x91 : 't');
}

/* The key of this number, in one of its forms. */
static unsigned write_form(struct buffer *out, unsigned number, unsigned changed, uint64_t form) {
    struct builder builder = {{number + 1}, {form * 1000003 + number + 1}, 0, changed, 1500};
    buffer_print(out, "(I%u\n", number / 2); /* so that two keys begin alike */
    write_key(&builder, out, DEPTH_MAX);
    buffer_print(out, "I%u\nt", number);
    return builder.atoms;
}

static spk_document *decode(struct buffer *pickle, uint8_t secret) {
    uint8_t key[16];
    spk_options options = SPK_OPTIONS_INIT;
    memset(key, secret, sizeof key);
    options.hash_key = key;
    return spk_decode(pickle->data, pickle->size, &options, NULL);
}

/* Sets of a few keys, without an index, and of many. */
static void nested_keys(void) {
    uint64_t tried = 0;
    for (unsigned start = 0; start < 600; start += 30) {
        unsigned count = start % 60 == 0 ? 7 : 30;
        struct buffer set = {NULL, 0, 0};
        struct buffer forms = {NULL, 0, 0};
        struct buffer others = {NULL, 0, 0};
        struct dice dice = {start + 1};
        bool has_other[30] = {false};
        BUFFER_ADD(&set, "((");
        BUFFER_ADD(&forms, "(");
        BUFFER_ADD(&others, "(");
        for (unsigned i = 0; i < count; i++) {
            unsigned atoms = write_form(&set, start + i, 0, 1);
            write_form(&forms, start + i, 0, 2);
            has_other[i] = atoms > 0;
            write_form(&others, start + i, atoms > 0 ? 1 + (unsigned)dice_below(&dice, atoms) : 0,
                       3);
        }
        BUFFER_ADD(&set, "\x91t.");
        BUFFER_ADD(&forms, "t.");
        BUFFER_ADD(&others, "t.");
        spk_document *in = decode(&set, 1);
        spk_document *asked = decode(&forms, 2);
        spk_document *different = decode(&others, 3);
        REQUIRE(in && asked && different);
        const spk_value *members = spk_item(spk_document_root(in), 0);
        CHECK_U64(spk_size(members), count);
        for (unsigned i = 0; i < count; i++, tried++) {
            CHECK(spk_find(members, spk_item(spk_document_root(asked), i)) == spk_item(members, i));
            const spk_value *found = spk_find(members, spk_item(spk_document_root(different), i));
            CHECK(found == (has_other[i] ? NULL : spk_item(members, i)));
        }
        spk_document_free(in);
        spk_document_free(asked);
        spk_document_free(different);
        buffer_free(&set);
        buffer_free(&forms);
        buffer_free(&others);
    }
    COVERED(2 * tried);
}

REGISTER(find_deep, RUN(nested_keys))
