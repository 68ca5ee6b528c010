# SPDX-License-Identifier: MIT
"""Pickles by the thousand for tests/differential and others: plain values of all types as real picklers write them, mutations of
those, and programs of the safe opcodes that no pickler would write.  Everything follows from a seed.  Dumps, never
loads.

Works with CPython and PyPy from 3.6 on."""
import io
import pickle
import pickletools
import random
import struct

INTS = [0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, -2 ** 31, -2 ** 31 - 1, 2 ** 53, 2 ** 53 + 1,
        2 ** 63 - 1, 2 ** 63, -2 ** 63, 2 ** 64, 10 ** 22, -10 ** 30, 1 << 2039, -(1 << 2040)]
FLOATS = [0.0, -0.0, 1.0, -1.0, 1.5, 0.1, 1e22, 1e16, 2.0 ** 53, 5e-324, 1.7976931348623157e308, float("inf"),
          float("-inf"), float("nan")]
TEXTS = ["", "a", "name", "\u00e9", "\u20ac", "\U0001f600", "\ud800", "\ud83d\ude00", "line\nbreak\r",
         "back\\slash \\u0041", "nul\0", "\x1a", "'\"", "x" * 255, "y" * 256, "\u4e2d" * 100, "I01\n", "(t."]
BYTES = [b"", b"a", b"\0", b"\xff\xfe", b"name", b"x" * 255, b"y" * 256, b"..", b"\x80\x04N."]


def random_int(rng):
    """Of any size, often next to a power of two of whole limbs."""
    bits = rng.choice([8, 16, 31, 32, 33, 53, 63, 64, 65, 96, 128, 129, 200])
    return rng.choice([1, -1]) * (rng.getrandbits(bits) if rng.random() < 0.7 else (1 << bits) + rng.randrange(-2, 3))


def random_float_line(rng):
    """Shortest and 17-digit forms, and whole numbers that lie half-way between two floats."""
    number = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
    half_way = (rng.getrandbits(52) << 1 | 1) << rng.randrange(1, 40)
    return rng.choice([repr(number), "%.17g" % number, str(half_way), str(half_way + rng.choice([-1, 1]))]).encode()


class Values:
    """Makes random plain values that a protocol writes without a global, or, with "old", of every type."""

    def __init__(self, rng, protocol, cycles=False, old=False):
        self.rng, self.protocol, self.cycles = rng, 5 if old else protocol, cycles
        self.made, self.keys = [], []

    def atom(self):
        rng = self.rng
        kinds = [lambda: None, lambda: rng.random() < 0.5, lambda: rng.choice(INTS), lambda: rng.randrange(-300, 300),
                 lambda: random_int(rng),
                 lambda: rng.choice(FLOATS), lambda: struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0],
                 lambda: rng.choice(TEXTS), lambda: "".join(map(chr, self.code_points()))]
        if self.protocol >= 3:
            kinds += [lambda: rng.choice(BYTES), lambda: bytes(rng.getrandbits(8) for _ in range(rng.randrange(6)))]
        return rng.choice(kinds)()

    def code_points(self):
        tops = [0x80, 0x100, 0x800, 0x10000, 0x110000]
        return [self.rng.randrange(self.rng.choice(tops)) for _ in range(self.rng.randrange(5))]

    def key(self, depth):
        rng = self.rng
        if self.keys and rng.random() < 0.2:
            return rng.choice(self.keys)
        if depth <= 0 or rng.random() < 0.8:
            return self.atom()
        items = [self.key(depth - 1) for _ in range(rng.choice([0, 1, 1, 2, 3, 4]))]
        key = frozenset(items) if self.protocol >= 4 and rng.random() < 0.3 else tuple(items)
        self.keys.append(key)
        return key

    def length(self):
        if self.rng.random() < 0.002:
            return self.rng.choice([999, 1000, 1001, 2000])
        return self.rng.choice([0, 0, 1, 1, 2, 2, 3, 4, 5, 9])

    def value(self, depth):
        rng = self.rng
        if self.made and rng.random() < 0.15:
            return rng.choice(self.made)
        if depth <= 0 or rng.random() < 0.4:
            return self.atom()
        kinds = ["list", "list", "tuple", "dict", "dict", "key"]
        if self.protocol >= 4:
            kinds.append("set")
        if self.protocol >= 5:
            kinds.append("bytearray")
        value = self.container(rng.choice(kinds), depth - 1, self.length())
        self.made.append(value)
        return value

    def container(self, kind, depth, length):
        if kind == "key":
            return self.key(depth)
        if kind == "bytearray":
            return bytearray(self.rng.choice(BYTES))
        if kind == "set":
            return {self.key(depth - 1) for _ in range(length)}
        if length > 100:
            depth = 0
        if kind == "tuple":
            return tuple([self.value(depth) for _ in range(length)])
        value = [] if kind == "list" else {}
        if self.cycles:
            self.made.append(value)  # may be met again inside itself
        for _ in range(length):
            if kind == "list":
                value.append(self.value(depth))
            else:
                value[self.key(depth)] = self.value(depth)
        return value


def pickled(rng, value, protocol, cycles, fix_imports=True):
    way = rng.choice(["c", "py", "optimize", "fast"])
    if way == "optimize":
        return pickletools.optimize(pickle.dumps(value, protocol, fix_imports=fix_imports))
    file = io.BytesIO()
    pickler = (pickle._Pickler if way == "py" else pickle.Pickler)(file, protocol, fix_imports=fix_imports)
    if way == "fast" and not cycles:
        pickler.fast = True  # no memo: what is shared is written twice
    try:
        pickler.dump(value)
    except (ValueError, KeyError):  # the fast mode of CPython takes many frozensets for a cycle, or loses count
        return pickle.dumps(value, protocol, fix_imports=fix_imports)
    return file.getvalue()


def plain_pickles(count, seed, cycles=False):
    rng = random.Random("plain %s %s" % (seed, cycles))
    for _ in range(count):
        protocol = rng.randrange(pickle.HIGHEST_PROTOCOL + 1)
        value = Values(rng, protocol, cycles).value(rng.choice([0, 2, 3, 4, 6]))
        yield pickled(rng, value, protocol, cycles)


def old_pickles(count, seed):
    """Plain values of every type at protocols 0 to 4, which name set, frozenset, bytes and bytearray."""
    rng = random.Random("old %s" % seed)
    for _ in range(count):
        protocol = rng.randrange(5)
        value = Values(rng, protocol, old=True).value(rng.choice([0, 2, 3, 4]))
        yield pickled(rng, value, protocol, False, rng.random() < 0.8)


def large_value(rng, protocol):
    """Something around the sizes at which picklers begin another batch, frame, or length."""
    text = "t" * rng.choice([255, 256, 65535, 65536, 65537, 200000])
    data = text.encode() if protocol >= 3 else text
    counts = [999, 1000, 1001, 1999, 2000, 2001, 3000]
    values = [
        lambda: [text, text[1:], data, [text, data, data[1:]]],
        lambda: [text[:rng.randrange(70000)] for _ in range(rng.randrange(12))],
        lambda: list(range(rng.choice(counts))),
        lambda: [[number] * rng.choice([0, 1, 2]) for number in range(rng.choice(counts))],
        lambda: {number: str(number) for number in range(rng.choice(counts))},
        lambda: {str(number): {"id": number, "name": text[:20]} for number in range(rng.choice(counts))},
        lambda: tuple(float(number) for number in range(rng.choice(counts))),
        lambda: [b"x" * number if protocol >= 3 else "x" * number for number in range(rng.choice([300, 700]))],
        lambda: 1 << rng.randrange(600000),
        lambda: [text[:65520 + number] for number in range(30)],
        lambda: nested(rng.randrange(450), rng.choice([lambda x: [x], lambda x: (x,), lambda x: [x, 0],
                                                       lambda x: (x, 1, 2, 3), lambda x: {0: x}])),
    ]
    if protocol >= 4:
        values += [lambda: set(range(rng.choice(counts))), lambda: frozenset(range(rng.choice(counts)))]
    if protocol >= 5:
        values.append(lambda: [bytearray(text.encode()), bytearray(3), bytearray(65535)])
    value = rng.choice(values)()
    return [value, "between", value, rng.choice(values)()] if rng.random() < 0.5 else value


def nested(levels, wrap):
    value = None
    for _ in range(levels):
        value = wrap(value)
    return value


def dumped_pickles(count, seed, cycles=False):
    """Pairs of what the plain C pickler writes at protocols 2 to 5, and of what it writes for the same value without a
    memo, or nothing where it cannot."""
    rng = random.Random("dumped %s %s" % (seed, cycles))
    for number in range(count):
        protocol = 2 + number % (pickle.HIGHEST_PROTOCOL - 1)
        if number % 50 < 2 and not cycles:
            value = large_value(rng, protocol)
        else:
            value = Values(rng, protocol, cycles).value(rng.choice([0, 2, 3, 4, 6]))
        yield pickle.dumps(value, protocol), b"" if cycles else dumped_fast(value, protocol)


def dumped_fast(value, protocol):
    file = io.BytesIO()
    pickler = pickle.Pickler(file, protocol)
    pickler.fast = True
    try:
        pickler.dump(value)
    except (ValueError, KeyError):  # the fast mode of CPython takes nested frozensets for a cycle, or loses count
        return b""
    return file.getvalue()


# ---- programs of safe opcodes -------------------------------------------------------------------------------------

NUMBER_LINES = [b"0", b"1", b"-1", b"00", b"01", b"42", b"-7", b"9223372036854775808",
                b"123456789012345678901234567890"]
ODD_LINES = [b"", b"-", b"-0", b"+1", b"010", b"0x10", b" 1", b"1 ", b"1_0", b"1\r", b"1L", b"1LL", b"02", b"1\0",
             b"1.0", b"007"]
FLOAT_LINES = [b"1.5", b"-0.0", b"0.1", b"1e+16", b"5e-324", b"inf", b"-inf", b"nan", b"1", b"-0", b"1e+400", b"1E5",
               b".5", b"2.2250738585072014e-308", b"0.10000000000000001", b"1.", b"+1.5", b"1e5", b" 1.5", b"-nan"]
STRING_LINES = [b"''", b"'abc'", b"\"it's\"", b"'\\n\\x41\\\\'", b"'\\101'", b"'\\q'", b"'caf\xe9'", b"'\\xe9'",
                b"abc", b"'a\"", b"'\\'", b"'a\0b'", b"'''", b"'\\08'", b"'\\7777'"]
UNICODE_LINES = [b"", b"abc", b"\\u20ac", b"\\U0001f600", b"caf\xe9", b"\\ud83d\\ude00", b"\\\\u0041", b"\\\\\\u0041",
                 b"\\x41", b"\\", b"\\u12", b"\\U00110000", b"a\0b", b"\r", b"\\N{DASH}"]
PAYLOADS = [b"", b"a", b"abc", b"\xc3\xa9", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"a\0b", b"name"]
ODD_PAYLOADS = [b"\xc0\x80", b"\xff", b"\xe2\x82", b"\xf4\x90\x80\x80", b"caf\xe9", b"\xed\xa0\xed\xa0\x80"]
STRING_PARTS = [b"a", b"0", b"7", b"8", b"\\0", b"\\1", b"\\17", b"\\101", b"\\x41", b"\\n", b"\\\\", b"\\'", b'\\"',
                b'"', b"\\t", b"\0"]
UNICODE_PARTS = [b"a", b"u0041", b"\\", b"\\\\", b"\\u0041", b"\\u20AC", b"\\ud83d", b"\\ude00", b"\\U0001F600",
                 b"\xe9", b"x", b"\r"]
HASHABLE = "nitF"  # atoms, tuples and frozensets made of such


class Program:
    """Writes opcodes that fit the stack, mostly.  The stack is modelled by kinds: n atom, b bytearray, l list, d dict,
    s set, F frozenset, t hashable tuple, T other tuple; marks are indexes."""

    def __init__(self, rng):
        self.rng, self.out, self.stack, self.marks, self.memo = rng, bytearray(), [], [], {}

    def above(self):
        return len(self.stack) - (self.marks[-1] if self.marks else 0)

    def counted(self, opcode, size_format, payload):
        self.out += opcode + struct.pack(size_format, len(payload)) + payload

    def text(self):
        rng = self.rng
        payload = rng.choice(PAYLOADS if rng.random() < 0.97 else ODD_PAYLOADS)
        opcode, size_format = rng.choice([(b"X", "<I"), (b"\x8c", "<B"), (b"\x8d", "<Q"), (b"B", "<I"), (b"C", "<B"),
                                          (b"\x8e", "<Q"), (b"T", "<i"), (b"U", "<B")])
        self.counted(opcode, size_format, payload if opcode not in b"TU" or rng.random() < 0.2 else b"abc")

    def line(self):
        rng = self.rng
        opcode, lines = rng.choice([(b"I", NUMBER_LINES), (b"L", NUMBER_LINES), (b"F", FLOAT_LINES),
                                    (b"S", STRING_LINES), (b"V", UNICODE_LINES)])
        line = rng.choice(lines)
        if opcode in b"IL" and rng.random() < 0.05:
            line = rng.choice(ODD_LINES)
        elif opcode in b"IL" and rng.random() < 0.4:
            line = b"%d" % random_int(rng)
        if opcode == b"L" and line in (b"00", b"01"):
            line = b"0L"
        if opcode == b"F" and rng.random() < 0.6:
            line = random_float_line(rng)
        elif opcode == b"S" and rng.random() < 0.5:
            line = b"'" + b"".join(rng.choice(STRING_PARTS) for _ in range(rng.randrange(6))) + b"'"
        elif opcode == b"V" and rng.random() < 0.5:
            line = b"".join(rng.choice(UNICODE_PARTS) for _ in range(rng.randrange(6)))
        elif opcode in b"FSV" and rng.random() < 0.7:
            line = lines[rng.randrange(4)]
        self.out += opcode + line + b"\n"

    def atom(self):
        rng = self.rng
        choice = rng.randrange(10)
        if choice < 3:
            self.out += rng.choice([b"N", b"\x88", b"\x89", b"K\x00", b"K\x01", b"M\x01\x00", b"J\xff\xff\xff\xff"])
        elif choice < 5:
            self.out += rng.choice([b"\x8a\x00", b"\x8a\x01\xff", b"\x8a\x02\x01\x00", b"\x8a\x09" + bytes(8) + b"\x80",
                                    b"\x8b\x01\x00\x00\x00\x05", b"\x8a\x07\x01" + bytes(5) + b"\x20"])
        elif choice == 5:
            self.out += b"G" + rng.choice([struct.pack(">d", rng.choice(FLOATS)),
                                           struct.pack(">Q", rng.getrandbits(64)),
                                           b"\x7f\xf0" + bytes(5) + b"\x01", b"\xff\xf8" + bytes(6)])
        elif choice < 8:
            self.text()
        else:
            self.line()
        self.stack.append("n")

    def empty(self):
        opcode, kind = self.rng.choice([(b")", "t"), (b"\x8f", "s")] + [(b"]", "l"), (b"}", "d")] * 2)
        if self.rng.random() < 0.05:
            self.counted(b"\x96", "<Q", self.rng.choice(PAYLOADS))
            self.stack.append("b")
            return
        self.out += opcode
        self.stack.append(kind)

    def mark(self):
        self.out += b"("
        self.marks.append(len(self.stack))

    def collect(self):
        """An opcode that takes everything down to the mark."""
        at = self.marks[-1]
        items = self.stack[at:]
        below = self.stack[at - 1] if at > (self.marks[-2] if len(self.marks) > 1 else 0) else ""
        hashable = all(kind in HASHABLE for kind in items)
        keys_hashable = all(kind in HASHABLE for kind in items[::2])
        choices = [(b"t", "t" if hashable else "T"), (b"l", "l")]
        choices += [(b"d", "d")] if keys_hashable and len(items) % 2 == 0 else []
        choices += [(b"\x91", "F")] if hashable else []
        choices += [(b"e", None)] * 3 if below == "l" else []
        choices += [(b"u", None)] * 3 if below == "d" and keys_hashable and len(items) % 2 == 0 else []
        choices += [(b"\x90", None)] * 3 if below == "s" and hashable else []
        choices += [(b"1", None)] if self.rng.random() < 0.2 else []
        opcode, kind = self.rng.choice(choices)
        self.out += opcode
        del self.stack[at:]
        self.marks.pop()
        if kind:
            self.stack.append(kind)

    def combine(self):
        """An opcode that takes a fixed number of items."""
        above, stack = self.above(), self.stack
        choices = [b"\x85", b"0"] if above >= 1 else []
        choices += [b"\x86"] if above >= 2 else []
        choices += [b"\x87"] if above >= 3 else []
        choices += [b"a"] * 4 if above >= 2 and stack[-2] == "l" else []
        choices += [b"s"] * 4 if above >= 3 and stack[-3] == "d" and stack[-2] in HASHABLE else []
        if not choices:
            return self.atom()
        opcode = self.rng.choice(choices)
        self.out += opcode
        takes = {b"a": 1, b"s": 2, b"0": 1, b"\x85": 1, b"\x86": 2, b"\x87": 3}[opcode]
        items = stack[-takes:]
        del stack[-takes:]
        if opcode[0] >= 0x85:
            stack.append("t" if all(kind in HASHABLE for kind in items) else "T")

    def put(self):
        rng = self.rng
        if self.above() < 1:
            return self.atom()
        index = len(self.memo) if rng.random() < 0.85 else rng.randrange(min(len(self.out), 255) + 1)
        if index == len(self.memo) and rng.random() < 0.4:
            self.out += b"\x94"
        else:
            self.out += self.indexed(b"p", b"q", b"r", index)
        self.memo[index] = self.stack[-1]

    def get(self):
        if not self.memo:
            return self.put()
        index = self.rng.choice(list(self.memo))
        self.out += self.indexed(b"g", b"h", b"j", index)
        self.stack.append(self.memo[index])

    def indexed(self, text, short, long, index):
        choice = self.rng.randrange(4)
        if choice == 0:
            return text + b"%d\n" % index
        return short + bytes([index]) if choice < 3 and index < 256 else long + struct.pack("<I", index)

    def finish(self):
        while self.marks:
            self.collect()
        if not self.stack:
            self.atom()
        while len(self.stack) > 1:
            if len(self.stack) > 3:
                self.out += b"0"
                self.stack.pop()
            else:
                self.combine()
        self.out += b"."


def program(rng):
    writer = Program(rng)
    if rng.random() < 0.5:
        writer.out += b"\x80" + bytes([rng.randrange(6)])
    steps = [writer.atom] * 5 + [writer.empty] * 4 + [writer.mark] * 3 + [writer.combine] * 5
    steps += [writer.put] * 3 + [writer.get] * 2
    for _ in range(rng.choice([2, 4, 6, 10, 20, 40])):
        if writer.marks and rng.random() < 0.2:
            writer.collect()
        else:
            rng.choice(steps)()
    writer.finish()
    return bytes(writer.out)


# ---- dicts and sets of keys that are nearly the same --------------------------------------------------------------

def _int(number):
    size = (number.bit_length() + 8) // 8
    return b"\x8a" + bytes([size]) + number.to_bytes(size, "little", signed=True)


NUMBERS = [0, 1, 2, -1, 2 ** 53, 2 ** 53 + 1, 2 ** 62, 2 ** 63, 2 ** 64, 10 ** 22, 10 ** 23, 2 ** 1023]
ALIKE = [_int(number) for number in NUMBERS] + [b"G" + struct.pack(">d", number) for number in NUMBERS]
ALIKE += [b"\x88", b"\x89", b"K\x00", b"K\x01", b"I01\n", b"L1L\n", b"G\x80" + bytes(7), b"G\x7f\xf8" + bytes(6), b"N",
          b")", b"U\x01a", b"X\x01\x00\x00\x00a", b"C\x01a", b"Va\n", b"\x8c\x00", b"C\x00", b"(\x91"]


def _key(rng, puts, depth):
    """A key; some are kept in the memo and used again, so that a NaN inside can be the same NaN."""
    if puts and rng.random() < 0.25:
        return b"h" + bytes([rng.randrange(len(puts))])
    if depth == 0 or rng.random() < 0.5:
        return rng.choice(ALIKE)
    items = [_key(rng, puts, depth - 1) for _ in range(rng.choice([1, 1, 2, 2, 3]))]
    closing = b"\x91" if rng.random() < 0.3 else b"t"
    if len(puts) < 200 and rng.random() < 0.6:
        closing += b"q" + bytes([len(puts)])
        puts.append(True)
    return b"(" + b"".join(items) + closing


def keys_program(rng):
    puts, out = [], bytearray(bytes([0x80, 4]) + b"N0" * 100)  # room for memo indexes, which are at most the offset
    depth, count = rng.choice([0, 1, 1, 2, 3]), rng.choice([2, 3, 5, 9, 20, 60])
    if rng.random() < 0.3:
        out += b"\x8f(" + b"".join(_key(rng, puts, depth) for _ in range(count)) + b"\x90."
    elif rng.random() < 0.5:
        out += b"}(" + b"".join(_key(rng, puts, depth) + b"K" + bytes([number]) for number in range(count)) + b"u."
    else:
        out += b"}" + b"".join(_key(rng, puts, depth) + b"K" + bytes([number]) + b"s" for number in range(count)) + b"."
    return bytes(out)


# ---- mutations ----------------------------------------------------------------------------------------------------

SAFE_OPCODES = [bytes([byte]) for byte in b"(.01N\x88\x89)]}\x8f\x85\x86\x87tlaedsu\x90\x91\x94IKJMLFGSTUVXBC"]
PIECES = [b"N", b"(", b"0", b"1", b")", b"]", b"}", b"\x8f", b"\x88", b"K\x01", b"\x85", b"\x86", b"a", b"e", b"s",
          b"u", b"\x90", b"\x91", b"t", b"l", b"d", b"\x94", b"q\x00", b"h\x00", b"h\x01", b"p0\n", b"g0\n", b"I01\n",
          b"G" + bytes(8), b"G\x7f\xf8" + bytes(6), b"(e", b"(u", b"(\x90", b"(1", b"N0", b"2", b"\x95\x02" + bytes(7),
          b"\x80\x04", b"."]


def opcodes_of(data):
    """The opcodes of a pickle, each with its operand, without frames."""
    try:
        starts = [position for _, _, position in pickletools.genops(data)]
    except Exception:  # what pickletools raises for operands that it does not like is anything
        return [data]
    pieces = [data[start:end] for start, end in zip(starts, starts[1:] + [len(data)])]
    return [piece for piece in pieces if piece[0] != 0x95]


def mutate_opcodes(rng, pieces, others):
    pieces = list(pieces)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at, to = rng.randrange(len(pieces)), rng.randrange(len(pieces))
        choice = rng.randrange(6)
        if choice == 0:
            del pieces[at]
        elif choice == 1:
            pieces.insert(at, pieces[to])
        elif choice == 2:
            pieces[at], pieces[to] = pieces[to], pieces[at]
        elif choice == 3:
            pieces.insert(at, rng.choice(PIECES))
        elif choice == 4:
            pieces[at] = rng.choice(PIECES)
        else:
            start = rng.randrange(len(others))
            pieces[at:at] = others[start:start + rng.randrange(1, 8)]
        pieces = pieces or [b"N"]
    return framed(rng, pieces)


def framed(rng, pieces):
    """Puts some of the opcodes in a frame or two, mostly rightly; otherwise the frame often ends behind an opcode and
    before its operand."""
    out, at = b"".join(pieces[:1]), 1
    while at < len(pieces) and rng.random() < 0.6:
        start = rng.choice([at, at, rng.randrange(at, len(pieces))])
        end = rng.choice([len(pieces), rng.randrange(start, len(pieces))])
        body = b"".join(pieces[start:end])
        size = len(body) if rng.random() < 0.8 else max(0, len(body) + rng.choice([-1, 1, 1, 1, 2, 9]))
        out += b"".join(pieces[at:start]) + b"\x95" + struct.pack("<Q", size) + body
        at = end
    return out + b"".join(pieces[at:])


def mutate_bytes(rng, data, other):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at = rng.randrange(len(data)) if data else 0
        choice = rng.randrange(8)
        if choice == 0 and data:
            data[at] ^= 1 << rng.randrange(8)
        elif choice == 1 and data:
            data[at] = rng.randrange(256)
        elif choice == 2 and data:
            data[at] = rng.choice(SAFE_OPCODES)[0]
        elif choice == 3:
            data[at:at] = rng.choice(SAFE_OPCODES)
        elif choice == 4:
            del data[at:at + rng.randrange(1, 5)]
        elif choice == 5:
            start = rng.randrange(len(other))
            data[at:at] = other[start:start + rng.randrange(1, 30)]
        elif choice == 6:
            del data[at:]
        else:
            data[at:at] = data[max(0, at - rng.randrange(1, 20)):at]
    return bytes(data)


def hostile_streams(count, seed, seeds):
    """Programs and mutations; seeds are well-formed pickles, to which the programs that come by are added."""
    rng = random.Random("hostile %s" % seed)
    pool = [(data, opcodes_of(data)) for data in seeds if 0 < len(data) < 3000]
    for _ in range(count):
        choice = rng.random()
        if choice < 0.06:
            yield keys_program(rng)
        elif choice < 0.42:
            data = program(rng)
            if rng.random() < 0.1:
                pool.append((data, opcodes_of(data)))
            yield framed(rng, opcodes_of(data)) if rng.random() < 0.2 else data
        elif choice < 0.75:
            yield mutate_opcodes(rng, rng.choice(pool)[1], rng.choice(pool)[1])
        else:
            yield mutate_bytes(rng, rng.choice(pool)[0], rng.choice(pool)[0])


NAME_PIECES = [b"c__builtin__\nset\n", b"cbuiltins\nset\n", b"c__builtin__\nfrozenset\n", b"cbuiltins\nfrozenset\n",
               b"c_codecs\nencode\n", b"c__builtin__\nbytes\n", b"c__builtin__\nbytearray\n", b"cbuiltins\nbytearray\n",
               b"\x8c\x08builtins", b"\x8c\x03set", b"\x8c\x09frozenset", b"\x8c\x09bytearray", b"\x93", b"R", b"R",
               b"\x85", b"\x86", b")", b"]", b"(", b"t", b"h\x00", b"h\x01", b"h\x02", b"h\x03", b"h\x04", b"q\x05",
               b"\x94", b"X\x06\x00\x00\x00latin1", b"X\x07\x00\x00\x00latin-1", b"U\x07latin-1", b"X\x01\x00\x00\x00A",
               b"X\x02\x00\x00\x00\xc3\xa9", b"X\x02\x00\x00\x00\xc4\x80", b"V\\u00e9\n", b"Vlatin1\n", b"C\x01x", b"K\x01",
               b"a", b"e", b"s", b"\x90", b"\x91", b"\x81", b"b", b"0", b"1"]


def wide_streams(count, seed, seeds):
    """What picklers write with names of the set plain, and mutations of that; seeds are such pickles."""
    rng = random.Random("wide %s" % seed)
    pool = [(data, opcodes_of(data)) for data in seeds if 0 < len(data) < 3000]
    for _ in range(count):
        data, pieces = rng.choice(pool)
        if rng.random() < 0.3:
            yield mutate_bytes(rng, data, rng.choice(pool)[0])
            continue
        pieces = list(pieces)
        for _ in range(rng.choice([1, 1, 2, 3])):
            at = rng.randrange(len(pieces) + 1)
            pieces[at:at + rng.randrange(2)] = [rng.choice(NAME_PIECES)]
        yield b"".join(pieces) if rng.random() < 0.5 else mutate_opcodes(rng, pieces, rng.choice(pool)[1])
