/* SPDX-License-Identifier: MIT
 *
 * Why an input could not be judged, or an output not written: an errno and a sentence.  Trouble is
 * never a verdict. */
#ifndef CLI_TROUBLE_H
#define CLI_TROUBLE_H

struct trouble {
    int number;          /* an errno; 0: no trouble */
    const char *message; /* static */
    const char *place;   /* what failed; NULL: the input */
};

extern const struct trouble no_trouble;

struct trouble trouble_of_errno(int number);

/* "ENOENT"; static.  Its text never depends on locale or C library. */
const char *trouble_code(const struct trouble *trouble);

#endif
