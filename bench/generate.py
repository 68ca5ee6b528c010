#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The corpora that speed is measured on: made from a seed, never downloaded, never loaded here.

    bench/generate.py [--scale=0.1] [--seed=1] [--only=records,tiny] DIRECTORY
    bench/generate.py --list

Scale 1 is the size that docs/records/performance.md quotes.  Another seed gives other data of the same shapes.  The same seed
gives the same bytes under every CPython whose pickler writes the same, which 3.8 to 3.14 do.

Every corpus is one pickle, a file NAME.pickle, except tiny (10,000 of them in one file, each behind its length in 4
bytes, little-endian) and the gzip forms (NAME.pickle.gz).  CORPORA holds data as services meet them, ADVERSARIAL what
is written to be slow: those streams are opcodes put together by hand, and take the number of bytes they should have."""
import argparse
import os
import pathlib
import pickle
import pickletools
import random
import struct
import sys
import zlib

DEFAULT_SCALE = 0.1
ADVERSARIAL_BYTES = 16_000_000
TINY_COUNT = 10_000
CORPORA, ADVERSARIAL = {}, {}

SYLLABLES = "ka lo mi ne ra su to ve an el is or un ba de fi go hu ja pe".split()
TOWNS = ["Seoul", "Busan", "Lyon", "Porto", "Oslo", "Turku", "Graz", "Leeds", "Osaka", "Quito", "Accra", "Perth"]
TAGS = ["alpha", "beta", "gamma", "delta", "urgent", "archived", "vip", "trial", "export", "legacy", "mobile", "web"]
KOREAN = "가각간나다라마바사아자차카타파하고노도로모보소오조초코토포호구누두루무부수우주추쿠투푸후기니디리미비시이지치"
LATIN = "abcdefghijklmnopqrstuvwxyz" * 3 + "éèàüößñçåø"
EMOJI = "😀😂🥲😍🤔👍🎉🔥🚀🌍🍜🐱"


def corpus(make):
    CORPORA[make.__name__] = make
    return make


def adversarial(make):
    ADVERSARIAL[make.__name__] = make
    return make


def some_bytes(rng, count):
    return rng.getrandbits(8 * count).to_bytes(count, "little")


def name(rng, least=2, most=4):
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(least, most)))


def unique(rng, count, size):
    """So many different random strings of letters and digits; size gives the length of each."""
    made = set()
    while len(made) < count:
        length = size(rng)
        made.add("%0*x" % (length, rng.getrandbits(4 * length)))
    return sorted(made, key=lambda text: text[::-1])


# ---- data as services meet them -----------------------------------------------------------------------------------

def record_rows(rng, count):
    """42 opcodes and about 144 bytes a row.  Keys, towns and tags are shared, as those of a parser or an ORM are."""
    rows = []
    for number in range(count):
        first, last = name(rng).title(), name(rng).title()
        rows.append({
            "id": 100_000 + number, "name": first + " " + last,
            "email": "%s.%s%d@example.org" % (first.lower(), last.lower(), rng.randrange(1000)),
            "active": rng.random() < 0.7, "score": rng.random() * 100,
            "tags": rng.sample(TAGS, 3), "address": {"town": rng.choice(TOWNS), "zip": rng.randrange(100, 65_000)},
            "balance": round(rng.uniform(-5000, 5000), 2), "visits": rng.choice([rng.randrange(256), rng.randrange(9999)]),
            "phone": "+82 %02d-%07d" % (rng.randrange(100), rng.randrange(10 ** 7)), "note": None})
    return rows


@corpus
def records(rng, scale, protocol=4):
    return pickle.dumps(record_rows(rng, int(150_000 * scale)), protocol)


@corpus
def records_p0(rng, scale):
    return records(rng, scale, 0)


@corpus
def records_p2(rng, scale):
    return records(rng, scale, 2)


@corpus
def records_p5(rng, scale):
    return records(rng, scale, 5)


def tweet_text(rng):
    words = [name(rng, 1, 4) for _ in range(rng.randint(18, 34))]
    if rng.random() < 0.3:
        words.insert(rng.randrange(len(words)), "".join(rng.choice(KOREAN) for _ in range(rng.randint(10, 60))))
    if rng.random() < 0.2:
        words.append(rng.choice(EMOJI))
    return " ".join(words)


def tweet_user(rng):
    number = rng.getrandbits(31)
    handle = name(rng) + str(rng.randrange(100))
    return {
        "id": number, "id_str": str(number), "name": name(rng).title(), "screen_name": handle,
        "location": rng.choice(["", name(rng).title()]), "description": tweet_text(rng), "url": None,
        "protected": False, "followers_count": rng.randrange(100_000), "friends_count": rng.randrange(3000),
        "listed_count": rng.randrange(200), "created_at": "Sun Aug %02d 00:%02d:%02d +0000 2014"
        % (rng.randint(1, 31), rng.randrange(60), rng.randrange(60)), "favourites_count": rng.randrange(20_000),
        "utc_offset": rng.choice([None, 32400, -18000]), "time_zone": None, "geo_enabled": rng.random() < 0.5,
        "verified": rng.random() < 0.05, "statuses_count": rng.randrange(80_000), "lang": "ko",
        "contributors_enabled": False, "is_translator": False, "profile_background_color": "C0DEED",
        "profile_image_url": "http://pbs.example.org/profile_images/%d/normal.jpeg" % rng.getrandbits(50),
        "default_profile": rng.random() < 0.5, "default_profile_image": False, "following": False,
        "notifications": False}


def tweet(rng, is_nested=False):
    number = rng.getrandbits(58)
    status = {
        "metadata": {"result_type": "recent", "iso_language_code": "ko"},
        "created_at": "Sun Aug 31 00:%02d:%02d +0000 2014" % (rng.randrange(60), rng.randrange(60)), "id": number,
        "id_str": str(number), "text": tweet_text(rng), "source": "web", "truncated": False,
        "in_reply_to_status_id": rng.choice([None, None, rng.getrandbits(58)]), "in_reply_to_user_id": None,
        "user": tweet_user(rng), "geo": None, "coordinates": None, "place": None, "contributors": None,
        "retweet_count": rng.choice([0, 0, rng.randrange(3000)]), "favorite_count": rng.randrange(40),
        "entities": {
            "hashtags": [{"text": name(rng), "indices": [at, at + 8]} for at in range(rng.choice([0, 0, 0, 1, 2]))],
            "symbols": [], "urls": [],
            "user_mentions": [{"screen_name": name(rng), "name": name(rng).title(), "id": rng.getrandbits(31),
                               "indices": [3, 15]} for _ in range(rng.choice([0, 1, 1, 2]))]},
        "favorited": False, "retweeted": False, "lang": "ko"}
    if not is_nested and rng.random() < 0.4:
        status["retweeted_status"] = tweet(rng, True)
    return status


@corpus
def twitter(rng, scale, protocol=4):
    return pickle.dumps({"statuses": [tweet(rng) for _ in range(int(14_900 * scale))]}, protocol)


@corpus
def twitter_p2(rng, scale):
    return twitter(rng, scale, 2)


@corpus
def canada(rng, scale):
    """Rings of points, each a list of two floats: 6 opcodes and 22 bytes a point."""
    rings, points = [], int(811_000 * scale)
    while points > 0:
        size = min(points, rng.choice([5, 12, 40, 150, 700, 2500]))
        x, y = rng.uniform(-141, -52), rng.uniform(42, 83)
        ring = []
        for _ in range(size):
            x, y = x + rng.uniform(-0.1, 0.1), y + rng.uniform(-0.1, 0.1)
            ring.append([round(x, 6), round(y, 6)])
        rings.append(ring)
        points -= size
    return pickle.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"name": "Canada"},
         "geometry": {"type": "Polygon", "coordinates": rings}}]}, 4)


@corpus
def floats(rng, scale):
    return pickle.dumps([rng.random() for _ in range(int(2_000_000 * scale))], 4)


@corpus
def ints_u8(rng, scale):
    return pickle.dumps(list(some_bytes(rng, int(5_000_000 * scale))), 4)


def mixed_int(rng):
    """3.7 bytes each on the average: BININT1, BININT2, BININT and now and then LONG1, in no order."""
    kind = rng.random()
    if kind < 0.30:
        return rng.randrange(256)
    if kind < 0.60:
        return rng.randrange(256, 65_536)
    if kind < 0.95:
        return rng.randrange(-2 ** 31, 2 ** 31)
    return rng.randrange(2 ** 31, 2 ** 47)


@corpus
def ints_mixed(rng, scale):
    return pickle.dumps([mixed_int(rng) for _ in range(int(3_000_000 * scale))], 4)


@corpus
def ints_pattern(rng, scale):
    """The widths of ints_mixed, but always in the same order, which a branch predictor learns."""
    widths = [256, 65_536, 2 ** 31 - 1]
    return pickle.dumps([rng.randrange(widths[i % 3] // 2, widths[i % 3]) for i in range(int(3_000_000 * scale))], 4)


@corpus
def strings(rng, scale, protocol=4):
    """15 bytes and 2 opcodes each: 12 letters on the average, all different."""
    return pickle.dumps(unique(rng, int(1_000_000 * scale), lambda rng: rng.randint(7, 17)), protocol)


@corpus
def strings_p2(rng, scale):
    return strings(rng, scale, 2)


@corpus
def text(rng, scale):
    """50 to 400 bytes each: Latin, Korean, a mixture, or ASCII with some emoji."""
    made = []
    for _ in range(int(150_000 * scale)):
        size, kind = rng.randint(50, 262), rng.random()
        if kind < 0.4:
            made.append("".join(rng.choices(LATIN, k=size)))
        elif kind < 0.7:
            made.append("".join(rng.choices(KOREAN, k=size // 3)))
        elif kind < 0.9:
            made.append("".join(rng.choices(KOREAN + LATIN + " ", k=size // 2)))
        else:
            made.append("".join(rng.choices(LATIN[:26], k=size)) + rng.choice(EMOJI))
    return pickle.dumps(made, 4)


@corpus
def memo_heavy(rng, scale):
    """Lists of 20 things met before, each a string, a tuple or a list: BINGET and LONG_BINGET in no order."""
    pool = []
    for number in range(5000):
        pool.append(rng.choice([lambda: "shared-%d" % number, lambda: (number, None), lambda: [number]])())
    near, lists = pool[:80], [pool]
    for _ in range(int(150_000 * scale)):
        lists.append([rng.choice(near) if rng.random() < 0.31 else rng.choice(pool) for _ in range(20)])
    return pickle.dumps(lists, 4)


@corpus
def dict_str(rng, scale):
    keys = unique(rng, int(1_000_000 * scale), lambda rng: 12)
    rng.shuffle(keys)
    return pickle.dumps({key: rng.randrange(2 ** 31) if rng.random() < 0.9 else rng.randrange(65_536) for key in keys}, 4)


@corpus
def dict_int(rng, scale):
    """Keys as a database hands them out: growing, with gaps."""
    made, key = {}, 65_536
    for _ in range(int(1_000_000 * scale)):
        key += 1 + (rng.getrandbits(4) if rng.random() < 0.1 else 0)
        made[key] = rng.randrange(256)
    return pickle.dumps(made, 4)


@corpus
def dict_int_random(rng, scale):
    return pickle.dumps({rng.randrange(65_536, 2 ** 31): rng.randrange(256) for _ in range(int(1_000_000 * scale))}, 4)


@corpus
def set_str(rng, scale):
    """A set in an order that does not depend on Python's hashes: the pickle of a list, with the opcodes of a set."""
    members = unique(rng, int(600_000 * scale), lambda rng: rng.randint(11, 13))
    rng.shuffle(members)
    data = bytearray(pickle.dumps(members, 4))
    for opcode, _, at in pickletools.genops(bytes(data)):
        data[at] = {"EMPTY_LIST": 0x8f, "APPENDS": 0x90}.get(opcode.name, data[at])
    return bytes(data)


@corpus
def set_int(rng, scale):
    return pickle.dumps({rng.randrange(65_536, 2 ** 31) for _ in range(int(1_000_000 * scale))}, 4)


@corpus
def fset_many(rng, scale):
    """Frozensets of 5 ints of different widths: 8 opcodes, 16.5 bytes."""
    def member():
        kind = rng.random()
        return rng.randrange(256 if kind < 0.5 else 65_536 if kind < 0.9 else 2 ** 31)
    return pickle.dumps([frozenset(member() for _ in range(5)) for _ in range(int(200_000 * scale))], 4)


@corpus
def tuples(rng, scale):
    """Pairs of ints, such as edges of a graph: 4 opcodes, 8.3 bytes."""
    def end():
        kind = rng.random()
        return rng.randrange(256 if kind < 0.2 else 65_536 if kind < 0.8 else 2 ** 31)
    return pickle.dumps([(rng.randrange(256, 65_536), end()) for _ in range(int(1_500_000 * scale))], 4)


@corpus
def bigints(rng, scale):
    return pickle.dumps([rng.getrandbits(8 * rng.randint(30, 250)) for _ in range(int(120_000 * scale))], 4)


@corpus
def small_bytes(rng, scale):
    return pickle.dumps([some_bytes(rng, 32) for _ in range(int(600_000 * scale))], 4)


@corpus
def lists_small(rng, scale):
    return pickle.dumps([[] for _ in range(int(3_000_000 * scale))], 4)


@corpus
def containers_small(rng, scale):
    makers = [list, dict, set, tuple]
    return pickle.dumps([makers[rng.getrandbits(2)]() for _ in range(int(3_000_000 * scale))], 4)


@corpus
def big_bytes(rng, scale):
    return pickle.dumps(some_bytes(rng, 4096) * int(65_536 * scale), 4)


@corpus
def big_bytearray(rng, scale):
    return pickle.dumps(bytearray(some_bytes(rng, 4096) * int(16_384 * scale)), 5)


@corpus
def big_str_ascii(rng, scale):
    return pickle.dumps("".join(rng.choices(LATIN[:26], k=4096)) * int(16_384 * scale), 4)


@corpus
def big_str_korean(rng, scale):
    return pickle.dumps("".join(rng.choices(KOREAN, k=4096)) * int(5_461 * scale), 4)


def tiny_pickles(rng):
    """What a session store or a queue keeps: 39 opcodes and about 234 bytes."""
    for number in range(TINY_COUNT):
        yield pickle.dumps({
            "user_id": rng.randrange(65_536, 2 ** 31), "session": "%060x" % rng.getrandbits(240),
            "name": name(rng, 3, 3).title(), "roles": ["editor"], "expires": 1.7e9 + rng.randrange(10 ** 6),
            "csrf": "%040x" % rng.getrandbits(160), "is_staff": rng.random() < 0.5,
            "visits": rng.randrange(256)}, 4)


@corpus
def tiny(rng, scale):
    return b"".join(struct.pack("<I", len(data)) + data for data in tiny_pickles(rng))


GZIPPED = ["records", "twitter", "canada", "floats", "ints_mixed", "strings", "text", "dict_str"]


# ---- streams written to be slow -----------------------------------------------------------------------------------

def collected(unit, size):
    """A list of what the unit pushes, repeated to the size."""
    return b"(" + unit * (size // len(unit)) + b"l."


def short_str(text):
    return b"\x8c" + struct.pack("<B", len(text)) + text


def long_str(text):
    return b"X" + struct.pack("<I", len(text)) + text


def long1(number):
    data = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + struct.pack("<B", len(data)) + data


@adversarial
def adv_marks(rng, size):
    """Needs an unlimited max_depth; without, it is refused at the thousandth byte."""
    return b"(" * (size // 2) + b"1" * (size // 2) + b"N."


@adversarial
def adv_empty_lists(rng, size):
    return collected(b"]", size)


@adversarial
def adv_empty_dicts(rng, size):
    return collected(b"}", size)


@adversarial
def adv_empty_sets(rng, size):
    return collected(b"\x8f", size)


@adversarial
def adv_memoize(rng, size):
    return b"N" + b"\x94" * size + b"."


@adversarial
def adv_memoize_lists(rng, size):
    return collected(b"]\x94", size)


@adversarial
def adv_get_atom(rng, size):
    return b"N\x940" + collected(b"h\0", size)


@adversarial
def adv_get_list(rng, size):
    return b"]\x940" + collected(b"h\0", size)


@adversarial
def adv_long_get(rng, size):
    return b"]\x940" + collected(b"j\0\0\0\0", size)


@adversarial
def adv_long_put(rng, size):
    return b"N" + b"".join(b"r" + struct.pack("<I", entry) for entry in range(size // 5)) + b"."


@adversarial
def adv_append(rng, size):
    return b"]" + b"Na" * (size // 2) + b"."


@adversarial
def adv_appends_of_one(rng, size):
    return b"]" + b"(Ne" * (size // 3) + b"."


@adversarial
def adv_tuple(rng, size):
    return collected(b"(Nt", size)


@adversarial
def adv_tuple1(rng, size):
    return collected(b"N\x85", size)


@adversarial
def adv_setitem_same_key(rng, size):
    return b"}" + b"K\1Ns" * (size // 4) + b"."


@adversarial
def adv_setitem_equal_keys(rng, size):
    """1, True and 1.0 are one key."""
    return b"}" + (b"K\1Ns\x88Ns" + b"G\x3f\xf0\0\0\0\0\0\0Ns") * (size // 18) + b"."


@adversarial
def adv_small_dicts(rng, size):
    return collected(b"}K\1Ns", size)


@adversarial
def adv_pop(rng, size):
    return b"N0" * (size // 2) + b"N."


@adversarial
def adv_pop_of_mark(rng, size):
    return b"(0" * (size // 2) + b"N."


@adversarial
def adv_pop_mark(rng, size):
    return b"(1" * (size // 2) + b"N."


@adversarial
def adv_pop_list(rng, size):
    """A container that is dropped at once; its node stays in the arena."""
    return b"]0" * (size // 2) + b"N."


@adversarial
def adv_small_frames(rng, size):
    return b"\x80\4" + b"\x95\2\0\0\0\0\0\0\0N0" * (size // 11) + b"N."


@adversarial
def adv_colliding_ints(rng, size):
    """Multiples of 2**61 - 1: in CPython all have the hash 0."""
    made, number = [], 0
    while size > 0:
        number += 1
        made.append(long1(number * (2 ** 61 - 1)) + b"N")
        size -= len(made[-1])
    return b"}(" + b"".join(made) + b"u."


@adversarial
def adv_long_key(rng, size):
    """A key of a sixteenth of the input, met again and again by BINGET."""
    key = long_str(some_bytes(rng, size // 32).hex().encode())
    return b"}" + key + b"\x94Ns" + b"h\0Ns" * ((size - len(key)) // 4) + b"."


@adversarial
def adv_long_keys_equal(rng, size):
    """A key of 4 KiB, written out again and again."""
    key = long_str(some_bytes(rng, 2048).hex().encode())
    return b"}" + (key + b"Ns") * (size // len(key)) + b"."


@adversarial
def adv_long_keys_alike(rng, size):
    """Keys of 4 KiB that differ at their end."""
    body, made = some_bytes(rng, 2044).hex(), []
    for number in range(size // 4096):
        made.append(long_str((body + "%08x" % number).encode()) + b"Ns")
    return b"}" + b"".join(made) + b"."


@adversarial
def adv_shared_tuple_key(rng, size):
    """A tuple of a thousand strings, met again and again: more than max_expansion values from 4 MB on."""
    items = b"".join(short_str(b"%015x" % number) for number in range(1000))
    return b"}(" + items + b"t\x94Ns" + b"h\0Ns" * ((size - len(items)) // 4) + b"."


@adversarial
def adv_tuple_keys_equal(rng, size):
    """A tuple of a hundred ints, written out again and again."""
    key = b"(" + b"".join(b"K" + bytes([number]) for number in range(100)) + b"t"
    return b"}" + (key + b"Ns") * (size // len(key)) + b"."


def shared_pairs(levels, first):
    """A tuple of two times the same tuple of two times the same ...: 2**levels values.  Memo entries from first on."""
    out = b"K" + struct.pack("<B", first % 251) + b"\x85"
    for level in range(levels):
        out += b"\x94j" + struct.pack("<I", first + level) + b"\x86"
    return out


@adversarial
def adv_shared_pairs_keys(rng, size):
    """Keys that are small DAGs of many values, just within the limits; CPython hashes each anew, value by value."""
    made, entries = [], 0
    while size > 0:
        made.append(shared_pairs(14, entries) + b"Ns")
        entries += 14
        size -= len(made[-1])
    return b"}" + b"".join(made) + b"."


@adversarial
def adv_frozenset_keys(rng, size):
    key = b"(" + b"".join(b"K" + bytes([number]) for number in range(50)) + b"\x91"
    return b"}" + (key + b"Ns") * (size // len(key)) + b"."


@adversarial
def adv_text_ints(rng, size):
    """Number lines as long as they may be."""
    line = b"L1" + b"7" * 4299 + b"L\n"
    return collected(line, size)


@adversarial
def adv_text_floats(rng, size):
    return collected(b"F1.7976931348623157e+308\n", size)


@adversarial
def adv_text_escapes(rng, size):
    return collected(b"V" + b"\\u20ac" * 100 + b"\n", size)


# Refused, and to be refused at once: what they claim is not there.
@adversarial
def adv_claims_2gib(rng, size):
    return b"\x80\4X\xff\xff\xff\x7fabc"


@adversarial
def adv_put_2_31(rng, size):
    return b"Nr\xff\xff\xff\x7f."


@adversarial
def adv_shared_pairs_deep(rng, size):
    """One key of 2**24 values: over the limit on keys."""
    return b"}" + shared_pairs(24, 0) + b"Ns."


@adversarial
def adv_empty_frames(rng, size):
    return b"\x80\4" + b"\x95\0\0\0\0\0\0\0\0" * (size // 9) + b"N."


@adversarial
def adv_deep_lists(rng, size):
    return b"]" * (size // 2) + b"a" * (size // 2 - 1) + b"."


@adversarial
def adv_deep_tuples(rng, size):
    return b")" + b"\x85" * size + b"."


# The code of the refusal of each.
REFUSED = {"adv_claims_2gib": 201, "adv_put_2_31": 517, "adv_shared_pairs_deep": 310, "adv_empty_frames": 510,
           "adv_deep_lists": 304, "adv_deep_tuples": 304}

# Refused at a limit by default, two of them only at full size; accepted, and then slow, if at all, with the limits taken away.
UNLIMITED = {"adv_marks", "adv_shared_tuple_key", "adv_shared_pairs_keys"}


# ---- files --------------------------------------------------------------------------------------------------------

def names():
    return [*CORPORA, *(name + "_gz" for name in GZIPPED), *ADVERSARIAL]


def file_name(which):
    if which == "tiny":
        return "tiny.pickles"
    return which[:-3] + ".pickle.gz" if which.endswith("_gz") else which + ".pickle"


def generate(which, scale, seed=1):
    """The bytes of one corpus."""
    if which.endswith("_gz"):
        deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
        return deflate.compress(generate(which[:-3], scale, seed)) + deflate.flush()
    base = which.split("_p")[0] if which.startswith(("records", "twitter", "strings")) else which
    rng = random.Random("%s %s" % (base, seed))  # protocols differ, data do not
    if which in ADVERSARIAL:
        return ADVERSARIAL[which](rng, max(int(ADVERSARIAL_BYTES * scale), 64))
    return CORPORA[which](rng, scale)


def write(which, scale, seed, directory):
    """Makes the file of one corpus and returns its path."""
    path = pathlib.Path(directory) / file_name(which)
    path.write_bytes(generate(which, scale, seed))
    return path


def main():
    parser = argparse.ArgumentParser(description="Makes the corpora that speed is measured on.")
    parser.add_argument("--scale", type=float, default=DEFAULT_SCALE, help="1 is the size that is quoted (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="these alone, with commas between")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("directory", nargs="?")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(names()))
        return 0
    wanted = [which for which in arguments.only.split(",") if which] or names()
    unknown = [which for which in wanted if which not in names()]
    if unknown or not arguments.directory:
        parser.error("no such corpus: " + ", ".join(unknown) if unknown else "a directory is needed")
    os.makedirs(arguments.directory, exist_ok=True)
    for which in wanted:
        path = write(which, arguments.scale, arguments.seed, arguments.directory)
        print("%-24s %12d bytes" % (path.name, path.stat().st_size))
    return 0


if __name__ == "__main__":
    sys.exit(main())
