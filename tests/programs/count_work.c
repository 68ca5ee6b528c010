/* SPDX-License-Identifier: MIT
 *
 * count_work: prints what pickles cost, without a clock.  tests/scripts/test_growth.py asks that it
 * grows as they do.
 *
 *     count_work <RECORDS
 *
 * Takes the pickles from standard input, each behind its length (4 bytes, little-endian), and
 * prints for each a line "CODE CHECK DECODE VISIT": the code of its refusal, 0 if there is none,
 * and the work of checking, decoding and visiting it.  Work is the number of basic blocks that the
 * library runs through and of bytes that the C library moves for it: it is linked with the objects
 * of the fuzz target cost (fuzz/counted.h), which are compiled to count. Exit status: 0; 2 when the
 * input cannot be read, or nothing was counted. */
#include <safepickle.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "die.h"
#include "reading.h"

extern uint64_t work_counted; /* fuzz/counted.c has it */

static spk_walk go_on(void *context, spk_event event, const spk_value *value) {
    (void)context;
    (void)event;
    (void)value;
    return SPK_WALK_ON;
}

/* The limits that a long stream of small values meets are no matter of cost. */
static spk_options unlimited(void) {
    spk_options options = SPK_OPTIONS_INIT;
    options.max_memo = SPK_UNLIMITED;
    options.max_expansion = SPK_UNLIMITED;
    return options;
}

static void count(const void *data, size_t size) {
    spk_options options = unlimited();
    spk_report report = SPK_REPORT_INIT;
    uint64_t start = work_counted;
    (void)spk_check(data, size, &options, &report);
    uint64_t checked = work_counted;
    spk_document *document = spk_decode(data, size, &options, &report);
    uint64_t decoded = work_counted;
    if (document && spk_visit(document, spk_document_root(document), go_on, NULL) != SPK_OK) {
        die("there was no memory to visit it");
    }
    uint64_t visited = work_counted;
    spk_document_free(document);
    if (checked == start || decoded == checked) {
        die("the library was built without counters");
    }
    printf("%u %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", report.code, checked - start,
           decoded - checked, visited - decoded);
}

int main(void) {
    uint8_t *data = NULL;
    size_t size = 0;
    while (read_record(stdin, &data, &size)) {
        count(data, size);
    }
    return 0;
}
