# SPDX-License-Identifier: MIT
"""What the tests in Python share: calling the programs under test, and Pythons that load pickles in processes of their
own (loader.py).  The programs are told by the environment variables SPK_DUMP and SPK_CHECK.  Loads no pickle itself."""
import json
import os
import pathlib
import pickletools
import shlex
import struct
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
TOP = TESTS.parent
LOADER = os.path.join("scripts", "loader.py")
HAS_ZLIB = os.environ.get("SPK_ZLIB", "1") != "0"
HANG_SECONDS = 1500  # what takes longer hangs, however slow the machine is; CTest waits a little longer


def fail(message):
    print("FAILED: " + message)
    sys.exit(1)


def compiler():
    """The words of the command that compiles as the library was compiled."""
    return shlex.split(os.environ.get("SPK_CC", "cc"))


def program(variable):
    path = os.environ.get(variable)
    if not path or not os.path.exists(path):
        fail("%s must name a program under test" % variable)
    return path


def records(parts):
    return b"".join(struct.pack("<I", len(part)) + part for part in parts)


def split_records(data):
    parts, at = [], 0
    while at < len(data):
        size, = struct.unpack_from("<I", data, at)
        parts.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return parts


def dump(streams, *options):
    """The line that dump prints for each stream; trouble ends the test."""
    run = subprocess.run([program("SPK_DUMP"), *options, "--cases"], input=records(streams), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=HANG_SECONDS)
    lines = run.stdout.decode().split("\n")[:-1]
    errors = run.stderr.decode(errors="replace")
    if run.returncode not in (0, 1) or errors or len(lines) != len(streams):
        for stream, line in zip(streams, lines):
            if line.startswith("trouble"):
                fail("dump %s: %s: %s" % (" ".join(options), show(stream), line))
        at = show(streams[len(lines)]) if len(lines) < len(streams) else ""
        fail("dump %s ended with %d after %d of %d streams, at %s\n%s"
             % (" ".join(options), run.returncode, len(lines), len(streams), at, errors))
    return lines


def is_accepted(line):
    return not line.startswith("refused ")


class Refusal:
    """A line "refused ..." of dump."""

    def __init__(self, line):
        fields = line.split(" ", 6)
        self.code, self.name, self.offset, self.raw_offset = fields[1], fields[2], int(fields[3]), int(fields[4])
        self.opcode, self.detail = fields[5].strip("-"), fields[6]


def misplaced(stream, name, opcode, offset):
    """Why a refusal cannot speak of this offset, or "": the opcode that it names must stand there."""
    known = pickletools.code2op.get(stream[offset:offset + 1].decode("latin1"))
    if name in ("trailing-bytes", "trailing-newline", "several-pickles"):
        is_right = stream[offset - 1:offset] == b"." and offset < len(stream)
    elif name == "bad-opcode":
        is_right = offset < len(stream) and not known
    elif not opcode:
        is_right = name.startswith(("limit-", "wrapper-", "gzip-")) or offset == len(stream)
    else:
        is_right = known and known.name == opcode
    starts = []
    try:
        for _, _, start in pickletools.genops(stream):
            starts.append(start)
    except Exception:  # here the stream ends for pickletools, which need not be where it ends for us
        pass
    skipped = [start for start in starts if start < offset][-1:]
    if opcode and offset not in starts and skipped and starts[-1] > offset:
        return "byte %d is inside the opcode at byte %d" % (offset, skipped[0])
    return "" if is_right else "at byte %d stands %s" % (offset, known and known.name)


def misframed(stream):
    """Why a pickle should have been refused, or "": frames hold whole opcodes and lie in the input and in no other."""
    try:
        found = [(opcode.name, operand, start) for opcode, operand, start in pickletools.genops(stream)]
    except Exception:  # some operands are too odd for pickletools
        return ""
    starts = {start for _, _, start in found} | {len(stream)}
    end = 0
    for name, size, start in found:
        if name == "FRAME":
            if start < end or start + 9 + size not in starts:
                return "the frame at byte %d is not well-formed" % start
            end = start + 9 + size
    return ""


def show(stream):
    return stream.hex() if len(stream) <= 200 else "%s... (%d bytes)" % (stream[:200].hex(), len(stream))


def _command(python):
    """The words that run a Python, which is told by its path or by such words."""
    return [python] if isinstance(python, str) else list(python)


def _ask(python, arguments, items, loader=LOADER):
    """One answer per item, which is the parts of a record; an item on which the interpreter dies gets its death."""
    answers = []
    while len(answers) < len(items):
        rest = items[len(answers):]
        try:
            run = subprocess.run([*_command(python), str(TESTS / loader), *arguments], timeout=HANG_SECONDS,
                                 input=b"".join(map(records, rest)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            output, end = run.stdout, "ended with %d: %s" % (run.returncode, run.stderr.decode(errors="replace")[-500:])
        except subprocess.TimeoutExpired as expired:
            output, end = expired.stdout or b"", "took too long"
        lines = output.decode().split("\n")[:-1]
        answers += map(json.loads, lines)
        if len(lines) < len(rest):
            if not lines and "Error" in end and len(answers) == 0:
                fail("%s %s %s" % (python, loader, end))
            answers.append([["all", "the interpreter " + end]])
    return answers


def verify(python, encoding, pairs, loader=LOADER):
    """For each (stream, canonical text, or "" if it must not load): a list of [way of loading, what is otherwise]."""
    return _ask(python, ["verify", encoding], [(stream, text.encode()) for stream, text in pairs], loader)


def imports(python, streams):
    """For each stream the name that Python would import first, or None."""
    return _ask(python, ["imports"], [(stream,) for stream in streams])


def made_by(python, count, seed, loader=LOADER):
    """Plain pickles written by a Python."""
    command = [*_command(python), str(TESTS / loader), "make", str(count), str(seed)]
    run = subprocess.run(command, stdout=subprocess.PIPE, timeout=HANG_SECONDS, check=True,
                         env=dict(os.environ, PYTHONHASHSEED="0"))
    return split_records(run.stdout)
