/* SPDX-License-Identifier: MIT
 *
 * Open addressing with linear probing.  A quarter of the buckets stays free, so every walk ends.
 * Ints in ascending order, as ids often are, need no buckets: they are searched by halves. */
#include "value/index.h"

bool index_items_size(uint32_t capacity, size_t stride, size_t *size) {
    size_t words;
    return multiply_size(capacity, stride, &words) &&
           add_size(words, index_has_place(capacity), &words) &&
           multiply_size(words, sizeof(word), size) && add_size(*size, sizeof(struct items), size);
}

/* The power of two of which this number of entries is at most three quarters; 0 if it is more than
 * a bucket can hold. */
static uint32_t bucket_count(size_t entries) {
    uint32_t buckets = 2 * INDEX_MIN;
    while (buckets - buckets / 4 < entries) {
        if (buckets > UINT32_MAX / 2) {
            return 0;
        }
        buckets *= 2;
    }
    return buckets;
}

bool index_size(size_t entries, size_t *size) {
    size_t buckets = bucket_count(entries);
    return buckets > 0 && multiply_size(buckets, sizeof(uint32_t), size) &&
           add_size(*size, sizeof(struct index), size);
}

void index_clear(struct index *index, size_t entries, struct hash_key key) {
    uint32_t buckets = bucket_count(entries);
    index->key = key;
    index->mask = buckets - 1;
    index->used = 0;
    index->is_shared = false;
    index->is_sorted = false;
    memset(index->buckets, 0, (size_t)buckets * sizeof(uint32_t));
}

struct hash_key index_key(const struct container *container, size_t stride) {
    const struct index *index = index_of(container, stride);
    return index ? index->key : (struct hash_key){{0, 0}};
}

void index_enter(struct index *index, uint64_t hash, uint32_t position) {
    uint32_t at = (uint32_t)hash & index->mask;
    while (index->buckets[at] != 0) {
        at = (at + 1) & index->mask;
    }
    index_enter_at(index, at, hash, position);
}

void index_set_sorted(struct index *index) {
    *index = (struct index){.is_shared = true, .is_sorted = true};
}

/* A walk over the one position that may hold a key, or over none if the key is equal to no int. */
static struct candidates candidates_sorted(const struct container *container, size_t stride,
                                           word key) {
    uint32_t from = 0;
    uint32_t to = container_count(container);
    int64_t wanted;
    if (!key_int64(key, &wanted)) {
        return (struct candidates){NULL, 0, 0, 0};
    }
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (word_int(container->items->words[middle * stride]) < wanted) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return (struct candidates){NULL, 0, from < container_count(container) ? from + 1 : 0, from};
}

struct candidates candidates_start(const struct container *container, size_t stride, word key,
                                   uint64_t hash) {
    const struct index *index = index_of(container, stride);
    if (!index) {
        return (struct candidates){NULL, hash, container_count(container), 0};
    }
    return index->is_sorted ? candidates_sorted(container, stride, key)
                            : candidates_in(index, hash);
}
