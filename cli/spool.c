/* SPDX-License-Identifier: MIT
 *
 * The temporary file is made in TMPDIR, else in /tmp.  That is all that this program asks of its
 * environment, and it has no say in any verdict. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_TMPFILE */
#endif
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "destination.h"

#define PLACE "temporary file (TMPDIR)"

static struct trouble trouble_here(int number) {
    return (struct trouble){number, NULL, PLACE};
}

/* Where files cannot be made without a name, this one has it for a moment. */
static int open_unlinked(const char *directory) {
    static const char suffix[] = "/pickle-check.XXXXXX";
    size_t length = strlen(directory);
    char *name = malloc(length + sizeof suffix);
    if (!name) {
        return -1;
    }
    memcpy(name, directory, length);
    memcpy(name + length, suffix, sizeof suffix);
    int file = mkostemp(name, O_CLOEXEC);
    int error = errno;
    if (file >= 0 && unlink(name) != 0) {
        error = errno;
        close(file);
        file = -1;
    }
    free(name);
    errno = error;
    return file;
}

static int open_temporary(void) {
    const char *directory = getenv("TMPDIR");
    if (!directory || directory[0] == '\0') {
        directory = "/tmp";
    }
#if defined O_TMPFILE && !defined SPK_PORTABLE
    int file = open(directory, O_RDWR | O_TMPFILE | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0) {
        return file;
    }
#endif
    return open_unlinked(directory);
}

void spool_start(struct spool *spool) {
    spool->file = -1;
    spool->size = 0;
}

struct trouble spool_add(struct spool *spool, const void *data, size_t size) {
    if (spool->file < 0 && size <= sizeof spool->bytes - spool->size) {
        memcpy(spool->bytes + spool->size, data, size);
        spool->size += size;
        return no_trouble;
    }
    if (spool->file < 0) {
        spool->file = open_temporary();
        if (spool->file < 0 || !write_whole(spool->file, spool->bytes, (size_t)spool->size)) {
            return trouble_here(errno);
        }
    }
    if (!write_whole(spool->file, data, size)) {
        return trouble_here(errno);
    }
    spool->size += size;
    return no_trouble;
}

static ssize_t read_at(int file, void *out, size_t size, uint64_t offset) {
    ssize_t count;
    do {
        count = pread(file, out, size, (off_t)offset);
    } while (count < 0 && errno == EINTR);
    return count;
}

struct trouble spool_copy(struct spool *spool, spk_write *writer, void *context, bool *written) {
    if (spool->file < 0) {
        *written = writer(context, spool->bytes, (size_t)spool->size);
        return no_trouble;
    }
    *written = true;
    for (uint64_t at = 0; at < spool->size && *written;) {
        uint64_t left = spool->size - at;
        size_t wanted = left < sizeof spool->bytes ? (size_t)left : sizeof spool->bytes;
        ssize_t count = read_at(spool->file, spool->bytes, wanted, at);
        if (count <= 0) {
            return trouble_here(count < 0 ? errno : EIO); /* the file has become shorter */
        }
        *written = writer(context, spool->bytes, (size_t)count);
        at += (uint64_t)count;
    }
    return no_trouble;
}
