# SPDX-License-Identifier: MIT
"""What pickle-check hands on of an accepted input: byte-exact and whole, or nothing.  Stops and kills it, fills its disk and
closes its pipe; what stands under a final name must then be what was there before, or all of the new."""
import glob
import gzip
import itertools
import json
import os
import pickle
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import unittest

from cli_support import COMMAND, CliTest, EVIL, GOOD, check, is_sanitized, runs
from harness import HANG_SECONDS, HAS_ZLIB, TESTS, compiler

OLD = b"what was there before"
LARGE = pickle.dumps([os.urandom(3 << 20), list(range(100000))], 4)
PRODUCTS = [("--pass",), ("--to-json",), ("--to-json=exact",), ("--to-json=plain",), ("--to-pickle",), ("--to-pickle=5",)]
PRODUCTS += [("--to-gzip",)] if HAS_ZLIB else []
GOOD_JSON = b'{"name":"John","age":30}\n'


class Products(CliTest):
    def names(self):
        return sorted(os.listdir("."))

    def test_pass_is_byte_exact(self):
        inputs = [GOOD, b"N.", LARGE, pickle.dumps(bytes((1 << 20) - 17), 4), pickle.dumps(bytes(1 << 20), 4)]
        inputs += [pickle.dumps(bytes(range(256)) * size, 4) for size in (0, 1, 1000, 4096)]
        if HAS_ZLIB:
            inputs += [gzip.compress(GOOD), gzip.compress(GOOD)[:0] + gzip.compress(b"") + gzip.compress(LARGE) + bytes(100)]
        for data in inputs:
            self.write("in", data)
            for options in (("--pass", "in"), ("--pass", "-"), ("in", "-o", "-", "--pass"), ("-q", "--pass", "in")):
                result = self.expect(0, *options, input=data)
                self.assertTrue(result.out == data, (options, len(data), len(result.out)))
                self.assertEqual(result.err, b"")
            self.assertRegex(self.expect(0, "--pass", "--output=out", "in").out, rb"\Ain: accepted \(")
            with open("out", "rb") as file:
                self.assertTrue(file.read() == data)

    def test_the_border_of_memory_and_file(self):
        for size in range((1 << 20) - 2, (1 << 20) + 3):
            data = b"\x8e" + (size - 10).to_bytes(8, "little") + os.urandom(size - 10) + b"."
            self.assertEqual(len(data), size)
            self.assertTrue(self.expect(0, "--pass", "-", input=data).out == data)

    def test_nothing_of_what_is_refused(self):
        late = LARGE[:-1] + EVIL
        for data in (EVIL, b"", GOOD[:-1], GOOD + b"x", late, b"]" * 2000):
            for product in PRODUCTS:
                result = self.expect(1, *product, "-", input=data)
                self.assertEqual(result.out, b"")
                self.assertRegex(result.err, rb"\Apickle-check: -: rejected: SP\d+ [^\n]+\n\Z")
                before = self.names()
                result = self.expect(1, *product, "-", "-o", "out", input=data)
                self.assertRegex(result.out, rb"\A-: rejected: SP")
                self.assertEqual((result.err, self.names()), (b"", before))
        self.write("out", OLD)
        for product in PRODUCTS:
            self.expect(1, *product, "evil", "-o", "out")
            self.expect(2, *product, "none", "-o", "out")
            with open("out", "rb") as file:
                self.assertEqual(file.read(), OLD)

    def test_to_json(self):
        self.assertEqual(self.expect(0, "--to-json", "good").out, GOOD_JSON)
        self.assertEqual(self.expect(0, "--to-json=exact", "good").out, GOOD_JSON)
        data = pickle.dumps((b"\0", float("inf")), 4)
        self.assertEqual(self.expect(0, "--to-json", "-", input=data).out, b'{"$tuple":[{"$bytes":"AA=="},{"$float":"inf"}]}\n')
        self.assertEqual(self.expect(0, "--to-json=plain", "-", input=data).out, b'["AA==",null]\n')
        self.expect(0, "--to-json", "good", "-o", "out")
        with open("out", "rb") as file:
            self.assertEqual(file.read(), GOOD_JSON)

    def test_to_pickle(self):
        """Of what CPython's pickler wrote, the same bytes at the same protocol; of anything else a pickle of the value."""
        value = {"a": [1, 2.5, None], "b": ("x" * 300, -1), "c": {"d": [[]] * 3}}
        for source in (0, 1, 2, 3, 4, 5):
            self.write("in", pickle.dumps(value, source))
            for protocol in (2, 3, 4, 5):
                result = self.expect(0, "--to-pickle=%d" % protocol, "in")
                self.assertEqual(pickle.loads(result.out), value)
                self.assertEqual(result.out, pickle.dumps(pickle.loads(pickle.dumps(value, source)), protocol))
                self.expect(0, "-", input=result.out)
            self.assertEqual(self.expect(0, "--to-pickle", "in").out, self.expect(0, "--to-pickle=4", "in").out)
        self.assertTrue(self.expect(0, "--to-pickle", "-", input=LARGE).out == LARGE)
        for data, protocol, needed in ((bytearray(9), 4, 5), (b"x", 2, 3), ({1}, 3, 4)):
            value = ["x" * 1000000, data]
            for where in ((), ("-o", "out")):
                result = self.expect(2, "--to-pickle=%d" % protocol, "-", *where, input=pickle.dumps(value, 5))
                self.assertEqual(result.out, b"")
                self.assertRegex(result.err, rb"accepted, but SP601 .* protocol %d\n\Z" % needed)
                self.assertFalse(os.path.exists("out"))
            self.assertTrue(self.expect(0, "--to-pickle=%d" % needed, "-", input=pickle.dumps(value, 5)).out
                            == pickle.dumps(value, needed))

    @unittest.skipUnless(HAS_ZLIB, "built without zlib")
    def test_to_gzip(self):
        for data in (GOOD, LARGE, gzip.compress(LARGE)):
            result = self.expect(0, "--to-gzip", "-", input=data)
            plain = gzip.decompress(data) if data[:1] == b"\x1f" else data
            self.assertTrue(gzip.decompress(result.out) == plain)
            self.assertTrue(self.expect(0, "--to-gzip=4", "-", input=plain).out == result.out)
            self.assertEqual(result.out[3:8], bytes(5))
            self.expect(0, "--gzip=always", "-", input=result.out)

    def test_ints_out_of_proportion(self):
        line = b"\x8b" + (1 << 19).to_bytes(4, "little") + b"\1" * (1 << 19)
        for count, status in ((3, 0), (1000, 2)):
            data = b"\x80\x04](" + line + b"\x94" + b"h\0" * count + b"e."
            for product in PRODUCTS[1:]:
                result = self.expect(status, *product, "-", input=data)
                self.assertEqual(result.out == b"", status == 2)

    def test_reports(self):
        """With the data on standard output the report is on standard error: objects alone with --json."""
        for status, name, verdict in ((0, "good", "accepted"), (1, "evil", "rejected"), (2, "none", "error")):
            result = self.expect(status, "--json", "--to-json", name)
            self.assertEqual(result.out, GOOD_JSON if status == 0 else b"")
            objects = [json.loads(line) for line in result.err.splitlines()]
            self.assertEqual([found.get("verdict") for found in objects], [verdict, None])
            plain = check("--json", name)
            self.assertEqual(objects, plain.objects())
            self.assertEqual(self.expect(status, "--json", "--to-json", name, "-o", "out").objects(), plain.objects())
            quiet = self.expect(status, "-q", "--to-json", name)
            self.assertEqual((quiet.out != b"", quiet.err != b""), (status == 0, status == 2))
        result = self.expect(2, "--json", "--pass", "good", "-o", "none/out")
        found, summary = result.objects()
        self.assertEqual((found["path"], found["verdict"], found["code"]), ("good", "error", "ENOENT"))
        self.assertEqual(found["message"], "none/out: No such file or directory")
        self.assertEqual(summary["summary"]["errors"], 1)

    def test_command_line(self):
        for product in PRODUCTS:
            self.expect_usage_error(*product)
            self.expect_usage_error(*product, "good", "good")
            self.expect_usage_error(*product, "--files0-from=good")
            self.expect_usage_error(*product, "good", "-o")
            self.expect_usage_error(*product, "good", "-o", "")
            self.expect_usage_error(*product, "good", "-o", "x", "--output=y")
            for other in PRODUCTS:
                self.expect_usage_error(*product, *other, "good")
        for arguments in (("-o", "x"), ("--output=x",), ("--pass=x",), ("--to-json=",), ("--to-json=x",), ("--to-js",), ("--to-pickle=",),
                          ("--to-pickle=1",), ("--to-pickle=6",), ("--to-gzip=04",), ("--to-pickle", "4"),
                          ("--to-json=exact|plain",), ("--to-json", "plain")):
            self.expect_usage_error("good", *arguments)
        self.assertEqual(self.names(), ["evil", "good"])

    def test_no_bytes_for_a_terminal(self):
        terminal, theirs = self.open_terminal()
        result = self.expect(2, "--pass", "good", stdout=theirs)
        self.assertIn(b"terminal", result.err)
        self.expect(0, "--pass", "good", "-o", "-", stdout=theirs)
        self.expect(0, "--to-json", "good", stdout=theirs)
        self.expect(2, "--to-pickle", "good", stdout=theirs)
        os.close(theirs)
        os.close(terminal)

    def test_the_file(self):
        """Replaced as a whole, with the permissions that the umask gives, and never through what is no file."""
        for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0o000, 0o666)):
            for name in ("new", "old"):
                self.write("old", OLD)
                os.chmod("old", 0o640)
                with open("old", "rb") as before:
                    self.expect(0, "--pass", "good", "-o", name, preexec_fn=lambda mask=mask: os.umask(mask))
                    self.assertEqual(before.read(), OLD)
                self.assertEqual(os.stat(name).st_mode & 0o7777, mode)
                with open(name, "rb") as file:
                    self.assertEqual(file.read(), GOOD)
            os.unlink("new")
        self.expect(0, "--pass", "good", "-o", "good")
        os.mkdir("place")
        os.symlink("good", "link")
        os.symlink("nowhere", "dangling")
        os.mkfifo("fifo")
        long = "x" * 255
        for path in (long, "place/" + long, "./new", "place/../new2", os.path.abspath("new3")):
            self.expect(0, "--pass", "good", "-o", path)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), GOOD)
        before = self.names()
        for path, words in (("link", "symbolic link"), ("dangling", "symbolic link"), ("fifo", "no regular file"),
                            ("/dev/null", "no regular file"), ("place", "Is a directory"), ("place/", "Is a directory"),
                            (".", "Is a directory"), ("none/x", "No such file"), ("good/x", "Not a directory"),
                            ("new/", "Not a directory"), ("x" * 256, "File name too long"), ("a\x1b[m/x", r"a\x1b[m/x")):
            result = self.expect(2, "--pass", "good", "-o", path)
            self.assertIn(words, result.err.decode())
            self.assertEqual(result.out, b"")
        self.assertEqual(self.names(), before)
        self.assertTrue(os.path.islink("link") and os.path.islink("dangling"))

    def test_a_directory_that_cannot_be_written(self):
        os.mkdir("place", 0o555)
        shutil.copy(COMMAND, "command")
        os.chmod("command", 0o755)
        become = (lambda: os.setuid(65534)) if os.geteuid() == 0 else None
        result = self.expect(2, "--pass", "good", "-o", "place/out", command=os.path.abspath("command"), preexec_fn=become)
        self.assertEqual(result.err, b"pickle-check: place/out: Permission denied\n")

    def test_names_in_use(self):
        """A name that another process has taken for its unfinished file is not touched."""
        self.write("shape", b"#!/bin/sh\nfor i in 0 1 2; do echo taken > .pickle-check.$$.$i; done\nexec \"$@\"\n")
        os.chmod("shape", 0o755)
        runs.append(())
        subprocess.run(["./shape", COMMAND, "-q", "--pass", "good", "-o", "out"], check=True)
        taken = glob.glob(".pickle-check.*")
        self.assertEqual(len(taken), 3)
        for name in taken:
            with open(name, "rb") as file:
                self.assertEqual(file.read(), b"taken\n")
        with open("out", "rb") as file:
            self.assertEqual(file.read(), GOOD)


class Failing(CliTest):
    def expect_untouched(self, files=("evil", "good", "in", "out")):
        self.assertEqual(sorted(os.listdir(".")), sorted(files))
        with open("out", "rb") as file:
            self.assertTrue(file.read() == OLD)

    def setUp(self):
        super().setUp()
        self.write("in", LARGE)
        self.write("out", OLD)

    def test_standard_output_that_cannot_be_written(self):
        for product in PRODUCTS:
            for name in ("good", "in"):
                with open("/dev/full", "wb") as full:
                    result = self.expect(2, *product, name, stdout=full)
                    self.assertEqual(result.err, b"pickle-check: standard output: No space left on device\n")
                    self.expect(2, "-q", *product, name, stdout=full)
                result = self.expect(2, *product, name, stdout=None, preexec_fn=lambda: os.close(1))
                self.assertRegex(result.err, rb"\Apickle-check: standard output: Bad file descriptor\n")

    def test_closed_pipe(self):
        for product in PRODUCTS:
            for ignored, status in ((False, -13), (True, 2)):
                reader, writer = os.pipe()
                os.close(reader)
                action = signal.SIG_IGN if ignored else signal.SIG_DFL
                result = check(*product, "in", stdout=writer, restore_signals=False,
                               preexec_fn=lambda action=action: signal.signal(signal.SIGPIPE, action))
                os.close(writer)
                self.assertEqual((result.status, b"Broken pipe" in result.err), (status, ignored))

    def test_file_size_limit(self):
        for product in PRODUCTS:
            for most in (0, 1, 100000):
                result = self.expect(2, *product, "in", "-o", "out", env=dict(os.environ, TMPDIR="/none"), preexec_fn=lambda
                                     most=most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))
                if product != ("--pass",):
                    self.assertRegex(result.err, rb"\Apickle-check: out: File too large\n\Z")
                self.expect_untouched()
                result = self.expect(2, *product, "good", "-o", "out", preexec_fn=lambda
                                     most=most: resource.setrlimit(resource.RLIMIT_FSIZE, (most % 100000, ) * 2))
                self.assertRegex(result.err, rb"\Apickle-check: out: File too large\n\Z")
                self.expect_untouched()

    def test_temporary_file(self):
        if is_sanitized():
            self.skipTest("a sanitizer may write files of its own")
        environment = dict(os.environ, TMPDIR="/none")
        result = self.expect(2, "--pass", "in", env=environment)
        self.assertEqual(result.out, b"")
        self.assertEqual(result.err, b"pickle-check: temporary file (TMPDIR): No such file or directory\n")
        self.assertEqual(self.expect(0, "--pass", "good", env=environment).out, GOOD)
        self.expect(0, "in", env=environment)
        result = self.expect(2, "--json", "--pass", "in", "-o", "out", preexec_fn=lambda:
                             resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20)))
        self.assertEqual(result.objects()[0]["code"], "EFBIG")
        self.expect_untouched()
        with tempfile.TemporaryDirectory() as directory:
            for where in (directory, "/dev/shm"):
                if os.path.isdir(where):
                    self.assertTrue(self.expect(0, "--pass", "in", env=dict(os.environ, TMPDIR=where)).out == LARGE)
            self.assertEqual(os.listdir(directory), [])

    def test_full_disk(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small file system")
        os.mkdir("disk")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "disk"], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "disk"], check=True)
        for product in PRODUCTS:
            self.write("disk/out", OLD)
            result = self.expect(2, *product, "in", "-o", "disk/out")
            self.assertEqual(result.err, b"pickle-check: disk/out: No space left on device\n")
            self.assertEqual(os.listdir("disk"), ["out"])
            with open("disk/out", "rb") as file:
                self.assertEqual(file.read(), OLD)
        result = self.expect(2, "--pass", "in", env=dict(os.environ, TMPDIR=os.path.abspath("disk")))
        self.assertEqual((result.out, result.err), (b"", b"pickle-check: temporary file (TMPDIR): No space left on device\n"))


SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGALRM, signal.SIGUSR1, signal.SIGXCPU]


class Stopped(CliTest):
    """Signals at known places: a library that is loaded before libc stops the command right before a call (stop.c)."""

    @classmethod
    def setUpClass(cls):
        for number in SIGNALS:  # nohup, and a shell's "&" in a script, start us with some of them ignored
            cls.addClassCleanup(signal.signal, number, signal.signal(number, signal.SIG_DFL))
        if is_sanitized():
            raise unittest.SkipTest("the runtime of a sanitizer must be loaded first")
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.library = os.path.join(directory.name, "stop.so")
        subprocess.run([*compiler(), "-std=gnu11", "-shared", "-fPIC", str(TESTS / "programs" / "stop.c"), "-o",
                        cls.library, "-ldl"], check=True)

    def setUp(self):
        super().setUp()
        self.write("in", LARGE)
        self.write("out", OLD)

    def start(self, number, *arguments, call=None, **how):
        """The process if it has stopped before that call, None if it has ended without an error before."""
        runs.append(arguments)
        environment = dict(os.environ, LD_PRELOAD=self.library, STOP_AT=str(number))
        if call:
            environment["STOP_IN"] = call
        process = subprocess.Popen([COMMAND, *arguments], env=environment, **how)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return process
        process.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        self.assertEqual(process.returncode, 0)
        return None

    def go_on(self, process, number=None):
        """Its status, after a signal that it finds when it goes on."""
        if number:
            process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        return process.wait(HANG_SECONDS)

    def expect_ended(self, process, number, whole):
        """Whoever ends it at this point finds the old file or all of the new one; SIGKILL may leave the unfinished one
        under its own name, no other signal leaves anything.  True if that was there when the signal came."""
        was_there = glob.glob(".pickle-check.*") != []
        self.assertEqual(self.go_on(process, number), -number)
        left = glob.glob(".pickle-check.*")
        self.assertEqual(left != [], was_there and number == signal.SIGKILL, (number, left))
        for name in left:
            os.unlink(name)
        with open("out", "rb") as file:
            data = file.read()
        self.assertTrue(data in (OLD, whole), (number, len(data)))
        self.assertEqual(sorted(os.listdir(".")), ["evil", "good", "in", "out"])
        self.write("out", OLD)
        return was_there

    def test_ended_at_every_call(self):
        for product in ("--pass", "--to-json", "--to-pickle"):
            whole = self.expect(0, product, "in").out
            met = {number: 0 for number in [*SIGNALS, signal.SIGKILL]}
            for at in itertools.count():
                for number in (SIGNALS[at % len(SIGNALS)], signal.SIGKILL):
                    process = self.start(at, "-q", product, "in", "-o", "out")
                    if process:
                        met[number] += self.expect_ended(process, number, whole)
                if not process:
                    break
            self.assertGreater(min(met.values()), 0, (product, met))
            self.write("out", OLD)

    def test_ignored_signals_stay_ignored(self):
        process = self.start(0, "-q", "--pass", "good", "-o", "out", call="fsync",
                             preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual(len(glob.glob(".pickle-check.*")), 1)
        self.assertEqual(self.go_on(process, signal.SIGHUP), 0)
        with open("out", "rb") as file:
            self.assertEqual(file.read(), GOOD)

    def test_a_pipe_that_does_not_wait(self):
        """Nobody reads before the command has filled the pipe and waits for somebody who does."""
        for product in PRODUCTS:
            wanted = self.expect(0, *product, "in").out
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            process = self.start(0, *product, "in", call="poll", stdout=writer)
            os.close(writer)
            process.send_signal(signal.SIGCONT)
            with os.fdopen(reader, "rb") as file:
                self.assertTrue(file.read() == wanted)
            self.assertEqual(process.wait(HANG_SECONDS), 0)


class Memory(CliTest):
    def test_pass_of_300_megabytes(self):
        if is_sanitized() or not os.path.exists("/proc/self/status"):
            self.skipTest("a sanitizer needs memory of its own, or there is nobody to ask")
        size, piece = 300 << 20, os.urandom(1 << 20)
        runs.append(())
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen([COMMAND, "--pass", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
            process.stdin.write(b"\x8e" + size.to_bytes(8, "little"))
            for _ in range(300):
                process.stdin.write(piece)
            process.stdin.write(b".")
            process.stdin.close()
            got = process.stdout.read(9)
            self.assertEqual(got, b"\x8e" + size.to_bytes(8, "little"))
            for _ in range(299):
                self.assertTrue(process.stdout.read(len(piece)) == piece)
            with open("/proc/%d/status" % process.pid) as file:  # wait4 would tell what this process had before exec
                peak = int(re.search(r"^VmHWM:\s+(\d+) kB$", file.read(), re.M).group(1))
            self.assertTrue(process.stdout.read(len(piece)) == piece)
            self.assertEqual(process.stdout.read(), b".")
            process.stdout.close()
            self.assertEqual(process.wait(HANG_SECONDS), 0)
        print("--pass of 300 MiB holds %.1f MiB" % (peak / 1024))
        self.assertTrue(500 < peak < 8 << 10, peak)
