/* SPDX-License-Identifier: MIT
 *
 * How far the bytes of the pickle may reach: to the end of the frame, and to the limit on their
 * number.  The window sets that limit, and ends at both.  The machine holds the struct, because
 * FRAME is an opcode: it enters frames, and names the limit in refusals.  All positions are offsets
 * in the pickle. */
#ifndef SPK_EXTENT_H
#define SPK_EXTENT_H

#include "base/report.h"

struct extent {
    uint64_t frame_end; /* 0: not in a frame */
    uint64_t max;       /* bytes that may come */
    enum reason max_reason;
};

/* With gzip, max_input counts the packed bytes, and does not matter here. */
static inline struct extent extent_start(const spk_options *options, bool is_gzipped) {
    bool by_input = !is_gzipped && options->max_input < options->max_unpacked;
    return (struct extent){0, by_input ? options->max_input : options->max_unpacked,
                           by_input ? REASON_LIMIT_INPUT : REASON_LIMIT_UNPACKED};
}

/* True if "size" bytes from "start" on go past the end of the frame. */
static inline bool extent_is_crossed(const struct extent *extent, uint64_t start, uint64_t size) {
    return extent->frame_end != 0 && size > extent->frame_end - start;
}

/* Bytes that may be taken from a position on before something has to be judged. */
static inline uint64_t extent_left(const struct extent *extent, uint64_t position) {
    bool is_framed = extent->frame_end != 0 && extent->frame_end < extent->max;
    return (is_framed ? extent->frame_end : extent->max) - position;
}

#endif
