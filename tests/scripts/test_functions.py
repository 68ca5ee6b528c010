# SPDX-License-Identifier: MIT
"""Holds every function of src/ and cli/ to MAX_LINES lines, a screen and a half.  What may be longer stands in LONGER; a
name there that is short enough is a complaint, too.  Reads text only, laid out as make format does it: a function begins
in the first column, and ends with a brace there."""
import glob
import os
import re
import sys

MAX_LINES = 75

LONGER = {("src/decode/machine_body.h", "SINK(run)")}  # the machine's one switch

FUNCTION = re.compile(r"^[A-Za-z_][^;{}=#]*\)\s*\{\n(?:.*\n)*?\}$", re.M)
NAME = re.compile(r"(SINK\(\w+\)|\w+)\(")


def functions(text):
    """Name and number of lines of each function, the signature counted, and the comment above it not."""
    for match in FUNCTION.finditer(text):
        yield NAME.search(match.group()).group(1), match.group().count("\n") + 1


def check(files, longer):
    """Complaints about files, which are text by path."""
    excused = set()
    for path, text in sorted(files.items()):
        for name, lines in functions(text):
            if lines > MAX_LINES and (path, name) in longer:
                excused.add((path, name))
            elif lines > MAX_LINES:
                yield f"{path}: {name} has {lines} lines, more than {MAX_LINES}"
    for path, name in sorted(longer - excused):
        yield f"{path}: {name} is not longer than {MAX_LINES} lines, and needs no excuse"


def function(signature, lines):
    """Text of a function of this many lines, with all that might be mistaken for its end."""
    body = ["    if (x) {", "    }", "out: /* a label */", "#ifdef X", "#endif"]
    inside = lines - signature.count("\n") - 2
    return "\n".join([signature + " {", *(body + ["    x++;"] * inside)[:inside], "}"])


def test_check():
    one_line, two_lines = "static int f(int x)", "static struct s *f(int x,\n                   int y)"
    around = "/* f(x) { */\nstruct s {\n    int a;\n};\n\nstatic int (*const table[])(int) = {\n    f,\n};\n\n%s\n\nint g(void) {\n}\n"
    cases = [
        (one_line, MAX_LINES, set(), []),
        (one_line, MAX_LINES + 1, set(), ["a.c: f has 76 lines, more than 75"]),
        (two_lines, MAX_LINES, set(), []),
        (two_lines, MAX_LINES + 1, set(), ["a.c: f has 76 lines, more than 75"]),
        ("AVX2 static int SINK(f)(int x)", 400, set(), ["a.c: SINK(f) has 400 lines, more than 75"]),
        ("AVX2 static int SINK(f)(int x)", 400, {("a.c", "SINK(f)")}, []),
        (one_line, 400, {("b.c", "f")}, ["a.c: f has 400 lines, more than 75",
                                         "b.c: f is not longer than 75 lines, and needs no excuse"]),
        (one_line, MAX_LINES, {("a.c", "f")}, ["a.c: f is not longer than 75 lines, and needs no excuse"]),
    ]
    for signature, lines, longer, complaints in cases:
        text = around % function(signature, lines)
        assert [count for _, count in functions(text)] == [lines, 2], (signature, list(functions(text)))
        assert list(check({"a.c": text}, longer)) == complaints, (signature, lines, list(check({"a.c": text}, longer)))
    return len(cases)


def main():
    cases = test_check()
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    files = {}
    for pattern in ("src/*/*.[ch]", "cli/*.[ch]"):
        for path in glob.glob(os.path.join(top, pattern)):
            with open(path, encoding="utf-8") as file:
                files[os.path.relpath(path, top).replace(os.sep, "/")] = file.read()
    complaints = list(check(files, LONGER))
    for complaint in complaints:
        print(complaint)
    count = sum(1 for text in files.values() for _ in functions(text))
    closed = sum(len(re.findall(r"^\}$", text, re.M)) for text in files.values())
    if count != closed:
        complaints.append("unread")
        print(f"{closed} functions end, but {count} were read")
    print(f"functions: {cases} cases, {len(files)} files, {count} functions, {len(complaints)} complaints")
    sys.exit(1 if complaints or not count else 0)


if __name__ == "__main__":
    main()
