# SPDX-License-Identifier: MIT
"""Lints the include graph of src/.  A room is the files of one name (memo.c, memo.h), or of the names that a line of
ROOMS joins by "+".  ROOMS lists them from top to bottom, each with the rooms it may include, all of which stand further
down.  So nothing includes upward and no cycle is possible.  The command, src/cli, sees the public header alone.

It also holds every room to its size, to the list of sources that is built, and to system headers from which no file,
environment, locale or clock can be reached.  It reads text only and compiles nothing."""
import os
import re
import sys

ROOMS = """
decoder: gzip window limits entropy key
encoder: emit identity limits
writer: emit limits key utf8
emit: output report facts bytes
output: deflate memory bytes
deflate: memory bytes
gzip: window
window: machine sniff follow
machine+dispatch+machine_body+machine_steps+sink_check+sink_tree: tree links slots names number escape utf8 ints runs ascii word report
ints: cpu runs
runs: ascii report
follow: sniff report bytes
sniff+prose: report utf8
visit: tree identity
value: tree key word
find: index entropy
tree: keys items
keys: items intern index
items: index memory
intern: index identity key memory
index: key
identity: entropy key memory
key: word
links: facts memory
slots: memory bytes
names: escape word report
number: report bytes
word: report facts bytes
escape: report utf8 bytes
utf8: utf8_vector ascii
utf8_vector: cpu
limits: facts
entropy:
memory: pages report bytes
pages:
cpu:
report+reasons+opcode+opcodes:
facts: bytes
ascii: bytes
bytes:
"""

SYSTEM_HEADERS = {
    "any": {"stdbool.h", "stddef.h", "stdint.h", "string.h"},
    "pages": {"stdlib.h", "sys/mman.h"},
    "number": {"float.h"},
    "ascii": {"emmintrin.h"},
    "cpu": {"sys/platform/x86.h"},
    "ints": {"immintrin.h"},
    "utf8_vector": {"immintrin.h"},
    "entropy": {"sys/random.h", "unistd.h", "stdlib.h"},
    "deflate": {"zlib.h"},
    "gzip": {"zlib.h"},
}

MOST_LINES = 650

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def parse_rooms(text):
    """The room of each name, and of each room the ones it may include, in the order of the table."""
    room_of, allowed = {}, {}
    for names, below in re.findall(r"^([\w+]+):((?:[^:]*\n)??)(?=[\w+]+:|\Z)", text, re.M):
        room = names.split("+")[0]
        room_of.update(dict.fromkeys(names.split("+"), room))
        allowed[room] = below.split()
    return room_of, allowed


def check_table(allowed):
    order = {room: place for place, room in enumerate(allowed)}
    for room, below in allowed.items():
        for other in below:
            if other not in order:
                yield f"table: {room} may include {other}, which is not a room"
            elif order[other] <= order[room]:
                yield f"table: {room} may include {other}, which does not stand below it"


def check_cli_include(target, files):
    if target != "safepickle.h" and f"cli/{target}" not in files:
        yield f'is not of the library and may not include "{target}"'


def check_file(room_of, allowed, path, text, files):
    """Complaints about one file, whose path is relative to src/; files has all paths."""
    directory, name = os.path.split(path)
    room = room_of.get(os.path.splitext(name)[0])
    if directory not in ("", "cli"):
        yield "stands in a directory that nobody knows"
    if not directory and not room:
        yield "belongs to no room of the table"
    if text.count("\n") > MOST_LINES:
        yield f"has {text.count(chr(10))} lines; {MOST_LINES} are the most"
    for bracket, target in INCLUDE.findall(text):
        if directory == "cli":
            if bracket == '"':
                yield from check_cli_include(target, files)
        elif bracket == '"':
            other = room_of.get(os.path.splitext(target)[0])
            if target != "safepickle.h" and (not other or other != room and other not in allowed.get(room, ())):
                yield f"may not include {target}"
        elif target not in SYSTEM_HEADERS["any"] | SYSTEM_HEADERS.get(room, set()):
            yield f"may not include <{target}>"


def check_all(table, files, sources):
    """files: text by path relative to src/; sources: the text of the list that is built."""
    room_of, allowed = parse_rooms(table)
    complaints = list(check_table(allowed))
    for path, text in sorted(files.items()):
        complaints += (f"src/{path} {complaint}" for complaint in check_file(room_of, allowed, path, text, files))
        if path.endswith(".c") and "/" not in path and not re.search(rf"\bsrc/{re.escape(path)}\b", sources):
            complaints.append(f"src/{path} is not listed in cmake/sources.cmake")
    present = {os.path.splitext(path)[0] for path in files}
    complaints += (f"table: there is no {name}.c, .h or .def" for name in room_of if name not in present)
    return complaints


def read_tree(top):
    files = {}
    for place, _, names in os.walk(os.path.join(top, "src")):
        for name in names:
            path = os.path.join(place, name)
            with open(path, encoding="utf-8") as file:
                files[os.path.relpath(path, os.path.join(top, "src"))] = file.read()
    with open(os.path.join(top, "cmake", "sources.cmake"), encoding="utf-8") as file:
        return files, file.read()


def test_lint():
    """Every rule, broken once."""
    table = "top+side: low\n    base\nlow: base\nbase:\n"
    good = {"top.c": '#include "side.h"\n#include "low.h"\n#include <string.h>\n', "side.h": '#include "base.h"\n',
            "low.h": "", "base.h": '#include "safepickle.h"\n', "cli/options.h": "",
            "cli/main.c": '#include "options.h"\n#include <safepickle.h>\n#include <stdio.h>\n'}
    broken = [
        (table, {"low.h": '#include "top.h"\n'}, "src/low.h may not include top.h"),
        (table, {"base.h": '#include "low.h"\n'}, "src/base.h may not include low.h"),
        (table, {"low.h": '#include "nothing.h"\n'}, "src/low.h may not include nothing.h"),
        (table, {"low.h": "#include <stdio.h>\n"}, "src/low.h may not include <stdio.h>"),
        (table, {"more.h": ""}, "src/more.h belongs to no room of the table"),
        (table, {"low.c": ""}, "src/low.c is not listed in cmake/sources.cmake"),
        (table, {"low.h": "\n" * 651}, "src/low.h has 651 lines; 650 are the most"),
        (table, {"new/low.h": ""}, "src/new/low.h stands in a directory that nobody knows"),
        (table, {"cli/options.h": '#include "low.h"'},
         'src/cli/options.h is not of the library and may not include "low.h"'),
        (table + "gone:\n", {}, "table: there is no gone.c, .h or .def"),
        (table.replace("base:", "base: low"), {}, "table: base may include low, which does not stand below it"),
        (table.replace("base:", "base: other"), {}, "table: base may include other, which is not a room"),
    ]
    assert check_all(table, good, "src/top.c") == [], check_all(table, good, "src/top.c")
    for rooms, change, complaint in broken:
        assert check_all(rooms, {**good, **change}, "src/top.c") == [complaint], complaint
    return len(broken)


def main():
    rules = test_lint()
    files, sources = read_tree(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    complaints = check_all(ROOMS, files, sources)
    for complaint in complaints:
        print(complaint)
    includes = sum(len(INCLUDE.findall(text)) for text in files.values())
    print(f"include_graph: {rules} rules, {len(files)} files, {includes} includes, {len(complaints)} complaints")
    sys.exit(1 if complaints or not files or not includes else 0)


if __name__ == "__main__":
    main()
