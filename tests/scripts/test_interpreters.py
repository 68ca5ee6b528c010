# SPDX-License-Identifier: MIT
"""What PYTHONS names is found and used: an interpreter, an installation, the root of another system, a folder of such.
The interpreters are the running Python under other versions, so that they are told apart; the loader of the other
system is a script.  What is no Python is not run, and a path without any ends the search."""
import contextlib
import io
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "differential"))

import interpreters  # noqa: E402
from pythons import Python  # noqa: E402
from statements import conclude, expect  # noqa: E402

PYTHON = """#!%(python)s
import os, platform, sys
if sys.argv[1] == "-c":
    platform.python_version = lambda: "%(version)s"
    exec(sys.argv[2])
else:
    os.execv("%(python)s", ["%(python)s"] + sys.argv[1:])
"""
LOADER = """#!/bin/sh
[ "$1" = --library-path ] || exit 9
shift 2
echo "$1" >> "%s"
exec "$@"
"""
TRAP = """#!/bin/sh
echo trapped >> "%s"
"""


def write_script(text, *path):
    path = os.path.join(*path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


def read_lines(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return file.read().splitlines()


def fake_python(version, *path):
    return write_script(PYTHON % {"python": sys.executable, "version": version}, *path)


def find(*paths):
    """By version, what is found with these in PYTHONS, and nothing on the path or below pyenv's directory."""
    os.environ["PYTHONS"] = " ".join(paths)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            found = interpreters.find()
    except SystemExit:
        return {}
    expect(found[0].command == (sys.executable,), "the running Python does not come first")
    return {interpreter.version: interpreter for interpreter in found}


def expect_use(found, version):
    """It is a Python that the comparison can ask, and whose answers count."""
    expect(version in found, "%s is not found: %s" % (version, list(found)))
    if version in found:
        python = Python(found[version])
        answers = list(python.verify("ASCII", [(b"N.", "None"), (b"N.", "True"), (b"K\1.", "")]))
        expect([len(otherwise) for otherwise in answers] == [0, len(python.ways), len(python.ways)],
               "%s judges otherwise: %s" % (version, answers))
        expect(python.name == "CPython " + version, "%s is called %s" % (version, python.name))
        expect(len(python.make(3, 1)) == 3, "%s makes no pickles" % version)


def check_folder(folder):
    log, traps = os.path.join(folder, "log"), os.path.join(folder, "traps")
    installed = fake_python("3.98.1", folder, "installed", "bin", "python3.98")
    fake_python("3.97.0rc1", folder, "system", "usr", "bin", "python3.97")
    loader = write_script(LOADER % log, folder, "system", "usr", "lib", "any-linux", "ld-linux-any.so.2")
    os.symlink("/bin/sh", os.path.join(folder, "system", "usr", "bin", "python3"))
    write_script(TRAP % traps, folder, "installed", "bin", "python3.98-config")
    found = find(folder)
    expect_use(found, "3.98.1")
    expect_use(found, "3.97.0rc1")
    expect(found.get("3.98.1") and found["3.98.1"].command == (installed,), "what is installed is not run as it is")
    by_loader = (loader, "--library-path", os.path.dirname(loader))
    expect(found.get("3.97.0rc1") and found["3.97.0rc1"].command[:3] == by_loader,
           "the loader of the other system does not run its Python: %s" % found)
    run = read_lines(log)
    expect(run, "the loader of the other system is not run")
    expect(not [path for path in run if not path.endswith("python3.97")], "a link out of the system is followed")
    expect(not read_lines(traps), "python3.98-config is run")
    for paths in ([os.path.join(folder, "installed")], [installed], [os.path.join(folder, "system"), installed]):
        expect("3.98.1" in find(*paths) and ("3.97.0rc1" in find(*paths)) == (len(paths) == 2), "PYTHONS=%s" % paths)
    expect("3.98.1" not in find(), "3.98.1 is found without PYTHONS")


def check_nothing(folder):
    no_python = write_script(TRAP % os.devnull, folder, "nothing", "python3")
    for path in (os.path.join(folder, "nothing"), no_python, os.path.join(folder, "nowhere")):
        expect(not find(path), "no Python runs in %s, and the search goes on" % path)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PATH"] = os.environ["PYENV_ROOT"] = os.path.join(folder, "empty")
        check_folder(os.path.join(folder, "pythons"))
        check_nothing(folder)
    return conclude("interpreters")


if __name__ == "__main__":
    sys.exit(main())
