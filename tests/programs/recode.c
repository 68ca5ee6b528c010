/* SPDX-License-Identifier: MIT
 *
 * recode: decodes pickles and writes them again, for comparison with what Python writes.
 *
 *     recode [--protocol=N] [--gzip] [--level=N] [--allow-cycles] [--borrow] [--write | --tell]
 *
 * Takes the pickles from standard input, each behind its length (4 bytes, little-endian), and puts
 * out records of the same form: "P" and the bytes, or "E" and a line of text.  By
 * spk_encode_buffer; with --write by spk_encode and a function that gets the bytes in pieces; with
 * --tell by a writer that is told the value, what is shared being told as often as it is met.  Exit
 * status: 0 all written, 1 some were not, 2 trouble.
 *
 * It uses the public header only. */
#include <safepickle.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "die.h"
#include "reading.h"
#include "sink.h"

struct settings {
    spk_options decode;
    spk_encode_options encode;
    bool borrow, write, tell;
};

/* ---- telling a writer ---- */

struct teller {
    const spk_document *document;
    spk_writer *writer;
};

static void tell_int(spk_writer *writer, const spk_value *value) {
    int64_t number;
    if (spk_get_int(value, &number)) {
        spk_put_int(writer, number);
        return;
    }
    size_t size = spk_get_int_bytes(value, NULL, 0);
    unsigned char *bytes = must_allocate(size);
    spk_get_int_bytes(value, bytes, size);
    spk_put_int_bytes(writer, bytes, size);
    free(bytes);
}

static void tell_atom(spk_writer *writer, const spk_value *value) {
    bool truth = false;
    double number = 0;
    const char *text = NULL;
    const void *data = NULL;
    size_t size = 0;
    switch (spk_type_of(value)) {
    case SPK_NONE:
        spk_put_none(writer);
        break;
    case SPK_BOOL:
        spk_get_bool(value, &truth);
        spk_put_bool(writer, truth);
        break;
    case SPK_INT:
        tell_int(writer, value);
        break;
    case SPK_FLOAT:
        spk_get_float(value, &number);
        spk_put_float(writer, number);
        break;
    case SPK_STR:
        spk_get_str(value, &text, &size);
        spk_put_str(writer, text, size);
        break;
    case SPK_BYTES:
        spk_get_bytes(value, &data, &size);
        spk_put_bytes(writer, data, size);
        break;
    case SPK_BYTEARRAY:
        spk_get_bytes(value, &data, &size);
        spk_put_bytearray(writer, data, size);
        break;
    default:
        die("an atom of no type");
    }
}

static void tell_begin(spk_writer *writer, const spk_value *value) {
    static bool (*const begin[])(spk_writer *, uint64_t) = {
        spk_begin_list, spk_begin_tuple, spk_begin_dict, spk_begin_set, spk_begin_frozenset};
    begin[spk_type_of(value) - SPK_LIST](writer, spk_size(value));
}

static spk_walk tell(void *context, spk_event event, const spk_value *value) {
    struct teller *teller = context;
    if (event == SPK_ATOM) {
        tell_atom(teller->writer, value);
    } else if (event == SPK_ENTER) {
        tell_begin(teller->writer, value);
    } else if (event == SPK_AGAIN && spk_visit(teller->document, value, tell, teller) != SPK_OK) {
        die("the visit failed");
    }
    return SPK_WALK_ON;
}

static bool tell_document(const spk_document *document, const struct settings *settings,
                          struct sink *out, spk_report *report) {
    struct teller teller = {document, spk_writer_new(&settings->encode, sink_keep, out, report)};
    if (!teller.writer) {
        return false;
    }
    if (spk_visit(document, spk_document_root(document), tell, &teller) != SPK_OK) {
        die("the visit failed");
    }
    bool is_written = spk_writer_finish(teller.writer) == SPK_OK;
    spk_writer_report(teller.writer, report);
    spk_writer_free(teller.writer);
    return is_written;
}

/* ---- one pickle ---- */

static bool write_document(const spk_document *document, const struct settings *settings,
                           struct sink *out, spk_report *report) {
    if (settings->tell) {
        return tell_document(document, settings, out, report);
    }
    if (settings->write) {
        return spk_encode(spk_document_root(document), &settings->encode, sink_keep, out, report) ==
               SPK_OK;
    }
    size_t size = 0;
    void *data = spk_encode_buffer(spk_document_root(document), &settings->encode, &size, report);
    if (data) {
        buffer_bytes(&out->got, data, size);
        free(data);
    }
    return data != NULL;
}

static void put_record(char kind, const void *data, size_t size) {
    unsigned char head[5] = {0, 0, 0, 0, (unsigned char)kind};
    for (int i = 0; i < 4; i++) {
        head[i] = (unsigned char)((size + 1) >> 8 * i & 255);
    }
    fwrite(head, 1, sizeof head, stdout);
    if (size > 0) {
        fwrite(data, 1, size, stdout);
    }
}

static bool recode(const void *data, size_t size, const struct settings *settings) {
    spk_report report = SPK_REPORT_INIT;
    struct sink out = {.calls = 0};
    spk_document *document = settings->borrow
                                 ? spk_decode_borrowing(data, size, &settings->decode, &report)
                                 : spk_decode(data, size, &settings->decode, &report);
    bool is_written = document && write_document(document, settings, &out, &report);
    if (is_written) {
        put_record('P', out.got.data, out.got.size);
    } else {
        char line[SPK_LINE_SIZE];
        put_record('E', line, spk_report_format(&report, line, sizeof line));
    }
    spk_document_free(document);
    buffer_free(&out.got);
    return is_written;
}

static bool set_option(struct settings *settings, const char *option) {
    if (strncmp(option, "--protocol=", 11) == 0) {
        settings->encode.protocol = atoi(option + 11);
    } else if (strncmp(option, "--level=", 8) == 0) {
        settings->encode.gzip_level = atoi(option + 8);
    } else if (strcmp(option, "--gzip") == 0) {
        settings->encode.gzip = true;
    } else if (strcmp(option, "--allow-cycles") == 0) {
        settings->decode.allow_cycles = true;
    } else if (strcmp(option, "--borrow") == 0) {
        settings->borrow = true;
    } else if (strcmp(option, "--write") == 0) {
        settings->write = true;
    } else if (strcmp(option, "--tell") == 0) {
        settings->tell = true;
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    struct settings settings = {SPK_OPTIONS_INIT, SPK_ENCODE_OPTIONS_INIT, false, false, false};
    uint8_t *data = NULL;
    size_t size = 0;
    bool all_written = true;
    for (int i = 1; i < argc; i++) {
        if (!set_option(&settings, argv[i])) {
            die("no such option");
        }
    }
    while (read_record(stdin, &data, &size)) {
        all_written &= recode(data, size, &settings);
    }
    if (fflush(stdout) != 0) {
        die("standard output cannot be written");
    }
    return all_written ? 0 : 1;
}
