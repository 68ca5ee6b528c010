#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same verdicts everywhere: builds without all that exists for speed alone (portable), for 32 bits (i686) and for a
big-endian processor (s390x), both under qemu, since not every kernel runs 32 bits itself, runs the checks and the replay of
corpus/ there, and asks that dump prints of every case and every file of corpus/, accepted or refused, the very line that the
usual build prints.

    tests/platforms.py [portable] [i686] [s390x]        all, if none is named

Exit status: 0 all the same; 1 a difference or a failure; 2 a tool is missing."""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
JOBS = str(os.cpu_count() or 1)
NEEDS = {"portable": [], "i686": ["i686-linux-gnu-gcc", "qemu-i386-static"], "s390x": ["s390x-linux-gnu-gcc", "qemu-s390x-static"]}
WAYS = ([], ["--borrow"], ["--chunk=1"], ["--chunk=7"])


def run(*command):
    print("$ " + " ".join(command), flush=True)
    return subprocess.run(command, cwd=TOP).returncode == 0


def inputs():
    """Lists of streams, each behind the options to read it with."""
    lines = (TOP / "tests" / "data" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [bytes.fromhex(json.loads(line)["hex"]) for line in lines]
    files = [path for part in ("accept", "refuse") for path in sorted((TOP / "corpus" / part).rglob("*.pickle*"))]
    streams = [path.read_bytes() for path in files]
    return [([], cases + streams), (["--allow-cycles"], cases + streams), (["--encoding=latin1"], streams)]


def emulator(name):
    """As the preset has it."""
    cache = (TOP / ("build-" + name) / "CMakeCache.txt").read_text(encoding="utf-8")
    found = re.search(r"^CMAKE_CROSSCOMPILING_EMULATOR:\w+=(.+)$", cache, re.M)
    return found[1].split(";") if found else []


def dump(command, options, streams):
    records = b"".join(struct.pack("<I", len(stream)) + stream for stream in streams)
    result = subprocess.run([*command, *options, "--cases"], input=records, stdout=subprocess.PIPE)
    lines = result.stdout.decode().split("\n")[:-1]
    if result.returncode not in (0, 1) or len(lines) != len(streams):
        sys.exit("%s ended with %d after %d of %d streams" % (command, result.returncode, len(lines), len(streams)))
    return lines


def compare(name, groups):
    here, there = [str(TOP / "build/tests/dump")], [*emulator(name), str(TOP / ("build-%s/tests/dump" % name))]
    compared = accepted = differences = 0
    for options, streams in groups:
        golden = dump(here, options, streams)
        for way in WAYS:
            for stream, line, other in zip(streams, golden, dump(there, options + way, streams)):
                compared += 1
                accepted += not line.startswith(("refused ", "trouble "))
                if line != other and not (line.startswith("refused ") and " limit-alloc " in line + other):
                    differences += 1
                    print("%s %s: %s: %s here, %s there" % (name, options + way, stream[:60].hex(), line[:200], other[:200]))
    print("%s: %d lines compared, %d of them values, %d differences" % (name, compared, accepted, differences), flush=True)
    return differences == 0 and 0 < accepted < compared


def main(names):
    unknown = [name for name in names if name not in NEEDS]
    if unknown:
        sys.stderr.write("no such platform: %s\n%s\n" % (" ".join(unknown), __doc__))
        return 2
    names = names or list(NEEDS)
    missing = sorted({tool for name in names for tool in NEEDS[name] if not shutil.which(tool)})
    if missing:
        sys.stderr.write("missing: %s; ./bootstrap.sh platforms installs what is needed\n" % " ".join(missing))
        return 2
    if not run("cmake", "--preset", "release", "-DSPK_BUILD_TESTS=ON", "-DSPK_CRITERION=OFF") \
            or not run("cmake", "--build", "build", "--parallel", JOBS, "--target", "dump"):
        return 1
    groups = inputs()
    good = True
    for name in names:
        good = run("cmake", "--preset", name) and run("cmake", "--build", "--preset", name, "--parallel", JOBS) \
            and run("ctest", "--preset", name, "--parallel", JOBS) and compare(name, groups) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
