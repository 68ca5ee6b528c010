#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The limits on gzip hold however the output is divided into members: max_ratio and max_unpacked, over 64 MiB of
output that packs well, in members that end where the ratio is tested, right beside, and anywhere.  --count says how
many divisions are tried."""
import argparse
import json
import os
import random
import struct
import subprocess
import sys
import zlib

sys.dont_write_bytecode = True

from harness import HANG_SECONDS, HAS_ZLIB, fail, program  # noqa: E402

STEP = 65536
FREE = 64 << 20


def member(content, level):
    deflater = zlib.compressobj(level, zlib.DEFLATED, 31)
    return deflater.compress(content) + deflater.flush()


class Divided:
    """A pickle of zero bytes in a gzip file of members of these sizes.  Members of zeros alone are made once."""

    zeros = {}

    def __init__(self, sizes, level):
        total = sum(sizes)
        head = b"\x8e" + struct.pack("<Q", total - 10)
        parts, at = [], 0
        for size in sizes:
            first = head[at:at + size]
            content = first + bytes(size - len(first))
            at += size
            if at == total:
                content = content[:-1] + b"."
            elif not first and (size, level) in self.zeros:
                parts.append(self.zeros[size, level])
                continue
            packed = member(content, level)
            if not first and at < total:
                self.zeros[size, level] = packed
            parts.append(packed)
        self.file, self.total = b"".join(parts), total


def divisions(dice, count):
    yield [STEP] * (FREE // STEP + 75) + [STEP]  # each step of the ratio ends with a member
    yield [FREE + 10 * STEP]
    for _ in range(count - 2):
        sizes, total, kind = [], FREE + dice.randrange(2, 80) * STEP, dice.randrange(4)
        while total > 0:
            size = (STEP, STEP * dice.randrange(1, 9), STEP + dice.choice((-1, 0, 1)), dice.randrange(20, 1 << 19))[kind]
            size = total if total - size < 20 else size  # the head and STOP stand whole in a member
            sizes.append(size)
            total -= size
        yield sizes


def check(data, *options):
    run = subprocess.run([program("SPK_CHECK"), "--json", *options, "-"], input=data, stdout=subprocess.PIPE,
                         timeout=HANG_SECONDS)
    answer = json.loads(run.stdout.decode().splitlines()[0])
    return answer["code"], answer["limit"], answer["offset"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not HAS_ZLIB:
        print("members: this build has no zlib")
        return 77
    dice = random.Random(options.seed)
    failures = tried = 0
    for sizes in divisions(dice, options.count):
        divided = Divided(sizes, dice.choice((1, 6, 9)))
        for limits, expected in (
                (("--max-ratio=1",), ("SP303", 1, FREE + STEP)),
                (("--max-ratio=unlimited",), (None, None, None)),
                (("--max-ratio=unlimited", "--max-unpacked=%d" % divided.total), (None, None, None)),
                (("--max-ratio=unlimited", "--max-unpacked=%d" % (divided.total - 1)),
                 ("SP302", divided.total - 1, divided.total - 1))):
            tried += 1
            found = check(divided.file, *limits)
            if found != expected:
                failures += 1
                print("FAILED: %d members, the first of %d: %s: %s, not %s"
                      % (len(sizes), sizes[0], " ".join(limits), found, expected))
    print("members: %d checks of %d divisions, %d failures" % (tried, options.count, failures))
    return 1 if failures or not tried else 0


if __name__ == "__main__":
    if not os.environ.get("SPK_CHECK"):
        fail("SPK_CHECK must name the command")
    sys.exit(main())
