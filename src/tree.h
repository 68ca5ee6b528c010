/* SPDX-License-Identifier: MIT
 *
 * Builds a document: values as words (word.h) in one arena.  Knows the form of values and nothing of opcodes' order or of
 * what is allowed: the machine has judged everything before it calls here.  Every function fails only for want of memory,
 * with memory->failure set. */
#ifndef SPK_TREE_H
#define SPK_TREE_H

#include "intern.h"

struct spk_document {
    struct memory memory; /* the allocator, and what the arena holds */
    struct arena arena;
    struct spk_value root;
};

struct tree {
    struct memory *memory;
    struct arena arena;
    struct intern intern;
    const uint8_t *borrow_start; /* the caller's buffer that strings may point into; NULL: copy all */
    const uint8_t *borrow_end;
    uint8_t *payload;            /* a payload that comes in pieces: room for its header, then what has come */
    size_t payload_room;
    size_t payload_size;
    uint64_t payload_most;
    struct array text;           /* bytes of a line, or of Latin-1, until its length is known */
    size_t text_size;
};

void tree_start(struct tree *tree, struct memory *memory, struct hash_key key);
void tree_clear(struct tree *tree); /* also gives up what was built */

/* Ends the building: the document owns the arena now.  NULL when there is no memory. */
spk_document *tree_finish(struct tree *tree, word root);

/* Values; WORD_EMPTY on failure. */
word tree_int(struct tree *tree, int64_t value);
word tree_int_bytes(struct tree *tree, const uint8_t *p, size_t size); /* two's complement */
word tree_float(struct tree *tree, uint64_t bits);
word tree_counted(struct tree *tree, enum word_tag tag, const uint8_t *form, size_t size); /* opcode, length, payload */
word tree_text(struct tree *tree, enum word_tag tag, const uint8_t *p, size_t size);       /* makes the form */

/* A container with these facts that holds these items (of a dict: keys and values in turn). */
word tree_container(struct tree *tree, facts of, const word *items, size_t count);

/* Adds items to a list, dict or set; equal keys are resolved as CPython does: first key stays, last value wins. */
bool tree_extend(struct tree *tree, word target, const word *items, size_t count);

/* A counted payload in pieces: kept as it comes, so that memory follows what has arrived and not what is claimed. */
bool tree_payload_start(struct tree *tree, uint64_t claimed);
bool tree_payload_add(struct tree *tree, const uint8_t *p, size_t size);
word tree_payload_end(struct tree *tree, enum word_tag tag);

/* Text that is converted on its way: room at the end of what is there, which the caller fills and then counts. */
uint8_t *tree_text_room(struct tree *tree, size_t room);
word tree_text_end(struct tree *tree, enum word_tag tag);

#endif
