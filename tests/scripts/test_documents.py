#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the documents to what they say: the console session of the README is run and compared, its C program is compiled,
run and compared, and what SECURITY.md names as the guard of a promise must be run.  Every file, folder, heading and
target of the Makefile that any document names must be there, and no line of text has more than 120 columns.  That it
would notice is shown for each document with mistakes planted in memory.  Never changes anything in the tree."""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

from statements import conclude, expect

CHECK = os.environ["SPK_CHECK"]


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


# ---- what a document names

FOLDERS = {"tests", "tools", "cli", "src", "include", "docs", "corpus", "fuzz", "bench", "examples", "cmake", ".github", ".ci"}
# Not behind a longer path (build/fuzz) nor in front of a part that the reader fills in (corpus/fuzz/<target>).
PATH = r"(?<![\w./*<-])((?:%s)/[\w./*-]*)(?![<{*])"
FILE = re.compile(r"`([\w-]+\.(?:c|h|def|py|sh|md|txt|scd|svg|cmake|jsonl))`")
MAX_COLUMNS = 120
# Files that documents name and that are not of this project, or are made while building.
ELSEWHERE = {"results.md", "results.svg"}


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def walk_tree():
    """All files of the project: what is built, or belongs to a tool, is left out."""
    for directory, folders, names in os.walk("."):
        folders[:] = [folder for folder in folders if folder not in (".git", "__pycache__") and
                      not (directory == "." and folder.startswith("build"))]
        yield from (os.path.normpath(os.path.join(directory, name)) for name in names)


def anchors(text):
    """What a link to a heading of the text is called."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


class Tree:
    def __init__(self):
        self.files = sorted(walk_tree())
        self.folders = FOLDERS | {path.split("/")[0] for path in self.files if "/" in path}
        self.path = re.compile(PATH % "|".join(map(re.escape, sorted(self.folders))))
        self.names = {os.path.basename(path) for path in self.files}
        self.documents = {path: text_of(path) for path in self.files if path.endswith(".md")}
        self.targets = re.findall(r"^([\w-]+):", text_of("Makefile"), re.M)

    def wrong_paths(self, text):
        for path in self.path.findall(text):
            path = path.rstrip(".")
            if not (glob.glob(path) if "*" in path else os.path.exists(path)):
                yield "names %s, which is not there" % path
        for name in FILE.findall(text):
            if name not in self.names | ELSEWHERE:
                yield "names the file %s, which is nowhere" % name

    def wrong_links(self, document, text):
        for path, _, anchor in re.findall(r"\]\(([\w./-]*)(#([\w-]+))?\)", text):
            where = os.path.normpath(os.path.join(os.path.dirname(document), path)) if path else document
            if not os.path.exists(where):
                yield "links to %s, which is not there" % path
            elif anchor and anchor not in anchors(self.documents[where]):
                yield "links to %s, which has no heading %s" % (where, anchor)

    def wrong_targets(self, text):
        for target in re.findall(r"`make ([a-z][\w-]*)[^`]*`|^(?:    )?make ([a-z][\w-]*)", text, re.M):
            if "".join(target) not in self.targets:
                yield "names make %s, which is not in the Makefile" % "".join(target)

    def complaints(self, document, text):
        found = [*self.wrong_paths(text), *self.wrong_links(document, text), *self.wrong_targets(text)]
        found += ("line %d has %d columns" % (number + 1, len(line)) for number, line in enumerate(text.split("\n"))
                  if len(line) > MAX_COLUMNS and not line.lstrip().startswith("|"))
        return ["%s: %s" % (document, complaint) for complaint in found]


def check_documents(tree):
    for document, text in tree.documents.items():
        found = tree.complaints(document, text)
        expect(not found, "\n".join(found))
    for name in sorted(ELSEWHERE):
        expect(any("`%s`" % name in text for text in tree.documents.values()), "ELSEWHERE needs no %s" % name)
    opcodes = len(re.findall(r"^OP\(", text_of("src/opcodes.def"), re.M))
    for document, text in [*tree.documents.items(), ("src/reasons.def", text_of("src/reasons.def"))]:
        for number in re.findall(r"\b(?:all|the) (\d+) opcodes", text):
            expect(int(number) == opcodes, "%s says %s opcodes, there are %d" % (document, number, opcodes))
    for path in tree.files:
        if path.startswith("cli/") and path.endswith(".c"):
            expect("`%s`" % path in tree.documents["docs/design/cli.md"], "docs/design/cli.md does not name " + path)
    targets = re.findall(r"^([a-z]+) ", text_of("fuzz/targets.txt"), re.M)
    described = re.findall(r"^\| `fuzz/(\w+)\.c` \|", tree.documents["docs/fuzzing.md"], re.M)
    expect(targets and sorted(targets) == sorted(described), "docs/fuzzing.md has %s, targets.txt %s" % (described, targets))
    for folder in sorted(FOLDERS):
        expect(os.path.isdir(folder), "FOLDERS names %s/, which is not there" % folder)


def check_checks(tree):
    """A mistake of each kind, planted in each document, adds one complaint."""
    planted = ["`%s/nowhere`" % folder for folder in sorted(tree.folders)]
    planted += ["see src/nowhere.c.", "    tools/nowhere.py --all", "(`src/nowhere/*.c`)", "`nowhere.c`",
                "[here](nowhere.md)", "[here](#nowhere)", "`make nowhere`", "`make nowhere FILE=x`", "x" * (MAX_COLUMNS + 1)]
    harmless = ["`build/fuzz/nowhere`", "`corpus/fuzz/<target>/nowhere`", "and/or", "   | %s |" % ("x" * MAX_COLUMNS)]
    for document, text in tree.documents.items():
        before = len(tree.complaints(document, text))
        for mistake in planted:
            found = len(tree.complaints(document, text + "\n" + mistake + "\n"))
            expect(found == before + 1, "%s: %s brings %d complaints" % (document, mistake, found - before))
        for line in harmless:
            expect(len(tree.complaints(document, text + "\n" + line + "\n")) == before, "%s: %s" % (document, line))


# ---- what guards the promises


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
    tree = Tree()
    texts = tree.documents
    check_documents(tree)
    check_checks(tree)
    promises = re.findall(r"^(\d)\. \*\*", texts["SECURITY.md"], re.M)
    guarded = re.findall(r"^\| (\d) \| `", texts["SECURITY.md"], re.M)
    expect(promises == guarded == [str(i) for i in range(1, 10)], "SECURITY.md: a promise without a guard")
    find_guards(texts["SECURITY.md"])
    rules = re.findall(r'^    Rule\("([\w-]+)", "(.+?)", ', text_of("tests/differential/rules.py"), re.M)
    described = re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", texts["docs/differential.md"], re.M)
    expect(rules and rules == described, "docs/differential.md: %s, but rules.py has %s" % (described, rules))
    run_console(texts["README.md"])
    run_program(texts["README.md"])
    return conclude("documents", 200)


if __name__ == "__main__":
    sys.exit(main())
