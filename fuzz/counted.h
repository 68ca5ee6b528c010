/* SPDX-License-Identifier: MIT
 *
 * Included in front of every file of the library that target cost is built with: what the C library
 * moves, fills and compares is work too, a unit a byte.  Changes nothing else. */
#ifndef SPK_FUZZ_COUNTED_H
#define SPK_FUZZ_COUNTED_H

#include <stdint.h>
#include <string.h>

extern uint64_t work_counted;

static inline void *counted_memcpy(void *to, const void *from, size_t size) {
    work_counted += size;
    return memcpy(to, from, size);
}

static inline void *counted_memmove(void *to, const void *from, size_t size) {
    work_counted += size;
    return memmove(to, from, size);
}

static inline void *counted_memset(void *to, int byte, size_t size) {
    work_counted += size;
    return memset(to, byte, size);
}

static inline int counted_memcmp(const void *a, const void *b, size_t size) {
    work_counted += size;
    return memcmp(a, b, size);
}

static inline void *counted_memchr(const void *data, int byte, size_t size) {
    void *found = memchr(data, byte, size);
    work_counted += found ? (size_t)((const char *)found - (const char *)data) : size;
    return found;
}

#define memcpy counted_memcpy
#define memmove counted_memmove
#define memset counted_memset
#define memcmp counted_memcmp
#define memchr counted_memchr

#endif
