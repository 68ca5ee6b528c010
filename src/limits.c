/* SPDX-License-Identifier: MIT
 *
 * Defaults and ceilings of the limits, and nothing else: each limit is counted in the room that it belongs to. */
#include "limits.h"

#include <string.h>

#include "facts.h"

#define GIB (UINT64_C(1) << 30)
#define DEFAULT_BYTES (4 * GIB)
#define DEFAULT_DEPTH 1000
#define DEFAULT_MEMO (UINT64_C(64) << 20)
#define DEFAULT_ALLOC GIB
#define DEFAULT_EXPANSION 1000000000
#define DEFAULT_INT_BYTES (UINT64_C(1) << 20)

static void set_default(uint64_t *limit, uint64_t value) {
    if (*limit == 0) {
        *limit = value;
    }
}

static void set_ceiling(uint64_t *limit, uint64_t most) {
    if (*limit == 0 || *limit > most) {
        *limit = most;
    }
}

/* Facts are counted in fields of fixed width that stop at their top; from there on a limit would be a lie. */
static void set_range(uint64_t *limit, uint64_t top) {
    if (*limit >= top) {
        *limit = SPK_UNLIMITED;
    }
}

bool spk_options_resolve(spk_options *options) {
    if (!options || options->size < sizeof *options || (unsigned)options->gzip > SPK_GZIP_NEVER ||
        (unsigned)options->encoding > SPK_ENCODING_BYTES || (unsigned)options->trailing > SPK_TRAILING_STOP) {
        return false;
    }
    set_default(&options->max_input, DEFAULT_BYTES);
    set_default(&options->max_unpacked, DEFAULT_BYTES);
    set_default(&options->max_ratio, 250);
    set_default(&options->max_depth, DEFAULT_DEPTH);
    set_default(&options->max_memo, DEFAULT_MEMO);
    set_default(&options->max_alloc, DEFAULT_ALLOC);
    set_default(&options->max_expansion, DEFAULT_EXPANSION);
    set_default(&options->max_int_bytes, DEFAULT_INT_BYTES);
    set_ceiling(&options->max_key_depth, KEY_DEPTH_MOST);
    set_ceiling(&options->max_key_expansion, KEY_EXPANSION_MOST);
    set_range(&options->max_depth, FACTS_DEPTH_TOP);
    set_range(&options->max_expansion, FACTS_EXPANSION_TOP);
    return true;
}

/* A caller built against an older header brings a shorter struct: what it does not know keeps its default. */
bool limits_take(spk_options *to, const spk_options *from) {
    *to = (spk_options)SPK_OPTIONS_INIT;
    if (from) {
        size_t least = offsetof(spk_options, max_input);
        if (from->size < least) {
            return false;
        }
        memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
        to->size = sizeof *to;
    }
    return spk_options_resolve(to);
}

static bool resolve_encode(spk_encode_options *options) {
    if (options->protocol == 0) {
        options->protocol = 4;
    }
    if (options->gzip_level == 0) {
        options->gzip_level = 6;
    }
    if (options->protocol < 2 || options->protocol > 5 || options->gzip_level < 1 || options->gzip_level > 9) {
        return false;
    }
    set_default(&options->max_output, DEFAULT_BYTES);
    set_default(&options->max_depth, DEFAULT_DEPTH);
    set_default(&options->max_memo, DEFAULT_MEMO);
    set_default(&options->max_alloc, DEFAULT_ALLOC);
    set_default(&options->max_expansion, DEFAULT_EXPANSION);
    set_default(&options->max_int_bytes, DEFAULT_INT_BYTES);
    set_ceiling(&options->max_key_depth, KEY_DEPTH_MOST);
    set_ceiling(&options->max_key_expansion, KEY_EXPANSION_MOST);
    return true;
}

bool limits_take_encode(spk_encode_options *to, const spk_encode_options *from) {
    *to = (spk_encode_options)SPK_ENCODE_OPTIONS_INIT;
    if (from) {
        size_t least = offsetof(spk_encode_options, max_output);
        if (from->size < least) {
            return false;
        }
        memcpy(to, from, from->size < sizeof *to ? from->size : sizeof *to);
        to->size = sizeof *to;
    }
    return resolve_encode(to);
}
