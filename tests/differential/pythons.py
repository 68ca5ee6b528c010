# SPDX-License-Identifier: MIT
"""One Python of those that tests/scripts/interpreters.py finds: how it is asked, and what is counted about it.  Decides nothing."""
import json
import os
import re
import subprocess

from harness import LOADER, TESTS, made_by, verify

CHUNK = 4000  # records that an interpreter gets at once


class Python:
    def __init__(self, interpreter):
        self.command, self.implementation = interpreter.command, interpreter.implementation
        self.release = tuple(map(int, re.findall(r"\d+", interpreter.version)[:3]))
        self.version = self.release[:2]
        self.name = "%s %s" % (interpreter.implementation, interpreter.version)
        self.is_cpython = self.implementation == "CPython"
        self.is_promised = self.is_cpython and self.version >= (3, 8)
        self.is_old = self.version < (3, 6)
        self.loader = os.path.join("differential", "old_loader.py") if self.is_old else LOADER
        run = subprocess.run([*self.command, str(TESTS / self.loader), "ways"], stdout=subprocess.PIPE, check=True)
        self.ways = json.loads(run.stdout.decode())
        self.loaded = self.malformed = 0
        self.rules = {}  # by name, how many streams needed it

    def verify(self, encoding, pairs):
        for at in range(0, len(pairs), CHUNK):
            yield from verify(self.command, encoding, pairs[at:at + CHUNK], self.loader)

    def make(self, count, seed):
        return made_by(self.command, count, seed, self.loader)
