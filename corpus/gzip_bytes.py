# SPDX-License-Identifier: MIT
"""gzip (RFC 1952) written byte by byte, so that headers can be odd, damage exact, and the bytes the same on every
machine whatever its zlib.  Never reads a gzip stream."""
import struct
import zlib

FTEXT, FHCRC, FEXTRA, FNAME, FCOMMENT = 1, 2, 4, 8, 16


def header(flags=0, method=8, extra=b"a\x04\x02\x00xy", name=b"data.pickle", comment=b"a comment"):
    head = b"\x1f\x8b" + bytes([method, flags]) + bytes(4) + b"\x02\xff"
    if flags & FEXTRA:
        head += struct.pack("<H", len(extra)) + extra
    if flags & FNAME:
        head += name + b"\0"
    if flags & FCOMMENT:
        head += comment + b"\0"
    if flags & FHCRC:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head


def stored(data):
    """Deflate blocks that hold the data as they are."""
    pieces = [data[at:at + 65535] for at in range(0, len(data), 65535)] or [b""]
    blocks = [bytes([piece is pieces[-1]]) + struct.pack("<HH", len(piece), len(piece) ^ 0xFFFF) + piece
              for piece in pieces]
    return b"".join(blocks)


def trailer(data):
    return struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def member(data, flags=0, **fields):
    return header(flags, **fields) + stored(data) + trailer(data)


class _Bits:
    def __init__(self):
        self.bits, self.count, self.out = 0, 0, bytearray()

    def put(self, value, width):
        self.bits |= value << self.count
        self.count += width
        while self.count >= 8:
            self.out.append(self.bits & 255)
            self.bits >>= 8
            self.count -= 8


def _put_bomb_codes(bits, fill):
    """The head of a dynamic block that knows three codes: 10 one byte of fill, 11 the end, 0 (and 0 for the distance)
    "258 bytes as the byte before"."""
    for value, width in ((1, 1), (2, 2), (285 + 1 - 257, 5), (1 - 1, 5), (18 - 4, 4)):
        bits.put(value, width)
    lengths = {18: 1, 1: 2, 2: 2}  # which makes 0 the code of a run of zeros, 10 and 11 those of the lengths 1 and 2
    for symbol in (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1):
        bits.put(lengths.get(symbol, 0), 3)
    one, two = (1, 2), (3, 2)  # bits as they are read, the first one lowest
    for zeros, length in ((fill, two), (256 - fill - 1, two), (285 - 256 - 1, one), (0, one)):
        while zeros:
            run = zeros if zeros <= 138 else min(138, zeros - 11)
            bits.put((run - 11) << 1, 8)
            zeros -= run
        bits.put(*length)


def bomb(start, fill, megabytes):
    """A member that unpacks to start and then so many MiB of one byte, at 1032 : 1, the most that deflate can."""
    if not 11 <= fill < 240:
        raise ValueError("the runs of zeros beside this byte would be too short")
    bits = _Bits()
    bits.out += stored(start)
    bits.out[0] = 0  # not the last block
    _put_bomb_codes(bits, fill)
    repeats, literals = divmod(megabytes * 2 ** 20 - 1, 258)
    for code in [1] * (literals + 1) + [0] * repeats + [3]:
        bits.put(code, 2)
    bits.put(0, -bits.count % 8)
    crc = zlib.crc32(start)
    for _ in range(megabytes):
        crc = zlib.crc32(bytes([fill]) * 2 ** 20, crc)
    return header() + bytes(bits.out) + struct.pack("<II", crc, len(start) + megabytes * 2 ** 20)
