/* SPDX-License-Identifier: MIT
 *
 * The space for a container's items.  It is right behind the container's node if that was made with
 * all its items, and else somewhere else in the arena.  Knows nothing of what the items mean. */
#ifndef SPK_ITEMS_H
#define SPK_ITEMS_H

#include "value/index.h"
#include "base/memory.h"

/* Makes space for "count" pairs, members or items in all; false when there is no memory. */
bool items_reserve(struct arena *arena, word target, size_t count);

/* Gives back unused space where that is worth it: if the items are large enough for a block of
 * their own, and more than 1/128 of them would still fit in it. */
bool items_trim(struct arena *arena, word target);

#endif
