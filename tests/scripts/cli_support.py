# SPDX-License-Identifier: MIT
"""What the tests of pickle-check share: running it, reading its JSON strictly, and a directory with two inputs.  The
path of the command is the argument of the script."""
import json
import os
import pathlib
import pickle
import re
import subprocess
import sys
import tempfile
import unittest

from harness import HANG_SECONDS

COMMAND = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else None

GOOD = pickle.dumps({"name": "John", "age": 30}, 4)
EVIL = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."
KEYS = {"v", "type", "path", "verdict", "code", "name", "class", "opcode", "offset", "raw_offset", "detail", "limit",
        "wrapper", "protocol", "bytes", "opcodes", "max_depth", "hint", "message", "set"}

runs = []  # what check() was called with


class Result:
    def __init__(self, run):
        self.status, self.out, self.err = run.returncode, run.stdout, run.stderr

    def __repr__(self):
        return "out: %r, err: %r" % ((self.out or b"")[-500:], self.err[-500:])

    def lines(self):
        return self.out.decode().split("\n")[:-1]

    def objects(self):
        """The lines of --json, read strictly: plain ASCII, no key twice."""
        def unique(pairs):
            assert len(dict(pairs)) == len(pairs), pairs
            return dict(pairs)
        assert re.fullmatch(rb"([ -~]+\n)*", self.out), self.out
        return [json.loads(line, object_pairs_hook=unique) for line in self.lines()]


def check(*arguments, command=COMMAND, **how):
    runs.append(arguments)
    how.setdefault("stdout", subprocess.PIPE)
    if "stdin" not in how:
        how.setdefault("input", b"")
    return Result(subprocess.run([command, *arguments], stderr=subprocess.PIPE, timeout=HANG_SECONDS, **how))


def is_sanitized():
    return b"__asan_init" in pathlib.Path(COMMAND).read_bytes()


class CliTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        os.chmod(directory.name, 0o755)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(directory.name)
        self.write("good", GOOD)
        self.write("evil", EVIL)

    @staticmethod
    def write(name, data):
        with open(name, "wb") as file:
            file.write(data)

    def open_terminal(self):
        """Both ends of a pseudo-terminal, which a bare chroot does not have."""
        try:
            return os.openpty()
        except OSError:
            return self.skipTest("no terminals here")

    def expect(self, status, *arguments, **how):
        result = check(*arguments, **how)
        self.assertEqual(result.status, status, (arguments, result))
        return result

    def expect_usage_error(self, *arguments):
        result = self.expect(2, *arguments)
        self.assertEqual(result.out, b"", arguments)
        self.assertRegex(result.err, rb"\Apickle-check: [ -~]+\nTry 'pickle-check --help'\.\n\Z", arguments)
        return result

    def code_name(self, *arguments, **how):
        """The name of the refusal of the one input; None if it is accepted."""
        found, _ = check("--json", *arguments, **how).objects()
        self.assertIn(found["verdict"], ("accepted", "rejected"), (arguments, found))
        return found["name"]
