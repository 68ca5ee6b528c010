/* SPDX-License-Identifier: MIT
 *
 * The last bytes of the pickle, so that the refusal of STACK_GLOBAL can say what would have been
 * imported although a check keeps no strings: it knows their places, and what began within the last
 * NAMES_REACH bytes can be read once more.  A document knows its strings by their words, and notes
 * where they were.  So both modes know the same names, and say the same however the pickle was cut.
 *
 * A place is an offset counted on from pickle to pickle, so that what was noted in one means
 * nothing in the next. */
#ifndef SPK_NAMES_H
#define SPK_NAMES_H

#include "base/report.h"

#define NAMES_REACH 1024u
#define NAMES_UNKNOWN UINT64_MAX /* a place that nothing has */

struct names {
    const uint8_t *feed;  /* what is being read */
    uint64_t feed_offset; /* in the pickle, of its first byte */
    uint64_t feed_end;    /* the same, behind its last */
    uint64_t earlier;     /* the place of the pickle's first byte */
    uint8_t recent[NAMES_REACH]; /* bytes before the feed, each where its offset says */
    /* What was noted, each where half its place says: the opcode of a string has two bytes at
     * least. */
    uint64_t keys[NAMES_REACH / 2];
    uint64_t places[NAMES_REACH / 2];
};

/* is_noting: names_note will be called. */
void names_start(struct names *names, bool is_noting);

/* Another pickle begins. */
void names_clear(struct names *names);

/* What is being read now, from this offset on; once it has been, names_keep copies what may still
 * be asked for. */
static inline void names_feed(struct names *names, const uint8_t *feed, size_t size,
                              uint64_t offset) {
    names->feed = feed;
    names->feed_offset = offset;
    names->feed_end = offset + size;
}

void names_keep(struct names *names);

/* Notes the place of an opcode that made this key. */
static inline void names_note(struct names *names, uint64_t key, uint64_t place) {
    size_t at = (size_t)(place / 2 % (NAMES_REACH / 2));
    names->keys[at] = key;
    names->places[at] = place;
}

/* The place that was noted with the key in this pickle; of those out of reach some are
 * NAMES_UNKNOWN. */
uint64_t names_find(const struct names *names, uint64_t key);

/* Appends the module and the name that the opcodes at two places pushed, "posix.system", as seen
 * from the one at this offset; "?" for each that is out of reach, too long or no name. */
void names_describe(const struct names *names, struct text *text, uint64_t offset, uint64_t module,
                    uint64_t name);

#endif
