# SPDX-License-Identifier: MIT
"""Thousands of generated and mutated pickles, decoded here and loaded by Python.

What is accepted, every CPython from 3.8 on must load: to the same value by canonical text, by its C and its Python
unpickler and from every kind of input, without asking for an import or a persistent object, without leaving a byte
unread.  What picklers write of plain values must be accepted.  The verdict must not depend on how the bytes come
or what is kept.

    test_differential.py [--count=40000] [--seed=1]

PYTHONS in the environment, paths separated by blanks, adds interpreters.  Those older than 3.8, and PyPy, are
reported, but promised is nothing about them.  What is refused as malformed (SP2xx) and yet loaded by the running
Python is counted."""
import argparse
import os
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import TOP, Refusal, dump, fail, is_accepted, made_by, misframed, misplaced, show, verify  # noqa: E402
from streams import hostile_streams, plain_pickles  # noqa: E402

GROUPS = [  # options of dump, encoding for Python, share of the streams in percent
    ((), "ASCII", 64),
    (("--encoding=latin1",), "latin1", 12),
    (("--encoding=bytes",), "bytes", 12),
    (("--allow-cycles",), "ASCII", 12),
]
WAYS = ["--chunk=1", "--chunk=13", "--borrow"]
SHOWN = 20


class Python:
    """An interpreter that loads what was accepted."""

    def __init__(self, path):
        self.path, self.loaded, self.disagreements, self.notes = path, 0, 0, []
        command = "import platform; print(platform.python_implementation() + ' ' + platform.python_version())"
        output = subprocess.run([path, "-c", command], stdout=subprocess.PIPE, check=True).stdout.decode()
        implementation, version = output.split()
        version_info = tuple(map(int, version.split(".")[:2]))
        self.name = implementation + " " + version
        self.is_promised = implementation == "CPython" and version_info >= (3, 8)
        self.can_load = version_info >= (3, 6)


class Run:
    def __init__(self, pythons):
        self.pythons = pythons
        self.streams = self.accepted = self.offsets = self.loaded_though_malformed = 0
        self.failures, self.notes = [], []

    def judge(self, streams, options, encoding):
        """Dumps them in every way and lets all Pythons load the accepted ones; returns the lines."""
        lines = dump(streams, *options)
        for way in WAYS:
            for stream, line, other in zip(streams, lines, dump(streams, way, *options)):
                if line != other:
                    self.failures.append("%s %s: %s, but with %s: %s" % (show(stream), options, line, way, other))
        self.check_places(streams, lines)
        accepted = [(stream, line) for stream, line in zip(streams, lines) if is_accepted(line)]
        self.streams += len(streams)
        self.accepted += len(accepted)
        for python in self.pythons:
            self.load(python, accepted, encoding)
        return lines

    def check_places(self, streams, lines):
        for stream, line in list(zip(streams, lines))[::8]:
            if not is_accepted(line):
                refusal = Refusal(line)
                wrong = misplaced(stream, refusal.name, refusal.opcode, refusal.offset)
                self.offsets += 1
                if wrong:
                    self.failures.append("%s: %s, but %s" % (show(stream), line, wrong))
        for stream, line in zip(streams, lines):
            if is_accepted(line) and b"\x95" in stream and misframed(stream):
                self.failures.append("%s is accepted, but %s" % (show(stream), misframed(stream)))

    def load(self, python, accepted, encoding):
        python.loaded += len(accepted)
        for (stream, line), found in zip(accepted, verify(python.path, encoding, accepted)):
            python.disagreements += bool(found)
            for way, what in found:
                text = "%s %s: %s by %s: %s; here: %s" % (python.name, encoding, show(stream), way, what, line[:300])
                (self.failures if python.is_promised else python.notes).append(text)

    def survey_malformed(self, streams, lines, encoding):
        """SP2xx says that no unpickler loads it: counts those that the running Python loads."""
        malformed = [(stream, "") for stream, line in zip(streams, lines) if line.startswith("refused SP2")]
        for (stream, _), found in zip(malformed, verify(sys.executable, encoding, malformed)):
            if found and found[0][0] != "all":
                self.loaded_though_malformed += 1
                self.notes.append("malformed, yet loaded: %s %s" % (show(stream), found))


def plain(run, count, seed):
    """What picklers write must be accepted: all Pythons' picklers, and the running one's of values with cycles."""
    streams = []
    for number, python in enumerate(run.pythons):
        streams += made_by(python.path, count // len(run.pythons) + 1, "%d%02d" % (seed, number))
    for group, options in ((streams, ()), (list(plain_pickles(count // 4, seed, True)), ("--allow-cycles",))):
        for stream, line in zip(group, run.judge(group, options, "ASCII")):
            if not is_accepted(line):
                run.failures.append("a plain pickle is refused: %s: %s" % (show(stream), line))
        yield from group


def read_corpus():
    """Accepted samples, Python 2's as well, to be mutated."""
    files = [path for path in sorted((TOP / "corpus" / "accept").glob("*.pickle")) if path.stat().st_size < 1500]
    if not files:
        fail("no samples in corpus/accept")
    return [path.read_bytes() for path in files]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=40000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    paths = [sys.executable] + os.environ.get("PYTHONS", "").split()
    pythons = [python for python in map(Python, dict.fromkeys(paths)) if python.can_load]
    run = Run(pythons)

    seeds = list(plain(run, arguments.count // 10, arguments.seed)) + read_corpus()
    plain_count = run.streams
    for number, (options, encoding, percent) in enumerate(GROUPS):
        count = (arguments.count - plain_count) * percent // 100
        for at in range(0, count, 20000):
            seed = "%d %d %d" % (arguments.seed, number, at)
            streams = list(hostile_streams(min(20000, count - at), seed, seeds))
            lines = run.judge(streams, options, encoding)
            run.survey_malformed(streams, lines, encoding)

    for text in run.notes[:SHOWN] + [note for python in pythons for note in python.notes[:SHOWN // 5]]:
        print("note: " + text)
    for text in run.failures[:SHOWN]:
        print("FAILED: " + text)
    for python in pythons:
        print("%s%s: %d loaded, %d otherwise"
              % (python.name, "" if python.is_promised else " (not promised)", python.loaded, python.disagreements))
    print("%d refused as malformed are loaded by the running Python" % run.loaded_though_malformed)
    print("differential: %d streams (%d plain), %d accepted, %d offsets checked, %d disagreements"
          % (run.streams, plain_count, run.accepted, run.offsets, len(run.failures)))
    if min(run.streams - plain_count, plain_count, run.accepted - plain_count, run.offsets) <= 0:
        fail("too few streams of some kind for a verdict")
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
