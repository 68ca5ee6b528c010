/* SPDX-License-Identifier: MIT
 *
 * The only room that resumes.  The bytes of the pickle come in pieces of any size.  They are
 * divided into windows, which end where the piece or the frame ends.  An opcode that the end of a
 * piece cuts is completed in a small buffer, the carry.  Payloads are passed on in pieces.  So
 * everything is judged in the order of the bytes, and the verdict does not depend on how they were
 * cut.  Knows nothing of what opcodes do.
 *
 * PROTO, EMPTY_LIST, BININT2, APPEND, STOP, in two pieces that cut BININT2:
 *
 *     pieces      | 80 02 5d 4d e8 | 03 61 2e |
 *     windows     | 80 02 5d |          | 61 2e |
 *     the carry              | 4d e8  03 |            executed as a window of its own */
#ifndef SPK_WINDOW_H
#define SPK_WINDOW_H

#include "decode/follow.h"
#include "decode/machine.h"
#include "decode/sniff.h"

/* The longest opcode without a payload has the longest number line. */
#define CARRY_MAX (1 + NUMBER_LINE_MAX)

struct window {
    struct machine *machine;
    struct refusal *refusal;
    spk_trailing trailing;
    uint64_t position;       /* in the pickle: bytes taken so far */
    bool is_done;            /* STOP was executed */
    bool in_payload;
    bool is_sniffed;         /* the first bytes are known to be no magic number */
    bool is_unnamed;    /* refused, but the next bytes may give a better reason */
    uint16_t head_size; /* of head */
    uint16_t carry_size;
    uint8_t head[SNIFF_HEAD]; /* the first bytes of the pickle, from earlier pieces */
    uint8_t carry[CARRY_MAX]; /* behind STOP: the first bytes that follow it */
};

void window_start(struct window *window, struct machine *machine, struct refusal *refusal,
                  const spk_options *options, bool is_gzipped);

/* Takes the next piece.  Afterwards refusal->reason has the answer, if window_is_settled. */
void window_feed(struct window *window, const uint8_t *p, size_t size);

/* False while a refusal may still get a better reason from the next few bytes. */
bool window_is_settled(const struct window *window);

/* Settles what the bytes so far can settle, before something behind them is judged. */
void window_flush(struct window *window);

/* The input ends here. */
void window_finish(struct window *window);

#endif
