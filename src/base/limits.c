/* SPDX-License-Identifier: MIT
 *
 * Takes the caller's options, judges them, and resolves the limits of limits.def.  What a limit
 * counts is counted and judged elsewhere, in the room that it belongs to. */
#include "base/limits.h"

#include <string.h>

#include "base/facts.h"
#include "base/report.h"

/* The words of limits.def. */
#define NONE SPK_UNLIMITED
#define BYTES true
#define COUNT false

/* Of the options.  A larger size is garbage: the field was never set. */
#define OPTIONS_SIZE_MAX 4096

/* The numbers of limits, in all and of what is written. */
enum {
#define LIMIT(field, ...) LIMIT_OF_##field,
#define LIMIT_BOTH(field, ...) LIMIT_OF_##field,
#include "limits.def"
#undef LIMIT
#undef LIMIT_BOTH
    LIMITS
};

enum {
#define LIMIT(...)
#define LIMIT_BOTH(field, ...) WRITING_LIMIT_OF_##field,
#include "limits.def"
#undef LIMIT
#undef LIMIT_BOTH
    WRITING_LIMITS
};

/* See judge_size. */
_Static_assert(offsetof(spk_options, allow) ==
                   offsetof(spk_options, max_input) + LIMITS * sizeof(uint64_t),
               "each limit of spk_options has a row in limits.def");
_Static_assert(sizeof(spk_encode_options) ==
                   offsetof(spk_encode_options, max_output) + WRITING_LIMITS * sizeof(uint64_t),
               "each limit of spk_encode_options has a row LIMIT_BOTH in limits.def");

/* A limit of "top" or more means none: facts do not count further, as their fields have a fixed
 * width. */
static void resolve_limit(uint64_t *limit, uint64_t default_value, uint64_t ceiling, uint64_t top) {
    if (*limit == 0) {
        *limit = default_value;
    }
    if (*limit > ceiling) {
        *limit = ceiling;
    }
    if (*limit >= top) {
        *limit = SPK_UNLIMITED;
    }
}

/* A caller built with an older header has a shorter struct: the fields that it lacks get their
 * defaults.  One built with a newer header has a longer struct: the fields that this library does
 * not know must be 0, or a stricter option would be dropped in silence.  A size that no header ever
 * had is a mistake.  All fields from "first" on have 64 bits, but for a pointer at the end of those
 * that are known. */
static const char *judge_size(const void *options, size_t size, size_t first, size_t known) {
    const uint8_t *bytes = options;
    bool is_size = size >= first && size <= OPTIONS_SIZE_MAX &&
                   ((size - first) % sizeof(uint64_t) == 0 || size == known);
    if (!is_size) {
        return "options.size is not that of this struct (start with its INIT)";
    }
    for (size_t i = known; i < size; i++) {
        if (bytes[i] != 0) {
            return "options has a field set that this library does not know (its header is newer)";
        }
    }
    return NULL;
}

/* True for a bool that is neither true nor false: it was never set. */
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
#define LIMIT(field, default_value, ceiling, top, reason, unit, what) \
    resolve_limit(&options->field, default_value, ceiling, top);
#define LIMIT_BOTH(field, writing, ...) LIMIT(field, __VA_ARGS__)
#include "limits.def"
#undef LIMIT
#undef LIMIT_BOTH
}

/* A wide machine has four bits less for the depth. */
static void resolve_allow(spk_options *options, allowed sets) {
    if (sets != 0 && options->max_depth > FACTS_NOTED_DEPTH_MAX) {
        options->max_depth = FACTS_NOTED_DEPTH_MAX;
    }
}

bool spk_options_resolve(spk_options *options) {
    struct unknown_set unknown;
    allowed sets;
    if (!options || options->size < sizeof *options ||
        judge_size(options, options->size, offsetof(spk_options, max_input), sizeof *options) ||
        judge_options(options) || !names_allow(options->allow, &sets, &unknown)) {
        return false;
    }
    resolve(options);
    resolve_allow(options, sets);
    return true;
}

const char *limits_take_allow(spk_options *options, allowed *sets, char wrong[ALLOW_WRONG_SIZE]) {
    struct unknown_set unknown;
    bool is_good = names_allow(options->allow, sets, &unknown);
    options->allow = NULL; /* the caller's text may go now */
    if (is_good) {
        resolve_allow(options, *sets);
        return NULL;
    }
    struct text text = text_start(wrong, ALLOW_WRONG_SIZE);
    text_put(&text, "options.allow names an unknown set: ");
    text_put_escaped(&text, unknown.word, unknown.size, 60);
    return wrong;
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
#define LIMIT(...)
#define LIMIT_BOTH(field, writing, default_value, ceiling, top, reason, unit, what) \
    resolve_limit(&options->writing, default_value, ceiling, NONE);
#include "limits.def"
#undef LIMIT
#undef LIMIT_BOTH
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

/* ---- the limit of a reason, and the public table of limits ---- */

uint64_t limits_value(const spk_options *options, enum reason reason) {
    switch (reason) {
#define LIMIT(field, default_value, ceiling, top, reason, unit, what) \
    case REASON_##reason: \
        return options->field;
#define LIMIT_BOTH(field, writing, ...) LIMIT(field, __VA_ARGS__)
#include "limits.def"
#undef LIMIT
#undef LIMIT_BOTH
    default:
        return 0;
    }
}

static const spk_limit limits[] = {
#define LIMIT_ROW(field, encode_offset, default_value, ceiling, reason, unit, what) \
    {#field,        offsetof(spk_options, field), \
     default_value, ceiling, \
     unit,          REASON_##reason, \
     what,          encode_offset},
#define LIMIT(field, default_value, ceiling, top, reason, unit, what) \
    LIMIT_ROW(field, 0, default_value, ceiling, reason, unit, what)
#define LIMIT_BOTH(field, writing, default_value, ceiling, top, reason, unit, what) \
    LIMIT_ROW(field, offsetof(spk_encode_options, writing), default_value, ceiling, reason, unit, \
              what)
#include "limits.def"
#undef LIMIT
#undef LIMIT_BOTH
#undef LIMIT_ROW
};

const spk_limit *spk_limit_at(size_t index) {
    return index < LIMITS ? &limits[index] : NULL;
}
