/* SPDX-License-Identifier: MIT
 *
 * Threads: many decoders, one a thread, over the same inputs and options; and many threads that
 * read one document.  What each finds is compared; that none disturbs another is seen by a thread
 * sanitizer, under which these run as well. */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define THREADS 4

/* ---- one document ---- */

#define ENTRIES 2000

struct reader {
    const spk_document *document;
    uint64_t found;
    uint64_t met;
};

static spk_walk count_values(void *context, spk_event event, const spk_value *value) {
    uint64_t *met = context;
    *met += event == SPK_ATOM || event == SPK_ENTER;
    return value ? SPK_WALK_ON : SPK_WALK_STOP;
}

static void *read_document(void *context) {
    struct reader *reader = context;
    const spk_value *root = spk_document_root(reader->document);
    for (int times = 0; times < 5; times++) {
        for (size_t i = 0; i < spk_size(root); i++) {
            const spk_value *key = spk_dict_key(root, i);
            const char *text = NULL;
            size_t size = 0;
            reader->found += spk_find(root, key) == spk_dict_value(root, i);
            reader->found += !spk_get_str(key, &text, &size) ||
                             spk_find_str(root, text, size) == spk_dict_value(root, i);
        }
        (void)spk_visit(reader->document, root, count_values, &reader->met);
    }
    return NULL;
}

static void many_readers(void) {
    struct buffer pickle = {NULL, 0, 0};
    pthread_t threads[THREADS];
    struct reader readers[THREADS];
    BUFFER_ADD(&pickle, "}(");
    for (unsigned i = 0; i < ENTRIES / 2; i++) {
        buffer_print(
            &pickle,
            "Vk%u\n(I%u\nl(I%u\nVlonger than what is light, so that it has a representative "
            "while it is being built %u\nt]\x94",
            i, i, i, i);
    }
    BUFFER_ADD(&pickle, "u.");
    spk_document *document = spk_decode(pickle.data, pickle.size, NULL, NULL);
    REQUIRE(spk_size(spk_document_root(document)) == ENTRIES);
    size_t started = 0;
    for (size_t i = 0; i < THREADS; i++) {
        readers[i] = (struct reader){document, 0, 0};
        started += pthread_create(&threads[i], NULL, read_document, &readers[i]) == 0;
    }
    REQUIRE(started == THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        CHECK_U64(readers[i].found, 5 * 2 * ENTRIES);
        CHECK_U64(readers[i].met, 5 * (1 + ENTRIES / 2 * 7));
    }
    spk_document_free(document);
    COVERED(THREADS);
    buffer_free(&pickle);
}

/* ---- many decoders ---- */

#define SAMPLE_MAX 20000 /* bytes */

struct worker {
    const struct sample *samples;
    const spk_report *expected;
    const uint64_t *expected_events;
    size_t count;
    size_t number;
    uint64_t judged;
    const char *wrong; /* the path of a sample with another verdict or value than alone */
};

static spk_walk count_event(void *context, spk_event event, const spk_value *value) {
    uint64_t *sum = context;
    (void)event;
    *sum += 1 + spk_size(value);
    return SPK_WALK_ON;
}

static uint64_t events_of(const spk_document *document) {
    uint64_t sum = 0;
    (void)spk_visit(document, spk_document_root(document), count_event, &sum);
    return sum;
}

static bool is_for_threads(const struct sample *sample) {
    return sample->bytes.size <= SAMPLE_MAX &&
           !(sample->reason && strcmp(sample->reason, "limit-alloc") == 0);
}

/* Feeds in pieces of a size that each worker has for itself, and begins at a place of its own, so
 * that all threads are in different code at the same time. */
static bool judges_alike(const struct worker *worker, size_t i) {
    const struct sample *sample = &worker->samples[i];
    size_t piece = 1 + worker->number * 50;
    spk_mode mode = (i + worker->number) % 2 == 0 ? SPK_MODE_CHECK : SPK_MODE_DECODE;
    spk_report report = SPK_REPORT_INIT;
    spk_document *document =
        decode_in_pieces(mode, sample->bytes, piece, &sample->options, &report);
    bool same = same_report(&report, &worker->expected[i]);
    if (document) {
        same = same && events_of(document) == worker->expected_events[i];
    }
    spk_document_free(document);
    return same;
}

static void *judge_all(void *argument) {
    struct worker *worker = argument;
    for (size_t n = 0; n < worker->count; n++) {
        size_t i = (n + worker->number * worker->count / THREADS) % worker->count;
        if (is_for_threads(&worker->samples[i])) {
            worker->judged++;
            if (!judges_alike(worker, i)) {
                worker->wrong = worker->samples[i].path;
            }
        }
    }
    return NULL;
}

static void many_decoders(void) {
    const struct sample *all;
    size_t count = samples(&all);
    spk_report *expected = must_allocate(count * sizeof *expected);
    uint64_t *events = must_allocate(count * sizeof *events);
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    uint64_t suitable = 0;
    for (size_t i = 0; i < count; i++) {
        expected[i] = (spk_report)SPK_REPORT_INIT;
        spk_document *document =
            spk_decode(all[i].bytes.data, all[i].bytes.size, &all[i].options, &expected[i]);
        events[i] = document ? events_of(document) : 0;
        suitable += is_for_threads(&all[i]);
        spk_document_free(document);
    }
    size_t started = 0;
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){all, expected, events, count, i, 0, NULL};
        started += pthread_create(&threads[i], NULL, judge_all, &workers[i]) == 0;
    }
    REQUIRE(started == THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        CHECK_U64(workers[i].judged, suitable);
        CHECK_STR(workers[i].wrong ? workers[i].wrong : "", "");
    }
    COVERED(suitable);
    free(expected);
    free(events);
}

REGISTER(threads, RUN(many_readers), RUN(many_decoders))
