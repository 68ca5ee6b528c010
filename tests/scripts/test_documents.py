#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the documents to what they say: the console session of the README is run and compared, its C program is compiled,
run and compared, every file that SECURITY.md and docs/design.md name must
exist, and what SECURITY.md names as the guard of a promise must be run.  Never changes anything in the tree."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

CHECK = os.environ["SPK_CHECK"]
failures = []
covered = 0


def expect(condition, message):
    global covered
    covered += 1
    if not condition:
        failures.append(message)


def blocks(text, language):
    return re.findall(r"^```%s\n(.*?)^```$" % language, text, re.M | re.S)


def run_console(readme):
    """Each "$ command" must print exactly the lines under it."""
    for block in blocks(readme, "console"):
        for part in block.split("$ ")[1:]:
            command, _, wanted = part.partition("\n")
            if ".gz" in command and os.environ.get("SPK_ZLIB") == "0":
                continue  # says what a build without zlib cannot do
            words = shlex.split(command)
            expect(words[0] == "pickle-check", "the README runs something else: " + command)
            result = subprocess.run([CHECK] + words[1:], stdout=subprocess.PIPE, text=True)
            expect(result.stdout == wanted, "%s prints %r" % (command, result.stdout))


def run_program(readme):
    library = os.environ["SPK_LIBRARY"]
    flags = shlex.split(os.environ.get("SPK_LIBRARY_FLAGS", "-lz"))
    programs = blocks(readme, "c")
    expect(len(programs) == 1, "the README should have one C program")
    with tempfile.TemporaryDirectory() as scratch:
        source, binary = os.path.join(scratch, "program.c"), os.path.join(scratch, "program")
        with open(source, "w") as file:
            file.write(programs[0])
        subprocess.run([*shlex.split(os.environ.get("SPK_CC", "cc")), "-std=c11", "-Wall", "-Wextra", "-Werror", "-Iinclude", source,
                        library] + flags + ["-o", binary], check=True)
        result = subprocess.run([binary], stdout=subprocess.PIPE, text=True)
        expect(result.returncode == 0 and result.stdout.startswith("age 30\naccepted (protocol 4,"), result.stdout)


def find_files(name, text):
    for path in re.findall(r"`((?:tests|tools|cli|src|include|docs|corpus|fuzz|bench|examples)/[\w./-]+)`", text):
        expect(os.path.exists(path), "%s names %s, which is not there" % (name, path))
    for path in re.findall(r"\]\(([\w./-]+)\)", text):
        where = os.path.normpath(os.path.join(os.path.dirname(name), path))
        expect(os.path.exists(where), "%s links to %s, which is not there" % (name, path))


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_run(path):
    """True if the file is not only there but also run: by CTest, as a fuzz target, or by the Makefile."""
    name = os.path.splitext(os.path.basename(path))[0]
    if path.startswith("fuzz/"):
        return re.search(r"^%s " % name, text_of("fuzz/targets.txt"), re.M)
    if path.startswith("tests/checks/check_"):
        return "\nREGISTER(" in text_of(path)
    return path.startswith("tests/scripts/test_") or path in text_of("tests/CMakeLists.txt") + text_of("Makefile")


def find_guards(security):
    table = security[security.index("### What guards them"):].split("\n## ")[0]
    rows = re.findall(r"^\| \d \|.*$", table, re.M)
    targets = re.findall(r"^([\w-]+):", text_of("Makefile"), re.M)
    for row in rows:
        guards = re.findall(r"`((?:tests|fuzz)/[\w./-]+)`", row)
        expect(guards, "SECURITY.md: no guard in " + row)
        for path in guards:
            expect(os.path.isfile(path) and is_run(path), "SECURITY.md names %s as a guard, which nothing runs" % path)
        for target in re.findall(r"`make ([\w-]+)`", row):
            expect(target in targets, "SECURITY.md names make %s, which is not in the Makefile" % target)


def main():
    texts = {}
    for name in ("README.md", "SECURITY.md", "docs/design.md", "docs/fuzzing.md", "docs/performance.md",
                 "docs/json.md", "docs/differential.md", "docs/mutants.md", "corpus/README.md"):
        with open(name, encoding="utf-8") as file:
            texts[name] = file.read()
        find_files(name, texts[name])
    promises = re.findall(r"^(\d)\. \*\*", texts["SECURITY.md"], re.M)
    guarded = re.findall(r"^\| (\d) \| `", texts["SECURITY.md"], re.M)
    expect(promises == guarded == [str(i) for i in range(1, 10)], "SECURITY.md: a promise without a guard")
    find_guards(texts["SECURITY.md"])
    rules = re.findall(r'^    Rule\("([\w-]+)", "(.+?)", ', text_of("tests/differential/rules.py"), re.M)
    described = re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", texts["docs/differential.md"], re.M)
    expect(rules and rules == described, "docs/differential.md: %s, but rules.py has %s" % (described, rules))
    run_console(texts["README.md"])
    run_program(texts["README.md"])
    for failure in failures:
        print(failure)
    print("documents: %d statements held, %d failed" % (covered - len(failures), len(failures)))
    return 1 if failures or covered < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
