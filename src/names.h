/* SPDX-License-Identifier: MIT
 *
 * The last short strings seen, so that the refusal of STACK_GLOBAL can say what would have been imported although a check
 * keeps no strings.  Both modes keep the same ones and say the same.  While a window is being executed only addresses are
 * noted; names_keep copies what is still wanted before the window goes away. */
#ifndef SPK_NAMES_H
#define SPK_NAMES_H

#include "report.h"

#define NAMES_KEPT 64u
#define NAME_TEXT_MOST 256 /* counted text shorter than this is kept */
#define NAME_MOST 264      /* bytes of an opcode with its operand: opcode, a length of eight bytes, 255 bytes */

struct name {
    uint16_t size;
    uint8_t bytes[NAME_MOST]; /* the opcode as the pickle has it */
};

struct names {
    uint64_t count;             /* noted so far */
    uint64_t kept;              /* of these, copied or too old */
    bool open_fits;
    uint64_t keys[NAMES_KEPT];  /* the slots that stand for them */
    const uint8_t *fresh[NAMES_KEPT];
    struct name open;           /* one that comes in pieces */
    struct name names[NAMES_KEPT];
};

void names_clear(struct names *names);

/* A number that no string noted before has, and that the next one will be known by where it has no address. */
static inline uint64_t names_next(const struct names *names) {
    return names->count + 1;
}

/* Notes a complete string opcode of at most NAME_MOST bytes that stands in the window; a line, with its line feed. */
static inline void names_note(struct names *names, const uint8_t *opcode, uint64_t key) {
    unsigned at = (unsigned)names->count++ % NAMES_KEPT;
    names->fresh[at] = opcode;
    names->keys[at] = key;
}

/* Copies what was noted since the last call; the window may then go. */
void names_keep(struct names *names);

/* A string that comes in pieces: its opcode and length, the rest, the slot it became.  A wish not to note it is kept. */
void names_open(struct names *names, const uint8_t *p, size_t size, bool is_wanted);
void names_add(struct names *names, const uint8_t *p, size_t size);
void names_close(struct names *names, uint64_t key);

/* Appends the module and the name that two slots stand for, "posix.system"; "?" for what is not known any more. */
void names_describe(struct names *names, struct text *text, uint64_t module, uint64_t name);

#endif
