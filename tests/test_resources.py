#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures whole processes of pickle-check: peak memory of a check from a pipe, quick refusals of resource attacks, and
time that grows with the input and not faster.  Streams are made while they are sent, so that nothing large is kept.  What a
sanitizer adds to memory and time is not judged: under one (SPK_SANITIZE) only the verdicts are."""
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tempfile

CHECK = os.environ["SPK_CHECK"]
SANITIZED = bool(os.environ.get("SPK_SANITIZE"))
SCALE = 50 if SANITIZED else 1
MIB = 1 << 20
ATTEMPTS = 8
failures = []
covered = 0
baseline = 0  # a child's peak begins with what this process had when it started it


class Run:
    """One check of a stream of pieces: JSON report, peak memory in bytes, processor seconds."""

    def __init__(self, pieces, *options):
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen([CHECK, "--json", *options, "-"], stdin=subprocess.PIPE, stdout=out)
            self.sent = 0
            try:
                for piece in pieces:
                    process.stdin.write(piece)
                    self.sent += len(piece)
                process.stdin.close()
            except BrokenPipeError:
                pass
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status) if hasattr(os, "waitstatus_to_exitcode") else status >> 8
            try:
                process.stdin.close()
            except BrokenPipeError:
                pass
            out.seek(0)
            self.report = json.loads(out.readline() or b"{}")
        self.peak = usage.ru_maxrss * 1024
        self.seconds = usage.ru_utime + usage.ru_stime


def judge(name, run, verdict, memory, reason=None, sent=None):
    global covered
    covered += 1
    wrong = []
    if run.report.get("verdict") != verdict or (reason and run.report.get("name") != reason):
        wrong.append("says %s %s" % (run.report.get("verdict"), run.report.get("name")))
    if not SANITIZED and run.peak > max(memory, baseline + 2 * MIB):
        wrong.append("holds %.1f MiB, at most %.1f expected" % (run.peak / MIB, memory / MIB))
    if sent is not None and run.sent > sent:
        wrong.append("took %d bytes before it refused" % run.sent)
    print("%-34s %-22s %6.1f MiB %6.2f s" % (name, run.report.get("name") or verdict, run.peak / MIB, run.seconds))
    if wrong:
        failures.append("%s: %s" % (name, "; ".join(wrong)))


def repeat(piece, count, size=1 << 16):
    """count times the piece, in larger pieces."""
    whole = max(1, size // len(piece))
    for _ in range(count // whole):
        yield piece * whole
    yield piece * (count % whole)


def chain(*parts):
    for part in parts:
        if isinstance(part, bytes):
            yield part
        else:
            yield from part


def u64(number):
    return struct.pack("<Q", number)


def small_values(count):
    batch = b"(" + b"K\x01M\x00\x02J\xff\xff\xff\x7fG\x3f\xf8\0\0\0\0\0\0N\x88" * 166 + b"NNNN" + b"e"
    return chain(b"\x80\x04]\x94", repeat(batch, count // 1000), b".")


def laughs(levels, finish):
    """A tuple of two of a tuple of two ...: 2 ** levels values in 4 bytes each."""
    return [b"\x80\x04)\x94" + b"".join(b"h\0h\0\x86\x94" if i == 0 else b"h%ch%c\x86\x94" % (i, i)
                                        for i in range(levels)) + finish]


def memory():
    global baseline
    baseline = Run([b"N."]).peak
    gib = (1 << 30) // SCALE
    judge("1 GiB in one bytes object", Run(chain(b"\x80\x04\x8e" + u64(gib), repeat(b"\0" * 65536, gib // 65536),
          b"\0" * (gib % 65536), b".")), "accepted", 16 * MIB)
    judge("20 million small values", Run(small_values(20000000 // SCALE)), "accepted", 16 * MIB)
    judge("length of 2^62", Run([b"\x80\x04\x8e" + u64(1 << 62), b"x" * 100]), "rejected", 24 * MIB, "truncated")
    judge("length of 2^62, no limit", Run([b"\x80\x04\x8e" + u64(1 << 62), b"x" * 100], "--max-unpacked=unlimited",
          "--max-input=unlimited"), "rejected", 24 * MIB, "truncated")
    judge("length of 2^63", Run([b"\x80\x04\x8e" + u64(1 << 63)]), "rejected", 24 * MIB, "bad-length")
    judge("PUT index of 2^31", Run([b"\x80\x02Nr" + struct.pack("<I", 1 << 31) + b"."]), "rejected", 24 * MIB, "memo-index")
    judge("10 million MARKs", Run(repeat(b"(", 10000000)), "rejected", 24 * MIB, "limit-depth", 3 * MIB)
    judge("billion laughs, as value", Run(laughs(60, b".")), "rejected", 24 * MIB, "limit-expansion")
    judge("billion laughs, as key", Run(laughs(20, b"}h\x14Ns0.")), "rejected", 24 * MIB, "limit-key-expansion")
    nested = 10000000 // SCALE
    judge("10 million nested lists", Run(chain(repeat(b"]", nested), repeat(b"a", nested - 1), b".")), "rejected",
          64 * nested + 16 * MIB, "limit-depth")
    if os.environ.get("SPK_ZLIB", "1") == "1":
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
            file.write(b"\x80\x04\x8e" + u64((1 << 32) - 100))
            for piece in repeat(b"\0" * 65536, 3000):
                file.write(piece)
        judge("gzip bomb", Run([packed.getvalue()]), "rejected", 24 * MIB, "limit-ratio")


def families(n):
    """The adversarial streams, about n bytes each, all plain enough to be read to their end or to a limit."""
    count = n // 4
    yield "empty containers", chain(b"]", repeat(b"(}}}}e", n // 6), b".")
    yield "NONE and MEMOIZE", chain(b"](", repeat(b"N\x94", n // 2), b"e.")
    yield "GET", chain(b"]\x94(", repeat(b"h\0", n // 2), b"1.")
    yield "one APPEND an item", chain(b"]", repeat(b"Na", n // 2), b".")
    yield "SETITEM of one key", chain(b"}", repeat(b"K\1Ns", count), b".")
    yield "TUPLE", chain(b"](", repeat(b"N\x85", n // 2), b"e.")
    yield "POP", chain(b"N", repeat(b"N0", n // 2), b".")
    yield "MARK and POP", chain(b"N", repeat(b"(0", n // 2), b".")
    yield "POP_MARK", chain(b"N", repeat(b"(NN1", count), b".")
    yield "empty batches", chain(b"]", repeat(b"(e", n // 2), b".")
    yield "tiny frames", chain(b"\x80\x04N", repeat(b"\x95" + u64(2) + b"N0", n // 11), b".")
    yield "number lines", chain(b"](", repeat(b"I12345\n", n // 7), b"e.")
    yield "text lines", chain(b"](", repeat(b"V\\u1234abc\n", n // 11), b"e.")
    yield "a line without an end", chain(b"V", repeat(b"a", n))
    yield "floats as text", chain(b"](", repeat(b"F1.2345678901234567e-100\n", n // 25), b"e.")
    yield "large ints as text", chain(b"](", repeat(b"L" + b"9" * 4300 + b"L\n", n // 4303), b"e.")
    yield "a long key, again and again", chain(b"\x80\x04X" + struct.pack("<I", n // 2), repeat(b"k", n // 2),
                                               b"\x940](", repeat(b"}h\0Ns", n // 10), b"e.")
    yield "one tuple as key again", chain(b"\x80\x04(" + b"K\1" * 500 + b"t\x940](", repeat(b"}h\0Ns", n // 5), b"e.")


def is_slow(few, many):
    """Four times the input may take five times as long; less than 30 ms are noise."""
    return not SANITIZED and many.seconds > 5 * few.seconds + 0.03


def linear():
    """What else the machine does slows runs down, and both of a pair alike if it goes on; so what is slow is tried again, and
    counts if it is slow every time."""
    small, large = (MIB, 4 * MIB) if SANITIZED else (4 * MIB, 16 * MIB)
    options = ("--max-memo=unlimited", "--max-expansion=unlimited")
    global covered
    for (name, small_pieces), (_, large_pieces) in zip(families(small), families(large)):
        small_pieces, large_pieces = list(small_pieces), list(large_pieces)
        for _ in range(ATTEMPTS):
            few, many = Run(small_pieces, *options), Run(large_pieces, *options)
            if not is_slow(few, many):
                break
        covered += 1
        verdicts = {few.report.get("verdict"), many.report.get("verdict")}
        expected = {"rejected"} if name == "a line without an end" else {"accepted"}
        per_byte = many.seconds / large * 1e9
        print("%-34s %6.2f s %6.2f s   %5.2f ns a byte" % (name, few.seconds, many.seconds, per_byte))
        if verdicts != expected:
            failures.append("%s: %s" % (name, many.report))
        if is_slow(few, many):
            failures.append("%s: %.3f s became %.3f s" % (name, few.seconds, many.seconds))


memory()
linear()
for failure in failures:
    print("FAILED " + failure)
print("resources: %d runs judged, %d failed" % (covered, len(failures)))
sys.exit(1 if failures or covered < 25 else 0)
