/* SPDX-License-Identifier: MIT
 *
 * Two open-addressing tables of powers of two, at most half full: address to representative, and content to
 * representative.  A tuple, of which there may be millions, keeps the number of its representative itself. */
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

/* Where a tuple keeps the number of its representative, plus 1; NULL for other values, and for one without items. */
static uint32_t *kept_number(word value) {
    bool is_tuple = word_is_container(value) && word_node_kind(value) == NODE_TUPLE;
    return is_tuple && word_container(value)->items ? &word_container(value)->items->capacity : NULL;
}

/* False: not met yet. */
static bool find_number(const struct intern *intern, word value, uint32_t *number) {
    const uint32_t *kept = kept_number(value);
    if (kept) {
        *number = *kept != 0 ? *kept - 1 : 0;
        return *kept != 0;
    }
    const struct seen *slot = intern->seen_count > 0 ? seen_slot(intern, &intern->seen, value) : NULL;
    if (!slot || slot->value == 0) {
        return false;
    }
    *number = slot->number;
    return true;
}

/* Of a value that was met. */
static uint32_t number_of(const struct intern *intern, word value) {
    const uint32_t *kept = kept_number(value);
    return kept ? *kept - 1 : seen_slot(intern, &intern->seen, value)->number;
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
    uint32_t *kept = kept_number(value);
    if (kept) {
        *kept = number + 1;
        return true;
    }
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

static uint64_t hash_of_number(const struct intern *intern, uint32_t number) {
    const struct found *found = intern->found.items;
    return found[number].hash;
}

static uint64_t known_hash(const struct intern *intern, word w) {
    return key_is_heavy(w) ? hash_of_number(intern, number_of(intern, w)) : key_hash(intern->key, w);
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
        bool is_equal = item == other || /* what holds a NaN is not compared */
                        (word_node_kind(a) == NODE_TUPLE ? intern_equal(intern, item, other)
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

static void frame_add(struct frame *frame, uint64_t item_hash) {
    fold_add(&frame->fold, item_hash);
    frame->at++;
}

/* Of a container that was not met yet.  Keys are no deeper than KEY_DEPTH_MOST: links_store has judged that before. */
static bool represent_container(struct intern *intern, word w, uint64_t *hash) {
    struct frame frames[KEY_DEPTH_MOST];
    size_t depth = 0;
    frames[depth++] = frame_start(intern, w);
    for (;;) {
        struct frame *frame = &frames[depth - 1];
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
        } else if (depth < KEY_DEPTH_MOST) {
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
