# SPDX-License-Identifier: MIT
"""The Pythons on this machine, for the tests that ask more than one: the running one, those that PYTHONS names, those
on the path under their usual names, and those below pyenv's directory.  Each implementation and version counts once.

PYTHONS holds paths with blanks between.  Each is an interpreter, or a folder: an installation (with bin/python3.14
in it), the root of another system (with usr/bin/python3.14), or a folder of such.  An interpreter in the root of a
system that has its own C library is run by the loader in there, which takes no rights.  A path behind which no Python
runs ends the test.

Asks the interpreters for their names, and changes nothing."""
import collections
import glob
import os
import re
import shutil
import subprocess
import sys

from harness import HANG_SECONDS, fail

# The words that run it, such as ("/usr/bin/python3",), and what it calls itself.
Interpreter = collections.namedtuple("Interpreter", "command implementation version")

NAMES = ["python3", "python2", "python2.7", "pypy3", "pypy"] + ["%s3.%d" % (name, minor) for name in ("python", "pypy")
                                                               for minor in range(6, 16)]
NAME_IN_FOLDER = re.compile(r"(python|pypy)([23](\.\d+)?)?")  # not python3.14-config
PREFIXES = ("", "usr", "*", os.path.join("*", "usr"))
LOADERS = [os.path.join(*parts, "ld-linux*.so.*") for parts in (("lib", "*"), ("usr", "lib", "*"))]
TELL = "import platform; print(platform.python_implementation() + ' ' + platform.python_version())"


def _below(folder, pattern):
    return sorted(glob.glob(os.path.join(glob.escape(folder), pattern)))


def _command(prefix, path):
    """The words that run what is installed below a prefix; none if that is a link out of the system it is part of."""
    root = os.path.dirname(prefix) if os.path.basename(prefix) == "usr" else prefix
    loaders = [loader for pattern in LOADERS for loader in _below(root, pattern) if not os.path.islink(loader)]
    if not loaders:
        return (path,)
    if not os.path.realpath(path).startswith(os.path.join(os.path.realpath(root), "")):
        return ()
    libraries = ":".join(dict.fromkeys(map(os.path.dirname, loaders)))
    return (loaders[0], "--library-path", libraries, path)


def in_folder(folder):
    """The commands of what looks like a Python in a folder."""
    for pattern in PREFIXES:
        for prefix in _below(os.path.abspath(folder), pattern):
            prefix = prefix.rstrip(os.sep)
            names = [path for path in _below(prefix, os.path.join("bin", "p*"))
                     if NAME_IN_FOLDER.fullmatch(os.path.basename(path))]
            yield from filter(None, (_command(prefix, path) for path in names))


def _on_the_machine():
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    yield from filter(None, map(shutil.which, NAMES))
    yield from filter(os.path.exists, ("/usr/bin/python3", "/usr/bin/pypy3"))
    yield from _below(root, os.path.join("versions", "*", "bin", "python"))


def _tell(command):
    """Implementation and version; nothing for a name behind which no Python runs."""
    try:
        run = subprocess.run([*command, "-c", TELL], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             timeout=HANG_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = run.stdout.decode(errors="replace").split()
    return tuple(words) if run.returncode == 0 and len(words) == 2 else None


def _number(version):
    return tuple(map(int, version.split(".")[:2]))


class _Pool:
    def __init__(self):
        self.found, self.told = {}, {}  # by implementation and version; what each file says of itself

    def add(self, command):
        """True if a Python runs there, be it one that is known by another path."""
        real = os.path.realpath(command[-1])
        if real not in self.told:
            self.told[real] = _tell(command)
        told = self.told[real]
        if told and (told[1].startswith("2.7") or _number(told[1]) >= (3, 6)):
            self.found.setdefault(told, Interpreter(tuple(command), *told))
        return bool(told)


def find():
    """The running one first, then by name."""
    pool = _Pool()
    pool.add([sys.executable])
    for path in os.environ.get("PYTHONS", "").split():
        commands = list(in_folder(path)) if os.path.isdir(path) else [(path,)]
        if True not in [pool.add(command) for command in commands]:
            fail("PYTHONS names %s, where no Python runs" % path)
    for path in _on_the_machine():
        pool.add([path])
    first, *others = pool.found.values()
    return [first] + sorted(others, key=lambda it: (it.implementation, _number(it.version), it.version))
