/* SPDX-License-Identifier: MIT
 *
 * There are three ways, the cheapest first.  Most dicts have the very keys (the same objects) of an
 * earlier dict: then words are compared, and no keys.  If not, and up to INDEX_MIN entries, a few
 * bits of each key mostly show that all keys are different.  With more entries all keys are hashed
 * and entered in the index, unless an equal one is there; this goes by batches, so that the
 * processor can fetch the buckets of a whole batch at once. */
#include "value/keys.h"

#include "value/items.h"

void keys_start(struct keys *keys, struct memory *memory, struct hash_key key) {
    intern_start(&keys->intern, memory, key);
    memset((void *)keys->shapes, 0, sizeof keys->shapes);
    keys->taken_count = 0;
}

void keys_clear(struct keys *keys) {
    intern_clear(&keys->intern);
    while (keys->taken_count > 0) {
        keys->shapes[keys->taken[--keys->taken_count]] = NULL;
    }
}

/* A container that is being filled with entries whose keys are resolved; it has space for them. */
struct filling {
    struct container *container;
    size_t stride;
    struct index *index; /* NULL: none */
};

/* Adds an entry, or gives its value to the entry with an equal key.  "entry" may stand among the
 * items of the same container, where it will go or behind that. */
static inline void fill(const struct keys *keys, struct filling *filling, const word *entry,
                        uint64_t hash) {
    struct items *items = filling->container->items;
    size_t stride = filling->stride;
    struct candidates candidates = {NULL, hash, items->count, 0};
    bool is_nan = word_is_nan(entry[0]); /* no key is equal to it, and nobody will find it */
    uint32_t position;
    if (filling->index) {
        candidates = candidates_in(filling->index, hash);
    }
    while (!is_nan && candidates_next(&candidates, &position)) {
        word *known = items->words + position * stride;
        if (known[0] == entry[0] || intern_equal(&keys->intern, entry[0], known[0])) {
            known[stride - 1] = stride == 2 ? entry[1] : known[0];
            return;
        }
    }
    if (filling->index && !is_nan) {
        index_enter_missed(filling->index, &candidates, items->count);
    }
    word *place = items->words + items->count++ * stride;
    place[0] = entry[0];
    place[stride - 1] = entry[stride - 1];
}

/* ---- shapes ---- */

/* A pickler writes the text of a key once, and fetches it from the memo after that.  So the second
 * dict of [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}] has the key words of the first:
 *
 *   shapes[2]    id | 1 | name | Ann
 *   this dict    id | 2 | name | Bob    2 comparisons of words: the keys differ */

static const struct container *shape_of(const struct keys *keys, uint32_t count) {
    return keys->shapes[count % KEYS_SHAPES];
}

static void keep_shape(struct keys *keys, const struct container *dict) {
    size_t at = dict->items->count % KEYS_SHAPES;
    if (!keys->shapes[at]) {
        keys->taken[keys->taken_count++] = (uint8_t)at;
    }
    keys->shapes[at] = dict;
}

static bool has_keys_of(const struct container *dict, const struct container *shape) {
    if (!shape || shape->items->count != dict->items->count) {
        return false;
    }
    const word *known = shape->items->words;
    const word *words = dict->items->words;
    const word *const end = words + (size_t)dict->items->count * 2;
    for (; words < end; words += 2, known += 2) {
        if (*words != *known) {
            return false;
        }
    }
    return true;
}

/* If the dict has the very keys of its shape, they all differ, and the two can share an index. */
static bool take_shape(struct keys *keys, struct container *dict) {
    const struct container *shape = shape_of(keys, dict->items->count);
    if (!has_keys_of(dict, shape)) {
        return false;
    }
    struct index *index = index_of(shape, 2);
    if (index) {
        if (!index_has_place(dict->items->capacity)) {
            return false;
        }
        index->is_shared = true;
        index_set(dict, 2, index);
    }
    return true;
}

/* ---- few ---- */

/* A few bits that are the same for equal keys, so that keys of different digests are different.
 * False where that is not easily said: a float or a bool may be equal to an int.
 *
 *    31       24 23        16 15       8 7        0
 *   +-----------+------------+----------+----------+
 *   | first     | middle     | last     | size     |    "name": n m e 4    "id": i d d 2
 *   +-----------+------------+----------+----------+    (a larger size reaches into the bytes) */
static inline bool digest_of(word key, uint32_t *digest) {
    uint64_t tag = key >> 48;
    if (UNLIKELY(tag != TAG_STR && tag != TAG_BYTES)) {
        *digest = (uint32_t)(key ^ key >> 32);
        return tag == TAG_INT; /* floats and bools may be equal to ints */
    }
    struct counted counted = counted_of(word_form(key));
    size_t size = counted.size;
    *digest = (uint32_t)size;
    if (size > 0) {
        *digest += (uint32_t)counted.data[0] << 24 ^ (uint32_t)counted.data[size / 2] << 16 ^
                   (uint32_t)counted.data[size - 1] << 8;
    }
    return true;
}

/* True if the digests of all keys are different, and so the keys. */
static bool all_differ(const struct container *container, size_t stride) {
    uint32_t digests[INDEX_MIN];
    const word *key = container->items->words;
    size_t count = container->items->count;
    uint64_t met = 0; /* a bit for each digest; different digests may share one */
    for (size_t i = 0; i < count; i++, key += stride) {
        uint32_t digest;
        if (!digest_of(*key, &digest)) {
            return false;
        }
        digests[i] = digest;
        uint64_t bit = UINT64_C(1) << ((digest * UINT64_C(0x9e3779b1) >> 26) & 63);
        if (UNLIKELY((met & bit) != 0)) {
            for (size_t j = 0; j < i; j++) {
                if (digests[j] == digest) {
                    return false;
                }
            }
        }
        met |= bit;
    }
    return true;
}

static bool resolve_few(struct keys *keys, struct container *container, size_t stride) {
    if (all_differ(container, stride)) {
        return true;
    }
    struct filling filling = {container, stride, NULL};
    uint32_t count = container->items->count;
    container->items->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const word *entry = container->items->words + i * stride;
        uint64_t hash = 0;
        if (key_is_heavy(entry[0]) && !intern_hash(&keys->intern, entry[0], &hash)) {
            return false;
        }
        fill(keys, &filling, entry, hash);
    }
    return true;
}

/* ---- many ---- */

#define BATCH 32

static bool make_index(struct keys *keys, struct arena *arena, size_t entries,
                       struct index **index) {
    size_t size;
    if (!index_size(entries, &size)) {
        arena->memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    *index = arena_node(arena, size);
    if (*index) {
        index_clear(*index, entries, keys->intern.key);
    }
    return *index != NULL;
}

/* Enters "count" entries from "entry" on.  They may stand in the same container, behind what has
 * been entered so far. */
static bool fill_many(struct keys *keys, struct filling *filling, const word *entry, size_t count) {
    uint64_t hashes[BATCH];
    size_t stride = filling->stride;
    while (count > 0) {
        size_t batch = count < BATCH ? count : BATCH;
        for (size_t i = 0; i < batch; i++) {
            word key = entry[i * stride];
            if (!key_hash_common(keys->intern.key, key, &hashes[i]) &&
                !intern_hash(&keys->intern, key, &hashes[i])) {
                return false;
            }
            index_expect(filling->index, hashes[i]);
        }
        for (size_t i = 0; i < batch; i++) {
            fill(keys, filling, entry + i * stride, hashes[i]);
        }
        entry += batch * stride;
        count -= batch;
    }
    return true;
}

/* True if all keys are ints in ascending order, and so different. */
static bool are_ascending(const struct container *container, size_t stride) {
    const word *key = container->items->words;
    const word *const end = key + (size_t)container->items->count * stride;
    for (const word *next = key + stride; next < end; key = next, next += stride) {
        if (word_tag(*key) != TAG_INT || word_tag(*next) != TAG_INT ||
            word_int(*key) >= word_int(*next)) {
            return false;
        }
    }
    return true;
}

static bool set_sorted(struct arena *arena, struct container *container, size_t stride) {
    struct index *index = arena_node(arena, sizeof *index);
    if (!index) {
        return false;
    }
    index_set_sorted(index);
    index_set(container, stride, index);
    return true;
}

static bool resolve_many(struct keys *keys, struct arena *arena, struct container *container,
                         size_t stride) {
    struct filling filling = {container, stride, NULL};
    uint32_t count = container->items->count;
    if (are_ascending(container, stride)) {
        return set_sorted(arena, container, stride);
    }
    if (!make_index(keys, arena, count, &filling.index)) {
        return false;
    }
    container->items->count = 0;
    if (!fill_many(keys, &filling, container->items->words, count)) {
        return false;
    }
    index_set(container, stride, filling.index);
    return true;
}

bool keys_resolve(struct keys *keys, struct arena *arena, word target) {
    struct container *container = word_container(target);
    size_t stride = index_stride(target);
    if (stride == 2 && take_shape(keys, container)) {
        return true;
    }
    bool is_done = container->items->count <= INDEX_MIN
                       ? resolve_few(keys, container, stride)
                       : resolve_many(keys, arena, container, stride);
    if (stride == 2) {
        keep_shape(keys, container);
    }
    return is_done;
}

/* ---- one by one ---- */

/* Makes an index that no other dict shares, for twice the entries that are there. */
static bool renew_index(struct keys *keys, struct arena *arena, struct filling *filling) {
    struct container *container = filling->container;
    uint32_t count = container->items->count;
    if (!make_index(keys, arena, (size_t)count * 2, &filling->index)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        word key = container->items->words[i * filling->stride];
        uint64_t hash;
        if (word_is_nan(key)) {
            continue;
        }
        if (!intern_hash(&keys->intern, key, &hash)) {
            return false;
        }
        index_enter(filling->index, hash, i);
    }
    index_set(container, filling->stride, filling->index);
    return true;
}

/* Without an index new keys are compared with all others, which intern_hash must have seen. */
static bool meet_all(struct keys *keys, const struct filling *filling) {
    uint64_t hash;
    for (uint32_t i = 0; !filling->index && i < container_count(filling->container); i++) {
        if (!intern_hash(&keys->intern, filling->container->items->words[i * filling->stride],
                         &hash)) {
            return false;
        }
    }
    return true;
}

bool keys_add(struct keys *keys, struct arena *arena, word target, const word *items,
              size_t count) {
    struct container *container = word_container(target);
    struct filling filling = {container, index_stride(target),
                              index_of(container, index_stride(target))};
    if (!meet_all(keys, &filling)) {
        return false;
    }
    for (size_t i = 0; i < count; i += filling.stride) {
        uint64_t hash;
        if (!items_reserve(arena, target, (size_t)container_count(container) + 1) ||
            !intern_hash(&keys->intern, items[i], &hash)) {
            return false;
        }
        bool is_due = filling.index ? filling.index->is_shared || index_is_full(filling.index)
                                    : container->items->count >= INDEX_MIN;
        if (is_due && !renew_index(keys, arena, &filling)) {
            return false;
        }
        fill(keys, &filling, &items[i], hash);
    }
    return true;
}
