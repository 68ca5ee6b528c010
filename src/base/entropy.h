/* SPDX-License-Identifier: MIT
 *
 * Ground floor: secret bytes from the operating system, for the keys of hash tables.  No other room
 * knows which call gives them on which system.  Nothing that is said about an input depends on
 * them. */
#ifndef SPK_ENTROPY_H
#define SPK_ENTROPY_H

#include <stdbool.h>
#include <stdint.h>

#define ENTROPY_SIZE 16

/* False when the system gives none; the bytes must not be used then. */
bool entropy_get(uint8_t bytes[ENTROPY_SIZE]);

#endif
