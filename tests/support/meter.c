/* SPDX-License-Identifier: MIT
 *
 * What meter.h promises.  The blocks stand in a list, for what the library says of their sizes is
 * not believed; there are few at a time, and the latest are asked for most. */
#include "meter.h"

#include <stdlib.h>
#include <string.h>

static struct meter_block *find_block(struct meter *meter, const void *start) {
    for (size_t i = (size_t)meter->blocks; i-- > 0;) {
        if (meter->held[i].start == start) {
            return &meter->held[i];
        }
    }
    return NULL;
}

/* False if there is no memory to note one block more. */
static bool make_room(struct meter *meter) {
    if (meter->blocks < meter->held_max) {
        return true;
    }
    size_t max = meter->held_max * 2 + 16;
    struct meter_block *held = realloc(meter->held, max * sizeof *held);
    if (held) {
        meter->held = held;
        meter->held_max = max;
    }
    return held != NULL;
}

static void release(struct meter *meter, struct meter_block *block) {
    meter->live -= block->size;
    free(block->start);
    *block = meter->held[--meter->blocks];
    if (meter->blocks == 0) {
        free(meter->held);
        meter->held = NULL;
        meter->held_max = 0;
    }
}

static bool is_to_fail(struct meter *meter) {
    meter->requests++;
    bool fails = meter->requests == meter->fail_at ||
                 (meter->fails_on && meter->fail_at > 0 && meter->requests > meter->fail_at);
    meter->refusals += fails;
    return fails;
}

/* A copy of the old block in a new place, or a new block. */
static void *moved(struct meter *meter, struct meter_block *old, size_t new_size) {
    uint8_t *start = old || make_room(meter) ? malloc(new_size) : NULL;
    if (!start) {
        return NULL;
    }
    bool is_all = meter->fill_max == 0 || new_size < meter->fill_max;
    memset(start, 0xa5, is_all ? new_size : meter->fill_max);
    if (old) {
        memcpy(start, old->start, old->size < new_size ? old->size : new_size);
        meter->copied += old->size;
        meter->live -= old->size;
        free(old->start);
        *old = (struct meter_block){start, new_size};
    } else {
        meter->held[meter->blocks++] = (struct meter_block){start, new_size};
    }
    meter->asked += new_size;
    meter->live += new_size;
    meter->peak = meter->live > meter->peak ? meter->live : meter->peak;
    return start;
}

static void *meter_resize(void *context, void *block, size_t old_size, size_t new_size) {
    struct meter *meter = context;
    struct meter_block *old = block ? find_block(meter, block) : NULL;
    meter->errors += block ? !old || old->size != old_size : old_size > 0 || new_size == 0;
    if (block && !old) {
        return NULL;
    }
    if (new_size == 0) {
        if (old) {
            release(meter, old);
        }
        return NULL;
    }
    return is_to_fail(meter) ? NULL : moved(meter, old, new_size);
}

spk_allocator meter_allocator(struct meter *meter) {
    return (spk_allocator){meter_resize, meter};
}

bool meter_is_clean(const struct meter *meter) {
    return meter->live == 0 && meter->blocks == 0 && meter->errors == 0;
}
