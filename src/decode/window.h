/* SPDX-License-Identifier: MIT
 *
 * The one place that resumes.  Cuts the bytes of the pickle, which come in pieces of any size, into
 * windows that end where the piece or the frame ends; completes an opcode that is cut in a small
 * carry buffer; passes payloads on in pieces.  So everything is judged in byte order, and the
 * verdict does not depend on how the bytes were cut.  Knows nothing of what opcodes do. */
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
    bool is_unnamed; /* refused, but some bytes more will tell what it is instead, or what follows
                        STOP */
    uint16_t head_size; /* of head */
    uint16_t carry_size;
    uint8_t head[SNIFF_HEAD]; /* the first bytes of the stream, from all pieces before the present
                                 one */
    uint8_t carry[CARRY_MAX]; /* behind STOP: the first bytes that follow it */
};

void window_start(struct window *window, struct machine *machine, struct refusal *refusal,
                  const spk_options *options, bool is_gzipped);

/* Takes the next piece.  Afterwards refusal->reason tells, if window_is_settled. */
void window_feed(struct window *window, const uint8_t *p, size_t size);

/* False while a refusal may still get a better reason from the next few bytes. */
bool window_is_settled(const struct window *window);

/* Decides all that earlier bytes have decided, before something that comes after them is judged. */
void window_flush(struct window *window);

/* The input ends here. */
void window_finish(struct window *window);

#endif
