/* SPDX-License-Identifier: MIT
 *
 * A library to be loaded before libc (LD_PRELOAD) that stops a program (SIGSTOP) right before one
 * of its calls, so that a test can look and send signals while it stands there, and need not hope
 * to come at the right moment.  openat, write, fsync, renameat, unlinkat, close and poll are
 * counted together, from 0, or that alone which STOP_IN names; STOP_AT tells which of them. Nothing
 * goes wrong: for that see faults.c. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Once somebody has let it go on, the call is made by who was asked first. */
static void *reach(const char *name) {
    static long calls;
    const char *wanted = getenv("STOP_IN");
    const char *at = getenv("STOP_AT");
    if (at && (!wanted || strcmp(wanted, name) == 0) && calls++ == atol(at)) {
        raise(SIGSTOP);
    }
    return dlsym(RTLD_NEXT, name);
}

ssize_t write(int file, const void *data, size_t size) {
    ssize_t (*real)(int, const void *, size_t) =
        (ssize_t(*)(int, const void *, size_t))reach("write");
    return real(file, data, size);
}

int openat(int directory, const char *path, int flags, ...) {
    int (*real)(int, const char *, int, ...) =
        (int (*)(int, const char *, int, ...))reach("openat");
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    return real(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

int fsync(int file) {
    int (*real)(int) = (int (*)(int))reach("fsync");
    return real(file);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    int (*real)(int, const char *, int, const char *) =
        (int (*)(int, const char *, int, const char *))reach("renameat");
    return real(from_directory, from, to_directory, to);
}

int unlinkat(int directory, const char *path, int flags) {
    int (*real)(int, const char *, int) = (int (*)(int, const char *, int))reach("unlinkat");
    return real(directory, path, flags);
}

int close(int file) {
    int (*real)(int) = (int (*)(int))reach("close");
    return real(file);
}

int poll(struct pollfd *files, nfds_t count, int timeout) {
    int (*real)(struct pollfd *, nfds_t, int) =
        (int (*)(struct pollfd *, nfds_t, int))reach("poll");
    return real(files, count, timeout);
}
