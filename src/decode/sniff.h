/* SPDX-License-Identifier: MIT
 *
 * Recognises files that are no pickles by their first bytes, so that they are refused by name.
 * Never by a file's name, and never to accept anything: what is recognised here is refused anyway,
 * but with a reason that helps. */
#ifndef SPK_SNIFF_H
#define SPK_SNIFF_H

#include "base/report.h"

/* SNIFF_WAIT: more bytes will tell, unless the bytes are said to be whole. */
enum sniff { SNIFF_NONE, SNIFF_WAIT, SNIFF_FOUND };

/* The magic numbers that nothing accepted can begin with; asked before any opcode is judged. */
enum sniff sniff_magic(const uint8_t *head, size_t size, bool is_whole, enum reason *reason);

/* Bytes that sniff_refused may look at.  The magic number of tar stands at byte 257, behind a name
 * that may look like any pickle. */
#define SNIFF_HEAD 262

/* What the input is whose refusal is known: a tar archive, a magic number that a pickle could begin
 * with, or text.  That an opcode can run code is not hidden by a name, unless it stands within the
 * magic number itself. */
enum sniff sniff_refused(const uint8_t *head, size_t size, bool is_whole,
                         const struct refusal *refusal, enum reason *reason);

/* Behind so many bytes only the header of a tar archive is still waited for. */
#define SNIFF_ALL_BUT_TAR 64

/* True if the bytes between the two may stand in the header of a tar archive, as those before may.
 */
bool sniff_may_be_tar(const uint8_t *head, size_t from, size_t to);

/* True if this is the start of a PyTorch file of before 2020: a pickle of a magic number, and more
 * pickles behind it. */
#define SNIFF_TORCH_SIZE 15
bool sniff_torch(const uint8_t *head, size_t size);

#endif
