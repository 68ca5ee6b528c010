/* SPDX-License-Identifier: MIT
 *
 * What one does with pickle in Python, in C:
 *
 *     data = {'name': 'John', 'age': 30}
 *     with open('data.pickle', 'wb') as file: pickle.dump(data, file)
 *     with gzip.open('data.pickle.gz', 'wb') as file: pickle.dump(data, file)
 *     with open('data.pickle', 'rb') as file: loaded = pickle.load(file)
 *     print(loaded)
 *     del loaded
 *
 * Writes the two files into the working directory, loads both, prints what they hold and ends with
 * 0 if all went well. Valid C and valid C++:
 *
 *     cc john.c $(pkg-config --cflags --libs safepickle) -o john && ./john */
#include <inttypes.h>
#include <safepickle.h>
#include <stdio.h>

static bool write_to_file(void *context, const void *data, size_t size) {
    return fwrite(data, 1, size, (FILE *)context) == size;
}

/* pickle.dump(data, file).  The writer holds a frame (some 128 KiB at most), and with gzip what
 * deflate needs; it is released by spk_writer_free, whatever has happened. */
static bool dump(FILE *file, bool gzip, spk_report *report) {
    spk_encode_options options = SPK_ENCODE_OPTIONS_INIT;
    options.gzip = gzip;
    spk_writer *writer = spk_writer_new(&options, write_to_file, file, report);
    if (!writer) {
        return false;
    }
    spk_begin_dict(writer, 2);
    spk_put_str(writer, "name", 4);
    spk_put_str(writer, "John", 4);
    spk_put_str(writer, "age", 3);
    spk_put_int(writer, 30);
    bool good = spk_writer_finish(writer) == SPK_OK; /* one check for all calls above */
    spk_writer_report(writer, report);
    spk_writer_free(writer);
    return good;
}

/* What could not be written to its end is left as it is, as Python leaves it, and told: under this
 * name may stand what is not ours to remove, a device for one.  Who wants whole files alone writes
 * a new one beside it, and renames that. */
static bool dump_to(const char *path, bool gzip, spk_report *report) {
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        return false;
    }
    bool good = dump(file, gzip, report);
    if (fclose(file) != 0) {
        perror(path);
        good = false;
    }
    return good;
}

/* pickle.load(file), gzipped or not.  The document holds the value; spk_document_free is its "del".
 */
static spk_document *load(FILE *file, spk_report *report) {
    char piece[4096];
    size_t size;
    spk_decoder *decoder = spk_decoder_new(SPK_MODE_DECODE, NULL, report);
    if (!decoder) {
        return NULL;
    }
    while ((size = fread(piece, 1, sizeof piece, file)) > 0 &&
           spk_decoder_feed(decoder, piece, size) == SPK_MORE) {
    }
    if (!ferror(file)) {
        spk_decoder_finish(decoder);
    }
    spk_decoder_report(decoder, report);
    spk_document *document = spk_decoder_take(decoder);
    spk_decoder_free(decoder);
    return document;
}

static spk_document *load_from(const char *path, spk_report *report) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return NULL;
    }
    spk_document *document = load(file, report);
    fclose(file);
    return document;
}

static bool print(const char *path, const spk_document *document) {
    const spk_value *root = spk_document_root(document);
    const char *name;
    size_t size;
    int64_t age;
    if (!spk_get_str(spk_find_str(root, "name", 4), &name, &size) ||
        !spk_get_int(spk_find_str(root, "age", 3), &age)) {
        return false; /* also if there is no document: getters take NULL */
    }
    printf("%s: name %.*s, age %" PRId64 "\n", path, (int)size, name, age);
    return true;
}

int main(void) {
    static const char *const paths[] = {"data.pickle", "data.pickle.gz"};
    int failures = 0;
    for (int i = 0; i < 2; i++) {
        spk_report report = SPK_REPORT_INIT;
        spk_document *document = NULL;
        if (dump_to(paths[i], i == 1, &report)) {
            document = load_from(paths[i], &report);
        }
        if (!print(paths[i], document)) {
            char line[SPK_LINE_SIZE];
            spk_report_format(&report, line, sizeof line);
            fprintf(stderr, "%s: %s\n", paths[i], line);
            failures++;
        }
        spk_document_free(document);
    }
    return failures > 0;
}
