#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the sample files of corpus/, or with --check compares them with what it would write.

    corpus/generate.py [--check] [PYTHON...]

Real picklers are those of the Pythons named on the command line, in the environment variable PYTHONS (paths,
separated by blanks) and found in PATH.  A run touches only files that it can make: those of other Pythons and those
that somebody added by hand stay as they are.  README.md says what the files are.

It never loads a pickle.  Exit status: 0 done or equal, 1 different, 2 no Python ran."""
import gzip
import io
import os
import pathlib
import pickle
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import handmade  # noqa: E402
import wrapped  # noqa: E402

CORPUS = pathlib.Path(__file__).resolve().parent
IN_PATH = ["python2.7"] + ["python3.%d" % minor for minor in range(6, 16)] + ["python3", "pypy3"]

# The Pythons whose picklers the corpus has.  A sample that several picklers write alike is stored once, under the first
# of them in this order.  A Python that is not here is compared too, but what it alone writes is only mentioned.
PICKLERS = ["py27-cpickle", "py27-pickle"] + \
    ["py3%d-%s" % (minor, pickler) for minor in range(6, 14) for pickler in ("c", "py")] + ["pypy39-py"]


def pythons():
    names = sys.argv[1:] + os.environ.get("PYTHONS", "").split() + IN_PATH
    paths = []
    for path in filter(None, map(shutil.which, [name for name in names if name != "--check"])):
        if path not in paths:
            paths.append(path)
    return paths


def pickler_samples(python):
    """(name, bytes) of what the picklers of one Python write; None if it cannot run."""
    environment = dict(os.environ, PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1")
    run = subprocess.run([python, str(CORPUS / "picklers.py")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=environment, universal_newlines=True)
    if run.returncode != 0:
        return None
    pairs = [line.rstrip("\n").split(" ") for line in run.stdout.splitlines()]
    return [(name, bytes.fromhex(data)) for name, data in pairs]


def gzipped(data, name=""):
    """As gzip.open writes it, but with the time 0, so that it is the same tomorrow."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename=name, mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def first_samples():
    """The files this project began with, as pickle.dump and gzip.open of Python 3.8 to 3.13 write them; an attack."""
    data = pickle.dumps({"name": "John", "age": 30}, 4)
    yield "samples/data.pickle", data
    yield "samples/data.pickle.gz", gzipped(data, "data.pickle.gz")
    yield "samples/evil.pickle", handmade.UNSAFE["code-import"]["stack-global"]


class Corpus:
    """Writes or compares; counts."""

    def __init__(self, check):
        self.check, self.same, self.written, self.different, self.unknown = check, 0, 0, 0, 0

    def put(self, name, data, packed_by_zlib=False):
        path = CORPUS / name
        old = path.read_bytes() if path.exists() else None
        # another zlib may pack the same data otherwise
        if old == data or (old and packed_by_zlib and gzip.decompress(old) == gzip.decompress(data)):
            self.same += 1
        elif self.check:
            self.different += 1
            print("%s: %s" % (name, "is missing" if old is None else "differs"))
        else:
            self.written += 1
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def put_pickled(self, name, data):
        """Stores what a pickler wrote, unless an earlier one writes the same and has it stored."""
        directory, file = name.rsplit("/", 1)
        python, pickler, sample = file.split("-", 2)
        pickler = python + "-" + pickler
        data = gzipped(data) if name.endswith(".gz") else data
        for earlier in PICKLERS[:PICKLERS.index(pickler)] if pickler in PICKLERS else PICKLERS:
            path = CORPUS / directory / ("%s-%s" % (earlier, sample))
            if path.exists() and self.is_same(path, data):
                return self.leave_out(name)
        if pickler in PICKLERS:
            self.put(name, data, packed_by_zlib=name.endswith(".gz"))
        else:
            self.unknown += 1
            print("%s: new, from a Python that the corpus does not have" % name)

    def leave_out(self, name):
        path = CORPUS / name
        if not path.exists():
            self.same += 1
        elif self.check:
            self.different += 1
            print("%s: an earlier pickler writes the same" % name)
        else:
            self.written += 1
            path.unlink()

    @staticmethod
    def is_same(path, data):
        old = path.read_bytes()
        return old == data or (path.suffix == ".gz" and gzip.decompress(old) == gzip.decompress(data))


def in_order(sample):
    pickler = "-".join(sample[0].rsplit("/", 1)[1].split("-", 2)[:2])
    return PICKLERS.index(pickler) if pickler in PICKLERS else len(PICKLERS)


def main():
    corpus = Corpus("--check" in sys.argv[1:])
    for samples in (first_samples(), handmade.samples(), wrapped.samples()):
        for name, data in samples:
            corpus.put(name, data, packed_by_zlib=name.startswith("samples/") and name.endswith(".gz"))
    pickled, used = [], 0
    for python in pythons():
        samples = pickler_samples(python)
        if samples:
            used += 1
            pickled += samples
        else:
            print("%s: does not run, passed over" % python)
    for name, data in sorted(pickled, key=in_order):
        corpus.put_pickled(name, data)
    print("%d Pythons: %d samples the same, %d written or removed, %d different, %d of unknown Pythons"
          % (used, corpus.same, corpus.written, corpus.different, corpus.unknown))
    if used == 0 or corpus.same + corpus.written == 0:
        return 2
    return 1 if corpus.different else 0


if __name__ == "__main__":
    sys.exit(main())
