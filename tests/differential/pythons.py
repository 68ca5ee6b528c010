# SPDX-License-Identifier: MIT
"""The Pythons on this machine: on the path under their usual names, below pyenv's directory, and those named by PYTHONS (paths
with blanks between).  Each implementation and version counts once.  Runs them, and changes nothing."""
import glob
import json
import os
import shutil
import subprocess
import sys

from harness import TESTS, verify, made_by

NAMES = ["python3", "python2", "python2.7", "pypy3", "pypy"] + ["%s3.%d" % (name, minor) for name in ("python", "pypy")
                                                               for minor in range(6, 16)]
TELL = "import platform; print(platform.python_implementation() + ' ' + platform.python_version())"
CHUNK = 4000  # records that an interpreter gets at once


class Python:
    def __init__(self, path, implementation, version):
        self.path, self.implementation, self.version = path, implementation, tuple(map(int, version.split(".")[:2]))
        self.name = "%s %s" % (implementation, version)
        self.is_cpython = implementation == "CPython"
        self.is_promised = self.is_cpython and self.version >= (3, 8)
        self.is_old = self.version < (3, 6)
        self.loader = os.path.join("differential", "old_loader.py") if self.is_old else "loader.py"
        run = subprocess.run([path, str(TESTS / self.loader), "ways"], stdout=subprocess.PIPE, check=True)
        self.ways = json.loads(run.stdout.decode())
        self.loaded = self.malformed = 0
        self.rules = {}  # by name, how many streams needed it

    def verify(self, encoding, pairs):
        for at in range(0, len(pairs), CHUNK):
            yield from verify(self.path, encoding, pairs[at:at + CHUNK], self.loader)

    def make(self, count, seed):
        return made_by(self.path, count, seed, self.loader)


def _candidates():
    yield sys.executable
    yield from os.environ.get("PYTHONS", "").split()
    yield from filter(None, map(shutil.which, NAMES))
    yield from filter(os.path.exists, ("/usr/bin/python3", "/usr/bin/pypy3"))
    yield from sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python")))


def _tell(path):
    """Implementation and version; nothing for a name behind which no Python runs."""
    try:
        run = subprocess.run([path, "-c", TELL], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = run.stdout.decode(errors="replace").split()
    return words if run.returncode == 0 and len(words) == 2 else None


def find():
    """The running one first, then by name."""
    found, seen = {}, set()
    for path in _candidates():
        real = os.path.realpath(path)
        told = None if real in seen else _tell(path)
        seen.add(real)
        if told and (told[1].startswith("2.7") or tuple(map(int, told[1].split(".")[:2])) >= (3, 6)):
            found.setdefault(tuple(told), path)
    pythons = [Python(path, *told) for told, path in found.items()]
    return pythons[:1] + sorted(pythons[1:], key=lambda python: (python.implementation, python.version, python.name))
