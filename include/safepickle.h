/* SPDX-License-Identifier: MIT
 *
 * safepickle: a decoder for Python pickles from someone you do not trust, and an encoder that
 * writes safe ones.
 *
 * It answers one question: is this a pickle of plain data, and nothing else?  If yes it hands the
 * data over, if not it says which byte, which opcode and why.  Nothing is ever imported, called or
 * executed; there is no code here that could.
 *
 * Plain data are Python's None, bool, int, float, str, bytes, bytearray, list, tuple, dict, set and
 * frozenset, in protocols 0 to 5 (docs.python.org/3/library/pickle.html and the comments of
 * CPython's Lib/pickletools.py are the sources of every format fact below).  What is accepted,
 * every CPython from 3.8 on loads to the same value.
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
 * Everywhere: the library reads no file, environment, locale or clock and keeps no global state.
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

/* True when the library was built with zlib; without it gzip input is refused by name (SP409). */
SPK_API bool spk_has_zlib(void);

/* ---- 1. Results ------------------------------------------------------------------------------ */

/* What is known of an input.  The five refusals, and SPK_UNWRITTEN, are the classes of the SPnnn
 * codes. */
typedef enum spk_status {
    SPK_OK = 0, /* accepted: plain data and nothing else */
    SPK_MORE, /* nothing wrong so far, not yet complete: feed more, or finish */
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

/* Verdict and facts about one input.  The caller provides it and nothing in it needs to be freed:
 * the pointers are to static text.  Set size (SPK_REPORT_INIT does) before handing it over: of a
 * smaller struct those fields are filled that it has as a whole, of one whose size is 0 none. */
typedef struct spk_report {
    size_t size;
    spk_status status;
    unsigned code; /* 101 for SP101; 0 unless refused.  Codes are stable and never reused */
    const char *name; /* "code-import"; "" unless refused */
    const char *message; /* an English phrase; "" unless refused, SPK_NO_MEMORY or SPK_MISUSE, whose
                            detail then names the field or argument that was wrong */
    const char *opcode; /* pickletools' name, such as "STACK_GLOBAL"; "" where none is concerned */
    uint64_t offset; /* in the pickle: first byte of the opcode judged.  Truncation: of the
                        incomplete opcode, or the end.  Trailing bytes: the first one after STOP */
    uint64_t raw_offset; /* in the input.  The same as offset unless gzipped; then the packed byte
                            that brought the refusal, rounded down by less than one part in 8 and
                            less than 64 KiB, and not at all below 128 */
    uint64_t limit; /* SP3xx: the limit that was exceeded; else 0 */
    spk_wrapper wrapper;
    int protocol; /* the operand of PROTO; -1 where there is none (protocols 0 and 1 do not write
                     it) */
    uint64_t input_bytes; /* bytes fed and looked at */
    uint64_t consumed; /* bytes of the (unpacked) pickle: up to and with STOP, or up to the offset
                          of the refusal */
    uint64_t opcodes; /* executed */
    uint64_t max_depth; /* of the value, once accepted: 0 for an int, 1 for [], 2 for [[]]; at most
                           1,048,575 is told */
    char detail[SPK_DETAIL_SIZE]; /* what the message is about, such as "posix.system"; already
                                     escaped as spk_escape does it, so that it is safe to print; ""
                                     where there is nothing to add */
    const char *hint; /* what can be done about it, a phrase such as "protocol 5 writes a bytearray
                         without it"; "" where there is nothing to say, and of a limit, whose
                         message names the option */
} spk_report;

#define SPK_REPORT_INIT \
    {sizeof(spk_report), SPK_MORE, 0, "", "", "", 0, 0, 0, SPK_WRAPPER_NONE, -1, 0, 0, 0, 0, "", ""}

/* Writes one line of text without a line feed, "SP101 STACK_GLOBAL at byte 50 (0x32) would import
 * posix.system", behind which a semicolon and the hint may come, or for an accepted input "accepted
 * (protocol 4, 24 opcodes, 51 bytes, depth 2)". Always ends with a NUL if out_size > 0.  Returns
 * the length of the whole line, as snprintf does. */
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

/* How the str of Python 2 (STRING, BINSTRING, SHORT_BINSTRING) is read: pickle.load's argument
 * "encoding". */
typedef enum spk_encoding {
    SPK_ENCODING_ASCII = 0, /* to str; a byte over 127 is refused (pickle.load's default) */
    SPK_ENCODING_LATIN1, /* to str */
    SPK_ENCODING_BYTES /* to bytes */
} spk_encoding;

typedef enum spk_trailing {
    SPK_TRAILING_REFUSE = 0, /* bytes after STOP are refused */
    SPK_TRAILING_STOP /* the verdict falls at STOP; what follows is not read, and report.consumed
                         tells where it starts.  In gzip the rest is still unpacked, for its check
                         sums, counted against max_unpacked and max_ratio, and ignored */
} spk_trailing;

/* All zeros but size mean the defaults, and SPK_OPTIONS_INIT is that.  (A size of 0 is SPK_MISUSE,
 * as is any that no version of this struct ever had, and a longer struct with a field set that this
 * library does not know: it would be a stricter option dropped in silence.)  Every limit: 0 is the
 * default given on its line, SPK_UNLIMITED none.  All of them are facts of the pickle and do not
 * depend on platform or chunking, save max_alloc. */
typedef struct spk_options {
    size_t size;
    spk_gzip gzip;
    spk_encoding encoding;
    spk_trailing trailing;
    bool allow_cycles; /* accept values that contain themselves; memory and time are bounded all the
                          same.  The longest way through a cycle has no end, so max_depth then
                          bounds what is met by who walks depth first, enters each container once
                          and takes items in the order in which they were stored (those too that a
                          later equal key replaced): root = {'c': []} with a thousand
                          {'p': root} in the list is 3 deep.  max_expansion counts what leads back
                          as one value, and a link out of a cycle as all that it reaches */
    spk_allocator allocator; /* resize NULL: realloc and free */
    const uint8_t *hash_key; /* 16 secret bytes for the hash of dict keys; NULL: getrandom.  Never
                                changes a verdict, a value or an order.  Read by the call that it is
                                given to, not kept */
    uint64_t max_input; /* bytes fed; 4 GiB */
    uint64_t max_unpacked; /* bytes of the pickle, after gunzip; 4 GiB.  A length that claims more
                              is not believed: it is refused when so much has come, and a truncation
                              if the input ends before */
    uint64_t max_ratio; /* unpacked : packed, tested every 64 KiB of output once past 64 MiB; 250 */
    uint64_t max_depth; /* nesting of containers, and of open MARKs plus 1; 1000.  From 1,048,575:
                           unlimited.  With allow_cycles see there */
    uint64_t max_memo; /* memo entries; 67,108,864 (and PUT i always needs i <= its own offset) */
    uint64_t max_alloc; /* bytes held at once for stack, memo, document, inflate, everything; 1 GiB.
                           What the allocator takes beyond those bytes is not counted: where it is
                           ours, which takes huge pages, at most as much again and, from a limit of
                           16 MiB on, 20 MiB */
    uint64_t max_expansion; /* values, shared ones counted as often as they are reached;
                               1,000,000,000.  From 68,719,476,735: unlimited */
    uint64_t
        max_int_bytes; /* of one LONG1 or LONG4; 1 MiB (the 4300 digits of text ints are grammar) */
    uint64_t max_key_depth; /* nesting of a dict key or set member, which CPython hashes
                               recursively; 100, and at most that */
    uint64_t max_key_expansion; /* values in a dict key or set member; 65,536, and at most that */
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
     0}

/* Replaces every limit that is 0 by its default and lowers the two that have a ceiling, as every
 * call below does on a copy of its own.  False, and nothing changed, when a field is out of range
 * (which one, the report of those calls tells). */
SPK_API bool spk_options_resolve(spk_options *options);

/* ---- 3. Whole buffers ------------------------------------------------------------------------ */

/* In all three calls options may be NULL (defaults) and report may be NULL; data may be NULL if
 * size is 0. */

/* Judges a buffer without building anything. */
SPK_API spk_status spk_check(const void *data, size_t size, const spk_options *options,
                             spk_report *report);

typedef struct spk_document spk_document;

/* Judges a buffer and builds its value, copying strings, so that the buffer may go.  NULL unless
 * accepted. */
SPK_API spk_document *spk_decode(const void *data, size_t size, const spk_options *options,
                                 spk_report *report);

/* Like spk_decode, but strings and bytes point into the buffer where they can: it must stay,
 * unchanged, as long as the document does.  (Of gzipped input nothing can be borrowed.) */
SPK_API spk_document *spk_decode_borrowing(const void *data, size_t size,
                                           const spk_options *options, spk_report *report);

/* Frees a document and with it every value in it; NULL is fine.  Does not walk anything. */
SPK_API void spk_document_free(spk_document *document);

/* Bytes that the document holds from its allocator. */
SPK_API size_t spk_document_memory(const spk_document *document);

/* ---- 4. Values ------------------------------------------------------------------------------- */

/* A value is immutable and lives as long as its document.  A pointer to one stands for a place in a
 * container: the same object met at two places may have two pointers, and spk_value_id tells that
 * it is the same.  Every getter accepts NULL and a value of another type, and then returns false, 0
 * or NULL, so chains need one check at their end. */
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

/* Not 0, and the same for two values only if they are one object (Python's "is"), for str, bytes,
 * bytearray, containers and ints of more than 48 bits of one document; 0 for the others, whose
 * identity Python does not promise either.  A long int may be fetched from the memo any number of
 * times: who writes or builds it anew at each place makes thousands of bytes of each byte of the
 * pickle. */
SPK_API uint64_t spk_value_id(const spk_value *value);

SPK_API bool spk_get_bool(const spk_value *value, bool *out);

/* False also for an int that does not fit. */
SPK_API bool spk_get_int(const spk_value *value, int64_t *out);

/* Any int as little-endian two's complement in the fewest bytes (0 takes one).  Returns that number
 * of bytes and writes them if out_size is enough; 0 if the value is no int.  Call with out_size 0
 * to ask. */
SPK_API size_t spk_get_int_bytes(const spk_value *value, void *out, size_t out_size);

/* The very bits of the pickle, those of a NaN as well. */
SPK_API bool spk_get_float(const spk_value *value, double *out);

/* A str as UTF-8 of size bytes: no NUL at its end, NULs may be inside, and lone surrogates are
 * encoded like other code points in three bytes (Python's "surrogatepass"), so that strict UTF-8
 * consumers must look. */
SPK_API bool spk_get_str(const spk_value *value, const char **data, size_t *size);

/* Of bytes or bytearray. */
SPK_API bool spk_get_bytes(const spk_value *value, const void **data, size_t *size);

/* len(): items of a list, tuple, set or frozenset, pairs of a dict, bytes of bytes and bytearray.
 * 0 for a str: its length in code points is not kept. */
SPK_API size_t spk_size(const spk_value *value);

/* Item of a list or tuple; member of a set or frozenset in the order of the pickle; NULL past the
 * end. */
SPK_API const spk_value *spk_item(const spk_value *value, size_t index);

/* Pair of a dict in its order, which is Python's: first key stays, last value wins. */
SPK_API const spk_value *spk_dict_key(const spk_value *dict, size_t index);
SPK_API const spk_value *spk_dict_value(const spk_value *dict, size_t index);

/* The value of a dict under a str key given as UTF-8, in constant time; NULL if there is none. */
SPK_API const spk_value *spk_find_str(const spk_value *dict, const char *key, size_t key_size);

/* The value of a dict under any key, or the member of a set or frozenset equal to it; NULL if there
 * is none.  Takes time in the order of the values in the key, shared ones counted as often as they
 * are met, times the logarithm of their number where frozensets are nested in it.  The key may come
 * from another document.  Equality is Python's: 1, True and 1.0 are one key; a NaN, and what holds
 * one, is none. */
SPK_API const spk_value *spk_find(const spk_value *container, const spk_value *key);

typedef enum spk_event {
    SPK_ATOM, /* a value that is no container (empty ones are containers); met at every place it
                 stands */
    SPK_ENTER, /* a container, before its items; of a dict these are key, value, key, value ... */
    SPK_LEAVE, /* the same, after them */
    SPK_AGAIN /* a container that was entered before: shared, or around a cycle.  Not walked a
                 second time */
} spk_event;

typedef enum spk_walk {
    SPK_WALK_ON,
    SPK_WALK_SKIP, /* after SPK_ENTER: pass over the items; SPK_LEAVE still comes */
    SPK_WALK_STOP /* end the visit now */
} spk_walk;

typedef spk_walk spk_visitor(void *context, spk_event event, const spk_value *value);

/* Walks a value of the document, each container once, without recursion: depth first, in order.
 * Needs memory from the document's allocator in the order of the depth and of the number of shared
 * containers.  SPK_OK when done or stopped by the visitor, SPK_NO_MEMORY, or SPK_MISUSE for a NULL.
 */
SPK_API spk_status spk_visit(const spk_document *document, const spk_value *value,
                             spk_visitor *visitor, void *context);

/* ---- 5. Streams ------------------------------------------------------------------------------ */

typedef struct spk_decoder spk_decoder;

typedef enum spk_mode {
    SPK_MODE_CHECK, /* build nothing: memory depends on nesting and memo, not on size */
    SPK_MODE_DECODE /* build a document */
} spk_mode;

/* A decoder that takes its input in pieces of any size, and refuses at the first bad byte.  NULL
 * when there is no memory or the options are out of range; the report, which may be NULL, tells
 * which. */
SPK_API spk_decoder *spk_decoder_new(spk_mode mode, const spk_options *options, spk_report *report);

/* Judges the next piece.  SPK_MORE while nothing is wrong; SPK_OK only with SPK_TRAILING_STOP, once
 * STOP was met; else the refusal, which stays for good: feeding on is then legal, cheap and changes
 * nothing.  (A refusal waits for bytes, and SPK_MORE is returned meanwhile, where they can give a
 * better reason: for the import that GLOBAL, INST, PERSID and EXT name, at most 64 KiB; while the
 * first bytes could be those of a file of another kind or text, at most 262; and for what follows a
 * whole pickle, at most 64.)  A wrong call, with data NULL or after an accepting finish, is
 * SPK_MISUSE, and so is everything from then on until a reset: there is no verdict and no document
 * any more. */
SPK_API spk_status spk_decoder_feed(spk_decoder *decoder, const void *data, size_t size);

/* Says that the input ends here.  SPK_OK or a refusal, from then on the verdict. */
SPK_API spk_status spk_decoder_finish(spk_decoder *decoder);

/* After an accepting finish in SPK_MODE_DECODE: the document, once, now the caller's; it outlives
 * the decoder.  Else NULL. */
SPK_API spk_document *spk_decoder_take(spk_decoder *decoder);

/* What is known so far. */
SPK_API spk_status spk_decoder_report(const spk_decoder *decoder, spk_report *report);

/* Bytes held now, and at most so far, by decoder and document together: never above max_alloc. */
SPK_API size_t spk_decoder_memory(const spk_decoder *decoder, size_t *peak);

/* Makes the decoder as good as new with the same options, keeping some memory for reuse. */
SPK_API void spk_decoder_reset(spk_decoder *decoder);

/* Frees it, with a document that was not taken; NULL is fine. */
SPK_API void spk_decoder_free(spk_decoder *decoder);

/* ---- 6. Text --------------------------------------------------------------------------------- */

/* Makes text from a stranger safe to print on one line: control characters, DEL, backslash and
 * invalid UTF-8 become \xNN, bidirectional marks and other invisible code points \u{NNNN}; the rest
 * stays.  Writes at most out_size bytes, whole characters or escapes only, with a NUL at the end;
 * returns the length that it would need, as snprintf does. */
SPK_API size_t spk_escape(const void *data, size_t size, char *out, size_t out_size);

/* ---- 7. Writing ------------------------------------------------------------------------------ */

/* What is written holds none but opcodes that make plain data, and reads back as the same value: by
 * every CPython that knows the protocol, and by the decoder above with the same limits (max_alloc
 * apart: what a value takes in memory is not what its pickle takes).  Two ways: spk_encode writes a
 * value that was decoded, spk_writer one that the program tells piece by piece.
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
 *     if (!pickle) { spk_writer_report(writer, &report); ...  any call above failed: one check is
 *     }                                                       enough
 *     spk_writer_free(writer);
 *     ...
 *     free(pickle);
 *
 * A failure has status and code of the refusal that a decoder with these limits would answer with
 * (SP212 for a list as a dict key, SP204 for a str that is no UTF-8, SP304 for nesting too deep),
 * or one of class SP6xx:
 *
 *     SP601 the type needs a higher protocol, which the detail names
 *     SP602 a value after the last one
 *     SP603 finish before all announced items were there
 *     SP604 the write function failed
 *     SP605 gzip was asked for and there is no zlib
 *     SPK_MISUSE (no code) is NULL where there are bytes
 *
 * offset then tells how many bytes of pickle had been made.  After success a report holds status,
 * wrapper, protocol, max_depth, consumed (bytes of the pickle) and raw_offset (bytes put out); the
 * rest is 0. */

/* Takes the next bytes of the output: false ends the writing with SP604.  Called with pieces of
 * about 64 KiB, gzipped of 16 KiB, and with large strings as they are.  Only when the whole call
 * has succeeded is what was handed over a pickle: until then it lacks its STOP, and the trailer of
 * gzip. */
typedef bool spk_write(void *context, const void *data, size_t size);

/* All zeros but size mean the defaults, and SPK_ENCODE_OPTIONS_INIT is that; size is judged as that
 * of spk_options.  The limits are those of section 2, so that what was written with the default
 * ones is read with the default ones. */
typedef struct spk_encode_options {
    size_t size;
    int protocol; /* 2 to 5; 0: 4, which every Python since 3.4 reads.  bytes need 3, set and
                     frozenset 4, bytearray 5: below these CPython would have to import something to
                     make one */
    bool
        gzip; /* one member, without name and time; the same library and zlib make the same bytes */
    int gzip_level; /* 1 (fast) to 9 (small); 0: 6, zlib's default */
    spk_allocator allocator; /* resize NULL: realloc and free */
    uint64_t max_output; /* bytes of the pickle, before gzip; 4 GiB */
    uint64_t max_depth; /* nesting of containers, and of open MARKs plus 1; 1000 */
    uint64_t max_memo; /* memo entries; 67,108,864.  Of spk_encode: one for each str, bytes,
                          bytearray and container; spk_writer makes none */
    uint64_t max_alloc; /* bytes held at once, the output in memory included; 1 GiB */
    uint64_t max_expansion; /* values; 1,000,000,000.  Of spk_writer: the decoder has counted those
                               of a document */
    uint64_t max_int_bytes; /* of one int; 1 MiB */
    uint64_t max_key_depth; /* of a dict key or set member; 100, and at most that.  Of spk_writer,
                               as the next */
    uint64_t max_key_expansion; /* 65,536, and at most that */
} spk_encode_options;

#define SPK_ENCODE_OPTIONS_INIT \
    {sizeof(spk_encode_options), 0, false, 0, {NULL, NULL}, 0, 0, 0, 0, 0, 0, 0, 0}

/* Writes a value of a document; of a whole one: spk_encode(spk_document_root(document), ...).  What
 * is shared in the value is shared in the pickle, through the memo.  Of a pickle that the C pickler
 * of a CPython from 3.8 to 3.14 wrote (not "fast", not optimized), the same bytes come out at the
 * same protocol; of any other, those that it would write for the same objects.  Values that contain
 * themselves are written, too.  options and report may be NULL.  Needs memory in the order of
 * nesting and memo.  The document may be in use by other threads. */
SPK_API spk_status spk_encode(const spk_value *value, const spk_encode_options *options,
                              spk_write *write, void *context, spk_report *report);

/* Like spk_encode, but returns the bytes in a block that is the caller's: free() releases it, or
 * with an allocator in the options its resize, *size being the old size.  NULL unless all is well.
 */
SPK_API void *spk_encode_buffer(const spk_value *value, const spk_encode_options *options,
                                size_t *size, spk_report *report);

/* Writes a new value while the program tells it.  Holds the nesting and at most about 256 KiB of
 * output (more only for a larger int), with gzip also what deflate needs (less than 300 KiB),
 * however much is written; so it makes no memo, and a string told twice is written twice.  The
 * bytes are those of CPython's Pickler with the attribute "fast" set. */
typedef struct spk_writer spk_writer;

/* write NULL: the output is gathered in memory, for spk_writer_take.  NULL when there is no memory
 * or an option is out of range; the report, which may be NULL, tells which. */
SPK_API spk_writer *spk_writer_new(const spk_encode_options *options, spk_write *write,
                                   void *context, spk_report *report);

/* The values, in order.  The first call that fails returns false, as does every one after it, and
 * nothing is written any more; a caller may ignore that until the end.  Each accepts a NULL writer
 * (false), and data NULL if size is 0. */
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

/* A container, whose items are the values told next: "count" items of a list, tuple, set or
 * frozenset, "count" pairs (key, value, key, value ...) of a dict.  It closes by itself after the
 * last one, an empty one at once.  Equal keys and members are not looked for: a reader keeps the
 * first key and the last value. */
SPK_API bool spk_begin_list(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_tuple(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_dict(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_set(spk_writer *writer, uint64_t count);
SPK_API bool spk_begin_frozenset(spk_writer *writer, uint64_t count);

/* Ends the pickle, which must hold one whole value, and hands over what is left.  SPK_OK, or the
 * first failure; called again, it says the same.  After SPK_OK values are turned down (false) and
 * change nothing. */
SPK_API spk_status spk_writer_finish(spk_writer *writer);

/* Finishes, and returns what a writer without write function gathered, once; as spk_encode_buffer
 * does.  NULL unless all is well. */
SPK_API void *spk_writer_take(spk_writer *writer, size_t *size);

/* What is known so far; SPK_MORE until finish. */
SPK_API spk_status spk_writer_report(const spk_writer *writer, spk_report *report);

/* Bytes held now, and at most so far. */
SPK_API size_t spk_writer_memory(const spk_writer *writer, size_t *peak);

/* Frees it, with what was not taken; NULL is fine.  Does not finish: what was handed to the write
 * function by then is no pickle. */
SPK_API void spk_writer_free(spk_writer *writer);

/* ---- 8. Looking ------------------------------------------------------------------------------ */

/* What is known of an opcode; static.  Fields may be added at the end. */
typedef struct spk_opcode {
    const char *name; /* pickletools' name, such as "STACK_GLOBAL" */
    int byte;
    int protocol; /* the first that has it */
    const char *operand; /* the form of what follows the byte: NONE; U1, U2, U4, S4, U8 (integers,
                            little-endian) and F8 (a big-endian double); COUNT_U1, COUNT_U4,
                            COUNT_S4, COUNT_U8 (a length, then so many bytes); LINE_INT, LINE_LONG,
                            LINE_FLOAT, LINE_INDEX, LINE_STRING, LINE_UNICODE, LINE_NAME (up to a
                            line feed); LINES_NAME (two lines) */
    unsigned code; /* 101 for SP101, which the opcode alone earns; 0: it makes plain data */
    const char *meaning; /* as stack before -> after: M is the MARK, .. any number of items, n a
                            length, i an index */
} spk_opcode;

/* NULL for a number that is no opcode: so 0 to 255 tells all. */
SPK_API const spk_opcode *spk_opcode_of(int byte);

typedef struct spk_scanned {
    const spk_opcode *opcode; /* NULL: the first byte is none */
    const void *operand; /* in the data, behind a length; NULL if it is not all there */
    size_t operand_size; /* without a length in front, or the line feed at the end */
} spk_scanned;

/* Looks at the opcode that the bytes begin with: the bytes that it takes with its operand, or 0 if
 * that is not all there, has a length that nothing can have, or the first byte is no opcode.  Call
 * it again behind these bytes for the next one.  Judges nothing, and never reads beyond size; of
 * gzipped input it sees the packed bytes.  out may be NULL. */
SPK_API size_t spk_scan(const void *data, size_t size, spk_scanned *out);

/* What is known of a refusal; static.  Fields may be added at the end. */
typedef struct spk_reason {
    unsigned code; /* 101 for SP101 */
    const char *name; /* "code-import" */
    spk_status status; /* the class: SPK_UNSAFE, SPK_MALFORMED ... */
    const char *message; /* the phrase that stands in reports */
    const char *hint; /* what can be done about it, "" where that depends or nothing is */
    const char *help; /* a few sentences: what it means, and where it comes from */
} spk_reason;

/* All refusals in the order of their codes; NULL past the end. */
SPK_API const spk_reason *spk_reason_at(size_t index);

/* What is known of a limit of spk_options; static.  Fields may be added at the end. */
typedef struct spk_limit {
    const char *name; /* of the field, such as "max_depth" */
    size_t offset; /* of the field, a uint64_t, in spk_options */
    uint64_t default_value; /* what 0 stands for */
    uint64_t ceiling; /* what it can at most be; SPK_UNLIMITED: it has none */
    bool is_bytes; /* it counts bytes */
    unsigned code; /* of the refusal: 304 for SP304 */
    const char *what; /* is counted: "nesting of containers" */
} spk_limit;

/* All of them, in the order of the fields; NULL past the end. */
SPK_API const spk_limit *spk_limit_at(size_t index);

#ifdef __cplusplus
}
#endif

#endif
