/* SPDX-License-Identifier: MIT
 *
 * What stored_gzip.h promises. */
#include "stored_gzip.h"

uint32_t crc32_of(struct input input) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < input.size; i++) {
        crc ^= input.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
        }
    }
    return ~crc;
}

/* RFC 1951: blocks that are stored, of at most 65,535 bytes. */
void buffer_gzip(struct buffer *buffer, struct input plain) {
    size_t left = plain.size;
    BUFFER_ADD(buffer, "\x1f\x8b\x08\0\0\0\0\0\0\xff");
    do {
        uint32_t size = left < 65535 ? (uint32_t)left : 65535;
        buffer_byte(buffer, left == size);
        buffer_u32(buffer, size | ~size << 16);
        buffer_bytes(buffer, plain.data + (plain.size - left), size);
        left -= size;
    } while (left > 0);
    buffer_u32(buffer, crc32_of(plain));
    buffer_u32(buffer, (uint32_t)plain.size);
}
