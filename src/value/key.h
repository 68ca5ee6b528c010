/* SPDX-License-Identifier: MIT
 *
 * Hash and equality of single values as dict keys: Python's equality, under a secret key so that
 * nobody can make keys collide on purpose.  Numbers are equal by their exact value, whatever their
 * type; a NaN is equal to nothing.
 *
 * Values are light or heavy.  The hash and a comparison of light ones (numbers, short strings) take
 * a bounded time.  Heavy ones (long strings, huge ints, tuples, frozensets) do not: while decoding
 * they get a representative (intern.h), and a look-up in a finished document compares them without
 * recursion (find.c). */
#ifndef SPK_KEY_H
#define SPK_KEY_H

#include "value/word.h"

/* SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF") over 64-bit words. */
struct sip {
    uint64_t v0, v1, v2, v3;
};

struct hash_key {
    uint64_t words[2];
};

static inline struct hash_key hash_key_from(const uint8_t bytes[16]) {
    return (struct hash_key){{load_u64(bytes), load_u64(bytes + 8)}};
}

static inline uint64_t sip_rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s) {
    s->v0 += s->v1;
    s->v1 = sip_rotate(s->v1, 13) ^ s->v0;
    s->v0 = sip_rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = sip_rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = sip_rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = sip_rotate(s->v1, 17) ^ s->v2;
    s->v2 = sip_rotate(s->v2, 32);
}

/* Hashed with each value, so that values of different types do not hash alike. */
enum domain {
    DOMAIN_PLAIN, /* changes nothing: SipHash as it is published */
    DOMAIN_NONE,
    DOMAIN_INT64,
    DOMAIN_BYTES_INT,
    DOMAIN_FLOAT,
    DOMAIN_STR,
    DOMAIN_BYTES,
    DOMAIN_TUPLE,
    DOMAIN_SET,
    DOMAIN_UNIQUE
};

/* The domain is mixed in where SipHash with 128 bits of result mixes in a constant of its own. */
static inline struct sip sip_start(struct hash_key key, enum domain domain) {
    return (struct sip){key.words[0] ^ UINT64_C(0x736f6d6570736575),
                        key.words[1] ^ UINT64_C(0x646f72616e646f6d) ^ (uint64_t)domain,
                        key.words[0] ^ UINT64_C(0x6c7967656e657261),
                        key.words[1] ^ UINT64_C(0x7465646279746573)};
}

static inline void sip_add(struct sip *sip, uint64_t bits) {
    sip->v3 ^= bits;
    sip_round(sip);
    sip->v0 ^= bits;
}

/* The last 0 to 7 bytes of a string of this size, as a word. */
static inline uint64_t sip_tail(const uint8_t *p, size_t size) {
    size_t rest = size % 8;
    if (size >= 8) {
        return rest == 0 ? 0 : load_u64(p + size - 8) >> (64 - 8 * rest);
    }
    if (rest >= 4) {
        return load_u32(p) | (uint64_t)load_u32(p + rest - 4) << 8 * (rest - 4);
    }
    return rest == 0 ? 0
                     : (uint64_t)p[0] | (uint64_t)p[rest / 2] << 8 * (rest / 2) |
                           (uint64_t)p[rest - 1] << 8 * (rest - 1);
}

/* The last word holds the size as well (modulo 256), so that no two strings give the same words:
 *
 *    63    56 55                                          0
 *   +--------+---------------------------------------------+
 *   | size   | the last 0 to 7 bytes, and zeros (sip_tail) |
 *   +--------+---------------------------------------------+ */
static inline void sip_add_bytes(struct sip *sip, const uint8_t *p, size_t size) {
    for (size_t at = 0; size - at >= 8; at += 8) {
        sip_add(sip, load_u64(p + at));
    }
    sip_add(sip, (uint64_t)size << 56 | sip_tail(p, size));
}

static inline uint64_t sip_end(struct sip sip) {
    sip.v2 ^= 0xff;
    sip_round(&sip);
    sip_round(&sip);
    sip_round(&sip);
    return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}

/* The most bytes of a light str or bytes, and of a light int.  The largest float is an int of 129
 * bytes, so what is equal to a float is light. */
#define KEY_LIGHT_TEXT 64
#define KEY_LIGHT_INT 136

static inline uint64_t key_hash_bytes(struct hash_key key, enum domain domain, const uint8_t *p,
                                      size_t size) {
    struct sip sip = sip_start(key, domain);
    sip_add_bytes(&sip, p, size);
    return sip_end(sip);
}

static inline uint64_t key_hash_int(struct hash_key key, int64_t value) {
    struct sip sip = sip_start(key, DOMAIN_INT64);
    sip_add(&sip, (uint64_t)value);
    return sip_end(sip);
}

bool key_is_heavy(word w);

/* The hash of a light str or small int, which most keys are; false for others. */
static inline bool key_hash_common(struct hash_key key, word w, uint64_t *hash) {
    if (word_tag(w) == TAG_INT) {
        *hash = key_hash_int(key, word_int(w));
        return true;
    }
    if (word_tag(w) != TAG_STR) {
        return false;
    }
    struct counted counted = counted_of(word_form(w));
    if (counted.size > KEY_LIGHT_TEXT) {
        return false;
    }
    *hash = key_hash_bytes(key, DOMAIN_STR, counted.data, counted.size);
    return true;
}

/* Of a light value, and of a heavy one that is no container, in time proportional to its size. */
uint64_t key_hash(struct hash_key key, word w);

/* Of a str with these bytes. */
static inline uint64_t key_hash_str(struct hash_key key, const uint8_t *p, size_t size) {
    return key_hash_bytes(key, DOMAIN_STR, p, size);
}

/* Of two values that are no containers. */
bool key_equal(word a, word b);

/* The int64 that a number of any type is equal to; false if there is none. */
bool key_int64(word w, int64_t *value);

/* Makes the hash of a tuple or frozenset from the hashes of its items.  Those of a frozenset are
 * added up, because their order must not matter.  Without the key nobody can predict the sum, as
 * nobody can predict one of the hashes. */
struct fold {
    bool is_tuple;
    struct sip sip;
    uint64_t sum;
};

static inline struct fold fold_start(struct hash_key key, const struct container *container,
                                     bool is_tuple) {
    struct fold fold = {is_tuple, sip_start(key, is_tuple ? DOMAIN_TUPLE : DOMAIN_SET), 0};
    sip_add(&fold.sip, container_count(container));
    return fold;
}

static inline void fold_add(struct fold *fold, uint64_t item_hash) {
    if (fold->is_tuple) {
        sip_add(&fold->sip, item_hash);
    } else {
        fold->sum += item_hash;
    }
}

static inline uint64_t fold_end(const struct fold *fold) {
    struct sip sip = fold->sip;
    sip_add(&sip, fold->sum);
    return sip_end(sip);
}

#endif
