/* SPDX-License-Identifier: MIT
 *
 * A library to be loaded before libc (LD_PRELOAD) in which one system call of a program goes wrong.
 * open, openat, read, pread, write, fsync, renameat and close are counted together, from 0;
 * FAULT_AT tells which, FAULT_KIND how:
 *
 *     EIO, EINTR    it fails so
 *     END           a pread finds that the file has ended; others are as ever
 *     a number      a read or write moves so many bytes at most; this one and all that follow
 *
 * FAULT_SEEN names a file that is created when that call is reached, so that who walks the calls
 * knows where to end; it gets the name of the call.  libc's streams write without a call that could
 * be caught, therefore stdout becomes a stream whose bytes go through the write here, as libc's own
 * would: again after a short count, to an end after an error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls;
static long fault_at = -1;
static size_t max;
static int error;
static int is_end;

static void note_seen(const char *name) {
    const char *path = getenv("FAULT_SEEN");
    long file =
        path ? syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file >= 0) {
        syscall(SYS_write, file, name, strlen(name));
        syscall(SYS_close, file);
    }
}

/* Counts a call; true if it is to fail, with errno set. */
static int is_faulty(const char *name) {
    long number = calls++;
    if (number != fault_at) {
        return 0;
    }
    note_seen(name);
    errno = error;
    return error != 0;
}

static size_t cut(size_t size) {
    return max > 0 && calls > fault_at && size > max ? max : size;
}

ssize_t read(int file, void *out, size_t size) {
    return is_faulty("read") ? -1 : syscall(SYS_read, file, out, cut(size));
}

ssize_t pread(int file, void *out, size_t size, off_t offset) {
    long number = calls;
    if (is_faulty("pread")) {
        return -1;
    }
    return is_end && number == fault_at ? 0 : syscall(SYS_pread64, file, out, cut(size), offset);
}

ssize_t pread64(int file, void *out, size_t size, off_t offset) __attribute__((alias("pread")));

ssize_t write(int file, const void *data, size_t size) {
    return is_faulty("write") ? -1 : syscall(SYS_write, file, data, cut(size));
}

int close(int file) {
    int faulty = is_faulty("close");
    int reason = errno;
    long result = syscall(SYS_close, file); /* a close that fails has closed nevertheless */
    if (faulty) {
        errno = reason;
        return -1;
    }
    return (int)result;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0;
    const char *name = (flags & O_TMPFILE) == O_TMPFILE ? "open a file without a name" : "open";
    va_end(rest);
    return is_faulty(name) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int openat(int directory, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    return is_faulty("open") ? -1 : (int)syscall(SYS_openat, directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

int fsync(int file) {
    return is_faulty("fsync") ? -1 : (int)syscall(SYS_fsync, file);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return is_faulty("renameat")
               ? -1
               : (int)syscall(SYS_renameat, from_directory, from, to_directory, to);
}

static ssize_t write_all(void *cookie, const char *data, size_t size) {
    (void)cookie;
    for (size_t at = 0; at < size;) {
        ssize_t count = write(STDOUT_FILENO, data + at, size - at);
        if (count < 0) {
            return 0;
        }
        at += (size_t)count;
    }
    return (ssize_t)size;
}

static int close_stdout(void *cookie) {
    (void)cookie;
    return close(STDOUT_FILENO);
}

__attribute__((constructor)) static void start(void) {
    const char *at = getenv("FAULT_AT");
    const char *kind = getenv("FAULT_KIND");
    cookie_io_functions_t functions = {NULL, write_all, NULL, close_stdout};
    FILE *stream = fopencookie(NULL, "w", functions);
    if (!at || !kind || !stream) {
        abort();
    }
    stdout = stream;
    fault_at = atol(at);
    error = strcmp(kind, "EIO") == 0 ? EIO : strcmp(kind, "EINTR") == 0 ? EINTR : 0;
    is_end = strcmp(kind, "END") == 0;
    max = error || is_end ? 0 : (size_t)atol(kind);
}
