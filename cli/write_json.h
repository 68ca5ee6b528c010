/* SPDX-License-Identifier: MIT
 *
 * A document as JSON text; docs/json.md describes both forms.  Knows the public header of the
 * library and nothing of files or options. */
#ifndef CLI_WRITE_JSON_H
#define CLI_WRITE_JSON_H

#include "json_text.h"

enum json_form {
    JSON_EXACT, /* tells everything apart that Python does; its size is linear in that of the
                   document */
    JSON_PLAIN  /* nothing but JSON's own types; what is shared is written again at each place */
};

/* Writes the text and a line feed.  The limit is that of plain text, which may be much larger than
 * its document.  What was written before any state but PRINT_GOOD is no JSON: who cannot take it
 * back writes to a draft first.  Takes memory from the allocator, in the order of the nesting and
 * of what may be shared, and gives it back; the same for the same document. */
enum print_state json_write(const spk_document *document, enum json_form form, uint64_t limit,
                            const spk_allocator *allocator, spk_write *writer, void *context);

#endif
