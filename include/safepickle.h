/* SPDX-License-Identifier: MIT
 *
 * safepickle: a decoder for Python pickles from someone you do not trust, and an encoder that
 * writes safe ones.
 *
 * It answers one question: is this a pickle of plain data, and nothing else?  If so it hands the
 * data over; if not it says which byte, which opcode and why.  Nothing is ever imported, called or
 * executed; there is no code here that could.
 *
 * Plain data are Python's None, bool, int, float, str, bytes, bytearray, list, tuple, dict, set and
 * frozenset, in protocols 0 to 5 (docs.python.org/3/library/pickle.html and the comments of
 * CPython's Lib/pickletools.py are the sources of every format fact below).  Every CPython from 3.8
 * on loads what is accepted here, and to the same value.
 *
 *     spk_report report = SPK_REPORT_INIT;
 *     spk_document *document = spk_decode(data, size, NULL, &report);
 *     if (!document) {
 *         char line[SPK_LINE_SIZE];
 *         spk_report_format(&report, line, sizeof line);
 *         fprintf(stderr, "%s\n", line);
 *     } else {
 *         int64_t age;
 *         if (spk_get_int(spk_find_str(spk_document_root(document), "age", 3), &age)) ...
 *         spk_document_free(document);
 *     }
 *
 * The manual, in the order of use: 1 results, 2 options, 3 whole buffers, 4 values, 5 streams, 6
 * text, 7 writing, 8 looking.
 *
 * In general: the library reads no file, environment, locale or clock and keeps no global state.
 * Different decoders may run in different threads; one decoder belongs to one thread at a time; a
 * finished document may be read by many threads at once.  Structs that the caller provides start
 * with their size and will only ever grow at their end. */
#ifndef SAFEPICKLE_H
#define SAFEPICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined _WIN32 || !defined __GNUC__
#define SPK_API
#else
#define SPK_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define SPK_VERSION_MAJOR 0
#define SPK_VERSION_MINOR 1
#define SPK_VERSION_PATCH 0

/* The version of the library that is linked, such as "0.1.0"; static. */
SPK_API const char *spk_version(void);

/* True if the library was built with zlib; without it gzip input is refused as such (SP409). */
SPK_API bool spk_has_zlib(void);

/* ---- 1. Results ------------------------------------------------------------------------------ */

/* What is known of an input.  The five refusals, and SPK_UNWRITTEN, are the classes of the SPnnn
 * codes. */
typedef enum spk_status {
    SPK_OK = 0, /* accepted: plain data and nothing else */
    SPK_MORE, /* nothing is wrong so far, but it is not complete: feed more, or finish */
    SPK_UNSAFE, /* SP1xx: it can run code */
    SPK_MALFORMED, /* SP2xx: no unpickler loads it */
    SPK_LIMIT, /* SP3xx: it exceeds one of the limits of section 2 */
    SPK_WRAPPER, /* SP4xx: gzip damage, or a container that is no pickle */
    SPK_POLICY, /* SP5xx: some unpickler loads it, but no pickler writes it, or unpicklers disagree
                   about it */
    SPK_NO_MEMORY, /* no verdict: the allocator failed although max_alloc was not reached */
    SPK_MISUSE, /* no verdict: the call was wrong (an option out of range, bytes fed after an
                   accepting finish) */
    SPK_UNWRITTEN /* SP6xx: no whole pickle was written (section 7) */
} spk_status;

/* "accepted", "more", "code", "malformed", "limit", "wrapper", "policy", "no-memory", "misuse",
 * "unwritten"; static. */
SPK_API const char *spk_status_name(spk_status status);

typedef enum spk_wrapper { SPK_WRAPPER_NONE = 0, SPK_WRAPPER_GZIP } spk_wrapper;

#define SPK_DETAIL_SIZE 256
#define SPK_LINE_SIZE 640 /* enough for every line of spk_report_format */

/* Verdict and facts about one input.  The caller provides it, and nothing in it needs to be freed:
 * its pointers are to static text.  Set size (SPK_REPORT_INIT does) before you hand it over: fields
 * that do not fit into that size as a whole are not filled, and with size 0 none is. */
typedef struct spk_report {
    size_t size;
    spk_status status;
    unsigned code; /* 101 for SP101; 0 unless refused.  Codes are stable and never reused */
    const char *name; /* "code-import"; "" unless refused */
    const char *message; /* an English phrase; "" unless refused, SPK_NO_MEMORY or SPK_MISUSE, whose
                            detail then names the field or argument that was wrong */
    const char *opcode; /* pickletools' name, such as "STACK_GLOBAL"; "" where no opcode is
                           concerned */
    uint64_t offset; /* in the pickle: the first byte of the opcode that was judged.  Of a
                        truncation: of the incomplete opcode, or the end.  Of trailing bytes: the
                        first one after STOP */
    uint64_t raw_offset; /* in the input.  The same as offset unless gzipped; then the packed byte
                            that brought the refusal, rounded down by less than 1/8 of it and less
                            than 64 KiB, and exact below 128 */
    uint64_t limit; /* SP3xx: the limit that was exceeded; else 0 */
    spk_wrapper wrapper;
    int protocol; /* the operand of PROTO; -1 if there is none (protocols 0 and 1 do not write it)
                   */
    uint64_t input_bytes; /* bytes that were fed and looked at */
    uint64_t consumed; /* bytes of the (unpacked) pickle: up to the end of STOP, or up to the offset
                          of the refusal */
    uint64_t opcodes; /* opcodes that were executed */
    uint64_t max_depth; /* of the value, once accepted: 0 for an int, 1 for [], 2 for [[]];
                           saturates at 1,048,575 */
    char detail[SPK_DETAIL_SIZE]; /* what the message is about, such as "posix.system"; escaped as
                                     by spk_escape, so that it is safe to print; "" if there is
                                     nothing to add */
    const char *hint; /* what can be done about it, a phrase such as "protocol 5 writes a bytearray
                         without it"; "" if there is nothing to say, and for a limit, whose message
                         names the option */
    const char *set; /* SP101: the set of spk_options.allow that has the name, "" if none has.  That
                        it would be accepted is not said */
    uint64_t imports; /* met and allowed (spk_options.allow), each time counted */
} spk_report;

#define SPK_REPORT_INIT \
    {sizeof(spk_report), \
     SPK_MORE, \
     0, \
     "", \
     "", \
     "", \
     0, \
     0, \
     0, \
     SPK_WRAPPER_NONE, \
     -1, \
     0, \
     0, \
     0, \
     0, \
     "", \
     "", \
     "", \
     0}

/* Writes one line of text without a line feed: for a refusal such as "SP101 STACK_GLOBAL at byte 50
 * (0x32) would import posix.system", with a semicolon and the hint behind it if there is one; for
 * an accepted input such as "accepted (protocol 4, 24 opcodes, 51 bytes, depth 2)".  Always ends
 * with a NUL if out_size > 0.  Returns the length of the whole line, as snprintf does. */
SPK_API size_t spk_report_format(const spk_report *report, char *out, size_t out_size);

/* ---- 2. Options ------------------------------------------------------------------------------ */

#define SPK_UNLIMITED UINT64_MAX

/* Where memory comes from.  resize is realloc with a context and the block's old size: block NULL
 * (old_size 0) asks for a new one, new_size 0 frees and returns NULL, a failure returns NULL and
 * leaves the block as it was.  Blocks must be aligned as malloc's are.  A document keeps a copy of
 * this struct and frees itself with it. */
typedef struct spk_allocator {
    void *(*resize)(void *context, void *block, size_t old_size, size_t new_size);
    void *context;
} spk_allocator;

typedef enum spk_gzip {
    SPK_GZIP_AUTO = 0, /* unwrap input that starts with 1f 8b; no pickle does */
    SPK_GZIP_ALWAYS, /* refuse what is not gzipped */
    SPK_GZIP_NEVER /* refuse what is gzipped */
} spk_gzip;

/* How a str of Python 2 (STRING, BINSTRING, SHORT_BINSTRING) is read: the argument "encoding" of
 * pickle.load. */
typedef enum spk_encoding {
    SPK_ENCODING_ASCII = 0, /* as str; a byte over 127 is refused (the default of pickle.load) */
    SPK_ENCODING_LATIN1, /* as str */
    SPK_ENCODING_BYTES /* as bytes */
} spk_encoding;

typedef enum spk_trailing {
    SPK_TRAILING_REFUSE = 0, /* bytes after STOP are refused */
    SPK_TRAILING_STOP /* the verdict is given at STOP; what follows is not read, and starts at
                         report.consumed.  In gzip the rest is still unpacked, so that its check
                         sums are tested; it counts against max_unpacked and max_ratio, and is
                         ignored */
} spk_trailing;

/* SPK_OPTIONS_INIT sets size, and all else to zeros, which mean the defaults.  (SPK_MISUSE is a
 * size of 0, or one that no version of this struct ever had; and a longer struct with a field set
 * that this library does not know, since a stricter option must not be dropped in silence.)  For
 * every limit 0 means the default that stands on its line, and SPK_UNLIMITED means no limit.  All
 * limits except max_alloc are facts of the pickle: they do not depend on the platform or on how the
 * bytes are cut into pieces. */
typedef struct spk_options {
    size_t size;
    spk_gzip gzip;
    spk_encoding encoding;
    spk_trailing trailing;
    bool allow_cycles; /* accept values that contain themselves; memory and time are still bounded.
                          The longest way through a cycle has no end.  So max_depth then bounds a
                          walk that goes depth first, enters each container once, and takes items in
                          the order in which they were stored (even those that a later equal key
                          has replaced): root = {'c': []} with a thousand {'p': root} in the list is
                          3 deep.  max_expansion counts what leads back as one value, and a link out
                          of a cycle as all that it reaches */
    spk_allocator allocator; /* resize NULL: realloc and free */
    const uint8_t *hash_key; /* 16 secret bytes for the hash of dict keys; NULL: getrandom.  Never
                                changes a verdict, a value or an order.  Read by the call that gets
                                the options, and not kept */
    uint64_t max_input; /* bytes fed; 4 GiB */
    uint64_t max_unpacked; /* bytes of the pickle, after gunzip; 4 GiB.  A length that claims more
                              is not believed: it is refused when more bytes than the limit
                              have come, and is a truncation if the input ends before that */
    uint64_t max_ratio; /* unpacked : packed, tested every 64 KiB of output once past 64 MiB; 250 */
    uint64_t max_depth; /* nesting of containers, and of open MARKs plus 1; 1000.  1,048,575 and
                           more mean unlimited.  allow_cycles says what it means there */
    uint64_t max_memo; /* memo entries; 67,108,864 (and PUT i always needs i <= its own offset) */
    uint64_t max_alloc; /* bytes held at once for stack, memo, document, inflate, everything; 1 GiB.
                           What the allocator takes beyond those bytes is not counted.  The default
                           one takes huge pages: that is at most as much again and, from a limit of
                           16 MiB on, 20 MiB */
    uint64_t max_expansion; /* values, shared ones counted as often as they are reached;
                               1,000,000,000.  68,719,476,735 and more mean unlimited */
    uint64_t max_int_bytes; /* of one LONG1 or LONG4; 1 MiB (ints as text have at most 4300 digits
                               in any case) */
    uint64_t max_key_depth; /* nesting of a dict key or set member, which CPython hashes
                               recursively; 100, and at most that */
    uint64_t max_key_expansion; /* values in a dict key or set member; 65,536, and at most that */

    /* Sets of names that may be imported, separated by commas or spaces, such as "plain"; NULL:
     * none.  Read by the call that it is given to, not kept.  With it max_depth is at most 65,534.
     *
     * "plain" is set, frozenset, bytes and bytearray as older protocols write them, through names
     * (__builtin__.set, _codecs.encode).  The values are the plain ones; nothing is imported or
     * called for them: name and arguments must be what picklers write, and then the value is made
     * here.  What is accepted every CPython from 3.8 on loads to the same value, where the names
     * lead to its own library; it does import that. */
    const char *allow;
} spk_options;

#define SPK_OPTIONS_INIT \
    {sizeof(spk_options), \
     SPK_GZIP_AUTO, \
     SPK_ENCODING_ASCII, \
     SPK_TRAILING_REFUSE, \
     false, \
     {NULL, NULL}, \
     NULL, \
     0, \
     0, \
     0, \
     0, \
     0, \
     0, \
     0, \
     0, \
     0, \
     0, \
     NULL}

/* Replaces every limit that is 0 by its default, and lowers the two that have a ceiling.  Every
 * call below does that on a copy of its own.  False if a field is out of range, and then nothing is
 * changed; the report of the calls below says which field. */
SPK_API bool spk_options_resolve(spk_options *options);

/* ---- 3. Whole buffers ------------------------------------------------------------------------ */

/* In these three calls options may be NULL (the defaults), report may be NULL, and data may be NULL
 * if size is 0. */

/* Judges a buffer without building anything. */
SPK_API spk_status spk_check(const void *data, size_t size, const spk_options *options,
                             spk_report *report);

typedef struct spk_document spk_document;

/* Judges a buffer and builds its value.  Strings are copied, so the buffer is not needed
 * afterwards. NULL unless accepted. */
SPK_API spk_document *spk_decode(const void *data, size_t size, const spk_options *options,
                                 spk_report *report);

/* Like spk_decode, but strings and bytes point into the buffer where they can: it must stay,
 * unchanged, as long as the document does.  (Of gzipped input nothing can be borrowed.) */
SPK_API spk_document *spk_decode_borrowing(const void *data, size_t size,
                                           const spk_options *options, spk_report *report);

/* Frees a document with every value in it; NULL is fine.  Does not walk over the values. */
SPK_API void spk_document_free(spk_document *document);

/* Bytes that the document holds from its allocator. */
SPK_API size_t spk_document_memory(const spk_document *document);

/* ---- 4. Values ------------------------------------------------------------------------------- */

/* A value is immutable and lives as long as its document.  A pointer to a value stands for a place
 * in a container: one object that stands at two places may have two pointers, but has one
 * spk_value_id. Every getter accepts NULL and a value of another type, and then returns false, 0 or
 * NULL, so that a chain of calls needs one check at its end. */
typedef struct spk_value spk_value;

typedef enum spk_type {
    SPK_INVALID = 0, /* of NULL */
    SPK_NONE,
    SPK_BOOL,
    SPK_INT,
    SPK_FLOAT,
    SPK_STR,
    SPK_BYTES,
    SPK_BYTEARRAY,
    SPK_LIST,
    SPK_TUPLE,
    SPK_DICT,
    SPK_SET,
    SPK_FROZENSET
} spk_type;

SPK_API const spk_value *spk_document_root(const spk_document *document);
SPK_API spk_type spk_type_of(const spk_value *value);

/* Python's name of a type: "NoneType", "bool", "int" ...; static. */
SPK_API const char *spk_type_name(spk_type type);

/* Which object a value is.  For a str, bytes, bytearray, container, or int of more than 48 bits:
 * not 0, and within one document the same for two values only if they are one object (Python's
 * "is"). For others it is 0; Python does not promise their identity either.  A long int may be
 * fetched from the memo any number of times: a program that writes or builds it anew at each place
 * makes thousands of bytes of each byte of the pickle. */
SPK_API uint64_t spk_value_id(const spk_value *value);

SPK_API bool spk_get_bool(const spk_value *value, bool *out);

/* False for an int that does not fit, as for any other type. */
SPK_API bool spk_get_int(const spk_value *value, int64_t *out);

/* Any int as little-endian two's complement in the fewest bytes (0 takes one).  Returns that number
 * of bytes and writes them if out_size is enough; 0 if the value is no int.  Call with out_size 0
 * to ask. */
SPK_API size_t spk_get_int_bytes(const spk_value *value, void *out, size_t out_size);

/* Exactly the bits that are in the pickle, even those of a NaN. */
SPK_API bool spk_get_float(const spk_value *value, double *out);

/* A str as UTF-8 of size bytes.  There is no NUL at its end, and there may be NULs inside.  Lone
 * surrogates are encoded in three bytes like other code points (Python's "surrogatepass"): whoever
 * needs strict UTF-8 must look for them. */
SPK_API bool spk_get_str(const spk_value *value, const char **data, size_t *size);

/* The bytes of a bytes or bytearray. */
SPK_API bool spk_get_bytes(const spk_value *value, const void **data, size_t *size);

/* Python's len(): items of a list, tuple, set or frozenset, pairs of a dict, bytes of a bytes or
 * bytearray.  0 for a str: its length in code points is not kept. */
SPK_API size_t spk_size(const spk_value *value);

/* An item of a list or tuple, or a member of a set or frozenset, in the order of the pickle; NULL
 * past the end. */
SPK_API const spk_value *spk_item(const spk_value *value, size_t index);

/* A pair of a dict, in Python's order: of equal keys the first one stays, and the last value wins;
 * NULL past the end. */
SPK_API const spk_value *spk_dict_key(const spk_value *dict, size_t index);
SPK_API const spk_value *spk_dict_value(const spk_value *dict, size_t index);

/* The value of a dict under a str key given as UTF-8, in constant time; NULL if there is none. */
SPK_API const spk_value *spk_find_str(const spk_value *dict, const char *key, size_t key_size);

/* The value of a dict under any key, or the member of a set or frozenset equal to it; NULL if there
 * is none.  Takes time in the order of the values in the key, shared ones counted as often as they
 * are met, times the logarithm of their number where frozensets are nested in it.  The key may come
 * from another document.  Equality is Python's: 1, True and 1.0 are one key; a NaN, and what holds
 * one, is never found. */
SPK_API const spk_value *spk_find(const spk_value *container, const spk_value *key);

typedef enum spk_event {
    SPK_ATOM, /* a value that is no container (an empty one is); comes for each place where it
                 stands */
    SPK_ENTER, /* a container, before its items; those of a dict are key, value, key, value ... */
    SPK_LEAVE, /* the same container, after its items */
    SPK_AGAIN /* a container that was entered before, because it is shared or in a cycle.  It is not
                 entered again */
} spk_event;

typedef enum spk_walk {
    SPK_WALK_ON,
    SPK_WALK_SKIP, /* after SPK_ENTER: leave out the items; SPK_LEAVE still comes */
    SPK_WALK_STOP /* end the visit now */
} spk_walk;

typedef spk_walk spk_visitor(void *context, spk_event event, const spk_value *value);

/* Walks over a value of the document without recursion: depth first, in order, into each container
 * once.  Takes memory from the document's allocator, in the order of the depth and of the number of
 * shared containers.  SPK_OK when the walk is done or the visitor has stopped it, else
 * SPK_NO_MEMORY, or SPK_MISUSE for a NULL. */
SPK_API spk_status spk_visit(const spk_document *document, const spk_value *value,
                             spk_visitor *visitor, void *context);

/* ---- 5. Streams ------------------------------------------------------------------------------ */

typedef struct spk_decoder spk_decoder;

typedef enum spk_mode {
    SPK_MODE_CHECK, /* build nothing: memory depends on nesting and memo, and not on size */
    SPK_MODE_DECODE /* build a document */
} spk_mode;

/* A decoder that takes its input in pieces of any size, and refuses at the first bad byte.  NULL
 * when there is no memory or an option is out of range; the report (or NULL) says which. */
SPK_API spk_decoder *spk_decoder_new(spk_mode mode, const spk_options *options, spk_report *report);

/* Judges the next piece.  SPK_MORE while nothing is wrong; SPK_OK only with SPK_TRAILING_STOP, once
 * STOP was met; else the refusal, which stays.  To feed more after a refusal is allowed and cheap,
 * and changes nothing.
 *
 * Where the next bytes can give a refusal a better reason, it waits for them, and SPK_MORE is
 * returned meanwhile: for the import that GLOBAL, INST, PERSID and EXT name, at most 64 KiB; while
 * the first bytes may begin a file of another kind or text, at most 262; and for what follows a
 * whole pickle, at most 64.
 *
 * A wrong call, with data NULL or after an accepting finish, is SPK_MISUSE, and so is every call
 * after it until a reset: there is no verdict and no document any more. */
SPK_API spk_status spk_decoder_feed(spk_decoder *decoder, const void *data, size_t size);

/* Says that the input ends here.  SPK_OK or a refusal, which is the verdict from then on. */
SPK_API spk_status spk_decoder_finish(spk_decoder *decoder);

/* After an accepting finish in SPK_MODE_DECODE: hands the document over to the caller, once; it
 * outlives the decoder.  Else NULL. */
SPK_API spk_document *spk_decoder_take(spk_decoder *decoder);

/* What is known so far. */
SPK_API spk_status spk_decoder_report(const spk_decoder *decoder, spk_report *report);

/* Bytes that decoder and document hold now, and (*peak) the most so far: never above max_alloc. */
SPK_API size_t spk_decoder_memory(const spk_decoder *decoder, size_t *peak);

/* Makes the decoder as good as new, with the same options.  It keeps some memory for reuse. */
SPK_API void spk_decoder_reset(spk_decoder *decoder);

/* Frees the decoder, with its document if that was not taken; NULL is fine. */
SPK_API void spk_decoder_free(spk_decoder *decoder);

/* ---- 6. Text --------------------------------------------------------------------------------- */

/* Makes text from a stranger safe to print on one line: control characters, DEL, backslash and
 * invalid UTF-8 become \xNN, bidirectional marks and other invisible code points \u{NNNN}; the rest
 * stays.  Writes at most out_size bytes, with a NUL at the end, and no part of a character or
 * escape. Returns the length that it would need, as snprintf does. */
SPK_API size_t spk_escape(const void *data, size_t size, char *out, size_t out_size);

/* ---- 7. Writing ------------------------------------------------------------------------------ */

/* What is written has only opcodes that make plain data, and is read back as the same value: by
 * every CPython that knows the protocol, and by the decoder above with the same limits (except
 * max_alloc, because a value and its pickle take different memory).  There are two ways: spk_encode
 * writes a value that was decoded, and spk_writer one that the program puts piece by piece.
 *
 *     spk_report report = SPK_REPORT_INIT;
 *     spk_writer *writer = spk_writer_new(NULL, NULL, NULL, &report);
 *     spk_begin_dict(writer, 2);                      {"name": "John", "age": 30}
 *     spk_put_str(writer, "name", 4);
 *     spk_put_str(writer, "John", 4);
 *     spk_put_str(writer, "age", 3);
 *     spk_put_int(writer, 30);
 *     size_t size;
 *     void *pickle = spk_writer_take(writer, &size);
 *     if (!pickle) {                     one check is enough: any call above may have failed
 *         spk_writer_report(writer, &report);
 *         ...
 *     }
 *     spk_writer_free(writer);
 *     ...
 *     free(pickle);
 *
 * A failure has the status and code of the refusal that a decoder with these limits would give
 * (SP212 for a list as a dict key, SP204 for a str that is not UTF-8, SP304 for nesting that is too
 * deep), or a code of class SP6xx:
 *
 *     SP601 the type needs a higher protocol, which the detail names
 *     SP602 a value after the last one
 *     SP603 finish before all announced items were there
 *     SP604 the write function failed
 *     SP605 gzip was asked for and there is no zlib
 *     SPK_MISUSE (no code) is NULL where there are bytes
 *
 * offset is then the number of bytes of the pickle that were made.  After success a report holds
 * status, wrapper, protocol, max_depth, consumed (bytes of the pickle) and raw_offset (bytes put
 * out); the rest is 0. */

/* Takes the next bytes of the output; false ends the writing with SP604.  Pieces are about 64 KiB,
 * with gzip 16 KiB; large strings come as they are.  What was handed over is a pickle only when the
 * whole call has succeeded: until then STOP is missing, and the trailer of gzip. */
typedef bool spk_write(void *context, const void *data, size_t size);

/* SPK_ENCODE_OPTIONS_INIT sets size, and all else to zeros, which mean the defaults; size is judged
 * as that of spk_options.  The limits are those of section 2, so that what was written with the
 * default ones can be read with the default ones. */
typedef struct spk_encode_options {
    size_t size;
    int protocol; /* 2 to 5; 0 means 4, which every Python since 3.4 reads.  bytes need 3, set and
                     frozenset 4, bytearray 5: below these CPython would have to import something to
                     make one */
    bool gzip; /* one member, without name and time; the same library and zlib make the same
                  bytes */
    int gzip_level; /* 1 (fast) to 9 (small); 0 means 6, zlib's default */
    spk_allocator allocator; /* resize NULL: realloc and free */
    uint64_t max_output; /* bytes of the pickle, before gzip; 4 GiB */
    uint64_t max_depth; /* nesting of containers, and of open MARKs plus 1; 1000 */
    uint64_t max_memo; /* memo entries; 67,108,864.  spk_encode makes one for each str, bytes,
                          bytearray and container, spk_writer none */
    uint64_t max_alloc; /* bytes held at once, with the output if it is gathered in memory; 1 GiB */
    uint64_t max_expansion; /* values; 1,000,000,000.  For spk_writer only: those of a document were
                               counted by the decoder */
    uint64_t max_int_bytes; /* of one int; 1 MiB */
    uint64_t max_key_depth; /* of a dict key or set member; 100, and at most that.  For spk_writer
                               only, as is the next */
    uint64_t max_key_expansion; /* 65,536, and at most that */
} spk_encode_options;

#define SPK_ENCODE_OPTIONS_INIT \
    {sizeof(spk_encode_options), 0, false, 0, {NULL, NULL}, 0, 0, 0, 0, 0, 0, 0, 0}

/* Writes a value of a document; for all of it use spk_encode(spk_document_root(document), ...).
 * What is shared in the value is shared in the pickle, through the memo.  If the C pickler of a
 * CPython from 3.8 to 3.14 wrote the pickle (not "fast", not optimized), the same bytes come out at
 * the same protocol; if not, the bytes that it would write for the same objects.  Values that
 * contain themselves are written, too.  options and report may be NULL.  Needs memory in the order
 * of nesting and memo.  Other threads may use the document at the same time. */
SPK_API spk_status spk_encode(const spk_value *value, const spk_encode_options *options,
                              spk_write *write, void *context, spk_report *report);

/* Like spk_encode, but returns the bytes in a block that the caller frees: with free(), or if the
 * options have an allocator with its resize, where *size is the old size.  NULL after a failure. */
SPK_API void *spk_encode_buffer(const spk_value *value, const spk_encode_options *options,
                                size_t *size, spk_report *report);

/* Writes a new value that the program puts piece by piece.  However much is written, it holds only
 * the nesting and at most about 256 KiB of output (more only for a larger int), and with gzip what
 * deflate needs (less than 300 KiB).  So it makes no memo, and a string that is put twice is
 * written twice.  The bytes are those of CPython's Pickler with the attribute "fast" set. */
typedef struct spk_writer spk_writer;

/* If write is NULL, the output is gathered in memory, for spk_writer_take.  Returns NULL when there
 * is no memory or an option is out of range; the report, which may be NULL, says which. */
SPK_API spk_writer *spk_writer_new(const spk_encode_options *options, spk_write *write,
                                   void *context, spk_report *report);

/* The values, in order.  If a call fails, it returns false, and so does every later one; nothing
 * more is written.  A caller may ignore that until the end.  Each call accepts a NULL writer (and
 * returns false), and data may be NULL if size is 0. */
SPK_API bool spk_put_none(spk_writer *writer);
SPK_API bool spk_put_bool(spk_writer *writer, bool value);
SPK_API bool spk_put_int(spk_writer *writer, int64_t value);

/* An int as little-endian two's complement of any size (no bytes: 0), as spk_get_int_bytes gives
 * it. */
SPK_API bool spk_put_int_bytes(spk_writer *writer, const void *data, size_t size);
SPK_API bool spk_put_float(spk_writer *writer, double value);

/* UTF-8, in which lone surrogates may stand in three bytes each, as spk_get_str gives it. */
SPK_API bool spk_put_str(spk_writer *writer, const char *data, size_t size);
SPK_API bool spk_put_bytes(spk_writer *writer, const void *data, size_t size);
SPK_API bool spk_put_bytearray(spk_writer *writer, const void *data, size_t size);

/* A container, whose items are the values that are put next: "count" items of a list, tuple, set or
 * frozenset, "count" pairs (key, value, key, value ...) of a dict.  It ends by itself after the
 * last one, or at once if it is empty.  Nobody looks for equal keys and members: a reader keeps the
 * first key and the last value. */
SPK_API bool spk_begin_list(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_tuple(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_dict(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_set(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_frozenset(spk_writer *writer, uint64_t count);

/* Ends the pickle, which must hold one whole value, and hands over the rest of the output.  SPK_OK,
 * or the first failure; a second call returns the same.  After SPK_OK no more values are taken:
 * calls return false and change nothing. */
SPK_API spk_status spk_writer_finish(spk_writer *writer);

/* Finishes, and returns what a writer without a write function has gathered, once, in a block as
 * that of spk_encode_buffer.  NULL after a failure. */
SPK_API void *spk_writer_take(spk_writer *writer, size_t *size);

/* What is known so far; SPK_MORE until finish. */
SPK_API spk_status spk_writer_report(const spk_writer *writer, spk_report *report);

/* Bytes that the writer holds now, and (*peak) the most so far. */
SPK_API size_t spk_writer_memory(const spk_writer *writer, size_t *peak);

/* Frees the writer, with what was not taken; NULL is fine.  Does not finish: without a finish, what
 * the write function got is no pickle. */
SPK_API void spk_writer_free(spk_writer *writer);

/* ---- 8. Looking ------------------------------------------------------------------------------ */

/* What is known of an opcode; static.  Fields may be added at the end. */
typedef struct spk_opcode {
    const char *name; /* pickletools' name, such as "STACK_GLOBAL" */
    int byte;
    int protocol; /* the first one that has it */
    const char *operand; /* the form of what follows the byte: NONE; U1, U2, U4, S4, U8 (integers,
                            little-endian) and F8 (a big-endian double); COUNT_U1, COUNT_U4,
                            COUNT_S4, COUNT_U8 (a length, then that number of bytes); LINE_INT,
                            LINE_LONG, LINE_FLOAT, LINE_INDEX, LINE_STRING, LINE_UNICODE, LINE_NAME
                            (up to a line feed); LINES_NAME (two lines) */
    unsigned code; /* 101 for SP101: the opcode alone is refused for that; 0: it makes plain data */
    const char *meaning; /* as stack before -> after: M is the MARK, .. any number of items, n a
                            length, i an index */
} spk_opcode;

/* NULL for a number that is no opcode.  So a loop from 0 to 255 lists them all. */
SPK_API const spk_opcode *spk_opcode_of(int byte);

typedef struct spk_scanned {
    const spk_opcode *opcode; /* NULL: the first byte is no opcode */
    const void *operand; /* where it is in the data, without its length; NULL if not all of it is
                            there */
    size_t operand_size; /* without a length in front, or the line feed at the end */
} spk_scanned;

/* Looks at the opcode that the bytes begin with.  Returns the number of bytes that it takes with
 * its operand; 0 if not all of them are there, if the length in it is impossible, or if the first
 * byte is no opcode.  Call it again behind these bytes for the next opcode.  Judges nothing, and
 * never reads beyond size; of gzipped input it sees the packed bytes.  out may be NULL. */
SPK_API size_t spk_scan(const void *data, size_t size, spk_scanned *out);

/* What is known of a refusal; static.  Fields may be added at the end. */
typedef struct spk_reason {
    unsigned code; /* 101 for SP101 */
    const char *name; /* "code-import" */
    spk_status status; /* the class: SPK_UNSAFE, SPK_MALFORMED ... */
    const char *message; /* the phrase that stands in reports */
    const char *hint; /* what can be done about it; "" if nothing can, or if that depends */
    const char *help; /* a few sentences: what it means, and where it comes from */
} spk_reason;

/* All refusals in the order of their codes; NULL past the end. */
SPK_API const spk_reason *spk_reason_at(size_t index);

/* The names of the sets that spk_options.allow may name, smaller ones first; static, NULL past the
 * end. */
SPK_API const char *spk_set_at(size_t index);

/* What is known of a limit of spk_options; static.  Fields may be added at the end. */
typedef struct spk_limit {
    const char *name; /* of the field, such as "max_depth" */
    size_t offset; /* of the field, a uint64_t, in spk_options */
    uint64_t default_value; /* what 0 stands for */
    uint64_t ceiling; /* the most that it can be; SPK_UNLIMITED: it has no ceiling */
    bool is_bytes; /* it counts bytes */
    unsigned code; /* of the refusal: 304 for SP304 */
    const char *what; /* what is counted: "nesting of containers" */
    size_t encode_offset; /* of the field of spk_encode_options, a uint64_t, that bounds the same in
                             what is written; 0: there is none */
} spk_limit;

/* All limits in the order of their fields; NULL past the end. */
SPK_API const spk_limit *spk_limit_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
