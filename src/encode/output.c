/* SPDX-License-Identifier: MIT
 *
 * All output goes through deliver(), so that the caller's function is called at one place only. */
#include "encode/output.h"

#include <string.h>

#include "base/bytes.h"

bool output_start(struct output *output, struct memory *memory, const spk_encode_options *options,
                  spk_write *write, void *context) {
    *output = (struct output){.memory = memory, .write = write, .context = context};
    if (options->gzip) {
        output->gzip = gzip_new(memory, options->gzip_level);
        output->failure = output->gzip ? REASON_DATA : memory->failure;
    }
    return output->failure == REASON_DATA;
}

#define KEPT_MIN ((size_t)512)

static bool reserve(struct output *output, size_t size) {
    size_t capacity = output->kept_capacity > 0 ? output->kept_capacity : KEPT_MIN;
    while (capacity < size) {
        if (!multiply_size(capacity, 2, &capacity)) {
            output->failure = REASON_LIMIT_ALLOC;
            return false;
        }
    }
    void *moved =
        memory_resize_growing(output->memory, output->kept, output->kept_capacity, capacity);
    if (!moved) {
        output->failure = output->memory->failure;
        return false;
    }
    output->kept = moved;
    output->kept_capacity = capacity;
    return true;
}

static bool keep(struct output *output, const uint8_t *p, size_t size) {
    size_t whole;
    if (!add_size(output->kept_size, size, &whole)) {
        output->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    if (whole > output->kept_capacity && !reserve(output, whole)) {
        return false;
    }
    memcpy(output->kept + output->kept_size, p, size);
    output->kept_size = whole;
    return true;
}

static bool deliver(struct output *output, const uint8_t *p, size_t size) {
    output->total += size;
    if (!output->write) {
        return keep(output, p, size);
    }
    if (!output->write(output->context, p, size)) {
        output->failure = REASON_WRITE_FAILED;
        return false;
    }
    return true;
}

static bool deliver_packed(struct output *output, bool is_end) {
    const uint8_t *packed;
    size_t size;
    while ((size = gzip_run(output->gzip, is_end, &packed)) > 0) {
        if (!deliver(output, packed, size)) {
            return false;
        }
    }
    return true;
}

bool output_put(struct output *output, const uint8_t *p, size_t size) {
    if (size == 0) {
        return true;
    }
    if (!output->gzip) {
        return deliver(output, p, size);
    }
    gzip_feed(output->gzip, p, size);
    return deliver_packed(output, false);
}

bool output_finish(struct output *output) {
    return !output->gzip || deliver_packed(output, true);
}

void *output_take(struct output *output, size_t *size) {
    if (!output->kept) {
        return NULL;
    }
    void *block =
        memory_hand_over(output->memory, output->kept, output->kept_capacity, output->kept_size);
    if (!block) {
        return NULL;
    }
    *size = output->kept_size;
    output->kept = NULL;
    output->kept_capacity = 0;
    output->kept_size = 0;
    return block;
}

void output_free(struct output *output) {
    gzip_free(output->gzip, output->memory);
    (void)memory_resize_growing(output->memory, output->kept, output->kept_capacity, 0);
    output->gzip = NULL;
    output->kept = NULL;
}
