/* SPDX-License-Identifier: MIT
 *
 * How a test ends that cannot go on, for the library contradicts itself or there is no memory; and
 * memory that is there, or the test has ended. */
#ifndef SPK_TESTS_DIE_H
#define SPK_TESTS_DIE_H

#include <stddef.h>

#define TROUBLE 2 /* the exit status */

/* Says what is wrong and ends the program with TROUBLE. */
_Noreturn void die(const char *what);

/* Never NULL, and of one byte at least. */
void *must_allocate(size_t size);

/* An array of items that has room for one more behind size of them; doubles what is full. */
void *grown(void *items, size_t size, size_t *capacity, size_t item_size);

#endif
