/* SPDX-License-Identifier: MIT
 *
 * The same program as C++, for the header promises to be clean C++. */
#include "consumer.c"
