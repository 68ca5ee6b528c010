#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How much of the library the plain front end of the checks reaches: lines, branches, and conditions that decide alone
(MC/DC), by clang's own measurement.

    tools/coverage.py        a table, and the branches that were never taken

Works in build-coverage.  Exit status: 0 measured; 1 a check failed or nothing was measured; 2 a tool is missing."""
import json
import os
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, "build-coverage")
CHECKS = os.path.join(BUILD, "tests", "checks-plain")
TOOLS = ["clang-19", "llvm-profdata-19", "llvm-cov-19"]
MEASURES = ["lines", "branches", "mcdc"]


def run(*command, **more):
    return subprocess.run(command, cwd=TOP, check=True, **more)


def percent(measure):
    return "%d/%d %.1f %%" % (measure["covered"], measure["count"], measure["percent"]) if measure["count"] else "-"


def library_only(data):
    return [file for file in data["files"] if os.path.relpath(file["filename"], TOP).startswith("src" + os.sep)]


def never_taken(file):
    """(line, column, which way) of branches; macros and headers that are compiled twice count once."""
    for line, column, _, _, true_count, false_count, *_ in file["branches"]:
        if true_count == 0:
            yield line, column, "never true"
        if false_count == 0:
            yield line, column, "never false"


def main():
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        sys.stderr.write("missing: %s; ./bootstrap.sh coverage installs them\n" % " ".join(missing))
        return 2
    profile, merged = os.path.join(BUILD, "checks.profraw"), os.path.join(BUILD, "checks.profdata")
    run("cmake", "--preset", "coverage")
    run("cmake", "--build", "--preset", "coverage", "--parallel", str(os.cpu_count() or 1), "--target", "checks-plain")
    run(CHECKS, env=dict(os.environ, LLVM_PROFILE_FILE=profile))
    run("llvm-profdata-19", "merge", "-sparse", profile, "-o", merged)
    output = run("llvm-cov-19", "export", "--instr-profile=" + merged, CHECKS, stdout=subprocess.PIPE).stdout
    files = library_only(json.loads(output)["data"][0])
    total = {measure: {"covered": 0, "count": 0} for measure in MEASURES}
    rows = []
    for file in files:
        summary = file["summary"]
        for measure in MEASURES:
            for key in total[measure]:
                total[measure][key] += summary[measure][key]
        rows.append([os.path.relpath(file["filename"], TOP)] + [percent(summary[measure]) for measure in MEASURES])
    if not files or not all(total[measure]["covered"] for measure in MEASURES):
        sys.stderr.write("nothing was measured\n")
        return 1
    for measure in MEASURES:
        total[measure]["percent"] = 100.0 * total[measure]["covered"] / total[measure]["count"]
    rows = [["file"] + MEASURES] + rows + [["total of %d files" % len(files)] + [percent(total[m]) for m in MEASURES]]
    for row in rows:
        print("%-24s %20s %20s %20s" % tuple(row))
    for file in files:
        for line, column, way in sorted(set(never_taken(file))):
            print("%s:%d:%d: %s" % (os.path.relpath(file["filename"], TOP), line, column, way))
    return 0


if __name__ == "__main__":
    sys.exit(main())
