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


# ---- the limits: what documents say of them, beside the table src/limits.def as the command prints it


class Limit:
    """Of the command: as --print-limits and --help have it."""
    def __init__(self, name, value):
        self.name, self.value = name, int(value)
        self.option = "--" + name.replace("_", "-")
        raised = subprocess.run([CHECK, "--print-limits", self.option + "=unlimited"], stdout=subprocess.PIPE, text=True).stdout
        self.has_ceiling = ("\n%s unlimited\n" % name) not in "\n" + raised

    def read_help(self, text):
        found = re.search(r"^ +%s=(N|SIZE) .*\((\w+)\)$" % self.option, text, re.M)
        self.argument, self.short_value = found.groups() if found else (None, None)

    def words(self):
        """The default as README and header say it: 4 GiB, 1000, 67,108,864."""
        if self.argument == "SIZE":
            power = next(power for power in (3, 2, 1, 0) if self.value % 1024 ** power == 0)
            return "%d %s" % (self.value // 1024 ** power, ("bytes", "KiB", "MiB", "GiB")[power])
        return "{:,}".format(self.value) if self.value >= 10000 else str(self.value)


def limits_of_the_command():
    lines = subprocess.run([CHECK, "--print-limits"], stdout=subprocess.PIPE, text=True).stdout.splitlines()
    help_text = subprocess.run([CHECK, "--help"], stdout=subprocess.PIPE, text=True).stdout
    limits = [Limit(*line.split(" ")) for line in lines]
    for limit in limits:
        limit.read_help(help_text)
    return limits


def wrong_limits(limits, readme, page, header):
    """Complaints; limits are those of the command, of which the library has all that limits.def names."""
    names = re.findall(r"^LIMIT(?:_BOTH)?\((\w+),", text_of("src/limits.def"), re.M)
    library = [limit for limit in limits if limit.name in names]
    if [limit.name for limit in library] != names:
        yield "--print-limits has %s, limits.def %s" % ([limit.name for limit in limits], names)
    table = readme.partition("\n## Limits\n")[2].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+?) \|$", table, re.M)
    if [(name, default) for name, _, default in rows] != [(limit.name, limit.words()) for limit in library]:
        yield "README.md: the limits are %s" % [(limit.name, limit.words()) for limit in library]
    if [name for name, counts, _ in rows if "not raised" in counts] != [limit.name for limit in library if limit.has_ceiling]:
        yield "README.md: which limits cannot be raised?"
    section = page.partition("\n# LIMITS\n")[2].split("\n# ")[0]
    described = re.findall(r"^\*(--[\w-]+)=\*_(\w+)_\n((?:\t.+\n)+)", section, re.M)
    if [option for option, _, _ in described] != [limit.option for limit in limits]:
        yield "pickle-check.1.scd: LIMITS should be %s" % [limit.option for limit in limits]
    for limit in limits:
        of_page = [(argument, re.findall(r"Default (\w+)", text), "never more" in text)
                   for option, argument, text in described if option == limit.option]
        if of_page != [(limit.argument, [limit.short_value], limit.has_ceiling)]:
            yield "pickle-check.1.scd: %s=%s, default %s" % (limit.option, limit.argument, limit.short_value)
    fields = header.partition("\ntypedef struct spk_options {\n")[2].split("\n} spk_options;")[0]
    for limit in library:
        comment = re.search(r"^    uint64_t\s+%s; /\*(.*?)\*/" % limit.name, fields, re.M | re.S)
        if not comment or not re.search(r"(?<![\w,])%s(?!\w|,\d)" % limit.words(), " ".join(comment[1].split())):
            yield "safepickle.h: the default of %s is %s" % (limit.name, limit.words())


def check_limits(readme):
    limits = limits_of_the_command()
    page, header = text_of("docs/pickle-check.1.scd"), text_of("include/safepickle.h")
    found = list(wrong_limits(limits, readme, page, header))
    expect(not found, "\n".join(found))
    for limit in [] if found else limits:  # a mistake of each kind, planted for each limit
        row = re.search(r"^\| `%s` .*\n" % limit.name, readme, re.M)
        entry = re.search(r"^\*%s=.*\n(?:\t.+\n)+" % limit.option, page, re.M)
        if limit.name == "max_output":  # the command's own, of which the library's README and header say nothing
            row = None
        changes = [(readme, page.replace(entry[0], entry[0].replace("Default ", "Default 7")), header),
                   (readme, page.replace(entry[0], ""), header), (readme, page.replace(entry[0], entry[0] * 2), header)]
        changes += [(readme, page, header.replace(limit.words(), "7"))] if row else []
        changes += [(readme.replace(row[0], ""), page, header), (readme.replace(row[0], row[0] * 2), page, header),
                    (readme.replace(row[0], row[0].replace(limit.words(), "7")), page, header)] if row else []
        for number, change in enumerate(changes):
            expect(list(wrong_limits(limits, *change)), "change %d to %s is not noticed" % (number, limit.name))


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
    check_limits(texts["README.md"])
    run_console(texts["README.md"])
    run_program(texts["README.md"])
    return conclude("documents", 200)


if __name__ == "__main__":
    sys.exit(main())
