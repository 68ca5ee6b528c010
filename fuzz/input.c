/* SPDX-License-Identifier: MIT
 *
 * What an input means: its options and its seed.  Calls nothing of the
 * library, so that mutators can be built with it alone. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("fuzz: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    abort();
}

/* ---- inputs ---- */

bool has_tail(const uint8_t *data, size_t size) {
    return size >= TAIL_SIZE && data[size - 1] == TAIL_TAG;
}

/* One byte for a limit: 0 the default, 255 none, 1 to 15 themselves, then eight steps for each
 * power of two. */
static uint64_t limit_from(uint8_t code) {
    if (code == 255) {
        return SPK_UNLIMITED;
    }
    return code < 16 ? code : (uint64_t)(8 + code % 8) << (code / 8 - 1);
}

/* Bombs are a matter of limits, and their time would be taken from everything else. */
#define MAX_UNPACKED (UINT64_C(1) << 20)

/* A byte of flags, and one for each limit; returns what is behind them. */
static const uint8_t *set_options(spk_options *options, const uint8_t *tail) {
    options->gzip = (spk_gzip)(tail[0] % 3);
    options->encoding = (spk_encoding)((tail[0] >> 2) % 3);
    options->trailing = (tail[0] >> 6) % 2 ? SPK_TRAILING_STOP : SPK_TRAILING_REFUSE;
    options->allow_cycles = tail[0] >> 7;
    options->allow = (tail[0] >> 5) % 2 ? "plain" : NULL;
    tail++;
#define LIMIT(field, ...) options->field = limit_from(*tail++);
#define LIMIT_BOTH(...) LIMIT(__VA_ARGS__)
#include "limits.def"
#undef LIMIT
#undef LIMIT_BOTH
    return tail;
}

_Static_assert((sizeof(spk_options) - offsetof(spk_options, max_input)) / sizeof(uint64_t) <
                   TAIL_SIZE - 2,
               "the tail has no byte left for the seed");

static const uint8_t a_hash_key[16] = "a key for a hash";

struct setup setup_of(const uint8_t *data, size_t size) {
    struct setup setup = {data, size, SPK_OPTIONS_INIT, 0};
    setup.options.hash_key = a_hash_key;
    if (has_tail(data, size)) {
        const uint8_t *tail = data + size - TAIL_SIZE;
        setup.size = size - TAIL_SIZE;
        const uint8_t *seed = set_options(&setup.options, tail);
        setup.seed = mix_bytes(0, seed, (size_t)(data + size - 1 - seed));
    } else {
        setup.seed = mix_bytes(0, data, size);
    }
    if (setup.options.max_unpacked == 0 || setup.options.max_unpacked > MAX_UNPACKED) {
        setup.options.max_unpacked = MAX_UNPACKED;
    }
    return setup;
}
