/* SPDX-License-Identifier: MIT
 *
 * scan: prints where the opcodes of a stream stand, as spk_scan has it, for comparison with
 * pickletools.
 *
 *     scan FILE...
 *
 * For each file a line "FILE", then a line for each opcode: offset, name, bytes of the opcode with
 * its operand, and the operand's bytes in hexadecimal.  Where nothing more can be split a last line
 * says "end OFFSET".  Each file is held in a block of exactly its size, so that a memory checker
 * sees each byte read beyond it.  Uses the public header alone.  Exit status: 0, or 2 for trouble.
 */
#include <safepickle.h>

#include <stdio.h>
#include <stdlib.h>

static unsigned char *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        return NULL;
    }
    long length = ftell(file);
    unsigned char *data = length >= 0 ? malloc(length > 0 ? (size_t)length : 1) : NULL;
    bool is_read = data && fseek(file, 0, SEEK_SET) == 0 &&
                   fread(data, 1, (size_t)length, file) == (size_t)length;
    is_read = fclose(file) == 0 && is_read;
    if (!is_read) {
        free(data);
        return NULL;
    }
    *size = (size_t)length;
    return data;
}

static void print(size_t at, size_t size, const spk_scanned *scanned) {
    const unsigned char *operand = scanned->operand;
    printf("%zu %s %zu ", at, scanned->opcode->name, size);
    for (size_t i = 0; i < scanned->operand_size; i++) {
        printf("%02x", operand[i]);
    }
    printf("\n");
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        size_t size = 0;
        unsigned char *data = read_file(argv[i], &size);
        if (!data) {
            fprintf(stderr, "scan: cannot read %s\n", argv[i]);
            return 2;
        }
        printf("%s\n", argv[i]);
        size_t at = 0;
        spk_scanned scanned;
        for (size_t step; (step = spk_scan(data + at, size - at, &scanned)) > 0; at += step) {
            print(at, step, &scanned);
        }
        printf("end %zu\n", at);
        free(data);
    }
    return fflush(stdout) == 0 ? 0 : 2;
}
