# SPDX-License-Identifier: MIT
"""Names of inputs: hostile ones, and lists of them."""
import base64
import pathlib
import pickle
import re
import subprocess

from cli_support import COMMAND, CliTest, GOOD, KEYS, is_sanitized, runs

HOSTILE_NAMES = [b"new\nline", b"a: accepted (protocol 4, 1 opcode, 1 bytes, depth 0)\nb", b"esc\x1b[2J", b"tab\tcr\r",
                 b"quote\"back\\slash'", b"del\x7f", "c1\x9b31m".encode(), "bidi\u202eltr".encode(), b" blank ",
                 "separators\u2028\u2029".encode(), "snow\u2603man \U0001f600".encode(), b"bad\xff\xfeutf8", b"a%s%n",
                 b"surrogate\xed\xa0\x80", b"overlong\xc0\xaf", b"cut\xe2\x98", b"\xe2\x98\x83" * 85, b"x" * 255]
# The first and last of each length of UTF-8, and what lies next to them: too long for what it says, surrogates, beyond
# Unicode.
HOSTILE_NAMES += [b"border" + text for text in (
    *[chr(number).encode() for number in (0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff)],
    b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xed\xbf\xbf", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80", b"\x80", b"\xbf")]


class Names(CliTest):
    def shown_once(self, path, text):
        """What stands for the path in text must be one line without anything that a terminal obeys."""
        self.assertNotRegex(text, "[\x00-\x1f\x7f-\x9f\u2028-\u202e]", path)
        unescape = re.sub(rb"\\x([0-9a-f]{2})|\\u\{([0-9a-f]+)\}",
                          lambda m: bytes([int(m[1], 16)]) if m[1] else chr(int(m[2], 16)).encode(), text.encode())
        self.assertEqual(unescape, path)

    def test_hostile_names(self):
        for name in HOSTILE_NAMES:
            self.write(name, GOOD)
        for name in HOSTILE_NAMES:
            line, = self.expect(0, name).lines()
            shown = re.fullmatch(r"(.*): accepted \(protocol 4, \d+ opcodes, \d+ bytes, depth 1\)", line)[1]
            self.shown_once(name, shown)
            found = self.expect(0, "--json", name).objects()[0]
            path = found["path"].encode() if "path" in found else base64.b64decode(found["path_b64"], validate=True)
            self.assertEqual(path, name)
            keys = set(found) ^ KEYS
            try:
                name.decode()
                self.assertEqual(keys, set())
            except UnicodeDecodeError:
                self.assertEqual(keys, {"path", "path_b64"})

    def test_hostile_names_in_trouble(self):
        for name in HOSTILE_NAMES + [b"\xe2\x98\x83" * 1000, b"\n" * 1000, b"x" * 4000 + b"\xff", b"--\x1b"]:
            line, = self.expect(2, "--", name).err.decode().split("\n")[:-1]
            self.shown_once(name, re.fullmatch("pickle-check: (.*): (No such file or directory|File name too long)",
                                               line)[1])
            objects = self.expect(2, "--json", "--", name).objects()
            self.assertEqual((objects[0]["verdict"], len(objects)), ("error", 2))
            self.assertRegex(self.expect(2, b"--x" + name).err.decode(), r"\A[^\x00-\x1f\x7f-\x9f]+\nTry [^\n]+\n\Z")

    def test_any_bytes_in_a_message(self):
        """What is no UTF-8 in the name of a destination becomes U+FFFD byte by byte, a surrogate, too."""
        for name, shown in ((b"\xff", 1), (b"\x80", 1), (b"\xed\xa0\x80", 3), (b"\xc0\xaf", 2), (b"\xe2\x82", 2),
                            (b"\xe2\x82x", r"\ufffd\ufffdx"), (b"\xe2x\x82", r"\ufffdx\ufffd"),
                            (b"\xf4\x90\x80\x80", 4), (b"\xf8\x90\x80\x80", 4), (b"\xf0\x8f\xbf\xbf", 4),
                            ("\xe9\u20ac".encode(), r"\u00e9\u20ac"), ("\U0001f600".encode(), r"\ud83d\ude00"),
                            (b"\n\t\x7f\"\\", r"\u000a\u0009\u007f\"\\")):
            wanted = r"\ufffd" * shown if isinstance(shown, int) else shown
            for end in (b"", b"/out"):
                found = self.expect(2, "--json", "--pass", "good", "-o", b"none/" + name + end)
                message = b'"message":"none/%s%s: No such file or directory"' % (wanted.encode(), end)
                self.assertIn(message, found.out)

    def test_escapes_of_names_and_of_values(self):
        """Names have the numbers of control characters, values JSON's letters for them; both quote alike."""
        text = "\n\t\b\f\r\x00\x7f\"\\/"
        found = self.expect(2, "--json", text.replace("\0", ""))
        self.assertIn(rb'"path":"\u000a\u0009\u0008\u000c\u000d\u007f\"\\/"', found.out)
        found = self.expect(0, "--to-json", "-", input=pickle.dumps(text, 4))
        self.assertEqual(found.out, rb'"\n\t\b\f\r\u0000\u007f\"\\/"' + b"\n")

    def test_harmless_characters_stay(self):
        for name in ("\u2603" * 500, "a" + "\u2603" * 500, "aa" + "\U0001f600" * 500, "aaa" + "\xe9" * 500):
            line, = self.expect(2, name).err.decode().split("\n")[:-1]
            self.assertTrue(line.startswith("pickle-check: " + name + ": "), line)

    def test_hostile_detail(self):
        evil = b"\x8c\x05a\n\x1b\"\\\x8c\x06\xe2\x80\xae\x7f\xc2\x9b\x93."
        line, = self.expect(1, "-", input=evil).lines()
        self.assertNotRegex(line, "[\x00-\x1f\x7f-\x9f\u202e]")
        self.assertIn("a\\x0a", self.expect(1, "--json", "-", input=evil).objects()[0]["detail"])


class Lists(CliTest):
    def test_names_are_checked_in_order(self):
        result = self.expect(2, "--json", "--files0-from=-", input=b"good\0none\0evil\0.\0good\0")
        self.assertEqual([found.get("path") for found in result.objects()], ["good", "none", "evil", ".", "good", None])
        self.write("list", b"evil\0good")
        self.assertEqual(len(self.expect(1, "--files0-from=list").lines()), 2)
        self.assertEqual(len(self.expect(1, "--files0-from", "list").lines()), 2)
        self.expect(0, "--files0-from=-", input=b"good")

    def test_ten_thousand_names(self):
        self.write("list", b"".join(b"%s\0" % (b"none%d" % i if i % 100 == 7 else b"good") for i in range(10000)))
        with open("list", "rb") as file:
            results = [self.expect(2, "--json", "--files0-from=-", stdin=file),
                       self.expect(2, "--json", "--files0-from=list")]
        for result in results:
            *objects, last = result.objects()
            self.assertEqual(len(objects), 10000)
            self.assertTrue(all((found["verdict"] == "error") == (i % 100 == 7) for i, found in enumerate(objects)))
            self.assertEqual(last["summary"]["checked"], 9900)
            self.assertEqual((last["summary"]["accepted"], last["summary"]["errors"]), (9900, 100))

    def test_names_of_all_lengths(self):
        names = [b"./" * dots + b"good" for dots in [*range(0, 600), 2040, 2045]]
        names += [b"/" * slashes + b"good" for slashes in (4089, 5000, 8187)]
        objects = self.expect(2, "--json", "--files0-from=-", input=b"\0".join(names)).objects()
        self.assertEqual([found["path"].encode() for found in objects[:-1]], names)
        self.assertEqual([found["verdict"] for found in objects[:602]], ["accepted"] * 602)
        self.assertEqual([found["code"] for found in objects[602:-1]], ["ENOENT", "ENAMETOOLONG", "ENAMETOOLONG"])

    def test_a_name_beyond_measure_is_cut_and_told(self):
        for size in (8192, 100000, 300000):
            objects = self.expect(2, "--json", "--files0-from=-", input=b"./" * (size // 2) + b"good\0good\0").objects()
            self.assertEqual([found.get("code") for found in objects[:2]], ["ENAMETOOLONG", None])
            self.assertEqual((len(objects[0]["path"]), objects[1]["verdict"]), (8191, "accepted"))
            self.assertIn("shown cut", objects[0]["message"])
        self.expect(2, "--files0-from=-", input=b"good\n" * 10000)

    def test_empty_lists_and_names(self):
        result = self.expect(2, "--files0-from=-", input=b"")
        self.assertEqual((result.out, result.err), (b"", b"pickle-check: -: the list is empty\n"))
        self.assertEqual(self.expect(2, "--json", "--files0-from=-").objects()[-1]["summary"]["errors"], 1)
        for names in (b"\0", b"good\0\0good\0", b"\0\0"):
            result = self.expect(2, "--json", "--files0-from=-", input=names)
            self.assertEqual([found["path"] for found in result.objects()[:-1]], names.decode().split("\0")[:-1])
            self.assertIn(b"pickle-check: '': the name is empty\n", result.err)

    def test_standard_input_is_not_read_twice(self):
        result = self.expect(2, "--json", "--files0-from=-", input=b"good\0-\0good\0")
        self.assertEqual([found.get("code") for found in result.objects()], [None, "EBUSY", None, None])
        self.write("list", b"-\0good\0-\0")
        result = self.expect(2, "--json", "--files0-from=list", input=GOOD)
        self.assertEqual([found.get("code") for found in result.objects()], [None, None, "EBUSY", None])

    def test_lists_that_cannot_be_read(self):
        for path, code in (("none", "ENOENT"), (".", "EISDIR"), ("", "ENOENT")):
            found, summary = self.expect(2, "--json", "--files0-from=" + path).objects()
            self.assertEqual((found["path"], found["code"], found["verdict"]), (path, code, "error"))
            self.assertEqual(summary["summary"]["errors"], 1)

    def test_only_one_source(self):
        self.write("list", b"good\0")
        self.expect_usage_error("--files0-from=list", "good")
        self.expect_usage_error("good", "--files0-from=list")
        self.expect_usage_error("--files0-from=list", "--", "good")
        self.expect_usage_error("--files0-from=list", "--files0-from=list")

    def test_names_are_not_kept_in_memory(self):
        runs.append(())
        name = b"./" * 2000 + b"good\0"
        with subprocess.Popen([COMMAND, "-q", "--files0-from=-"], stdin=subprocess.PIPE) as process:
            for _ in range(8000):
                process.stdin.write(name)
            process.stdin.flush()
            status = pathlib.Path("/proc/%d/status" % process.pid).read_text()
        self.assertEqual(process.returncode, 0)
        peak = int(re.search(r"VmHWM:\s*(\d+) kB", status)[1])
        self.assertTrue(is_sanitized() or 100 < peak < 16 << 10, peak)
