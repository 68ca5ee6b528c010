/* SPDX-License-Identifier: MIT
 *
 * Every word of a length over an alphabet, by its number: what is too short to be thought of is
 * tried in full. */
#ifndef SPK_TESTS_WORDS_H
#define SPK_TESTS_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* How many there are; they have the numbers below that. */
uint64_t word_count(size_t letters, size_t length);

/* Writes one, without a NUL. */
void write_word(char *word, const char *alphabet, size_t letters, size_t length, uint64_t number);

#endif
