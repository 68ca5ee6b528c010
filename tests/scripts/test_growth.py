# SPDX-License-Identifier: MIT
"""The work of check, decode and visit grows as the input does and no faster, and stays below a fixed amount a byte: for
streams written to be slow, by counting (count_work.c), without a clock.  Measures no time and no memory."""
import os
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import HANG_SECONDS, fail, program, records  # noqa: E402

SMALL, TIMES = 1 << 16, 8
MAX_GROWTH = 3  # of the work a byte: an array that has just grown was copied; what is quadratic costs TIMES as much
MAX_A_BYTE = 100  # three times the worst here
MAX_AT_ALL = 50000  # what every decoder costs
STEPS = {"that hash alike in CPython": (1 << 61) - 1, "32 bits apart": 1 << 32, "48 bits apart": 1 << 48,
         "64 apart": 64}
NAN = b"G\x7f\xf8\0\0\0\0\0\0"


def u64(number):
    return struct.pack("<Q", number)


def string(text):
    return b"X" + struct.pack("<I", len(text)) + text


def plain_families(n):
    """About n bytes each, all plain enough to be read to their end or to a limit."""
    yield "empty containers", b"]" + b"(}}}}e" * (n // 6) + b"."
    yield "NONE and MEMOIZE", b"](" + b"N\x94" * (n // 2) + b"e."
    yield "GET", b"]\x94(" + b"h\0" * (n // 2) + b"1."
    yield "one APPEND an item", b"]" + b"Na" * (n // 2) + b"."
    yield "SETITEM of one key", b"}" + b"K\1Ns" * (n // 4) + b"."
    yield "TUPLE", b"](" + b"N\x85" * (n // 2) + b"e."
    yield "POP", b"N" + b"N0" * (n // 2) + b"."
    yield "MARK and POP", b"N" + b"(0" * (n // 2) + b"."
    yield "POP_MARK", b"N" + b"(NN1" * (n // 4) + b"."
    yield "empty batches", b"]" + b"(e" * (n // 2) + b"."
    yield "tiny frames", b"\x80\x04N" + (b"\x95" + u64(2) + b"N0") * (n // 11) + b"."
    yield "number lines", b"](" + b"I12345\n" * (n // 7) + b"e."
    yield "text lines", b"](" + b"V\\u1234abc\n" * (n // 11) + b"e."
    yield "a line without an end", b"V" + b"a" * n
    yield "floats as text", b"](" + b"F1.2345678901234567e-100\n" * (n // 25) + b"e."
    yield "large ints as text", b"](" + (b"L" + b"9" * 4300 + b"L\n") * (n // 4303) + b"e."


def key_families(n):
    key = string(b"k" * (n // 2)) + b"\x940"
    laughs = b")\x940" + b"".join(b"h%ch%c\x86\x940" % (i, i) for i in range(14))  # the largest key that may be
    yield "a long key, again and again", b"\x80\x04" + key + b"](" + b"}h\0Ns" * (n // 10) + b"e."
    yield "the same in one dict", b"\x80\x04" + key + b"}(" + b"h\0N" * (n // 6) + b"u."
    yield "the same in tuples", b"\x80\x04" + key + b"}(" + b"h\0h\0\x86N" * (n // 12) + b"u."
    yield "one tuple as key again", b"\x80\x04(" + b"K\1" * 500 + b"t\x940](" + b"}h\0Ns" * (n // 5) + b"e."
    yield "a tuple of 32,767 as key again", b"\x80\x04" + laughs + b"}(" + b"h\x0eN" * (n // 3) + b"u."
    for name, step in STEPS.items():
        numbers = [step * i for i in range(n // 13)]
        yield "ints " + name, b"\x80\x04}(" + b"".join(long_int(number) + b"N" for number in numbers) + b"u."
    tuples = b"".join(long_int(((1 << 61) - 1) * i) + b"\x85N" for i in range(n // 14))
    yield "the first of them in tuples", b"\x80\x04}(" + tuples + b"u."
    for name, item in (("NaNs", NAN), ("NaNs in tuples", NAN + b"\x85"),
                       ("NaNs in tuples of tuples", NAN + b"\x85\x85"), ("NaNs in frozensets", b"(" + NAN + b"\x91")):
        yield name, b"\x80\x04}(" + (item + b"N") * (n // (len(item) + 1)) + b"u."


def long_int(number):
    data = number.to_bytes(number.bit_length() // 8 + 1, "little")
    return b"\x8a%c" % len(data) + data


def families(n):
    yield from plain_families(n)
    yield from key_families(n)


def count(streams):
    """For each stream the code of its refusal, and the work of check, decode and visit."""
    run = subprocess.run([program("SPK_COUNT_WORK")], input=records(streams), stdout=subprocess.PIPE, check=True,
                         timeout=HANG_SECONDS)
    lines = [[int(number) for number in line.split()] for line in run.stdout.splitlines()]
    if len(lines) != len(streams):
        fail("%d lines for %d streams" % (len(lines), len(streams)))
    return lines


def complaints(name, small, large, few, many):
    if few[0] != many[0] or (few[0] != 0) != (name == "a line without an end"):
        yield "SP%d, and SP%d for more of it" % (few[0], many[0])
    for way, before, after in zip(("check", "decode", "visit"), few[1:], many[1:]):
        times = len(large) / len(small)
        if after > MAX_GROWTH * times * before + MAX_AT_ALL:
            yield "%s: %d becomes %d for %.1f times the input" % (way, before, after, times)
        if after > MAX_A_BYTE * len(large) + MAX_AT_ALL:
            yield "%s: %d for %d bytes" % (way, after, len(large))


def main():
    if not os.environ.get("SPK_COUNT_WORK"):
        print("growth: this compiler has no -fsanitize-coverage=trace-pc")
        return 77
    names, small = zip(*families(SMALL))
    large = [stream for _, stream in families(TIMES * SMALL)]
    failures = []
    for name, *streams, few, many in zip(names, small, large, count(small), count(large)):
        print("%-32s %s" % (name, "  ".join("%6.1f -> %6.1f" % (before / len(streams[0]), after / len(streams[1]))
                                            for before, after in zip(few[1:], many[1:]))))
        failures += ["%s: %s" % (name, complaint) for complaint in complaints(name, *streams, few, many)]
    for failure in failures:
        print("FAILED " + failure)
    print("growth: %d families, %d failures; the columns are the work of check, decode and visit a byte"
          % (len(names), len(failures)))
    return 1 if failures or len(names) < 25 else 0


if __name__ == "__main__":
    sys.exit(main())
