# SPDX-License-Identifier: MIT
"""What loader.py does, for CPython 2.7: loads pickles by cPickle and pickle and compares the values with texts, and makes
pickles of plain values.  Runs under 2.7 alone.  The str of Python 2 counts as text or as bytes, as the encoding says, and an
int or a long is an int.

    old_loader.py verify ENCODING     as loader.py
    old_loader.py make COUNT SEED     as loader.py
    old_loader.py ways                as loader.py

Nothing is imported or called for a pickle here: find_global, find_class and persistent_load raise an exception of ours."""
from __future__ import print_function

import cPickle
import gzip
import json
import os
import pickle
import random
import shutil
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scripts"))

import canonical  # noqa: E402
from StringIO import StringIO  # noqa: E402
import cStringIO  # noqa: E402


LONG = type(1 << 70)


class Ran(BaseException):
    """A pickle asked for something that is not plain data."""


def _refuse(*arguments):
    raise Ran("would import or call")


class _Unpickler(pickle.Unpickler):
    find_class = _refuse

    def __init__(self, file):
        pickle.Unpickler.__init__(self, file)
        self.persistent_load = _refuse


def _c_unpickler(file):
    unpickler = cPickle.Unpickler(file)
    unpickler.find_global = unpickler.persistent_load = _refuse
    return unpickler


def _open_file(data, path):
    with open(path, "wb") as file:
        file.write(data)
    return open(path, "rb")


def _open_gzip(data, path):
    file = gzip.open(path, "wb", 1)
    file.write(data)
    file.close()
    return gzip.open(path, "rb")


def _load(unpickler, opened):
    def load(data, path):
        file = opened(data, path)
        try:
            return unpickler(file).load(), file.tell()
        finally:
            file.close()
    return load


WAYS = [("C, StringIO", _load(_c_unpickler, lambda data, path: cStringIO.StringIO(data))),
        ("C, open", _load(_c_unpickler, _open_file)),
        ("C, gzip.open", _load(_c_unpickler, _open_gzip)),
        ("Python, StringIO", _load(_Unpickler, lambda data, path: StringIO(data))),
        ("Python, open", _load(_Unpickler, _open_file))]


def _know_old_types(encoding):
    texts = {"ASCII": lambda value: canonical.escaped(map(ord, value)),
             "bytes": lambda value: "b" + canonical.escaped(map(ord, value))}
    canonical.ATOMS[str] = texts.get(encoding, texts["ASCII"])
    canonical.ATOMS[type(u"")] = lambda value: canonical.escaped(map(ord, value))
    canonical.ATOMS[LONG] = canonical.ATOMS[int]


def _judge(data, path, way, expected):
    try:
        value, position = way(data, path)
        text = canonical.canonical(value)
    except Ran as error:
        return str(error) if expected else None
    except Exception as error:
        return "%s: %s" % (type(error).__name__, str(error)) if expected else None
    if not expected:
        return "loads: " + text[:200]
    if position != len(data):
        return "leaves %d bytes unread" % (len(data) - position)
    return None if text == expected else "other value: " + text


def _read_record():
    head = sys.stdin.read(4)
    return sys.stdin.read(struct.unpack("<I", head)[0]) if head else None


def _answer(answer):
    os.write(1, json.dumps(answer, encoding="latin-1") + "\n")


def verify(encoding):
    _know_old_types(encoding)
    scratch = tempfile.mkdtemp()
    try:
        data = _read_record()
        while data is not None:
            expected = _read_record()
            judged = [[name, _judge(data, os.path.join(scratch, "pickle"), way, expected)] for name, way in WAYS]
            _answer([found for found in judged if found[1]])
            data = _read_record()
    finally:
        shutil.rmtree(scratch)


def _value(rng, depth):
    number = rng.choice([0, 1, -1, 255, 256, 65536, 2 ** 31, -2 ** 63, 2 ** 64, 10 ** 30, rng.getrandbits(70)])
    atoms = [None, True, False, number, LONG(number), rng.random(), -0.0, 1e300, "", "text", "a'b\"c\\\n",
             "x" * rng.choice([255, 256, 300]), u"", u"caf\u00e9 \u20ac", u"\\u0041\n", u"\U0001f600"]
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(atoms)
    items = [_value(rng, depth - 1) for _ in range(rng.choice([0, 1, 2, 3, 5, 1001 if depth == 1 else 4]))]
    if items and rng.random() < 0.2:
        items.append(items[0])
    kind = rng.choice(["list", "tuple", "dict"])
    if kind == "dict":
        return dict((rng.choice([number, "key", u"key", (1, "x")]), item) for number, item in enumerate(items))
    return items if kind == "list" else tuple(items)


def make(count, seed):
    rng = random.Random("old %d" % seed)
    for number in range(count):
        pickler = (cPickle, pickle)[number % 2]
        data = pickler.dumps(_value(rng, rng.choice([0, 1, 2, 3])), rng.randrange(3))
        sys.stdout.write(struct.pack("<I", len(data)) + data)


if __name__ == "__main__":
    if sys.argv[1] == "verify":
        verify(sys.argv[2])
    elif sys.argv[1] == "ways":
        _answer([name for name, _ in WAYS])
    else:
        make(int(sys.argv[2]), int(sys.argv[3]))
