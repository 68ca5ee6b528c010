# SPDX-License-Identifier: MIT
"""spk_scan splits every file of the corpus, and streams cut and changed at random, as pickletools.genops does: the same
opcodes at the same places with the same operands, up to where genops gives up.  Where it gives up for what spk_scan
does not judge (the form of a number, text that is no UTF-8, an escape), spk_scan goes on, and genops is asked again
behind that opcode."""
import os
import pathlib
import pickletools
import random
import subprocess
import sys
import tempfile

from harness import TOP, fail, program

SEED, MUTATIONS = 14, 4
PAYLOAD = {"long1", "long4", "string1", "string4", "bytes1", "bytes4", "bytes8", "bytearray8", "unicodestring1",
           "unicodestring4", "unicodestring8"}
LENGTHS = {"1": 1, "4": 4, "8": 8}
LINES = {"decimalnl_short", "decimalnl_long", "floatnl", "stringnl", "stringnl_noescape", "unicodestringnl"}


def split(stream):
    """As the program prints it, by the table of pickletools and nothing of ours."""
    at, lines = 0, []
    while at < len(stream):
        opcode = pickletools.code2op.get(chr(stream[at]))
        if not opcode:
            break
        size, operand = operand_of(opcode, stream[at + 1:])
        if size is None:
            break
        lines.append("%d %s %d %s" % (at, opcode.name, 1 + size, operand.hex()))
        at += 1 + size
    return lines + ["end %d" % at]


def operand_of(opcode, rest):
    """Bytes of the operand, and what it is; None, None if it is not all there."""
    argument = opcode.arg
    if argument is None:
        return 0, b""
    if argument.name in PAYLOAD:
        width = LENGTHS[argument.name[-1]]
        length = int.from_bytes(rest[:width], "little")
        limit = (1 << 31) - 1 if argument.name in ("long4", "string4") else (1 << 63) - 1
        end = width + length
        return (end, rest[width:end]) if len(rest) >= end and width <= len(rest) and length <= limit else (None, None)
    if argument.n >= 0:
        return (argument.n, rest[:argument.n]) if len(rest) >= argument.n else (None, None)
    end = 0
    for _ in range(2 if argument.name == "stringnl_noescape_pair" else 1):
        end = rest.find(b"\n", end) + 1
        if end == 0:
            return None, None
    return end, rest[:end - 1]


def agrees_with_genops(stream, lines):
    """The places that genops finds before it gives up are those of the splitting above."""
    places = []
    try:
        for opcode, _, at in pickletools.genops(stream):
            places.append((at, opcode.name))
    except Exception:
        pass
    ours = [(int(line.split()[0]), line.split()[1]) for line in lines[:-1]]
    return ours[:len(places)] == places, len(places)


def changed(stream, dice):
    """A stream with a few bytes set, cut or repeated."""
    data = bytearray(stream[:dice.randrange(len(stream) + 1)] if dice.random() < 0.3 else stream)
    for _ in range(dice.randrange(4)):
        if data:
            data[dice.randrange(len(data))] = dice.choice((0, 10, 46, 128, 255, dice.randrange(256)))
    return bytes(data)


def main():
    dice = random.Random(SEED)
    streams = []
    for part in ("accept", "refuse", "fuzz"):
        for path in sorted((TOP / "corpus" / part).rglob("*")):
            if path.is_file() and path.stat().st_size < 100000:
                stream = path.read_bytes()
                streams += [stream] + [changed(stream, dice) for _ in range(MUTATIONS)]
    opcodes = by_genops = 0
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for number, stream in enumerate(streams):
            paths.append(os.path.join(directory, str(number)))
            pathlib.Path(paths[-1]).write_bytes(stream)
        printed = subprocess.run([program("SPK_SCAN"), *paths], stdout=subprocess.PIPE, check=True).stdout.decode()
        found = {}
        for line in printed.splitlines():
            if line.startswith("/"):
                found[line] = lines = []
            else:
                lines.append(line)
        for path, stream in zip(paths, streams):
            wanted = split(stream)
            if found[path] != wanted:
                fail("%r: %s" % (stream[:80], [pair for pair in zip(found[path], wanted) if pair[0] != pair[1]][:3]))
            agrees, count = agrees_with_genops(stream, wanted)
            if not agrees:
                fail("genops splits %r otherwise" % stream[:80])
            opcodes += len(wanted) - 1
            by_genops += count
    print("scan: %d streams, %d opcodes, %d of them by genops too" % (len(streams), opcodes, by_genops))
    return 0 if by_genops > 10000 else 1


if __name__ == "__main__":
    sys.exit(main())
