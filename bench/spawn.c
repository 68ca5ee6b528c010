/* SPDX-License-Identifier: MIT
 *
 * Starts two commands in turn, many times, and tells what each took from start to exit.
 *
 *     bench-spawn REPS INPUT COMMAND [ARGUMENT]... -- COMMAND [ARGUMENT]...
 *
 * Both read the file INPUT as their standard input and write to /dev/null.  Prints for the first
 * and the second the least and the median of the elapsed time and of the CPU time, and the ratios
 * of the first's to the second's. Exit status: 0, or 2 when a command cannot be started or does not
 * exit with 0. */
#define _GNU_SOURCE /* vfork, wait4, O_CLOEXEC */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MIN, MEDIAN, STATISTICS };

struct series {
    double *elapsed_ms, *cpu_ms;
};

static void die(const char *what, const char *why) {
    fprintf(stderr, "bench-spawn: %s: %s\n", what, why);
    exit(2);
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double milliseconds(struct timeval time) {
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static void run(char **command, int input, int output, struct series *series, long at) {
    struct rusage usage;
    int status;
    if (lseek(input, 0, SEEK_SET) < 0) {
        die("the input", strerror(errno));
    }
    double start = now_ms();
    pid_t child = vfork();
    if (child == 0) {
        if (dup2(input, 0) >= 0 && dup2(output, 1) >= 0) {
            execv(command[0], command);
        }
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        die(command[0], strerror(errno));
    }
    series->elapsed_ms[at] = now_ms() - start;
    series->cpu_ms[at] = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        die(command[0], "did not exit with 0");
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *what, double *first, double *second, long reps) {
    double values[2][STATISTICS];
    double *all[2] = {first, second};
    for (int i = 0; i < 2; i++) {
        qsort(all[i], (size_t)reps, sizeof *all[i], ascending);
        values[i][MIN] = all[i][0];
        values[i][MEDIAN] = all[i][reps / 2];
    }
    printf("%s_ms %.4f %.4f\n", what, values[0][MIN], values[1][MIN]);
    printf("%s_median_ms %.4f %.4f\n", what, values[0][MEDIAN], values[1][MEDIAN]);
    printf("%s_ratio %.4f\n", what, values[0][MIN] / values[1][MIN]);
    printf("%s_median_ratio %.4f\n", what, values[0][MEDIAN] / values[1][MEDIAN]);
}

static struct series series_new(long reps) {
    struct series series = {calloc((size_t)reps, sizeof(double)),
                            calloc((size_t)reps, sizeof(double))};
    if (!series.elapsed_ms || !series.cpu_ms) {
        die("series", strerror(errno));
    }
    return series;
}

int main(int argc, char **argv) {
    long reps = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    int second = 3;
    while (second < argc && strcmp(argv[second], "--")) {
        second++;
    }
    if (reps < 1 || second < 4 || second + 1 >= argc) {
        fputs("usage: bench-spawn REPS INPUT COMMAND [ARGUMENT]... -- COMMAND [ARGUMENT]...\n",
              stderr);
        return 2;
    }
    argv[second++] = NULL;
    int input = open(argv[2], O_RDONLY | O_CLOEXEC),
        output = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (input < 0 || output < 0) {
        die(argv[2], strerror(errno));
    }
    struct series a = series_new(reps), b = series_new(reps);
    for (long i = 0; i < reps; i++) {
        run(argv + 3, input, output, &a, i);
        run(argv + second, input, output, &b, i);
    }
    tell("elapsed", a.elapsed_ms, b.elapsed_ms, reps);
    tell("cpu", a.cpu_ms, b.cpu_ms, reps);
    return 0;
}
