# SPDX-License-Identifier: MIT
"""What pickle-check says of a refusal: what the file is, what can be done with which option; and that nothing is put out
where memory runs out on the way, however late."""
import base64
import gzip
import io
import os
import pickle
import random
import resource
import threading
import unittest
import zipfile

from cli_support import CliTest, check
from harness import HAS_ZLIB

PICKLE = pickle.dumps({"name": "John", "age": 30}, 4)


def archive(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, PICKLE)
    return out.getvalue()


FILES = [
    ("png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "wrapper-png"),
    ("gif", b"GIF89a\x10\x00\x10\x00\x80\x00\x00\xff\xff\xff", "wrapper-gif"),
    ("jpeg", b"\xff\xd8\xff\xdb\x00\x43", "wrapper-jpeg"),
    ("pdf", b"%PDF-1.4\n", "wrapper-pdf"),
    ("elf", b"\x7fELF\x01\x01\x01" + bytes(9), "wrapper-elf"),
    ("parquet", b"PAR1\x15\x04", "wrapper-parquet"),
    ("arrow", b"ARROW1\x00\x00", "wrapper-arrow"),
    ("sqlite", b"SQLite format 3\x00\x10\x00", "wrapper-sqlite"),
    ("gguf", b"GGUF\x02\x00\x00\x00\x23\x01\x00\x00\x00\x00\x00\x00", "wrapper-gguf"),
    ("safetensors", b"\x50\x01\x00\x00\x00\x00\x00\x00{\"__metadata__\":{", "wrapper-safetensors"),
    ("lz4", b"\x04\x22\x4d\x18\x40\x40\xc0", "wrapper-lz4"),
    ("lzma", b"\x5d\x00\x00\x10\x00" + b"\xff" * 8, "wrapper-lzma"),
    ("joblib", b"ZF0x12 " + b" " * 14 + b"\x78\x9c", "wrapper-joblib"),
    ("xml", b"<?xml version='1.0'?><a/>", "wrapper-xml"),
    ("html", b"\n<html><head></head></html>", "wrapper-xml"),
    ("json", b'{"a": [1, 2]}', "wrapper-json"),
    ("json list", b'[\n  {"a": 1}\n]', "wrapper-json"),
    ("python", b"from os import path\n", "wrapper-python"),
    ("python import", b"import os; os.system('id')", "wrapper-python"),
    ("python repr", repr(PICKLE).encode(), "wrapper-python"),
    ("lfs", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "wrapper-git-lfs"),
    ("base64", base64.b64encode(PICKLE), "wrapper-base64"),
    ("bom", b"\xef\xbb\xbf" + b"(lp0\n.", "wrapper-bom"),
    ("utf-16", "(lp0\n.".encode("utf-16"), "wrapper-bom"),
    ("empty", b"", "empty"),
    ("length", len(PICKLE).to_bytes(4, "big") + PICKLE, "wrapper-length"),
    ("renpy", b"RENPY RPC2\x01\x00\x00\x00", "wrapper-renpy"),
    ("ppu", b"PPU207\x00\x00", "wrapper-ppu"),
    ("pyc", b"\xcb\x0d\x0d\x0a" + bytes(12) + b"\xe3", "wrapper-pyc"),
    ("npz", archive("x.npy", "y.npy"), "wrapper-npz"),
    ("torch", archive("archive/data.pkl", "archive/version"), "wrapper-torch"),
    ("zip", archive("readme.txt"), "wrapper-zip"),
    ("torch legacy", b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.", "wrapper-torch-legacy"),
    ("readme", b"README\n======\n\nRead this first.\n", "wrapper-text"),
    ("one word", b"README\n", "stack-underflow"),
    ("readme of words", b"Read me first, please\n", "wrapper-text"),
    ("hello", b"hello world", "wrapper-text"),
    ("crlf", b"(lp0\r\nI0\r\naI1\r\na.", "crlf"),
    ("crlf dict", b"(dp0\r\nS'a'\r\np1\r\n.", "crlf"),
    ("line feed", b"I1\n.\n", "trailing-newline"),
    ("second", b"I1\n.I2\n.", "several-pickles"),
    ("second of a list", b"(lp0\nI1\na.(lp0\nI1\na.", "several-pickles"),
    ("second new", PICKLE * 2, "several-pickles"),
    ("junk", PICKLE + b"junk", "trailing-bytes"),
    ("claim", b"X\xff\xff\xff\xff.", "truncated"),
]


def hidden_in_tar(call):
    """A pickle that is the header of a tar archive, too, with a call behind it."""
    start = b"K!0" * 10 + b"U~" + b"a" * 68 + b"0" * 57 + b"l0" + b"K!0" * 2
    return start + b"Ua" + b"b" * (255 - len(start)) + b"ustarxx0" + call


class Answers(CliTest):
    def test_what_a_file_is(self):
        for name, data, refusal in FILES:
            self.assertEqual((name, self.code_name("-", input=data)), (name, refusal))

    @unittest.skipUnless(HAS_ZLIB, "built without zlib")
    def test_what_a_gzipped_file_is(self):
        for name, data, refusal in FILES:
            self.assertEqual((name, self.code_name("-", input=gzip.compress(data))), (name, refusal))

    def test_what_a_file_is_when_it_comes_slowly(self):
        for name, data, refusal in FILES:
            read, write = os.pipe()
            os.write(write, data[:1])
            with os.fdopen(read, "rb") as source:
                child = threading.Thread(target=self.trickle, args=(write, data[1:]))
                child.start()
                found, _ = check("--json", "-", stdin=source).objects()
                child.join()
            self.assertEqual((name, found["name"]), (name, refusal))

    @staticmethod
    def trickle(file, data):
        try:
            for at in range(0, len(data), 3):
                os.write(file, data[at:at + 3])
        except BrokenPipeError:
            pass
        os.close(file)

    def test_why_an_accepted_value_is_not_written(self):
        self.write("short", b"N.")
        found, _ = check("--json", "--to-pickle", "-o", "out", "--max-unpacked=2", "short").objects()
        self.assertEqual((found["verdict"], found["code"]), ("error", "EFBIG"))
        self.assertIn("SP302", found["message"])

    def test_code_is_not_hidden(self):
        """What can be loaded and runs code is called so, whatever magic number it begins with."""
        call = b"cposix\nsystem\n(S'id'\ntR."
        for start in (b"GIF89a\x00\x00\x000", b"GGUF\x03\x00\x00\x00\x000", b"\x55\x0d\x0d\x0a" + b"x" * 11 + b"0"):
            self.assertEqual((start, self.code_name("-", input=start + call)), (start, "code-import"))
        for data, refusal in ((b"GIF89a\x00\x00\x002" + call, "dup"), (b"GGUF12345\x80\x02" + call, "proto-place"),
                              (b"N2Va hello b\n0" + call, "dup"), (b"cos\n\x00\x00\x00\x00{\"\n.", "code-import"),
                              (hidden_in_tar(call), "code-import")):
            self.assertEqual((data, self.code_name("-", input=data)), (data, refusal))

    def test_hints(self):
        for options, data, hint in (
                (("--max-depth=1",), b"]]a.", "see --max-depth"),
                (("--max-memo=1",), b"]q\x00]q\x01a.", "see --max-memo"),
                (("--max-expansion=2",), b"](NNe.", "see --max-expansion"),
                (("--max-input=2",), b"](NNe.", "see --max-input"),
                (("--max-unpacked=2",), b"](NNe.", "see --max-unpacked"),
                (("--max-int-bytes=1",), b"\x8a\x02ab.", "see --max-int-bytes"),
                (("--max-key-depth=1",), b"})\x85Ns.", "see --max-key-depth"),
                (("--max-alloc=100K",), b"(" + b"N" * 100000, "see --max-alloc"),
                ((), b"]q\x00h\x00a.", "--allow-cycles accepts values that contain themselves"),
                ((), b"U\x01\xff.", "--encoding=latin1 or --encoding=bytes reads it"),
                ((), pickle.dumps(bytearray(b"x"), 4), "protocol 5 writes a bytearray without it"),
                ((), pickle.dumps(bytearray(b"x"), 2), "protocol 5 writes a bytearray without it"),
                ((), pickle.dumps({1}, 3), "protocol 4 or higher writes a set or frozenset without it"),
                ((), pickle.dumps(frozenset({1}), 2), "protocol 4 or higher writes a set or frozenset without it"),
                ((), pickle.dumps(b"x", 2), "protocol 3 or higher writes bytes without it"),
                ((), pickle.dumps(b"", 0), "protocol 3 or higher writes bytes without it"),
                ((), b"cbuiltins\nlist\n.", None), ((), b"]", None), ((), b"N.", None)):
            found, _ = check("--json", *options, "-", input=data).objects()
            self.assertEqual((data[:40], found["hint"]), (data[:40], hint))
            if found["verdict"] == "rejected":
                text = check(*options, "-", input=data).out.decode()
                self.assertEqual(text, "-: rejected: %s\n" % found["message"])
                self.assertTrue(found["message"].endswith("; " + hint if hint else found["message"]))


def with_little_memory():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Whole(CliTest):
    """Standard output gets all or nothing, however late memory runs out."""

    def sweep(self, product, steps, least, step, wanted):
        outcomes = set()
        for pages in range(steps):
            result = check(product, "--max-alloc=%d" % (least + pages * step), "in", preexec_fn=with_little_memory)
            self.assertIn(result.status, (0, 1, 2), (product, pages, result))
            outcomes.add(result.status)
            if result.status != 0:
                self.assertEqual((product, pages, len(result.out)), (product, pages, 0))
        self.assertTrue(wanted <= outcomes, (product, outcomes))

    def least(self, product):
        """The --max-alloc from which on the product can be made, to a page."""
        low, high = 1 << 16, 1 << 28
        while high - low > 4096:
            middle = (low + high) // 2
            fits = check(product, "--max-alloc=%d" % middle, "-o", "out", "in").status == 0
            low, high = (low, middle) if fits else (middle, high)
        return high

    def test_strings_that_do_not_pack(self):
        dice = random.Random(5)
        self.write("in", pickle.dumps(["%020x" % dice.getrandbits(80) for _ in range(60000)], 4))
        for product in ["--to-json", "--to-pickle"] + (["--to-gzip"] if HAS_ZLIB else []):
            least = self.least(product)
            self.sweep(product, 90, least - 80 * 4096, 4096, {0} if product == "--to-json" else {0, 2})

    def test_a_long_int_at_the_end(self):
        self.write("in", pickle.dumps([b"x" * 3000000, (1 << 4000000) + 1], 4))
        for product in ("--to-json", "--to-json=plain"):
            self.sweep(product, 40, self.least(product) - 30 * 30000, 30000, {0, 2})

    def test_plain_json_over_its_limit(self):
        self.write("in", pickle.dumps([b"x" * 3000000], 4))
        for size in (1 << 10, 1 << 20, 1 << 21):
            self.assertEqual(self.expect(2, "--to-json=plain", "--max-output=%d" % size, "in").out, b"")
        self.assertTrue(self.expect(0, "--to-json=plain", "--max-output=5M", "in").out)

    def test_without_a_temporary_file(self):
        """Then it is tried first, and comes out whole all the same, or not at all."""
        self.write("in", pickle.dumps([b"x" * 3000000, (1 << 80000) + 1], 4))
        nowhere = dict(os.environ, TMPDIR="/nowhere/at/all")
        for product in ["--to-json", "--to-json=plain", "--to-pickle"] + (["--to-gzip"] if HAS_ZLIB else []):
            self.assertTrue(self.expect(0, product, "in").out == self.expect(0, product, "in", env=nowhere).out)
        late = pickle.dumps([b"x" * 3000000, bytearray(b"x")], 5)
        for product in ["--to-pickle=4"] + (["--to-gzip=4"] if HAS_ZLIB else []):
            for how in ({}, {"env": nowhere}):
                self.assertEqual(self.expect(2, product, "-", input=late, **how).out, b"")

    def test_at_the_border_of_the_spool(self):
        for size in range((1 << 20) - 6, (1 << 20) + 3):
            self.write("in", pickle.dumps("x" * size, 4))
            self.assertEqual(self.expect(0, "--to-json", "in").out, b'"%s"\n' % (b"x" * size))
            self.assertEqual(pickle.loads(self.expect(0, "--to-pickle", "in").out), "x" * size)
