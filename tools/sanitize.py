#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds and runs the tests under the tools that watch a program from inside, one preset of CMakePresets.json each:

    tools/sanitize.py [asan-ubsan] [ubsan] [msan] [tsan] [valgrind]        all, if none is named

asan-ubsan runs all tests; the others, which Criterion and Python do not go with, the plain front end of the checks and the
replay of corpus/.  Ends with a table of what each covered.  Exit status: 0 all are clean; 1 one is not, or covered nothing;
2 a tool is missing."""
import os
import re
import shutil
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NEEDS = {"asan-ubsan": [], "ubsan": ["clang-19"], "msan": ["clang-19"], "tsan": ["clang-19"], "valgrind": ["valgrind"]}


class Run:
    """One preset: its result, and how many tests, checks and inputs its log speaks of."""

    def __init__(self, name, jobs):
        self.name, self.started = name, time.time()
        steps = [["cmake", "--preset", name], ["cmake", "--build", "--preset", name, "--parallel", jobs],
                 ["ctest", "--preset", name, "--parallel", jobs]]
        self.failed = None
        for step in steps:
            print("$ " + " ".join(step), flush=True)
            if subprocess.run(step, cwd=TOP).returncode != 0:
                self.failed = "FAILED: " + step[0]
                break
        self.read_log()
        self.result = self.failed or ("clean" if self.tests and self.checks and self.inputs else "FAILED: covers nothing")
        self.seconds = time.time() - self.started

    def read_log(self):
        path = os.path.join(TOP, "build-" + self.name, "Testing", "Temporary", "LastTest.log")
        text = ""
        if os.path.exists(path) and os.path.getmtime(path) >= self.started:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        self.tests = len(re.findall(r"^Test Passed\.$", text, re.M))
        self.checks = sum(map(int, re.findall(r"^(\d+) checks passed", text, re.M)))
        counts = re.findall(r"assertions about (\d+) inputs|: replayed (\d+) inputs", text)
        self.inputs = sum(int(checked or replayed) for checked, replayed in counts)


def main(names):
    unknown = [name for name in names if name not in NEEDS]
    if unknown:
        sys.stderr.write("no such sanitizer: %s\n%s\n" % (" ".join(unknown), __doc__))
        return 2
    names = names or list(NEEDS)
    missing = sorted({tool for name in names for tool in NEEDS[name] if not shutil.which(tool)})
    if missing:
        sys.stderr.write("missing: %s; ./bootstrap.sh sanitize installs what is needed\n" % " ".join(missing))
        return 2
    runs = [Run(name, str(os.cpu_count() or 1)) for name in names]
    print("\n%-12s %6s %7s %12s %8s  %s" % ("sanitizer", "tests", "checks", "inputs", "seconds", "result"))
    for run in runs:
        print("%-12s %6d %7d %12d %8d  %s" % (run.name, run.tests, run.checks, run.inputs, run.seconds, run.result))
    return 1 if any(run.result != "clean" for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
