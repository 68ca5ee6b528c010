# SPDX-License-Identifier: MIT
"""Loads pickles in every way that this Python has and compares the values with texts: run by harness.py in a process
of its own, for a stream that was accepted by mistake may do anything.

    loader.py verify ENCODING     records on standard input: a pickle, and the canonical text it must have, or nothing
                                  if no way may load it.  One line each: a JSON list of what is otherwise.  With
                                  ENCODING+SET the names of that set (ALLOWED) may be imported, and nothing else
    loader.py imports             records: a pickle.  One line each: a JSON string, the name that Python would import
                                  first, or null
    loader.py make COUNT SEED     writes records: so many plain pickles, by this Python's picklers
    loader.py dump COUNT SEED CYCLES   writes records: pairs of a plain pickle with and without a memo, by its C pickler;
                                  CYCLES is 1 for values that may contain themselves

    loader.py ways                the names of the ways of loading: a JSON list

A part of a record stands behind its length, 4 bytes, little-endian.  Works with CPython and PyPy from 3.6 on; what came
before has differential/old_loader.py.  Nothing is imported or called for a pickle here but what a set allows: else
find_class, persistent_load and import itself raise an exception of ours.  Files are written to a temporary directory."""
import builtins
import codecs
import gzip
import io
import json
import os
import pickle
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from canonical import canonical  # noqa: E402

MEMORY = 3 << 30

# The names that a set of spk_options.allow stands for, as a pickle spells them: written down independently of the
# library's src/constructors.def.
_PLAIN = {(module, name) for module in ("__builtin__", "builtins") for name in ("set", "frozenset", "bytes", "bytearray")}
ALLOWED = {"": set(), "plain": _PLAIN | {("_codecs", "encode")}}
_RENAMED = {"__builtin__": "builtins"}  # what the names of Python 2 that are allowed become


class Permission:
    """What may be imported at the moment."""
    names = set()
    modules = set()
    refused = False  # something else was asked for

    @classmethod
    def give(cls, names):
        cls.names = names
        cls.modules = {_RENAMED.get(module, module) for module, _ in names}


class Ran(BaseException):
    """A pickle asked for something that is not plain data.  No Exception, so that no unpickler catches it."""


def _refuse(*arguments, **keywords):
    Permission.refused = True
    raise Ran("would import or call")


class Stop(BaseException):
    def __init__(self, name):
        self.name = name


class _CUnpickler(pickle.Unpickler):
    persistent_load = _refuse

    def find_class(self, module, name):
        return super().find_class(module, name) if (module, name) in Permission.names else _refuse()


class _PyUnpickler(pickle._Unpickler):
    persistent_load = _refuse

    def find_class(self, module, name):
        return super().find_class(module, name) if (module, name) in Permission.names else _refuse()


class _Namer(pickle._Unpickler):
    def find_class(self, module, name):
        raise Stop(module + "." + name)

    def persistent_load(self, pid):
        raise Stop(str(pid))


def _forbid_imports():
    """For pickle.loads, which takes no class of ours; the codecs that unpicklers use are imported before."""
    for name in ("ascii", "latin-1", "latin1", "utf-8", "raw-unicode-escape"):
        codecs.lookup(name)
    imported = builtins.__import__

    def import_allowed(name, *arguments, **keywords):
        return imported(name, *arguments, **keywords) if name in Permission.modules else _refuse()

    builtins.__import__ = import_allowed


def _load_bytes(load):
    return lambda data, path, encoding: (load(data, encoding=encoding), len(data))


def _load_file(unpickler, opened):
    """Loads from what opened(data, path) gives, and tells how far that was read."""
    def load(data, path, encoding):
        with opened(data, path) as file:
            return unpickler(file, encoding=encoding).load(), file.tell()
    return load


def _open_bytes(data, path):
    return io.BytesIO(data)


def _open_file(data, path):
    with open(path, "wb") as file:
        file.write(data)
    return open(path, "rb")


def _open_buffer(data, path):
    return io.BufferedReader(io.BytesIO(data), 16)  # so small that it ends within opcodes


def _open_gzip(data, path):
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(data)
    return gzip.open(path, "rb")


WAYS = [("C, loads", _load_bytes(pickle.loads)),
        ("C, BytesIO", _load_file(_CUnpickler, _open_bytes)),
        ("C, open", _load_file(_CUnpickler, _open_file)),
        ("C, gzip.open", _load_file(_CUnpickler, _open_gzip)),
        ("C, buffer of 16 bytes", _load_file(_CUnpickler, _open_buffer)),
        ("Python, loads", _load_bytes(pickle._loads)),
        ("Python, BytesIO", _load_file(_PyUnpickler, _open_bytes)),
        ("Python, open", _load_file(_PyUnpickler, _open_file)),
        ("Python, gzip.open", _load_file(_PyUnpickler, _open_gzip))]


def _judge(data, path, encoding, way, expected):
    """None, or what is otherwise than expected."""
    try:
        value, position = way(data, path, encoding)
        text = canonical(value)
    except Ran as error:
        return str(error) if expected else None
    except (Exception, RecursionError, MemoryError) as error:
        return "%s: %s" % (type(error).__name__, error) if expected else None
    if not expected:
        return "loads: " + text[:200]
    if position != len(data):
        return "leaves %d bytes unread" % (len(data) - position)
    return None if text == expected else "other value: " + text[:2000]


def _read_parts(count):
    """Tuples of so many parts of a record."""
    source = sys.stdin.buffer
    while True:
        parts = []
        for _ in range(count):
            head = source.read(4)
            if not head:
                return
            parts.append(source.read(struct.unpack("<I", head)[0]))
        yield parts


def _answer(answer):
    os.write(1, (json.dumps(answer) + "\n").encode())  # at once, so that a crash shows which record it was


def _judge_all(data, path, encoding, expected):
    """What is otherwise, by way.  pickle.loads is told of modules alone, and not of names: it comes last, and only if no
    other way met a name that is not allowed."""
    judged = {name: _judge(data, path, encoding, way, expected) for name, way in WAYS if not name.endswith("loads")}
    if not Permission.names or not Permission.refused:
        judged.update((name, _judge(data, path, encoding, way, expected)) for name, way in WAYS if name not in judged)
    return [[name, judged[name]] for name, _ in WAYS if judged.get(name)]


def verify(encoding):
    encoding, _, allowed = encoding.partition("+")
    Permission.give(ALLOWED[allowed])
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "pickle")
        imported = builtins.__import__
        _forbid_imports()
        for data, text in _read_parts(2):
            Permission.refused = False
            _answer(_judge_all(data, path, encoding, text.decode()))
        builtins.__import__ = imported


def imports():
    for data, in _read_parts(1):
        name = None
        try:
            _Namer(io.BytesIO(data)).load()
        except Stop as stop:
            name = stop.name
        except (Exception, RecursionError, MemoryError):
            pass
        _answer(name)


def make(count, seed):
    from streams import plain_pickles
    for data in plain_pickles(count, seed):
        sys.stdout.buffer.write(struct.pack("<I", len(data)) + data)


def dump(count, seed, cycles):
    from streams import dumped_pickles
    for pair in dumped_pickles(count, seed, cycles):
        for data in pair:
            sys.stdout.buffer.write(struct.pack("<I", len(data)) + data)


if __name__ == "__main__":
    try:
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except ImportError:
        pass
    sys.setrecursionlimit(1000)
    if sys.argv[1] == "verify":
        verify(sys.argv[2])
    elif sys.argv[1] == "ways":
        _answer([name for name, _ in WAYS])
    elif sys.argv[1] == "imports":
        imports()
    elif sys.argv[1] == "dump":
        dump(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1")
    else:
        make(int(sys.argv[2]), int(sys.argv[3]))
