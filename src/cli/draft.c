/* SPDX-License-Identifier: MIT
 *
 * A buffer with an end. */
#include "draft.h"

#include <string.h>

void draft_start(struct draft *draft) {
    draft->size = 0;
    draft->is_too_large = false;
}

bool draft_write(void *context, const void *data, size_t size) {
    struct draft *draft = context;
    if (draft->is_too_large || size > sizeof draft->bytes - draft->size) {
        draft->is_too_large = true;
        return false;
    }
    memcpy(draft->bytes + draft->size, data, size);
    draft->size += size;
    return true;
}

bool draft_try(void *context, const void *data, size_t size) {
    (void)context;
    (void)data;
    (void)size;
    return true;
}
