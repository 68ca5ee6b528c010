#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures whole processes of pickle-check: peak memory of a check from a pipe, and refusals of resource attacks after few
bytes.  Streams are made while they are sent, so that nothing large is kept.  What a sanitizer adds to memory is not judged:
under one (SPK_SANITIZE) only the verdicts are.  Measures no time: how work grows is counted by test_growth.py."""
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
failures = []
covered = 0
baseline = 0  # a child's peak begins with what this process had when it started it


class Run:
    """One check of a stream of pieces: JSON report, bytes sent, peak memory in bytes."""

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
    print("%-34s %-22s %6.1f MiB" % (name, run.report.get("name") or verdict, run.peak / MIB))
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


memory()
for failure in failures:
    print("FAILED " + failure)
print("resources: %d runs judged, %d failed" % (covered, len(failures)))
sys.exit(1 if failures or covered < 10 else 0)
