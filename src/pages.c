/* SPDX-License-Identifier: MIT
 *
 * Whether a block is a mapping follows from its size alone, so nothing is kept about blocks.  Sanitizers do not know
 * mappings, so there is none under them. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* mremap */
#endif

#include "pages.h"

#include <stdlib.h>

static void *resize_by_libc(void *block, size_t new_size) {
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_size);
}

void *pages_resize_plain(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    (void)old_size;
    return resize_by_libc(block, new_size);
}

#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define SPK_PORTABLE_PAGES
#endif
#endif

#if !defined __linux__ || defined SPK_PORTABLE || defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ ||       \
    defined SPK_PORTABLE_PAGES

void *pages_resize(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    (void)old_size;
    return resize_by_libc(block, new_size);
}

void *pages_hand_over(void *block, size_t old_size, size_t new_size) {
    return new_size == old_size ? block : realloc(block, new_size);
}

#else

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define MAPPED_LEAST ((size_t)1 << 20)
#define PAGE ((size_t)4096) /* lengths are multiples of it; the kernel rounds up if its pages are larger */

static bool is_mapped(size_t size) {
    return size >= MAPPED_LEAST;
}

static size_t whole_pages(size_t size) {
    return size <= SIZE_MAX - PAGE ? (size + PAGE - 1) / PAGE * PAGE : SIZE_MAX;
}

/* Advice that the kernel may lack or not take. */
static void *advised(void *mapping, size_t size) {
    if (mapping == MAP_FAILED) {
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    (void)madvise(mapping, size, MADV_HUGEPAGE);
#endif
    return mapping;
}

static void *map(size_t size) {
    size = whole_pages(size);
    return advised(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), size);
}

static void release(void *block, size_t size) {
    if (is_mapped(size)) {
        (void)munmap(block, whole_pages(size));
    } else {
        free(block);
    }
}

void *pages_resize(void *context, void *block, size_t old_size, size_t new_size) {
    (void)context;
    if (!is_mapped(old_size) && !is_mapped(new_size)) {
        return resize_by_libc(block, new_size);
    }
    if (new_size == 0) {
        release(block, old_size);
        return NULL;
    }
    if (is_mapped(old_size) && is_mapped(new_size)) {
        size_t size = whole_pages(new_size);
        return advised(mremap(block, whole_pages(old_size), size, MREMAP_MAYMOVE), size);
    }
    void *moved = is_mapped(new_size) ? map(new_size) : malloc(new_size);
    if (moved && block) {
        memcpy(moved, block, old_size < new_size ? old_size : new_size);
        release(block, old_size);
    }
    return moved;
}

void *pages_hand_over(void *block, size_t old_size, size_t new_size) {
    if (!is_mapped(old_size)) {
        return new_size == old_size ? block : realloc(block, new_size);
    }
    void *moved = malloc(new_size);
    if (moved) {
        memcpy(moved, block, new_size);
        release(block, old_size);
    }
    return moved;
}

#endif
