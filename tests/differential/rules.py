# SPDX-License-Identifier: MIT
"""What a Python may do otherwise: the one table of permitted differences, which docs/differential.md shows as well
(tests/scripts/test_documents.py compares them).  A rule is as narrow as can be told from the stream and from what happened.  None
lets CPython 3.8 or later load otherwise what was accepted."""
import collections
import pickletools
import re

# One way of loading that did not do what it should: line is what dump prints of the stream (its canonical text, or why it is
# refused), what is what came instead.
Difference = collections.namedtuple("Difference", "python stream line way what")
Rule = collections.namedtuple("Rule", "name who applies")

NAN = re.compile(r"\bf[7f]ff(?!0{13}\b)[0-9a-f]{13}\b")
OTHER = "other value: "
FRAME = re.compile(rb"\x95(.{8})", re.S)
LINES = ("INT", "LONG", "FLOAT", "STRING", "UNICODE", "PUT", "GET")
FILES = ("C, BytesIO", "C, open", "C, gzip.open", "C, buffer of 16 bytes")
LONE_BACKSLASH = re.compile(rb"\\[^uU]")
NUMBERS = re.compile(r"[#@]\d+")

# pickletools stops at operands that loaders take, such as STRING's escapes beyond ASCII: here a line is only a line.
_LINE = pickletools.ArgumentDescriptor("line", pickletools.UP_TO_NEWLINE, lambda stream: stream.readline(), "a line")
for _opcode in pickletools.opcodes:
    if _opcode.name in LINES:
        _opcode.arg = _LINE


def _opcodes(stream):
    """Names and least protocols of the opcodes, as far as they can be told apart."""
    found = []
    try:
        for opcode, _, _ in pickletools.genops(stream):
            found.append((opcode.name, opcode.proto))
    except Exception:  # what pickletools raises for operands that it does not like is anything
        pass
    return found


def _is_cpython_before_8(python):
    return python.is_cpython and (3, 6) <= python.version < (3, 8)


def _protocol_5(d):
    return (_is_cpython_before_8(d.python) and d.stream[:2] == b"\x80\x05" and "unsupported pickle protocol: 5" in d.what)


def _bytearray8(d):
    is_unknown = "invalid load key, '\\x96'" in d.what or "KeyError: 150" in d.what
    return _is_cpython_before_8(d.python) and is_unknown and ("BYTEARRAY8", 5) in _opcodes(d.stream)


def _is_pypy(python):
    return python.implementation == "PyPy"


def _pypy_nan(d):
    return _is_pypy(d.python) and d.what.startswith(OTHER) and len(NAN.findall(d.line)) >= 2


def _pypy_backslash(d):
    return _is_pypy(d.python) and d.what.startswith(OTHER) and b"V" in d.stream and LONE_BACKSLASH.search(d.stream)


def _is_27(python):
    return python.version == (2, 7)


def _old_opcodes(d):
    refused = ("unsupported pickle protocol", "invalid load key", "KeyError: ", "ValueError: ")
    return _is_27(d.python) and d.what.startswith(("UnpicklingError: ", "KeyError: ", "ValueError: ")) and \
        any(word in d.what for word in refused) and (d.stream[:2] in (b"\x80\x03", b"\x80\x04", b"\x80\x05") or
                                                      any(proto > 2 for _, proto in _opcodes(d.stream)))


def _with_old_nan(text, d):
    """2.7 makes of the line "nan" one with the sign set."""
    return text.replace("f7ff8000000000000", "ffff8000000000000") if b"Fnan\n" in d.stream else text


def _old_nan(d):
    return _is_27(d.python) and b"Fnan\n" in d.stream and d.what == OTHER + _with_old_nan(d.line, d)


def _old_order(d):
    """Apart from the order in which containers are met, and so numbered, the texts have the same characters."""
    if not _is_27(d.python) or not d.what.startswith(OTHER) or "{" not in d.line:
        return False
    texts = [_with_old_nan(NUMBERS.sub("", text), d) for text in (d.what[len(OTHER):], d.line)]
    return sorted(texts[0]) == sorted(texts[1])


def _keeps_to_frames(python):
    """Its C unpickler, too, lets no opcode reach out of its frame (gh-154848)."""
    return python.is_cpython and (python.release >= (3, 14, 7) or (3, 13, 15) <= python.release < (3, 14))


def _cut_line(d):
    """A frame that ends within the line of the opcode that was refused, read from a file by C."""
    if not d.python.is_cpython or _keeps_to_frames(d.python):
        return False
    if d.way not in FILES or not d.line.startswith("refused SP2"):
        return False
    _, _, _, offset, _, opcode, _ = d.line.split(" ", 6)
    start = int(offset)
    end = d.stream.find(b"\n", start)
    frames = [match.end() + int.from_bytes(match.group(1), "little") for match in FRAME.finditer(d.stream[:start])]
    return opcode in LINES and any(start < frame_end <= (end if end >= 0 else len(d.stream)) for frame_end in frames)


RULES = [
    Rule("cut-line", "CPython before 3.13.15 and 3.14.7, C, from files", _cut_line),
    Rule("protocol-5", "CPython 3.6, 3.7", _protocol_5),
    Rule("bytearray8", "CPython 3.6, 3.7", _bytearray8),
    Rule("pypy-nan", "PyPy", _pypy_nan),
    Rule("pypy-backslash", "PyPy", _pypy_backslash),
    Rule("old-opcodes", "CPython 2.7", _old_opcodes),
    Rule("old-order", "CPython 2.7", _old_order),
    Rule("old-nan", "CPython 2.7", _old_nan),
]


def permit(difference):
    """The name of the rule that permits it, or None."""
    for rule in RULES:
        if rule.applies(difference):
            return rule.name
    return None
