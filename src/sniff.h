/* SPDX-License-Identifier: MIT
 *
 * Recognises containers that are no pickles by their first bytes, so that they are refused by name.  Never by a file's
 * name, and never to accept anything: what is recognised here is refused anyway, but with a reason that helps. */
#ifndef SPK_SNIFF_H
#define SPK_SNIFF_H

#include "report.h"

enum sniff { SNIFF_NONE, SNIFF_WAIT, SNIFF_FOUND };

/* Compares the start of a stream with all magic numbers.  SNIFF_WAIT: it is the beginning of one, more bytes will tell. */
enum sniff sniff_magic(const uint8_t *head, size_t size, enum reason *reason);

/* The magic number of tar stands at byte 257, behind a name that may look like any pickle.  SNIFF_WAIT as long as what is
 * there looks like the header of a tar file. */
#define SNIFF_TAR_SIZE 262
enum sniff sniff_tar(const uint8_t *head, size_t size);

#endif
