/* SPDX-License-Identifier: MIT
 *
 * Look-up in a finished dict, set or frozenset, by a str and by any value, which may come from another document.  Writes
 * nothing, allocates nothing and does not recurse: a key that could be found is at most KEY_DEPTH_MOST deep. */
#include "index.h"

/* False for what can be no key, or could not be one of any document. */
static bool may_be_key(word w) {
    if (word_tag(w) == TAG_BYTEARRAY) {
        return false;
    }
    if (!word_is_container(w)) {
        return true;
    }
    facts facts_of_key = word_container(w)->facts;
    return (facts_of_key & FACTS_UNHASHABLE) == 0 && facts_depth(facts_of_key) <= KEY_DEPTH_MOST &&
           facts_expansion(facts_of_key) <= KEY_EXPANSION_MOST;
}

struct hash_frame {
    const struct container *container;
    uint32_t at;
    struct fold fold;
};

static struct hash_frame hash_frame(struct hash_key key, word w) {
    const struct container *container = word_container(w);
    return (struct hash_frame){container, 0, fold_start(key, container, word_node_kind(w) == NODE_TUPLE)};
}

/* The hash that intern_hash gives, of a value that may_be_key; *holds_nan if it is a NaN or holds one at any depth. */
static uint64_t hash_of(struct hash_key key, word w, bool *holds_nan) {
    struct hash_frame frames[KEY_DEPTH_MOST];
    size_t depth = 0;
    if (!word_is_container(w)) {
        *holds_nan |= word_is_nan(w);
        return key_hash(key, w);
    }
    frames[depth++] = hash_frame(key, w);
    for (;;) {
        struct hash_frame *frame = &frames[depth - 1];
        if (frame->at < container_count(frame->container)) {
            word item = frame->container->items->words[frame->at++];
            if (!word_is_container(item)) {
                *holds_nan |= word_is_nan(item);
                fold_add(&frame->fold, key_hash(key, item));
            } else if (depth < KEY_DEPTH_MOST) {
                frames[depth++] = hash_frame(key, item);
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

/* Two containers being compared; of frozensets, one member of "left" against the candidates in "right". */
struct pair {
    word left;
    word right;
    uint32_t at;
    struct candidates candidates;
};

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_OPEN };

/* Compares what needs no frame; two containers of the same kind and size do. */
static enum answer compare_at_once(word a, word b) {
    if (!word_is_container(a) || !word_is_container(b)) {
        return !word_is_container(a) && !word_is_container(b) && key_equal(a, b) ? ANSWER_YES : ANSWER_NO;
    }
    if (a == b) {
        return ANSWER_YES;
    }
    bool is_alike = word_node_kind(a) == word_node_kind(b) &&
                    container_count(word_container(a)) == container_count(word_container(b));
    return is_alike ? ANSWER_OPEN : ANSWER_NO;
}

static struct candidates candidates_for(word member, const struct container *set) {
    bool holds_nan = false;
    return candidates_start(set, 1, member, hash_of(index_key(set, 1), member, &holds_nan));
}

/* The next candidate worth a comparison: without an index the hashes tell, so that deep ones are not compared in vain. */
static bool next_candidate(struct pair *pair, word member, word *candidate) {
    const struct container *set = word_container(pair->right);
    uint32_t position;
    while (candidates_next(&pair->candidates, &position)) {
        bool holds_nan = false;
        *candidate = set->items->words[position];
        if (pair->candidates.index || !word_is_container(member) || !word_is_container(*candidate) ||
            hash_of(index_key(set, 1), *candidate, &holds_nan) == pair->candidates.hash) {
            return true;
        }
    }
    return false;
}

static struct pair pair_start(word a, word b) {
    struct pair pair = {a, b, 0, {NULL, 0, 0, 0}};
    if (word_node_kind(a) == NODE_FROZENSET && container_count(word_container(a)) > 0) {
        pair.candidates = candidates_for(word_container(a)->items->words[0], word_container(b));
    }
    return pair;
}

/* The next two items to compare; ANSWER_OPEN if there are some, else the answer about the pair. */
static enum answer next_items(struct pair *pair, word *a, word *b) {
    const struct container *left = word_container(pair->left);
    if (pair->at == container_count(left)) {
        return ANSWER_YES;
    }
    *a = left->items->words[pair->at];
    if (word_node_kind(pair->left) == NODE_TUPLE) {
        *b = word_container(pair->right)->items->words[pair->at];
        return ANSWER_OPEN;
    }
    return next_candidate(pair, *a, b) ? ANSWER_OPEN : ANSWER_NO;
}

/* Takes the answer about two items into the pair; ANSWER_OPEN if it goes on. */
static enum answer take_answer(struct pair *pair, enum answer answer) {
    bool is_tuple = word_node_kind(pair->left) == NODE_TUPLE;
    if (answer == ANSWER_NO) {
        return is_tuple ? ANSWER_NO : ANSWER_OPEN; /* of a frozenset the next candidate may do */
    }
    const struct container *left = word_container(pair->left);
    pair->at++;
    if (!is_tuple && pair->at < container_count(left)) {
        pair->candidates = candidates_for(left->items->words[pair->at], word_container(pair->right));
    }
    return ANSWER_OPEN;
}

static bool is_equal(word left, word right) {
    struct pair pairs[KEY_DEPTH_MOST];
    size_t depth = 0;
    enum answer answer = compare_at_once(left, right);
    if (answer == ANSWER_OPEN) {
        pairs[depth++] = pair_start(left, right);
    }
    while (depth > 0) {
        struct pair *pair = &pairs[depth - 1];
        word a = WORD_EMPTY;
        word b = WORD_EMPTY;
        if (answer != ANSWER_OPEN) {
            answer = take_answer(pair, answer);
        }
        if (answer == ANSWER_OPEN) {
            answer = next_items(pair, &a, &b);
        }
        if (answer != ANSWER_OPEN) {
            depth--;
            continue;
        }
        answer = compare_at_once(a, b);
        if (answer == ANSWER_OPEN) {
            if (depth == KEY_DEPTH_MOST) {
                return false;
            }
            pairs[depth++] = pair_start(a, b);
        }
    }
    return answer == ANSWER_YES;
}

static const spk_value *value_at(const struct container *container, size_t stride, uint32_t position) {
    return (const spk_value *)(const void *)(container->items->words + position * stride + (stride - 1));
}

const spk_value *spk_find(const spk_value *value, const spk_value *key) {
    spk_type type = spk_type_of(value);
    if ((type != SPK_DICT && type != SPK_SET && type != SPK_FROZENSET) || !key || !may_be_key(key->word)) {
        return NULL;
    }
    const struct container *container = word_container(value->word);
    size_t stride = index_stride(value->word);
    bool holds_nan = false;
    uint64_t hash = hash_of(index_key(container, stride), key->word, &holds_nan);
    if (holds_nan) {
        return NULL;
    }
    struct candidates candidates = candidates_start(container, stride, key->word, hash);
    uint32_t position;
    while (candidates_next(&candidates, &position)) {
        if (is_equal(key->word, container->items->words[position * stride])) {
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
    struct candidates candidates = candidates_start(container, 2, WORD_EMPTY, hash); /* equal to no int */
    uint32_t position;
    while (candidates_next(&candidates, &position)) {
        if (is_str(container->items->words[(size_t)position * 2], key, key_size)) {
            return value_at(container, 2, position);
        }
    }
    return NULL;
}
