# SPDX-License-Identifier: MIT
"""Compiles examples/john.c as its head says, under AddressSanitizer with LeakSanitizer where the library is built without
sanitizers too, and runs it: it prints what it loaded, and Python reads both files as the dict that they hold."""
import gzip
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from harness import HANG_SECONDS, HAS_ZLIB, TOP, compiler, fail, program  # noqa: E402

JOHN = {"name": "John", "age": 30}


def compiled(directory, source, flags):
    target = os.path.join(directory, pathlib.Path(source).stem)
    command = [*compiler(), "-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", *flags,
               "-I", str(TOP / "include"), str(source), program("SPK_LIBRARY"), "-o", target,
               *os.environ.get("SPK_LIBRARY_FLAGS", "-lz").split()]
    subprocess.run(command, check=True)
    return target


def run(target, directory):
    process = subprocess.run([target], cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=HANG_SECONDS,
                             env=dict(os.environ, ASAN_OPTIONS="detect_leaks=1"))
    return process.returncode, process.stdout.decode(), process.stderr.decode()


def main():
    sanitized = "-fsanitize" in os.environ.get("SPK_LIBRARY_FLAGS", "")
    with tempfile.TemporaryDirectory() as directory:
        target = compiled(directory, TOP / "examples" / "john.c", [] if sanitized else ["-fsanitize=address"])
        status, output, errors = run(target, directory)
        lines = ["data.pickle: name John, age 30\n", "data.pickle.gz: name John, age 30\n"]
        if not HAS_ZLIB:
            if status != 1 or output != lines[0] or "SP605" not in errors:
                fail("without zlib john ended with %d: %s%s" % (status, output, errors))
        elif status != 0 or output != "".join(lines) or errors:
            fail("john ended with %d: %s%s" % (status, output, errors))
        path = os.path.join(directory, "data.pickle")
        with open(path, "rb") as file:
            found = [pickle.load(file)]
        if HAS_ZLIB:
            with gzip.open(path + ".gz", "rb") as file:
                found.append(pickle.load(file))
        if [each for each in found if each != JOHN or list(each) != list(JOHN)]:
            fail("Python reads %r" % found)
        if os.path.exists("/dev/full"):
            os.unlink(path)
            os.symlink("/dev/full", path)
            status, output, errors = run(target, directory)
            if status != 1 or lines[0] in output or "data.pickle" not in errors or os.path.lexists(path):
                fail("with a full disk john ended with %d: %s%s" % (status, output, errors))
    print("examples: john dumps and loads, Python reads %d files equal, a full disk is noticed" % len(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
