/* SPDX-License-Identifier: MIT
 *
 * The room for a container's items: beside its node in the arena, or behind it when the container
 * was made with all of them.  Knows nothing of what the items mean. */
#ifndef SPK_ITEMS_H
#define SPK_ITEMS_H

#include "value/index.h"
#include "base/memory.h"

/* Makes room for "count" pairs, members or items in all; false when there is no memory. */
bool items_reserve(struct arena *arena, word target, size_t count);

/* Gives back room that is worth it: of blocks of their own of which more than a hundredth is free.
 */
bool items_trim(struct arena *arena, word target);

#endif
