/* SPDX-License-Identifier: MIT
 *
 * Hash and equality of single values as dict keys: Python's equality, under a secret key so that nobody can make keys
 * collide on purpose.  Numbers are equal by their exact value, whatever their type; a NaN is equal to nothing.
 *
 * Values are light or heavy.  The hash and a comparison of light ones (numbers, short strings) take a bounded time.  Heavy
 * ones (long strings, huge ints, tuples, frozensets) do not: while decoding they get a representative (intern.h), and a
 * look-up in a finished document compares them without recursion (find.c). */
#ifndef SPK_KEY_H
#define SPK_KEY_H

#include "word.h"

/* SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF") over 64-bit words. */
struct sip {
    uint64_t v0, v1, v2, v3;
};

struct hash_key {
    uint64_t words[2];
};

struct sip sip_start(struct hash_key key);
void sip_add(struct sip *sip, uint64_t bits);
void sip_add_bytes(struct sip *sip, const uint8_t *p, size_t size);
uint64_t sip_end(struct sip sip);

/* Bytes of a light str or bytes, and of a light int: no float is an int of more than 129. */
#define KEY_LIGHT_TEXT 64
#define KEY_LIGHT_INT 136

bool key_is_heavy(word w);

/* Of a light value, and of a heavy one that is no container, in time proportional to its size. */
uint64_t key_hash(struct hash_key key, word w);

/* Of a str with these bytes. */
uint64_t key_hash_str(struct hash_key key, const uint8_t *p, size_t size);

/* Of two values that are no containers. */
bool key_equal(word a, word b);

/* The hash of a tuple or frozenset out of those of its items. */
struct fold {
    bool is_tuple;
    struct hash_key key;
    struct sip sip;
    uint64_t sum;
    uint64_t mix;
};

struct fold fold_start(struct hash_key key, const struct container *container, bool is_tuple);
void fold_add(struct fold *fold, uint64_t item_hash);
uint64_t fold_end(const struct fold *fold);

/* The shortest little-endian two's complement of an int64: 1 to 8 bytes. */
size_t int64_bytes(int64_t value, uint8_t out[8]);

/* Drops leading bytes that only repeat the sign; at least one byte stays if there was one. */
size_t int_minimal_size(const uint8_t *p, size_t size);

/* Value of up to 8 bytes; 0 for none. */
int64_t int64_from_bytes(const uint8_t *p, size_t size);

#endif
