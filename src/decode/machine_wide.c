/* SPDX-License-Identifier: MIT
 *
 * The wide machine: the body once more for each sink, with the opcodes that import and call
 * (wide.h).  A strict machine runs nothing of this file. */
#define SINK_WIDE 1
#define FACTS_HAVE_NOTES 1 /* for facts.h */

#include "decode/machine_common.h"

#include "decode/forms.h"
#include "decode/wide.h"

/* Bytes of the GLOBAL at p, if both lines stand before "end" and could be terms; else 0. */
static size_t names_lines(const uint8_t *p, const uint8_t *end) {
    size_t left = (size_t)(end - p);
    size_t size = left < 2 * TERM_SIZE_MAX + 3 ? left : 2 * TERM_SIZE_MAX + 3;
    const uint8_t *module_end = memchr(p, '\n', size);
    const uint8_t *name_end =
        module_end ? memchr(module_end + 1, '\n', size - (size_t)(module_end + 1 - p)) : NULL;
    return name_end ? (size_t)(name_end + 1 - p) : 0;
}

#define SINK(name) name##_check_wide
#include "decode/sink.h"
#include "decode/sink_check_wide.h"
#include "decode/machine_steps.h"
#include "decode/construct.h"
#include "decode/machine_body.h"
#undef SINK

/* What a class, and the arguments of a call, are in a decode: words of these. */
static const struct container class_nodes[CONSTRUCTORS] = {
#define CONSTRUCTOR(id, set, name) \
    [CONSTRUCTOR_##id] = {NO_VALUE(NO_VALUE_CLASS, CONSTRUCTOR_##id), NULL},
#include "constructors.def"
#undef CONSTRUCTOR
};

static const struct container arguments_node = {NO_VALUE(NO_VALUE_ARGUMENTS, 0), NULL};

#define SINK(name) name##_build_wide
#include "decode/sink.h"
#include "decode/sink_build_wide.h"
#include "decode/machine_steps.h"
#include "decode/construct.h"
#include "decode/machine_body.h"
#undef SINK

const struct mode mode_check_wide = {run_check_wide,        payload_start_check_wide,
                                     line_piece_check_wide, counted_piece_check_wide,
                                     name_end_check_wide,   stamp_of_check_wide};
const struct mode mode_build_wide = {run_build_wide,        payload_start_build_wide,
                                     line_piece_build_wide, counted_piece_build_wide,
                                     name_end_build_wide,   stamp_of_build_wide};

/* ---- what it keeps ---- */

void wide_start(struct wide *wide, allowed sets) {
    *wide = (struct wide){.sets = sets, .filter = names_filter()};
    wide_clear(wide);
}

void wide_clear(struct wide *wide) {
    wide->call.place = CALL_NONE;
    wide->imports = 0;
    wide->copied = 0;
}
