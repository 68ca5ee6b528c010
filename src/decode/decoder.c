/* SPDX-License-Identifier: MIT
 *
 * The push decoder, which wires gunzip, window, machine and sink, and the calls for whole buffers,
 * which are new, feed, finish, take, free.  Decides nothing about pickles itself. */
#include <string.h>

#include "base/entropy.h"
#include "decode/gunzip.h"
#include "base/limits.h"
#include "decode/window.h"

#define STRINGIFY(x) #x
#define VERSION_TEXT(major, minor, patch) STRINGIFY(major) "." STRINGIFY(minor) "." STRINGIFY(patch)

const char *spk_version(void) {
    return VERSION_TEXT(SPK_VERSION_MAJOR, SPK_VERSION_MINOR, SPK_VERSION_PATCH);
}

bool spk_has_zlib(void) {
#ifdef SPK_WITH_ZLIB
    return true;
#else
    return false;
#endif
}

enum input {
    INPUT_NEW,   /* nothing fed */
    INPUT_FIRST, /* one byte fed, which may start a gzip header */
    INPUT_RAW,
    INPUT_GZIP
};

struct spk_decoder {
    spk_options options;
    struct memory memory;
    struct refusal refusal;
    struct window window;
    struct builder builder;
    struct gunzip *gunzip; /* NULL until one is needed */
    spk_document *document;
    spk_mode mode;
    enum input input;
    uint64_t input_bytes;
    bool is_finished;
    struct machine machine; /* last, because it is large */
};

/* What a reset keeps counts against max_alloc.  Where that is lower than this, nothing is kept. */
#define REUSE_MIN_ALLOC ((uint64_t)1 << 20)
#define REUSE_MAX ((size_t)64 << 10)

static void start(spk_decoder *decoder) {
    decoder->refusal.reason = REASON_DATA;
    decoder->refusal.opcode = -1;
    decoder->refusal.offset = 0;
    decoder->refusal.limit = 0;
    decoder->refusal.detail[0] = '\0';
    decoder->input = INPUT_NEW;
    decoder->input_bytes = 0;
    decoder->is_finished = false;
    window_start(&decoder->window, &decoder->machine, &decoder->refusal, &decoder->options, false);
}

/* The key of the hash: the caller's, or entropy.  A check hashes nothing. */
static bool take_hash_key(spk_mode mode, spk_options *options, struct hash_key *key) {
    uint8_t bytes[ENTROPY_SIZE] = {0};
    if (options->hash_key) {
        memcpy(bytes, options->hash_key, sizeof bytes);
    } else if (mode == SPK_MODE_DECODE && !entropy_get(bytes)) {
        return false;
    }
    options->hash_key = NULL; /* the caller's bytes may go now */
    *key = hash_key_from(bytes);
    return true;
}

spk_decoder *spk_decoder_new(spk_mode mode, const spk_options *options, spk_report *report) {
    spk_options resolved;
    struct hash_key key;
    allowed sets = 0;
    char unknown[ALLOW_WRONG_SIZE];
    const char *wrong = mode != SPK_MODE_CHECK && mode != SPK_MODE_DECODE
                            ? "mode is out of range"
                            : limits_take(&resolved, options);
    if (!wrong && resolved.allow) {
        wrong = limits_take_allow(&resolved, &sets, unknown);
    }
    if (wrong || !take_hash_key(mode, &resolved, &key)) {
        report_unbegun(report, wrong, REASON_NO_MEMORY, 0);
        return NULL;
    }
    struct memory memory = memory_start(&resolved.allocator, resolved.max_alloc);
    spk_decoder *decoder = memory_resize(&memory, NULL, 0, sizeof *decoder);
    if (!decoder) {
        report_unbegun(report, NULL, memory.failure, resolved.max_alloc);
        return NULL;
    }
    decoder->options = resolved;
    decoder->memory = memory;
    /* In a check nothing stands behind the arrays that keeps them from growing in place. */
    decoder->memory.maps_arrays_early = mode == SPK_MODE_DECODE;
    decoder->mode = mode;
    decoder->gunzip = NULL;
    decoder->document = NULL;
    builder_start(&decoder->builder, &decoder->memory, key);
    machine_start(&decoder->machine, &decoder->options, sets, &decoder->memory, &decoder->refusal,
                  mode == SPK_MODE_DECODE ? &decoder->builder : NULL);
    start(decoder);
    return decoder;
}

void spk_decoder_reset(spk_decoder *decoder) {
    if (!decoder) {
        return;
    }
    if (decoder->document) {
        builder_take_back(&decoder->builder, decoder->document);
        decoder->document = NULL;
    }
    if (decoder->mode == SPK_MODE_DECODE) {
        builder_clear(&decoder->builder);
    }
    if (decoder->options.max_alloc < REUSE_MIN_ALLOC) {
        builder_free(&decoder->builder);
        gunzip_free(decoder->gunzip, &decoder->memory);
        decoder->gunzip = NULL;
        machine_free(&decoder->machine);
    } else if (decoder->memory.used > REUSE_MAX && machine_memory(&decoder->machine) > REUSE_MAX) {
        machine_free(&decoder->machine);
    }
    machine_clear(&decoder->machine);
    start(decoder);
}

static spk_document *take(spk_decoder *decoder) {
    if (!decoder->document) {
        return NULL;
    }
    spk_document *document = decoder->document;
    decoder->document = NULL;
    decoder->memory.used -= document->arena.held;
    document->memory = memory_start(&decoder->options.allocator, SPK_UNLIMITED);
    document->memory.used = document->arena.held;
    document->arena.memory = &document->memory;
    return document;
}

void spk_decoder_free(spk_decoder *decoder) {
    if (!decoder) {
        return;
    }
    spk_document_free(take(decoder));
    builder_free(&decoder->builder);
    machine_free(&decoder->machine);
    gunzip_free(decoder->gunzip, &decoder->memory);
    struct memory memory = decoder->memory;
    memory_free(&memory, decoder, sizeof *decoder);
}

static bool is_refused(const spk_decoder *decoder) {
    enum reason reason = decoder->refusal.reason;
    return reason != REASON_DATA &&
           (reason == REASON_MISUSE || window_is_settled(&decoder->window));
}

static spk_status status(const spk_decoder *decoder) {
    if (is_refused(decoder)) {
        return refusal_status(&decoder->refusal);
    }
    bool has_stopped = decoder->input == INPUT_RAW && decoder->window.is_done &&
                       decoder->options.trailing == SPK_TRAILING_STOP;
    return decoder->is_finished || has_stopped ? SPK_OK : SPK_MORE;
}

/* After a wrong call there is no verdict any more: a caller who overlooks the error might take the
 * verdict for that of other bytes. */
static spk_status misuse(spk_decoder *decoder, const char *wrong) {
    /* There may be a refusal that is not settled yet. */
    decoder->refusal.reason = REASON_DATA;
    decoder->refusal.limit = 0;
    decoder->refusal.detail[0] = '\0';
    refuse_misuse(&decoder->refusal, wrong);
    return SPK_MISUSE;
}

/* ---- input ---- */

/* Whether the input is gzipped is not known yet. */
static bool is_undecided(const spk_decoder *decoder) {
    return decoder->input == INPUT_NEW || decoder->input == INPUT_FIRST;
}

static void refuse_input(spk_decoder *decoder, enum reason reason) {
    refuse(&decoder->refusal, reason, -1, 0);
}

static void refuse_memory(spk_decoder *decoder, uint64_t offset) {
    refuse_about(&decoder->refusal, memory_reason(&decoder->memory), -1, offset,
                 decoder->options.max_alloc);
}

static void start_gzip(spk_decoder *decoder) {
    static const uint8_t first = 0x1f;
    decoder->input = INPUT_GZIP;
    window_start(&decoder->window, &decoder->machine, &decoder->refusal, &decoder->options, true);
    if (decoder->options.gzip == SPK_GZIP_NEVER) {
        refuse_input(decoder, REASON_GZIP_FORBIDDEN);
        return;
    }
    if (decoder->gunzip) {
        gunzip_clear(decoder->gunzip);
    } else {
        decoder->gunzip =
            gunzip_new(&decoder->memory, &decoder->options, &decoder->refusal, &decoder->window);
    }
    if (decoder->gunzip) {
        gunzip_feed(decoder->gunzip, &first, 1);
    } else if (decoder->refusal.reason == REASON_DATA) {
        refuse_memory(decoder, 0);
    }
}

static void start_raw(spk_decoder *decoder) {
    static const uint8_t first = 0x1f;
    bool is_held = decoder->input == INPUT_FIRST;
    decoder->input = INPUT_RAW;
    if (decoder->options.gzip == SPK_GZIP_ALWAYS) {
        refuse_input(decoder, REASON_GZIP_MISSING);
    } else if (is_held) {
        window_feed(&decoder->window, &first, 1);
    }
}

/* Decides between gzip and raw input by the first two bytes, which may come in two pieces. */
static size_t feed_start(spk_decoder *decoder, const uint8_t *p) {
    if (decoder->input == INPUT_NEW && p[0] == 0x1f) {
        decoder->input = INPUT_FIRST;
        return 1;
    }
    if (decoder->input == INPUT_FIRST && p[0] == 0x8b) {
        start_gzip(decoder);
    } else {
        start_raw(decoder);
    }
    return 0;
}

spk_status spk_decoder_feed(spk_decoder *decoder, const void *data, size_t size) {
    const uint8_t *p = data;
    if (!decoder) {
        return SPK_MISUSE;
    }
    if (is_refused(decoder) || size == 0) {
        return status(decoder);
    }
    if (!p || decoder->is_finished) {
        return misuse(decoder, p ? "fed after finish" : "data is NULL");
    }
    decoder->input_bytes += size;
    while (size > 0 && is_undecided(decoder)) {
        size_t used = feed_start(decoder, p);
        p += used;
        size -= used;
    }
    if (decoder->input == INPUT_RAW) {
        window_feed(&decoder->window, p, size);
    } else if (decoder->input == INPUT_GZIP && decoder->gunzip) {
        gunzip_feed(decoder->gunzip, p, size);
    }
    return status(decoder);
}

static void finish_start(spk_decoder *decoder) {
    if (decoder->input == INPUT_FIRST && decoder->options.gzip != SPK_GZIP_NEVER) {
        refuse_input(decoder, REASON_GZIP_TRUNCATED); /* no pickle starts with this byte */
    } else if (is_undecided(decoder)) {
        start_raw(decoder);
    }
}

static void build_document(spk_decoder *decoder) {
    if (decoder->mode != SPK_MODE_DECODE) {
        return;
    }
    decoder->document = builder_finish(&decoder->builder, decoder->machine.root);
    if (!decoder->document) {
        refuse_memory(decoder, decoder->window.position);
    }
}

spk_status spk_decoder_finish(spk_decoder *decoder) {
    if (!decoder) {
        return SPK_MISUSE;
    }
    if (is_refused(decoder) || decoder->is_finished) {
        return status(decoder);
    }
    finish_start(decoder);
    if (decoder->input == INPUT_GZIP && decoder->gunzip) {
        gunzip_finish(decoder->gunzip);
    }
    window_finish(&decoder->window);
    if (decoder->refusal.reason == REASON_DATA) {
        build_document(decoder);
    }
    decoder->is_finished = true;
    return status(decoder);
}

/* ---- results ---- */

spk_document *spk_decoder_take(spk_decoder *decoder) {
    return decoder && !is_refused(decoder) ? take(decoder) : NULL;
}

spk_status spk_decoder_report(const spk_decoder *decoder, spk_report *report) {
    spk_report known = SPK_REPORT_INIT;
    if (!decoder) {
        report_unbegun(report, "decoder is NULL", REASON_DATA, 0);
        return SPK_MISUSE;
    }
    if (is_refused(decoder)) {
        report_refusal(&known, &decoder->refusal);
    }
    known.status = status(decoder);
    known.wrapper = decoder->input == INPUT_GZIP ? SPK_WRAPPER_GZIP : SPK_WRAPPER_NONE;
    known.raw_offset = known.wrapper == SPK_WRAPPER_GZIP && decoder->gunzip && known.code != 0
                           ? gunzip_raw_offset(decoder->gunzip)
                           : known.offset;
    known.protocol = decoder->machine.protocol;
    known.input_bytes = decoder->input_bytes;
    known.consumed = known.code != 0 ? known.offset : decoder->window.position;
    known.opcodes = decoder->machine.opcodes;
    known.imports = machine_imports(&decoder->machine);
    known.max_depth = known.status == SPK_OK ? decoder->machine.root_depth : 0;
    report_copy(report, &known);
    return known.status;
}

size_t spk_decoder_memory(const spk_decoder *decoder, size_t *peak) {
    if (peak) {
        *peak = decoder ? decoder->memory.peak : 0;
    }
    return decoder ? decoder->memory.used : 0;
}

/* ---- whole buffers ---- */

static spk_document *run(spk_mode mode, bool borrow, const void *data, size_t size,
                         const spk_options *options, spk_report *report, spk_status *verdict) {
    spk_report made = SPK_REPORT_INIT;
    spk_decoder *decoder = spk_decoder_new(mode, options, &made);
    *verdict = made.status;
    if (!decoder) {
        report_copy(report, &made);
        return NULL;
    }
    if (borrow && data) {
        decoder->builder.borrow_start = data;
        decoder->builder.borrow_end = decoder->builder.borrow_start + size;
    }
    (void)spk_decoder_feed(decoder, data, size);
    (void)spk_decoder_finish(decoder);
    *verdict = spk_decoder_report(decoder, report);
    spk_document *document = spk_decoder_take(decoder);
    spk_decoder_free(decoder);
    return document;
}

spk_status spk_check(const void *data, size_t size, const spk_options *options,
                     spk_report *report) {
    spk_status verdict;
    (void)run(SPK_MODE_CHECK, false, data, size, options, report, &verdict);
    return verdict;
}

spk_document *spk_decode(const void *data, size_t size, const spk_options *options,
                         spk_report *report) {
    spk_status verdict;
    return run(SPK_MODE_DECODE, false, data, size, options, report, &verdict);
}

spk_document *spk_decode_borrowing(const void *data, size_t size, const spk_options *options,
                                   spk_report *report) {
    spk_status verdict;
    return run(SPK_MODE_DECODE, true, data, size, options, report, &verdict);
}
