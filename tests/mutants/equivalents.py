# SPDX-License-Identifier: MIT
"""Reads equivalents.txt: changes that no test can notice because they change nothing that is promised, each with
its reason.  The file itself says how it is written.  A place is told by file, function and text, so it stays when
lines move."""
import fnmatch
import os
import re

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "equivalents.txt")
ENTRY = re.compile(r"  (\S+) (\S+): (.+?)(?: -> (.+))?\Z")


class Entry:
    def __init__(self, line, reason):
        found = ENTRY.match(line)
        if not found:
            raise ValueError("cannot be read: " + line)
        self.path, self.function, self.original, self.mutated = found.groups()
        self.line, self.reason, self.uses = line.strip(), reason, 0

    def covers(self, mutant):
        """Without a mutated text every change is covered."""
        if mutant.path != self.path or not fnmatch.fnmatchcase(mutant.function, self.function):
            return False
        return matches(self.original, mutant.original) and (not self.mutated or matches(self.mutated, mutant.mutated))


def matches(pattern, text):
    """"..." stands for anything."""
    return re.fullmatch(re.escape(pattern).replace(r"\.\.\.", ".*"), text) is not None


def read(path=PATH):
    entries, reason = [], ""
    with open(path, encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line.startswith("  "):
                entries.append(Entry(line, reason))
            elif line and not line.startswith("#"):
                reason = line
    return entries


def find(entries, mutant):
    """The entry that excuses a mutant, or None."""
    for entry in entries:
        if entry.covers(mutant):
            entry.uses += 1
            return entry
    return None


def gone(entries, mutants):
    """Entries that excuse none of all mutants that there can be: what they speak of has been changed."""
    return [entry for entry in entries if not any(entry.covers(mutant) for mutant in mutants)]
