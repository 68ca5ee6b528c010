/* SPDX-License-Identifier: MIT
 *
 * The allocator for callers who bring none: the C library's, save that on Linux large blocks are
 * mappings of their own, for which huge pages are asked, and that the pages of smaller ones, from
 * 64 KiB on, are fetched at once. Half of the time of decoding goes into first touches of memory,
 * and most of it is saved so.  With SPK_PORTABLE it is realloc and free alone. */
#ifndef SPK_PAGES_H
#define SPK_PAGES_H

#include <stddef.h>

/* A huge page of x86-64, and of arm64 with pages of 4 KiB; elsewhere only a large unit. */
#define PAGES_HUGE ((size_t)2 << 20)
/* From this size on a block is a mapping, and may waste as much again; and the same of
 * pages_resize_early, whose blocks may waste seven times their size. */
#define PAGES_MAPPED (PAGES_HUGE / 2)
#define PAGES_EARLY (PAGES_HUGE / 8)

/* As spk_allocator's resize. */
void *pages_resize(void *context, void *block, size_t old_size, size_t new_size);

/* The same for few blocks, which it makes mappings while they are smaller.  A block of PAGES_EARLY
 * bytes or more, but fewer than PAGES_MAPPED, must be given to the function that made it. */
void *pages_resize_early(void *context, void *block, size_t old_size, size_t new_size);

/* realloc and free of the C library, and nothing else. */
void *pages_resize_libc(void *context, void *block, size_t old_size, size_t new_size);

/* Turns a block of pages_resize into one of new_size bytes, at most as many, that free() releases;
 * NULL, and it stays, on failure. */
void *pages_hand_over(void *block, size_t old_size, size_t new_size);

#endif
