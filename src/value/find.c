/* SPDX-License-Identifier: MIT
 *
 * Look-up in a finished dict, set or frozenset, by a str or by any value, even one of another
 * document.  Writes nothing, allocates nothing and does not recurse: a key that can be found is at
 * most KEY_DEPTH_MAX deep.  Takes time in the order of the values in the key, times the logarithm
 * of their number where frozensets are nested in it. */
#include "base/entropy.h"
#include "value/index.h"

/* False for what is unhashable, or larger than the keys of any document can be. */
static bool may_be_key(word w) {
    if (word_tag(w) == TAG_BYTEARRAY) {
        return false;
    }
    if (!word_is_container(w)) {
        return true;
    }
    facts facts_of_key = word_container(w)->facts;
    return (facts_of_key & FACTS_UNHASHABLE) == 0 && facts_depth(facts_of_key) <= KEY_DEPTH_MAX &&
           facts_expansion(facts_of_key) <= KEY_EXPANSION_MAX;
}

struct hash_frame {
    const struct container *container;
    uint32_t at;
    struct fold fold;
};

static struct hash_frame hash_frame_start(struct hash_key key, word w) {
    const struct container *container = word_container(w);
    return (struct hash_frame){container, 0,
                               fold_start(key, container, word_node_kind(w) == NODE_TUPLE)};
}

/* The same hash as intern_hash makes, of a value for which may_be_key is true.  *holds_nan becomes
 * true if the value is a NaN or holds one at any depth. */
static uint64_t hash_of(struct hash_key key, word w, bool *holds_nan) {
    struct hash_frame frames[KEY_DEPTH_MAX];
    size_t depth = 0;
    if (!word_is_container(w)) {
        *holds_nan |= word_is_nan(w);
        return key_hash(key, w);
    }
    frames[depth++] = hash_frame_start(key, w);
    for (;;) {
        struct hash_frame *frame = &frames[depth - 1];
        if (frame->at < container_count(frame->container)) {
            word item = frame->container->items->words[frame->at++];
            if (!word_is_container(item)) {
                *holds_nan |= word_is_nan(item);
                fold_add(&frame->fold, key_hash(key, item));
            } else if (depth < KEY_DEPTH_MAX) {
                frames[depth++] = hash_frame_start(key, item);
            }
            continue;
        }
        uint64_t hash = fold_end(&frame->fold);
        if (--depth == 0) {
            return hash;
        }
        fold_add(&frames[depth - 1].fold, hash);
    }
}

/* The secret with which the hashes of a look-up are made: that of the container's index, or one of
 * the look-up's own. */
struct secret {
    struct hash_key key;
    bool is_known;
};

/* Without entropy two addresses must do: they differ from run to run. */
static struct hash_key key_of(struct secret *secret) {
    uint8_t bytes[ENTROPY_SIZE];
    if (!secret->is_known && entropy_get(bytes)) {
        secret->key = hash_key_from(bytes);
    } else if (!secret->is_known) {
        secret->key = (struct hash_key){{(uintptr_t)secret, (uintptr_t)&key_of}};
    }
    secret->is_known = true;
    return secret->key;
}

/* Two containers that are being compared.  Tuples are compared item by item.  Of frozensets each
 * member of "left" is looked for in "right", by its hash.
 *
 * To hash a member, everything in it is read.  If every member were hashed at each level, a value
 * below ninety nested frozensets would be read ninety times.  So the largest member of either side
 * is not hashed.  That of "left" comes last, when only one member of "right" is left to compare it
 * with.  That of "right" is compared once, with the first member of "left" that matches no other.
 * (If "right" has an index, its hashes are in there.)
 *
 *     {(1, 2), 3, {{{4}, 5}, 6}}    3 and (1, 2) are hashed, the rest is compared with what is left
 *
 * A member that is hashed is at most half of its set, so no value is read more often than the size
 * of the whole can be halved. */
struct match {
    word left;
    word right;
    uint32_t at; /* items or members compared so far */
    uint32_t largest; /* the position of the largest member of left, and of right */
    uint32_t largest_right;
    uint32_t next; /* the position in right to try next, if it has no index */
    uint32_t position; /* in right, of the member that is being compared */
    bool is_indexed; /* right has an index, with buckets or without */
    bool is_largest_tried;
    uint64_t matched; /* the sum of the positions in right that have been found */
    uint64_t hash; /* of the member of left that is looked for */
    struct candidates candidates;
    uint32_t hashes[INDEX_MIN]; /* 32 bits of the hash of each member of right, without index */
};

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_OPEN };

/* Compares what can be compared at once; ANSWER_OPEN for two containers of one kind and size. */
static enum answer compare_at_once(word a, word b) {
    if (!word_is_container(a) || !word_is_container(b)) {
        return !word_is_container(a) && !word_is_container(b) && key_equal(a, b) ? ANSWER_YES
                                                                                 : ANSWER_NO;
    }
    if (a == b) {
        return ANSWER_YES;
    }
    bool is_alike = word_node_kind(a) == word_node_kind(b) &&
                    container_count(word_container(a)) == container_count(word_container(b));
    return is_alike ? ANSWER_OPEN : ANSWER_NO;
}

static word word_at(word container, uint32_t position) {
    return word_container(container)->items->words[position];
}

/* The position of the member with the most values in it. */
static uint32_t find_largest(word set) {
    uint32_t largest = 0;
    uint64_t max = 0;
    for (uint32_t i = 0; i < container_count(word_container(set)); i++) {
        word member = word_at(set, i);
        uint64_t size =
            word_is_container(member) ? facts_expansion(word_container(member)->facts) : 1;
        if (size > max) {
            max = size;
            largest = i;
        }
    }
    return largest;
}

/* The position of the member of left that comes next; the largest one is kept for the end. */
static uint32_t position_in_left(const struct match *match) {
    uint32_t last = container_count(word_container(match->left)) - 1;
    return match->at == last            ? match->largest
           : match->at < match->largest ? match->at
                                        : match->at + 1;
}

static bool is_last(const struct match *match) {
    return match->at + 1 == container_count(word_container(match->left));
}

/* Begins to look for the next member of left. */
static void seek_member(struct match *match, struct secret *secret) {
    bool holds_nan = false;
    match->next = 0;
    if (!is_last(match)) {
        const struct container *right = word_container(match->right);
        word member = word_at(match->left, position_in_left(match));
        match->hash =
            hash_of(match->is_indexed ? index_key(right, 1) : key_of(secret), member, &holds_nan);
        match->candidates = candidates_start(right, 1, member, match->hash);
    }
}

static struct match match_start(word a, word b, struct secret *secret) {
    struct match match = {.left = a, .right = b};
    uint32_t count = container_count(word_container(a));
    if (word_node_kind(a) != NODE_FROZENSET || count == 0) {
        return match;
    }
    match.largest = find_largest(a);
    match.largest_right = find_largest(b);
    match.is_indexed = index_of(word_container(b), 1) != NULL;
    if (!match.is_indexed && count > 1) {
        bool holds_nan = false;
        for (uint32_t i = 0; i < count; i++) {
            match.hashes[i] = i == match.largest_right
                                  ? 0
                                  : (uint32_t)hash_of(key_of(secret), word_at(b, i), &holds_nan);
        }
    }
    seek_member(&match, secret);
    return match;
}

/* Finds the next position in right where the member may be; false if there is none. */
static bool next_position(struct match *match) {
    uint32_t count = container_count(word_container(match->right));
    if (is_last(match)) {
        match->position = (uint32_t)((uint64_t)count * (count - 1) / 2 - match->matched);
        return match->next++ == 0;
    }
    if (match->is_indexed) {
        return candidates_next(&match->candidates, &match->position);
    }
    while (match->next < count) {
        match->position = match->next++;
        if (match->position != match->largest_right &&
            match->hashes[match->position] == (uint32_t)match->hash) {
            return true;
        }
    }
    match->position = match->largest_right;
    bool was_tried = match->is_largest_tried;
    match->is_largest_tried = true;
    return !was_tried;
}

/* Finds the next two items to compare, and returns ANSWER_OPEN; if there are none, the answer. */
static enum answer next_items(struct match *match, word *a, word *b) {
    if (match->at == container_count(word_container(match->left))) {
        return ANSWER_YES;
    }
    if (word_node_kind(match->left) == NODE_TUPLE) {
        *a = word_at(match->left, match->at);
        *b = word_at(match->right, match->at);
        return ANSWER_OPEN;
    }
    if (!next_position(match)) {
        return ANSWER_NO;
    }
    *a = word_at(match->left, position_in_left(match));
    *b = word_at(match->right, match->position);
    return ANSWER_OPEN;
}

/* Takes in the answer about two items; ANSWER_OPEN if the match goes on. */
static enum answer take_answer(struct match *match, enum answer answer, struct secret *secret) {
    bool is_tuple = word_node_kind(match->left) == NODE_TUPLE;
    if (answer == ANSWER_NO) {
        return is_tuple ? ANSWER_NO : ANSWER_OPEN; /* the next position of a frozenset may do */
    }
    match->at++;
    if (!is_tuple && match->at < container_count(word_container(match->left))) {
        match->matched += match->position;
        seek_member(match, secret);
    }
    return ANSWER_OPEN;
}

static bool is_equal(word left, word right, struct secret *secret) {
    struct match matches[KEY_DEPTH_MAX];
    size_t depth = 0;
    enum answer answer = compare_at_once(left, right);
    if (answer == ANSWER_OPEN) {
        matches[depth++] = match_start(left, right, secret);
    }
    while (depth > 0) {
        struct match *match = &matches[depth - 1];
        word a = WORD_EMPTY;
        word b = WORD_EMPTY;
        if (answer != ANSWER_OPEN) {
            answer = take_answer(match, answer, secret);
        }
        if (answer == ANSWER_OPEN) {
            answer = next_items(match, &a, &b);
        }
        if (answer != ANSWER_OPEN) {
            depth--;
            continue;
        }
        answer = compare_at_once(a, b);
        if (answer == ANSWER_OPEN) {
            if (depth == KEY_DEPTH_MAX) {
                return false;
            }
            matches[depth++] = match_start(a, b, secret);
        }
    }
    return answer == ANSWER_YES;
}

static const spk_value *value_at(const struct container *container, size_t stride,
                                 uint32_t position) {
    return (const spk_value *)(const void *)(container->items->words + position * stride +
                                             (stride - 1));
}

const spk_value *spk_find(const spk_value *value, const spk_value *key) {
    spk_type type = spk_type_of(value);
    if ((type != SPK_DICT && type != SPK_SET && type != SPK_FROZENSET) || !key ||
        !may_be_key(key->word)) {
        return NULL;
    }
    const struct container *container = word_container(value->word);
    size_t stride = index_stride(value->word);
    const struct index *index = index_of(container, stride);
    struct secret secret = {index_key(container, stride), index && !index->is_sorted};
    bool holds_nan = false;
    uint64_t hash = hash_of(secret.key, key->word, &holds_nan);
    if (holds_nan) {
        return NULL;
    }
    struct candidates candidates = candidates_start(container, stride, key->word, hash);
    uint32_t position;
    while (candidates_next(&candidates, &position)) {
        if (is_equal(key->word, container->items->words[position * stride], &secret)) {
            return value_at(container, stride, position);
        }
    }
    return NULL;
}

static bool is_str(word w, const char *key, size_t size) {
    if (word_tag(w) != TAG_STR) {
        return false;
    }
    struct counted counted = counted_of(word_form(w));
    return counted.size == size && (size == 0 || memcmp(counted.data, key, size) == 0);
}

const spk_value *spk_find_str(const spk_value *dict, const char *key, size_t key_size) {
    if (spk_type_of(dict) != SPK_DICT || (!key && key_size > 0)) {
        return NULL;
    }
    const struct container *container = word_container(dict->word);
    uint64_t hash = 0;
    if (index_of(container, 2)) {
        hash = key_hash_str(index_key(container, 2), (const uint8_t *)key, key_size);
    }
    /* WORD_EMPTY is equal to no int, so no str is found among ints in order. */
    struct candidates candidates = candidates_start(container, 2, WORD_EMPTY, hash);
    uint32_t position;
    while (candidates_next(&candidates, &position)) {
        if (is_str(container->items->words[(size_t)position * 2], key, key_size)) {
            return value_at(container, 2, position);
        }
    }
    return NULL;
}
