/* SPDX-License-Identifier: MIT
 *
 * The limits by their names, and the graph of links. */
#include "decode/links.h"

uint64_t links_limit(const spk_options *limits, enum reason reason) {
    switch (reason) {
    case REASON_LIMIT_DEPTH:
        return limits->max_depth;
    case REASON_LIMIT_EXPANSION:
        return limits->max_expansion;
    case REASON_LIMIT_KEY_DEPTH:
        return limits->max_key_depth;
    case REASON_LIMIT_KEY_EXPANSION:
        return limits->max_key_expansion;
    default:
        return 0;
    }
}
