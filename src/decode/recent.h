/* SPDX-License-Identifier: MIT
 *
 * The last bytes of the pickle, so that the refusal of STACK_GLOBAL can say what would have been
 * imported although a check keeps no strings: it knows their places, and what began within the last
 * RECENT_REACH bytes can be read once more.  A document knows its strings by their words, and notes
 * where they were.  So both modes know the same names, and say the same however the pickle was cut.
 *
 * A place is an offset counted on from pickle to pickle, so that what was noted in one means
 * nothing in the next. */
#ifndef SPK_RECENT_H
#define SPK_RECENT_H

#include "base/report.h"

#define RECENT_REACH 1024u
#define RECENT_UNKNOWN UINT64_MAX /* a place that nothing has */

struct recent {
    const uint8_t *feed;  /* what is being read */
    uint64_t feed_offset; /* in the pickle, of its first byte */
    uint64_t feed_end;    /* the same, behind its last */
    uint64_t earlier;     /* the place of the pickle's first byte */
    uint8_t bytes[RECENT_REACH]; /* bytes before the feed, each where its offset says */
    /* What was noted, each where half its place says: the opcode of a string has two bytes at
     * least. */
    uint64_t keys[RECENT_REACH / 2];
    uint64_t places[RECENT_REACH / 2];
};

/* is_noting: recent_note will be called. */
void recent_start(struct recent *recent, bool is_noting);

/* Another pickle begins. */
void recent_clear(struct recent *recent);

/* What is being read now, from this offset on; once it has been, recent_keep copies what may still
 * be asked for. */
static inline void recent_feed(struct recent *recent, const uint8_t *feed, size_t size,
                               uint64_t offset) {
    recent->feed = feed;
    recent->feed_offset = offset;
    recent->feed_end = offset + size;
}

void recent_keep(struct recent *recent);

/* Notes the place of an opcode that made this key. */
static inline void recent_note(struct recent *recent, uint64_t key, uint64_t place) {
    size_t at = (size_t)(place / 2 % (RECENT_REACH / 2));
    recent->keys[at] = key;
    recent->places[at] = place;
}

/* The place that was noted with the key in this pickle; of those out of reach some are
 * RECENT_UNKNOWN. */
uint64_t recent_find(const struct recent *recent, uint64_t key);

/* Appends the module and the name that the opcodes at two places pushed, "posix.system", as seen
 * from the one at this offset; "?" for each that is out of reach, too long or no name. */
void recent_describe(const struct recent *recent, struct text *text, uint64_t offset,
                     uint64_t module, uint64_t name);

#endif
