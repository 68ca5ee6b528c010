/* SPDX-License-Identifier: MIT
 *
 * The secret under which keys are hashed: it is the caller's, all of it, or else random for each
 * decoder, and hashes depend on it.  No answer shows which one was used (check_decoder.c), so these
 * look at the index inside a document. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "value/index.h"
#include "support.h"
#include "value/builder.h"

#define ENTRIES 400

/* A dict with an index, decoded under a hash key or, for NULL, under none. */
static spk_document *decode_under(const uint8_t *hash_key) {
    struct buffer pickle = {NULL, 0, 0};
    spk_options options = SPK_OPTIONS_INIT;
    options.hash_key = hash_key;
    BUFFER_ADD(&pickle, "}(");
    for (unsigned i = 0; i < ENTRIES; i++) {
        buffer_print(&pickle, "Vkey %u\nN", i);
    }
    BUFFER_ADD(&pickle, "u.");
    spk_document *document = spk_decode(pickle.data, pickle.size, &options, NULL);
    buffer_free(&pickle);
    return document;
}

static const struct index *index_in(const spk_document *document) {
    const spk_value *root = spk_document_root(document);
    return root ? index_of(word_container(root->word), 2) : NULL;
}

static bool is_alike(const struct index *a, const struct index *b) {
    return a->mask == b->mask &&
           memcmp(a->buckets, b->buckets, ((size_t)a->mask + 1) * sizeof a->buckets[0]) == 0;
}

/* Each of the 16 bytes of the caller's key changes where the keys stand; the same key puts them
 * where they were. */
static void every_byte_of_the_key(void) {
    uint8_t hash_key[16] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
    spk_document *first = decode_under(hash_key);
    spk_document *again = decode_under(hash_key);
    REQUIRE(index_in(first) && index_in(again));
    CHECK(is_alike(index_in(first), index_in(again)));
    CHECK_U64(index_in(first)->key.words[0], load_u64(hash_key));
    CHECK_U64(index_in(first)->key.words[1], load_u64(hash_key + 8));
    for (size_t i = 0; i < sizeof hash_key; i++) {
        hash_key[i] ^= 0x80;
        spk_document *other = decode_under(hash_key);
        CHECK_NOTE(index_in(other) && !is_alike(index_in(first), index_in(other)), "byte %zu", i);
        spk_document_free(other);
        hash_key[i] ^= 0x80;
    }
    spk_document_free(first);
    spk_document_free(again);
    COVERED(sizeof hash_key);
}

/* Without a key of the caller's each decoder has its own, both halves of it. */
static void random_without_one(void) {
    enum { DECODERS = 8 };
    spk_document *documents[DECODERS];
    for (size_t i = 0; i < DECODERS; i++) {
        documents[i] = decode_under(NULL);
        REQUIRE(index_in(documents[i]));
        for (size_t half = 0; half < 2; half++) {
            uint64_t secret = index_in(documents[i])->key.words[half];
            CHECK(secret != 0);
            for (size_t j = 0; j < i; j++) {
                CHECK_NOTE(secret != index_in(documents[j])->key.words[half],
                           "half %zu of %zu and %zu", half, i, j);
            }
        }
    }
    for (size_t i = 0; i < DECODERS; i++) {
        spk_document_free(documents[i]);
    }
    COVERED(DECODERS);
}

/* ---- the hash of a frozenset ---- */

/* Pairs whose numbers add up to the same, or combine to the same in any other easy way, have hashes
 * of their own; the lower bits, which choose the place in a table, are spread as well. */
static void hashes_of_frozensets(void) {
    enum { MAX = 64, PLACES = 512 };
    const struct hash_key key = {{1, 2}};
    static uint64_t hashes[MAX * MAX];
    unsigned met[PLACES] = {0};
    unsigned fullest = 0;
    size_t count = 0;
    for (unsigned a = 0; a < MAX; a++) {
        for (unsigned b = a + 1; b < MAX; b++) {
            struct container container = {facts_empty(SPK_FROZENSET), NULL};
            struct fold fold = fold_start(key, &container, false);
            struct fold swapped = fold_start(key, &container, false);
            fold_add(&fold, key_hash_int(key, a));
            fold_add(&fold, key_hash_int(key, b));
            fold_add(&swapped, key_hash_int(key, b));
            fold_add(&swapped, key_hash_int(key, a));
            hashes[count] = fold_end(&fold);
            CHECK(fold_end(&swapped) == hashes[count]);
            unsigned place = (unsigned)(hashes[count++] % PLACES);
            fullest = ++met[place] > fullest ? met[place] : fullest;
        }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (hashes[i] == hashes[j]) {
                CHECK_NOTE(false, "%zu and %zu", i, j);
            }
        }
    }
    CHECK_NOTE(fullest < 24, "%u of %zu hashes at one of %u places", fullest, count,
               (unsigned)PLACES);
    COVERED(count);
}

/* ---- no entropy ---- */

#if defined CAN_FORBID && defined __NR_getrandom
struct without_entropy {
    bool is_forbidden;
    spk_report decode;
    spk_report decode_with_key;
    spk_report check;
    spk_report encode;
    bool is_found;
};

static void *decode_without_entropy(void *context) {
    static const uint8_t hash_key[16] = {1};
    struct without_entropy *found = context;
    spk_options options = SPK_OPTIONS_INIT;
    options.hash_key = hash_key;
    found->is_forbidden = forbid_call(__NR_getrandom, EPERM);
    spk_document_free(spk_decode("N.", 2, NULL, &found->decode));
    spk_document_free(spk_decode("N.", 2, &options, &found->decode_with_key));
    (void)spk_check("N.", 2, NULL, &found->check);
    spk_document *document =
        decode_under(hash_key); /* so many strings that a table of them grows */
    size_t size = 0;
    void *made = spk_encode_buffer(spk_document_root(document), NULL, &size, &found->encode);
    const spk_value *dict = spk_document_root(document);
    found->is_found =
        spk_find(dict, spk_dict_key(dict, ENTRIES - 1)) == spk_dict_value(dict, ENTRIES - 1);
    free(made);
    spk_document_free(document);
    return NULL;
}

/* There is no decode under a key that somebody might know.  Who brings a key needs none, and a
 * check hashes nothing.  Where no filter can be set, as under an emulator, the decode is like any
 * other. */
static void where_there_is_no_entropy(void) {
    pthread_t thread;
    struct without_entropy found = {
        false, SPK_REPORT_INIT, SPK_REPORT_INIT, SPK_REPORT_INIT, SPK_REPORT_INIT, false,
    };
    REQUIRE(pthread_create(&thread, NULL, decode_without_entropy, &found) == 0);
    REQUIRE(pthread_join(thread, NULL) == 0);
    CHECK_U64(found.decode.status, found.is_forbidden ? SPK_NO_MEMORY : SPK_OK);
    CHECK_U64(found.decode_with_key.status, SPK_OK);
    CHECK_U64(found.check.status, SPK_OK);
    CHECK_U64(found.encode.status, found.is_forbidden ? SPK_NO_MEMORY : SPK_OK);
    CHECK(found.is_found);
    COVERED(5);
}
#else
static void where_there_is_no_entropy(void) {
    CHECK(true);
}
#endif

REGISTER(secret, RUN(every_byte_of_the_key), RUN(random_without_one), RUN(hashes_of_frozensets),
         RUN(where_there_is_no_entropy))
