/* SPDX-License-Identifier: MIT
 *
 * Numbers brought to one form: an int64 if the value is one, else the bytes of an int, else the
 * bits of a float.  No conversion ever rounds. */
#include "value/key.h"

#include "value/integer.h"

/* ---- numbers ---- */

enum number_form { FORM_INT64, FORM_BYTES, FORM_FLOAT };

struct number {
    enum number_form form;
    int64_t value;
    uint64_t bits;
    const uint8_t *bytes; /* of an int that is no int64; may point to "buffer" */
    size_t size;
    uint8_t buffer[KEY_LIGHT_INT];
};

static void set_bytes(struct number *number, const uint8_t *p, size_t size) {
    if (size <= 8) {
        number->form = FORM_INT64;
        number->value = int64_from_bytes(p, size);
        return;
    }
    number->form = FORM_BYTES;
    number->bytes = p;
    number->size = size;
}

/* A float with a whole value becomes an int; all others, infinities and NaNs, stay bits.
 *
 *    63     62      52 51                    0
 *   +------+----------+-----------------------+
 *   | sign | exponent | fraction              |    2.0 is 4000 0000 0000 0000: exponent 1024,
 *   +------+----------+-----------------------+    significand 2^52, shift -51 */
static void set_float(struct number *number, uint64_t bits) {
    int exponent = (int)(bits >> 52 & 0x7ff);
    uint64_t fraction = bits & UINT64_C(0xfffffffffffff);
    number->form = FORM_FLOAT;
    number->bits = bits;
    if (exponent == 0x7ff) {
        return;
    }
    uint64_t significand = exponent == 0 ? fraction : fraction | UINT64_C(1) << 52;
    int shift = (exponent == 0 ? 1 : exponent) - 1075; /* value = significand * 2^shift */
    if (significand == 0) {
        number->form = FORM_INT64;
        number->value = 0;
        return;
    }
    if (shift < 0) {
        if (shift < -52 || (significand & ((UINT64_C(1) << -shift) - 1)) != 0) {
            return;
        }
        significand >>= -shift;
        shift = 0;
    }
    if (shift <= 10) {
        int64_t magnitude = (int64_t)(significand << shift);
        number->form = FORM_INT64;
        number->value = bits >> 63 ? -magnitude : magnitude;
        return;
    }
    size_t at = (size_t)shift / 8;
    memset(number->buffer, 0, sizeof number->buffer);
    /* Whole bytes of the shift choose the place, the rest is less than 8: 53 bits and 7 fit. */
    for (int i = 0; i < 8; i++) {
        number->buffer[at + (size_t)i] = (uint8_t)(significand << shift % 8 >> 8 * i);
    }
    if (bits >> 63) {
        unsigned carry = 1;
        for (size_t i = 0; i < sizeof number->buffer; i++) {
            carry += (uint8_t)~number->buffer[i];
            number->buffer[i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
    set_bytes(number, number->buffer, int_minimal_size(number->buffer, sizeof number->buffer));
}

static bool is_number(word w) {
    spk_type type = word_type(w);
    return type == SPK_INT || type == SPK_BOOL || type == SPK_FLOAT;
}

static void set_number(struct number *number, word w) {
    if (word_is_float(w)) {
        set_float(number, word_float_bits(w));
    } else if (word_tag(w) == TAG_LONG) {
        struct counted counted = counted_of(word_form(w));
        set_bytes(number, counted.data, counted.size);
    } else {
        number->form = FORM_INT64;
        number->value = word_tag(w) == TAG_INT ? word_int(w) : w == WORD_TRUE;
    }
}

static bool equal_numbers(word a, word b) {
    struct number x;
    struct number y;
    set_number(&x, a);
    set_number(&y, b);
    if (x.form != y.form) {
        return false;
    }
    switch (x.form) {
    case FORM_INT64:
        return x.value == y.value;
    case FORM_BYTES:
        return x.size == y.size && memcmp(x.bytes, y.bytes, x.size) == 0;
    case FORM_FLOAT:
        return x.bits == y.bits && !is_nan_bits(x.bits);
    }
    return false;
}

bool key_int64(word w, int64_t *value) {
    struct number number;
    if (!is_number(w)) {
        return false;
    }
    set_number(&number, w);
    if (number.form != FORM_INT64) {
        return false;
    }
    *value = number.value;
    return true;
}

/* ---- single values ---- */

bool key_is_heavy(word w) {
    switch (word_tag(w)) {
    case TAG_STR:
    case TAG_BYTES:
        return counted_of(word_form(w)).size > KEY_LIGHT_TEXT;
    case TAG_LONG:
        return counted_of(word_form(w)).size > KEY_LIGHT_INT;
    default:
        return word_is_container(w);
    }
}

static uint64_t hash_number(struct hash_key key, word w) {
    struct number number;
    struct sip sip = sip_start(key, DOMAIN_FLOAT);
    set_number(&number, w);
    switch (number.form) {
    case FORM_INT64:
        return key_hash_int(key, number.value);
    case FORM_BYTES:
        return key_hash_bytes(key, DOMAIN_BYTES_INT, number.bytes, number.size);
    case FORM_FLOAT:
        sip_add(&sip, number.bits);
        break;
    }
    return sip_end(sip);
}

uint64_t key_hash(struct hash_key key, word w) {
    uint64_t hash;
    if (key_hash_common(key, w, &hash)) {
        return hash;
    }
    if (is_number(w)) {
        return hash_number(key, w);
    }
    if (word_tag(w) == TAG_STR || word_tag(w) == TAG_BYTES) {
        struct counted counted = counted_of(word_form(w));
        return key_hash_bytes(key, word_tag(w) == TAG_STR ? DOMAIN_STR : DOMAIN_BYTES, counted.data,
                              counted.size);
    }
    return key_hash_bytes(key, DOMAIN_NONE, NULL, 0);
}

bool key_equal(word a, word b) {
    if (a == b) {
        return !word_is_nan(a);
    }
    if (is_number(a)) {
        return is_number(b) && equal_numbers(a, b);
    }
    if (word_tag(a) != word_tag(b) || (word_tag(a) != TAG_STR && word_tag(a) != TAG_BYTES)) {
        return false;
    }
    struct counted x = counted_of(word_form(a));
    struct counted y = counted_of(word_form(b));
    return x.size == y.size && memcmp(x.data, y.data, x.size) == 0;
}
