/* SPDX-License-Identifier: MIT
 *
 * What sink.h promises. */
#include "sink.h"

bool sink_keep(void *context, const void *data, size_t size) {
    struct sink *sink = context;
    sink->calls++;
    sink->errors += size == 0 || (sink->fail_at > 0 && sink->calls > sink->fail_at);
    if (sink->calls == sink->fail_at) {
        return false;
    }
    buffer_bytes(&sink->got, data, size);
    return true;
}

bool sink_count(void *sum, const void *data, size_t size) {
    (void)data;
    if (sum) {
        *(uint64_t *)sum += size;
    }
    return true;
}
