/* SPDX-License-Identifier: MIT
 *
 * UTF-8 with lone surrogates, against a decoder of the textbook: all of one to three bytes,
 * boundary bytes and random ones of four, each in every split. */
#include "text/ascii.h"
#include "text/utf8.h"

#include <string.h>

#include "support.h"

/* The textbook: how many bytes are good, counted to the first byte that no continuation of what
 * came before can have. *complete: nothing is missing at the end. */
static size_t reference(const uint8_t *p, size_t size, bool *complete) {
    /* Rows of Unicode's table 3-7, and the surrogates: first byte, second byte, number of bytes. */
    static const struct {
        uint8_t first, last, low, high, bytes;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t at = 0;
    *complete = true;
    while (at < size) {
        size_t row = 0;
        while (row < 7 && (p[at] < rows[row].first || p[at] > rows[row].last)) {
            row++;
        }
        if (row == 7) {
            return at;
        }
        for (size_t i = 1; i < rows[row].bytes; i++) {
            if (at + i == size) {
                *complete = false;
                return size;
            }
            uint8_t low = i == 1 ? rows[row].low : 0x80;
            uint8_t high = i == 1 ? rows[row].high : 0xbf;
            if (p[at + i] < low || p[at + i] > high) {
                return at + i;
            }
        }
        at += rows[row].bytes;
    }
    return size;
}

static bool agrees(const uint8_t *p, size_t size) {
    bool complete;
    size_t good = reference(p, size, &complete);
    struct utf8 state = {0, 0, 0};
    size_t found = utf8_check(&state, p, size);
    return found == good && (good < size || utf8_is_complete(&state) == complete);
}

/* The same in two pieces. */
static bool agrees_split(const uint8_t *p, size_t size) {
    bool complete;
    size_t good = reference(p, size, &complete);
    for (size_t split = 0; split <= size; split++) {
        struct utf8 state = {0, 0, 0};
        size_t found = utf8_check(&state, p, split);
        if (found == split) {
            found += utf8_check(&state, p + split, size - split);
        }
        if (found != good || (good == size && utf8_is_complete(&state) != complete)) {
            return false;
        }
    }
    return true;
}

static void one_to_three_bytes(void) {
    uint64_t wrong = 0;
    uint8_t p[3];
    for (uint32_t number = 0; number < 1u << 24; number++) {
        p[0] = (uint8_t)(number >> 16);
        p[1] = (uint8_t)(number >> 8);
        p[2] = (uint8_t)number;
        wrong += !agrees(p, 3);
    }
    for (uint32_t number = 0; number < 1u << 16; number++) {
        p[0] = (uint8_t)(number >> 8);
        p[1] = (uint8_t)number;
        wrong += !agrees_split(p, 2) || !agrees_split(p, 1);
    }
    CHECK_U64(wrong, 0);
    COVERED((1u << 24) + (1u << 16));
}

static const uint8_t boundary[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                   0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                   0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};

#define BOUNDARY (sizeof boundary)

static void four_boundary_bytes(void) {
    uint64_t wrong = 0;
    for (size_t number = 0; number < BOUNDARY * BOUNDARY * BOUNDARY * BOUNDARY; number++) {
        uint8_t p[4];
        size_t rest = number;
        for (size_t i = 0; i < 4; i++) {
            p[i] = boundary[rest % BOUNDARY];
            rest /= BOUNDARY;
        }
        wrong += !agrees_split(p, 4);
    }
    CHECK_U64(wrong, 0);
    COVERED(BOUNDARY * BOUNDARY * BOUNDARY * BOUNDARY);
}

/* Longer text, mostly good, at every alignment, so that runs of ASCII come to lie everywhere. */
static void longer_text(void) {
    struct dice dice = {3};
    uint64_t wrong = 0;
    for (int times = 0; times < 40000; times++) {
        uint8_t p[64];
        size_t size = 0;
        while (size < 40) {
            uint32_t c =
                dice_below(&dice, 3)
                    ? (uint32_t)dice_below(&dice, 128)
                    : (uint32_t)dice_below(&dice, dice_below(&dice, 2) ? 0x110000 : 0x1000);
            size += utf8_write(c, p + size);
        }
        wrong += !agrees_split(p, size);
        p[dice_below(&dice, size)] = (uint8_t)dice_roll(&dice);
        size -= (size_t)dice_below(&dice, 4);
        wrong += !agrees_split(p + dice_below(&dice, 8), size - 8);
    }
    CHECK_U64(wrong, 0);
    COVERED(80000);
}

static void every_code_point_is_written(void) {
    uint64_t wrong = 0;
    for (uint32_t c = 0; c < 0x110000; c++) {
        uint8_t p[UTF8_MAX] = {0};
        size_t size = utf8_write(c, p);
        uint32_t back = size == 1 ? p[0] : p[0] & (0x7fu >> size);
        for (size_t i = 1; i < size; i++) {
            back = back << 6 | (p[i] & 0x3fu);
        }
        bool complete = false;
        wrong += back != c || reference(p, size, &complete) != size || !complete;
    }
    CHECK_U64(wrong, 0);
    COVERED(0x110000);
}

static void ascii_prefixes(void) {
    uint8_t p[40];
    for (size_t start = 0; start < 8; start++) {
        for (size_t size = 0; size <= 32; size++) {
            for (size_t high = 0; high <= size; high++) {
                memset(p, 0x7f, sizeof p);
                p[start + high] = 0x80; /* at "size" it stands behind the text */
                CHECK_U64(ascii_prefix(p + start, size), high);
            }
        }
    }
    COVERED(8 * 33);
}

REGISTER(utf8, RUN(one_to_three_bytes), RUN(four_boundary_bytes), RUN(longer_text),
         RUN(every_code_point_is_written), RUN(ascii_prefixes))
