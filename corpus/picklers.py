# SPDX-License-Identifier: MIT
"""The samples that real picklers write: run by generate.py under each Python it finds, from 2.7 on.

Prints one line per sample, its name and its bytes in hexadecimal.  It dumps and never loads.  The same Python must
print the same bytes each time: no clock, no addresses, no order of a hash that varies, so sets hold small ints."""
from __future__ import print_function

import collections
import datetime
import io
import pickle
import pickletools
import platform
import sys

PY2 = sys.version_info[0] == 2
PYPY = platform.python_implementation() == "PyPy"
PYTHON = ("pypy" if PYPY else "py") + "%d%d" % sys.version_info[:2]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

if PY2:
    import copy_reg as copyreg
    import cPickle
    unicode_type, long_type = unicode, long  # noqa: F821
else:
    import copyreg
    unicode_type, long_type = str, int


class Evil(object):
    """What an attacker's class looks like; dumping it runs nothing."""

    def __reduce__(self):
        import os
        return os.system, ("id",)


class Ordinary(object):
    def __init__(self):
        self.name = "John"


class Extension(object):
    pass


class WithState(dict):
    pass


def dump_functions():
    """(name, function(value, protocol) -> bytes) of each pickler that this Python has."""
    def python_pickler(value, protocol):
        buffer = io.BytesIO()
        getattr(pickle, "_Pickler", pickle.Pickler)(buffer, protocol).dump(value)
        return buffer.getvalue()
    if PY2:
        return [("cpickle", cPickle.dumps), ("pickle", python_pickler)]
    if PYPY:
        return [("py", python_pickler)]
    return [("c", pickle.dumps), ("py", python_pickler)]


def u(escaped):
    return escaped.encode("ascii").decode("unicode_escape")


def atoms(protocol):
    ints = [0, 1, -1, 2, 255, 256, 65535, 65536, -128, -129, 2 ** 31 - 1, -2 ** 31]
    longs = [long_type(0), long_type(5), 2 ** 31, -2 ** 31 - 1, 2 ** 63 - 1, -2 ** 63, 2 ** 64, 10 ** 22, -10 ** 40]
    big = [1 << 2039, -(1 << 2039)] if protocol in (0, 2) else []  # the first LONG4, one bit past the last LONG1
    floats = [0.0, -0.0, 1.0, 1.5, -2.5e-3, 1e16, 1e22, 0.1, 5e-324, 1.7976931348623157e308, float("inf"),
              -float("inf"), float("nan")]
    texts = [u("unicode"), u(""), u("\\xe9\\u20ac"), u("line\\nbreak\\r\\\\ \\x1a\\t\\x00'\""), u("\\U0001f600"),
             u("\\u4e2d") * 90]
    strings = ["", "plain", "it's", 'say "no"', "a\tb\nc\\d\x00\x7f\x01", "x" * 256]
    if not PY2:
        texts.append(u("\\ud83d"))
    if not PY2 and protocol >= 3:
        strings += [b"", b"bytes\x00\xff", b"y" * 256]
    if not PY2 and protocol >= 5:
        strings += [bytearray(b""), bytearray(b"bytearray\x00\xff")]
    return [None, True, False] + ints + longs + big + floats + texts + strings


def containers(protocol):
    shared, key = [1, "shared"], ("a", 2)
    value = {
        "empty": [(), [], {}],
        "tuples": [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),))],
        "lists": [[0], [0, 1], [[[[[["deep"]]]]]]],
        "keys": {None: 0, 1: 1, 2.5: 2, "s": 3, key: 4, (): 5, (1, ("x", key)): 6},
        "shared": [shared, shared, key, key, (shared, shared)],
        "one": {"pair": shared},
    }
    if protocol >= 4:
        frozen = frozenset([1, 2])
        value["sets"] = [set(), frozenset(), {1, 2, 3}, frozen, {frozen}, {frozen: frozen}, set(range(10))]
    if PY2:
        return sorted(value.items())  # the order of a dict is not 2.7's to keep, though the same each time
    return value


def batches(protocol):
    """Around the 1000 items that a batch holds; the C picklers up to 3.14 write an empty batch after full ones."""
    value = [[None] * 999, [None] * 1000, [None] * 1001, [None] * 2000, dict.fromkeys(range(1000)),
             dict.fromkeys(range(1001)), dict.fromkeys(range(2000))]
    if protocol >= 4:
        value += [set(range(1000)), set(range(1001)), set(range(2000))]
    return value


def many(protocol):
    """More memo entries than one byte counts, the old ones and the young ones used again."""
    lists = [[] for _ in range(300)]
    return lists + lists[::37]


def recursive(protocol):
    """One value of each kind that contains itself; some of these need POP or POP_MARK."""
    a_list = [1]
    a_list.append(a_list)
    a_dict = {}
    a_dict[1] = a_dict
    in_list, in_dict, four_in_list = [], {}, []
    in_list.append((in_list,))
    in_dict[1] = (in_dict,)
    four = (four_in_list, 1, 2, 3)
    four_in_list.append(four)
    return [("list", a_list), ("dict", a_dict), ("tuple", in_list[0]), ("tuple-dict", in_dict[1]), ("tuple4", four)]


def refused_types(protocol):
    """Values that no pickle of plain data holds, though harmless."""
    values = [("datetime", datetime.datetime(2020, 1, 2)), ("ordereddict", collections.OrderedDict([(1, 2)])),
              ("complex", 1j), ("exception", ValueError("no")), ("function", len)]
    if protocol < 4:
        values += [("set", {1, 2}), ("frozenset", frozenset([1]))]
    if not PY2 and protocol < 3:
        values += [("bytes", b"\x01\xff"), ("bytes-empty", b"")]
    if protocol < 5:
        values.append(("bytearray", bytearray(b"ab")))
    return values


def plain_samples(name, dumps):
    for protocol in PROTOCOLS:
        prefix = "%s-%s-p%d-" % (PYTHON, name, protocol)
        yield "accept/" + prefix + "atoms.pickle", dumps(atoms(protocol), protocol)
        data = dumps(containers(protocol), protocol)
        yield "accept/" + prefix + "containers.pickle", data
        optimized = pickletools.optimize(data)
        yield "accept/" + prefix + "containers-optimized.pickle", optimized
        if protocol in (1, 2, 4):
            yield "accept/" + prefix + "batches.pickle.gz", dumps(batches(protocol), protocol)
        if protocol in (0, 1, 4):
            yield "accept/" + prefix + "many.pickle.gz", dumps(many(protocol), protocol)
        for kind, value in recursive(protocol):
            data = dumps(value, protocol)
            yield "refuse/cycle/" + prefix + kind + ".pickle", data
            yield "accept/" + prefix + "cycle-" + kind + "@allow-cycles.pickle", data


def framed_samples(name, dumps):
    for size in (65535, 65536):
        value = [b"x" * size, "y" * size, "z" * 40000, "Z" * 40000, 1]
        yield "accept/%s-%s-p4-frames-%d.pickle.gz" % (PYTHON, name, size), dumps(value, 4)


def python2_samples(name, dumps):
    for protocol in PROTOCOLS:
        prefix = "%s-%s-p%d-" % (PYTHON, name, protocol)
        data = dumps(["caf\xe9", "long \xff " * 40, {"\x80": u("\\xe9")}], protocol)
        yield "refuse/not-ascii/" + prefix + "high-str.pickle", data
        yield "accept/" + prefix + "high-str@encoding=latin1.pickle", data
        yield "accept/" + prefix + "high-str@encoding=bytes.pickle", data


def refused_samples(name, dumps):
    for protocol in PROTOCOLS:
        prefix = "%s-%s-p%d-" % (PYTHON, name, protocol)
        yield "refuse/code-import/" + prefix + "evil.pickle", dumps(Evil(), protocol)
        yield "refuse/code-import/" + prefix + "instance.pickle", dumps([1, Ordinary()], protocol)
        state = WithState(a=1)
        state.state = 1
        yield "refuse/code-import/" + prefix + "dict-subclass.pickle", dumps({"x": state}, protocol)
        if name in ("c", "cpickle"):
            for kind, value in refused_types(protocol):
                yield "refuse/code-import/" + prefix + kind + ".pickle", dumps(value, protocol)


def special_samples(name):
    """What takes a pickler with settings: persistent ids, the registry of copyreg, buffers beside the pickle."""
    class Persistent(pickle._Pickler if name == "py" and not PY2 else pickle.Pickler):
        def persistent_id(self, value):
            return "table.row" if isinstance(value, Ordinary) else None
    for protocol in PROTOCOLS:
        prefix = "%s-%s-p%d-" % (PYTHON, name, protocol)
        buffer = io.BytesIO()
        Persistent(buffer, protocol).dump([Ordinary()])
        yield "refuse/code-persistent/" + prefix + "row.pickle", buffer.getvalue()
        if protocol >= 2:
            for width, code in ((1, 200), (2, 60000), (4, 70000)):
                copyreg.add_extension(Extension.__module__, "Extension", code)
                buffer = io.BytesIO()
                Persistent(buffer, protocol).dump(Extension)
                copyreg.remove_extension(Extension.__module__, "Extension", code)
                yield "refuse/code-extension/" + prefix + "ext%d.pickle" % width, buffer.getvalue()
        if protocol >= 5:
            buffers = []
            value = [pickle.PickleBuffer(b"read only"), pickle.PickleBuffer(bytearray(b"writable"))]
            data = pickle.dumps(value, protocol, buffer_callback=buffers.append)
            yield "refuse/buffer/" + prefix + "beside.pickle", data


def samples():
    for name, dumps in dump_functions():
        groups = [plain_samples(name, dumps), refused_samples(name, dumps)]
        if PY2:
            groups.append(python2_samples(name, dumps))
        elif sys.version_info >= (3, 6):
            groups += [framed_samples(name, dumps), special_samples(name)]
        for group in groups:
            for sample in group:
                yield sample


if __name__ == "__main__":
    for class_ in (Evil, Ordinary, Extension, WithState):
        class_.__module__ = "malicious"
    sys.modules["malicious"] = sys.modules["__main__"]
    for sample_name, sample_data in samples():
        print(sample_name, "".join("%02x" % byte for byte in bytearray(sample_data)))
