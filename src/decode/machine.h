/* SPDX-License-Identifier: MIT
 *
 * The pickle machine: one loop and one switch over the opcodes of opcodes.def.  It executes all
 * complete opcodes in a window of contiguous bytes, and returns where and why it stopped.  It knows
 * nothing of pieces or gzip; of frames it knows what FRAME may claim, and that a window ends where
 * its frame does.  A payload that does not stand in one window as a whole comes to it in pieces.
 *
 * Its body (machine_body.h) is compiled twice, with the sinks sink_check.h and sink_build.h, and
 * twice more by machine_wide.c, for names that options let in.  A check builds nothing: its slots
 * hold the facts of values. */
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
#include "decode/wide.h"
#include "text/utf8.h"

/* Why a run ended. */
enum stop {
    STOP_WINDOW,  /* the window, or the part of it inside the frame, has been executed */
    STOP_NEED,    /* the opcode at the end is not complete: a fixed operand or a number line */
    STOP_PAYLOAD, /* machine->payload says what follows */
    STOP_END,     /* STOP was executed: machine->root is the value */
    STOP_REFUSED
};

#define OPERAND_TEXT_MAX 512 /* bytes kept of the lines that name an import */
#define NAME_WAIT_MAX 65536  /* bytes of them that are waited for */

/* A payload that comes in pieces. */
struct payload {
    uint8_t opcode;
    uint64_t offset;  /* of the opcode */
    uint64_t claimed; /* bytes, of a counted payload */
    uint64_t seen;    /* bytes so far */
    bool is_doomed; /* claims more than the limits allow: nothing of it is kept, and it is refused
                       when the limit is reached */
    struct utf8 utf8;
    struct unescape unescape;
    uint8_t lines; /* line feeds seen in the lines that name an import */
    uint16_t text_size; /* of text */
    uint8_t text[OPERAND_TEXT_MAX];
};

enum payload_end { PAYLOAD_MORE, PAYLOAD_DONE, PAYLOAD_REFUSED };

struct machine;

/* The functions of a sink's compilation that are called from outside.  They are called for a window
 * or a piece, never for a single value. */
struct mode {
    enum stop (*run)(struct machine *machine, const uint8_t *p);
    bool (*payload_start)(struct machine *machine);
    enum payload_end (*line_piece)(struct machine *machine, const uint8_t *p, size_t size,
                                   size_t *used);
    enum payload_end (*counted_piece)(struct machine *machine, const uint8_t *p, size_t size,
                                      size_t *used);
    enum payload_end (*name_end)(struct machine *machine); /* a name has come to its end */
    uint64_t (*stamp_of)(const struct machine *machine, slot s); /* see sink.h */
};

/* In machine_wide.c. */
extern const struct mode mode_check_wide;
extern const struct mode mode_build_wide;

struct machine {
    const struct mode *mode;
    const spk_options *options;
    struct memory *memory;
    struct refusal *refusal;
    struct builder *builder; /* NULL: check */

    struct stack stack;
    struct memo memo;
    struct graph graph;

    /* The bytes that are being executed, and how far a run came.
     *
     *   window          executed            ample_end              window_end
     *   |---------------|-------------------|----------------------|
     *                                        at most AMPLE_BYTES - 1
     *
     * From an opcode below ample_end AMPLE_BYTES bytes can be read. */
    const uint8_t *window;
    const uint8_t *window_end;
    const uint8_t *ample_end;
    const uint8_t *executed;
    struct extent extent; /* window.c sets it, and ends windows by it */
    uint64_t window_offset; /* in the pickle, of the window's first byte */
    uint64_t stamp_base; /* plus an address in the window: the stamp of that byte */
    struct payload payload;
    struct number_scan scan; /* of the number line that the window ended in */
    facts atom_facts; /* of the item that is being judged, if it is an atom and its slot a word */
    enum reason reason; /* of a refusal that is under way */
    uint64_t about; /* what the detail of the refusal is about */
    slot root;
    uint64_t root_depth;
    uint64_t opcodes;
    uint64_t simple_max; /* expansion up to which simple items need no closer look: sink.h */
    int protocol; /* -1: no PROTO */
    struct wide wide;
    struct recent recent; /* last, because it is large */
};

/* The offset in the pickle of a byte of the window. */
static inline uint64_t offset_of(const struct machine *machine, const uint8_t *p) {
    return machine->window_offset + (size_t)(p - machine->window);
}

/* The same as a stamp: see recent.h. */
static inline uint64_t stamp_of(const struct machine *machine, const uint8_t *p) {
    return machine->stamp_base + (uintptr_t)p;
}

/* sets: what may be imported; 0 makes a strict machine. */
void machine_start(struct machine *machine, const spk_options *options, allowed sets,
                   struct memory *memory, struct refusal *refusal, struct builder *builder);
void machine_clear(struct machine *machine);
void machine_free(struct machine *machine);

/* Imports that were met. */
uint64_t machine_imports(const struct machine *machine);

/* Bytes that machine_clear keeps. */
size_t machine_memory(const struct machine *machine);

/* Before and after a piece is executed, in windows or as a payload: lets recent.h see the piece,
 * which begins at this offset of the pickle, and then copy from it what may still be asked for. */
static inline void machine_feed(struct machine *machine, const uint8_t *p, size_t size,
                                uint64_t offset) {
    recent_feed(&machine->recent, p, size, offset);
}

static inline void machine_keep(struct machine *machine) {
    recent_keep(&machine->recent);
}

/* Executes the opcodes in a window that begins at this offset of the pickle. */
enum stop machine_run(struct machine *machine, const uint8_t *window, size_t size, uint64_t offset);

/* Bytes of its window that the last run executed; after STOP_PAYLOAD those before the payload. */
static inline size_t machine_used(const struct machine *machine) {
    return (size_t)(machine->executed - machine->window);
}

/* Bytes that the last run did not execute, up to the end of its window or of the frame. */
static inline size_t machine_left(const struct machine *machine) {
    return (size_t)(machine->window_end - machine->executed);
}

/* Goes on with the number line in which a window ended; see number_scan. */
static inline enum number_end machine_scan_line(struct machine *machine, const uint8_t *p,
                                                size_t size, size_t *used) {
    return number_scan(&machine->scan, p, size, used);
}

static inline struct extent *machine_extent(struct machine *machine) {
    return &machine->extent;
}

/* The payload that STOP_PAYLOAD announced. */
static inline const struct payload *machine_payload_at(const struct machine *machine) {
    return &machine->payload;
}

/* What PROTO said; -1 if there was none. */
static inline int machine_protocol(const struct machine *machine) {
    return machine->protocol;
}

/* After STOP_PAYLOAD, when its claim has been judged against the frame: begins the payload, and
 * takes it in pieces.  is_doomed: it claims more than may come.  (The limit on ints is the
 * machine's.) *used is less than size only if the payload is complete. */
bool machine_payload_start(struct machine *machine, bool is_doomed);
enum payload_end machine_payload(struct machine *machine, const uint8_t *p, size_t size,
                                 size_t *used);

/* True if the payload only names what a refused opcode would import.  A frame or a limit that ends
 * the name is then no reason of its own. */
bool machine_payload_is_name(const struct machine *machine);

/* Refuses the opcode with the part of the name that is known: no more will come, or is wanted. */
void machine_refuse_name(struct machine *machine);

/* Refuses the opcode at an offset of the pickle. */
void machine_refuse(struct machine *machine, enum reason reason, int opcode, uint64_t offset);

/* Refuses a number line.  The detail is the line up to the byte that is wrong. */
void machine_refuse_number(struct machine *machine, const uint8_t *line, size_t size,
                           uint64_t offset);

#endif
