#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the documents to what they say: the console session of the README is run and compared, its C program is compiled,
run and compared, and every file that SECURITY.md and docs/design.md name must exist.  Never changes anything in the tree."""
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
        subprocess.run([os.environ.get("SPK_CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Werror", "-Iinclude", source,
                        library] + flags + ["-o", binary], check=True)
        result = subprocess.run([binary], stdout=subprocess.PIPE, text=True)
        expect(result.returncode == 0 and result.stdout.startswith("age 30\naccepted (protocol 4,"), result.stdout)


def find_files(name, text):
    for path in re.findall(r"`((?:tests|src|include|docs|corpus|fuzz)/[\w./-]+)`", text):
        expect(os.path.exists(path), "%s names %s, which is not there" % (name, path))
    for path in re.findall(r"\]\(([\w./-]+)\)", text):
        where = os.path.normpath(os.path.join(os.path.dirname(name), path))
        expect(os.path.exists(where), "%s links to %s, which is not there" % (name, path))


def main():
    texts = {}
    for name in ("README.md", "SECURITY.md", "docs/design.md", "docs/fuzzing.md", "docs/json.md", "corpus/README.md"):
        with open(name, encoding="utf-8") as file:
            texts[name] = file.read()
        find_files(name, texts[name])
    promises = re.findall(r"^(\d)\. \*\*", texts["SECURITY.md"], re.M)
    guarded = re.findall(r"^\| (\d) \| `", texts["SECURITY.md"], re.M)
    expect(promises == guarded == [str(i) for i in range(1, 10)], "SECURITY.md: a promise without a guard")
    run_console(texts["README.md"])
    run_program(texts["README.md"])
    for failure in failures:
        print(failure)
    print("documents: %d statements held, %d failed" % (covered - len(failures), len(failures)))
    return 1 if failures or covered < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
