# SPDX-License-Identifier: MIT
"""Lints the include graph of src/.  A folder is a floor: FLOORS lists them from top to bottom, each with the folders that
it may see, all of which stand further down; beside them every floor sees the tables on top of src/.  A room is the files
of one name (memory.c, memory.h), or of the names that a line of ROOMS joins by "+".  ROOMS lists those of each folder,
again from top to bottom, each with the rooms it may include.  So nothing includes upward and no cycle is possible.  The
command, cli/, sees the public header alone.

It also holds every room to its size, to the list of sources that is built, and to system headers from which no file,
environment, locale or clock can be reached.  It reads text only and compiles nothing."""
import os
import re
import sys

FLOORS = """
encode: value text base
decode: scan value text base
scan: base
value: base
text: base
base:
"""

ROOMS = """
encode/
encoder: emit identity limits
writer: emit limits key utf8
emit: output report facts bytes
output: gzip memory bytes
gzip: memory bytes

decode/
decoder: gunzip window limits entropy key
gunzip: window
window: machine sniff follow
machine+dispatch+machine_body+machine_steps+sink_check+sink_build: limits builder graph links slots recent number unescape utf8 ints runs ascii word report
ints: cpu runs
runs: ascii report
follow: sniff scan report
sniff+prose: report utf8
graph: links facts memory
links: facts memory
slots: memory bytes
recent: scan unescape report

scan/
scan: report bytes

value/
visit: builder identity
value: builder key word
find: index entropy
builder: keys items
keys: items intern index
items: index memory
intern: index identity key memory
index: key
identity: entropy key memory
key: word
word: report facts bytes

text/
number: report bytes
unescape: report utf8 bytes
utf8: utf8_vector ascii
utf8_vector: cpu
ascii: bytes

base/
limits: facts report
entropy:
memory: pages report bytes
pages:
cpu:
report+opcode:
facts: bytes
bytes:
"""

TABLES = {"limits.def", "opcodes.def", "operands.def", "reasons.def"}

SYSTEM_HEADERS = {
    "any": {"stdbool.h", "stddef.h", "stdint.h", "string.h"},
    "pages": {"stdlib.h", "sys/mman.h"},
    "number": {"float.h"},
    "ascii": {"emmintrin.h"},
    "cpu": {"sys/platform/x86.h"},
    "ints": {"immintrin.h"},
    "utf8_vector": {"immintrin.h"},
    "entropy": {"sys/random.h", "unistd.h", "stdlib.h"},
    "gzip": {"zlib.h"},
    "gunzip": {"zlib.h"},
}

MAX_LINES = 650

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def parse_rooms(text):
    """The folder and the room of each name, and of each room the ones it may include, in the order of the table."""
    folder_of, room_of, allowed, folder = {}, {}, {}, None
    for line in text.strip().splitlines():
        if line.endswith("/"):
            folder = line[:-1]
        elif line:
            names, below = line.split(":")
            room = names.split("+")[0]
            room_of.update(dict.fromkeys(names.split("+"), room))
            folder_of.update(dict.fromkeys(names.split("+"), folder))
            allowed[room] = below.split()
    return folder_of, room_of, allowed


def parse_floors(text):
    return {floor: below.split() for floor, below in (line.split(":") for line in text.strip().splitlines())}


def check_order(rows, kind):
    """Complaints about rows that name what is not there, or does not stand below them."""
    order = {name: place for place, name in enumerate(rows)}
    for name, below in rows.items():
        for other in below:
            if other not in order:
                yield f"table: {name} may include {other}, which is not a {kind}"
            elif order[other] <= order[name]:
                yield f"table: {name} may include {other}, which does not stand below it"


def check_floors(floors, folder_of, allowed):
    for room, below in allowed.items():
        for other in below:
            if other in folder_of and folder_of[other] not in [folder_of[room], *floors[folder_of[room]]]:
                yield f"table: {room} may include {other}, which {folder_of[room]}/ may not see"


def check_cli_include(target, files):
    if target != "safepickle.h" and f"cli/{target}" not in files:
        yield f'is not of the library and may not include "{target}"'


def check_include(rooms, name, target):
    folder_of, room_of, allowed = rooms
    folder, file = os.path.split(target)
    stem = os.path.splitext(file)[0]
    room, other = room_of.get(name), room_of.get(stem)
    is_known = target in TABLES | {"safepickle.h"}
    if not is_known and (folder_of.get(stem) != folder or other != room and other not in allowed.get(room, ())):
        yield f"may not include {target}"


def check_file(rooms, path, text, files):
    """Complaints about one file, whose path is told from the top; files has all paths."""
    folder_of, room_of, _ = rooms
    directory, file = os.path.split(path)
    name = os.path.splitext(file)[0]
    if directory != "cli" and not (directory == "src" and file in TABLES):
        if directory not in {f"src/{folder}" for folder in folder_of.values()}:
            yield "stands in a directory that nobody knows"
        elif f"src/{folder_of.get(name)}" != directory:
            yield "belongs to no room of the table"
    if text.count("\n") > MAX_LINES:
        yield f"has {text.count(chr(10))} lines; {MAX_LINES} are the most"
    for bracket, target in INCLUDE.findall(text):
        if directory == "cli":
            if bracket == '"':
                yield from check_cli_include(target, files)
        elif bracket == '"':
            yield from check_include(rooms, name, target)
        elif target not in SYSTEM_HEADERS["any"] | SYSTEM_HEADERS.get(room_of.get(name), set()):
            yield f"may not include <{target}>"


def check_all(floors, table, files, sources):
    """files: text by path; sources: the text of the list that is built."""
    rooms = folder_of, room_of, allowed = parse_rooms(table)
    floors = parse_floors(floors)
    complaints = [*check_order(floors, "folder"), *check_order(allowed, "room"), *check_floors(floors, folder_of, allowed)]
    for path, text in sorted(files.items()):
        complaints += (f"{path} {complaint}" for complaint in check_file(rooms, path, text, files))
        if path.endswith(".c") and path.startswith("src/") and not re.search(rf"\b{re.escape(path)}\b", sources):
            complaints.append(f"{path} is not listed in cmake/sources.cmake")
    present = {os.path.splitext(path)[0] for path in files}
    complaints += (f"table: there is no {folder}/{name}.c or .h" for name, folder in folder_of.items()
                   if f"src/{folder}/{name}" not in present)
    return complaints


def read_tree(top):
    files = {}
    for start in ("src", "cli"):
        for place, _, names in os.walk(os.path.join(top, start)):
            for name in names:
                path = os.path.join(place, name)
                with open(path, encoding="utf-8") as file:
                    files[os.path.relpath(path, top)] = file.read()
    with open(os.path.join(top, "cmake", "sources.cmake"), encoding="utf-8") as file:
        return files, file.read()


def test_lint():
    """Every rule, broken once."""
    floors = "up: down\ndown:\n"
    table = "up/\ntop+side: low base\nlow: base\n\ndown/\nbase:\n"
    good = {"src/up/top.c": '#include "up/side.h"\n#include "up/low.h"\n#include <string.h>\n',
            "src/up/side.h": '#include "down/base.h"\n', "src/up/low.h": '#include "opcodes.def"\n', "src/opcodes.def": "",
            "src/down/base.h": '#include "safepickle.h"\n', "cli/options.h": "",
            "cli/main.c": '#include "options.h"\n#include <safepickle.h>\n#include <stdio.h>\n'}
    sources = "src/up/top.c"
    broken = [
        (table, {"src/up/low.h": '#include "up/top.h"\n'}, "src/up/low.h may not include up/top.h"),
        (table, {"src/down/base.h": '#include "up/low.h"\n'}, "src/down/base.h may not include up/low.h"),
        (table, {"src/up/low.h": '#include "up/nothing.h"\n'}, "src/up/low.h may not include up/nothing.h"),
        (table, {"src/up/low.h": '#include "base.h"\n'}, "src/up/low.h may not include base.h"),
        (table, {"src/up/low.h": "#include <stdio.h>\n"}, "src/up/low.h may not include <stdio.h>"),
        (table, {"src/up/more.h": ""}, "src/up/more.h belongs to no room of the table"),
        (table, {"src/up/base.h": ""}, "src/up/base.h belongs to no room of the table"),
        (table, {"src/other.def": ""}, "src/other.def stands in a directory that nobody knows"),
        (table, {"src/up/low.c": ""}, "src/up/low.c is not listed in cmake/sources.cmake"),
        (table, {"src/up/low.h": "\n" * 651}, "src/up/low.h has 651 lines; 650 are the most"),
        (table, {"src/new/low.h": ""}, "src/new/low.h stands in a directory that nobody knows"),
        (table, {"cli/options.h": '#include "up/low.h"'},
         'cli/options.h is not of the library and may not include "up/low.h"'),
        (table + "gone:\n", {}, "table: there is no down/gone.c or .h"),
        (table.replace("low: base", "low: top"), {}, "table: low may include top, which does not stand below it"),
        (table.replace("low: base", "low: base other"), {}, "table: low may include other, which is not a room"),
    ]
    assert check_all(floors, table, good, sources) == [], check_all(floors, table, good, sources)
    for rooms, change, complaint in broken:
        assert check_all(floors, rooms, {**good, **change}, sources) == [complaint], complaint
    for wrong, complaint in (("up:\ndown:\n", ["table: top may include base, which up/ may not see",
                                               "table: low may include base, which up/ may not see"]),
                             ("up: down\ndown: up\n", ["table: down may include up, which does not stand below it"])):
        assert check_all(wrong, table, good, sources) == complaint, complaint
    return len(broken) + 2


def main():
    rules = test_lint()
    files, sources = read_tree(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    complaints = check_all(FLOORS, ROOMS, files, sources)
    for complaint in complaints:
        print(complaint)
    includes = sum(len(INCLUDE.findall(text)) for text in files.values())
    print(f"include_graph: {rules} rules, {len(files)} files, {includes} includes, {len(complaints)} complaints")
    sys.exit(1 if complaints or not files or not includes else 0)


if __name__ == "__main__":
    main()
