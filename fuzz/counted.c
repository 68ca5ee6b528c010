/* SPDX-License-Identifier: MIT
 *
 * The counter of work, for programs that are linked with the library as it is built to count:
 * basic blocks, and what counted.h adds.  Is not compiled to count itself. */
#include "counted.h"

uint64_t work_counted;

/* What the compiler calls in every basic block; the linker's --wrap leads here, for libFuzzer has a
 * function of this name too. */
void __wrap___sanitizer_cov_trace_pc(void);

void __wrap___sanitizer_cov_trace_pc(void) {
    work_counted++;
}
