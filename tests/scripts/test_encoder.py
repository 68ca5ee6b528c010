# SPDX-License-Identifier: MIT
"""What is written, against what CPython writes.  For thousands of generated values of all plain types:

- what the C pickler of a CPython from 3.8 to 3.14 dumped at protocols 2 to 5, decoded and encoded again, is the same
  bytes: from one buffer to another, through a write function in pieces, through gzip and back, and from what
  pickletools.optimize made of it; values that contain themselves as well
- what a writer puts out that is told the same value is what that Pickler dumps with the attribute "fast"
- from 3.15 on the same holds but for batches, and the frames around them: a dict or set of a whole number of thousands
  ends without an empty batch, and an item of a list or dict that is alone in its last batch is written without a MARK

The documents that promise the same bytes name these versions.

And for every accepted sample of the corpus, at each protocol: the value and its identities stay, Python loads it to the
same, and encoding what was encoded changes nothing.

    test_encoder.py [--count=20000] [--seed=1]

Asks every CPython from 3.8 on that interpreters.py finds."""
import argparse
import gzip
import os
import pickletools
import subprocess
import sys

sys.dont_write_bytecode = True

import interpreters  # noqa: E402
from harness import (HANG_SECONDS, HAS_ZLIB, LOADER, TESTS, TOP, dump, fail, program, records, show,  # noqa: E402
                     split_records, verify)

FIRST, LAST = (3, 8), (3, 14)  # of the versions whose bytes are written
PROMISES = ("README.md", "CHANGELOG.md", "docs/pickle-check.1.scd", "docs/design/encode.md", "include/safepickle.h",
            "src/encode/emit.h")
BATCHES = {"MARK", "APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS", "FRAME"}
PROTOCOLS = (2, 3, 4, 5)
SHOWN = 10


def recode(streams, *options):
    """What becomes of each stream: its bytes, or a line of text."""
    run = subprocess.run([program("SPK_RECODE"), *options], input=records(streams), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=HANG_SECONDS)
    answers = split_records(run.stdout)
    if run.returncode not in (0, 1) or run.stderr or len(answers) != len(streams):
        fail("recode %s ended with %d after %d of %d streams\n%s" % (
            " ".join(options), run.returncode, len(answers), len(streams), run.stderr.decode(errors="replace")))
    return [answer[1:] if answer[:1] == b"P" else answer[1:].decode() for answer in answers]


def version_of(interpreter):
    return tuple(map(int, interpreter.version.split(".")[:2]))


def without_batches(pickle):
    """Its opcodes and their operands but for those that differ from 3.15 on."""
    return [(opcode.name, operand) for opcode, operand, _ in pickletools.genops(pickle) if opcode.name not in BATCHES]


class Test:
    def __init__(self):
        self.failures, self.compared = [], {}
        self.has_other_batches = False  # of the Python that is compared with

    def is_alike(self, there, here):
        return there == here or (self.has_other_batches and isinstance(there, bytes) and
                                 without_batches(there) == without_batches(here))

    def expect(self, kind, streams, found, expected):
        self.compared[kind] = self.compared.get(kind, 0) + len(streams)
        for stream, there, here in zip(streams, found, expected):
            if not self.is_alike(there, here):
                there = there if isinstance(there, str) else show(there)
                self.failures.append("%s: %s became %s, not %s" % (kind, show(stream), there, show(here)))

    def dumped(self, interpreter, count, seed, cycles):
        self.has_other_batches = version_of(interpreter) > LAST
        command = [*interpreter.command, str(TESTS / LOADER), "dump", str(count), str(seed), "01"[cycles]]
        run = subprocess.run(command, stdout=subprocess.PIPE, timeout=HANG_SECONDS, check=True,
                             env=dict(os.environ, PYTHONHASHSEED="0"))
        parts = split_records(run.stdout)
        pairs = list(zip(parts[::2], parts[1::2]))
        for protocol in PROTOCOLS:
            group = [pair for pair in pairs if pair[0][1] == protocol]
            plain = [pair[0] for pair in group]
            way = ["--protocol=%d" % protocol] + ["--allow-cycles"] * cycles
            if not plain:
                fail("CPython %s dumped nothing at protocol %d" % (interpreter.version, protocol))
            kind = "cycles" if cycles else "buffer"
            self.expect(kind, plain, recode(plain, "--borrow", *way), plain)
            self.expect("pieces", plain, recode(plain, "--write", *way), plain)
            if not cycles:
                self.optimized(plain, way)
                told = [pair for pair in group if pair[1]]
                streams, fast = [pair[0] for pair in told], [pair[1] for pair in told]
                self.expect("told", streams, recode(streams, "--tell", *way), fast)
                self.packed(plain, fast, streams, way)

    def optimized(self, plain, way):
        some = [stream for stream in plain[::4] if len(stream) < 20000]
        self.expect("optimized", some, recode([pickletools.optimize(stream) for stream in some], *way), some)

    def packed(self, plain, fast, told, way):
        if not HAS_ZLIB:
            return
        for streams, expected, options in ((plain[::3], plain[::3], ["--write"]), (told[::5], fast[::5], ["--tell"])):
            packed = recode(streams, "--gzip", "--level=1", *options, *way)
            again = recode(streams, "--gzip", "--level=1", *way) if options == ["--write"] else packed
            head = b"\x1f\x8b\x08\0\0\0\0\0\x04\xff"
            found = [gzip.decompress(there) if isinstance(there, bytes) and there[:10] == head and there == other
                     else "%r" % there[:200] for there, other in zip(packed, again)]
            self.expect("gzip", streams, found, expected)

    def corpus(self):
        self.has_other_batches = False
        files = [path for path in sorted((TOP / "corpus" / "accept").rglob("*.pickle")) if "@" not in path.name]
        streams = [path.read_bytes() for path in files if path.stat().st_size < 300000]
        texts = dump(streams)
        for protocol in PROTOCOLS:
            way = "--protocol=%d" % protocol
            made = recode(streams, way)
            unfit = [line for line in made if isinstance(line, str)]
            if [line for line in unfit if not line.startswith("SP601 ") or protocol == 5]:
                self.failures.append("corpus at protocol %d: %s" % (protocol, unfit[:3]))
            written = [(stream, there, text) for stream, there, text in zip(streams, made, texts)
                       if isinstance(there, bytes)]
            encoded = [there for _, there, _ in written]
            texts_then = [text for _, _, text in written]
            self.expect("corpus", [stream for stream, _, _ in written], dump(encoded), texts_then)
            self.expect("again", encoded, recode(encoded, way), encoded)
            for (stream, _, _), found in zip(written, verify(sys.executable, "ASCII", list(zip(encoded, texts_then)))):
                if found:
                    self.failures.append("%s at protocol %d: Python %s" % (show(stream), protocol, found))
            opcodes = {opcode.name for there in encoded for opcode, _, _ in pickletools.genops(there)}
            if not opcodes or opcodes & {"GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ"}:
                self.failures.append("opcodes at protocol %d: %s" % (protocol, sorted(opcodes)))


def promised():
    """What is otherwise in the documents."""
    versions = "%d.%d to %d.%d" % (*FIRST, *LAST)
    for path in PROMISES:
        if versions not in (TOP / path).read_text(encoding="utf-8"):
            yield "%s does not say that the bytes are those of CPython %s" % (path, versions)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    test = Test()
    asked = [found for found in interpreters.find() if found.implementation == "CPython" and version_of(found) >= FIRST]
    for number, interpreter in enumerate(asked):
        seed = arguments.seed * 100 + number
        test.dumped(interpreter, arguments.count // len(asked) + 1, seed, False)
        test.dumped(interpreter, arguments.count // len(asked) // 10 + 10, seed, True)
    test.corpus()
    test.failures += promised()
    for failure in test.failures[:SHOWN]:
        print("FAILED: " + failure[:3000])
    print("encoder: %d Pythons, %s, %d failures" % (
        len(asked), ", ".join("%s %d" % item for item in test.compared.items()), len(test.failures)))
    if not asked or min(test.compared.values()) < 100:
        fail("too little was compared")
    return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
