#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What stands behind make fuzz, fuzz-afl, fuzz-min and replay: builds the targets, replays the corpus, runs an engine,
and tells what came of it.  Writes below build/ and, if given, FUZZ_CORPUS; only "min" writes into corpus/fuzz.

    fuzz/run.py fuzz          libFuzzer under ASan and UBSan
    fuzz/run.py afl           AFL++
    fuzz/run.py min           what was found, minimised, to corpus/fuzz/<target>/
    fuzz/run.py replay FILE   one input, with everything the sanitizers say

Read from the environment: FUZZ_SECONDS a target (60), FUZZ_TARGETS (all; names with blanks or commas between),
FUZZ_SKIP (targets that may be missing), FUZZ_JOBS targets at a time, FUZZ_SEED, FUZZ_CORPUS (a directory kept between
runs), FUZZ_MAX_LEN bytes an input (by default what fuzz/targets.txt says).
Exit status: 0 nothing found; 1 something found, or a target missing; 2 it could not be done."""
import math
import os
import shlex
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # nothing goes into the tree

from engines import Afl, LibFuzzer, TARGETS, Trouble, build, replay_corpus, write_minimised

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def words(name):
    return os.environ.get(name, "").replace(",", " ").split()


def number(name, default):
    text = os.environ.get(name) or str(default)
    if not text.isdigit() or int(text) >= 1 << 31:
        raise Trouble("%s must be a number, not %s" % (name, text))
    return int(text)


class Settings:
    def __init__(self):
        self.seconds = number("FUZZ_SECONDS", 60)
        self.jobs = max(1, number("FUZZ_JOBS", os.cpu_count() or 1))
        self.seed = number("FUZZ_SEED", int.from_bytes(os.urandom(3), "little") + 1)
        self.skip = words("FUZZ_SKIP")
        self.targets = [name for name in words("FUZZ_TARGETS") or TARGETS if name not in self.skip]
        self.corpus = os.environ.get("FUZZ_CORPUS")
        self.most_bytes = number("FUZZ_MAX_LEN", 0)
        unknown = [name for name in self.targets + self.skip if name not in TARGETS]
        if unknown or not self.targets:
            raise Trouble("no such target: %s; there are %s" % (" ".join(unknown) or "none left", " ".join(TARGETS)))
        if self.seconds < 1:
            raise Trouble("FUZZ_SECONDS must be at least 1")


def say(text):
    print(text, flush=True)


def clock(seconds):
    return time.strftime("%H:%M:%S", time.localtime(seconds))


# ---- running


def show_progress(running, started, end):
    parts = ["%s %s" % (run.target, run.progress()) for run in running]
    say("%s  %d s, end expected at %s: %s" % (clock(time.time()), time.time() - started, clock(end), "; ".join(parts)))


def run_all(engine, settings, targets, seconds_of_seeds):
    """Every target, at most FUZZ_JOBS at once; returns the finished runs in their order.  FUZZ_SECONDS begin when the
    seeds have been read, which takes about as long as to replay them."""
    seconds = settings.seconds + math.ceil(seconds_of_seeds)
    waiting, running, done = list(targets), [], []
    rounds = -(-len(targets) // settings.jobs)
    started = time.time()
    end = started + rounds * (seconds + 2)
    told = started
    say("%d targets, %d s each, %d at a time, seed %d: end expected at %s"
        % (len(targets), seconds, settings.jobs, settings.seed, clock(end)))
    try:
        while waiting or running:
            while waiting and len(running) < settings.jobs:
                running.append(engine.start(waiting.pop(0), settings, seconds))
            time.sleep(0.2)
            for run in [run for run in running if run.process.poll() is not None]:
                running.remove(run)
                run.finish()
                done.append(run)
                say("%s  %s: %s" % (clock(time.time()), run.target, run.result))
            if time.time() - told >= 15 and running:
                told = time.time()
                show_progress(running, started, end)
    finally:
        for run in running:
            run.process.kill()
            run.process.wait()
    return sorted(done, key=lambda run: targets.index(run.target))


# ---- telling


COLUMNS = ("target", "executions", "executions/s", "new edges", "corpus files", "result")


def table(runs, failed):
    rows = [(run.target, str(run.executions), str(run.speed()), str(run.new_edges), str(run.corpus_files), run.result)
            for run in runs]
    rows += [(target, "0", "0", "-", "-", why) for target, why in failed]
    return [COLUMNS] + rows


def show_table(rows, title):
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    say("")
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        rule = "|".join(["---"] * len(COLUMNS))
        lines = ["### " + title, "", "| " + " | ".join(rows[0]) + " |", "|" + rule + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows[1:]]
        with open(summary, "a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n\n")


def show_findings(findings):
    """Pairs of target and path; a path in the target's own directory tells the target."""
    for target, path in findings:
        named = "" if os.path.basename(os.path.dirname(path)) == target else " FUZZ_TARGETS=" + target
        say("make replay FILE=%s%s" % (shlex.quote(os.path.relpath(path, TOP)), named))


def fuzz(engine, settings, title):
    say("Building with %s in %s" % (engine.compiler, os.path.relpath(engine.build, TOP)))
    built, failed = build(engine, settings.targets)
    say("Replaying corpus/")
    findings = []
    seconds = 0
    for target in list(built):
        replay = replay_corpus(engine, target)
        say("  %s: %s" % (target, replay.told))
        findings += [(target, path) for path in replay.findings]
        seconds = max(seconds, replay.seconds)
        if not replay.passed:
            built.remove(target)
            failed.append((target, "fails on corpus/"))
    runs = run_all(engine, settings, built, seconds) if built else []
    for run in runs:
        findings += [(run.target, path) for path in run.findings]
    show_table(table(runs, failed), title)
    show_findings(findings)
    bad = [run.target for run in runs if not run.passed] + [target for target, _ in failed]
    say("" if bad else "Nothing found.")
    return 1 if bad or not runs else 0


def replay(settings, path):
    if not os.path.isfile(path):
        raise Trouble("no such file: %s" % path)
    parent = os.path.basename(os.path.dirname(os.path.abspath(path)))
    targets = [parent] if parent in TARGETS and not words("FUZZ_TARGETS") else settings.targets
    try:
        engine = LibFuzzer(TOP)
    except Trouble:
        engine = Afl(TOP)  # what it builds reads files too
    built, failed = build(engine, targets)
    status = 0
    for target in built:
        say("== %s %s" % (target, path))
        result = subprocess.run(engine.few(target, [path]), env=engine.environment(True))
        say("== %s: %s" % (target, "passes" if result.returncode == 0 else "FAILS"))
        status = status or result.returncode != 0
    return 1 if status or failed else 0


def minimise(settings):
    engine = LibFuzzer(TOP)
    built, failed = build(engine, settings.targets)
    for target in built:
        say("%s: %s" % (target, write_minimised(engine, target, settings.corpus)))
    return 1 if failed else 0


def main(arguments):
    command = arguments[0] if arguments else ""
    if command not in ("fuzz", "afl", "min", "replay") or len(arguments) != (2 if command == "replay" else 1):
        sys.stderr.write(__doc__ + "\n")
        return 2
    arguments[1:] = [os.path.abspath(path) for path in arguments[1:]]
    os.chdir(TOP)
    try:
        settings = Settings()
        if command == "replay":
            return replay(settings, arguments[1])
        if command == "min":
            return minimise(settings)
        if command == "afl":
            return fuzz(Afl(TOP), settings, "AFL++")
        return fuzz(LibFuzzer(TOP), settings, "libFuzzer")
    except Trouble as trouble:
        sys.stderr.write("fuzz/run.py: %s\n" % trouble)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
