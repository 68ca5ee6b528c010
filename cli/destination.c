/* SPDX-License-Identifier: MIT
 *
 * Writing a file so that its name never stands for half of it: a new file beside it, then rename.
 * The directory is opened once, and all names are relative to it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_PATH */
#endif
#include "destination.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory is opened to name files in it, which needs no permission to read it where the system
 * can tell. */
#if defined O_PATH && !defined SPK_PORTABLE
#define OPEN_DIRECTORY O_PATH
#elif defined O_SEARCH
#define OPEN_DIRECTORY O_SEARCH
#else
#define OPEN_DIRECTORY O_RDONLY
#endif

#define ATTEMPTS 1000 /* to find a name that is free */

/* ---- The unfinished file, which a signal removes --------------------------------------------- */

/* A signal handler can reach only what is global. */
static struct {
    volatile sig_atomic_t exists;
    int directory;
    char name[64];
} unfinished;

/* Signals that end a program and that others send to it. */
static const int ending_signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,
                                     SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU};

#define ENDING_SIGNALS (sizeof ending_signals / sizeof *ending_signals)

/* The handler is gone when it runs (SA_RESETHAND): the signal that is raised again ends the
 * program. */
static void end_by_signal(int number) {
    if (unfinished.exists) {
        unlinkat(unfinished.directory, unfinished.name, 0);
    }
    raise(number);
}

/* What the caller had ignored, as nohup does, stays ignored. */
static void catch_signals(void) {
    struct sigaction ours;
    struct sigaction theirs;
    memset(&ours, 0, sizeof ours);
    ours.sa_handler = end_by_signal;
    ours.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        if (sigaction(ending_signals[i], NULL, &theirs) == 0 && theirs.sa_handler == SIG_DFL) {
            sigaction(ending_signals[i], &ours, NULL);
        }
    }
}

static void block_signals(sigset_t *before) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ENDING_SIGNALS; i++) {
        sigaddset(&set, ending_signals[i]);
    }
    sigprocmask(SIG_BLOCK, &set, before);
}

/* A file under a name that was free, readable and writable as the umask has it.  No signal comes
 * between making it and knowing of it. */
static int create_unfinished(int directory) {
    sigset_t before;
    int file = -1;
    block_signals(&before);
    unfinished.directory = directory;
    for (int i = 0; i < ATTEMPTS; i++) {
        snprintf(unfinished.name, sizeof unfinished.name, ".pickle-check.%ld.%d", (long)getpid(),
                 i);
        file = openat(directory, unfinished.name,
                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file >= 0 || (errno != EEXIST && errno != EINTR)) {
            break;
        }
    }
    unfinished.exists = file >= 0;
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return file;
}

/* ---- Opening --------------------------------------------------------------------------------- */

void destination_prepare(void) {
    signal(SIGXFSZ, SIG_IGN);
}

static struct trouble trouble_at(const struct destination *destination, int number,
                                 const char *message) {
    const char *place = destination->path ? destination->path : "standard output";
    return (struct trouble){number, message, place};
}

struct trouble destination_trouble(const struct destination *destination) {
    return trouble_at(destination, destination->error, NULL);
}

static int open_whole(const char *directory) {
    int file;
    do {
        file = open(directory, OPEN_DIRECTORY | O_DIRECTORY | O_CLOEXEC);
    } while (file < 0 && errno == EINTR);
    return file;
}

/* The directory in which the name is. */
static int open_directory(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return open_whole(".");
    }
    size_t size = slash == path ? 1 : (size_t)(slash - path);
    char *directory = malloc(size + 1);
    if (!directory) {
        return -1;
    }
    memcpy(directory, path, size);
    directory[size] = '\0';
    int file = open_whole(directory);
    int error = errno;
    free(directory);
    errno = error;
    return file;
}

/* No trouble if the name is free. */
static struct trouble look_at_name(const struct destination *destination) {
    struct stat status;
    if (fstatat(destination->directory, destination->name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return trouble_at(destination, errno == ENOENT ? 0 : errno, NULL);
    }
    if (S_ISDIR(status.st_mode)) {
        return trouble_at(destination, EISDIR, NULL);
    }
    if (S_ISLNK(status.st_mode)) {
        return trouble_at(destination, ELOOP,
                          "is a symbolic link, which is not replaced; name the file itself");
    }
    return trouble_at(destination, S_ISREG(status.st_mode) ? 0 : EEXIST,
                      "is no regular file, and is not replaced");
}

struct trouble destination_open(struct destination *destination, const char *path) {
    *destination = (struct destination){path, path, -1, STDOUT_FILENO, 0};
    if (!path || strcmp(path, "-") == 0) {
        destination->path = NULL;
        return no_trouble;
    }
    const char *slash = strrchr(path, '/');
    destination->name = slash ? slash + 1 : path;
    destination->file = -1;
    destination->directory = open_directory(path);
    if (destination->directory < 0) {
        return trouble_at(destination, errno, NULL);
    }
    struct trouble trouble = destination->name[0] != '\0' ? look_at_name(destination)
                                                          : trouble_at(destination, EISDIR, NULL);
    if (trouble.number == 0) {
        catch_signals();
        destination->file = create_unfinished(destination->directory);
        trouble = trouble_at(destination, destination->file < 0 ? errno : 0, NULL);
    }
    if (trouble.number != 0) {
        close(destination->directory);
    }
    return trouble;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Standard output may be a pipe that somebody else has told not to wait. */
static bool wait_to_write(int file) {
    struct pollfd wanted = {file, POLLOUT, 0};
    return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

bool write_whole(int file, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t count = write(file, at, size);
        if (count > 0) {
            at += count;
            size -= (size_t)count;
        } else if (count == 0) {
            errno = ENOSPC; /* a device that takes nothing, and says nothing */
            return false;
        } else if (errno == EAGAIN) {
            if (!wait_to_write(file)) {
                return false;
            }
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool destination_write(void *context, const void *data, size_t size) {
    struct destination *destination = context;
    if (!write_whole(destination->file, data, size)) {
        destination->error = errno;
        return false;
    }
    return true;
}

/* Some file systems cannot, and say so. */
static bool bring_to_disk(int file) {
    int result;
    do {
        result = fsync(file);
    } while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL || errno == ENOTSUP;
}

struct trouble destination_commit(struct destination *destination) {
    if (!destination->path) {
        return no_trouble; /* that it could not be closed is told by whoever closes it */
    }
    bool done = bring_to_disk(destination->file);
    destination->error = done ? 0 : errno;
    int file = destination->file;
    destination->file = -1;
    if (close(file) != 0 && done && errno != EINTR) {
        destination->error = errno;
    }
    int directory = destination->directory;
    if (destination->error == 0 &&
        renameat(directory, unfinished.name, directory, destination->name) != 0) {
        destination->error = errno;
    }
    if (destination->error != 0) {
        destination_abandon(destination);
        return destination_trouble(destination);
    }
    unfinished.exists = 0;
    close(directory);
    return no_trouble;
}

void destination_abandon(struct destination *destination) {
    if (!destination->path) {
        return;
    }
    if (destination->file >= 0) {
        close(destination->file);
    }
    unlinkat(destination->directory, unfinished.name, 0);
    unfinished.exists = 0;
    close(destination->directory);
}
