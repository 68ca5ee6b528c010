/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets share beyond tests/support: inputs that bring their options along, and
 * answers of the library asked for in every way.  Knows only the public header and no fuzzing
 * engine.  Whatever a target finds wrong ends the program through fail(). */
#ifndef SPK_FUZZ_SUPPORT_H
#define SPK_FUZZ_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "safepickle.h"
#include "tests/support/dice.h"
#include "tests/support/meter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define EXPECT(condition) \
    ((condition) ? (void)0 : fail("%s:%d: %s", __FILE__, __LINE__, #condition))

/* ---- inputs ---- */

/* An input may end with a tail that sets options: flags, a byte for each limit, a seed, and
 * TAIL_TAG last.  Neither a pickle nor a small gzip file ends with that byte, so every file is an
 * input as it is, for every target. */
#define TAIL_SIZE 16
#define TAIL_TAG 0xa7

struct setup {
    const uint8_t *data;
    size_t size;
    spk_options options; /* with a hash key too, so that an input does the same whenever it runs */
    uint64_t seed;
};

bool has_tail(const uint8_t *data, size_t size);
struct setup setup_of(const uint8_t *data, size_t size);

/* ---- answers ---- */

/* Enough of a block is filled to show who relies on zeros; to fill large ones would take the time
 * of other inputs. */
#define METER_START ((struct meter){.fill_max = 1 << 10})

enum way { WAY_CHECK, WAY_DECODE, WAY_BORROW };

struct answer {
    struct meter meter; /* the document's memory comes from here: an answer must not be moved */
    spk_report report;
    spk_document *document;
};

/* The meter's fail_at and fails_on are the caller's to set; answer_start sets nothing to fail. */
void answer_start(struct answer *answer);
void ask_whole(struct answer *answer, enum way way, const struct setup *setup);

/* In random pieces, each in a block of its own.  Asserts all that is promised of streams. */
void ask_pieces(struct answer *answer, spk_mode mode, const struct setup *setup, uint64_t seed);

/* Frees the document and asserts that nothing is left. */
void answer_end(struct answer *answer);

/* Asserts that two reports say the same; what a refused decoder was fed may differ. */
void expect_same_report(const spk_report *a, const spk_report *b, const char *what);

/* Asserts that a report is coherent in itself and that its line is whole and printable. */
void expect_sound_report(const spk_report *report);

/* ---- values ---- */

/* The nodes of a document's containers in the order of a visit, and a hash of all that can be told
 * of the value: types, contents, order and identities. */
struct walk {
    uint64_t hash;
    const spk_value **containers;
    size_t count;
};

void walk_document(struct walk *walk, const spk_document *document);
void walk_end(struct walk *walk);

#endif
