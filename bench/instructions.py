#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guard against slow-downs that has no noise: instructions an opcode, counted by callgrind.

    bench/instructions.py            compares with bench/instructions.txt; CTest runs it as "instructions"
    bench/instructions.py --renew    measures and writes that file (make bench-golden)

It builds spk-bench by the preset "instructions" (gcc, the flags of the default build), lets it check and decode small
corpora once, and counts what runs in the library's own functions, inlined ones included: neither the C library nor zlib,
which a point release may change.  Fails when a figure is more than 5 % above the kept one.  When it is more than 5 % below,
says that the figures should be renewed.

Exit status 0 all is well, 1 slower, 77 not comparable here (CTest shows that as skipped): no valgrind, or another kind of
compiler or processor than that of the kept figures.  With SPK_NO_SKIP set a missing valgrind fails."""
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

BENCH = pathlib.Path(__file__).resolve().parent
TOP = BENCH.parent
KEPT = BENCH / "instructions.txt"
SPK_BENCH = TOP / "build-instructions" / "spk-bench"
CORPORA = ("records", "canada", "strings")
MODES = ("check", "decode")
SCALE = 0.02
TOLERANCE = 0.05
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
    """Those of the functions in spk-bench itself, from a file of callgrind."""
    total, is_ours, is_call, names = 0, False, False, {}
    with open(path) as file:
        for line in file:
            if line.startswith("ob="):
                number, name = re.match(r"ob=(\(\d+\)) ?(.*)", line).groups()
                names[number] = name or names[number]
                is_ours = names[number].endswith("/" + SPK_BENCH.name)
            elif line.startswith("cob="):
                number, name = re.match(r"cob=(\(\d+\)) ?(.*)", line).groups()
                names[number] = name or names[number]
            elif line.startswith("calls="):
                is_call = True
            elif re.match(r"[+*\-\d]", line):
                if is_ours and not is_call:
                    total += int(line.split()[-1])
                is_call = False
    return total


def measure(mode, path, scratch):
    """Instructions an opcode of one corpus."""
    out = os.path.join(scratch, "callgrind.out")
    printed = command("valgrind", "--tool=callgrind", "--toggle-collect=spk_" + mode, "--callgrind-out-file=" + out,
                      str(SPK_BENCH), mode, str(path), "0")
    opcodes = int(re.search(r"^opcodes (\d+)$", printed, re.M).group(1))
    return instructions(out) / opcodes


def measure_all():
    """A line for each: corpus, mode, instructions an opcode, check sum of the corpus."""
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        for corpus in CORPORA:
            path = generate.write(corpus, SCALE, 1, scratch)
            check_sum = "%08x" % zlib.crc32(path.read_bytes())
            for mode in MODES:
                lines.append((corpus, mode, measure(mode, path, scratch), check_sum))
                if lines[-1][2] < 1:
                    print("%s %s: callgrind saw nothing of the library" % (corpus, mode))
                    sys.exit(1)
    return lines


def renew():
    head = ["# Instructions an opcode, by bench/instructions.py (make bench-golden).  Compiler, processor; then corpus,",
            "# mode, figure, check sum of the corpus.", kind()]
    lines = ["%s %s %.2f %s" % line for line in measure_all()]
    KEPT.write_text("\n".join(head + lines) + "\n")
    print("\n".join(lines))
    return 0


def read_kept():
    lines = [line for line in KEPT.read_text().splitlines() if not line.startswith("#")]
    kept = {}
    for line in lines[1:]:
        corpus, mode, figure, check_sum = line.split()
        kept[corpus, mode] = (float(figure), check_sum)
    return lines[0], kept


def compare():
    """Prints every figure beside the kept one."""
    _, kept = read_kept()
    is_slower = is_faster = False
    measured = measure_all()
    if {line[:2] for line in measured} != set(kept):
        print("%s has other corpora than this: make bench-golden" % KEPT.name)
        return 1
    for corpus, mode, figure, check_sum in measured:
        before, sum_before = kept[corpus, mode]
        if check_sum != sum_before:
            print("%s is another corpus than that of the kept figures: make bench-golden" % corpus)
            return 1
        change = figure / before - 1
        verdict = "SLOWER" if change > TOLERANCE else "faster" if change < -TOLERANCE else ""
        print("%-8s %-7s %7.2f instructions an opcode, kept %7.2f: %+.1f %% %s" % (
            corpus, mode, figure, before, 100 * change, verdict))
        is_slower |= verdict == "SLOWER"
        is_faster |= verdict == "faster"
    if is_faster:
        print("Faster than the kept figures by more than 5 %: renew them by make bench-golden")
    return 1 if is_slower else 0


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
