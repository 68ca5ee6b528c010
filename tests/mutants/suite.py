# SPDX-License-Identifier: MIT
"""The tests that a mutant has to pass, from cheap to dear, and how one is run: with bounds on time and memory that
follow from the run of the unchanged code, so that an endless loop ends, and in a process group of its own, so that
nothing stays."""
import itertools
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time

QUICK_SHARE = 0.1      # of the time of all checks: so much of it those take that come first
MIN_SECONDS = 4      # of processor time that any test may take
TIMES_NORMAL = 6
WALL = 6               # so many times that before a test counts as one that waits for ever
MAX_BYTES = 8 << 30   # of address space
SKIPPED = 77

COMMAND = ("cli/",)
VALUES = COMMAND + ("src/value/value.c", "src/value/visit.c")  # what JSON shows of the library
WRITING = ("src/encode/", "src/value/identity")
MEASURED = COMMAND + ("src/base/memory", "src/base/pages", "src/decode/slots")


class Stage:
    """Tests that are run by one process.  "words" are its command line, in which {name} is a program.  Where "paths"
    are given the stage, a dear one, is run for files alone that begin so; else for all that its programs are made
    of."""

    def __init__(self, name, words, programs, paths=("",)):
        self.name, self.words, self.programs, self.paths = name, words, programs, paths
        self.seconds = 0.0

    def concerns(self, path, build):
        return path.startswith(self.paths) and any(build.is_part(path, program) for program in self.programs)


def script(name, programs, paths=("",)):
    return Stage(name.replace("test_", ""), [sys.executable, "tests/scripts/%s.py" % name], programs, paths)


def stages(targets):
    """Cheap ones, dear ones; without the checks, which are divided once it is known how long each takes."""
    replays = [Stage(name, ["{%s}" % name, "corpus"], [name]) for name in ("replay-" + target for target in targets)]
    both = ["pickle-check", "dump", "recode"]
    cli = script("cli", ["pickle-check"], VALUES)
    cli.words.append("{pickle-check}")
    return replays, [script("test_cases", ["dump"]), script("test_corpus", both[:2]),
                     script("test_recursion", both[:2]), script("test_encoder", both, WRITING), cli,
                     script("test_json", both, VALUES), script("test_faults", ["pickle-check"], COMMAND),
                     script("test_resources", both, MEASURED)]


class Outcome:
    def __init__(self, killed_by, seconds, output):
        self.killed_by, self.seconds, self.output = killed_by, seconds, output


def environment(programs, temporary):
    variables = {"SPK_CHECK": "pickle-check", "SPK_DUMP": "dump", "SPK_RECODE": "recode"}
    made = {variable: programs[name] for variable, name in variables.items() if name in programs}
    return dict(os.environ, SPK_ZLIB="1", PYTHONDONTWRITEBYTECODE="1", TMPDIR=temporary,
                UBSAN_OPTIONS="halt_on_error=1", ASAN_OPTIONS="abort_on_error=1:detect_leaks=1", **made)


def _confine(seconds, is_sanitized):
    def confine():
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not is_sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    return confine


running = []  # the process of the stage that is being run


def end_running(*_):
    """For a signal that ends the program: nothing that it has started stays."""
    for process in running:
        _end(process)
    sys.exit(2)


def _end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)  # of this very process, which leads a session of its own
    except ProcessLookupError:
        pass


def run(stage, copy, arguments=()):
    """Runs a stage in a copy of the tree; killed_by is "" if it passed."""
    made = {name: copy.program(name) for name in stage.programs}
    for name, path in made.items():
        if path is None:
            return Outcome("%s does not build" % name, 0.0, [])
    words = [word.format_map(made) for word in stage.words] + list(arguments)
    bound = MIN_SECONDS + TIMES_NORMAL * stage.seconds
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(words, cwd=copy.tree, env=environment(made, copy.temporary), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                               preexec_fn=_confine(bound, stage.name.startswith("sanitized")))
    running[:] = [process]
    waiting = threading.Timer(WALL * bound, _end, [process])
    waiting.start()
    failed, output = "", []
    for line in process.stdout:
        output.append((time.monotonic() - begun, line.decode("utf-8", "replace").rstrip()))
        found = re.match(r"FAILED (\S+):", output[-1][1])
        if found and "checks" in stage.name:
            failed = found.group(1)
            _end(process)
            break
    process.stdout.close()
    status = process.wait()
    waiting.cancel()
    _end(process)
    running.clear()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if failed or status not in (0, SKIPPED):
        return Outcome(failed or "%s (%s)" % (stage.name, failing_test(output) or ending(status)), seconds, output)
    return Outcome("", seconds, output)


def failing_test(output):
    """What a script calls the first test that failed, or ""."""
    for _, text in output:
        found = re.match(r"(?:FAIL|ERROR): (\w+)", text)
        if found:
            return found.group(1)
    return ""


def ending(status):
    if status == -signal.SIGKILL or status == -signal.SIGXCPU:
        return "too long"
    return "signal %d" % -status if status < 0 else "exit status %d" % status


class Suite:
    """All stages in order, with how long each takes with the unchanged code."""

    def __init__(self, copy, targets):
        replays, scripts = stages(targets)
        checks = Stage("checks", ["{checks}"], ["checks"])
        sanitized = Stage("sanitized-checks", ["{sanitized-checks}"], ["sanitized-checks"])
        checks.seconds = sanitized.seconds = 60
        quick, slow = self._divide(run(checks, copy))
        first = Stage("checks", checks.words + quick, ["checks"])
        rest = Stage("checks (slow)", checks.words + slow, ["checks"])
        sanitized.words = sanitized.words + quick
        for stage in [first, rest, sanitized] + replays + scripts:
            stage.seconds = max(stage.seconds, 60)
        self.stages = [first] + replays + [rest] + scripts + [sanitized]  # for which most is compiled
        for stage in list(self.stages):
            outcome = run(stage, copy)
            stage.seconds = outcome.seconds
            if outcome.killed_by:
                tail = "\n".join(text for _, text in outcome.output[-60:])
                sys.exit("the unchanged code fails in %s\n%s" % (outcome.killed_by, tail))

    @staticmethod
    def _divide(outcome):
        """Names of the quick checks and of the others, by when each was done."""
        if outcome.killed_by:
            sys.exit("the unchanged code fails in %s" % outcome.killed_by)
        taken, before = [], 0.0
        for at, text in outcome.output:
            found = re.match(r"passed (\S+):", text)
            if found:
                taken.append((at - before, found.group(1)))
                before = at
        taken.sort()
        sums = list(itertools.accumulate(seconds for seconds, _ in taken))
        count = sum(so_far <= QUICK_SHARE * sums[-1] for so_far in sums)
        return [name for _, name in taken[:count]], [name for _, name in taken[count:]]

    def judge(self, path, copy):
        """What kills the mutant in this copy; "" if nothing does."""
        for stage in self.stages:
            if stage.concerns(path, copy.build):
                outcome = run(stage, copy)
                if outcome.killed_by:
                    return outcome.killed_by
        return ""
