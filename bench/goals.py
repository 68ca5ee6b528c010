# SPDX-License-Identifier: MIT
"""What the decoder is to reach, as data.  bench/run.py prints each goal beside what it measured.

Ratios are to pickle.loads with the collector off, by the faster of the Pythons at hand, in the same run."""

# Corpus: check, decode with strings copied, decode with strings borrowed; at least.  None: no goal.
SPEED = {
    "records": (15, 7.5, 7.5), "records_p0": (4, 3, 3), "records_p2": (12.7, 6.4, 6.4), "records_p5": (12.7, 6.4, 6.4),
    "twitter": (17, 7, 7), "twitter_p2": (14.4, 5.9, 5.9), "canada": (18, 8, 8), "floats": (90, 10, 10),
    "ints_u8": (110, 6, 6), "ints_mixed": (8, 3.5, 3.5), "ints_pattern": (8, 3.5, 3.5), "strings": (28, 8, 13),
    "strings_p2": (23.8, 6.8, 11), "text": (20, 7, 13), "memo_heavy": (3.7, 2, 2), "dict_str": (120, 15, 15),
    "dict_int": (36, 4, 4), "dict_int_random": (36, 4, 4), "set_str": (65, 8.5, 8.5), "fset_many": (28, 9, 9),
    "tuples": (16, 6, 6), "bigints": (10, 2.5, 2.5), "small_bytes": (25, None, 5), "lists_small": (16, 6.5, 6.5),
    "big_bytes": (None, 3.5, None), "big_bytearray": (None, 3.5, None), "big_str_ascii": (12, 2.5, 12),
    "big_str_korean": (20, 6.5, 20),
}

# The same against loads with the collector on, as users have it: check, decode; at least.
SPEED_GC = {"records": (50, 26), "twitter": (40, 17), "canada": (65, 29), "memo_heavy": (15, 8), "lists_small": (60, 24),
            "records_p0": (7, 5)}

# Bytes of a document a value, strings borrowed (strings copied where the name says so); at most.
BYTES_PER_VALUE = {"records": 11, "twitter": 11, "canada": 16, "floats": 8.2, "ints_u8": 8.2, "ints_mixed": 11,
                   "strings": 9.2, "strings copied": 27, "dict_int": 9, "set_str": 9.2, "fset_many": 13, "tuples": 17,
                   "lists_small": 24}

# Growth of the resident memory by decoding, strings borrowed, to that of loads; at most.
GROWTH = {"records": 0.35, "twitter": 0.35, "canada": 0.35, "dict_str": 0.35, "dict_int": 0.35, "tuples": 0.35,
          "lists_small": 0.35, "memo_heavy": 0.35, "fset_many": 0.35, "floats": 0.25, "strings": 0.25}

# Memory of a check, in bytes: fixed, a stack slot, a memo entry, a live container in the memo; at most.
CHECK_MEMORY = (192 << 10, 16, 8, 16)

# pickle.dumps of what was loaded, to spk_encode of what was decoded, at protocol 4; at least.
ENCODE = {"records": 4, "twitter": 4, "canada": 4}

CHUNKS = 1.25              # 64 KiB a piece, to the whole buffer; at most
GUNZIP = 1.20              # check of gzipped input, to inflate alone; at most
UNZIP_AND_LOAD = {"records": 8, "twitter": 5}  # gzip.open and pickle.load, to check of gzipped input; at least
O1, O1_US = ("big_bytes", "big_bytearray"), 2  # check and borrow of what need not be looked at, microseconds; at most
TINY_NS = {"check": 65, "decode": 115}
TINY_RATIO = {"check": 9.5, "decode": 5.4}
START = 1.2                # the command from start to exit, to a main that returns 0; at most
FILES = 1.15               # 20,000 small files, to opening, reading and closing them; at most
SCANNERS = {"picklescan": {"records": 350}, "fickling": {"records": 1200}}

# Streams written to be slow: ns a byte of check and decode, bytes held by decode a byte, time of twice the input.
ADVERSARIAL = {"check_ns": 2.5, "decode_ns": 12, "memory": 32, "doubled": 2.1}
ADVERSARIAL_DECODE_NS = {"adv_colliding_ints": 10}
FIXED_NS = 20_000  # which no input need be faster than
