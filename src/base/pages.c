/* SPDX-License-Identifier: MIT
 *
 * Whether a block is a mapping follows from its size alone, so nothing is kept about blocks.
 * Sanitizers do not watch mappings, so with them there are none. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS, madvise, mremap */
#endif

#include "base/pages.h"

#include <stdlib.h>

static void *resize_by_libc(void *block, size_t new_size) {
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

void *pages_resize_libc(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    (void)old_size;
    return resize_by_libc(block, new_size);
}

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define SPK_PORTABLE_PAGES
#endif
#endif

/* SPK_PORTABLE_PAGES is also set for valgrind, which loses track of what mremap has moved. */
#if !defined __linux__ || defined SPK_PORTABLE || defined __SANITIZE_ADDRESS__ || \
    defined __SANITIZE_THREAD__ || defined SPK_PORTABLE_PAGES

void *pages_resize(void *context, void *block, size_t old_size, size_t new_size) {
    return pages_resize_libc(context, block, old_size, new_size);
}

void *pages_resize_early(void *context, void *block, size_t old_size, size_t new_size) {
    return pages_resize_libc(context, block, old_size, new_size);
}

void *pages_hand_over(void *block, size_t old_size, size_t new_size) {
    return new_size == old_size ? block : realloc(block, new_size);
}

#else

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* of Linux 5.14; an older one returns an error */
#endif

/* The length of the mapping for a block: whole huge pages, so that no part of it has to be made of
 * small ones. */
static size_t length_of(size_t size) {
    return size <= SIZE_MAX - PAGES_HUGE ? (size + PAGES_HUGE - 1) / PAGES_HUGE * PAGES_HUGE
                                         : SIZE_MAX;
}

/* A mapping that begins at a multiple of a huge page: a longer one, whose ends are given back. */
static void *map(size_t length) {
    if (length > SIZE_MAX - PAGES_HUGE) {
        return NULL;
    }
    uint8_t *all =
        mmap(NULL, length + PAGES_HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) {
        return NULL;
    }
    size_t before = (PAGES_HUGE - (uintptr_t)all % PAGES_HUGE) % PAGES_HUGE;
    if (before > 0) {
        (void)munmap(all, before);
    }
    (void)munmap(all + before + length, PAGES_HUGE - before);
#ifdef MADV_HUGEPAGE
    (void)madvise(all + before, length, MADV_HUGEPAGE); /* which the kernel may ignore */
#endif
    return all + before;
}

#define AHEAD_MIN ((size_t)64 << 10)

/* Fetches the pages of the new end of a block with one call.  Else each page costs a trap when it
 * is touched first, which takes longer than the page itself, on some virtual machines ten times.
 * Pages that are there already cost next to nothing. */
static void fetch_ahead(uint8_t *block, size_t old_size, size_t new_size) {
    const size_t page = 4096; /* where pages are larger the call fails, and changes nothing */
    if (new_size >= AHEAD_MIN && new_size - AHEAD_MIN / 2 >= old_size) {
        uintptr_t from = ((uintptr_t)block + old_size + page - 1) / page * page;
        uintptr_t to = ((uintptr_t)block + new_size) / page * page;
        (void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    }
}

static void release(void *block, size_t size, size_t min) {
    if (size >= min) {
        (void)munmap(block, length_of(size));
    } else {
        free(block);
    }
}

/* Makes a mapping shorter: gives its end back. */
static void *cut(uint8_t *block, size_t old_size, size_t new_size) {
    size_t old_length = length_of(old_size);
    size_t new_length = length_of(new_size);
    if (new_length < old_length) {
        (void)munmap(block + new_length, old_length - new_length);
    }
    return block;
}

/* Makes a mapping longer.  Where it cannot grow as it stands, its pages are moved over a new
 * mapping, which costs next to nothing.  That begins at a multiple of a huge page: at any other
 * address the huge pages would be split.  The bytes are copied instead where mremap is forbidden,
 * which a call that changes nothing shows, or where it fails, as under valgrind.  After such a
 * failure the new range may belong to somebody else; so it is left alone, and another is taken. */
static void *stretch(void *block, size_t old_length, size_t new_length) {
    if (mremap(block, old_length, new_length, 0) == block) {
        return block;
    }
    bool may_move = mremap(block, old_length, old_length, 0) == block;
    void *fresh = map(new_length);
    if (fresh && may_move) {
        if (mremap(block, old_length, new_length, MREMAP_MAYMOVE | MREMAP_FIXED, fresh) == fresh) {
            return fresh;
        }
        fresh = map(new_length);
    }
    if (fresh) {
        memcpy(fresh, block, old_length);
        (void)munmap(block, old_length);
    }
    return fresh;
}

/* Blocks of "min" bytes or more are mappings. */
static void *resize(void *block, size_t old_size, size_t new_size, size_t min) {
    bool was_mapped = old_size >= min;
    bool is_mapped = new_size >= min;
    if (!was_mapped && !is_mapped) {
        uint8_t *moved = resize_by_libc(block, new_size);
        if (moved) {
            fetch_ahead(moved, old_size, new_size);
        }
        return moved;
    }
    if (new_size == 0) {
        release(block, old_size, min);
        return NULL;
    }
    if (was_mapped && is_mapped) {
        bool fits = length_of(new_size) <= length_of(old_size);
        return fits ? cut(block, old_size, new_size)
                    : stretch(block, length_of(old_size), length_of(new_size));
    }
    void *moved = is_mapped ? map(length_of(new_size)) : malloc(new_size);
    if (moved && block) {
        memcpy(moved, block, old_size < new_size ? old_size : new_size);
        release(block, old_size, min);
    }
    return moved;
}

void *pages_resize(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    return resize(block, old_size, new_size, PAGES_MAPPED);
}

void *pages_resize_early(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    return resize(block, old_size, new_size, PAGES_EARLY);
}

void *pages_hand_over(void *block, size_t old_size, size_t new_size) {
    if (old_size < PAGES_MAPPED) {
        return new_size == old_size ? block : realloc(block, new_size);
    }
    void *moved = malloc(new_size);
    if (moved) {
        memcpy(moved, block, new_size);
        release(block, old_size, PAGES_MAPPED);
    }
    return moved;
}

#endif
