/* SPDX-License-Identifier: MIT
 *
 * The tables of constructors.def, and the search in them: they are short, so it goes through all
 * of each. */
#include "base/names.h"

#include "safepickle.h"

struct term_text {
    const char *text;
    size_t size;
};

static const struct term_text terms[TERMS] = {
#define TERM(id, text) [TERM_##id] = {text, sizeof(text) - 1},
#include "constructors.def"
#undef TERM
};

#define TERM(id, text) _Static_assert(sizeof(text) - 1 <= TERM_SIZE_MAX, text);
#include "constructors.def"
#undef TERM

static const char *const set_names[ALLOW_SETS] = {
#define ALLOW_SET(id, name) [ALLOW_##id] = (name),
#include "constructors.def"
#undef ALLOW_SET
};

static const uint8_t set_of[CONSTRUCTORS] = {
#define CONSTRUCTOR(id, set, name) [CONSTRUCTOR_##id] = ALLOW_##set,
#include "constructors.def"
#undef CONSTRUCTOR
};

static const char *const constructor_names[CONSTRUCTORS] = {
    [CONSTRUCTOR_NONE] = "",
#define CONSTRUCTOR(id, set, name) [CONSTRUCTOR_##id] = (name),
#include "constructors.def"
#undef CONSTRUCTOR
};

struct spelling {
    uint8_t constructor;
    uint8_t module;
    uint8_t name;
    uint8_t first; /* protocol, and last */
    uint8_t last;
};

static const struct spelling spellings[] = {
#define SPELLING(constructor, module, name, first, last) \
    {CONSTRUCTOR_##constructor, TERM_##module, TERM_##name, first, last},
#include "constructors.def"
#undef SPELLING
};

#define SPELLINGS (sizeof spellings / sizeof spellings[0])

/* ---- sets ---- */

static bool find_set(const char *word, size_t size, unsigned *set) {
    for (*set = 0; *set < ALLOW_SETS; ++*set) {
        if (strlen(set_names[*set]) == size && memcmp(set_names[*set], word, size) == 0) {
            return true;
        }
    }
    return false;
}

const char *spk_set_at(size_t index) {
    return index < ALLOW_SETS ? set_names[index] : NULL;
}

bool names_allow(const char *list, allowed *sets, struct unknown_set *unknown) {
    static const char separators[] = ", ";
    const char *at = list ? list : "";
    *sets = 0;
    for (at += strspn(at, separators); *at != '\0'; at += strspn(at, separators)) {
        size_t length = strcspn(at, separators);
        unsigned set;
        if (!find_set(at, length, &set)) {
            *unknown = (struct unknown_set){at, length};
            return false;
        }
        *sets |= (2u << set) - 1;
        at += length;
    }
    return true;
}

/* ---- names ---- */

enum term names_term(const uint8_t *p, size_t size) {
    for (unsigned term = TERM_NONE + 1; term < TERMS; term++) {
        if (terms[term].size == size && memcmp(terms[term].text, p, size) == 0) {
            return (enum term)term;
        }
    }
    return TERM_NONE;
}

enum constructor names_find(enum term module, enum term name, int protocol, allowed sets) {
    int at = protocol < 0 ? 0 : protocol;
    for (size_t i = 0; i < SPELLINGS; i++) {
        const struct spelling *spelling = &spellings[i];
        if (spelling->module == module && spelling->name == name && spelling->first <= at &&
            at <= spelling->last && (sets >> set_of[spelling->constructor] & 1) != 0) {
            return (enum constructor)spelling->constructor;
        }
    }
    return CONSTRUCTOR_NONE;
}

const char *names_of(enum constructor constructor) {
    return constructor_names[constructor];
}

/* True if the import is "module.name". */
static bool is_named(const char *import, const struct term_text *module,
                     const struct term_text *name) {
    return strncmp(import, module->text, module->size) == 0 && import[module->size] == '.' &&
           strcmp(import + module->size + 1, name->text) == 0;
}

const char *names_set_of(const char *import) {
    for (size_t i = 0; i < SPELLINGS; i++) {
        if (is_named(import, &terms[spellings[i].module], &terms[spellings[i].name])) {
            return set_names[set_of[spellings[i].constructor]];
        }
    }
    return "";
}

struct term_filter names_filter(void) {
    struct term_filter filter = {{0}};
    for (unsigned term = TERM_NONE + 1; term < TERMS; term++) {
        filter.first[terms[term].size] |= UINT64_C(1) << (terms[term].text[0] & 63);
    }
    return filter;
}
