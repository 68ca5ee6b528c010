/* SPDX-License-Identifier: MIT
 *
 * Every byte put out goes through deliver(), so that the caller's function is called from one place. */
#include "output.h"

#include <string.h>

#include "bytes.h"

bool output_start(struct output *output, struct memory *memory, const spk_encode_options *options, spk_write *write,
                  void *context) {
    *output = (struct output){memory, NULL, write, context, {NULL, 0}, 0, 0, REASON_DATA};
    if (options->gzip) {
        output->deflater = deflater_new(memory, options->gzip_level);
        output->failure = output->deflater ? REASON_DATA : memory->failure;
    }
    return output->failure == REASON_DATA;
}

static bool keep(struct output *output, const uint8_t *p, size_t size) {
    size_t whole;
    if (!add_size(output->kept_size, size, &whole)) {
        output->failure = REASON_LIMIT_ALLOC;
        return false;
    }
    if (!array_reserve(output->memory, &output->kept, whole, 1)) {
        output->failure = output->memory->failure;
        return false;
    }
    memcpy((uint8_t *)output->kept.items + output->kept_size, p, size);
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
    while ((size = deflater_run(output->deflater, is_end, &packed)) > 0) {
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
    if (!output->deflater) {
        return deliver(output, p, size);
    }
    deflater_feed(output->deflater, p, size);
    return deliver_packed(output, false);
}

bool output_finish(struct output *output) {
    return !output->deflater || deliver_packed(output, true);
}

void *output_take(struct output *output, size_t *size) {
    void *block = output->kept.items;
    if (!block) {
        return NULL;
    }
    block = memory_hand_over(output->memory, block, output->kept.capacity, output->kept_size);
    if (!block) {
        return NULL;
    }
    *size = output->kept_size;
    output->kept = (struct array){NULL, 0};
    output->kept_size = 0;
    return block;
}

void output_free(struct output *output) {
    deflater_free(output->deflater, output->memory);
    array_free(output->memory, &output->kept, 1);
    output->deflater = NULL;
}
