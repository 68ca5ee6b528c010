/* SPDX-License-Identifier: MIT
 *
 * What words.h promises. */
#include "words.h"

uint64_t word_count(size_t letters, size_t length) {
    uint64_t count = 1;
    for (size_t i = 0; i < length; i++) {
        count *= letters;
    }
    return count;
}

void write_word(char *word, const char *alphabet, size_t letters, size_t length, uint64_t number) {
    for (size_t i = 0; i < length; i++, number /= letters) {
        word[i] = alphabet[number % letters];
    }
}
