/* SPDX-License-Identifier: MIT
 *
 * A main for a target without any fuzzing engine: replays the files, and all files of the
 * directories, that it is given, and says how many.  None is a failure.  Never writes anything. */
#define _DEFAULT_SOURCE

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support.h"

struct paths {
    char **names;
    size_t count;
    size_t capacity;
};

static char *join(const char *directory, const char *name) {
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = malloc(size);
    EXPECT(path != NULL);
    (void)snprintf(path, size, "%s%s%s", directory, name[0] != '\0' ? "/" : "", name);
    return path;
}

static void push(struct paths *paths, char *path) {
    if (paths->count == paths->capacity) {
        paths->capacity = paths->capacity > 0 ? paths->capacity * 2 : 64;
        paths->names = realloc(paths->names, paths->capacity * sizeof *paths->names);
        EXPECT(paths->names != NULL);
    }
    paths->names[paths->count++] = path;
}

static void push_directory(struct paths *paths, const char *directory) {
    DIR *stream = opendir(directory);
    if (!stream) {
        fail("cannot open %s", directory);
    }
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (entry->d_name[0] != '.') {
            push(paths, join(directory, entry->d_name));
        }
    }
    (void)closedir(stream);
}

/* The block is as large as the file, so that a sanitizer sees a step beyond. */
static void replay(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (!file || !data || fread(data, 1, size, file) != size) {
        fail("cannot read %s", path);
    }
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
}

static bool is_finished;

/* A target that ends the program has not passed. */
static void expect_finished(void) {
    if (!is_finished) {
        (void)fputs("fuzz: the target ended the program\n", stderr);
        _Exit(1);
    }
}

int main(int argc, char **argv) {
    struct paths paths = {NULL, 0, 0};
    size_t replayed = 0;
    EXPECT(atexit(expect_finished) == 0);
    for (int i = argc - 1; i > 0; i--) {
        push(&paths, join(argv[i], ""));
    }
    while (paths.count > 0) {
        char *path = paths.names[--paths.count];
        struct stat status;
        if (stat(path, &status) != 0) {
            fail("cannot find %s", path);
        }
        if (S_ISDIR(status.st_mode)) {
            push_directory(&paths, path);
        } else {
            if (getenv("REPLAY_NAMES")) {
                (void)fprintf(stderr, "%s\n", path);
            }
            replay(path, (size_t)status.st_size);
            replayed++;
        }
        free(path);
    }
    free(paths.names);
    is_finished = true;
    (void)printf("%s: replayed %zu inputs\n", argv[0], replayed);
    return replayed > 0 ? 0 : 1;
}
