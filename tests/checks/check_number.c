/* SPDX-License-Identifier: MIT
 *
 * The number lines: their grammar against a matcher that reads whole lines, their values against
 * the schoolbook and against strtod, which in the C locale (a program that never calls setlocale
 * has no other) rounds correctly. */
#include "text/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

/* ---- grammar ---- */

static size_t count_digits(const char *p) {
    return strspn(p, "0123456789");
}

/* Skips 0 or digits without a leading zero; NULL if there are none. */
static const char *skip_natural(const char *p) {
    size_t digits = count_digits(p);
    return digits == 0 || (digits > 1 && p[0] == '0') ? NULL : p + digits;
}

static bool matches_index(const char *p) {
    size_t digits = count_digits(p);
    p = skip_natural(p);
    return p && *p == '\0' && digits <= 20;
}

static bool matches_integer(const char *p, bool is_long) {
    if (!is_long && (strcmp(p, "00") == 0 || strcmp(p, "01") == 0)) {
        return true;
    }
    if (p[0] == '-' && p[1] == '0') {
        return false;
    }
    p += *p == '-';
    size_t digits = count_digits(p);
    p = skip_natural(p);
    if (!p || digits > 4300) {
        return false;
    }
    p += is_long && *p == 'L';
    return *p == '\0';
}

static bool matches_float(const char *p) {
    if (strlen(p) > 32) {
        return false;
    }
    if (strcmp(p, "nan") == 0 || strcmp(p, "inf") == 0 || strcmp(p, "-inf") == 0) {
        return true;
    }
    p = skip_natural(p + (*p == '-'));
    if (p && *p == '.') {
        size_t digits = count_digits(p + 1);
        p = digits > 0 ? p + 1 + digits : NULL;
    }
    if (p && *p == 'e') {
        size_t digits = p[1] == '+' || p[1] == '-' ? count_digits(p + 2) : 0;
        p = digits == 2 || digits == 3 ? p + 2 + digits : NULL;
    }
    return p && *p == '\0';
}

static bool matches(enum operand operand, const char *p) {
    switch (operand) {
    case OPERAND_LINE_INDEX:
        return matches_index(p);
    case OPERAND_LINE_FLOAT:
        return matches_float(p);
    default:
        return matches_integer(p, operand == OPERAND_LINE_LONG);
    }
}

/* True if something can be added so that it matches. */
static bool is_prefix(enum operand operand, const char *p) {
    static const char *const endings[] = {"",    "0",  "1", "00", "e+00", "+00",
                                          "inf", "nf", "f", "an", "n"};
    char whole[64];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(whole, sizeof whole, "%s%s", p, endings[i]);
        if (matches(operand, whole)) {
            return true;
        }
    }
    return false;
}

/* Scans "line" and a line feed, cut in two: must end at the first byte that cannot be. */
static bool scans_right(enum operand operand, const char *line, size_t split) {
    char text[64];
    char start[64];
    size_t length = strlen(line);
    size_t bad = 0;
    memcpy(text, line, length);
    text[length] = '\n';
    for (; bad < length; bad++) {
        memcpy(start, line, bad + 1);
        start[bad + 1] = '\0';
        if (!is_prefix(operand, start)) {
            break;
        }
    }
    bool good = bad == length && matches(operand, line);
    struct number_scan scan = number_start(operand);
    size_t used = 0;
    size_t more = 0;
    enum number_end end = number_scan(&scan, (const uint8_t *)text, split, &used);
    if (end == NUMBER_MORE) {
        if (used != split) {
            return false;
        }
        end = number_scan(&scan, (const uint8_t *)text + split, length + 1 - split, &more);
    }
    return end == (good ? NUMBER_DONE : NUMBER_BAD) && used + more == (good ? length : bad) + 1;
}

/* Every string of up to so many of these characters. */
static uint64_t all_strings(enum operand operand, const char *alphabet, size_t max,
                            uint64_t *wrong) {
    size_t letters = strlen(alphabet);
    uint64_t count = 0;
    char line[16] = "";
    for (size_t length = 0; length <= max; length++) {
        uint64_t total = word_count(letters, length);
        for (uint64_t number = 0; number < total; number++, count++) {
            write_word(line, alphabet, letters, length, number);
            line[length] = '\0';
            *wrong += !scans_right(operand, line, (size_t)(number % (length + 1)));
        }
    }
    return count;
}

static void grammar_of_short_lines(void) {
    uint64_t wrong = 0;
    uint64_t count = all_strings(OPERAND_LINE_INT, "019-+L_x \t.\r", 4, &wrong);
    count += all_strings(OPERAND_LINE_LONG, "019-+Ll_ \r", 4, &wrong);
    count += all_strings(OPERAND_LINE_INDEX, "019-+L_ \r", 4, &wrong);
    count += all_strings(OPERAND_LINE_FLOAT, "019-+.e", 7, &wrong);
    count += all_strings(OPERAND_LINE_FLOAT, "0-infatyNE_ ", 5, &wrong);
    CHECK_U64(wrong, 0);
    COVERED(count);
}

static void every_byte_in_a_line(void) {
    static const enum operand operands[] = {OPERAND_LINE_INT, OPERAND_LINE_LONG, OPERAND_LINE_FLOAT,
                                            OPERAND_LINE_INDEX};
    for (size_t i = 0; i < 4; i++) {
        for (int byte = 1; byte < 256; byte++) {
            char line[3] = {'1', (char)byte, '\0'};
            CHECK_NOTE(byte == '\n' || scans_right(operands[i], line, 2), "byte %02x",
                       (unsigned)byte);
            line[0] = (char)byte;
            line[1] = '\0';
            CHECK_NOTE(byte == '\n' || scans_right(operands[i], line, 0), "byte %02x",
                       (unsigned)byte);
        }
        struct number_scan scan = number_start(operands[i]);
        size_t used = 0;
        CHECK(number_scan(&scan, (const uint8_t *)"1\0\n", 3, &used) == NUMBER_BAD && used == 2);
    }
    COVERED(4 * 511);
}

/* The bytes read before the end of a line: prefix, so many digits, suffix, line feed. */
static enum number_end scan_long(enum operand operand, const char *prefix, size_t digits,
                                 const char *suffix, size_t *used) {
    struct buffer line = {NULL, 0, 0};
    struct number_scan scan = number_start(operand);
    buffer_print(&line, "%s", prefix);
    buffer_fill(&line, '7', digits);
    buffer_print(&line, "%s\n", suffix);
    enum number_end end = number_scan(&scan, line.data, line.size, used);
    buffer_free(&line);
    return end;
}

static void lengths_of_lines(void) {
    static const struct {
        enum operand operand;
        const char *prefix;
        size_t digits; /* most that may be */
        const char *suffix;
    } vectors[] = {
        {OPERAND_LINE_INT, "", 4300, ""},         {OPERAND_LINE_INT, "-", 4300, ""},
        {OPERAND_LINE_LONG, "", 4300, "L"},       {OPERAND_LINE_LONG, "-", 4300, "L"},
        {OPERAND_LINE_LONG, "-", 4300, ""},       {OPERAND_LINE_INDEX, "", 20, ""},
        {OPERAND_LINE_FLOAT, "", 32, ""},         {OPERAND_LINE_FLOAT, "-", 31, ""},
        {OPERAND_LINE_FLOAT, "-1.", 24, "e+100"}, {OPERAND_LINE_FLOAT, "0.", 30, ""},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        size_t used = 0;
        size_t whole =
            strlen(vectors[i].prefix) + vectors[i].digits + strlen(vectors[i].suffix) + 1;
        CHECK_U64(scan_long(vectors[i].operand, vectors[i].prefix, vectors[i].digits,
                            vectors[i].suffix, &used),
                  NUMBER_DONE);
        CHECK(used == whole && whole <= NUMBER_LINE_MAX);
        CHECK_U64(scan_long(vectors[i].operand, vectors[i].prefix, vectors[i].digits + 1,
                            vectors[i].suffix, &used),
                  NUMBER_BAD);
        /* Of a float all characters count, so a suffix is what goes too far. */
        CHECK_U64(used, vectors[i].operand == OPERAND_LINE_FLOAT
                            ? 33
                            : strlen(vectors[i].prefix) + vectors[i].digits + 1);
    }
    COVERED(2 * sizeof vectors / sizeof vectors[0]);
}

/* ---- ints ---- */

static void small_ints(void) {
    static const struct {
        const char *line;
        bool fits;
        int64_t value;
    } vectors[] = {
        {"0", true, 0},
        {"-1", true, -1},
        {"42L", true, 42},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808L", true, INT64_MIN},
        {"-9223372036854775807", true, -INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"18446744073709551615", false, 0},
        {"18446744073709551616", false, 0},
        {"-18446744073709551617", false, 0},
        {"99999999999999999999999", false, 0},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        int64_t value = 0;
        CHECK(number_int((const uint8_t *)vectors[i].line, strlen(vectors[i].line), &value) ==
              vectors[i].fits);
        CHECK_I64(value, vectors[i].value);
    }
    struct dice dice = {11};
    for (int i = 0; i < 20000; i++) {
        char line[32];
        int64_t value = 0;
        long long expected = (long long)(int64_t)dice_roll(&dice) / (1ll << dice_below(&dice, 63));
        snprintf(line, sizeof line, "%lld", expected);
        CHECK(number_int((const uint8_t *)line, strlen(line), &value) && value == expected);
    }
    COVERED(20000);
}

static void indexes(void) {
    uint64_t value = 0;
    CHECK(number_index((const uint8_t *)"0", 1, &value) && value == 0);
    CHECK(number_index((const uint8_t *)"18446744073709551615", 20, &value) && value == UINT64_MAX);
    CHECK(!number_index((const uint8_t *)"18446744073709551616", 20, &value));
    CHECK(!number_index((const uint8_t *)"18446744073709551620", 20, &value));
    CHECK(!number_index((const uint8_t *)"99999999999999999999", 20, &value));
    CHECK(number_index((const uint8_t *)"12345", 5, &value) && value == 12345);
}

static void bools(void) {
    CHECK(number_is_bool((const uint8_t *)"00", 2) && number_is_bool((const uint8_t *)"01", 2));
    CHECK(!number_is_bool((const uint8_t *)"0", 1) && !number_is_bool((const uint8_t *)"10", 2));
    CHECK(!number_is_bool((const uint8_t *)"1", 1) && !number_is_bool((const uint8_t *)"-1", 2));
}

/* The schoolbook: a digit at a time over bytes, then two's complement in the fewest bytes. */
static size_t schoolbook(const char *line, uint8_t *out) {
    bool is_negative = *line == '-';
    size_t size = 1;
    out[0] = 0;
    for (const char *p = line + is_negative; *p >= '0' && *p <= '9'; p++) {
        unsigned carry = (unsigned)(*p - '0');
        for (size_t i = 0; i < size; i++) {
            carry += out[i] * 10u;
            out[i] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry > 0) {
            out[size++] = (uint8_t)carry;
        }
    }
    out[size++] = 0;
    for (size_t i = 0; is_negative && i < size; i++) {
        out[i] = (uint8_t)~out[i];
    }
    for (size_t i = 0; is_negative && i < size; i++) {
        out[i] = out[i] == 0xff ? 0 : (uint8_t)(out[i] + 1);
        if (out[i] != 0) {
            break;
        }
    }
    while (size > 1 && out[size - 1] == (out[size - 2] & 0x80 ? 0xff : 0)) {
        size--;
    }
    return size;
}

static void is_big_right(const char *line) {
    uint8_t *out =
        must_allocate(NUMBER_BIG_MAX); /* of its own, so that writing beyond it is seen */
    uint8_t expected[2000];
    size_t size = number_big((const uint8_t *)line, strlen(line), out);
    CHECK(size <= NUMBER_BIG_MAX);
    CHECK_BYTES(out, size, expected, schoolbook(line, expected));
    free(out);
}

static void big_ints(void) {
    struct dice dice = {5};
    char line[4400];
    uint64_t inputs = 0;
    static const char *const vectors[] = {"0",
                                          "-1",
                                          "127",
                                          "128",
                                          "-128",
                                          "-129",
                                          "255",
                                          "256",
                                          "-256",
                                          "32767",
                                          "-32769",
                                          "4294967295",
                                          "4294967296",
                                          "-4294967296",
                                          "2147483648",
                                          "-2147483648",
                                          "9223372036854775808",
                                          "-9223372036854775808",
                                          "-9223372036854775809",
                                          "18446744073709551616L",
                                          "-18446744073709551616L",
                                          "1000000000",
                                          "-1000000000",
                                          "340282366920938463463374607431768211456",
                                          "-340282366920938463463374607431768211456"};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++, inputs++) {
        is_big_right(vectors[i]);
    }
    for (size_t digits = 1; digits <= 4300;
         digits += digits < 100 ? 1 : 1 + (size_t)dice_below(&dice, 150)) {
        for (int kind = 0; kind < 3; kind++, inputs++) {
            bool is_negative = dice_below(&dice, 2) == 0;
            size_t at = 0;
            line[at++] = is_negative ? '-' : '1';
            while (at < digits + is_negative) {
                unsigned digit = kind == 0 ? 9 : kind == 1 ? 0 : (unsigned)dice_below(&dice, 10);
                line[at] = (char)('0' + (at == 1 && is_negative && digit == 0 ? 1 : digit));
                at++;
            }
            line[at++] = 'L';
            line[at] = '\0';
            is_big_right(line);
        }
    }
    memset(line, '9', 4300);
    line[4300] = '\0';
    is_big_right(line);
    COVERED(inputs + 1);
}

/* ---- floats ---- */

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Checks one line of the grammar against strtod. */
static bool is_float_right(const char *line) {
    uint64_t bits = 0;
    uint64_t expected = bits_of(strtod(line, NULL));
    bool is_finite = number_float((const uint8_t *)line, strlen(line), &bits);
    bool overflows = expected << 1 == UINT64_C(0xffe0000000000000);
    bool good = is_finite != overflows && (overflows || bits == expected) &&
                number_float_overflows((const uint8_t *)line, strlen(line)) == overflows;
    CHECK_NOTE(good, "%s is %llx, not %llx", line, (unsigned long long)bits,
               (unsigned long long)expected);
    return good;
}

static void known_floats(void) {
    static const char *const lines[] = {
        "0",
        "-0",
        "0.0",
        "-0.0",
        "1",
        "-1.5",
        "0.1",
        "10000000000000000",
        "0.10000000000000001",
        "1e+16",
        "1e-05",
        "5e-324",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.470328229206232720e-324",
        "2.4703282292062327208828439e-324",
        "2.4703282292062327208828440e-324",
        "1e-323",
        "7.4109846876186982e-324",
        "2.2250738585072014e-308",
        "2.2250738585072011e-308",
        "2.225073858507201e-308",
        "2.2250738585072012e-308",
        "2.2250738585072011360574097e-308",
        "1.7976931348623157e+308",
        "1.7976931348623158e+308",
        "1.7976931348623159e+308",
        "1.797693134862315807937289e+308",
        "1.7976931348623158079372898e+308",
        "0.0001797693134862315807937e+312",
        "0.0001797693134862315807938e+312",
        "17976931348623158079372897e+283",
        "17976931348623158079372898e+283",
        "179769313486231580793728970e+282",
        "179769313486231580793728972e+282",
        "9e+307",
        "9e+308",
        "2e+308",
        "1e+308",
        "1e+309",
        "-1e+309",
        "-1.7976931348623159e+308",
        "1e+400",
        "1e+999",
        "1e-999",
        "-1e-999",
        "0e+999",
        "0e-999",
        "0.0e+999",
        "9007199254740992",
        "9007199254740993",
        "9007199254740994",
        "9007199254740995",
        "9007199254740993.0000000000001",
        "9007199254740992.9999999999999",
        "18014398509481990",
        "18014398509481986",
        "99999999999999999999999999999999",
        "10000000000000000000000000000000",
        "0.00000000000000000000000000001",
        "0.000000000000000000000001e-300",
        "123456789012345678901234567e+282",
        "999999999999999999999999999e-330",
        "0.3",
        "0.30000000000000004",
        "6.0221407599999999e+23",
        "8.9884656743115795e+307",
        "1e+22",
        "1e+23",
        "9e-265",
        "179769313486231570e+291",
        "0.000001e-318",
        "1.1125369292536007e-308",
        "89255e-22",
    };
    uint64_t inputs = 0;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        CHECK(matches_float(lines[i]));
        inputs += is_float_right(lines[i]);
    }
    CHECK_U64(inputs, sizeof lines / sizeof lines[0]);
    COVERED(inputs);
}

static void infinities_and_nan(void) {
    uint64_t bits = 0;
    CHECK(number_float((const uint8_t *)"inf", 3, &bits) && bits == UINT64_C(0x7ff0000000000000));
    CHECK(number_float((const uint8_t *)"-inf", 4, &bits) && bits == UINT64_C(0xfff0000000000000));
    CHECK(number_float((const uint8_t *)"nan", 3, &bits) && bits == UINT64_C(0x7ff8000000000000));
    CHECK(!number_float_overflows((const uint8_t *)"inf", 3) &&
          !number_float_overflows((const uint8_t *)"-inf", 4) &&
          !number_float_overflows((const uint8_t *)"nan", 3));
}

static void random_float(struct dice *dice, char *line) {
    size_t at = 0;
    size_t digits = 1 + (size_t)dice_below(dice, dice_below(dice, 4) ? 18 : 24);
    size_t point = dice_below(dice, 2) ? 1 : 1 + (size_t)dice_below(dice, digits);
    if (dice_below(dice, 4) == 0) {
        line[at++] = '-';
    }
    for (size_t i = 0; i < digits; i++) {
        if (i == point) {
            line[at++] = '.';
        }
        char digit = (char)('0' + dice_below(dice, 10));
        line[at++] = i == 0 && point > 1 && digit == '0' ? '5' : digit;
    }
    int exponent = (int)dice_below(dice, 700) - 350;
    if (dice_below(dice, 3) == 0) {
        exponent = dice_below(dice, 2) ? 300 + (int)dice_below(dice, 15)
                                       : -300 - (int)dice_below(dice, 30);
    }
    if (dice_below(dice, 5) > 0) {
        at += (size_t)sprintf(line + at, "e%+03d", exponent);
    }
    line[at] = '\0';
}

static void random_floats(void) {
    struct dice dice = {123};
    char line[64];
    uint64_t inputs = 0;
    uint64_t subnormal = 0;
    uint64_t overflow = 0;
    while (inputs < 200000) {
        random_float(&dice, line);
        if (!matches_float(line)) {
            continue;
        }
        if (!is_float_right(line)) {
            return;
        }
        double value = strtod(line, NULL);
        uint64_t exponent = bits_of(value) >> 52 & 0x7ff;
        subnormal += exponent == 0 && value != 0;
        overflow += exponent == 0x7ff;
        inputs++;
    }
    CHECK(subnormal > 1000 && overflow > 1000);
    COVERED(inputs);
}

/* What Python 2 and 3 write for any double, %.17g, gives the very same double. */
static void written_floats(void) {
    struct dice dice = {77};
    char line[64];
    uint64_t inputs = 0;
    while (inputs < 100000) {
        uint64_t bits = dice_roll(&dice);
        uint64_t read = 0;
        double value;
        bits = inputs % 4 == 0 ? bits & UINT64_C(0x800fffffffffffff) : bits; /* subnormal */
        if ((bits >> 52 & 0x7ff) == 0x7ff) {
            continue;
        }
        memcpy(&value, &bits, sizeof value);
        snprintf(line, sizeof line, "%.17g", value);
        CHECK_NOTE(matches_float(line) &&
                       number_float((const uint8_t *)line, strlen(line), &read) && read == bits,
                   "%s", line);
        inputs++;
    }
    COVERED(inputs);
}

/* Writes a number times a power of two in decimal. */
static void write_scaled(char *out, uint64_t number, int doublings) {
    char text[64];
    snprintf(text, sizeof text, "%040llu", (unsigned long long)number);
    for (; doublings > 0; doublings--) {
        int carry = 0;
        for (size_t i = 40; i-- > 0;) {
            carry += (text[i] - '0') * 2;
            text[i] = (char)('0' + carry % 10);
            carry /= 10;
        }
    }
    strcpy(out, text + strspn(text, "0"));
}

/* Whole numbers exactly between two doubles, and one to either side. */
static void halfway_floats(void) {
    struct dice dice = {31};
    char line[64];
    uint64_t inputs = 0;
    for (int i = 0; i < 20000; i++) {
        uint64_t odd = (dice_roll(&dice) >> 11 | UINT64_C(1) << 52) * 2 + 1; /* 54 bits */
        write_scaled(line, odd, (int)dice_below(&dice, 49));
        size_t last = strlen(line) - 1;
        for (int side = 0; side < 3; side++, inputs++) {
            REQUIRE(matches_float(line) && is_float_right(line));
            line[last] = (char)(line[last] == '9' || side == 1 ? line[last] - 1 : line[last] + 1);
        }
    }
    COVERED(inputs);
}

REGISTER(number, RUN(grammar_of_short_lines), RUN(every_byte_in_a_line), RUN(lengths_of_lines),
         RUN(small_ints), RUN(indexes), RUN(bools), RUN(big_ints), RUN(known_floats),
         RUN(infinities_and_nan), RUN(random_floats), RUN(written_floats), RUN(halfway_floats))
