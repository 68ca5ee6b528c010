/* SPDX-License-Identifier: MIT
 *
 * Why an input could not be judged, or an output not written: an errno and, where the system's
 * words for it do not say enough, a sentence.  Trouble is never a verdict, and never speaks itself.
 */
#ifndef CLI_TROUBLE_H
#define CLI_TROUBLE_H

#include <stddef.h>

struct trouble {
    int number;          /* an errno; 0: no trouble */
    const char
        *message; /* lives as long as the session; NULL: what the system says of the number */
    const char *place;   /* what failed; NULL: the input */
};

extern const struct trouble no_trouble;

struct trouble trouble_of_errno(int number);

#define SYSTEM_WORDS_SIZE 128

/* The sentence about the trouble; "room" is used where it has none of its own. */
const char *trouble_message(const struct trouble *trouble, char room[SYSTEM_WORDS_SIZE]);

/* The system's words for an errno, in the room. */
const char *system_words(int number, char room[SYSTEM_WORDS_SIZE]);

/* "ENOENT"; static.  Its text never depends on locale or C library. */
const char *trouble_code(const struct trouble *trouble);

#endif
