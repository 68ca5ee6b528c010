/* SPDX-License-Identifier: MIT
 *
 * A sandbox for the thread that asks for it, in which one system call fails. */
#ifndef SPK_TESTS_FORBID_H
#define SPK_TESTS_FORBID_H

#include <stdbool.h>

#if defined __linux__ && defined __has_include
#if __has_include(<linux/filter.h>)
#define CAN_FORBID 1
#include <sys/syscall.h> /* the numbers of the calls, __NR_... */
#endif
#endif

/* From now on the call of that number gives the thread this error; what was forbidden before stays
 * so.  False where no filter can be set, as under an emulator. */
bool forbid_call(unsigned number, unsigned error);

#endif
