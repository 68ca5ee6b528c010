/* SPDX-License-Identifier: MIT
 *
 * What the wide machine does in place of importing and calling; included once for each sink, behind
 * machine_steps.h.  A name must be one of constructors.def, its arguments must have one of the
 * forms there, and then the value is made: no class, no function and no object of Python has a part
 * in it.
 *
 * The tuple of a call is judged where REDUCE takes it, as every other argument of an opcode; but
 * its items are kept in struct call when it is made, for a check knows of a tuple only its facts.
 */

static bool SINK(has_no_value)(const slot *items, const slot *end) {
    for (; items < end; items++) {
        if (SINK(is_no_value)(*items)) {
            return true;
        }
    }
    return false;
}

/* ---- names ---- */

static slot SINK(import)(struct machine *m, enum term module, enum term name) {
    enum constructor found = names_find(module, name, m->protocol, m->wide.sets);
    if (found == CONSTRUCTOR_NONE) {
        return 0;
    }
    m->wide.imports++;
    return SINK(no_value)(NO_VALUE_CLASS, found);
}

/* The class that the two lines of GLOBAL name, line feeds included; 0 if it is not allowed. */
static slot SINK(import_lines)(struct machine *m, const uint8_t *p, size_t size) {
    const uint8_t *feed = memchr(p, '\n', size);
    size_t module_size = feed ? (size_t)(feed - p) : size;
    if (size - module_size < 2) {
        return 0;
    }
    return SINK(import)(m, names_term(p, module_size),
                        names_term(feed + 1, size - module_size - 2));
}

/* TERM_NONE of what is no str, or one of Python 2. */
static enum term SINK(name_term)(struct machine *m, slot s) {
    bool is_text = facts_kind(SINK(facts_of)(m, s)) == SPK_STR && !SINK(is_python2)(s);
    return is_text ? SINK(term_of)(s) : TERM_NONE;
}

/* The same of STACK_GLOBAL: two strings, which are data like any others, on top of the stack. */
static slot SINK(import_items)(struct machine *m, slot *top) {
    if (m->protocol < 4) {
        return 0;
    }
    return SINK(import)(m, SINK(name_term)(m, top[-2]), SINK(name_term)(m, top[-1]));
}

/* Both lines of GLOBAL have come in pieces. */
static enum payload_end SINK(name_end)(struct machine *m) {
    const struct payload *payload = &m->payload;
    bool is_whole =
        payload->opcode == OP_GLOBAL && payload->lines == 2 && payload->seen == payload->text_size;
    slot value = is_whole ? SINK(import_lines)(m, payload->text, payload->text_size) : 0;
    if (value == 0) {
        machine_refuse_name(m);
        return PAYLOAD_REFUSED;
    }
    *m->stack.top++ = value;
    m->opcodes++;
    return PAYLOAD_DONE;
}

/* ---- the tuple of a call ---- */

/* True if a tuple of these items, directly above a class, may be an argument itself. */
static bool SINK(may_be_argument)(struct machine *m, enum constructor constructor,
                                  const slot *items, size_t count) {
    bool holds_list = count == 1 && facts_kind(SINK(facts_of)(m, items[0])) == SPK_LIST;
    return constructor_takes_tuple(constructor) && !holds_list;
}

/* The tuple of a call, or, of some constructors, a tuple that will be an argument. */
static NOINLINE slot SINK(call_tuple)(struct machine *m, slot *at, slot *items, size_t count) {
    struct call *call = &m->wide.call;
    enum constructor constructor = class_constructor(SINK(facts_of)(m, at[-1]));
    call->place = (size_t)(at - stack_base(&m->stack));
    call->count = count;
    for (size_t i = 0; i < count && i < ARGUMENTS_MAX; i++) {
        call->arguments[i] = items[i];
    }
    if (SINK(may_be_argument)(m, constructor, items, count)) {
        return SINK(make)(m, items, count, SPK_TUPLE);
    }
    return SINK(no_value)(NO_VALUE_ARGUMENTS, CONSTRUCTOR_NONE);
}

/* True if what is made there stands directly above a class. */
static ALWAYS_INLINE bool SINK(is_above_class)(struct machine *m, const slot *at) {
    return at > m->stack.fence && SINK(is_no_value)(at[-1]) && is_class(SINK(facts_of)(m, at[-1]));
}

static ALWAYS_INLINE slot SINK(tuple)(struct machine *m, slot *at, slot *items, size_t count) {
    return UNLIKELY(SINK(is_above_class)(m, at)) ? SINK(call_tuple)(m, at, items, count)
                                                 : SINK(make)(m, items, count, SPK_TUPLE);
}

static ALWAYS_INLINE slot SINK(empty_tuple)(struct machine *m, slot *at) {
    return UNLIKELY(SINK(is_above_class)(m, at)) ? SINK(call_tuple)(m, at, at, 0)
                                                 : SINK(empty)(m, SPK_TUPLE);
}

static ALWAYS_INLINE slot SINK(collect)(struct machine *m, slot *at, slot *items, size_t count,
                                        unsigned kind) {
    return UNLIKELY(kind == SPK_TUPLE && SINK(is_above_class)(m, at))
               ? SINK(call_tuple)(m, at, items, count)
               : SINK(make)(m, items, count, kind);
}

/* ---- arguments ---- */

static bool SINK(is_argument)(struct machine *m, enum argument_form form, slot argument) {
    unsigned kind = facts_kind(SINK(facts_of)(m, argument));
    switch (form) {
    case ARGUMENT_NOTHING:
        return false;
    case ARGUMENT_MEMBERS:
        return kind == SPK_LIST && !SINK(is_fetched)(m, argument);
    case ARGUMENT_TUPLE:
        return kind == SPK_TUPLE && !SINK(is_fetched)(m, argument);
    case ARGUMENT_BYTES:
        return kind == SPK_BYTES && !SINK(is_python2)(argument);
    case ARGUMENT_TEXT:
        return kind == SPK_STR && !SINK(is_python2)(argument) && SINK(is_latin1)(argument);
    case ARGUMENT_LATIN1:
        return SINK(name_term)(m, argument) == TERM_LATIN1;
    case ARGUMENT_LATIN_1:
        return kind == SPK_STR && SINK(term_of)(argument) == TERM_LATIN_1;
    }
    return false;
}

/* The form in which the arguments are; NULL if in none. */
static const struct call_form *SINK(find_form)(struct machine *m, enum constructor constructor) {
    const struct call *call = &m->wide.call;
    for (size_t i = 0; i < CALL_FORMS; i++) {
        const struct call_form *form = &call_forms[i];
        bool is_form = form->constructor == constructor && form->first <= m->protocol &&
                       m->protocol <= form->last && form->count == call->count;
        for (size_t j = 0; is_form && j < call->count; j++) {
            is_form =
                SINK(is_argument)(m, (enum argument_form)form->arguments[j], call->arguments[j]);
        }
        if (is_form) {
            return form;
        }
    }
    return NULL;
}

/* ---- values ---- */

/* Depth and expansion of a list or tuple of hashable items.  With allow_cycles a list has a number
 * in the graph in their place. */
static void SINK(measure)(struct machine *m, facts items, uint64_t *depth, uint64_t *expansion) {
    *depth = facts_depth(items);
    *expansion = facts_expansion(items);
    if (m->options->allow_cycles && (items & FACTS_UNHASHABLE) != 0) {
        graph_measure(&m->graph, items, depth, expansion);
    }
}

/* The facts of a set or frozenset of these items.  It is stored from the start: no pickler adds
 * anything.  With allow_cycles a set takes the number of its list over; as little as the list had
 * it can be part of a cycle. */
static enum reason SINK(judge_set)(struct machine *m, slot items, unsigned kind, facts *made) {
    facts of = SINK(facts_of)(m, items);
    uint64_t depth;
    uint64_t expansion;
    SINK(measure)(m, of, &depth, &expansion);
    enum reason reason = SINK(judge_members)(m, items, depth);
    if (reason != REASON_DATA) {
        return reason;
    }
    if (kind == SPK_SET && m->options->allow_cycles) {
        depth = 1;
        expansion = facts_expansion(of);
    } else if (depth > m->options->max_depth) {
        return REASON_LIMIT_DEPTH;
    } else if (expansion > m->options->max_expansion) {
        return REASON_LIMIT_EXPANSION;
    }
    *made = facts_with(facts_empty(kind), depth, expansion) | FACTS_STORED;
    return REASON_DATA;
}

static slot SINK(make_set)(struct machine *m, unsigned kind, slot *argument) {
    facts made;
    m->reason = SINK(judge_set)(m, *argument, kind, &made);
    if (m->reason != REASON_DATA) {
        return 0;
    }
    slot value = SINK(set_of)(m, made, *argument);
    SINK(take)(m, argument);
    return value;
}

/* bytes or bytearray of an argument, or empty.  The argument is copied, and may have been fetched
 * from the memo; so that memory follows the bytes of the pickle, more than twice of what it has so
 * far is not copied.  (A pickler writes each text once, and a bytearray may be made of it through
 * bytes.) */
static slot SINK(make_bytes)(struct machine *m, unsigned kind, const slot *argument,
                             uint64_t offset) {
    m->wide.copied += argument ? SINK(size_of)(*argument) : 0;
    if (m->wide.copied / 2 > offset) {
        m->reason = REASON_CODE_ARGUMENTS;
        return 0;
    }
    return SINK(bytes_of)(m, kind, argument);
}

static slot SINK(make_value)(struct machine *m, const struct call_form *form, uint64_t offset) {
    const slot *text = form->count > 0 ? &m->wide.call.arguments[0] : NULL;
    slot *arguments = m->wide.call.arguments;
    switch ((enum makes)form->makes) {
    case MAKES_SET:
        return SINK(make_set)(m, SPK_SET, &arguments[0]);
    case MAKES_FROZENSET:
        return SINK(make_set)(m, SPK_FROZENSET, &arguments[0]);
    case MAKES_BYTES:
        return SINK(make_bytes)(m, SPK_BYTES, text, offset);
    case MAKES_BYTEARRAY:
        return SINK(make_bytes)(m, SPK_BYTEARRAY, text, offset);
    }
    return 0;
}

/* REDUCE of the class and the tuple on top of the stack: the value, or 0 with the reason in
 * m->reason, or REASON_DATA for want of memory. */
static slot SINK(reduce)(struct machine *m, slot *top, uint64_t offset) {
    struct call *call = &m->wide.call;
    facts callable = SINK(facts_of)(m, top[-2]);
    if (!is_class(callable)) {
        m->reason = REASON_CODE_CALL;
        return 0;
    }
    slot tuple = top[-1];
    facts arguments = SINK(facts_of)(m, tuple);
    bool is_made_here = call->place == (size_t)(top - 1 - stack_base(&m->stack)) &&
                        (SINK(is_no_value)(tuple) ||
                         (facts_kind(arguments) == SPK_TUPLE && !SINK(is_fetched)(m, tuple)));
    const struct call_form *form =
        is_made_here ? SINK(find_form)(m, class_constructor(callable)) : NULL;
    m->about = class_constructor(callable);
    m->reason = REASON_CODE_ARGUMENTS;
    if (!form) {
        return 0;
    }
    m->reason = REASON_DATA;
    call->place = CALL_NONE;
    slot value = SINK(make_value)(m, form, offset);
    if (facts_kind(arguments) == SPK_TUPLE) {
        SINK(take)(m, &tuple);
    }
    return value;
}
