/* SPDX-License-Identifier: MIT
 *
 * The least that uses the library for something: decodes {'name': 'John', 'age': 30} and prints the
 * age.  Valid C and valid C++. */
#include <inttypes.h>
#include <safepickle.h>
#include <stdio.h>

static const char PICKLE[] = "\x80\x04}(\x8c\x04name\x8c\x04John\x8c\x03"
                             "ageK\x1eu.";

int main(void) {
    spk_report report = SPK_REPORT_INIT;
    spk_document *document = spk_decode(PICKLE, sizeof PICKLE - 1, NULL, &report);
    int64_t age;
    if (!spk_get_int(spk_find_str(spk_document_root(document), "age", 3), &age)) {
        char line[SPK_LINE_SIZE];
        spk_report_format(&report, line, sizeof line);
        puts(line);
        return 1;
    }
    spk_document_free(document);
    printf("safepickle %s: age %" PRId64 "\n", spk_version(), age);
    return 0;
}
