/* SPDX-License-Identifier: MIT
 *
 * Two tables: from address to representative that of identity.h, and from content to representative
 * one with open addressing, whose size is a power of two and which is at most half full.  A tuple
 * keeps the number of its representative itself, because there may be millions of tuples. */
#include "value/intern.h"

#include "value/index.h"

struct found {
    uint64_t hash;
    word first;
};

void intern_start(struct intern *intern, struct memory *memory, struct hash_key key) {
    intern->memory = memory;
    intern->key = key;
    identities_start(&intern->seen, memory, &key);
    intern->table = (struct array){NULL, 0};
    intern->found = (struct array){NULL, 0};
    intern->found_count = 0;
}

void intern_forget(struct intern *intern) {
    identities_free(&intern->seen);
    array_free(intern->memory, &intern->table, sizeof(uint32_t));
    array_free(intern->memory, &intern->found, sizeof(struct found));
    intern_start(intern, intern->memory, intern->key);
}

/* ---- address to representative ---- */

/* Where a tuple keeps the number of its representative, plus 1; NULL for other values, and for one
 * without items. */
static uint32_t *kept_number(word value) {
    bool is_tuple = word_is_container(value) && word_node_kind(value) == NODE_TUPLE;
    return is_tuple && word_container(value)->items ? &word_container(value)->items->capacity
                                                    : NULL;
}

/* The number of the representative of a value; false if it was not met yet. */
static bool find_number(const struct intern *intern, word value, uint32_t *number) {
    const uint32_t *kept = kept_number(value);
    if (kept) {
        *number = *kept != 0 ? *kept - 1 : 0;
        return *kept != 0;
    }
    uint64_t index = 0;
    bool is_met = identities_find(&intern->seen, value, &index);
    *number = (uint32_t)index;
    return is_met;
}

/* The same, of a value that was met. */
static uint32_t number_of(const struct intern *intern, word value) {
    const uint32_t *kept = kept_number(value);
    uint64_t index = 0;
    if (kept) {
        return *kept - 1;
    }
    (void)identities_find(&intern->seen, value, &index);
    return (uint32_t)index;
}

static bool add_seen(struct intern *intern, word value, uint32_t number) {
    uint32_t *kept = kept_number(value);
    if (kept) {
        *kept = number + 1;
        return true;
    }
    if (!identities_reserve(&intern->seen)) {
        return false;
    }
    identities_enter(&intern->seen, identities_bucket(&intern->seen, value), value, number);
    return true;
}

/* ---- content to representative ---- */

static void enter_found(struct array *table, uint64_t hash, uint32_t number) {
    uint32_t *entries = table->items;
    size_t at = (size_t)hash & (table->capacity - 1);
    while (entries[at] != 0) {
        at = (at + 1) & (table->capacity - 1);
    }
    entries[at] = number + 1;
}

/* Doubles the table of contents. */
static bool grow_table(struct intern *intern) {
    const struct found *found = intern->found.items;
    struct array larger = {NULL, 0};
    size_t capacity = intern->table.capacity > 0 ? intern->table.capacity : 32;
    if (!multiply_size(capacity, 2, &capacity) ||
        !array_reserve(intern->memory, &larger, capacity, sizeof(uint32_t))) {
        return false;
    }
    memset(larger.items, 0, larger.capacity * sizeof(uint32_t));
    const uint32_t *entries = intern->table.items;
    for (size_t i = 0; entries && i < intern->table.capacity; i++) {
        if (entries[i] != 0) {
            enter_found(&larger, found[entries[i] - 1].hash, entries[i] - 1);
        }
    }
    array_free(intern->memory, &intern->table, sizeof(uint32_t));
    intern->table = larger;
    return true;
}

/* What holds a NaN is equal to itself alone, and gets a hash of its own: else a million tuples that
 * hold a NaN would collide. */
static uint64_t unique_hash(const struct intern *intern, uint64_t hash, uint32_t number) {
    struct sip sip = sip_start(intern->key, DOMAIN_UNIQUE);
    sip_add(&sip, hash);
    sip_add(&sip, number);
    return sip_end(sip);
}

/* Makes a new representative.  If "is_unique" it is not entered in the table of contents, so that
 * nothing else will ever be equal to it. */
static bool add_found(struct intern *intern, word first, uint64_t hash, bool is_unique,
                      uint32_t *number) {
    if (intern->found_count >= intern->table.capacity / 2 && !grow_table(intern)) {
        return false;
    }
    if (intern->found_count == UINT32_MAX - 1) {
        intern->memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    if (!array_reserve(intern->memory, &intern->found, (size_t)intern->found_count + 1,
                       sizeof(struct found))) {
        return false;
    }
    struct found *found = intern->found.items;
    *number = intern->found_count++;
    found[*number] = (struct found){is_unique ? unique_hash(intern, hash, *number) : hash, first};
    if (!is_unique) {
        enter_found(&intern->table, hash, *number);
    }
    return true;
}

static uint64_t hash_of_number(const struct intern *intern, uint32_t number) {
    const struct found *found = intern->found.items;
    return found[number].hash;
}

static uint64_t known_hash(const struct intern *intern, word w) {
    return key_is_heavy(w) ? hash_of_number(intern, number_of(intern, w))
                           : key_hash(intern->key, w);
}

bool intern_equal(const struct intern *intern, word a, word b) {
    if (!key_is_heavy(a)) {
        return !key_is_heavy(b) && key_equal(a, b);
    }
    return a == b || (key_is_heavy(b) && number_of(intern, a) == number_of(intern, b));
}

static bool holds_member(const struct intern *intern, const struct container *set, word member) {
    struct candidates candidates = candidates_start(set, 1, member, known_hash(intern, member));
    uint32_t position;
    while (candidates_next(&candidates, &position)) {
        if (intern_equal(intern, member, set->items->words[position])) {
            return true;
        }
    }
    return false;
}

/* Equality of two heavy values of the same hash; the items of containers have representatives. */
static bool is_same_content(const struct intern *intern, word a, word b) {
    if (!word_is_container(a) || !word_is_container(b)) {
        return !word_is_container(a) && !word_is_container(b) && key_equal(a, b);
    }
    const struct container *x = word_container(a);
    const struct container *y = word_container(b);
    if (word_node_kind(a) != word_node_kind(b) || container_count(x) != container_count(y)) {
        return false;
    }
    for (uint32_t i = 0; i < container_count(x); i++) {
        word item = x->items->words[i];
        word other = y->items->words[i];
        /* Two NaNs may be the same word, but what has one as an item never comes here. */
        bool is_equal =
            item == other || (word_node_kind(a) == NODE_TUPLE ? intern_equal(intern, item, other)
                                                              : holds_member(intern, y, item));
        if (!is_equal) {
            return false;
        }
    }
    return true;
}

/* Finds or makes the representative of a heavy value, and gives its hash. */
static bool represent(struct intern *intern, word w, bool is_unique, uint64_t *hash) {
    const uint32_t *table = intern->table.items;
    const struct found *found = intern->found.items;
    uint32_t number;
    if (table && !is_unique) {
        size_t at = (size_t)*hash & (intern->table.capacity - 1);
        for (; table[at] != 0; at = (at + 1) & (intern->table.capacity - 1)) {
            number = table[at] - 1;
            if (found[number].hash == *hash && is_same_content(intern, w, found[number].first)) {
                return add_seen(intern, w, number);
            }
        }
    }
    if (!add_found(intern, w, *hash, is_unique, &number) || !add_seen(intern, w, number)) {
        return false;
    }
    *hash = hash_of_number(intern, number);
    return true;
}

/* The hash of any value but a container. */
static bool hash_of_atom(struct intern *intern, word w, uint64_t *hash) {
    if (key_hash_common(intern->key, w, hash)) {
        return true;
    }
    uint32_t number;
    bool is_heavy = key_is_heavy(w);
    bool is_met = is_heavy && find_number(intern, w, &number);
    *hash = is_met ? hash_of_number(intern, number) : key_hash(intern->key, w);
    return is_met || !is_heavy || represent(intern, w, false, hash);
}

/* ---- tuples and frozensets ---- */

struct fold_frame {
    word container;
    uint32_t at;
    bool holds_nan;
    struct fold fold;
};

static struct fold_frame frame_start(const struct intern *intern, word w) {
    bool is_tuple = word_node_kind(w) == NODE_TUPLE;
    return (struct fold_frame){w, 0, false, fold_start(intern->key, word_container(w), is_tuple)};
}

static void frame_add(struct fold_frame *frame, uint64_t item_hash) {
    fold_add(&frame->fold, item_hash);
    frame->at++;
}

/* Finds or makes the representative of a container that was not met yet, after those of all its
 * items.  Keys are no deeper than KEY_DEPTH_MAX: links_store has judged that before. */
static bool represent_container(struct intern *intern, word w, uint64_t *hash) {
    struct fold_frame frames[KEY_DEPTH_MAX];
    size_t depth = 0;
    frames[depth++] = frame_start(intern, w);
    for (;;) {
        struct fold_frame *frame = &frames[depth - 1];
        const struct container *container = word_container(frame->container);
        if (frame->at == container_count(container)) {
            *hash = fold_end(&frame->fold);
            if (!represent(intern, frame->container, frame->holds_nan, hash)) {
                return false;
            }
            if (--depth == 0) {
                return true;
            }
            frame_add(&frames[depth - 1], *hash);
            continue;
        }
        word item = container->items->words[frame->at];
        uint32_t number;
        if (word_is_container(item) && find_number(intern, item, &number)) {
            *hash = hash_of_number(intern, number);
        } else if (!word_is_container(item)) {
            if (!hash_of_atom(intern, item, hash)) {
                return false;
            }
            frame->holds_nan |= word_is_nan(item);
        } else if (depth < KEY_DEPTH_MAX) {
            frames[depth++] = frame_start(intern, item);
            continue;
        } else {
            intern->memory->failure = REASON_LIMIT_ALLOC;
            return false;
        }
        frame_add(frame, *hash);
    }
}

bool intern_hash(struct intern *intern, word w, uint64_t *hash) {
    if (!word_is_container(w)) {
        return hash_of_atom(intern, w, hash);
    }
    uint32_t number;
    if (!find_number(intern, w, &number)) {
        return represent_container(intern, w, hash);
    }
    *hash = hash_of_number(intern, number);
    return true;
}
