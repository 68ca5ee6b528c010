# SPDX-License-Identifier: MIT
"""Reads in the objects that the strict machine knows nothing of the wide one: no function of machine.c but those that
start or describe a machine refers to anything that machine_wide.c or names.c defines.  That the reading finds such
references is shown by machine_wide.c itself.

    test_strict.py OBJECTS      all objects of the library, separated by semicolons"""
import os
import re
import subprocess
import sys

STRICT = "machine.c"
WIDE = "machine_wide.c"
ROOMS = (WIDE, "names.c")
MAY = {"machine_start", "machine_clear"}  # they choose which machine it is, and clear what the wide one keeps
BODIES = {"run_check", "run_build"}


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, env=dict(os.environ, LC_ALL="C")).stdout.decode()


def source_of(path):
    return re.match(r"(.*?\.c)\b", os.path.basename(path))[1]


def defined(path):
    """Names that the object defines for others."""
    return set(re.findall(r"^[0-9a-f]+ [A-Z] (\w+)$", output("nm", "--defined-only", path), re.M))


def references(path):
    """For each function of the object, parts of it included, the names that it refers to."""
    found, function = {}, None
    for line in output("objdump", "-dr", "--no-show-raw-insn", path).splitlines():
        begins = re.match(r"[0-9a-f]+ <(\w+)[.\w]*>:$", line)
        refers = re.match(r"\s+[0-9a-f]+: R_\w+\s+([\w.]+)", line)
        if begins:
            function = found.setdefault(begins[1], set())
        elif refers and function is not None:
            function.add(refers[1])
    return found


def main(paths):
    objects = {source_of(path): path for path in paths}
    missing = {STRICT, *ROOMS} - set(objects)
    if missing:
        print("FAILED: no object of %s among %d" % (sorted(missing), len(paths)))
        return 1
    wide = set().union(*(defined(objects[room]) for room in ROOMS))
    strict, other = references(objects[STRICT]), references(objects[WIDE])
    failures = ["%s refers to %s" % (function, name)
                for function, names in sorted(strict.items()) for name in sorted(names & wide) if function not in MAY]
    failures += ["%s is not in the object" % body for body in sorted(BODIES - set(strict))]
    if not any(names & wide for names in other.values()):
        failures.append("%s refers to nothing of the wide rooms: this reading finds nothing" % WIDE)
    if not strict.get("machine_start", set()) & wide:
        failures.append("machine_start does not choose")
    for text in failures:
        print("FAILED: " + text)
    print("strict: %d functions, %d names that they must not know, %d failures" % (len(strict), len(wide), len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].split(";")))
