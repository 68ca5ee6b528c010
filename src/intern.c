/* SPDX-License-Identifier: MIT
 *
 * Two open-addressing tables of powers of two, at most half full: address to representative, and content to
 * representative. */
#include "intern.h"

#include "index.h"

struct seen {
    word value; /* 0: free */
    uint32_t number;
};

struct found {
    uint64_t hash;
    word first;
};

struct intern intern_start(struct memory *memory, struct hash_key key) {
    return (struct intern){memory, key, {NULL, 0}, 0, {NULL, 0}, {NULL, 0}, 0};
}

void intern_clear(struct intern *intern) {
    array_free(intern->memory, &intern->seen, sizeof(struct seen));
    array_free(intern->memory, &intern->table, sizeof(uint32_t));
    array_free(intern->memory, &intern->found, sizeof(struct found));
    *intern = intern_start(intern->memory, intern->key);
}

/* ---- address to representative ---- */

/* Addresses are hashed with the secret key as well: in a borrowed buffer the pickle's author chooses them. */
static struct seen *seen_slot(const struct intern *intern, const struct array *table, word value) {
    struct seen *entries = table->items;
    struct sip sip = sip_start(intern->key, DOMAIN_ADDRESS);
    sip_add(&sip, value);
    size_t at = (size_t)sip_end(sip) & (table->capacity - 1);
    while (entries[at].value != 0 && entries[at].value != value) {
        at = (at + 1) & (table->capacity - 1);
    }
    return &entries[at];
}

static bool is_seen(const struct intern *intern, word value) {
    return intern->seen_count > 0 && seen_slot(intern, &intern->seen, value)->value != 0;
}

/* Of a value that is_seen. */
static uint32_t number_of(const struct intern *intern, word value) {
    return seen_slot(intern, &intern->seen, value)->number;
}

/* A table of twice the size, empty; the caller fills it and frees the old one. */
static bool double_table(struct memory *memory, const struct array *old, struct array *table, size_t item_size) {
    *table = (struct array){NULL, 0};
    size_t capacity = old->capacity > 0 ? old->capacity : 32;
    if (!multiply_size(capacity, 2, &capacity) || !array_reserve(memory, table, capacity, item_size)) {
        return false;
    }
    memset(table->items, 0, table->capacity * item_size);
    return true;
}

static bool add_seen(struct intern *intern, word value, uint32_t number) {
    if (intern->seen_count >= intern->seen.capacity / 2) {
        struct array larger;
        if (!double_table(intern->memory, &intern->seen, &larger, sizeof(struct seen))) {
            return false;
        }
        const struct seen *entries = intern->seen.items;
        for (size_t i = 0; i < intern->seen.capacity; i++) {
            if (entries[i].value != 0) {
                *seen_slot(intern, &larger, entries[i].value) = entries[i];
            }
        }
        array_free(intern->memory, &intern->seen, sizeof(struct seen));
        intern->seen = larger;
    }
    *seen_slot(intern, &intern->seen, value) = (struct seen){value, number};
    intern->seen_count++;
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

/* A hash of its own for what is equal to itself alone: else a million tuples that hold a NaN would collide. */
static uint64_t unique_hash(const struct intern *intern, uint64_t hash, uint32_t number) {
    struct sip sip = sip_start(intern->key, DOMAIN_UNIQUE);
    sip_add(&sip, hash);
    sip_add(&sip, number);
    return sip_end(sip);
}

/* A new representative; "unique" ones are not entered, so that nothing else will ever be equal to them. */
static bool add_found(struct intern *intern, word first, uint64_t hash, bool is_unique, uint32_t *number) {
    struct found *found = intern->found.items;
    if (intern->found_count >= intern->table.capacity / 2) {
        struct array larger;
        if (!double_table(intern->memory, &intern->table, &larger, sizeof(uint32_t))) {
            return false;
        }
        const uint32_t *entries = intern->table.items;
        for (size_t i = 0; entries && i < intern->table.capacity; i++) {
            if (entries[i] != 0) {
                enter_found(&larger, found[entries[i] - 1].hash, entries[i] - 1);
            }
        }
        array_free(intern->memory, &intern->table, sizeof(uint32_t));
        intern->table = larger;
    }
    if (intern->found_count == UINT32_MAX - 1) {
        intern->memory->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    if (!array_reserve(intern->memory, &intern->found, (size_t)intern->found_count + 1, sizeof(struct found))) {
        return false;
    }
    found = intern->found.items;
    *number = intern->found_count++;
    found[*number] = (struct found){is_unique ? unique_hash(intern, hash, *number) : hash, first};
    if (!is_unique) {
        enter_found(&intern->table, hash, *number);
    }
    return true;
}

static uint64_t known_hash(const struct intern *intern, word w) {
    const struct found *found = intern->found.items;
    return key_is_heavy(w) ? found[number_of(intern, w)].hash : key_hash(intern->key, w);
}

bool intern_equal(const struct intern *intern, word a, word b) {
    if (!key_is_heavy(a)) {
        return !key_is_heavy(b) && key_equal(a, b);
    }
    return a == b || (key_is_heavy(b) && number_of(intern, a) == number_of(intern, b));
}

static bool holds_member(const struct intern *intern, const struct container *set, word member) {
    struct candidates candidates = candidates_start(set, 1, known_hash(intern, member));
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
        bool is_equal = word_node_kind(a) == NODE_TUPLE ? intern_equal(intern, x->items->words[i], y->items->words[i])
                                                        : holds_member(intern, y, x->items->words[i]);
        if (!is_equal) {
            return false;
        }
    }
    return true;
}

/* Finds or makes the representative of a heavy value whose hash is known. */
static bool represent(struct intern *intern, word w, uint64_t hash, bool is_unique) {
    const uint32_t *table = intern->table.items;
    const struct found *found = intern->found.items;
    uint32_t number;
    if (table && !is_unique) {
        size_t at = (size_t)hash & (intern->table.capacity - 1);
        for (; table[at] != 0; at = (at + 1) & (intern->table.capacity - 1)) {
            number = table[at] - 1;
            if (found[number].hash == hash && is_same_content(intern, w, found[number].first)) {
                return add_seen(intern, w, number);
            }
        }
    }
    return add_found(intern, w, hash, is_unique, &number) && add_seen(intern, w, number);
}

/* Any heavy value but a container. */
static bool represent_text(struct intern *intern, word w) {
    return !key_is_heavy(w) || is_seen(intern, w) || represent(intern, w, key_hash(intern->key, w), false);
}

/* ---- tuples and frozensets ---- */

struct frame {
    word container;
    uint32_t at;
    bool holds_nan;
    struct fold fold;
};

static struct frame frame_start(const struct intern *intern, word w) {
    bool is_tuple = word_node_kind(w) == NODE_TUPLE;
    return (struct frame){w, 0, false, fold_start(intern->key, word_container(w), is_tuple)};
}

/* Keys are no deeper than KEY_DEPTH_MOST: links_store has judged that before. */
static bool represent_container(struct intern *intern, word w) {
    struct frame frames[KEY_DEPTH_MOST];
    size_t depth = 0;
    frames[depth++] = frame_start(intern, w);
    while (depth > 0) {
        struct frame *frame = &frames[depth - 1];
        const struct container *container = word_container(frame->container);
        if (frame->at == container_count(container)) {
            if (!represent(intern, frame->container, fold_end(&frame->fold), frame->holds_nan)) {
                return false;
            }
            depth--;
            continue;
        }
        word item = container->items->words[frame->at];
        if (word_is_container(item) && !is_seen(intern, item)) {
            if (depth == KEY_DEPTH_MOST) {
                intern->memory->failure = REASON_LIMIT_ALLOC;
                return false;
            }
            frames[depth++] = frame_start(intern, item);
            continue;
        }
        if (!word_is_container(item) && !represent_text(intern, item)) {
            return false;
        }
        fold_add(&frame->fold, known_hash(intern, item));
        frame->holds_nan |= word_is_nan(item);
        frame->at++;
    }
    return true;
}

bool intern_hash(struct intern *intern, word w, uint64_t *hash) {
    bool is_done = word_is_container(w) ? is_seen(intern, w) || represent_container(intern, w)
                                        : represent_text(intern, w);
    if (!is_done) {
        return false;
    }
    *hash = known_hash(intern, w);
    return true;
}
