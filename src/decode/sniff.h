/* SPDX-License-Identifier: MIT
 *
 * Recognises files that are no pickles by their first bytes, so that the refusal says what they
 * are. It never looks at a file's name, and never makes anything accepted: what it recognises is
 * refused anyway, but with a reason that helps. */
#ifndef SPK_SNIFF_H
#define SPK_SNIFF_H

#include "base/report.h"

/* SNIFF_WAIT: more bytes are needed; never if is_whole says that no more will come. */
enum sniff { SNIFF_NONE, SNIFF_WAIT, SNIFF_FOUND };

/* Looks for magic numbers that nothing accepted can begin with, before any opcode is judged. */
enum sniff sniff_magic(const uint8_t *head, size_t size, bool is_whole, enum reason *reason);

/* Bytes that sniff_refused may look at.  The magic number of tar stands at byte 257, behind a name
 * that may look like any pickle. */
#define SNIFF_HEAD 262

/* Looks at an input that has been refused: a tar archive, a magic number that a pickle could begin
 * with, or text.  A refusal for an opcode that can run code is kept, unless the opcode is a part of
 * the magic number itself. */
enum sniff sniff_refused(const uint8_t *head, size_t size, bool is_whole,
                         const struct refusal *refusal, enum reason *reason);

/* Behind these bytes only the header of a tar archive can still be recognised. */
#define SNIFF_ALL_BUT_TAR 64

/* True if the bytes between the two offsets may stand in the header of a tar archive.  Those before
 * must have passed already. */
bool sniff_may_be_tar(const uint8_t *head, size_t from, size_t to);

/* True if this is the start of a PyTorch file as it was before 2020: several pickles, of which the
 * first is a magic number. */
#define SNIFF_TORCH_SIZE 15
bool sniff_torch(const uint8_t *head, size_t size);

#endif
