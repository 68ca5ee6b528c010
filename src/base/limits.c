/* SPDX-License-Identifier: MIT
 *
 * Defaults and ceilings of the limits, and what is no option: each limit is counted in the room
 * that it belongs to. */
#include "base/limits.h"

#include <string.h>

#include "base/facts.h"

#define GIB (UINT64_C(1) << 30)
#define DEFAULT_BYTES (4 * GIB)
#define DEFAULT_DEPTH 1000
#define DEFAULT_MEMO (UINT64_C(64) << 20)
#define DEFAULT_ALLOC GIB
#define DEFAULT_EXPANSION 1000000000
#define DEFAULT_INT_BYTES (UINT64_C(1) << 20)

#define OPTIONS_SIZE_MAX \
    4096 /* of options: a larger one is no size, but what happened to stand there */

_Static_assert(sizeof(spk_options) == offsetof(spk_options, max_input) + 10 * sizeof(uint64_t),
               "see judge_size");
_Static_assert(sizeof(spk_encode_options) ==
                   offsetof(spk_encode_options, max_output) + 8 * sizeof(uint64_t),
               "see judge_size");

static void set_default(uint64_t *limit, uint64_t value) {
    if (*limit == 0) {
        *limit = value;
    }
}

static void set_ceiling(uint64_t *limit, uint64_t max) {
    if (*limit == 0 || *limit > max) {
        *limit = max;
    }
}

/* Facts are counted in fields of fixed width that stop at their top; from there on a limit would be
 * a lie. */
static void set_range(uint64_t *limit, uint64_t top) {
    if (*limit >= top) {
        *limit = SPK_UNLIMITED;
    }
}

/* A caller built against an older header brings a shorter struct: what it does not know keeps its
 * default.  One built against a newer header brings a longer one: what this library does not know
 * must not be asked for, or a stricter option would be dropped in silence.  A size that no header
 * ever had is a mistake.  From "first" on all fields have 64 bits. */
static const char *judge_size(const void *options, size_t size, size_t first, size_t known) {
    const uint8_t *bytes = options;
    if (size < first || (size - first) % sizeof(uint64_t) != 0 || size > OPTIONS_SIZE_MAX) {
        return "options.size is not that of this struct (start with its INIT)";
    }
    for (size_t i = known; i < size; i++) {
        if (bytes[i] != 0) {
            return "options has a field set that this library does not know (its header is newer)";
        }
    }
    return NULL;
}

/* True for a bool that is neither: it was never set. */
static bool is_no_bool(const bool *field) {
    uint8_t byte;
    memcpy(&byte, field, sizeof byte);
    return byte > 1;
}

static const char *judge_options(const spk_options *options) {
    if ((unsigned)options->gzip > SPK_GZIP_NEVER) {
        return "options.gzip is out of range";
    }
    if ((unsigned)options->encoding > SPK_ENCODING_BYTES) {
        return "options.encoding is out of range";
    }
    if ((unsigned)options->trailing > SPK_TRAILING_STOP) {
        return "options.trailing is out of range";
    }
    return is_no_bool(&options->allow_cycles) ? "options.allow_cycles is no bool" : NULL;
}

static void resolve(spk_options *options) {
    set_default(&options->max_input, DEFAULT_BYTES);
    set_default(&options->max_unpacked, DEFAULT_BYTES);
    set_default(&options->max_ratio, 250);
    set_default(&options->max_depth, DEFAULT_DEPTH);
    set_default(&options->max_memo, DEFAULT_MEMO);
    set_default(&options->max_alloc, DEFAULT_ALLOC);
    set_default(&options->max_expansion, DEFAULT_EXPANSION);
    set_default(&options->max_int_bytes, DEFAULT_INT_BYTES);
    set_ceiling(&options->max_key_depth, KEY_DEPTH_MAX);
    set_ceiling(&options->max_key_expansion, KEY_EXPANSION_MAX);
    set_range(&options->max_depth, FACTS_DEPTH_TOP);
    set_range(&options->max_expansion, FACTS_EXPANSION_TOP);
}

bool spk_options_resolve(spk_options *options) {
    if (!options || options->size < sizeof *options ||
        judge_size(options, options->size, sizeof *options, sizeof *options) ||
        judge_options(options)) {
        return false;
    }
    resolve(options);
    return true;
}

const char *limits_take(spk_options *to, const spk_options *from) {
    *to = (spk_options)SPK_OPTIONS_INIT;
    if (from) {
        const char *wrong =
            judge_size(from, from->size, offsetof(spk_options, max_input), sizeof *from);
        if (wrong) {
            return wrong;
        }
        memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
        to->size = sizeof *to;
    }
    const char *wrong = judge_options(to);
    if (!wrong) {
        resolve(to);
    }
    return wrong;
}

static const char *judge_encode_options(const spk_encode_options *options) {
    if (options->protocol != 0 && (options->protocol < 2 || options->protocol > 5)) {
        return "options.protocol is out of range";
    }
    if (is_no_bool(&options->gzip)) {
        return "options.gzip is no bool";
    }
    return options->gzip_level < 0 || options->gzip_level > 9 ? "options.gzip_level is out of range"
                                                              : NULL;
}

static void resolve_encode(spk_encode_options *options) {
    if (options->protocol == 0) {
        options->protocol = 4;
    }
    if (options->gzip_level == 0) {
        options->gzip_level = 6;
    }
    set_default(&options->max_output, DEFAULT_BYTES);
    set_default(&options->max_depth, DEFAULT_DEPTH);
    set_default(&options->max_memo, DEFAULT_MEMO);
    set_default(&options->max_alloc, DEFAULT_ALLOC);
    set_default(&options->max_expansion, DEFAULT_EXPANSION);
    set_default(&options->max_int_bytes, DEFAULT_INT_BYTES);
    set_ceiling(&options->max_key_depth, KEY_DEPTH_MAX);
    set_ceiling(&options->max_key_expansion, KEY_EXPANSION_MAX);
}

const char *limits_take_encode(spk_encode_options *to, const spk_encode_options *from) {
    *to = (spk_encode_options)SPK_ENCODE_OPTIONS_INIT;
    if (from) {
        const char *wrong =
            judge_size(from, from->size, offsetof(spk_encode_options, max_output), sizeof *from);
        if (wrong) {
            return wrong;
        }
        memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
        to->size = sizeof *to;
    }
    const char *wrong = judge_encode_options(to);
    if (!wrong) {
        resolve_encode(to);
    }
    return wrong;
}
