/* SPDX-License-Identifier: MIT
 *
 * getrandom on Linux, rand_s on Windows (which needs no library beside the C runtime), getentropy
 * elsewhere: POSIX.1-2024 has it in unistd.h, macOS in sys/random.h. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* getrandom */
#endif
#ifdef _WIN32
#define _CRT_RAND_S /* rand_s */
#endif

#include "base/entropy.h"

#ifdef _WIN32

#include <stdlib.h>
#include <string.h>

bool entropy_get(uint8_t bytes[ENTROPY_SIZE]) {
    unsigned part;
    for (size_t at = 0; at < ENTROPY_SIZE; at += sizeof part) {
        if (rand_s(&part) != 0) {
            return false;
        }
        memcpy(bytes + at, &part, sizeof part);
    }
    return true;
}

#elif defined __linux__

#include <sys/random.h>

bool entropy_get(uint8_t bytes[ENTROPY_SIZE]) {
    return getrandom(bytes, ENTROPY_SIZE, 0) == ENTROPY_SIZE;
}

#else

#ifdef __APPLE__
#include <sys/random.h>
#else
#include <unistd.h>
#endif

bool entropy_get(uint8_t bytes[ENTROPY_SIZE]) {
    return getentropy(bytes, ENTROPY_SIZE) == 0;
}

#endif
