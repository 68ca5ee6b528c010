/* SPDX-License-Identifier: MIT
 *
 * The pickle machine: one loop and one switch over the opcodes of opcodes.def.  It executes every
 * complete opcode in a window of contiguous bytes and returns where it stopped and why; it knows
 * nothing of chunks or gzip, and of frames only what FRAME may claim and that the window ends with
 * them.  Payloads that do not stand wholly in a window come to it in pieces.
 *
 * Its body (machine_body.h) is compiled twice, with the sinks sink_check.h and sink_build.h: for a
 * check nothing is built, and a slot holds the facts of its value. */
#ifndef SPK_MACHINE_H
#define SPK_MACHINE_H

#include "text/ascii.h"
#include "text/unescape.h"
#include "decode/extent.h"
#include "decode/graph.h"
#include "decode/links.h"
#include "decode/recent.h"
#include "text/number.h"
#include "decode/slots.h"
#include "value/builder.h"
#include "text/utf8.h"

/* Why a run ended. */
enum stop {
    STOP_WINDOW,  /* the window, or the part of it inside the frame, has been executed */
    STOP_NEED,    /* the opcode at the end is not complete: a fixed operand or a number line */
    STOP_PAYLOAD, /* machine->payload says what follows */
    STOP_END,     /* STOP was executed: machine->root */
    STOP_REFUSED
};

#define OPERAND_TEXT_MAX 512 /* bytes kept of the lines that name an import */
#define NAME_WAIT_MAX 65536  /* bytes in which their ends are waited for */

/* A payload that comes in pieces. */
struct payload {
    uint8_t opcode;
    uint64_t offset;  /* of the opcode */
    uint64_t claimed; /* bytes, of a counted payload */
    uint64_t seen;    /* bytes so far */
    bool is_doomed; /* claims more than the limits allow: if so much comes it is refused, and
                       nothing is kept of it */
    struct utf8 utf8;
    struct unescape unescape;
    uint8_t lines; /* line feeds seen in the lines that name an import */
    uint16_t text_size; /* of text */
    uint8_t text[OPERAND_TEXT_MAX];
};

enum payload_end { PAYLOAD_MORE, PAYLOAD_DONE, PAYLOAD_REFUSED };

struct machine;

/* What is compiled once for each sink and called from without: once a window or piece, never once a
 * value. */
struct mode {
    enum stop (*run)(struct machine *machine, const uint8_t *p);
    bool (*payload_start)(struct machine *machine);
    enum payload_end (*line_piece)(struct machine *machine, const uint8_t *p, size_t size,
                                   size_t *used);
    enum payload_end (*counted_piece)(struct machine *machine, const uint8_t *p, size_t size,
                                      size_t *used);
    uint64_t (*stamp_of)(const struct machine *machine, slot s); /* see sink.h */
};

struct machine {
    const struct mode *mode;
    const spk_options *options;
    struct memory *memory;
    struct refusal *refusal;
    struct builder *builder; /* NULL: check */

    struct stack stack;
    struct memo memo;
    struct graph graph;

    const uint8_t *window; /* that is being executed */
    const uint8_t *window_end;
    const uint8_t *ample_end; /* below it, AMPLE_BYTES stand in the window */
    const uint8_t *executed; /* up to where it was */
    struct extent extent; /* the window's to set, and to end at */
    uint64_t window_offset; /* in the pickle, of the window's first byte */
    uint64_t stamp_base; /* plus an address in the window: the stamp of that byte */
    struct payload payload;
    struct number_scan scan; /* of the number line that the window ended in */
    facts atom_facts; /* of the item under judgement, where a slot does not hold its facts */
    enum reason reason; /* of a refusal that is under way */
    uint64_t about; /* what its detail speaks of */
    slot root;
    uint64_t root_depth;
    uint64_t opcodes;
    uint64_t simple_max; /* expansion up to which simple items need no closer look: sink.h */
    int protocol; /* -1: no PROTO */
    struct recent recent; /* last, because it is large */
};

/* In the pickle, of a byte of the window. */
static inline uint64_t offset_of(const struct machine *machine, const uint8_t *p) {
    return machine->window_offset + (size_t)(p - machine->window);
}

/* The same as a stamp: see recent.h. */
static inline uint64_t stamp_of(const struct machine *machine, const uint8_t *p) {
    return machine->stamp_base + (uintptr_t)p;
}

void machine_start(struct machine *machine, const spk_options *options, struct memory *memory,
                   struct refusal *refusal, struct builder *builder);
void machine_clear(struct machine *machine);
void machine_free(struct machine *machine);

/* Bytes that machine_clear keeps. */
size_t machine_memory(const struct machine *machine);

/* What is being read from this offset of the pickle on, in windows or as a payload; and, once it
 * has been, a copy of what may still be asked for. */
static inline void machine_feed(struct machine *machine, const uint8_t *p, size_t size,
                                uint64_t offset) {
    recent_feed(&machine->recent, p, size, offset);
}

static inline void machine_keep(struct machine *machine) {
    recent_keep(&machine->recent);
}

/* Executes the opcodes in a window that starts at this offset of the pickle. */
enum stop machine_run(struct machine *machine, const uint8_t *window, size_t size, uint64_t offset);

/* Bytes of its window that the last run executed; with STOP_PAYLOAD up to where that begins. */
static inline size_t machine_used(const struct machine *machine) {
    return (size_t)(machine->executed - machine->window);
}

/* Bytes that the last run left, up to the end of its window or of the frame. */
static inline size_t machine_left(const struct machine *machine) {
    return (size_t)(machine->window_end - machine->executed);
}

/* Reads on in the number line that a window ended in; number.h says how. */
static inline enum number_end machine_scan_line(struct machine *machine, const uint8_t *p,
                                                size_t size, size_t *used) {
    return number_scan(&machine->scan, p, size, used);
}

static inline struct extent *machine_extent(struct machine *machine) {
    return &machine->extent;
}

/* What STOP_PAYLOAD is about; and what PROTO said, -1: there was none. */
static inline const struct payload *machine_payload_at(const struct machine *machine) {
    return &machine->payload;
}

static inline int machine_protocol(const struct machine *machine) {
    return machine->protocol;
}

/* After STOP_PAYLOAD, once the frame and the claim have been judged: the pieces.  is_doomed: it
 * claims more than may come (what concerns ints the machine knows).  *used is less than size only
 * if the payload is complete. */
bool machine_payload_start(struct machine *machine, bool is_doomed);
enum payload_end machine_payload(struct machine *machine, const uint8_t *p, size_t size,
                                 size_t *used);

/* True if the payload only names what a refused opcode would import: frame ends and limits do not
 * matter to it. */
bool machine_payload_is_name(const struct machine *machine);

/* No more bytes of a name will come, or none are wanted: refuses the opcode, with what is known. */
void machine_refuse_name(struct machine *machine);

/* Refuses the opcode at an offset of the pickle. */
void machine_refuse(struct machine *machine, enum reason reason, int opcode, uint64_t offset);

/* Refuses a number line, telling the line up to the byte that cannot be. */
void machine_refuse_number(struct machine *machine, const uint8_t *line, size_t size,
                           uint64_t offset);

#endif
