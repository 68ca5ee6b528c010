/* SPDX-License-Identifier: MIT
 *
 * What follows a whole pickle: told apart from its first bytes, whole or in pieces, and never by
 * executing anything. */
#include "decode/follow.h"

#include <string.h>

#include "support.h"

static const struct {
    struct input bytes;
    enum reason reason; /* of bytes that are whole; REASON_DATA: nothing that is known */
    unsigned protocol;
} tails[] = {
#define TAIL(literal, reason, protocol) \
    {{(const uint8_t *)(literal), sizeof(literal) - 1}, REASON_##reason, protocol}
    TAIL("\n", TRAILING_NEWLINE, 9),
    TAIL("\r\n", TRAILING_NEWLINE, 9),
    TAIL("\r", DATA, 9),
    TAIL("\n\n", DATA, 9),
    TAIL("\r\n\r\n", DATA, 9),
    TAIL("\x80\2N.", SEVERAL, 2),
    TAIL("\x80\5", SEVERAL, 5),
    TAIL("\x80\6N.", DATA, 9),
    TAIL("\x80", DATA, 9),
    TAIL("N.", SEVERAL, 0),
    TAIL("I1\n.", SEVERAL, 0),
    TAIL("(lp0\nI1\na.", SEVERAL, 0),
    TAIL("(dp0\nS'a'\np1\nI1\ns.", SEVERAL, 0),
    TAIL("}q\0U\1aK\1s.", SEVERAL, 0),
    TAIL("](K\1K\2e.", SEVERAL, 0),
    TAIL("cos\nsystem\n(S'id'\ntR.", SEVERAL, 0),
    TAIL("(ios\nsystem\n.", SEVERAL, 0),
    TAIL("(cos\nsystem\nS'id'\no.", SEVERAL, 0),
    TAIL("N2\x86.", SEVERAL, 0),
    TAIL("(N1N.", SEVERAL, 0),
    TAIL("N(00N.", DATA, 9), /* the second POP finds nothing that it could take here */
    TAIL("X\3\0\0\0abc.", SEVERAL, 0),
    TAIL("\x8d\3\0\0\0\0\0\0\0abc.", SEVERAL, 0),
    TAIL("F1.5\n.", SEVERAL, 0),
    TAIL("L5L\n.", SEVERAL, 0),
    TAIL("Pid\n.", SEVERAL, 0),
    TAIL("NN.", DATA, 9),
    TAIL("(N.", DATA, 9),
    TAIL(".", DATA, 9),
    TAIL("(lp0\nI1\na", DATA, 9), /* cut short: there is no second pickle */
    TAIL("I1", DATA, 9),
    TAIL("a.", DATA, 9),
    TAIL("R.", DATA, 9),
    TAIL("t.", DATA, 9),
    TAIL("Ix\n.", DATA, 9),
    TAIL("Fx\n.", DATA, 9),
    TAIL("Sabc\n.", DATA, 9),
    TAIL("Np-1\n.", DATA, 9),
    TAIL("This is text", DATA, 9),
    TAIL("Some more text that goes on and on until nobody reads it any more, or so.", DATA, 9),
    TAIL("\0", DATA, 9),
    TAIL("N\x80\2N.", DATA, 9),
    TAIL("\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", DATA, 9),
    TAIL("((((((((((((((((((N.", DATA, 9),
#undef TAIL
};

#define TAILS (sizeof tails / sizeof tails[0])

static void every_tail(void) {
    for (size_t i = 0; i < TAILS; i++) {
        for (size_t size = 1; size <= tails[i].bytes.size; size++) {
            bool is_whole = size == tails[i].bytes.size;
            enum reason reason = REASON_DATA;
            unsigned protocol = 9;
            size_t seen = size < FOLLOW_MAX ? size : FOLLOW_MAX;
            enum sniff sniff = follow_look(tails[i].bytes.data, seen, is_whole, &reason, &protocol);
            enum sniff open = follow_look(tails[i].bytes.data, seen, false, &reason, &protocol);
            CHECK_NOTE(!is_whole || (sniff == SNIFF_FOUND) == (tails[i].reason != REASON_DATA),
                       "tail %zu", i);
            CHECK_NOTE(!is_whole || sniff != SNIFF_FOUND || reason == tails[i].reason, "tail %zu",
                       i);
            CHECK(!is_whole || tails[i].protocol == 9 || protocol == tails[i].protocol);
            CHECK(sniff != SNIFF_WAIT || !is_whole);
            CHECK_NOTE(open == SNIFF_WAIT || open == sniff || !is_whole, "tail %zu",
                       i); /* what is said stays */
        }
    }
    COVERED(TAILS);
}

/* The same behind pickles, through the decoder, in all ways of asking. */
static void behind_pickles(void) {
    for (size_t i = 0; i < TAILS; i++) {
        struct buffer pickle = {NULL, 0, 0};
        BUFFER_ADD(&pickle, "\x80\4]\x94.");
        buffer_bytes(&pickle, tails[i].bytes.data, tails[i].bytes.size);
        enum reason reason = tails[i].reason != REASON_DATA ? tails[i].reason : REASON_TRAILING;
        (void)expect_refusal(buffer_input(&pickle), NULL, reason, 5, NULL, __FILE__, __LINE__);
        buffer_free(&pickle);
    }
    COVERED(TAILS);
}

/* A long pickle of protocol 0 is known by its beginning; one of 64 bytes that says nothing is not.
 */
static void longer_than_is_looked_at(void) {
    struct buffer pickle = {NULL, 0, 0};
    BUFFER_ADD(&pickle, "N.(lp0\n");
    buffer_repeat(&pickle, INPUT("I1\na"), 100);
    REFUSES_INPUT(buffer_input(&pickle), NULL, SEVERAL, 2,
                  "(protocol 0 or 1)"); /* that it is cut is not seen */
    pickle.size = 0;
    BUFFER_ADD(&pickle, "N.V");
    buffer_fill(&pickle, 'x', 100);
    REFUSES_INPUT(buffer_input(&pickle), NULL, TRAILING, 2, "");
    COVERED(2);
    buffer_free(&pickle);
}

REGISTER(follow, RUN(every_tail), RUN(behind_pickles), RUN(longer_than_is_looked_at))
