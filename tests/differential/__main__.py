#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares with every Python on this machine: what is accepted it must load, to the same value, in every way that it has of
loading, to the last byte, without importing or calling anything.  What picklers write of plain values must be accepted.
What is refused as malformed no CPython may load.  pickle-check, which checks files, and dump, which decodes in memory, must
say the same, however the bytes come.  docs/differential.md tells more.

    tests/differential [--count=N] [--seed=S]

N streams are generated and mutated (3000; make differential takes 200000), besides the corpus, the cases and plain
values of every pickler.  The environment: PYTHONS, more interpreters or folders of such (tests/scripts/interpreters.py);
DIFFERENTIAL_SKIP=pypy, to do without PyPy.  Exit status: 0 no difference that no rule permits; 1 there is one, or
something was not covered."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scripts"))

from harness import HAS_ZLIB, TESTS, TOP, Refusal, dump, fail, is_accepted, misframed, misplaced, program, show  # noqa: E402
from streams import hostile_streams, old_pickles, plain_pickles, wide_streams  # noqa: E402

import interpreters  # noqa: E402
import rules  # noqa: E402
from pythons import Python  # noqa: E402

GROUPS = [  # options of dump and pickle-check, encoding for Python, share of the streams in percent
    ((), "ASCII", 52),
    (("--encoding=latin1",), "latin1", 12),
    (("--encoding=bytes",), "bytes", 12),
    (("--allow-cycles",), "ASCII", 12),
]
WIDE = ("--allow=plain",)
WIDE_PERCENT = 12
WAYS = ["--chunk=1", "--chunk=13", "--borrow"]
BATCH = 10000
SHOWN = 20
MAX_BYTES = 100000  # of a file of the corpus that is loaded by every Python in every way


class Run:
    def __init__(self, found):
        self.pythons = found
        self.streams = self.plain = self.wide = self.accepted = self.offsets = self.files = 0
        self.failures = []

    def malformed(self):
        return sum(python.malformed for python in self.pythons)

    def judge(self, streams, options, encoding, is_hostile=False):
        """Dumps and checks them in every way and lets the Pythons load them; returns dump's lines.  An old
        Python, whose memo tells text indexes from binary ones, gets only what picklers write."""
        lines = dump(streams, *options)
        for way in WAYS:
            for stream, line, other in zip(streams, lines, dump(streams, way, *options)):
                if line != other:
                    self.failures.append("%s %s: %s, but with %s: %s" % (show(stream), options, line, way, other))
        self.check_files(streams, lines, options)
        self.check_places(streams, lines)
        raw = [(stream, line) for stream, line in zip(streams, lines)
               if stream[:2] != b"\x1f\x8b" and len(stream) <= MAX_BYTES]
        accepted = [(stream, line) for stream, line in raw if is_accepted(line)]
        malformed = [(stream, line) for stream, line in raw if line.startswith("refused SP2")]
        self.streams += len(streams)
        self.accepted += len(accepted)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:  # each waits for an interpreter
            tasks = [threads.submit(self.load_all, number, accepted, malformed, encoding)
                     for number, python in enumerate(self.pythons) if not (is_hostile and python.is_old)]
        for task in tasks:
            task.result()
        return lines

    def load_all(self, number, accepted, malformed, encoding):
        """One Python gets what is accepted and, if it is promised, what is malformed: the first one all, the others a part."""
        python = self.pythons[number]
        python.loaded += len(accepted)
        self.load(python, accepted, encoding)
        if python.is_promised:
            part = malformed if number == 0 else malformed[number % 8::8]
            python.malformed += len(part)
            self.load(python, part, encoding, True)

    def check_files(self, streams, lines, options):
        """The command, on files, has the verdicts of dump."""
        with tempfile.TemporaryDirectory() as scratch:
            names = [os.path.join(scratch, "%d" % number) for number in range(len(streams))]
            for name, stream in zip(names, streams):
                with open(name, "wb") as file:
                    file.write(stream)
            run = subprocess.run([program("SPK_CHECK"), "--json", *options, "--files0-from=-"], stdout=subprocess.PIPE,
                                 input=b"".join(os.fsencode(name) + b"\0" for name in names))
        reports = [json.loads(line) for line in run.stdout.decode().splitlines()][:-1]
        if len(reports) != len(streams):
            fail("pickle-check ended with %d after %d of %d files" % (run.returncode, len(reports), len(streams)))
        for stream, line, report in zip(streams, lines, reports):
            wanted = ("accepted", None, None) if is_accepted(line) else \
                ("rejected", Refusal(line).name, Refusal(line).offset)
            said = (report["verdict"], report.get("name"), report.get("offset") if report.get("name") else None)
            self.files += 1
            if said != wanted and "limit-alloc" not in (said[1], wanted[1]):
                self.failures.append("%s %s: pickle-check says %s, dump %s" % (show(stream), options, said, wanted))

    def check_places(self, streams, lines):
        for stream, line in list(zip(streams, lines))[::8]:
            if not is_accepted(line) and stream[:2] != b"\x1f\x8b":
                refusal = Refusal(line)
                wrong = misplaced(stream, refusal.name, refusal.opcode, refusal.offset)
                self.offsets += 1
                if wrong:
                    self.failures.append("%s: %s, but %s" % (show(stream), line, wrong))
        for stream, line in zip(streams, lines):
            if is_accepted(line) and b"\x95" in stream and misframed(stream):
                self.failures.append("%s is accepted, but %s" % (show(stream), misframed(stream)))

    def load(self, python, pairs, encoding, is_malformed=False):
        """Pairs of a stream and dump's line; what is malformed must not load at all."""
        wanted = [(stream, "" if is_malformed else line) for stream, line in pairs]
        for (stream, line), found in zip(pairs, python.verify(encoding, wanted)):
            used = set()
            for way, what in found:
                rule = rules.permit(rules.Difference(python, stream, line, way, what))
                used.add(rule)
                if not rule:
                    self.failures.append("%s %s: %s by %s: %s; here: %s"
                                         % (python.name, encoding, show(stream), way, what[:500], line[:300]))
            for rule in used - {None}:
                python.rules[rule] = python.rules.get(rule, 0) + 1


def read_inputs(run):
    """The corpus and the cases, judged; returns accepted pickles to mutate."""
    files = [path for path in sorted((TOP / "corpus").rglob("*")) if path.is_file() and path.suffix != ".py"]
    cases = [json.loads(line) for line in (TESTS / "data" / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    streams = [path.read_bytes() for path in files] + [bytes.fromhex(case["hex"]) for case in cases]
    if not HAS_ZLIB:
        streams = [stream for stream in streams if stream[:2] != b"\x1f\x8b"]
    lines = run.judge(streams, (), "ASCII")
    run.judge([stream for stream, line in zip(streams, lines) if not is_accepted(line)], ("--allow-cycles",), "ASCII")
    seeds = [path.read_bytes() for path in files if path.parent.name == "accept" and path.suffix == ".pickle"]
    if len(files) < 500 or len(cases) < 500 or not seeds:
        fail("the corpus is not there: %d files, %d cases, %d seeds" % (len(files), len(cases), len(seeds)))
    return [stream for stream in seeds if len(stream) < 1500]


def judge_plain(run, count, seed):
    """What picklers write must be accepted: all Pythons' picklers, and the running one's of values with cycles."""
    groups = [(python.make(count, int("%d%02d" % (seed, number))), (), python.name)
              for number, python in enumerate(run.pythons)]
    groups.append((list(plain_pickles(count, seed, True)), ("--allow-cycles",), "with cycles"))
    for streams, options, writer in groups:
        if len(streams) < count:
            run.failures.append("%s wrote %d of %d pickles" % (writer, len(streams), count))
        for stream, line in zip(streams, run.judge(streams, options, "ASCII")):
            run.plain += 1
            if not is_accepted(line):
                run.failures.append("a plain pickle of %s is refused: %s: %s" % (writer, show(stream), line))
        yield from streams


def judge_hostile(run, count, seed, seeds):
    for number, (options, encoding, percent) in enumerate(GROUPS):
        share = count * percent // 100
        for at in range(0, share, BATCH):
            streams = list(hostile_streams(min(BATCH, share - at), "%d %d %d" % (seed, number, at), seeds))
            run.judge(streams, options, encoding, True)


def judge_wide(run, count, seed):
    """Names of a set: what picklers write must be accepted, and of its mutations what is accepted must load."""
    seeds = list(old_pickles(max(300, count // 100), seed))
    for stream, line in zip(seeds, run.judge(seeds, WIDE, "ASCII+plain", True)):
        run.wide += 1
        if not is_accepted(line):
            run.failures.append("a pickle of plain data with names is refused: %s: %s" % (show(stream), line))
    share = count * WIDE_PERCENT // 100
    for at in range(0, share, BATCH):
        streams = list(wide_streams(min(BATCH, share - at), "%d %d" % (seed, at), seeds))
        run.wide += sum(is_accepted(line) for line in run.judge(streams, WIDE, "ASCII+plain", True))


def missing(run):
    """What a comparison must have, and this one has not."""
    running = run.pythons[0]
    for kind in ("C, ", "Python, "):
        if not running.is_promised or not any(way.startswith(kind) for way in running.ways):
            yield "CPython's %s unpickler" % kind.strip(", ")
    if not any(python.implementation == "PyPy" for python in run.pythons) and \
            "pypy" not in os.environ.get("DIFFERENTIAL_SKIP", ""):
        yield "PyPy (Debian: pypy3; DIFFERENTIAL_SKIP=pypy does without)"
    counts = {"streams": run.streams, "plain": run.plain, "wide": run.wide, "accepted": run.accepted, "offsets": run.offsets, "files": run.files,
              "malformed": run.malformed(), **{python.name: python.loaded for python in run.pythons}}
    for name, number in counts.items():
        if number == 0:
            yield name


def show_results(run):
    for text in run.failures[:SHOWN]:
        print("FAILED: " + text)
    print("\n%-18s %4s %8s %8s  %s" % ("Python", "ways", "streams", "loads", "otherwise, by rule"))
    for python in run.pythons:
        used = ", ".join("%s %d" % item for item in sorted(python.rules.items())) or "none"
        print("%-18s %4d %8d %8d  %s" % (python.name, len(python.ways), python.loaded, python.loaded * len(python.ways), used))
    unused = [rule.name for rule in rules.RULES if not any(rule.name in python.rules for python in run.pythons)]
    if unused:
        print("rules that were not needed: " + ", ".join(unused))
    print("differential: %d streams (%d plain, %d with names), %d accepted, %d malformed, %d offsets and %d files checked, %d differences"
          % (run.streams, run.plain, run.wide, run.accepted, run.malformed(), run.offsets, run.files, len(run.failures)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    run = Run([Python(interpreter) for interpreter in interpreters.find()])
    seeds = read_inputs(run)
    seeds += list(judge_plain(run, max(100, arguments.count // 100), arguments.seed))
    judge_hostile(run, arguments.count, arguments.seed, seeds)
    judge_wide(run, arguments.count, arguments.seed)
    run.failures += ["without " + name for name in missing(run)]
    show_results(run)
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
