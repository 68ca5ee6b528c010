# SPDX-License-Identifier: MIT
"""Python's value as canonical text, the same text that tests/programs/dump.c prints for a decoded document, so that values can
be compared byte for byte.  Never loads anything itself, and refuses every type that is not one of the twelve plain
ones.

The text, which holds printable ASCII only:

    None  True  False
    i1f  i-1f  i0           int: hexadecimal, lower case, no leading zero
    f3ff8000000000000       float: the 16 hexadecimal digits of its IEEE 754 bits, those of a NaN as well
    'a\\x0a\\u20ac\\U0001f600'   str: everything but printable ASCII, and the quote and the backslash too, as \\xhh up
                            to U+00FF, \\uhhhh up to U+FFFF, \\Uhhhhhhhh above; a lone surrogate is \\ud800
    b'...'  a'...'          bytes, bytearray, with the same escapes
    [x, y]  (x, y)  {k: v, l: w}  S{x, y}  F{x, y}
                            list, tuple, dict in its order, set, frozenset: members sorted by their text

Containers and bytearrays are numbered 0, 1, 2... when first met, a container before its items: #4[..] is the first
meeting, @4 stands for every later one.  Two things have no number.  An empty tuple or frozenset, because Python has
only one of each.  And whatever stands inside a set or frozenset: its members have no order to be met in, so that they
are written out each time and not remembered.

What the library alone can tell stands in an exact form of the text, which the C checks print and Python cannot: the
members of a set or frozenset in the order in which they are kept and numbered like all others, and every container has
its number, empty tuples and frozensets too."""
import struct


def escaped(code_points):
    parts = []
    for code in code_points:
        if 0x20 <= code < 0x7F and code not in (0x27, 0x5C):
            parts.append(chr(code))
        elif code < 0x100:
            parts.append("\\x%02x" % code)
        elif code < 0x10000:
            parts.append("\\u%04x" % code)
        else:
            parts.append("\\U%08x" % code)
    return "'" + "".join(parts) + "'"


ATOMS = {  # differential/old_loader.py adds the types of Python 2
    type(None): str,
    bool: str,
    int: lambda value: "i%x" % value,
    float: lambda value: "f" + "".join("%02x" % byte for byte in bytearray(struct.pack(">d", value))),
    str: lambda value: escaped(map(ord, value)),
    bytes: lambda value: "b" + escaped(value),
}
_BRACKETS = {list: ("[", "]"), tuple: ("(", ")"), dict: ("{", "}"), set: ("S{", "}"), frozenset: ("F{", "}")}
_TEXT, _VALUE = object(), object()


def _expanded(value):
    """A set or frozenset, and all in it, without numbers."""
    frames = [(None, iter([value]), [])]
    while True:
        kind, items, texts = frames[-1]
        for item in items:
            if type(item) in ATOMS:
                texts.append(ATOMS[type(item)](item))
            else:
                frames.append((type(item), iter(item), []))
                break
        else:
            frames.pop()
            if not frames:
                return texts[0]
            opening, closing = _BRACKETS[kind]
            frames[-1][2].append(opening + ", ".join(texts if kind is tuple else sorted(texts)) + closing)


def _steps(value):
    """What remains to be written after the opening bracket, last step first."""
    closing = _BRACKETS[type(value)][1]
    steps = []
    if type(value) is dict:
        for key, item in value.items():
            steps += [(_TEXT, ", "), (_VALUE, key), (_TEXT, ": "), (_VALUE, item)]
    else:
        for item in value:
            steps += [(_TEXT, ", "), (_VALUE, item)]
    return [(_TEXT, closing)] + steps[:0:-1]  # without the comma that stands before the first


def canonical(root):
    parts, numbers, todo = [], {}, [(_VALUE, root)]
    while todo:
        what, value = todo.pop()
        kind = type(value)
        if what is _TEXT:
            parts.append(value)
        elif kind in ATOMS:
            parts.append(ATOMS[kind](value))
        elif kind in (tuple, frozenset) and not value:
            parts.append("".join(_BRACKETS[kind]))
        elif id(value) in numbers:
            parts.append("@%d" % numbers[id(value)])
        elif kind is not bytearray and kind not in _BRACKETS:
            raise TypeError("not a plain type: " + kind.__name__)
        else:
            parts.append("#%d" % len(numbers))
            numbers[id(value)] = len(numbers)
            if kind is bytearray:
                parts.append("a" + escaped(value))
            elif kind in (set, frozenset):
                parts.append(_expanded(value))
            else:
                parts.append(_BRACKETS[kind][0])
                todo += _steps(value)
    return "".join(parts)
