#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same verdicts everywhere: builds without all that exists for speed alone (portable), for 32 bits (i686) and for a
big-endian processor (s390x), both under qemu, since not every kernel runs 32 bits itself, and with another C library
(musl), runs the checks and the replay of corpus/ there, and asks that dump prints of every case and every file of
corpus/, accepted or refused, the very line that the usual build prints.  Of musl it installs what was built, links a
program with it, and has a command without zlib judge the samples.  For Windows (mingw) it builds the library, without a
warning, and links a program with what is installed, which nothing here can run.

    tools/platforms.py [portable] [i686] [s390x] [musl] [mingw]        all, if none is named

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
NEEDS = {"portable": [], "i686": ["i686-linux-gnu-gcc", "qemu-i386-static"],
         "s390x": ["s390x-linux-gnu-gcc", "qemu-s390x-static"], "musl": ["musl-gcc", "nm"],
         "mingw": ["x86_64-w64-mingw32-gcc"]}
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
                    print("%s %s: %s: %s here, %s there"
                          % (name, options + way, stream[:60].hex(), line[:200], other[:200]))
    print("%s: %d lines compared, %d of them values, %d differences" % (name, compared, accepted, differences),
          flush=True)
    return differences == 0 and 0 < accepted < compared


def links(name, compiler, program):
    """Installs a build, and links a program with what is there: with the static library alone, for zlib is in it."""
    prefix = TOP / ("build-" + name) / "installed"
    shutil.rmtree(prefix, ignore_errors=True)
    return run("cmake", "--install", "build-" + name) and run(
        compiler, "-static", "-Wall", "-Werror", "-I", str(prefix / "include"), "tests/install/consumer.c",
        str(prefix / "lib" / "libsafepickle.a"), "-o", str(prefix / program))


def says(command, *arguments):
    """What it prints, and how it ends."""
    print("$ " + " ".join([command, *arguments]), flush=True)
    result = subprocess.run([command, *arguments], cwd=TOP, stdout=subprocess.PIPE)
    return result.stdout.decode(), result.returncode


def judges_samples():
    """A static program without zlib: plain data accepted, what is gzipped named, code refused."""
    if not run("cmake", "--preset", "musl-no-zlib") or not run(
            "cmake", "--build", "--preset", "musl-no-zlib", "--parallel", JOBS):
        return False
    good = True
    for sample, status, words in (("data.pickle", 0, ": accepted (protocol 4, "), ("data.pickle.gz", 1, "SP409 "),
                                  ("evil.pickle", 1, "would import posix.system")):
        found = says("build-musl-no-zlib/pickle-check", "corpus/samples/" + sample)
        if found[1] != status or words not in found[0]:
            print("musl without zlib: %s: %s" % (sample, found))
            good = False
    return good


def try_windows():
    """What is installed there is for this processor, and holds what a program needs beside the C runtime."""
    return run("cmake", "--preset", "mingw") and run("cmake", "--build", "--preset", "mingw", "--parallel", JOBS) and \
        links("mingw", "x86_64-w64-mingw32-gcc", "consumer.exe")


def try_musl():
    """zlib is in the library, and no name of it is seen from outside."""
    if not links("musl", "musl-gcc", "consumer"):
        return False
    names = says("nm", "-g", "--defined-only", "build-musl/installed/lib/libsafepickle.a")[0].split()
    if "spk_check" not in names or "inflate" in names:
        print("musl: the static library defines %s" % names)
        return False
    found = says("build-musl/installed/consumer")
    if found[1] != 0 or ": age 30\n" not in found[0]:
        print("musl: the program says %s" % (found,))
        return False
    return judges_samples()


def try_platform(name, groups):
    if name == "mingw":
        return try_windows()
    return run("cmake", "--preset", name) and run("cmake", "--build", "--preset", name, "--parallel", JOBS) \
        and run("ctest", "--preset", name, "--parallel", JOBS) and compare(name, groups) \
        and (name != "musl" or try_musl())


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
    failed = [name for name in names if not try_platform(name, groups)]
    print("platforms: %s" % ("; ".join("%s: %s" % (name, "FAILED" if name in failed else "good") for name in names)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
