# SPDX-License-Identifier: MIT
"""What pickle-check promises on its command line: verdicts, exit statuses, both forms of output and every option;
cli_answers, cli_means, cli_names, cli_trouble and cli_write have the rest.  The path of the command is the argument.
What a pickle means is tested elsewhere."""
import gzip
import os
import pickle
import re
import sys
import unittest

sys.dont_write_bytecode = True

import cli_answers  # noqa: E402
import cli_means  # noqa: E402
import cli_names  # noqa: E402
import cli_trouble  # noqa: E402
import cli_write  # noqa: E402
from cli_support import COMMAND, CliTest, EVIL, GOOD, KEYS, check, runs  # noqa: E402
from harness import HAS_ZLIB, TOP  # noqa: E402

GLOBAL_AT = EVIL.index(b"\x93")
CYCLE = b"\x80\x02]q\x00h\x00a."
PYTHON2 = b"U\x01\xe9."
FACTS = KEYS - {"v", "type", "path", "verdict", "code", "message"}

# Each limit: the option, whether it counts bytes, its default, and an input with what it counts in it.
OLD = pickle.dumps([{1}, b"\xff"], 2)
KEY = pickle.dumps({(1, (2, 3)): 0}, 4)
LIMITS = {
    "max-input": (True, 4 << 30, GOOD, len(GOOD), "limit-input"),
    "max-unpacked": (True, 4 << 30, None, None, "limit-unpacked"),
    "max-ratio": (False, 250, None, None, "limit-ratio"),
    "max-depth": (False, 1000, pickle.dumps([[[0]]], 4), 3, "limit-depth"),
    "max-memo": (False, 64 << 20, b"\x80\x04]\x94\x8c\x01a\x94a.", 2, "limit-memo"),
    "max-alloc": (True, 1 << 30, None, None, "limit-alloc"),
    "max-expansion": (False, 10 ** 9, b"]K\x01a.", 2, "limit-expansion"),
    "max-int-bytes": (True, 1 << 20, b"\x80\x02\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09.", 9, "limit-int"),
    "max-key-depth": (False, 100, KEY, 2, "limit-key-depth"),
    "max-key-expansion": (False, 65536, KEY, 5, "limit-key-expansion"),
    "max-output": (True, 1 << 30, None, None, None),
}
CAPPED = {"max-key-depth", "max-key-expansion"}


class Verdicts(CliTest):
    def test_text(self):
        result = self.expect(0, "good")
        wanted = r"\Agood: accepted \(protocol 4, \d+ opcodes, %d bytes, depth 1\)\n\Z"
        self.assertRegex(result.out.decode(), wanted % len(GOOD))
        self.assertEqual(result.err, b"")
        result = self.expect(1, "evil")
        wanted = "evil: rejected: SP101 STACK_GLOBAL at byte %d (0x%x) would import posix.system\n"
        self.assertEqual(result.out.decode(), wanted % (GLOBAL_AT, GLOBAL_AT))
        self.assertEqual(result.err, b"")
        result = self.expect(2, "none")
        self.assertEqual(result.out, b"")
        self.assertEqual(result.err, b"pickle-check: none: No such file or directory\n")

    def test_exit_status_is_the_worst_and_all_are_checked(self):
        for names, status in (("good", 0), ("good good", 0), ("evil", 1), ("good evil good", 1), ("none", 2),
                              ("good none good", 2), ("evil none good", 2), ("none evil", 2), (". evil none good", 2)):
            for options in ((), ("--json",), ("-q",)):
                result = self.expect(status, *options, *names.split())
                told = sum(name in ("good", "evil") for name in names.split())
                if not options:
                    self.assertEqual(len(result.lines()), told, names)
                    self.assertEqual(result.err.count(b"\n"), len(names.split()) - told)

    def test_nothing_to_check_is_no_pass(self):
        self.expect_usage_error()
        self.expect_usage_error("--json")
        self.expect_usage_error("--")
        self.expect(2, "")

    def test_standard_input(self):
        self.assertRegex(self.expect(0, "-", input=GOOD).out, rb"\A-: accepted \(")
        self.assertRegex(self.expect(1, "-", input=EVIL).out, rb"\A-: rejected: SP101 ")
        self.assertRegex(self.expect(1, "-", input=b"").out, rb"\A-: rejected: SP215 .* is empty")
        result = self.expect(2, "-", "good", "-", input=GOOD)
        self.assertEqual(len(result.lines()), 2)
        self.assertEqual(result.err, b"pickle-check: -: standard input is in use already\n")
        self.expect(2, "./-")
        self.write("-", EVIL)
        self.expect(1, "./-", input=GOOD)

    def test_empty_file_and_every_truncation(self):
        for size in range(len(GOOD)):
            self.write("cut", GOOD[:size])
            code = b"SP201" if size > 0 else b"SP215"
            self.assertRegex(self.expect(1, "cut").out, rb"\Acut: rejected: %s " % code)

    def test_one_decoder_for_all(self):
        """What came before must not matter."""
        self.write("packed", gzip.compress(GOOD))
        self.write("packed-evil", gzip.compress(EVIL))
        self.write("deep", b"]" * 100000)
        self.write("cut", GOOD[:-1])
        names = ["good", "evil", "packed", "deep", "packed-evil", "cut"]
        alone = {name: check(name).out for name in names}
        self.assertEqual(len(set(alone.values())), len(names))
        order = [names[i * j % len(names)] for i in range(len(names)) for j in range(2 * len(names))]
        self.assertEqual(self.expect(1, *order).out, b"".join(alone[name] for name in order))

    def test_reading_stops_at_the_first_refusal(self):
        self.write("long", EVIL + bytes(4 << 20))
        with open("long", "rb") as file:
            self.expect(1, "-", stdin=file)
            self.assertTrue(len(EVIL) <= os.lseek(file.fileno(), 0, os.SEEK_CUR) <= 1 << 20)
        self.write("large", pickle.dumps(bytes(3 << 20), 4))
        with open("large", "rb") as file:
            self.expect(0, "-", stdin=file)

    def test_gzip(self):
        packed = gzip.compress(GOOD)
        refusal = None if HAS_ZLIB else "gzip-unsupported"
        for data, option, name in ((packed, "auto", refusal), (packed, "always", refusal), (GOOD, "auto", None),
                                   (packed, "never", "gzip-forbidden"), (GOOD, "always", "gzip-missing"),
                                   (GOOD, "never", None)):
            self.assertEqual(self.code_name("--gzip=" + option, "-", input=data), name)
            self.assertEqual(self.code_name("-", "--gzip", option, input=data), name)
        self.assertEqual(self.code_name("-", input=packed), refusal)
        for word in ("", "AUTO", "aut", "auto|always", "always|", "no"):
            self.expect_usage_error("--gzip=" + word, "good")

    def test_encoding(self):
        for option, status in (("ascii", 1), ("latin1", 0), ("bytes", 0)):
            self.expect(status, "--encoding=" + option, "-", input=PYTHON2)
        self.expect(1, "-", input=PYTHON2)
        for word in ("", "utf-8", "latin-1", "ASCII"):
            self.expect_usage_error("--encoding=" + word, "good")

    def test_cycles(self):
        self.assertEqual(self.code_name("-", input=CYCLE), "cycle")
        self.expect(0, "--allow-cycles", "-", input=CYCLE)


class Json(CliTest):
    def result_of(self, status, *arguments, **how):
        objects = self.expect(status, "--json", *arguments, **how).objects()
        self.assertEqual(len(objects), 2)
        return objects[0]

    def test_accepted(self):
        found = self.result_of(0, "good")
        opcodes = found.pop("opcodes")
        self.assertTrue(5 < opcodes < len(GOOD))
        self.assertEqual(found, dict(dict.fromkeys(KEYS - {"opcodes"}), v=1, type="input", path="good", verdict="accepted",
                                     wrapper="none", protocol=4, bytes=len(GOOD), max_depth=1))
        self.assertEqual(self.result_of(0, "-", input=b"N.")["protocol"], None)
        self.assertEqual(self.result_of(0, "-", input=b"N.")["max_depth"], 0)

    def test_rejected(self):
        found = self.result_of(1, "evil")
        self.assertTrue(GLOBAL_AT < found.pop("bytes") <= len(EVIL))
        self.assertTrue(0 < found.pop("opcodes") < 5)
        wanted = {"v": 1, "type": "input", "path": "evil", "verdict": "rejected", "code": "SP101", "name": "code-import",
                  "class": "code", "opcode": "STACK_GLOBAL", "offset": GLOBAL_AT, "raw_offset": GLOBAL_AT,
                  "detail": "posix.system", "limit": None, "wrapper": "none", "protocol": 4, "max_depth": None,
                  "hint": None, "message": "SP101 STACK_GLOBAL at byte 17 (0x11) would import posix.system", "set": None}
        self.assertEqual(found, wanted)
        found = self.result_of(1, "--max-depth=1", "-", input=pickle.dumps([[0]], 4))
        self.assertEqual((found["class"], found["limit"], found["name"]), ("limit", 1, "limit-depth"))
        self.assertEqual(set(found), KEYS)
        for data, name in ((b"]", "malformed"), (b"PK\x03\x04", "wrapper"), (GOOD * 2, "policy")):
            found = self.result_of(1, "-", input=data)
            self.assertEqual((found["class"], found["path"], set(found)), (name, "-", KEYS))

    def test_allow(self):
        found = self.result_of(1, "-", input=OLD)
        self.assertEqual((found["name"], found["detail"], found["set"]), ("code-import", "__builtin__.set", "plain"))
        self.assertEqual(set(found), KEYS)
        found = self.result_of(0, "--allow=plain", "-", input=OLD)
        self.assertEqual((found["allow"], found["imports"], found["set"]), ("plain", 2, None))
        self.assertEqual(set(found), KEYS | {"allow", "imports"})
        found = self.result_of(1, "--allow=plain", "--allow", "plain", "-", input=EVIL)
        self.assertEqual((found["name"], found["detail"], found["set"], found["allow"], found["imports"]),
                         ("code-import", "posix.system", None, "plain,plain", 0))

    @unittest.skipUnless(HAS_ZLIB, "built without zlib")
    def test_gzip(self):
        packed = gzip.compress(GOOD)
        found = self.result_of(0, "-", input=packed)
        self.assertEqual((found["wrapper"], found["bytes"], found["offset"]), ("gzip", len(packed), None))
        found = self.result_of(1, "-", input=gzip.compress(EVIL))
        self.assertEqual((found["wrapper"], found["offset"]), ("gzip", GLOBAL_AT))
        self.assertTrue(0 <= found["raw_offset"] < len(gzip.compress(EVIL)))

    def test_error(self):
        for path, code, message in (("none", "ENOENT", "No such file or directory"), (".", "EISDIR", "Is a directory"),
                                    ("good/x", "ENOTDIR", "Not a directory"), ("", "ENOENT", "the name is empty"),
                                    ("x" * 300, "ENAMETOOLONG", "File name too long")):
            found = self.result_of(2, path)
            self.assertEqual(found, dict(dict.fromkeys(FACTS), v=1, type="input", path=path, verdict="error", code=code,
                                         message=message))

    def test_summary_is_last_and_counts(self):
        result = self.expect(2, "--json", "good", "evil", "none", "good", ".", "evil", "good")
        objects = result.objects()
        self.assertEqual([found.get("verdict") for found in objects],
                         ["accepted", "rejected", "error", "accepted", "error", "rejected", "accepted", None])
        self.assertEqual(objects[-1], {"v": 1, "type": "summary",
                                       "summary": {"checked": 5, "accepted": 3, "rejected": 2, "errors": 2,
                                                   "tool": check("--version").lines()[0]}})
        self.assertEqual([found["type"] for found in objects], ["input"] * 7 + ["summary"])
        self.assertEqual(result.err.count(b"\n"), 2)


class Limits(CliTest):
    def effective(self, *arguments):
        lines = self.expect(0, "--print-limits", *arguments).lines()
        return {name: value for name, value in (line.split(" ") for line in lines)}

    def test_sets(self):
        self.assertEqual(self.expect(0, "--allow=plain", "--print-limits").lines()[-1], "allow plain")
        for sets in ("", ",", "plain,", "plain,std2", "plain, plain", "Plain", "pla\x1b"):
            line = self.expect(2, "--allow=" + sets, "good").err.decode().splitlines()[0]
            self.assertIn("--allow needs names of sets, with commas between them (plain), not: ", line)
            self.assertNotIn("\x1b", line)
        self.expect(2, "--allow=" + ",".join(["plain"] * 40), "good")
        self.assertEqual(pickle.loads(self.expect(0, "--allow=plain", "--to-pickle=5", "-", input=OLD).out), [{1}, b"\xff"])
        self.expect(0, "-q", "-", input=self.expect(0, "--allow=plain", "--to-pickle=5", "-", input=OLD).out)

    def test_print_limits(self):
        defaults = {option.replace("-", "_"): str(row[1]) for option, row in LIMITS.items()}
        self.assertEqual(self.effective(), defaults)
        for option, (is_bytes, default, *_) in LIMITS.items():
            name = option.replace("-", "_")
            values = {"7": 7, "007": 7, "default": default, "1": 1,
                      "unlimited": default if option in CAPPED else "unlimited"}
            if is_bytes:
                values.update({"3K": 3 << 10, "5M": 5 << 20, "2G": 2 << 30, "17179869183G": 17179869183 << 30})
            for text, value in values.items():
                wanted = dict(defaults, **{name: str(value)})
                self.assertEqual(self.effective("--%s=%s" % (option, text)), wanted)
                self.assertEqual(self.effective("--" + option, text), wanted)
            self.assertEqual(self.effective("--%s=7" % option, "--%s=8" % option)[name], "8")
            self.assertEqual(self.effective("--%s=7" % option, "--%s=default" % option), defaults)

    def test_bad_values(self):
        bad = ["0", "00", "-1", "+1", " 1", "1 ", "1\n", "1k", "1KB", "1KK", "K", "", "-", "1.5", "0x10", "1e3", "x",
               "none", "Default", "unlimited ", "18446744073709551615", "18446744073709551616", "9" * 30]
        for option, (is_bytes, *_) in LIMITS.items():
            more = ["0K", "0G", "17179869184G", "18446744073709551615K", "1T"] if is_bytes else ["1K", "1M", "1G"]
            for text in bad + more:
                self.expect_usage_error("--%s=%s" % (option, text), "good")
            self.expect_usage_error("good", "--" + option)

    def test_each_limit_reaches_the_decoder(self):
        tried = 0
        for option, (_, _, data, size, name) in LIMITS.items():
            if data is not None:
                tried += 1
                self.assertEqual(self.code_name("--%s=%d" % (option, size), "-", input=data), None, option)
                self.assertEqual(self.code_name("--%s=%d" % (option, size - 1), "-", input=data), name, option)
                self.assertEqual(self.code_name("--%s=default" % option, "-", input=data), None, option)
                self.assertEqual(self.code_name("--%s=unlimited" % option, "-", input=data), None, option)
        self.assertEqual(tried, len(LIMITS) - 4)
        self.assertEqual(self.code_name("--max-alloc=1", "good"), "limit-alloc")
        self.assertEqual(self.code_name("--max-alloc=1M", "good"), None)
        self.write("deep", b"(" * 1000000)
        self.assertEqual(self.code_name("deep"), "limit-depth")
        self.assertEqual(self.code_name("--max-depth=unlimited", "--max-alloc=1M", "deep"), "limit-alloc")
        self.assertEqual(self.code_name("--max-depth=unlimited", "deep"), "truncated")

    def test_what_is_not_read_gets_no_verdict_from_a_limit(self):
        self.expect(2, "--max-alloc=1", ".")

    @unittest.skipUnless(HAS_ZLIB, "built without zlib")
    def test_limits_of_gzip(self):
        packed = gzip.compress(pickle.dumps(bytes(70 << 20), 4))
        size = len(pickle.dumps(bytes(70 << 20), 4))
        self.assertEqual(self.code_name("-", input=packed), "limit-ratio")
        self.assertEqual(self.code_name("--max-ratio=1100", "-", input=packed), None)
        self.assertEqual(self.code_name("--max-ratio=unlimited", "-", input=packed), None)
        self.assertEqual(self.code_name("--max-ratio=1100", "--max-unpacked=%d" % size, "-", input=packed), None)
        name = self.code_name("--max-ratio=1100", "--max-unpacked=%d" % (size - 1), "-", input=packed)
        self.assertEqual(name, "limit-unpacked")


class Options(CliTest):
    def test_help_knows_every_option_and_so_does_the_man_page(self):
        text = self.expect(0, "--help").out.decode()
        self.assertEqual(self.expect(0, "-h").out.decode(), text)
        options = set(re.findall(r"--[a-z][a-z0-9-]+", text))
        wanted = {"json", "quiet", "files0-from", "gzip", "encoding", "allow", "allow-cycles", "print-limits", "help", "version",
                  "pass", "to-json", "to-pickle", "to-gzip", "output"}
        self.assertEqual(options, {"--" + name for name in wanted | set(LIMITS)})
        self.assertTrue(all(len(line) <= 120 for line in text.splitlines()))
        self.assertLessEqual({"0", "1", "2"}, set(re.findall(r"(?:status:|,) (\d) ", text)))
        page = (TOP / "docs" / "pickle-check.1.scd").read_text(encoding="utf-8").replace("\\", "")
        self.assertEqual(set(re.findall(r"--[a-z][a-z0-9-]+", page)), options)

    def test_every_format_of_the_sources_is_in_the_table(self):
        table = (TOP / "cli" / "formats.def").read_text(encoding="utf-8")
        sources = "".join(path.read_text(encoding="utf-8") for path in sorted((TOP / "cli").glob("*.c")))
        made = re.findall(r"^const struct format format_(\w+) =", sources, re.M)
        self.assertEqual(sorted(made), sorted(re.findall(r"^FORMAT(?:_OPTION)?\(\w+, (\w+)[,)]", table, re.M)))

    def test_version(self):
        lines = self.expect(0, "--version").lines()
        number = r"\d+\.\d+\.\d+"
        self.assertRegex(lines[0], r"\Apickle-check %s\Z" % number)
        self.assertRegex(lines[1], r"\Alibsafepickle %s\Z" % number)
        self.assertEqual(lines[2:], ["zlib yes" if HAS_ZLIB else "zlib no"])
        self.assertEqual(self.expect(0, "-V").lines(), lines)

    def test_what_checks_nothing_takes_no_input(self):
        for option in ("--help", "--version", "--print-limits", "-h", "-V"):
            for arguments in (("good",), ("evil",), ("-",), ("none",), ("",), ("--files0-from=list",)):
                self.expect_usage_error(option, *arguments)
                self.expect_usage_error(*arguments, option)
                self.expect_usage_error(option, "--", *arguments)

    def test_quiet(self):
        for options in (("-q",), ("--quiet",), ("-q", "--json"), ("--json", "-q"), ("-qq",)):
            for name, status in (("good", 0), ("evil", 1), ("none", 2)):
                result = self.expect(status, *options, name)
                self.assertEqual(result.out, b"")
                self.assertEqual(result.err != b"", status == 2)

    def test_order_does_not_matter(self):
        for environment in ({}, {"POSIXLY_CORRECT": "1"}):
            how = {"env": dict(os.environ, **environment)}
            self.write("cycle", CYCLE)
            self.expect(0, "good", "--allow-cycles", "cycle", **how)
            self.expect(0, "cycle", "good", "--allow-cycles", **how)
            self.expect(0, "--allow-cycles", "--", "cycle", "good", **how)
            self.assertEqual(len(self.expect(1, "cycle", "--json", "good", **how).objects()), 3)
            self.write("--allow-cycles", EVIL)
            self.assertEqual(len(self.expect(1, "cycle", "--", "--allow-cycles", "good", **how).lines()), 3)
            self.expect(2, "good", "--", "--json", "--", **how)

    def test_the_environment_changes_nothing(self):
        settings = {"POSIXLY_CORRECT": "1", "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR", "LANGUAGE": "de", "HOME": "/",
                    "GETOPT_COMPATIBLE": "1", "TERM": "dumb", "COLUMNS": "1", "TMPDIR": "/none", "PICKLE_CHECK": "-q"}
        arguments = ("good", "evil", "none", "--json", "--max-depth=5", ".")
        plain = check(*arguments, env={})
        for name, value in settings.items():
            result = check(*arguments, env={name: value})
            self.assertEqual((result.status, result.out, result.err), (plain.status, plain.out, plain.err), name)

    def test_unknown_and_shortened_options(self):
        for option in ("--nothing", "--jso", "--j", "--qui", "--allow-", "--print", "--hel", "--vers", "--max-dept=5",
                       "--max-depthx=5", "--max-key=5", "--gzi=auto", "--files0=good", "-json", "-x", "-qx", "--JSON",
                       "--no-json", "---json", "-W", "--=", "-:", "-?", "-hx", "--encoding", "--max-depth", "--gzip",
                       "--files0-from", "--json=1", "--quiet=", "--help=x", "--allow-cycles=yes", "--version=1"):
            self.expect_usage_error("good", option)
        for option, words in (("--jso", "unknown option: --jso"), ("-qx", "unknown option: -qx"),
                              ("--max-depth", "a value is missing: --max-depth"),
                              ("--json=1", "the option takes no value: --json=1"),
                              ("--allow-c=x", "unknown option: --allow-c=x"), ("--quie=1", "unknown option: --quie=1"),
                              ("--max-dep", "unknown option: --max-dep")):
            self.assertIn(words, check("good", option).err.decode())
        for option in (("--max-dept", "5"), ("--gzi", "auto"), ("--m", "5"), ("--files0-fro", "list")):
            self.expect_usage_error("good", *option)

    def test_why_an_argument_is_wrong(self):
        products = ("--pass", "--to-json", "--to-json=plain", "--to-pickle", "--to-pickle=3", "--to-gzip")
        wrong = [((first, second), second.partition("=")[0] + ": only one thing can be written")
                 for first in products for second in products]
        wrong += [(("--to-json=xml",), "--to-json needs one of exact|plain, not: xml"),
                  (("--gzip=yes",), "--gzip needs one of auto|always|never, not: yes"),
                  (("--pass", "-o", "a", "-o", "b"), "--output was given twice: b"),
                  (("--pass", "-o", ""), "--output needs the name of a file, not: ''"),
                  (("--files0-from=a", "--files0-from=b"), "--files0-from was given twice: b"),
                  (("--max-depth=x",), "--max-depth needs a number from 1, 'default' or 'unlimited', not: x"),
                  (("--max-input=0",), "--max-input needs a number from 1 (K, M and G may follow), 'default' or")]
        for options, words in wrong:
            self.assertIn(words, self.expect_usage_error(*options, "good").err.decode(), options)


def main():
    if not COMMAND:
        sys.exit("cli.py: the path of the command must be given")
    load = unittest.defaultTestLoader.loadTestsFromModule
    modules = (sys.modules[__name__], cli_answers, cli_means, cli_names, cli_trouble, cli_write)
    suite = unittest.TestSuite(map(load, modules))
    result = unittest.TextTestRunner(stream=sys.stdout).run(suite)
    print("cli: %d tests, %d skipped, %d runs of the command, %d failures"
          % (result.testsRun, len(result.skipped), len(runs), len(result.failures) + len(result.errors)))
    sys.exit(0 if result.wasSuccessful() and result.testsRun > len(result.skipped) and runs else 1)


if __name__ == "__main__":
    main()
