/* SPDX-License-Identifier: MIT
 *
 * Defaults and ceilings of the limits, and nothing else: each limit is counted in the room that it belongs to. */
#include "limits.h"

#include <string.h>

#include "facts.h"

#define GIB (UINT64_C(1) << 30)

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
    set_default(&options->max_input, 4 * GIB);
    set_default(&options->max_unpacked, 4 * GIB);
    set_default(&options->max_ratio, 250);
    set_default(&options->max_depth, 1000);
    set_default(&options->max_memo, UINT64_C(64) << 20);
    set_default(&options->max_alloc, GIB);
    set_default(&options->max_expansion, 1000000000);
    set_default(&options->max_int_bytes, UINT64_C(1) << 20);
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
