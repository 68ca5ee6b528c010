# SPDX-License-Identifier: MIT
"""Lints the include graph of src/.  A folder is a floor: FLOORS lists them from top to bottom, each with the folders that
it may see, all of which stand further down; beside them every floor sees the tables on top of src/.  A room is the files
of one name (memory.c, memory.h), or of the names that a line of ROOMS joins by "+".  ROOMS lists those of each folder,
again from top to bottom, each with the rooms it may include.  So nothing includes upward and no cycle is possible.  The
command, cli/, sees the public header alone.

It also holds every room to its size, to the list of sources that is built, and to system headers from which no file,
environment, locale or clock can be reached, and the map in docs/design.md to the same rooms.  It reads text only and
compiles nothing."""
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
writer: emit limits integer utf8
emit: output report facts bytes
output: gzip memory bytes
gzip: memory bytes

decode/
decoder: gunzip window limits entropy key
gunzip: window
window: machine extent sniff follow
machine+machine_common+machine_wide+dispatch+machine_body+machine_steps+construct+sink+sink_strict+sink_check+sink_check_wide+sink_build+sink_build_wide: extent limits wide forms builder graph links slots recent number unescape utf8 ints runs ascii word report
ints: cpu runs
runs: ascii report
follow: sniff scan report
sniff+prose: report utf8
graph: facts memory
links: facts memory
extent: report
wide: slots facts memory names
forms: names
slots: memory bytes
recent: scan unescape report

scan/
scan: report bytes

value/
visit: builder identity
value: builder integer word
find: index entropy
builder: keys items integer
keys: items intern index
items: index memory
intern: index identity key memory
index: key
identity: entropy key memory
key: integer word
integer: bytes
word: report facts bytes

text/
number: report bytes
unescape: report utf8 bytes
utf8: utf8_vector ascii
utf8_vector: cpu
ascii: bytes

base/
limits: facts names report
entropy:
memory: pages report bytes
pages:
cpu:
report+opcode: names show
names: bytes
show:
facts: bytes
bytes:
"""

TABLES = {"constructors.def", "limits.def", "opcodes.def", "operands.def", "reasons.def"}

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


# ---- the map: the table of rooms in docs/design.md

MAP = "docs/design.md"


def read_table(text, heading):
    """The first two cells of each row of the table under this heading."""
    section = text.partition(f"\n## {heading}\n")[2].split("\n## ")[0]
    rows = section.partition("\n|---")[2].partition("\n")[2]
    return re.findall(r"^\| *([^|]*?) *\| *([^|]*?) *\|", rows, re.M)


def parse_map(text):
    """(folder, names) of each row of the table of rooms.  A row without a folder belongs to the one above."""
    folder = None
    for cells in read_table(text, "The rooms"):
        found = re.search(r"`([\w/]+)/`", cells[0])
        folder = found[1] if found else folder
        yield folder, re.findall(r"`([\w.]+)`", cells[1])


def check_rows(rows, floors, rooms):
    """Complaints about names that stand in no folder, in a wrong one or twice, and about what is missing."""
    folder_of, tables = rooms[0], TABLES
    met = []
    for folder, names in rows:
        if folder not in {*floors, "src", "cli"}:
            yield f"there is no folder {folder}/"
        for name in names:
            stem = os.path.splitext(name)[0]
            is_right = name in tables if folder == "src" else folder_of.get(stem) == folder
            if not is_right:
                yield f"{name} does not belong to {folder}/"
            elif name in met or stem in met:
                yield f"{name} stands twice"
            met.append(name if folder == "src" else stem)
    for name in [*sorted(tables), *folder_of]:
        if name not in met:
            yield f"{name} is missing"
    for folder in [*floors, "src", "cli"]:
        if folder not in [row[0] for row in rows]:
            yield f"{folder}/ is missing"


def check_map(floors, table, text):
    """The map names every folder, table and room once, in an order in which nothing sees what stands above it."""
    rooms = _, room_of, allowed = parse_rooms(table)
    floors, rows = parse_floors(floors), list(parse_map(text))
    complaints = list(check_rows(rows, floors, rooms))
    order, folders = {}, {}
    for folder, names in rows:
        folders.setdefault(folder, len(folders))
        for name in [name for name in names if name not in TABLES]:
            order.setdefault(room_of.get(os.path.splitext(name)[0]), len(order))
    for below, place in ((floors, folders), (allowed, order)):
        complaints += (f"{other} stands above {name}, which may see it" for name in below for other in below[name]
                       if place.get(other, len(place)) < place.get(name, 0))
    complaints += (f"there is no room {name}" for cells in read_table(text, "Where is ...?")
                   for name in re.findall(r"`([\w.]+)`", cells[1]) if os.path.splitext(name)[0] not in room_of)
    return [f"{MAP}: {complaint}" for complaint in complaints]


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


def test_map():
    """Every rule of the map, broken once."""
    floors = "up: down\ndown:\n"
    table = "up/\ntop+side: low\nlow:\n\ndown/\nbase:\n"
    tables = " ".join(f"`{name}`" for name in sorted(TABLES))
    good = (f"\n## The rooms\n\n| folder | rooms | for |\n|---|---|---|\n| `src/` | {tables} | tables |\n"
            "| [`up/`](up.md) | `top` (`side.h`) | `x` |\n| | `low` | |\n| `down/` | `base` | |\n| `cli/` | | |\n"
            "\n## Where is ...?\n\n| a | b |\n|---|---|\n| `no` | `low` |\n\n## More\n\n| `no` | `room` | |\n")
    assert check_map(floors, table, good) == [], check_map(floors, table, good)
    broken = [
        ("`low`", "", ["low is missing"]),
        (" (`side.h`)", "", ["side is missing"]),
        ("`low`", "`low` `top`", ["top stands twice"]),
        ("`low`", "`low` `old`", ["old does not belong to up/"]),
        ("`low`", "`low` `base`", ["base does not belong to up/", "base stands twice"]),
        ("`top` (`side.h`) | `x` |\n| | `low` |", "`low` | `x` |\n| | `top` `side` |",
         ["low stands above top, which may see it"]),
        ("| `cli/` | | |\n", "", ["cli/ is missing"]),
        ("| `cli/` | | |\n", "| `cli/` | | |\n| `new/` | | |\n", ["there is no folder new/"]),
        ("`reasons.def`", "", ["reasons.def is missing"]),
        ("| `no` | `low` |", "| `no` | `gone` |", ["there is no room gone"]),
    ]
    for old, new, complaints in broken:
        found = check_map(floors, table, good.replace(old, new, 1))
        assert found == [f"{MAP}: {complaint}" for complaint in complaints], (old, new, found)
    rows = good.splitlines(keepends=True)
    turned = "".join([*rows[:6], rows[8], *rows[6:8], *rows[9:]])
    assert check_map(floors, table, turned) == [f"{MAP}: down stands above up, which may see it"], turned
    return len(broken) + 1


def main():
    rules = test_lint() + test_map()
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    files, sources = read_tree(top)
    complaints = check_all(FLOORS, ROOMS, files, sources)
    with open(os.path.join(top, MAP), encoding="utf-8") as file:
        complaints += check_map(FLOORS, ROOMS, file.read())
    for complaint in complaints:
        print(complaint)
    includes = sum(len(INCLUDE.findall(text)) for text in files.values())
    print(f"include_graph: {rules} rules, {len(files)} files, {includes} includes, {len(complaints)} complaints")
    sys.exit(1 if complaints or not files or not includes else 0)


if __name__ == "__main__":
    main()
