/* SPDX-License-Identifier: MIT
 *
 * spk-bench: how long the library takes for one input, and how much memory.  Uses the public header
 * alone (and zlib, to compare with), writes no file, and says nothing about Python: bench/run.py
 * compares.
 *
 *     spk-bench [--unlimited] [--allow=SETS] MODE FILE [REPS]
 *     spk-bench [--unlimited] [--allow=SETS] count {WAY FILE}...
 *
 *     check         spk_check of the whole buffer
 *     decode        spk_decode, strings copied
 *     borrow        spk_decode_borrowing
 *     chunks        a check by spk_decoder_feed, 64 KiB a piece
 *     gunzip-check  spk_check of gzipped input, against nothing but inflate, by the same zlib in
 *                   the same run
 *     encode        spk_encode_buffer of the decoded input, at protocol 4, the buffer freed
 *                   outside; also as "callback_ms", by spk_encode to a function that only counts
 *                   the bytes
 *     tiny          FILE holds many pickles, each behind its length in 4 bytes, little-endian:
 *                   check and decode with one decoder that is reset in between, and with a call
 *                   for each
 *     count         times nothing, for tools that count instructions: goes each WAY once with its
 *                   FILE, inside the function "counted", and prints "opcodes N" for each, 0 if
 *                   nobody counted them.  Ways: check, decode, borrow, chunks, encode (to a
 *                   function), tiny-check and tiny-decode (with one decoder), tiny-check-each and
 *                   tiny-decode-each (with a call for each)
 *
 * Prints one "name value" a line.  Times are CPU time of the thread, the best of REPS runs (5),
 * after one that does not count.  What best_ms measures is the call: a document is freed outside of
 * it, and free_ms says how long that takes; inputs of less than a fifth of a millisecond are run
 * many times in a row and then the free counts, as it does in mode tiny.  peak_library is
 * spk_decoder_memory's, peak_counted what an allocator saw, rss_growth what the first run added to
 * the most that was ever resident; all in bytes.  A value is what stands at one place: what is
 * shared counts at each.
 *
 * Exit status: 0 accepted, 1 refused (the figures are printed all the same), 2 not measured. */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef SPK_WITH_ZLIB
#include <zlib.h>
#endif

#include <safepickle.h>

enum { CHUNK = 64 << 10, DEFAULT_REPS = 5, SHORT_NS = 200000 };

struct input {
    unsigned char *data;
    size_t size;
    spk_document *document; /* what it holds, for the way "encode" */
};

/* The same in every run, so that hash tables are. */
static const uint8_t hash_key[16] = "spk-bench's key";

static spk_options options = SPK_OPTIONS_INIT;
static spk_report report = SPK_REPORT_INIT;

static void die(const char *what, const char *why) {
    fprintf(stderr, "spk-bench: %s%s%s\n", what, why ? ": " : "", why ? why : "");
    exit(2);
}

static uint64_t cpu_ns(void) {
    struct timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) {
        die("clock_gettime", strerror(errno));
    }
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static struct input read_file(const char *path) {
    struct input input = {NULL, 0, NULL};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        die(path, strerror(errno));
    }
    long size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0) {
        die(path, strerror(errno));
    }
    input.size = (size_t)size;
    input.data = malloc(input.size ? input.size : 1);
    if (!input.data || fread(input.data, 1, input.size, file) != input.size) {
        die(path, "cannot be read");
    }
    fclose(file);
    return input;
}

/* ---- what is measured ---- */

/* One run over one input, which leaves its verdict in report; the document is the caller's to free.
 */
typedef spk_document *run_function(const struct input *input);

static spk_document *run_check(const struct input *input) {
    (void)spk_check(input->data, input->size, &options, &report);
    return NULL;
}

static spk_document *run_decode(const struct input *input) {
    return spk_decode(input->data, input->size, &options, &report);
}

static spk_document *run_borrow(const struct input *input) {
    return spk_decode_borrowing(input->data, input->size, &options, &report);
}

static spk_document *run_chunks(const struct input *input) {
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_CHECK, &options, &report);
    if (!decoder) {
        return NULL;
    }
    for (size_t at = 0; at < input->size; at += CHUNK) {
        size_t left = input->size - at;
        if (spk_decoder_feed(decoder, input->data + at, left < CHUNK ? left : CHUNK) != SPK_MORE) {
            break;
        }
    }
    (void)spk_decoder_finish(decoder);
    (void)spk_decoder_report(decoder, &report);
    spk_decoder_free(decoder);
    return NULL;
}

struct times {
    double run_ns, free_ns;
};

static void keep_min(double *min, double value) {
    if (*min < 0 || value < *min) {
        *min = value;
    }
}

static void measure(run_function *run, const struct input *input, struct times *best) {
    uint64_t start = cpu_ns();
    spk_document *document = run(input);
    uint64_t middle = cpu_ns();
    spk_document_free(document);
    uint64_t end = cpu_ns();
    if (middle - start >= SHORT_NS) {
        keep_min(&best->run_ns, (double)(middle - start));
        keep_min(&best->free_ns, (double)(end - middle));
        return;
    }
    uint64_t count = SHORT_NS / (end - start + 1) + 1;
    start = cpu_ns();
    for (uint64_t i = 0; i < count; i++) {
        spk_document_free(run(input));
    }
    keep_min(&best->run_ns, (double)(cpu_ns() - start) / (double)count);
}

static struct times measure_best(run_function *run, const struct input *input, long reps) {
    struct times best = {-1, -1};
    for (long i = 0; i < reps; i++) {
        measure(run, input, &best);
    }
    return best;
}

/* ---- memory ---- */

struct counter {
    size_t used, peak;
};

static void *counting_resize(void *context, void *block, size_t old_size, size_t new_size) {
    struct counter *counter = context;
    if (new_size == 0) {
        free(block);
        counter->used -= old_size;
        return NULL;
    }
    void *resized = realloc(block, new_size);
    if (resized) {
        counter->used += new_size - old_size;
        counter->peak = counter->used > counter->peak ? counter->used : counter->peak;
    }
    return resized;
}

static size_t counted_peak(run_function *run, const struct input *input) {
    struct counter counter = {0, 0};
    options.allocator = (spk_allocator){counting_resize, &counter};
    spk_document_free(run(input));
    options.allocator = (spk_allocator){NULL, NULL};
    if (counter.used != 0) {
        die("the library kept memory", NULL);
    }
    return counter.peak;
}

/* By the library's own count.  A push decoder does not borrow. */
static size_t library_peak(spk_mode mode, const struct input *input) {
    size_t peak = 0;
    spk_decoder *decoder = spk_decoder_new(mode, &options, &report);
    if (decoder) {
        (void)spk_decoder_feed(decoder, input->data, input->size);
        (void)spk_decoder_finish(decoder);
        (void)spk_decoder_memory(decoder, &peak);
        spk_decoder_free(decoder);
    }
    return peak;
}

/* The most that was ever resident; 0 where there is no /proc.  (What getrusage tells is inherited
 * through exec.) */
static size_t resident_peak(void) {
    char line[128];
    unsigned long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && kilobytes == 0 && fgets(line, sizeof line, file)) {
        (void)sscanf(line, "VmHWM: %lu", &kilobytes);
    }
    if (file) {
        fclose(file);
    }
    return (size_t)kilobytes * 1024;
}

static spk_walk count_value(void *context, spk_event event, const spk_value *value) {
    uint64_t *values = context;
    (void)value;
    *values += event != SPK_LEAVE;
    return SPK_WALK_ON;
}

/* ---- the modes ---- */

static int exit_status(void) {
    char line[SPK_LINE_SIZE];
    if (report.status == SPK_OK) {
        return 0;
    }
    spk_report_format(&report, line, sizeof line);
    printf("refused %s\n", line);
    return report.status == SPK_NO_MEMORY || report.status == SPK_MISUSE ? 2 : 1;
}

static void print_document(const spk_document *document) {
    uint64_t values = 0;
    if (!document) {
        return;
    }
    if (spk_visit(document, spk_document_root(document), count_value, &values) != SPK_OK) {
        die("no memory to count values", NULL);
    }
    printf("document %zu\nvalues %" PRIu64 "\n", spk_document_memory(document), values);
    printf("bytes_per_value %.2f\n", (double)spk_document_memory(document) / (double)values);
}

static int bench(run_function *run, const struct input *input, long reps) {
    bool is_decoding = run == run_decode || run == run_borrow;
    size_t resident = resident_peak();
    spk_document *document = run(input);
    size_t growth = resident_peak() - resident;
    spk_report first = report;
    print_document(document);
    spk_document_free(document);
    struct times best = measure_best(run, input, reps);
    printf("best_ms %.6f\n", best.run_ns / 1e6);
    if (is_decoding && best.free_ns >= 0) {
        printf("free_ms %.6f\n", best.free_ns / 1e6);
    }
    printf("bytes %zu\nopcodes %" PRIu64 "\n", input->size, first.opcodes);
    if (first.opcodes > 0) {
        printf("ns_per_opcode %.3f\n", best.run_ns / (double)first.opcodes);
    }
    if (input->size > 0) {
        printf("ns_per_byte %.3f\n", best.run_ns / (double)input->size);
    }
    printf("peak_library %zu\n",
           library_peak(is_decoding ? SPK_MODE_DECODE : SPK_MODE_CHECK, input));
    printf("peak_counted %zu\nrss_growth %zu\n", counted_peak(run, input), growth);
    report = first;
    return exit_status();
}

#ifdef SPK_WITH_ZLIB
static uint64_t inflate_all(const struct input *input) {
    static unsigned char out[CHUNK];
    z_stream stream = {0};
    uint64_t bytes = 0;
    int result = inflateInit2(&stream, 15 + 16);
    stream.next_in = input->data;
    stream.avail_in = (uInt)input->size;
    while (result == Z_OK) {
        stream.next_out = out;
        stream.avail_out = sizeof out;
        result = inflate(&stream, Z_NO_FLUSH);
        bytes += sizeof out - stream.avail_out;
    }
    if (result != Z_STREAM_END || stream.avail_in > 0 || inflateEnd(&stream) != Z_OK) {
        die("the input is not one gzip member", NULL);
    }
    return bytes;
}

static int bench_gunzip(const struct input *input, long reps) {
    struct times check = {-1, -1}, inflating = {-1, -1};
    uint64_t bytes = inflate_all(input);
    (void)run_check(input);
    for (long i = 0; i < reps; i++) {
        uint64_t start = cpu_ns();
        (void)inflate_all(input);
        keep_min(&inflating.run_ns, (double)(cpu_ns() - start));
        measure(run_check, input, &check);
    }
    printf("best_ms %.6f\ninflate_ms %.6f\n", check.run_ns / 1e6, inflating.run_ns / 1e6);
    printf("ratio %.4f\n", check.run_ns / inflating.run_ns);
    printf("bytes %zu\nunpacked %" PRIu64 "\nopcodes %" PRIu64 "\n", input->size, bytes,
           report.opcodes);
    printf("peak_library %zu\npeak_counted %zu\n", library_peak(SPK_MODE_CHECK, input),
           counted_peak(run_check, input));
    return exit_status();
}
#else
static int bench_gunzip(const struct input *input, long reps) {
    (void)input;
    (void)reps;
    die("built without zlib", NULL);
    return 2;
}
#endif

/* ---- encoding ---- */

static bool count_bytes(void *context, const void *data, size_t size) {
    uint64_t *bytes = context;
    (void)data;
    *bytes += size;
    return true;
}

static spk_document *run_encode(const struct input *input) {
    uint64_t bytes = 0;
    (void)spk_encode(spk_document_root(input->document), NULL, count_bytes, &bytes, &report);
    return NULL;
}

static int bench_encode(const struct input *input, long reps) {
    struct times buffer = {-1, -1}, callback = {-1, -1};
    spk_document *document = run_decode(input);
    size_t size = 0;
    if (!document) {
        return exit_status();
    }
    for (long i = 0; i <= reps; i++) { /* the first does not count */
        uint64_t bytes = 0;
        uint64_t start = cpu_ns();
        void *pickle = spk_encode_buffer(spk_document_root(document), NULL, &size, &report);
        uint64_t middle = cpu_ns();
        free(pickle);
        uint64_t freed = cpu_ns();
        if (!pickle ||
            spk_encode(spk_document_root(document), NULL, count_bytes, &bytes, &report) != SPK_OK ||
            bytes != size) {
            die("encoding", "failed");
        }
        if (i > 0) {
            keep_min(&buffer.run_ns, (double)(middle - start));
            keep_min(&callback.run_ns, (double)(cpu_ns() - freed));
        }
    }
    printf("best_ms %.6f\ncallback_ms %.6f\nbytes %zu\n", buffer.run_ns / 1e6,
           callback.run_ns / 1e6, size);
    spk_document_free(document);
    return exit_status();
}

/* ---- many small pickles ---- */

static struct input *split(const struct input *input, size_t *count) {
    struct input *pickles = NULL;
    size_t room = 0;
    *count = 0;
    for (size_t at = 0; at < input->size;) {
        const unsigned char *p = input->data + at;
        size_t left = input->size - at;
        size_t size =
            left < 4 ? 0 : p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
        if (left < 4 || size > left - 4) {
            die("the input is cut short", NULL);
        }
        if (*count == room) {
            room = room ? 2 * room : 1024;
            pickles = realloc(pickles, room * sizeof *pickles);
            if (!pickles) {
                die("out of memory", NULL);
            }
        }
        pickles[(*count)++] = (struct input){input->data + at + 4, size, NULL};
        at += 4 + size;
    }
    if (*count == 0) {
        die("the input is empty", NULL);
    }
    return pickles;
}

/* One pass with a decoder that is reset after each; stops at what is refused. */
static void pass_reused(spk_decoder *decoder, const struct input *pickles, size_t count) {
    for (size_t i = 0; i < count; i++) {
        spk_status status = spk_decoder_feed(decoder, pickles[i].data, pickles[i].size);
        status = status == SPK_MORE ? spk_decoder_finish(decoder) : status;
        if (status != SPK_OK) {
            (void)spk_decoder_report(decoder, &report);
            return;
        }
        spk_decoder_reset(decoder);
    }
}

static void pass_single(run_function *run, const struct input *pickles, size_t count) {
    for (size_t i = 0; i < count && report.status == SPK_OK; i++) {
        spk_document_free(run(&pickles[i]));
    }
}

static int bench_tiny(const struct input *input, long reps) {
    size_t count;
    struct input *pickles = split(input, &count);
    spk_decoder *checker = spk_decoder_new(SPK_MODE_CHECK, &options, &report);
    spk_decoder *builder = spk_decoder_new(SPK_MODE_DECODE, &options, &report);
    double best[4] = {-1, -1, -1, -1};
    if (!checker || !builder) {
        return exit_status();
    }
    report.status = SPK_OK;
    for (long i = 0; i <= reps && report.status == SPK_OK; i++) {
        uint64_t times[5] = {cpu_ns(), 0, 0, 0, 0};
        pass_reused(checker, pickles, count);
        times[1] = cpu_ns();
        pass_reused(builder, pickles, count);
        times[2] = cpu_ns();
        pass_single(run_check, pickles, count);
        times[3] = cpu_ns();
        pass_single(run_decode, pickles, count);
        times[4] = cpu_ns();
        for (int pass = 0; pass < 4 && i > 0; pass++) {
            keep_min(&best[pass], (double)(times[pass + 1] - times[pass]) / (double)count);
        }
    }
    printf("pickles %zu\nbytes %zu\n", count, input->size - 4 * count);
    printf("check_ns %.1f\ndecode_ns %.1f\n", best[0], best[1]);
    printf("check_new_ns %.1f\ndecode_new_ns %.1f\n", best[2], best[3]);
    printf("best_ms %.6f\n", best[0] * (double)count / 1e6);
    spk_decoder_free(checker);
    spk_decoder_free(builder);
    free(pickles);
    return exit_status();
}

static spk_document *run_reused(spk_mode mode, const struct input *input) {
    size_t count;
    struct input *pickles = split(input, &count);
    spk_decoder *decoder = spk_decoder_new(mode, &options, &report);
    if (decoder) {
        report.status = SPK_OK;
        pass_reused(decoder, pickles, count);
    }
    spk_decoder_free(decoder);
    free(pickles);
    return NULL;
}

static spk_document *run_tiny_check(const struct input *input) {
    return run_reused(SPK_MODE_CHECK, input);
}

static spk_document *run_tiny_decode(const struct input *input) {
    return run_reused(SPK_MODE_DECODE, input);
}

static spk_document *run_each(run_function *run, const struct input *input) {
    size_t count;
    struct input *pickles = split(input, &count);
    report.status = SPK_OK;
    pass_single(run, pickles, count);
    free(pickles);
    return NULL;
}

static spk_document *run_tiny_check_each(const struct input *input) {
    return run_each(run_check, input);
}

static spk_document *run_tiny_decode_each(const struct input *input) {
    return run_each(run_decode, input);
}

/* ---- the ways of going through an input ---- */

static const struct way {
    const char *name;
    run_function *run;
    bool is_mode; /* times are measured, too */
} ways[] = {
    {"check", run_check, true},
    {"decode", run_decode, true},
    {"borrow", run_borrow, true},
    {"chunks", run_chunks, true},
    {"encode", run_encode, false},
    {"tiny-check", run_tiny_check, false},
    {"tiny-decode", run_tiny_decode, false},
    {"tiny-check-each", run_tiny_check_each, false},
    {"tiny-decode-each", run_tiny_decode_each, false},
};

static const struct way *find_way(const char *name) {
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (!strcmp(name, ways[i].name)) {
            return &ways[i];
        }
    }
    return NULL;
}

/* A tool knows this function by its name, so it must remain one; and the call is not its last act,
 * or it would be left by a jump. */
__attribute__((noinline)) static void counted(run_function *run, const struct input *input,
                                              spk_document **made) {
    *made = run(input);
}

/* ---- the command line ---- */

static int usage(void) {
    fputs("usage: spk-bench [--unlimited] [--allow=SETS] "
          "check|decode|borrow|chunks|gunzip-check|encode|tiny FILE [REPS]\n",
          stderr);
    fputs("       spk-bench [--unlimited] [--allow=SETS] count {WAY FILE}...\n", stderr);
    return 2;
}

static int count(int words, char **word) {
    if (words == 0 || words % 2 != 0) {
        return usage();
    }
    for (int i = 0; i < words; i += 2) {
        const struct way *way = find_way(word[i]);
        if (!way) {
            return usage();
        }
        struct input input = read_file(word[i + 1]);
        spk_document *made = NULL;
        input.document = way->run == run_encode ? run_decode(&input) : NULL;
        report.opcodes = 0;
        counted(way->run, &input, &made);
        printf("opcodes %" PRIu64 "\n", report.opcodes);
        spk_document_free(input.document);
        spk_document_free(made);
        free(input.data);
        if (report.status != SPK_OK) {
            return exit_status();
        }
    }
    return 0;
}

static int run_mode(const char *mode, const struct input *input, long reps) {
    const struct way *way = find_way(mode);
    if (way && way->is_mode) {
        return bench(way->run, input, reps);
    }
    if (!strcmp(mode, "gunzip-check")) {
        return bench_gunzip(input, reps);
    }
    if (!strcmp(mode, "encode")) {
        return bench_encode(input, reps);
    }
    return !strcmp(mode, "tiny") ? bench_tiny(input, reps) : usage();
}

/* All but max_alloc, and the two limits on keys, which nothing raises. */
static void take_limits_away(void) {
    options.max_input = options.max_unpacked = options.max_ratio = SPK_UNLIMITED;
    options.max_depth = options.max_memo = options.max_expansion = options.max_int_bytes =
        SPK_UNLIMITED;
}

int main(int argc, char **argv) {
    options.hash_key = hash_key;
    if (argc > 1 && !strcmp(argv[1], "--unlimited")) {
        take_limits_away();
        argc--;
        argv++;
    }
    if (argc > 1 && !strncmp(argv[1], "--allow=", 8)) {
        options.allow = argv[1] + 8;
        argc--;
        argv++;
    }
    if (argc > 1 && !strcmp(argv[1], "count")) {
        return count(argc - 2, argv + 2);
    }
    if (argc < 3 || argc > 4) {
        return usage();
    }
    char *end = NULL;
    long reps = argc == 4 ? strtol(argv[3], &end, 10) : DEFAULT_REPS;
    if (reps < 1 || (end && *end != '\0')) {
        return usage();
    }
    struct input input = read_file(argv[2]);
    int status = run_mode(argv[1], &input, reps);
    free(input.data);
    if (fflush(stdout) != 0) {
        die("standard output", strerror(errno));
    }
    return status;
}
