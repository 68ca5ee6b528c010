/* SPDX-License-Identifier: MIT
 *
 * Ground floor: secret bytes from the operating system, for the keys of hash tables.  The one room
 * that knows which call gives them on which system.  Nothing that is told of an input ever depends
 * on them. */
#ifndef SPK_ENTROPY_H
#define SPK_ENTROPY_H

#include <stdbool.h>
#include <stdint.h>

#define ENTROPY_SIZE 16

/* False when the system gives none; the bytes are then of no use. */
bool entropy_get(uint8_t bytes[ENTROPY_SIZE]);

#endif
