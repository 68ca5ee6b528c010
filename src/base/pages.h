/* SPDX-License-Identifier: MIT
 *
 * The allocator for callers who bring none: that of the C library, but on Linux with two changes.
 * Large blocks are mappings of their own, for which huge pages are asked.  The pages of smaller
 * blocks, from 64 KiB on, are fetched all at once.  Half of the time of decoding goes into first
 * touches of memory, and this saves most of it.  With SPK_PORTABLE it is realloc and free alone. */
#ifndef SPK_PAGES_H
#define SPK_PAGES_H

#include <stddef.h>

/* A huge page of x86-64, and of arm64 with pages of 4 KiB; elsewhere only a large unit. */
#define PAGES_HUGE ((size_t)2 << 20)
/* From this size on a block is a mapping.  As that consists of whole huge pages, a block may waste
 * as much as its own size; one of pages_resize_early, seven times that. */
#define PAGES_MAPPED (PAGES_HUGE / 2)
#define PAGES_EARLY (PAGES_HUGE / 8)

/* As spk_allocator's resize. */
void *pages_resize(void *context, void *block, size_t old_size, size_t new_size);

/* The same, but blocks are mappings from PAGES_EARLY on; for few blocks, because of the waste.  A
 * block from PAGES_EARLY up to PAGES_MAPPED must be given to the function that made it. */
void *pages_resize_early(void *context, void *block, size_t old_size, size_t new_size);

/* realloc and free of the C library, and nothing else. */
void *pages_resize_libc(void *context, void *block, size_t old_size, size_t new_size);

/* Turns a block of pages_resize into one for free(), of new_size bytes, which is not more than
 * old_size.  NULL on failure; the block stays as it was. */
void *pages_hand_over(void *block, size_t old_size, size_t new_size);

#endif
