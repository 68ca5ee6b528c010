/* SPDX-License-Identifier: MIT
 *
 * Ground floor: whether the processor has AVX2, and the system saves its registers.  The C library
 * is asked where it knows.  The compiler's own test would run before main in every program with
 * this library, and its instruction traps on virtual machines. */
#ifndef SPK_CPU_H
#define SPK_CPU_H

#include <stdbool.h>

#if defined __GNUC__ && defined __x86_64__ && !defined SPK_PORTABLE
#define SPK_AVX2

#if defined __has_include
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif
#endif

static inline bool cpu_has_avx2(void) {
#ifdef CPU_FEATURE_ACTIVE
    return CPU_FEATURE_ACTIVE(AVX2) != 0;
#else
    return __builtin_cpu_supports("avx2");
#endif
}

#endif

#endif
