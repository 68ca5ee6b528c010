/* SPDX-License-Identifier: MIT
 *
 * Ground floor: loads of operands from unaligned bytes, and the checked arithmetic that every
 * length goes through.  The loads do not check bounds: their callers have done so. */
#ifndef SPK_BYTES_H
#define SPK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined __GNUC__
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
/* For functions that the compiler was measured to leave out of line at a cost. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
/* And for the opposite: functions that are rarely called. */
#define NOINLINE __attribute__((noinline))
#else
#define LIKELY(condition) (condition)
#define UNLIKELY(condition) (condition)
#define ALWAYS_INLINE inline
#define NOINLINE
#endif

static inline uint16_t load_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t load_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t load_u64(const uint8_t *p) {
    return (uint64_t)load_u32(p) | (uint64_t)load_u32(p + 4) << 32;
}

static inline uint32_t load_big_u32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* For BINFLOAT, whose operand is the only one that is big-endian. */
static inline uint64_t load_big_u64(const uint8_t *p) {
    return (uint64_t)load_big_u32(p) << 32 | load_big_u32(p + 4);
}

static inline int32_t load_s32(const uint8_t *p) {
    uint32_t bits = load_u32(p);
    return bits < UINT32_C(0x80000000) ? (int32_t)bits : -(int32_t)(UINT32_MAX - bits) - 1;
}

/* Written out, and not as a loop, because compilers then make one store of it. */
static inline void store_u32(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

static inline void store_u64(uint8_t *p, uint64_t value) {
    store_u32(p, (uint32_t)value);
    store_u32(p + 4, (uint32_t)(value >> 32));
}

static inline void store_big_u32(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

static inline void store_big_u64(uint8_t *p, uint64_t value) {
    store_big_u32(p, (uint32_t)(value >> 32));
    store_big_u32(p + 4, (uint32_t)value);
}

/* False when the result does not fit; nothing is written then. */
static inline bool add_size(size_t a, size_t b, size_t *sum) {
    if (b > SIZE_MAX - a) {
        return false;
    }
    *sum = a + b;
    return true;
}

static inline bool multiply_size(size_t a, size_t b, size_t *product) {
    if (b != 0 && a > SIZE_MAX / b) {
        return false;
    }
    *product = a * b;
    return true;
}

/* The sum, or "top" where it is larger. */
static inline uint64_t add_capped(uint64_t a, uint64_t b, uint64_t top) {
    return b > top || a > top - b ? top : a + b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

#endif
