# SPDX-License-Identifier: MIT
"""What may go wrong around pickle-check: output that cannot be written, input that cannot be read, closed standard
files, signals, no memory."""
import contextlib
import fcntl
import os
import pickle
import resource
import select
import shutil
import struct
import subprocess
import termios
import threading

from cli_support import COMMAND, CliTest, EVIL, GOOD, check, is_sanitized, runs
from harness import HANG_SECONDS, compiler


class Trouble(CliTest):
    def test_output_that_cannot_be_written(self):
        arguments = (["good"], ["--json", "good"], ["evil"], ["none", "good"], ["--help"], ["--version"],
                     ["--print-limits"], ["--json", "none"], ["good"] * 5000)
        for row in arguments:
            with open("/dev/full", "wb") as full:
                result = self.expect(2, *row, stdout=full)
            self.assertRegex(result.err, rb"pickle-check: standard output: "
                                         rb"(No space left on device|not all was written)\n\Z")
            result = self.expect(2, *row, stdout=None, preexec_fn=lambda: os.close(1))
            self.assertRegex(result.err, rb"pickle-check: standard output: Bad file descriptor\n\Z")
        with open("/dev/full", "wb") as full:
            self.expect(0, "-q", "good", stdout=full)
            self.expect(1, "-q", "evil", stdout=full)

    def test_closed_standard_files(self):
        self.expect(1, "-q", "evil", stdout=None, preexec_fn=lambda: os.close(1))
        self.expect(0, "-q", "good", "good", stdout=None, preexec_fn=lambda: os.close(1))
        result = self.expect(2, "good", "-", "evil", stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual(result.err, b"pickle-check: -: Bad file descriptor\n")
        self.write("list", GOOD + b"\0-")  # a list that is a pickle must not be taken for standard input
        result = self.expect(2, "--json", "--files0-from=list", stdin=None, preexec_fn=lambda: os.close(0))
        self.assertEqual(result.objects()[-1]["summary"]["checked"], 0)
        for name, status in (("good", 0), ("evil", 1), ("none", 2)):
            self.assertEqual(self.expect(status, name, preexec_fn=lambda: os.close(2)).out != b"", status != 2)

    def test_broken_pipe_ends_it_as_a_signal(self):
        runs.append(())
        process = subprocess.Popen([COMMAND, "--files0-from=-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError), process.stdin as names:
            names.write(b"good\0" * 100000)
        self.assertEqual(process.wait(HANG_SECONDS), -13)

    def test_fifo(self):
        """Who reads waits for who writes: the second piece comes when the first has been taken."""
        os.mkfifo("fifo")
        for data, status in ((GOOD, 0), (pickle.dumps(bytes(1 << 20), 4), 0), (EVIL, 1), (EVIL + bytes(8 << 20), 1)):
            def feed(data=data):
                with contextlib.suppress(BrokenPipeError), open("fifo", "wb", buffering=0) as fifo:
                    fifo.write(data[:10])
                    while struct.unpack("i", fcntl.ioctl(fifo, termios.FIONREAD, bytes(4)))[0] > 0:
                        os.sched_yield()
                    fifo.write(data[10:])
            writer = threading.Thread(target=feed)
            writer.start()
            self.assertRegex(self.expect(status, "fifo").out, rb"\Afifo: ")
            writer.join(HANG_SECONDS)
            self.assertFalse(writer.is_alive())

    def test_a_terminal_sees_each_line_at_once(self):
        runs.append(())
        os.mkfifo("fifo")
        terminal, theirs = self.open_terminal()
        with subprocess.Popen([COMMAND, "good", "fifo"], stdout=theirs) as process:
            os.close(theirs)
            self.assertTrue(select.select([terminal], [], [], HANG_SECONDS)[0])
            self.assertRegex(os.read(terminal, 1000), rb"\Agood: accepted \([^\n]*\n\Z")
            with open("fifo", "wb") as fifo:
                fifo.write(EVIL)
            self.assertTrue(select.select([terminal], [], [], HANG_SECONDS)[0])
            self.assertRegex(os.read(terminal, 1000), rb"\Afifo: rejected: [^\n]*\n\Z")
        os.close(terminal)
        self.assertEqual(process.returncode, 1)

    def test_read_error(self):
        if not os.path.exists("/proc/self/mem"):
            self.skipTest("no file here fails to be read")
        result = self.expect(2, "--json", "good", "/proc/self/mem", "good")
        self.assertEqual([found.get("code") for found in result.objects()], [None, "EIO", None, None])

    def test_unreadable_file(self):
        self.write("secret", GOOD)
        os.chmod("secret", 0)
        shutil.copy(COMMAND, "command")
        os.chmod("command", 0o755)
        become = (lambda: os.setuid(65534)) if os.geteuid() == 0 else None
        result = self.expect(2, "--json", "secret", "good", command=os.path.abspath("command"), preexec_fn=become)
        self.assertEqual([found.get("code") for found in result.objects()], ["EACCES", None, None])
        self.assertEqual(result.err, b"pickle-check: secret: Permission denied\n")

    def test_no_memory_is_trouble_and_the_next_input_is_checked(self):
        if is_sanitized():
            self.skipTest("a sanitizer needs its address space")
        self.write("deep", b"]" * 8000000)
        def confine():
            resource.setrlimit(resource.RLIMIT_AS, (48 << 20, 48 << 20))
        result = self.expect(2, "--json", "--max-depth=unlimited", "deep", "good", preexec_fn=confine)
        self.assertEqual([found.get("code") for found in result.objects()], ["ENOMEM", None, None])
        self.assertEqual(result.err, b"pickle-check: deep: Cannot allocate memory\n")


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
ssize_t read(int file, void *out, size_t size) {
    static ssize_t (*real)(int, void *, size_t);
    static int calls;
    static int budget = -1;
    if (!real) {
        real = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
        budget = atoi(getenv("SHIM_BUDGET"));
    }
    if (calls++ % 2 == 0) { errno = EINTR; return -1; }
    if (budget-- == 0) { errno = EIO; return -1; }
    return real(file, out, size < 3 ? size : 3);
}
int open(const char *path, int flags, ...) {
    static int (*real)(const char *, int, ...);
    static int calls;
    if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    if (calls++ % 3 < 2) { errno = EINTR; return -1; }
    return real(path, flags);
}
int open64(const char *path, int flags, ...) { return open(path, flags); }
"""


NO_CALLOC = r"""
#include <stdlib.h>
void *calloc(size_t count, size_t size) {
    volatile char *block = count * size < 1 << 20 ? malloc(count * size) : NULL;
    for (size_t i = 0; block && i < count * size; i++) block[i] = 0;
    return (void *)block;
}
"""


class Signals(CliTest):
    """Interrupted system calls and short reads, by a library that is loaded before libc."""

    def setUp(self):
        super().setUp()
        if is_sanitized():
            self.skipTest("the runtime of a sanitizer must be loaded first")
        self.write("shim.c", SHIM.encode())
        subprocess.run([*compiler(), "-shared", "-fPIC", "shim.c", "-o", "shim.so", "-ldl"], check=True)

    def shimmed(self, budget):
        return {"env": dict(os.environ, LD_PRELOAD=os.path.abspath("shim.so"), SHIM_BUDGET=str(budget))}

    def test_no_memory_to_begin_with(self):
        self.write("none.c", NO_CALLOC.encode())
        subprocess.run([*compiler(), "-shared", "-fPIC", "none.c", "-o", "none.so"], check=True)
        how = {"env": dict(os.environ, LD_PRELOAD=os.path.abspath("none.so"))}
        for arguments in (["good"], ["--json", "evil"], ["--help"], ["--wrong"]):
            result = self.expect(2, *arguments, **how)
            self.assertEqual((result.out, result.err), (b"", b"pickle-check: there is no memory to begin with\n"))

    def test_interrupted_and_short(self):
        how = self.shimmed(-1)
        plain = check("--json", "good", "evil", "none").objects()
        self.assertEqual(self.expect(2, "--json", "good", "evil", "none", **how).objects()[::2], plain[::2])
        self.assertEqual(check("evil", **how).out, check("evil").out)
        self.expect(0, "-", input=GOOD, **how)
        self.assertEqual(len(self.expect(1, "--files0-from=-", input=b"good\0evil\0good", **how).lines()), 3)

    def test_a_failing_read_is_never_a_verdict(self):
        reads = -(-len(GOOD) // 3) + 1
        for budget in range(reads):
            found = self.expect(2, "--json", "good", **self.shimmed(budget)).objects()[0]
            self.assertEqual((found["verdict"], found["code"]), ("error", "EIO"))
        self.expect(0, "good", **self.shimmed(reads))
        for budget in range(4):  # the list fails in the middle of a name, or at its end
            result = self.expect(2, "--json", "--files0-from=-", input=b"goodnothing", **self.shimmed(budget))
            found, summary = result.objects()
            self.assertEqual((found["path"], found["code"]), ("-", "EIO"))
            self.assertEqual(summary["summary"]["checked"], 0)
