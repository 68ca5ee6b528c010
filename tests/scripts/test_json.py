#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pickle-check --to-json: what it writes of every accepted file of the corpus, of generated values and of streams that no
pickler makes.  The exact form must be strict JSON, be read by the script that docs/json.md contains to the value that dump
prints, be parsed by jq, and stay linear in the pickle; the plain form must be what docs/json.md says of it."""
import base64
import io
import json
import math
import os
import pathlib
import pickle
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True

from canonical import canonical  # noqa: E402
from harness import HANG_SECONDS, HAS_ZLIB, TOP, dump, fail, is_accepted, program, show  # noqa: E402
from streams import plain_pickles, program as random_program  # noqa: E402

PLAIN_VALUES, PROGRAMS = 1200, 600
JQ_DEPTH = 256
failures, counts = [], {}


def expect(what, is_right, message):
    counts[what] = counts.get(what, 0) + 1
    if not is_right:
        failures.append("%s: %s" % (what, message))


def script_of_the_document():
    """The one Python program in docs/json.md, as a module."""
    text = (TOP / "docs" / "json.md").read_text(encoding="utf-8")
    scripts = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    expect("script", len(scripts) == 1 and len(scripts[0].splitlines()) <= 40, "docs/json.md: a script of 40 lines")
    module = {"__name__": "script"}
    exec(compile(scripts[0], "docs/json.md", "exec"), module)
    return scripts[0], module["loads"]


def write(data, *options):
    """Status, output and errors of one run on these bytes."""
    run = subprocess.run([program("SPK_CHECK"), *options, "-"], input=data, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=HANG_SECONDS)
    return run.returncode, run.stdout, run.stderr.decode()


def strict(text):
    """Parsed with all that Python's json forgives refused: constants that are none, keys met twice."""
    def no_constant(word):
        raise ValueError(word)

    def unique(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)
    if not re.fullmatch(rb"[ -~]+\n", text):
        raise ValueError("not one line of ASCII")
    return json.loads(text, parse_constant=no_constant, object_pairs_hook=unique)


def is_portable(node):
    """No number that a reader of doubles would change, no lone surrogate."""
    todo = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            todo += list(each) + list(each.values())
        elif isinstance(each, list):
            todo += each
        elif type(each) is int and abs(each) >= 1 << 53 or type(each) is float and not math.isfinite(each):
            return False
        elif isinstance(each, str) and any(0xD800 <= ord(c) < 0xE000 for c in each):
            return False
    return True


def levels(text):
    """Of brackets, outside of strings."""
    depth = most = 0
    for bracket in re.sub(rb'"(\\.|[^"\\])*"|[^][{}]', b"", text).decode():
        depth += 1 if bracket in "[{" else -1
        most = max(most, depth)
    return most


class Exact:
    """Collects texts, so that jq gets them all at once."""

    def __init__(self, loads):
        self.loads, self.texts = loads, []

    def take(self, data, line, options=()):
        """A pickle that dump prints as this line."""
        status, text, errors = write(data, "--to-json", *options)
        if status != 0 or errors:
            expect("accepted", False, "%s %d %s" % (show(data), status, errors))
            return
        try:
            node = strict(text)
            expect("strict", is_portable(node), "%s %s" % (show(data), text))
            found = canonical(self.loads(text.decode()))
            expect("value", found == line, "%s %s gives %s, not %s" % (show(data), text, found, line))
        except (ValueError, KeyError, TypeError) as error:
            expect("value", False, "%s %s: %r" % (show(data), text, error))
            return
        expect("linear", len(text) <= 400 * len(data) + 100 or data[:1] == b"\x1f", "%s: %d bytes" % (show(data), len(text)))
        if levels(text) <= JQ_DEPTH:
            self.texts.append(text)

    def parse_with_jq(self):
        """jq has doubles alone, so that it may print 1.0 as 1: compared are the values."""
        run = subprocess.run(["jq", "-c", "."], input=b"".join(self.texts), stdout=subprocess.PIPE, check=True)
        lines = run.stdout.decode().split("\n")[:-1]
        expect("jq", len(lines) == len(self.texts), "%d texts became %d" % (len(self.texts), len(lines)))
        for text, line in zip(self.texts, lines):
            one, other = (json.loads(each, parse_int=float) for each in (line, text))
            expect("jq", one == other, "%s became %s" % (text[:500], line[:500]))


# ---- The plain form, as docs/json.md has it, from the exact one


def plain_key(pairs):
    """Whether the keys, in the exact form, can stand in an object: all str without surrogates, or all ints of 64 bits."""
    keys = [key.get("$value", key) if isinstance(key, dict) else key for key, _ in pairs]
    ints = [int(key["$int"], 16) if isinstance(key, dict) and "$int" in key else key for key in keys]
    return all(isinstance(key, str) for key in keys) or all(type(key) is int and -1 << 63 <= key < 1 << 63 for key in ints)


class Plain:
    def __init__(self, root):
        self.shared, self.text = {}, None
        self.note(root)
        self.value = self.of(root)

    def note(self, root):
        todo = [root]
        while todo:
            node = todo.pop()
            if isinstance(node, dict):
                if "$id" in node:
                    self.shared[node["$id"]] = node["$value"]
                todo += node.values()
            elif isinstance(node, list):
                todo += node

    def resolved(self, node):
        if isinstance(node, dict) and "$ref" in node:
            return self.shared[node["$ref"]]
        return node["$value"] if isinstance(node, dict) and "$id" in node else node

    def of(self, node):
        node = self.resolved(node)
        if isinstance(node, list):
            return [self.of(item) for item in node]
        if not isinstance(node, dict):
            return node
        tag = next(iter(node), "")
        what = node.get(tag)
        if not tag.startswith("$"):
            return {key: self.of(item) for key, item in node.items()}
        if tag == "$int":
            number = int(what, 16)
            return number if -1 << 1023 <= number < 1 << 1023 else hex(number)
        if tag == "$str":
            text = base64.b64decode(what).decode("utf-8", "surrogatepass")
            return re.sub("[\ud800-\udfff]", "\ufffd", text)
        if tag == "$dict":
            pairs = [(self.resolved(key), self.of(item)) for key, item in what]
            whole = [(self.of(key), item) for key, item in pairs]
            return {str(key): item for key, item in whole} if plain_key(pairs) else [list(pair) for pair in whole]
        return None if tag == "$float" else self.of(what)


def same(one, other):
    """Equal, and of one type throughout: 1 is not 1.0, and dicts have their order."""
    return json.dumps(one) == json.dumps(other)


def take_plain(data, options=()):
    status, text, errors = write(data, "--to-json=plain", *options)
    if status == 2 and "contains itself" in errors:
        expect("plain cycles", not text and "--allow-cycles" in options, show(data))
        return
    try:
        wanted = Plain(json.loads(write(data, "--to-json", *options)[1])).value
        expect("plain", status == 0 and same(strict(text), wanted), "%s %s, not %s" % (show(data), text, wanted))
    except (ValueError, RecursionError) as error:
        expect("plain", False, "%s %s: %r" % (show(data), text[:500], error))


def corpus(exact):
    for path in sorted((TOP / "corpus" / "accept").iterdir()):
        options = ["--" + part for part in path.name.split(".pickle")[0].split("@")[1:]]
        if path.name.endswith(".gz") and not HAS_ZLIB:
            continue
        if any(not option.startswith(("--encoding=", "--allow", "--max-depth")) for option in options):
            fail("%s: an option that this test does not know" % path.name)
        known = [option for option in options if not option.startswith("--max-depth")]
        run = subprocess.run([program("SPK_DUMP"), *known, str(path)], stdout=subprocess.PIPE, check=True)
        counts["corpus"] = counts.get("corpus", 0) + 1
        exact.take(path.read_bytes(), run.stdout.decode()[:-1], options)
        take_plain(path.read_bytes(), options)


def generated(exact):
    rng = random.Random(11)
    streams = list(plain_pickles(PLAIN_VALUES, 5)) + [random_program(rng) for _ in range(PROGRAMS)]
    for number, (data, line) in enumerate(zip(streams, dump(streams))):
        if is_accepted(line):
            counts["generated"] = counts.get("generated", 0) + 1
            exact.take(data, line)
            if number % 4 == 0:
                take_plain(data)
    cycles = list(plain_pickles(PLAIN_VALUES // 4, 6, True))
    for data, line in zip(cycles, dump(cycles, "--allow-cycles")):
        if is_accepted(line):
            exact.take(data, line, ["--allow-cycles"])
            take_plain(data, ["--allow-cycles"])


def special(exact):
    """Each form at its borders."""
    long = "k" * 65
    shared_list, shared_key, shared_bytes = [1], (2, 3), b"b" * 65
    values = [2 ** 53 - 1, 2 ** 53, -2 ** 53 + 1, -2 ** 53, 2 ** 63, -2 ** 63 - 1, 2 ** 1023 - 1, 2 ** 1023, -2 ** 1023,
              -2 ** 1023 - 1, 1 << 8000, -(1 << 8000) + 1, 10 ** 18, 10 ** 27, -10 ** 300,
              "k" * 64, [long, long], ["k" * 64] * 2, [{long: 1}, {long: 2}, long], [{long: long}], [shared_bytes] * 3,
              {"": 1}, {"$": 1}, {"$ref": 1}, {"a": {"$id": 1}}, {"a$": 1}, [{"$bytes": "AA=="}, {"$x": {"$y": 1}}],
              {"a\ud800": 1}, {"\ud800": 1, "\udfff": 2, "\ufffd": 3}, "\ud83d\ude00", "\ude00\ud83d", "\U0001f600", "\ud7ff\ue000",
              {1: 1, "1": 2}, {1: 1, 2: 2}, {True: 1, 2: 2}, {1.0: 1}, {None: 1}, {2 ** 63: 1}, {-2 ** 63: 1}, {1: 1, None: 2},
              {(): {(): ()}}, [(), ()], [frozenset(), frozenset()], [shared_list, shared_list, (shared_list,)],
              [shared_key, {shared_key: shared_key}, {shared_key}], [set(), set()], {b"x": bytearray(b"x")},
              "".join(map(chr, range(0, 0x180))), "\u2028\u202e\ufeff\uffff\U00010000\U00010400\U0010ffff", 5e-324, 2.2250738585072014e-308,
              1.7976931348623157e308, 1e15, 999999999999999.0, 123456789012345680.0, 1e16, 0.1, 100.0, -0.0, 0.0, 1e-7, 2.0 ** -44]
    one = bytearray(b"z")
    values.append([one, one, bytearray(b"z")])
    values += ["k" * size + "\U0001f600\0\u20ac" * 12000 for size in range(1018, 1026)]  # cut at any byte of a character
    values.append({"a": {}, "b": [], "c": (), "d": set(), "e": [[], {}]})
    streams = [pickle.dumps(value, 5) for value in values]
    for data, line in zip(streams, dump(streams)):
        exact.take(data, line)
        take_plain(data)
    for make in (lambda v: [v], lambda v: (v,), lambda v: {"k": v}, lambda v: {1: v}):
        value = 0
        for _ in range(1000):
            value = make(value)
        data = dumps_deep(value)
        exact.take(data, dump([data])[0])
        expect("deep", [write(data, "--to-json=plain", *more)[0] for more in ((), ["--max-output=1000"])] == [0, 2], "plain")
    for index in range(3000):
        rng = random.Random(index)
        number = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
        if index % 3 == 0:
            number = round(rng.uniform(-1000, 1000), rng.randrange(8))
        exact_floats.append(number)
    text = write(pickle.dumps(exact_floats, 4), "--to-json")[1].decode()
    for number, digits in zip(exact_floats, text.strip()[1:-1].split(",")):
        if math.isfinite(number):
            short = len(digits) <= len(repr(number).replace("e", "e+") if "e" in repr(number) else repr(number))
            expect("float", float(digits) == number and short and not re.fullmatch(r"-?\d+", digits),
                   "%r is written as %s" % (number, digits))


exact_floats = []


def dumps_deep(value):
    """Nested as deeply as the limit allows, which takes Python's own pickler and a large stack of its own."""
    out, error = io.BytesIO(), []

    def work():
        try:
            pickle._Pickler(out, 4).dump(value)
        except BaseException as each:
            error.append(each)
    threading.stack_size(256 << 20)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if error:
        raise error[0]
    return out.getvalue()


# ---- Bombs


def laughs(count, start, cover):
    """A tuple of two of a tuple of two ... of a start that is put into the memo first."""
    pairs = b"".join(b"h%ch%c\x86\x940" % (i, i) for i in range(count))
    return b"\x80\x04" + start + b"\x940" + pairs + b"h%c" % count + cover


def bombs(exact):
    word = b"X" + struct.pack("<I", 100000) + b"w" * 100000
    line = b"\x8b" + struct.pack("<i", 1000000) + b"\1" * 1000000
    key = b"X" + struct.pack("<I", 100000) + b"k" * 100000
    streams = [("laughs", laughs(28, b"]", b"."), 0), ("long str", b"\x80\x04](" + word + b"\x94" + b"h\0" * 100000 + b"e.", 0),
               ("long key", b"\x80\x04](" + key + b"\x94" + b"}h\0Ns" * 50000 + b"e.", 0),
               ("long int", b"\x80\x04](" + line + b"\x94" + b"h\0" * 100000 + b"e.", 2),
               ("long int, twice", b"\x80\x04](" + line + b"\x94" + b"h\0" * 2 + b"e.", 0)]
    for name, data, status in streams:
        found, text, errors = write(data, "--to-json")
        expect("bomb", found == status and len(text) < 60 * len(data) and (not text) == (status != 0),
               "%s: %d, %d bytes, %s" % (name, found, len(text), errors))
        if "twice" not in name:
            found, text, errors = write(data, "--to-json=plain", "--max-output=300M")
            expect("bomb", found == 2 and not text and "--max-output" in errors or "too often" in errors,
                   "plain %s: %d, %d bytes, %s" % (name, found, len(text), errors))
            with tempfile.TemporaryDirectory() as directory:
                target = os.path.join(directory, "out")
                found = write(data, "--to-json=plain", "--max-output=1M", "-o", target)[0]
                expect("bomb", found == 2 and os.listdir(directory) == [], "plain %s leaves something behind" % name)
    status, text, _ = write(laughs(12, b"]", b"."), "--to-json=plain")
    expect("bomb", status == 0 and text == json.dumps(expand(12), separators=(",", ":")).encode() + b"\n", "small laughs")
    for size, wanted in ((len(text), 0), (len(text) - 1, 2)):
        expect("bomb", write(laughs(12, b"]", b"."), "--to-json=plain", "--max-output=%d" % size)[0] == wanted,
               "--max-output is not exact")
    exact.take(laughs(12, b"]", b"."), dump([laughs(12, b"]", b".")])[0])


def expand(count):
    value = []
    for _ in range(count):
        value = [value, value]
    return value


def memory():
    """Document and writer together stay below --max-alloc, and what does not is told."""
    data = pickle.dumps(["%070d" % i for i in range(20000)], 4)
    statuses = []
    for alloc in range(1, 9):
        status, text, errors = write(data, "--to-json", "--max-alloc=%d" % (alloc * 512 << 10))
        statuses.append(status)
        expect("memory", (status == 0) == (len(text) > 1400000) and (status != 2 or "--max-alloc" in errors), errors)
    expect("memory", statuses == sorted(statuses, key=[1, 2, 0].index) and set(statuses) == {0, 1, 2}, statuses)


def script_alone(script):
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "script.py"
        path.write_text(script)
        text = write(pickle.dumps({"a": (1, b"x")}, 4), "--to-json")[1]
        run = subprocess.run([sys.executable, str(path)], input=text, stdout=subprocess.PIPE, check=True)
        expect("script", run.stdout == b"{'a': (1, b'x')}\n", run.stdout)


def main():
    if not shutil.which("jq"):
        fail("jq is missing (Debian: jq)")
    sys.setrecursionlimit(50000)
    script, loads = script_of_the_document()
    exact = Exact(loads)
    script_alone(script)
    corpus(exact)
    generated(exact)
    special(exact)
    bombs(exact)
    memory()
    exact.parse_with_jq()
    for text in failures[:50]:
        print("FAILED: " + text[:2000])
    print("json: checks: %s; %d failures" % (counts, len(failures)))
    enough = counts["corpus"] > 100 and counts["generated"] > PLAIN_VALUES and counts["jq"] > PLAIN_VALUES
    return 1 if failures or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
