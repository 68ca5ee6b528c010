/* SPDX-License-Identifier: MIT
 *
 * Pieces in, windows out.  The order of judgement is that of a reader who takes one byte at a time:
 * nothing is refused because a piece ends, and what can be refused is refused at once. */
#include "decode/window.h"

void window_start(struct window *window, struct machine *machine, struct refusal *refusal,
                  const spk_options *options, bool is_gzipped) {
    window->machine = machine;
    window->refusal = refusal;
    window->trailing = options->trailing;
    *machine_extent(machine) = extent_start(options, is_gzipped);
    window->position = 0;
    window->is_done = false;
    window->in_payload = false;
    window->is_sniffed = false;
    window->is_unnamed = false;
    window->head_size = 0;
    window->carry_size = 0;
}

static bool is_refused(const struct window *window) {
    return window->refusal->reason != REASON_DATA;
}

static void refuse_max(struct window *window, int opcode, uint64_t offset) {
    machine_refuse(window->machine, machine_extent(window->machine)->max_reason, opcode, offset);
}

/* ---- claims ---- */

/* A payload follows.  Judges its claim, first against the end of the frame.  Of a line or a name
 * only one byte is sure to come. */
static void enter_payload(struct window *window) {
    struct machine *machine = window->machine;
    const struct payload *payload = machine_payload_at(machine);
    bool is_name = machine_payload_is_name(machine);
    bool is_counted = !is_name && opcode_table[payload->opcode].fixed > 0;
    bool crosses = extent_is_crossed(machine_extent(window->machine), window->position,
                                     is_counted ? payload->claimed : 1);
    if (is_name) {
        window->in_payload = !crosses;
        if (crosses) {
            machine_refuse_name(machine);
        }
        return;
    }
    if (crosses) {
        refuse(window->refusal, REASON_FRAME_CROSSED, payload->opcode, payload->offset);
    } else if (payload->claimed > INT64_MAX) {
        refuse(window->refusal, REASON_BAD_LENGTH, payload->opcode, payload->offset);
    }
    bool is_doomed = payload->claimed > machine_extent(window->machine)->max - window->position;
    window->in_payload = !is_refused(window) && machine_payload_start(machine, is_doomed);
}

/* STOP was executed. */
static void leave(struct window *window) {
    if (machine_extent(window->machine)->frame_end != 0 &&
        window->position != machine_extent(window->machine)->frame_end) {
        refuse(window->refusal, REASON_FRAME_OVERLONG, OP_STOP, window->position - 1);
        return;
    }
    window->is_done = true;
}

/* ---- the opcode that a window ends in ---- */

/* Keeps an incomplete opcode in the carry, or refuses one that must cross the end of its frame. */
static void keep_opcode(struct window *window, const uint8_t *p, size_t size) {
    const struct opcode_info *info = &opcode_table[p[0]];
    uint64_t offset = window->position;
    uint64_t min = info->fixed > 0 ? (uint64_t)1 + info->fixed : (uint64_t)size + 1;
    if (extent_is_crossed(machine_extent(window->machine), offset, min)) {
        refuse(window->refusal, REASON_FRAME_CROSSED, p[0], offset);
        return;
    }
    memcpy(window->carry, p, size);
    window->carry_size = (uint16_t)size;
    window->position += size;
}

static void stopped(struct window *window, enum stop stop);

/* Executes the opcode in the carry, which is complete except for a payload. */
static void run_carry(struct window *window) {
    uint64_t offset = window->position - window->carry_size;
    enum stop stop = machine_run(window->machine, window->carry, window->carry_size, offset);
    window->carry_size = 0;
    stopped(window, stop);
}

/* Adds bytes to the opcode in the carry; returns how many. */
static size_t complete_opcode(struct window *window, const uint8_t *p, size_t size) {
    const struct opcode_info *info = &opcode_table[window->carry[0]];
    uint64_t offset = window->position - window->carry_size;
    size_t take = 0;
    enum number_end end = NUMBER_MORE;
    if (info->fixed > 0) {
        size_t missing = (size_t)1 + info->fixed - window->carry_size;
        take = size < missing ? size : missing;
        end = take == missing ? NUMBER_DONE : NUMBER_MORE;
    } else {
        end = machine_scan_line(window->machine, p, size, &take);
    }
    memcpy(window->carry + window->carry_size, p, take);
    window->carry_size = (uint16_t)(window->carry_size + take);
    window->position += take;
    if (end == NUMBER_DONE) {
        run_carry(window);
    } else if (end == NUMBER_BAD) {
        machine_refuse_number(window->machine, window->carry, window->carry_size, offset);
    } else if (window->position == machine_extent(window->machine)->frame_end) {
        refuse(window->refusal, REASON_FRAME_CROSSED, window->carry[0], offset);
    }
    return take;
}

/* ---- windows ---- */

static void stopped(struct window *window, enum stop stop) {
    switch (stop) {
    case STOP_PAYLOAD:
        enter_payload(window);
        break;
    case STOP_END:
        leave(window);
        break;
    case STOP_WINDOW:
    case STOP_NEED:
    case STOP_REFUSED:
        break;
    }
}

static size_t run_window(struct window *window, const uint8_t *p, size_t size) {
    enum stop stop = machine_run(window->machine, p, size, window->position);
    size_t used = machine_used(window->machine);
    window->position += used;
    if (stop == STOP_NEED) {
        keep_opcode(window, p + used, machine_left(window->machine));
        return size; /* all is used: it is in the carry, or refused */
    }
    stopped(window, stop);
    return used;
}

static size_t run_payload(struct window *window, const uint8_t *p, size_t size) {
    const struct payload *payload = machine_payload_at(window->machine);
    size_t used = 0;
    enum payload_end end = machine_payload(window->machine, p, size, &used);
    window->position += used;
    if (end == PAYLOAD_DONE) {
        window->in_payload = false;
    } else if (end == PAYLOAD_MORE &&
               window->position == machine_extent(window->machine)->frame_end) {
        if (machine_payload_is_name(window->machine)) {
            machine_refuse_name(window->machine);
        } else {
            refuse(window->refusal, REASON_FRAME_CROSSED, payload->opcode, payload->offset);
        }
    }
    return used;
}

static void keep_following(struct window *window, const uint8_t *p, size_t size) {
    size_t space = FOLLOW_MAX - window->carry_size;
    size_t take = size < space ? size : space;
    memcpy(window->carry + window->carry_size, p, take);
    window->carry_size = (uint16_t)(window->carry_size + take);
}

/* Refuses bytes behind STOP, or behind the last byte that the limits allow. */
static void refuse_more(struct window *window, const uint8_t *p, size_t size) {
    const struct payload *payload = machine_payload_at(window->machine);
    if (window->is_done) {
        refuse(window->refusal, REASON_TRAILING, -1, window->position);
        keep_following(window, p, size);
    } else if (window->in_payload && machine_payload_is_name(window->machine)) {
        machine_refuse_name(window->machine);
    } else if (window->in_payload && payload->is_doomed) {
        refuse_max(window, payload->opcode, payload->offset);
    } else {
        refuse_max(window, -1, window->position);
    }
}

static void feed_windows(struct window *window, const uint8_t *p, const uint8_t *end) {
    struct extent *extent = machine_extent(window->machine);
    machine_feed(window->machine, p, (size_t)(end - p), window->position);
    while (p < end && !is_refused(window)) {
        if (window->is_done && window->trailing == SPK_TRAILING_STOP) {
            return;
        }
        if (window->is_done || window->position == extent->max) {
            refuse_more(window, p, (size_t)(end - p));
            return;
        }
        if (window->position == extent->frame_end) {
            extent->frame_end = 0;
        }
        uint64_t left = extent_left(extent, window->position);
        size_t size = (size_t)(end - p) < left ? (size_t)(end - p) : (size_t)left;
        if (window->in_payload) {
            p += run_payload(window, p, size);
        } else if (window->carry_size > 0) {
            p += complete_opcode(window, p, size);
        } else {
            p += run_window(window, p, size);
        }
    }
    if (!window->is_done && !is_refused(window)) {
        machine_keep(window->machine);
    }
}

/* ---- what is no pickle at all ---- */

static void keep_head(struct window *window, const uint8_t *p, size_t size, size_t max) {
    size_t space = max > window->head_size ? max - window->head_size : 0;
    size_t take = size < space ? size : space;
    memcpy(window->head + window->head_size, p, take);
    window->head_size = (uint16_t)(window->head_size + take);
}

/* The input is something else than a pickle, from its first byte on: the refusal says so. */
static void rename_refusal(struct window *window, enum reason reason) {
    window->refusal->reason = reason;
    window->refusal->opcode = -1;
    window->refusal->offset = 0;
    window->refusal->limit = 0;
    window->refusal->detail[0] = '\0';
}

/* Looks at what follows a whole pickle, and was refused. */
static enum sniff name_following(struct window *window, bool is_whole) {
    enum reason reason = REASON_DATA;
    unsigned protocol = 0;
    enum sniff sniff = follow_look(window->carry, window->carry_size, is_whole, &reason, &protocol);
    if (sniff != SNIFF_FOUND) {
        return sniff;
    }
    window->refusal->reason = reason;
    if (reason == REASON_SEVERAL) {
        struct text text = text_detail(window->refusal);
        text_put(&text, protocol == 0 ? "(protocol 0 or 1)" : "(protocol ");
        if (protocol > 0) {
            text_put_number(&text, protocol);
            text_put(&text, ")");
        }
    }
    if (reason == REASON_SEVERAL && sniff_torch(window->head, window->head_size)) {
        rename_refusal(window, REASON_WRAPPER_TORCH_OLD);
    }
    return SNIFF_FOUND;
}

/* Gives a refusal a better reason, if the bytes allow one.  is_whole: no more of them will come.
 * What begins with PROTO says that it is a pickle, and gets no other name. */
static void name_refusal(struct window *window, bool is_whole) {
    bool is_verdict =
        (unsigned)window->refusal->reason >= 100 && window->refusal->reason != REASON_LIMIT_ALLOC;
    bool says_pickle = machine_protocol(window->machine) >= 0;
    enum reason reason = REASON_DATA;
    enum sniff sniff = SNIFF_NONE;
    if (is_verdict && window->is_done) {
        sniff = name_following(window, is_whole);
    } else if (is_verdict && !says_pickle) {
        sniff = sniff_refused(window->head, window->head_size, is_whole, window->refusal, &reason);
        if (sniff == SNIFF_FOUND) {
            rename_refusal(window, reason);
        }
    }
    window->is_unnamed = sniff == SNIFF_WAIT;
}

/* Looks for magic numbers.  False while the first bytes, which stand in the head, are held back as
 * they may become one, and when one is found.  True when there is none: the bytes from before were
 * judged now, and the head is without those at p. */
static bool sniff_start(struct window *window, const uint8_t *p, size_t size) {
    uint16_t held = window->head_size;
    enum reason reason = REASON_DATA;
    keep_head(window, p, size, SNIFF_HEAD);
    switch (sniff_magic(window->head, window->head_size, false, &reason)) {
    case SNIFF_FOUND:
        refuse(window->refusal, reason, -1, 0);
        return false;
    case SNIFF_WAIT:
        return false;
    case SNIFF_NONE:
        break;
    }
    window->is_sniffed = true;
    window->head_size = held;
    feed_windows(window, window->head, window->head + held);
    return true;
}

/* More bytes that may give a refusal its better reason.  Of the long header of a tar archive only
 * the new bytes are looked at, so that single bytes do not take quadratic time. */
static void feed_unnamed(struct window *window, const uint8_t *p, size_t size) {
    uint16_t before = window->head_size;
    if (window->is_done) {
        keep_following(window, p, size);
    } else {
        keep_head(window, p, size, SNIFF_HEAD);
        if (before >= SNIFF_ALL_BUT_TAR && window->head_size < SNIFF_HEAD &&
            sniff_may_be_tar(window->head, before, window->head_size)) {
            return;
        }
    }
    name_refusal(window, false);
}

void window_feed(struct window *window, const uint8_t *p, size_t size) {
    if (size == 0) {
        return;
    }
    if (window->is_unnamed) {
        feed_unnamed(window, p, size);
        return;
    }
    /* Most pickles begin with PROTO, and no magic number does. */
    if (!window->is_sniffed && window->head_size == 0 && p[0] == OP_PROTO) {
        window->is_sniffed = true;
    }
    if (is_refused(window) || (!window->is_sniffed && !sniff_start(window, p, size))) {
        return;
    }
    feed_windows(window, p, p + size);
    keep_head(window, p, size, window->is_done ? SNIFF_TORCH_SIZE : SNIFF_HEAD);
    if (is_refused(window)) {
        name_refusal(window, false);
    }
}

bool window_is_settled(const struct window *window) {
    return !window->is_unnamed;
}

/* The input ends while the first bytes are held back, as they could still be a magic number. */
static void flush_head(struct window *window) {
    enum reason reason = REASON_DATA;
    window->is_sniffed = true;
    if (sniff_magic(window->head, window->head_size, true, &reason) == SNIFF_FOUND) {
        refuse(window->refusal, reason, -1, 0);
        return;
    }
    feed_windows(window, window->head, window->head + window->head_size);
    if (is_refused(window)) {
        name_refusal(window, true);
    }
}

/* No more bytes will come, or none that may be looked at. */
static void settle(struct window *window) {
    if (is_refused(window) && window->is_unnamed) {
        name_refusal(window, true);
    } else if (!is_refused(window) && !window->is_sniffed) {
        flush_head(window);
    }
}

void window_flush(struct window *window) {
    settle(window);
    if (!is_refused(window) && window->in_payload && machine_payload_is_name(window->machine)) {
        machine_refuse_name(window->machine);
    }
}

void window_finish(struct window *window) {
    settle(window);
    if (is_refused(window) || window->is_done) {
        return;
    }
    if (window->in_payload) {
        const struct payload *payload = machine_payload_at(window->machine);
        refuse(window->refusal, REASON_TRUNCATED, payload->opcode, payload->offset);
    } else if (window->carry_size > 0) {
        refuse(window->refusal, REASON_TRUNCATED, window->carry[0],
               window->position - window->carry_size);
    } else {
        refuse(window->refusal, window->position == 0 ? REASON_EMPTY : REASON_TRUNCATED, -1,
               window->position);
    }
    name_refusal(window, true);
}
