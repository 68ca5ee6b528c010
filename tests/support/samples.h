/* SPDX-License-Identifier: MIT
 *
 * The sample files of corpus/, with what their places and names ask for; check_samples.c reads
 * them. */
#ifndef SPK_TESTS_SAMPLES_H
#define SPK_TESTS_SAMPLES_H

#include "buffer.h"
#include "safepickle.h"

struct sample {
    char *path;
    const char *reason;  /* the refusal that it must get, or NULL if it must be accepted */
    spk_options options; /* that its name asks for, as in name@max-depth=4.pickle */
    struct input bytes;
};

/* Everything below corpus/accept and corpus/refuse; without zlib no gzipped ones.  0 if there are
 * none. */
size_t samples(const struct sample **all);

#endif
