/* SPDX-License-Identifier: MIT
 *
 * Which objects of a document stand at more than one place.  Containers and bytearrays count,
 * because it matters in Python whether two of them are one; and long str and bytes, because writing
 * each out where it stands would let a few bytes of pickle become any amount of text. */
#ifndef CLI_SHARING_H
#define CLI_SHARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <safepickle.h>

/* A str or bytes of up to so many bytes is written out at each of its places. */
#define SHORT_ATOM 64

struct shared {
    uint64_t id;     /* of spk_value_id; 0: the slot is free */
    bool is_shared;  /* else met once only */
    bool is_open;    /* for who walks: it is being written right now */
    uint32_t number; /* for who walks: 0 until one is given */
};

struct sharing {
    spk_allocator allocator;
    uint64_t secret[2]; /* decides where an id falls in the table: who wrote the pickle chose how
                           far apart they are */
    struct shared *slots; /* open addressing, at most half full */
    size_t capacity; /* 0 or a power of two */
    size_t count;
    uint64_t
        int_bytes; /* of all ints that do not fit 64 bits, at all places: they have no identity */
    bool failed;
};

/* Walks the document once.  False when there is no memory; free it in either case. */
bool sharing_find(struct sharing *sharing, const spk_allocator *allocator,
                  const spk_document *document);
void sharing_free(struct sharing *sharing);

/* Ints have no identity: a long one that is fetched from the memo again and again (no pickler does
 * that) would be written again and again.  True when that makes more than so many times the memory
 * of the document. */
#define INT_REPEAT 16
bool repeats_ints(const struct sharing *sharing, const spk_document *document);

/* The entry of an object that stands at more than one place; NULL for all others. */
struct shared *sharing_of(const struct sharing *sharing, const spk_value *value);

#endif
