# SPDX-License-Identifier: MIT
"""Every open, read, write, fsync, rename and close of pickle-check goes wrong once, in every way (faults.c), until
none is left.  And a file that it writes is on the disk before it gets its name.

Whatever was interrupted or moved only a few bytes changes nothing.  What failed gives a clear message and exit status 2, and
never a verdict on what was not read wholly, an output that lacks something behind exit status 0 or 1, or a signal.
To have another command line walked, add a row to ROWS."""
import gzip
import os
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from harness import HANG_SECONDS, HAS_ZLIB, TESTS, compiler, fail, program  # noqa: E402

KINDS = ["EIO", "EINTR", "1", "2", "3", "4", "5", "6", "7"]
KINDS_OF_MUCH = ["EIO", "EINTR", "END", "5000"]  # where single bytes would take all day
FAILURES = ["EIO", "EINTR", "END"]
SKIPPED = 77
MIN_POINTS = 300

GOOD = pickle.dumps({"name": "John", "age": 30}, 4)
EVIL = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."
FILES = {"good": GOOD, "evil": EVIL, "large": pickle.dumps([bytes(70000)] * 3, 4),
         "huge": pickle.dumps(bytes(range(256)) * 7000, 4), "list": b"good\0evil\0good",
         "good.gz": gzip.compress(GOOD, mtime=0), "evil.gz": gzip.compress(EVIL, mtime=0),
         "packed.gz": gzip.compress(pickle.dumps(list(range(3000)), 4), mtime=0)}


class Row:
    """A command line, what stands in standard input (a name in FILES), the files that it writes, what goes wrong."""

    def __init__(self, *arguments, stdin=None, writes=(), kinds=KINDS):
        self.arguments, self.stdin, self.writes, self.kinds = arguments, stdin, writes, kinds


ROWS = [
    Row("good"), Row("evil"), Row("-q", "good"), Row("-q", "evil"), Row("--json", "good"),
    Row("--json", "good", "evil", "large"), Row("good", "evil", "good"),
    Row("good.gz"), Row("--json", "evil.gz", "packed.gz"),
    Row("-", stdin="good"), Row("-", stdin="evil"), Row("--json", "-", stdin="packed.gz"), Row("-", stdin="large"),
    Row("--files0-from=list"), Row("--json", "--files0-from=list"), Row("--files0-from=-", stdin="list"),
    Row("--pass", "good"), Row("--pass", "evil"), Row("--pass", "large"), Row("--pass", "-", stdin="large"),
    Row("--pass", "-", stdin="packed.gz"), Row("--to-json", "large"), Row("--to-json=plain", "packed.gz"),
    Row("--to-pickle", "large"), Row("--to-gzip", "good"), Row("--to-json", "evil"),
    Row("--pass", "-o", "out", "good", writes=["out"]), Row("--pass", "-o", "out", "-", stdin="large", writes=["out"]),
    Row("--pass", "-o", "out", "evil", writes=["out"]), Row("--to-json", "-o", "out", "large", writes=["out"]),
    Row("--to-pickle=5", "-o", "out", "packed.gz", writes=["out"]), Row("--to-gzip", "-o", "out", "large", writes=["out"]),
    Row("--pass", "huge", kinds=KINDS_OF_MUCH),
    Row("--pass", "-o", "out", "huge", writes=["out"], kinds=KINDS_OF_MUCH),
    Row("--version"), Row("--help"), Row("--print-limits"), Row("none"),
]


class Outcome:
    """What a run left behind: exit status, both outputs, the files that it was to write (None: not there), and others."""

    def __init__(self, row, environment):
        with open(row.stdin or os.devnull, "rb") as source:
            run = subprocess.run([program("SPK_CHECK"), *row.arguments], stdin=source, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=environment, timeout=HANG_SECONDS)
        self.status, self.err = run.returncode, run.stderr
        # How much was read before a refusal depends on how much came at once.
        self.out = re.sub(rb'("verdict":"rejected".*"bytes":)\d+', rb"\1...", run.stdout)
        self.files = []
        for name in row.writes:
            path = pathlib.Path(name)
            self.files.append(path.read_bytes() if path.exists() else None)
            if path.exists():
                path.unlink()
        self.others = sorted(set(os.listdir()) - set(FILES) - {"faults.so", "seen"})
        for name in self.others:
            os.unlink(name)

    def __eq__(self, other):
        return vars(self) == vars(other)

    def __repr__(self):
        return "status %d, out %r, err %r, files %r" % (self.status, self.out[-300:], self.err[-300:], self.files)


MAY_FAIL = ["close", "open a file without a name"]  # the second is tried again with one


def wrong(kind, call, found, normal):
    """Why this outcome must not be, or ""."""
    must_fail = kind == "EIO" and call not in MAY_FAIL or kind == "END" and call == "pread"
    if found == normal:
        return "a failing %s is passed over" % call if must_fail else ""
    if found.status < 0:
        return "a signal"
    is_harmless = kind not in FAILURES or (kind == "EINTR" and call in ("open", "read", "pread"))  # streams give up
    if is_harmless:
        return "another outcome"
    if found.status != 2:
        return "not exit status 2"
    if not re.search(rb"^pickle-check: [^\n]+: (Input/output error|Interrupted system call)$", found.err, re.M):
        return "no clear message"
    if found.others:
        return "%s is left behind" % found.others
    if any(content not in (None, whole) for content, whole in zip(found.files, normal.files)):
        return "a file is left half-written"
    return ""


def misordered(calls):
    """Why a file with these calls may have its name before it is whole, or ""."""
    text = " ".join(calls)
    if not re.search(r"\bwrite\b.*\bfsync\b.*\brenameat\b", text):
        return "not written, brought to the disk and renamed in this order"
    if re.search(r"\bfsync\b.*\bwrite\b.*\brenameat\b", text):
        return "written after it was brought to the disk"
    return ""


def walk(row, kind, shim, failures):
    """All calls of a command line; returns how many there were."""
    plain = dict(os.environ, LD_PRELOAD=shim, FAULT_SEEN=os.path.abspath("seen"), FAULT_KIND=kind)
    normal, points = Outcome(row, dict(plain, FAULT_AT="-1", FAULT_KIND="EIO")), 0
    closes_told, calls = 0, []
    while True:
        found = Outcome(row, dict(plain, FAULT_AT=str(points)))
        if not os.path.exists("seen"):
            if found != normal:
                failures.append("%s: another outcome without a fault: %r" % (row.arguments, found))
            if kind == "EIO" and normal.files.count(None) < len(row.writes) and closes_told == 0:
                failures.append("%s: a failing close of the output is passed over" % (row.arguments,))
            reason = misordered(calls) if None not in normal.files and row.writes else ""
            if reason:
                failures.append("%s: %s: %s" % (" ".join(row.arguments), reason, " ".join(calls)))
            return points
        call = pathlib.Path("seen").read_text(encoding="ascii")
        os.unlink("seen")
        calls.append(call)
        closes_told += call == "close" and found.status == 2
        reason = wrong(kind, call, found, normal)
        if reason:
            failures.append("%s: %s of call %d, %s: %s\n    %r\n    normal: %r"
                            % (" ".join(row.arguments), kind, points, call, reason, found, normal))
        points += 1


def main():
    if b"__asan_init" in pathlib.Path(program("SPK_CHECK")).read_bytes():
        print("skipped: the runtime of a sanitizer must be loaded first")
        return SKIPPED
    failures, points = [], 0
    with tempfile.TemporaryDirectory(prefix="safepickle-") as directory:
        shim = os.path.join(directory, "faults.so")
        subprocess.run([*compiler(), "-std=gnu11", "-Wall", "-Wextra", "-shared", "-fPIC", str(TESTS / "programs" / "faults.c"), "-o",
                        shim, "-ldl"], check=True)
        os.chdir(directory)
        for name, data in FILES.items():
            pathlib.Path(name).write_bytes(data)
        for row in ROWS:
            for kind in row.kinds:
                count = walk(row, kind, shim, failures)
                points += count
                if count == 0:
                    fail("%s: no call could be caught" % " ".join(row.arguments))
        os.chdir("/")
    for text in failures[:10]:
        print("FAILED: " + text)
    print("faults: %d command lines%s, %d points, %d failures"
          % (len(ROWS), "" if HAS_ZLIB else " (without zlib)", points, len(failures)))
    return 1 if failures or points < MIN_POINTS else 0


if __name__ == "__main__":
    sys.exit(main())
