#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What stands behind make lint and make format: the analysers and the layout, on the sources as they are.

    tools/lint.py [TOOL]...     gcc-analyzer clang-tidy cppcheck clang-format shellcheck pyflakes wraps; all if none is named
    tools/lint.py format        lays the C sources out

A finding that is wrong stands in EXCUSED with its reason; an excuse that excuses nothing is a finding itself.  Every tool
says how many files it looked at, and none is a failure.  Changes nothing unless it is told to.
Exit status: 0 no findings; 1 findings; 2 a tool is missing."""
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
C_FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", "-DSPK_WITH_ZLIB=1", "-Iinclude", "-Isrc"]

# (tool, file, part of the finding): why it is wrong.
EXCUSED = {
    ("cppcheck", "cli/options.c", "ctuuninitvar"): "the function that is called fills the table",
    ("cppcheck", "src/decode/machine_body.h", "assignBoolToPointer"): "&&label is an address, in GNU C",
    ("cppcheck", "src/opcodes.def", "assignBoolToPointer"): "the same",
    ("pyflakes", "corpus/picklers.py", "undefined name 'unicode'"): "is there in Python 2, which runs it too",
    ("pyflakes", "corpus/picklers.py", "undefined name 'long'"): "the same",
}

def files(*patterns):
    paths = (os.path.relpath(path, TOP) for pattern in patterns for path in glob.glob(os.path.join(TOP, pattern)))
    return sorted(path for path in paths if not path.startswith("build"))


def c_sources():
    return files("src/*/*.c", "cli/*.c")


def c_files():
    return files("*/*.c", "*/*.h", "*/*/*.c", "*/*/*.h")


def scripts(*shebangs):
    for directory, _, names in os.walk(TOP):
        parts = os.path.relpath(directory, TOP).split(os.sep)
        if parts[0].startswith("build") or ".git" in parts or parts[:1] == ["corpus"]:
            continue
        for name in names:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                if file.readline().rstrip() in shebangs:
                    yield os.path.relpath(path, TOP)


def run(*command):
    result = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return result.returncode, result.stdout.decode("utf-8", "replace")


def run_each(paths, *command):
    """The command once for each path, as many at a time as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda path: run(*command[:-1], path, *command[-1]), paths))


def located(results, pattern):
    """Lines of the output that match; a failure without such a line is one finding."""
    findings = []
    for status, output in results:
        lines = [line.replace(TOP + os.sep, "") for line in output.splitlines() if re.search(pattern, line)]
        findings += lines or ([output.strip()[-2000:] or "ended with %d" % status] if status else [])
    return sorted(set(findings))


# ---- the tools: each returns the number of files it looked at, and its findings


def gcc_analyzer():
    paths = c_sources()
    results = run_each(paths, "gcc", "-O1", "-fanalyzer", "-Wall", "-Wextra", "-Werror", "-c", "-o", os.devnull, C_FLAGS)
    return len(paths), located(results, r": (error|warning): ")


def clang_tidy():
    paths = c_sources()
    return len(paths), located(run_each(paths, "clang-tidy-19", "--quiet", ["--", *C_FLAGS]), r": (error|warning): ")


def cppcheck():
    """Without its matters of style: version 2.10 reads loops and fall-through wrongly there."""
    paths = c_sources()
    result = run("cppcheck", "--quiet", "--std=c11", "--language=c", "--enable=warning,performance,portability",
                 "--error-exitcode=1", "--suppress=missingIncludeSystem", "-D__GNUC__=12", *C_FLAGS[3:], *paths)
    return len(paths), located([result], r": (error|warning|performance|portability): ")


def clang_format():
    paths = c_files()
    findings = []
    for path, (status, output) in zip(paths, run_each(paths, "clang-format-19", "--dry-run", [])):
        if status != 0:
            findings.append("%s: clang-format: %s" % (path, output.strip()))
        if "warning:" in output:
            findings.append("%s: not laid out; make format does it" % path)
    return len(paths), findings


def shellcheck():
    paths = sorted(scripts(b"#!/bin/sh", b"#!/bin/bash"))
    return len(paths), located([run("shellcheck", "--format=gcc", *paths)], r": (error|warning|note): ")


def pyflakes():
    paths = files("*/*.py", "*/*/*.py")
    return len(paths), located([run("pyflakes3", *paths)], r"^[\w/.-]+\.py:\d+")


def wraps():
    """The functions that cmake/wraps.txt names are there."""
    with open(os.path.join(TOP, "cmake", "wraps.txt"), encoding="utf-8") as file:
        names = re.findall(r"^fun:(\w+)$", file.read(), re.M)
    text = ""
    for path in c_sources() + files("src/*/*.h"):
        with open(os.path.join(TOP, path), encoding="utf-8") as file:
            text += file.read()
    return len(names), ["cmake/wraps.txt: no function %s" % name for name in names
                        if not re.search(r"^[\w *]+\b%s\([^;]*\{$" % name, text, re.M)]


TOOLS = {"gcc-analyzer": (gcc_analyzer, "gcc"), "clang-tidy": (clang_tidy, "clang-tidy-19"), "cppcheck": (cppcheck, "cppcheck"),
         "clang-format": (clang_format, "clang-format-19"), "shellcheck": (shellcheck, "shellcheck"),
         "pyflakes": (pyflakes, "pyflakes3"), "wraps": (wraps, "python3")}


def judge(name):
    looked_at, findings = TOOLS[name][0]()
    left = list(findings)
    excused = 0
    for (tool, path, part), reason in EXCUSED.items():
        if tool == name:
            matching = [finding for finding in left if finding.startswith(path + ":") and part in finding]
            excused += len(matching)
            left = [finding for finding in left if finding not in matching]
            if not matching:
                left.append("EXCUSED no longer needs %s: %s (%s)" % (path, part, reason))
    if looked_at == 0:
        left.append("looked at no file")
    for finding in left:
        print(finding)
    print("%s: %d files, %d findings, %d excused" % (name, looked_at, len(left), excused), flush=True)
    return not left


def main(names):
    if names == ["format"]:
        return run("clang-format-19", "-i", *c_files())[0]
    unknown = [name for name in names if name not in TOOLS]
    if unknown:
        sys.stderr.write("no such tool: %s\n%s\n" % (" ".join(unknown), __doc__))
        return 2
    names = names or list(TOOLS)
    missing = [TOOLS[name][1] for name in names if not shutil.which(TOOLS[name][1])]
    if missing:
        sys.stderr.write("make lint: missing: %s; ./bootstrap.sh lint installs them\n" % " ".join(missing))
        return 2
    return 0 if all([judge(name) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
