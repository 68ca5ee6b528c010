/* SPDX-License-Identifier: MIT
 *
 * The grammar is a small automaton.  The values are computed exactly, as taught at school: the
 * grammar bounds the number of digits. */
#include "text/number.h"

#include <float.h>
#include <string.h>

#include "base/bytes.h"

enum state {
    START,
    MINUS,
    ZERO,     /* the first digit is 0 */
    INTEGER,
    CLOSED,   /* only the line feed may follow */
    POINT,
    FRACTION,
    E,
    SIGN,
    EXPONENT1,
    EXPONENT2,
    INF_I,
    INF_IN,
    NAN_N,
    NAN_NA,
    BAD
};

struct number_scan number_start(enum operand operand) {
    return (struct number_scan){(uint8_t)operand, START, 0};
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static enum state next_float(enum state state, uint8_t c) {
    switch (state) {
    case START:
    case MINUS:
        if (is_digit(c)) {
            return c == '0' ? ZERO : INTEGER;
        }
        if (c == 'i') {
            return INF_I;
        }
        return state == START && c == '-' ? MINUS : state == START && c == 'n' ? NAN_N : BAD;
    case INTEGER:
        if (is_digit(c)) {
            return INTEGER;
        }
        return c == '.' ? POINT : c == 'e' ? E : BAD;
    case ZERO:
        return c == '.' ? POINT : c == 'e' ? E : BAD;
    case POINT:
        return is_digit(c) ? FRACTION : BAD;
    case FRACTION:
        return is_digit(c) ? FRACTION : c == 'e' ? E : BAD;
    case E:
        return c == '+' || c == '-' ? SIGN : BAD;
    case SIGN:
        return is_digit(c) ? EXPONENT1 : BAD;
    case EXPONENT1:
        return is_digit(c) ? EXPONENT2 : BAD;
    case EXPONENT2:
        return is_digit(c) ? CLOSED : BAD;
    case INF_I:
        return c == 'n' ? INF_IN : BAD;
    case INF_IN:
        return c == 'f' ? CLOSED : BAD;
    case NAN_N:
        return c == 'a' ? NAN_NA : BAD;
    case NAN_NA:
        return c == 'n' ? CLOSED : BAD;
    case CLOSED:
    case BAD:
        break;
    }
    return BAD;
}

static enum state next_int(enum operand operand, enum state state, uint8_t c) {
    bool may_be_signed = operand != OPERAND_LINE_INDEX;
    bool is_long = operand == OPERAND_LINE_LONG;
    switch (state) {
    case START:
        if (c == '-' && may_be_signed) {
            return MINUS;
        }
        return !is_digit(c) ? BAD : c == '0' ? ZERO : INTEGER;
    case MINUS:
        return is_digit(c) && c != '0' ? INTEGER : BAD;
    case ZERO:
        if (operand == OPERAND_LINE_INT && (c == '0' || c == '1')) {
            return CLOSED; /* the bools 00 and 01 */
        }
        return is_long && c == 'L' ? CLOSED : BAD;
    case INTEGER:
        return is_digit(c) ? INTEGER : is_long && c == 'L' ? CLOSED : BAD;
    default:
        return BAD;
    }
}

static bool may_end(enum state state) {
    return state == ZERO || state == INTEGER || state == CLOSED || state == FRACTION ||
           state == EXPONENT2;
}

/* True if the character counts against the maximum: every one of a float or an index does, of other
 * numbers only the digits. */
static bool is_counted(const struct number_scan *scan, uint8_t c) {
    return scan->operand == OPERAND_LINE_FLOAT || scan->operand == OPERAND_LINE_INDEX ||
           is_digit(c);
}

static uint16_t length_max(const struct number_scan *scan) {
    switch (scan->operand) {
    case OPERAND_LINE_FLOAT:
        return NUMBER_FLOAT_MAX;
    case OPERAND_LINE_INDEX:
        return NUMBER_INDEX_MAX;
    default:
        return NUMBER_DIGITS_MAX;
    }
}

static bool is_too_long(struct number_scan *scan, uint8_t c) {
    scan->length = (uint16_t)(scan->length + is_counted(scan, c));
    return scan->length > length_max(scan);
}

/* Within an integer or fraction a digit changes nothing but the length: counts the next ones at
 * once, up to the maximum. */
static size_t skip_digits(struct number_scan *scan, const uint8_t *p, size_t size) {
    size_t left = (size_t)(length_max(scan) - scan->length);
    size_t max = size < left ? size : left;
    size_t count = 0;
    if (scan->state != INTEGER && scan->state != FRACTION) {
        return 0;
    }
    while (count < max && is_digit(p[count])) {
        count++;
    }
    scan->length = (uint16_t)(scan->length + count);
    return count;
}

enum number_end number_scan(struct number_scan *scan, const uint8_t *p, size_t size, size_t *used) {
    for (size_t at = skip_digits(scan, p, size); at < size;
         at++, at += skip_digits(scan, p + at, size - at)) {
        enum state state = (enum state)scan->state;
        *used = at + 1;
        if (p[at] == '\n') {
            return may_end(state) ? NUMBER_DONE : NUMBER_BAD;
        }
        state = scan->operand == OPERAND_LINE_FLOAT
                    ? next_float(state, p[at])
                    : next_int((enum operand)scan->operand, state, p[at]);
        if (state == BAD || is_too_long(scan, p[at])) {
            return NUMBER_BAD;
        }
        scan->state = (uint8_t)state;
    }
    *used = size;
    return NUMBER_MORE;
}

bool number_is_bool(const uint8_t *line, size_t size) {
    return size == 2 && line[0] == '0';
}

bool number_index(const uint8_t *line, size_t size, uint64_t *value) {
    uint64_t sum = 0;
    for (size_t i = 0; i < size && is_digit(line[i]); i++) {
        uint64_t digit = (uint64_t)(line[i] - '0');
        if (sum > (UINT64_MAX - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

bool number_int(const uint8_t *line, size_t size, int64_t *value) {
    bool is_negative = size > 0 && line[0] == '-';
    uint64_t magnitude;
    if (!number_index(line + is_negative, size - is_negative, &magnitude) ||
        magnitude > (uint64_t)INT64_MAX + is_negative) {
        return false;
    }
    *value = is_negative ? -(int64_t)(magnitude / 2) - (int64_t)(magnitude - magnitude / 2)
                         : (int64_t)magnitude;
    return true;
}

/* A natural number of limited size, in limbs of 32 bits, the least significant first:
 *
 *     limbs[0] + limbs[1] * 2^32 + limbs[2] * 2^64 ...
 *
 * There is space for 4300 digits, and for 10^330 * 2^1100, the largest that floats may need. */
#define LIMBS (NUMBER_BIG_MAX / 4)

struct natural {
    uint32_t limbs[LIMBS];
    size_t count;
};

static void multiply_add(struct natural *n, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (size_t i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limbs[i] * factor;
        n->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0 && n->count < LIMBS) {
        n->limbs[n->count++] = (uint32_t)carry;
    }
}

static void drop_zeros(struct natural *n) {
    while (n->count > 0 && n->limbs[n->count - 1] == 0) {
        n->count--;
    }
}

/* Divides by a limb and returns the remainder. */
static uint32_t divide(struct natural *n, uint32_t divisor) {
    uint64_t remainder = 0;
    for (size_t left = n->count; left > 0; left--) {
        uint32_t *limb = &n->limbs[left - 1];
        remainder = remainder << 32 | *limb;
        *limb = (uint32_t)(remainder / divisor);
        remainder %= divisor;
    }
    drop_zeros(n);
    return (uint32_t)remainder;
}

#define BILLION 1000000000u
#define CHUNK 9 /* digits below a billion */
#define FIVES 13 /* the highest power of five in a limb: 5^13 < 2^32 < 5^14 */

#define TOGETHER 3 /* chunks; each has a carry of its own in append_chunks */

/* Multiplies by a billion and adds a chunk, for three chunks in one pass over the limbs.  The three
 * do not wait for each other, so that a processor works on them at the same time. */
static void append_chunks(struct natural *n, const uint32_t chunks[TOGETHER]) {
    uint64_t first = chunks[0];
    uint64_t second = chunks[1];
    uint64_t third = chunks[2];
    size_t end = n->count;
    for (size_t i = 0; i < TOGETHER && end < LIMBS; i++) {
        n->limbs[end++] = 0;
    }
    for (size_t i = 0; i < end; i++) {
        first += (uint64_t)n->limbs[i] * BILLION;
        second += (first & UINT32_MAX) * BILLION;
        third += (second & UINT32_MAX) * BILLION;
        n->limbs[i] = (uint32_t)third;
        first >>= 32;
        second >>= 32;
        third >>= 32;
    }
    n->count = end;
    drop_zeros(n);
}

static uint32_t read_chunk(const uint8_t *digits, size_t size) {
    uint32_t chunk = 0;
    for (size_t i = 0; i < size; i++) {
        chunk = chunk * 10 + (uint32_t)(digits[i] - '0');
    }
    return chunk;
}

/* The first chunks go one by one, so that the rest is a multiple of three.  That is the dear part,
 * because there are more limbs by then. */
static void read_digits(struct natural *n, const uint8_t *digits, size_t size) {
    uint32_t chunks[TOGETHER];
    size_t at = size % CHUNK;
    multiply_add(n, BILLION, read_chunk(digits, at));
    for (; (size - at) % ((size_t)CHUNK * TOGETHER) != 0; at += CHUNK) {
        multiply_add(n, BILLION, read_chunk(digits + at, CHUNK));
    }
    while (at < size) {
        for (size_t i = 0; i < TOGETHER; i++, at += CHUNK) {
            chunks[i] = read_chunk(digits + at, CHUNK);
        }
        append_chunks(n, chunks);
    }
}

size_t number_big(const uint8_t *line, size_t size, uint8_t out[NUMBER_BIG_MAX]) {
    bool is_negative = line[0] == '-';
    size_t last = size > 0 && line[size - 1] == 'L' ? size - 1 : size;
    struct natural n;
    n.count = 0;
    read_digits(&n, line + is_negative, last - is_negative);
    uint32_t borrow = is_negative;
    for (size_t i = 0; i < n.count; i++) {
        uint32_t limb = n.limbs[i];
        if (is_negative) { /* two's complement: all bits inverted, plus one */
            limb = ~limb + borrow;
            borrow = borrow && limb == 0;
        }
        store_u32(out + 4 * i, limb);
    }
    size_t length = 4 * n.count;
    uint8_t sign = is_negative ? 0xff : 0;
    out[length++] = sign;
    while (length > 1 && out[length - 1] == sign && out[length - 2] >> 7 == sign >> 7) {
        length--;
    }
    return length;
}

/* A float's line taken apart: digits * 10^power.  "12.5e+3" is 125 and 2. */
struct decimal {
    uint8_t digits[NUMBER_FLOAT_MAX];
    size_t count;
    int power;
    bool is_negative;
};

static struct decimal take_apart(const uint8_t *line, size_t size) {
    struct decimal d;
    d.is_negative = line[0] == '-';
    d.count = 0;
    d.power = 0;
    bool in_fraction = false;
    size_t at = d.is_negative;
    for (; at < size && line[at] != 'e'; at++) {
        if (line[at] == '.') {
            in_fraction = true;
            continue;
        }
        d.digits[d.count++] = line[at];
        d.power -= in_fraction;
    }
    int exponent = 0;
    for (size_t i = at + 2; i < size; i++) {
        exponent = exponent * 10 + (line[i] - '0');
    }
    d.power += at < size && line[at + 1] == '-' ? -exponent : exponent;
    return d;
}

static int bit_length(const struct natural *n) {
    if (n->count == 0) {
        return 0;
    }
    int bits = (int)(n->count - 1) * 32;
    for (uint32_t top = n->limbs[n->count - 1]; top != 0; top >>= 1) {
        bits++;
    }
    return bits;
}

/* "count" bits, less than 64, of which "top" is the highest, taken limb by limb.  Bits below bit 0
 * are 0. */
static uint64_t bits_from(const struct natural *n, int top, unsigned count) {
    uint64_t bits = 0;
    while (count > 0 && top >= 0) {
        unsigned in_limb = (unsigned)top % 32 + 1; /* bits of this limb, from the top one down */
        unsigned here = in_limb < count ? in_limb : count;
        uint32_t limb = n->limbs[top / 32] >> (in_limb - here);
        bits = bits << here | (limb & ((UINT64_C(1) << here) - 1));
        top -= (int)here;
        count -= here;
    }
    return bits << count;
}

static bool any_bit_below(const struct natural *n, int at) {
    size_t whole = at > 0 ? (size_t)at / 32 : 0;
    for (size_t i = 0; i < whole && i < n->count; i++) {
        if (n->limbs[i] != 0) {
            return true;
        }
    }
    return at > 0 && whole < n->count && (n->limbs[whole] & ((UINT32_C(1) << at % 32) - 1)) != 0;
}

/* Rounds n * 2^scale, or a little more if "has_rest", to the nearest double, and ties to even.
 *
 *       53 bits, fewer of subnormals   half    more: any bit that is 1, or a rest
 *     +------------------------------+------+-------------------------------------+
 *   n |             kept             |      |                                     | * 2^scale
 *     +------------------------------+------+-------------------------------------+
 *
 * 1e+23 is 5^23 * 2^23: 54 bits, and so half is 1, and more is not.  That is a tie: the 53 bits are
 * an even number, and stay.  docs/design/text.md goes through this one, and through 1e-23. */
static uint64_t round_to_double(const struct natural *n, int scale, bool has_rest) {
    int length = bit_length(n);
    if (length == 0) {
        return 0;
    }
    int exponent = length - 1 + scale; /* of the leading bit */
    int kept = exponent < -1022 ? 53 - (-1022 - exponent) : 53;
    if (kept < 0) {
        return 0; /* less than half of the smallest double */
    }
    uint64_t with_half = bits_from(n, length - 1, (unsigned)kept + 1);
    uint64_t fraction = with_half >> 1;
    bool half = (with_half & 1) != 0;
    bool more = has_rest || any_bit_below(n, length - kept - 1);
    fraction += half && (more || (fraction & 1) != 0);
    if (exponent < -1022) {
        return fraction; /* subnormal, or 2^-1022 by rounding up: the bits are the same */
    }
    /* Adding the fraction with its leading one carries into the exponent when it was rounded up to
     * 2^53. */
    return ((uint64_t)(exponent + 1022) << 52) + fraction;
}

/* The power of five that is asked for, or 5^13 if that is less. */
static uint32_t power_of_five(int power) {
    static const uint32_t powers[] = {1,       5,        25,        125,       625,
                                      3125,    15625,    78125,     390625,    1953125,
                                      9765625, 48828125, 244140625, 1220703125};
    return powers[power < FIVES ? power : FIVES];
}

/* Digits up to 2^53 and powers of ten up to 10^22 are doubles without rounding.  So their product
 * or quotient is rounded only once, by the processor, and that is the right answer. */
static bool to_double_at_once(const struct decimal *d, uint64_t *bits) {
#if FLT_EVAL_METHOD == 0
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (d->count > 15 || d->power < -22 || d->power > 22) {
        return false;
    }
    uint64_t digits = 0;
    for (size_t i = 0; i < d->count; i++) {
        digits = digits * 10 + (uint64_t)(d->digits[i] - '0');
    }
    double value =
        d->power < 0 ? (double)digits / powers[-d->power] : (double)digits * powers[d->power];
    memcpy(bits, &value, sizeof value);
    return true;
#else
    (void)d;
    (void)bits;
    return false;
#endif
}

/* The exact way, for what does not overflow.  10^n = 5^n * 2^n, and the twos go to the exponent. */
static uint64_t to_double(const struct decimal *d) {
    struct natural n;
    n.count = 0;
    read_digits(&n, d->digits, d->count);
    if (n.count == 0 || d->power < -400) {
        return 0; /* 32 digits times 10^-400 is too little for any double */
    }
    bool has_rest = false;
    size_t limbs = 0;
    for (int left = d->power; left > 0; left -= FIVES) {
        multiply_add(&n, power_of_five(left), 0);
    }
    if (d->power < 0) {
        /* Zeros below, so that after the division there are still more bits than a double has. */
        limbs = (size_t)(128 - d->power * 7 / 3) / 32 + 1;
        memmove(n.limbs + limbs, n.limbs, n.count * sizeof n.limbs[0]);
        memset(n.limbs, 0, limbs * sizeof n.limbs[0]);
        n.count += limbs;
        for (int left = -d->power; left > 0; left -= FIVES) {
            has_rest |= divide(&n, power_of_five(left)) != 0;
        }
    }
    return round_to_double(&n, d->power - 32 * (int)limbs, has_rest);
}

/* From half a step above the largest double on, the nearest double is an infinity.  That limit is
 * 2^1024 - 2^970, which has 309 digits.  Here are its first 32, as many as a line may have; others
 * that are not 0 follow, so no line is equal to it. */
static bool overflows(const struct decimal *d) {
    static const uint8_t limit[NUMBER_FLOAT_MAX] = "17976931348623158079372897140530";
    size_t zeros = 0;
    while (zeros < d->count && d->digits[zeros] == '0') {
        zeros++;
    }
    size_t count = d->count - zeros;
    int leading = d->power + (int)count - 1; /* the power of ten of the first digit */
    return count > 0 &&
           (leading > 308 || (leading == 308 && memcmp(d->digits + zeros, limit, count) > 0));
}

bool number_float_overflows(const uint8_t *line, size_t size) {
    uint8_t last = size > 0 ? line[size - 1] : 0;
    if (last == 'f' || last == 'n') {
        return false;
    }
    struct decimal d = take_apart(line, size);
    return overflows(&d);
}

bool number_float(const uint8_t *line, size_t size, uint64_t *bits) {
    bool is_negative = line[0] == '-';
    uint64_t sign = (uint64_t)is_negative << 63;
    if (line[is_negative] == 'i') {
        *bits = sign | UINT64_C(0x7ff0000000000000);
        return true;
    }
    if (line[0] == 'n') {
        *bits = NUMBER_NAN;
        return true;
    }
    struct decimal d = take_apart(line, size);
    uint64_t magnitude;
    if (overflows(&d)) {
        return false;
    }
    if (!to_double_at_once(&d, &magnitude)) {
        magnitude = to_double(&d);
    }
    *bits = sign | magnitude;
    return true;
}
