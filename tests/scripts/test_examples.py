# SPDX-License-Identifier: MIT
"""Compiles examples/john.c as its head says, as C and as C++, under AddressSanitizer with LeakSanitizer where the library
is built without sanitizers too, and runs it: it prints what it loaded, Python reads both files as the dict that they
hold, a disk that is full is noticed, and then whatever stood under the name is still there."""
import gzip
import os
import pickle
import shutil
import stat
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from harness import HANG_SECONDS, HAS_ZLIB, TOP, compiler, fail, program  # noqa: E402

JOHN = {"name": "John", "age": 30}


def compiled(directory, command, flags):
    target = os.path.join(directory, "john")
    source = str(TOP / "examples" / "john.c")
    subprocess.run([*command, "-O1", "-g", "-Wall", "-Wextra", "-Werror", *flags, "-I", str(TOP / "include"), source,
                    "-x", "none", program("SPK_LIBRARY"), "-o", target,
                    *os.environ.get("SPK_LIBRARY_FLAGS", "-lz").split()], check=True)
    return target


def run(target, directory):
    process = subprocess.run([target], cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             timeout=HANG_SECONDS, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=1"))
    return process.returncode, process.stdout.decode(), process.stderr.decode()


def try_to_run(target, directory):
    """Returns how many files Python reads as what they hold."""
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
    return len(found)


def fill_the_disk(target, directory):
    """/dev/full by a link, and as root by a device of its own under the very name; returns how many there were."""
    path = os.path.join(directory, "data.pickle")
    tried = 0
    for make in (lambda: os.symlink("/dev/full", path), lambda: os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 7))):
        os.unlink(path)
        try:
            make()
            open(path, "wb").close()
        except OSError:  # only root makes devices, and not on every file system
            continue
        before = os.lstat(path)
        status, output, errors = run(target, directory)
        if status != 1 or "data.pickle: name" in output or "data.pickle: " not in errors:
            fail("with a full disk john ended with %d: %s%s" % (status, output, errors))
        if not os.path.lexists(path) or not os.path.samestat(before, os.lstat(path)):
            fail("john removed what it had not made")
        tried += 1
    return tried


def main():
    sanitized = "-fsanitize" in os.environ.get("SPK_LIBRARY_FLAGS", "")
    flags = [] if sanitized else ["-fsanitize=address"]
    commands = [[*compiler(), "-std=c11"]]
    others = filter(shutil.which, ("c++", "g++", "clang++"))
    machine = [word for word in compiler()[1:] if word.startswith("-m")]
    commands += [[name, *machine, "-std=c++17", "-x", "c++"] for name in list(others)[:1] if not sanitized]
    for command in commands:
        with tempfile.TemporaryDirectory() as directory:
            target = compiled(directory, command, flags)
            read = try_to_run(target, directory)
            full = fill_the_disk(target, directory) if os.path.exists("/dev/full") else 0
        print("examples: %s: john dumps and loads, Python reads %d files equal, %d full disks are noticed"
              % (" ".join(command), read, full))
    return 0


if __name__ == "__main__":
    sys.exit(main())
