#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guard against slow-downs that has no noise: instructions, counted by callgrind.

    bench/instructions.py            compares with bench/instructions.txt; CTest runs it as "instructions"
    bench/instructions.py --renew    measures and writes that file (make bench-golden)

It builds spk-bench by the preset "instructions" (gcc, the flags of the default build), lets it check and
decode a small form of every corpus of make bench once, and counts what runs in the library's own functions,
inlined ones included: neither the C library nor zlib, which a point release may change, nor what the bench
itself does.  Corpora that are refused at once are left out: what they cost is a call, and tiny counts calls.

Fails when a figure is more than 2 % above the kept one (of encoding: 10 %), and by more than SLACK
instructions, which are nothing for any input.  When one is as much below, says that the figures should be
renewed.

Exit status 0 all is well, 1 slower, 77 not comparable here (CTest shows that as skipped): no valgrind, or
another kind of compiler or processor than that of the kept figures.  With SPK_NO_SKIP set a missing valgrind
fails."""
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True

import generate  # noqa: E402
import goals  # noqa: E402

BENCH = pathlib.Path(__file__).resolve().parent
TOP = BENCH.parent
KEPT = BENCH / "instructions.txt"
SPK_BENCH = TOP / "build-instructions" / "spk-bench"
WAYS = ("check", "decode")
TINY_WAYS = ("tiny-check", "tiny-decode", "tiny-check-each", "tiny-decode-each")
MORE_WAYS = ("borrow", "chunks", "encode")  # of the corpora that make bench encodes
SCALE = 0.005
TOLERANCE = 0.02
ENCODE_TOLERANCE = 0.1  # its table hashes addresses, which depend even on a path's length: 4 % were seen
SLACK = 40
SKIPPED = 77


def command(*words, **options):
    """Runs it, and ends with what it wrote if it fails."""
    run = subprocess.run(words, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if run.returncode != 0:
        print(run.stdout + "%s ended with %d" % (" ".join(map(str, words)), run.returncode))
        sys.exit(1)
    return run.stdout


def kind():
    """What the figures depend on beside the sources."""
    version = command("gcc", "-dumpversion").strip().split(".")[0]
    flags = ""
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            flags = next((line for line in file if line.startswith("flags")), "")
    return "gcc %s %s %s" % (version, platform.machine(), "avx2" if " avx2 " in flags else "plain")


def build():
    environment = {name: value for name, value in os.environ.items() if name not in ("CFLAGS", "LDFLAGS", "CC")}
    command("cmake", "--preset", "instructions", env=environment)
    command("cmake", "--build", "--preset", "instructions", "--target", "spk-bench", env=environment)


def instructions(path):
    """Those of the library in spk-bench, from a file of callgrind: costs, below their object and source file."""
    total, is_call, now, names = 0, False, {"object": "", "file": ""}, {}
    with open(path) as file:
        for line in file:
            named = re.match(r"c?(ob|f[lie])=(\(\d+\)) ?(.*)", line)
            if named:
                what = "object" if named.group(1) == "ob" else "file"
                key = what, named.group(2)
                names[key] = named.group(3) or names[key]
                if not line.startswith("c"):
                    now[what] = names[key]
            elif line.startswith("calls="):
                is_call = True
            elif re.match(r"[+*\-\d]", line):
                is_ours = now["object"].endswith("/" + SPK_BENCH.name) and not now["file"].endswith("/spk_bench.c")
                total += int(line.split()[-1]) if is_ours and not is_call else 0
                is_call = False
    return total


def ways_of(which):
    if which == "tiny":
        return TINY_WAYS
    return WAYS + MORE_WAYS if which in goals.ENCODE else WAYS


def count(options, paths, scratch):
    """For each pair of a corpus and a way: its instructions, and the opcodes that spk-bench tells.  One run of
    callgrind, which leaves a numbered file whenever the function "counted" returns."""
    pairs = [(which, way) for which in paths for way in ways_of(which)]
    out = os.path.join(scratch, "callgrind")
    words = [word for which, way in pairs for word in (way, str(paths[which]))]
    printed = command("valgrind", "--tool=callgrind", "--toggle-collect=counted", "--dump-after=counted",
                      "--callgrind-out-file=" + out, str(SPK_BENCH), *options, "count", *words)
    opcodes = [int(number) for number in re.findall(r"^opcodes (\d+)$", printed, re.M)]
    return {pair: (instructions("%s.%d" % (out, number + 1)), opcodes[number]) for number, pair in enumerate(pairs)}


def measure_all():
    """A line for each: corpus, way, instructions, how many opcodes (or, of tiny, pickles), check sum of the corpus."""
    with tempfile.TemporaryDirectory() as scratch:
        paths = {which: generate.write(which, SCALE, 1, scratch) for which in generate.names()
                 if which not in generate.REFUSED}
        sums = {which: "%08x" % zlib.crc32(path.read_bytes()) for which, path in paths.items()}
        unlimited = {which: path for which, path in paths.items() if which in generate.UNLIMITED}
        counts = count((), {which: path for which, path in paths.items() if which not in unlimited}, scratch)
        counts.update(count(("--unlimited",), unlimited, scratch))
    lines = []
    for which in paths:
        units = generate.TINY_COUNT if which == "tiny" else counts[which, "check"][1]
        lines += [(which, way, counts[which, way][0], units, sums[which]) for way in ways_of(which)]
    nothing = [line for line in lines if line[2] == 0]
    if nothing:
        print("callgrind saw nothing of the library: %s" % nothing)
        sys.exit(1)
    return lines


def renew():
    head = ["# Instructions, by bench/instructions.py (make bench-golden).  Compiler, processor; then corpus, way,",
            "# instructions, opcodes (of tiny: pickles), check sum of the corpus.", kind()]
    lines = ["%s %s %d %d %s" % line for line in measure_all()]
    KEPT.write_text("\n".join(head + lines) + "\n")
    print("\n".join(lines))
    return 0


def read_kept():
    lines = [line for line in KEPT.read_text().splitlines() if not line.startswith("#")]
    kept = {}
    for line in lines[1:]:
        which, way, total, _, check_sum = line.split()
        kept[which, way] = (int(total), check_sum)
    return lines[0], kept


def judge(way, before, now):
    """SLOWER, faster, or nothing to speak of."""
    tolerance = ENCODE_TOLERANCE if way == "encode" else TOLERANCE
    if abs(now - before) <= max(SLACK, tolerance * before):
        return ""
    return "SLOWER" if now > before else "faster"


def compare():
    """Prints every figure beside the kept one."""
    _, kept = read_kept()
    measured = measure_all()
    verdicts = set()
    if {line[:2] for line in measured} != set(kept):
        print("%s has other corpora than this: make bench-golden" % KEPT.name)
        return 1
    for which, way, total, units, check_sum in measured:
        before, sum_before = kept[which, way]
        if check_sum != sum_before:
            print("%s is another corpus than that of the kept figures: make bench-golden" % which)
            return 1
        verdict = judge(way, before, total)
        verdicts.add(verdict)
        print("%-22s %-16s %10.2f instructions each, kept %10.2f: %+5.1f %% %s" % (
            which, way, total / units, before / units, 100 * (total / before - 1), verdict))
    if "faster" in verdicts:
        print("Faster than the kept figures: renew them by make bench-golden")
    return 1 if "SLOWER" in verdicts else 0


def main():
    if not shutil.which("valgrind"):
        print("not measured: valgrind is missing (Debian: valgrind)")
        return 1 if os.environ.get("SPK_NO_SKIP") else SKIPPED
    if not shutil.which("gcc"):
        print("not measured: gcc is missing")
        return SKIPPED
    if sys.argv[1:] not in ([], ["--renew"]):
        print(__doc__)
        return 1
    if sys.argv[1:] == [] and kind() != read_kept()[0]:
        print("not compared: the kept figures are of %s, here is %s" % (read_kept()[0], kind()))
        return SKIPPED
    build()
    return renew() if sys.argv[1:] else compare()


if __name__ == "__main__":
    sys.exit(main())
