# SPDX-License-Identifier: MIT
"""What pickle-check needs for what it hands on: memory under --max-alloc, which is what it holds at once and not what
it ever asked for, a place for the temporary file, and a directory for the new one."""
import os
import pickle
import re
import shutil

from cli_support import COMMAND, CliTest, GOOD, check

# Many strings that are met again: what remembers them grows from step to step, and each step is given back.
SHARED = pickle.dumps([["a string of some length, %d" % number] * 2 for number in range(3000)] * 2, 4)
LARGE = pickle.dumps(bytes(range(256)) * 8000, 4)
# As large as still stands in a frame: the encoder's first steps double to more than the decoder ever held.
FRAMED = pickle.dumps(bytes(65400), 4)
PRODUCTS = (("--to-json",), ("--to-json=plain",), ("--to-pickle",), ("--to-pickle=2",))


class Memory(CliTest):
    def outcome(self, product, most, data=SHARED):
        """accepted, refused (nothing could be said of the input), or unwritten."""
        result = check("--json", "--max-alloc=%d" % most, *product, "-", "-o", "out", input=data)
        found, summary = result.objects()
        self.assertEqual(os.path.exists("out"), result.status == 0)
        if result.status == 0:
            os.unlink("out")
            return "accepted"
        if result.status == 1:
            self.assertEqual((found["name"], found["limit"]), ("limit-alloc", most))
            return "refused"
        self.assertEqual((found["code"], summary["summary"]["errors"]), ("ENOMEM", 1), (product, most))
        self.assertRegex(found["message"], "no memory to write it")
        return "unwritten"

    def least(self, product, outcomes, data=SHARED):
        """The least --max-alloc, to the kilobyte, that gets no further than one of these outcomes."""
        low, high = 1, 1 << 20
        while low < high:
            middle = (low + high) // 2
            if self.outcome(product, middle << 10, data) in outcomes:
                high = middle
            else:
                low = middle + 1
        return low << 10

    def test_what_each_product_needs(self):
        """There is a range in which the input is accepted and cannot be written; it is as wide as what the writer
        holds at once."""
        for product in PRODUCTS:
            accepted = self.least(product, ("unwritten", "accepted"))
            written = self.least(product, ("accepted",))
            self.assertLess(accepted, written, product)
            self.assertEqual(self.outcome(product, accepted - 1024), "refused", product)
            self.assertEqual(self.outcome(product, written - 1024), "unwritten", product)
            self.assertLess(written, 2 * accepted, product)

    def test_more_than_all_that_there_may_be(self):
        """What the writer asks for exceeds --max-alloc alone, not only together with the document."""
        accepted = self.least(("--to-pickle",), ("unwritten", "accepted"), FRAMED)
        self.assertEqual(self.outcome(("--to-pickle",), accepted, FRAMED), "unwritten")
        self.assertEqual(self.outcome(("--to-pickle",), 8 * accepted, FRAMED), "accepted")


class Help(CliTest):
    def test_defaults_are_told_as_they_are_written(self):
        """In --help as one would write them, 4G; in --print-limits to the byte.  Both are the same."""
        exact = dict(line.split() for line in self.expect(0, "--print-limits").lines())
        shown = {}
        for line in self.expect(0, "--help").lines():
            found = re.search(r"^ +--(max-[a-z-]+)=(\w+) .*\((\d+)([KMG]?)\)$", line)
            if found:
                name, kind, number, suffix = found.groups()
                shown[name.replace("-", "_")] = str(int(number) << 10 * " KMG".index(suffix or " "))
                self.assertEqual(suffix != "", kind == "SIZE", line)
        self.assertEqual(shown, exact)


class Places(CliTest):
    def test_directory_of_the_output(self):
        """A name that stands in the root directory is looked for there."""
        result = self.expect(2, "--pass", "good", "-o", "/dev")
        self.assertEqual(result.err, b"pickle-check: /dev: Is a directory\n")
        result = self.expect(2, "--pass", "good", "-o", "/")
        self.assertEqual(result.err, b"pickle-check: /: Is a directory\n")
        os.mkdir("there")
        for name in ("there/out", "./out", os.path.abspath("out"), "there//out2", "there/../out3"):
            self.expect(0, "--pass", "good", "-o", name)
            with open(name, "rb") as file:
                self.assertEqual(file.read(), GOOD)
        self.assertEqual(sorted(os.listdir("there")), ["out", "out2"])

    def test_without_a_place_for_temporary_files(self):
        """An empty TMPDIR is none; it is not the root directory, which only root may write to."""
        shutil.copy(COMMAND, "command")
        os.chmod("command", 0o755)
        become = (lambda: os.setuid(65534)) if os.geteuid() == 0 else None
        for environment in ({"TMPDIR": ""}, {}, {"TMPDIR": "/tmp"}):
            result = self.expect(0, "--pass", "-", input=LARGE, env=environment, command=os.path.abspath("command"),
                                 preexec_fn=become)
            self.assertTrue(result.out == LARGE)
        self.assertEqual(sorted(os.listdir(".")), ["command", "evil", "good"])
