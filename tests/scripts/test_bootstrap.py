# SPDX-License-Identifier: MIT
"""What bootstrap.sh, the Makefile and the scripts behind them say, with stand-ins for all that they call: nothing is
built, installed or fetched.  A user without root is told once what root has to install, and whose build/ is in the way;
every mode says beforehand what it takes, and in the end what came of it."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from harness import HANG_SECONDS, TOP  # noqa: E402
from statements import conclude, expect  # noqa: E402

MODES = ["", "test", "fuzz", "fuzz-afl", "lint", "sanitize", "platforms", "coverage"]
BASIC = ["sh", "cat", "dirname", "grep", "mktemp", "rm", "sed", "sort", "tr"]
TOOLS = ["cc", "c++", "cmake", "make", "python3", "pkg-config", "readelf", "jq", "pypy3", "scdoc", "valgrind", "nproc"]
NOBODY = 65534


class Place:
    """A copy of bootstrap.sh, and a directory of stand-ins that is the whole path."""

    def __init__(self, directory, name, user="1000"):
        self.top = os.path.join(directory, name)
        self.path = os.path.join(directory, name + "-path")
        os.makedirs(self.top)
        os.mkdir(self.path)
        shutil.copy(TOP / "bootstrap.sh", self.top)
        for tool in BASIC:
            os.symlink(shutil.which(tool), os.path.join(self.path, tool))
        self.stand_in("id", "echo " + user)

    def stand_in(self, name, body, directory=None):
        path = os.path.join(directory or self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n" + body + "\n")
        os.chmod(path, 0o755)

    def run(self, *arguments, user=None):
        run = subprocess.run(["./bootstrap.sh", *filter(None, arguments)], cwd=self.top, env={"PATH": self.path},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=HANG_SECONDS,
                             preexec_fn=user and (lambda: os.setuid(user)))
        return run.returncode, run.stdout, run.stderr


def check_what_is_missing(directory):
    place = Place(directory, "bare")
    answers = {}
    for mode in MODES:
        status, output, errors = place.run(mode)
        expect(status == 2 and "There is no apt-get here" in errors,
               "%s without apt-get: %d %s" % (mode, status, errors))
        expect(re.match(r"\n== [^\n]* (minute|hour)", output), "%s does not say how long it takes: %s" % (mode, output))
    place.stand_in("apt-get", "exit 99")
    for mode in MODES:
        status, output, errors = place.run(mode)
        lines = re.findall(r"^ +sudo apt-get update && sudo apt-get install -y ([a-z0-9 .+-]+)$", errors, re.M)
        expect(status == 2 and len(lines) == 1, "%s by a user: %d %s" % (mode, status, errors))
        answers[mode] = lines[0].split() if lines else []
        expect(len(set(answers[mode])) == len(answers[mode]), "%s names a package twice: %s" % (mode, answers[mode]))
    needed = {"cmake", "gcc", "libc6-dev", "make", "zlib1g-dev", "libcriterion-dev", "jq", "scdoc", "valgrind"}
    expect(needed <= set(answers["test"]), "the tests need %s" % answers["test"])
    expect(answers[""] == answers["test"], "the plain mode asks for less: %s" % answers[""])


def check_installing(directory):
    """As root, with an apt-get that brings nothing: what it is asked for, and that this is not taken for success."""
    place = Place(directory, "root", user="0")
    place.stand_in("apt-get", 'echo "$*" >>asked; case $* in *--assume-no*) echo "Need to get 1 MB of archives."; esac')
    status, output, errors = place.run()
    expect(status == 2 and "still not usable: cmake" in errors, "installed nothing: %d %s" % (status, errors))
    expect("\nNeed to get 1 MB of archives.\n" in output, "does not say how much is installed: " + output)
    with open(os.path.join(place.top, "asked"), encoding="ascii") as file:
        asked = [line.rstrip() for line in file]
    expect(asked[0].endswith("update") and asked[-1].endswith("install -y cmake gcc libc6-dev make zlib1g-dev"),
           "asked apt-get for %s" % asked)
    place.stand_in("apt-get", "echo E: no such package; exit 100")
    status, output, errors = place.run()
    expect(status == 2 and "no such package" in errors and "could not install: cmake" in errors,
           "apt-get failed: " + errors)


def check_whose_build(directory):
    """build/ as a run with sudo leaves it."""
    place = Place(directory, "whose")
    os.mkdir(os.path.join(place.top, "build"), 0o555)
    status, output, errors = place.run("test", user=NOBODY if os.geteuid() == 0 else None)
    expect(status == 1 and "build belongs to another user" in errors and "sudo rm -rf build" in errors,
           "a build/ that cannot be written: %d %s" % (status, errors))


def check_the_end(directory):
    """With everything there: the verdicts and "Ready" after the plain mode and after the tests, unless these fail."""
    if not os.access("/usr/bin/python3-config", os.X_OK):
        print("bootstrap: python3-config is not installed: how it ends is not tried")
        return
    place = Place(directory, "complete")
    for tool in TOOLS:
        place.stand_in(tool, "exit 0")
    place.stand_in("cmake", 'echo "$*" >>asked')
    place.stand_in("pickle-check", 'echo "$1: verdict"; case $1 in *evil*) exit 1; esac',
                   os.path.join(place.top, "build"))
    ready = "\n== Ready: build/pickle-check FILE...\n"
    for mode, tests in (("", "OFF"), ("test", "ON")):
        place.stand_in("ctest", "echo tests run")
        status, output, errors = place.run(mode)
        expect(status == 0 and output.count(": verdict\n") >= 3 and output.endswith(ready),
               "%s ends with %d: %s%s" % (mode, status, output, errors))
        expect(("tests run" in output) == (mode == "test"), "%s runs tests: %s" % (mode, output))
        with open(os.path.join(place.top, "asked"), encoding="ascii") as file:
            expect("-DSPK_BUILD_TESTS=" + tests in file.read().splitlines()[-2], mode + " configures something else")
    place.stand_in("ctest", "exit 8")
    status, output, errors = place.run("test")
    expect(status == 1 and "a test failed" in errors and "Ready" not in output,
           "after a failure: %d %s" % (status, output))
    place.stand_in("coverage.py", "exit 3", os.path.join(place.top, "tools"))
    for tool in ("clang-19", "llvm-cov-19"):
        place.stand_in(tool, "exit 0")
    status, output, errors = place.run("coverage")
    expect(status == 3 and "coverage ended with exit status 3" in errors, "coverage: %d %s" % (status, errors))
    place.stand_in("coverage.py", "exit 0", os.path.join(place.top, "tools"))
    status, output, errors = place.run("coverage")
    expect(status == 0 and "\n== Done: coverage" in output, "coverage: %d %s" % (status, output))


def check_scripts(directory):
    """What lacks its tools names the mode that installs them: its own."""
    empty = os.path.join(directory, "empty")
    os.mkdir(empty)
    for name in ("lint", "sanitize", "platforms", "coverage"):
        run = subprocess.run([sys.executable, str(TOP / "tools" / (name + ".py"))], env={"PATH": empty},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=HANG_SECONDS)
        named = re.findall(r"\./bootstrap\.sh ([a-z-]+)", run.stderr)
        expect(run.returncode == 2 and named == [name], "%s.py without tools: %s" % (name, run.stderr))


def check_makefile():
    if not shutil.which("make"):
        print("bootstrap: make is not installed: the Makefile is not tried")
        return
    environment = dict(os.environ, MAKEFLAGS="")
    said = subprocess.run(["make", "help"], cwd=TOP, stdout=subprocess.PIPE, text=True, check=True,
                          env=environment).stdout
    text = (TOP / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    targets = set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split()) - {"all"}
    described = set(re.findall(r"^make ([a-z-]+) ", said, re.M))
    expect(len(targets) > 10 and described == targets, "make help describes %s" % sorted(described ^ targets))
    for unset in ([], ["FILE="]):
        run = subprocess.run(["make", "replay", *unset], cwd=TOP, stderr=subprocess.PIPE, text=True, env=environment)
        expect(run.returncode == 2 and "usage: make replay FILE=" in run.stderr, "make replay: " + run.stderr)


def main():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        check_what_is_missing(directory)
        check_installing(directory)
        check_whose_build(directory)
        check_the_end(directory)
        check_scripts(directory)
    check_makefile()
    return conclude("bootstrap", 40)


if __name__ == "__main__":
    sys.exit(main())
