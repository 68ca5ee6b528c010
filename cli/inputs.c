/* SPDX-License-Identifier: MIT
 *
 * Operands, standard input and the list of names.  Whatever is wrong with one of them becomes the
 * trouble of that one input, so that none is ever passed over in silence. */
#define _POSIX_C_SOURCE 200809L
#include "inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int open_file(const char *path) {
    int file;
    do {
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (file < 0 && errno == EINTR);
    return file;
}

ssize_t read_some(int file, void *out, size_t size) {
    ssize_t count;
    do {
        count = read(file, out, size);
    } while (count < 0 && errno == EINTR);
    return count;
}

int input_open(const struct input *input) {
    return input->is_stdin ? STDIN_FILENO : open_file(input->path);
}

void input_close(const struct input *input, int file) {
    if (!input->is_stdin) {
        close(file);
    }
}

void inputs_start(struct inputs *inputs, char *const *operands, size_t count, const char *list) {
    inputs->operands = operands;
    inputs->operands_left = count;
    inputs->stdin_taken = false;
    inputs->list.path = list;
    inputs->list.file = -1;
    inputs->list.ended = false;
    inputs->list.names = 0;
    inputs->list.at = 0;
    inputs->list.filled = 0;
}

static struct input take_name(struct inputs *inputs, const char *path) {
    struct input input = {path, false, no_trouble};
    if (path[0] == '\0') {
        input.trouble = (struct trouble){ENOENT, "the name is empty", NULL};
    } else if (strcmp(path, "-") == 0 && inputs->stdin_taken) {
        input.trouble = (struct trouble){EBUSY, "standard input is in use already", NULL};
    } else if (strcmp(path, "-") == 0) {
        input.is_stdin = true;
        inputs->stdin_taken = true;
    }
    return input;
}

static void end_list(struct name_list *list) {
    list->ended = true;
    if (list->file > STDIN_FILENO) {
        close(list->file);
    }
}

/* The list itself, as an input that cannot be checked. */
static struct input broken_list(struct name_list *list, struct trouble trouble) {
    end_list(list);
    return (struct input){list->path, false, trouble};
}

static bool list_open(struct inputs *inputs) {
    struct name_list *list = &inputs->list;
    if (strcmp(list->path, "-") == 0) {
        inputs->stdin_taken = true;
        list->file = STDIN_FILENO;
    } else {
        list->file = open_file(list->path);
    }
    return list->file >= 0;
}

/* Moves bytes up to the next NUL into the name, as far as they fit.  True when the NUL was met. */
static bool move_name(struct name_list *list, size_t *length, bool *cut) {
    const char *from = list->bytes + list->at;
    size_t size = list->filled - list->at;
    const char *end = memchr(from, '\0', size);
    if (end) {
        size = (size_t)(end - from);
    }
    size_t room = sizeof list->name - 1 - *length;
    size_t fits = size < room ? size : room;
    memcpy(list->name + *length, from, fits);
    *length += fits;
    *cut = *cut || fits < size;
    list->at += size + (end ? 1 : 0);
    return end != NULL;
}

static bool next_of_list(struct inputs *inputs, struct input *input) {
    struct name_list *list = &inputs->list;
    if (list->ended) {
        return false;
    }
    if (list->file < 0 && !list_open(inputs)) {
        *input = broken_list(list, trouble_of_errno(errno));
        return true;
    }
    size_t length = 0;
    bool cut = false;
    while (!move_name(list, &length, &cut)) {
        ssize_t count = read_some(list->file, list->bytes, sizeof list->bytes);
        if (count < 0) { /* half a name may be the name of something else */
            *input = broken_list(list, trouble_of_errno(errno));
            return true;
        }
        list->at = 0;
        list->filled = (size_t)count;
        if (count == 0 && length == 0) {
            *input = broken_list(list, (struct trouble){ENODATA, "the list is empty", NULL});
            return list->names == 0;
        }
        if (count == 0) {
            end_list(list);
            break;
        }
    }
    list->name[length] = '\0';
    list->names++;
    *input = take_name(inputs, list->name);
    if (cut) {
        input->trouble = (struct trouble){
            ENAMETOOLONG, "a longer name, shown cut (are names ended by NUL?)", NULL};
    }
    return true;
}

bool inputs_next(struct inputs *inputs, struct input *input) {
    if (inputs->list.path) {
        return next_of_list(inputs, input);
    }
    if (inputs->operands_left == 0) {
        return false;
    }
    inputs->operands_left--;
    *input = take_name(inputs, *inputs->operands++);
    return true;
}
