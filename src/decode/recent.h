/* SPDX-License-Identifier: MIT
 *
 * The last bytes of the pickle, kept so that the refusal of STACK_GLOBAL can say what would have
 * been imported.  A check keeps no strings, but knows where their opcodes stood; those that began
 * within the last RECENT_REACH bytes can be read once more.  A decode knows a string by its word,
 * and notes where the opcode stood.  So both modes know the same names, and say the same however
 * the pickle was cut.
 *
 * Where an opcode stood is its stamp: its offset, counted on from pickle to pickle of one decoder.
 * So a stamp from one pickle means nothing in the next.
 *
 *            first pickle, 100 bytes        second pickle
 *     offset 0 ........ 60 ..... 99        0 ..... 7 ...
 *     stamp  0 ........ 60 ..... 99        100 ... 107 .     "earlier" is 100 now */
#ifndef SPK_RECENT_H
#define SPK_RECENT_H

#include "base/report.h"

#define RECENT_REACH 1024u
#define RECENT_UNKNOWN UINT64_MAX /* a stamp that nothing has */

struct recent {
    const uint8_t *feed;  /* what is being read */
    uint64_t feed_offset; /* in the pickle, of its first byte */
    uint64_t feed_end;    /* the same, behind its last */
    uint64_t earlier;     /* the stamp of the pickle's first byte */
    uint8_t bytes[RECENT_REACH]; /* before the feed: the byte at an offset, modulo the size */
    /* What was noted: the entry for a stamp is at half of it, modulo the size.  Half, because the
     * opcode of a string has at least two bytes. */
    uint64_t keys[RECENT_REACH / 2];
    uint64_t stamps[RECENT_REACH / 2];
};

/* is_noting: recent_note will be called. */
void recent_start(struct recent *recent, bool is_noting);

/* Another pickle begins. */
void recent_clear(struct recent *recent);

/* The bytes that are read now, which begin at this offset.  When they are read, recent_keep copies
 * those that may still be asked for. */
static inline void recent_feed(struct recent *recent, const uint8_t *feed, size_t size,
                               uint64_t offset) {
    recent->feed = feed;
    recent->feed_offset = offset;
    recent->feed_end = offset + size;
}

void recent_keep(struct recent *recent);

/* Notes the stamp of an opcode that made this key. */
static inline void recent_note(struct recent *recent, uint64_t key, uint64_t stamp) {
    size_t at = (size_t)(stamp / 2 % (RECENT_REACH / 2));
    recent->keys[at] = key;
    recent->stamps[at] = stamp;
}

/* The stamp that was noted with the key in this pickle, or RECENT_UNKNOWN.  A note that is out of
 * reach may be overwritten, and so unknown. */
uint64_t recent_find(const struct recent *recent, uint64_t key);

/* Appends module and name, such as "posix.system".  Given are the stamps of the opcodes that pushed
 * the two, and the offset of the opcode that would import.  "?" stands for one that is out of
 * reach, too long or no name. */
void recent_describe(const struct recent *recent, struct text *text, uint64_t offset,
                     uint64_t module, uint64_t name);

#endif
