#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench: measures the decoder against CPython and others, all in one run, and prints ratios beside the goals.

From the environment:

    BENCH_SCALE=0.1    size of the corpora; 1 is what docs/records/performance.md quotes
    BENCH_ONLY=        corpora (bench/generate.py --list), start, files; with commas between
    BENCH_SEED=1       another seed, other data of the same shapes
    BENCH_ROUNDS=3     rounds, in each of which every contender runs
    BENCH_PYTHONS=     paths of more Pythons, separated by blanks; the fastest on a corpus is the baseline on it
    BENCH_DOCS=        1: put the tables and the plot into docs/records/performance.md and .svg, too

Takes less than five minutes at that.  Contenders take turns, and the best of all turns counts, in CPU time of the thread: what else the machine does comes
and goes for all alike.  Corpora and results (results.md, results.json, results.svg) go to build/bench-data.  Exit
status 0 whatever the figures are; 1 when something could not be measured."""
import hashlib
import json
import os
import pathlib
import pickletools
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import generate  # noqa: E402
import goals  # noqa: E402
import plot  # noqa: E402
import tables  # noqa: E402

BENCH = pathlib.Path(__file__).resolve().parent
TOP = BENCH.parent
BUILD = pathlib.Path(os.environ.get("BENCH_BUILD", TOP / "build"))
DATA = BUILD / "bench-data"
SCALE = float(os.environ.get("BENCH_SCALE", generate.DEFAULT_SCALE))
SEED = int(os.environ.get("BENCH_SEED", "1"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
REPS = 3
OUR_REPS = min(max(5, round(2.5 / SCALE)), 500)  # so that both sides are watched for about as long
TINY_REPS = min(OUR_REPS, 25)  # this corpus is not smaller at a smaller scale
SLOW_SECONDS = 3      # of CPython on a stream written to be slow
SCANNED = ("records", "floats", "strings", "twitter", "canada")  # by the peers that take minutes
SMALL_FILES = 20_000
SMALL_SCALE = 0.02    # of the corpora on which the memory of a check is compared with what it may be
SPK_BENCH = str(BUILD / "spk-bench")
CHECK = str(BUILD / "pickle-check")


class Trouble(Exception):
    """Something could not be measured."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def figures(command, allowed=(0,), timeout=600):
    """Runs what prints "name value" lines; None when it takes too long."""
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, text=True)
    except subprocess.TimeoutExpired:
        return None
    if run.returncode not in allowed:
        raise Trouble("%s ended with %d: %s%s" % (" ".join(command), run.returncode, run.stdout, run.stderr))
    found = {"exit": run.returncode}
    for line in run.stdout.splitlines():
        name, _, value = line.partition(" ")
        found[name] = value if name == "refused" else float(value.split()[0])
    return found


def pythons():
    """The system's Python, the one that runs this, and those that were named; each once, by version."""
    found = {}
    for path in ["/usr/bin/python3", shutil.which("python3"), sys.executable,
                 *os.environ.get("BENCH_PYTHONS", "").split()]:
        if path and os.path.exists(path):
            code = "import sys, platform; print(sys.executable, platform.python_version())"
            real, version = subprocess.run([path, "-c", code], stdout=subprocess.PIPE, text=True,
                                           check=True).stdout.rsplit(None, 1)
            found.setdefault(os.path.realpath(real), version)
    return found


class Corpora:
    """Makes the files when they are needed; those of an earlier run are used if nothing that makes them has changed."""

    def __init__(self):
        source = (BENCH / "generate.py").read_bytes()
        self.version = hashlib.sha256(source + sys.version.encode()).hexdigest()[:12]

    def path(self, which, scale=SCALE):
        directory = DATA / ("%s-seed%d-%s" % (scale, SEED, self.version))
        path = directory / generate.file_name(which)
        if not path.exists():
            directory.mkdir(parents=True, exist_ok=True)
            generate.write(which, scale, SEED, directory)
        return str(path)


class Contest:
    """What was measured: the best figures by corpus and contender."""

    def __init__(self):
        self.best = {}

    def enter(self, corpus, contender, found):
        if found is None:
            self.best.setdefault(corpus, {}).setdefault(contender, {"best_ms": None})
            return
        kept = self.best.setdefault(corpus, {}).setdefault(contender, found)
        if kept.get("best_ms") is None:
            return
        for name, value in found.items():
            if name.endswith(("_ms", "_ns")) or name in ("ns_per_opcode", "ns_per_byte", "rss_growth"):
                kept[name] = min(kept.get(name, value), value)
            elif name == "ratio":
                kept[name] = kept["best_ms"] / kept["inflate_ms"]

    def run(self, corpus, contenders, rounds=ROUNDS):
        """Contenders: name -> function without arguments that returns figures."""
        for _ in range(rounds):
            for name, measure in contenders.items():
                if self.best.get(corpus, {}).get(name, {"best_ms": 0})["best_ms"] is not None:
                    self.enter(corpus, name, measure())


def spk(mode, path, reps=OUR_REPS, options=(), allowed=(0,)):
    return lambda: figures([SPK_BENCH, *options, mode, path, str(reps)], allowed)


def python(interpreter, way, path, reps=REPS, timeout=600):
    return lambda: figures([interpreter, str(BENCH / "load.py"), way, path, str(reps)], timeout=timeout)


# ---- what is measured ---------------------------------------------------------------------------------------------

def measure_plain(contest, which, corpora, interpreters):
    path = corpora.path(which)
    contenders = {mode: spk(mode, path) for mode in ("check", "decode", "borrow", "chunks")}
    for interpreter, version in interpreters.items():
        contenders["loads " + version] = python(interpreter, "loads", path)
        contenders["loads-gc " + version] = python(interpreter, "loads-gc", path)
    contest.run(which, contenders)
    if not which.startswith("big_"):
        contest.run(which, {"genops": python(sys.executable, "genops", path, 1)}, 1)


def measure_encode(contest, which, corpora, interpreters):
    path = corpora.path(which)
    contenders = {"encode": spk("encode", path)}
    for interpreter, version in interpreters.items():
        contenders["dumps " + version] = python(interpreter, "dumps", path)
    contest.run(which, contenders)


def measure_gzip(contest, which, corpora, interpreters):
    path = corpora.path(which)
    contenders = {"gunzip-check": spk("gunzip-check", path)}
    for interpreter, version in interpreters.items():
        contenders["unzip-gc " + version] = python(interpreter, "unzip-gc", path, 1)
    contest.run(which, contenders)


def measure_tiny(contest, corpora, interpreters):
    path = corpora.path("tiny")
    contenders = {"tiny": spk("tiny", path, TINY_REPS)}
    for interpreter, version in interpreters.items():
        contenders["loads " + version] = python(interpreter, "tiny", path)
    contest.run("tiny", contenders)


def measure_adversarial(contest, which, corpora, interpreters):
    allowed = (1,) if which in generate.REFUSED else (0,)
    options = ("--unlimited",) if which in generate.UNLIMITED else ()
    contenders = {}
    for mode in ("check", "decode"):
        contenders[mode] = spk(mode, corpora.path(which), REPS, options, allowed)
        contenders[mode + " of half"] = spk(mode, corpora.path(which, SCALE / 2), REPS, options, allowed)
    contest.run(which, contenders)
    if which not in generate.REFUSED:
        interpreter, version = next(iter(interpreters.items()))
        slow = python(interpreter, "loads", corpora.path(which), 1, SLOW_SECONDS)
        contest.run(which, {"loads " + version: slow}, 1)


def measure_peers(contest, which, corpora):
    """Scanners in Python, where they are installed."""
    path = corpora.path(which)
    for peer in ("picklescan", "fickling"):
        found = figures([sys.executable, str(BENCH / "load.py"), peer, path, "1"], allowed=(0, 3))
        if found and found["exit"] == 3:
            say("%s is not installed; going on without" % peer)
            return
        contest.enter(which, peer, found)


def stack_and_memo(path):
    """The most stack slots (marks included), the memo entries, and the containers among them, of a pickle."""
    depth = most = entries = boxes = 0
    marks, previous = [], ""
    with open(path, "rb") as file:
        for opcode, _, _ in pickletools.genops(file):
            before, after = opcode.stack_before, opcode.stack_after
            if opcode.name == "MARK":
                marks.append(depth)
            elif pickletools.markobject in before:
                depth = marks.pop() - before.index(pickletools.markobject) + len(after)
            else:
                depth += len(after) - len(before)
            if opcode.name in ("MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT"):
                entries += 1
                boxes += previous.startswith(("EMPTY_", "TUPLE", "FROZENSET", "LIST", "DICT"))
            most = max(most, depth + len(marks))
            previous = opcode.name
    return most, entries, boxes


def measure_check_memory(contest, which, corpora):
    path = corpora.path(which, SMALL_SCALE)
    slots, entries, boxes = stack_and_memo(path)
    fixed, a_slot, an_entry, a_box = goals.CHECK_MEMORY
    found = figures([SPK_BENCH, "check", path, "1"])
    if found is None:
        contest.enter(which, "memory", found)
        return
    found.update(slots=slots, entries=entries, boxes=boxes,
                 allowed=fixed + a_slot * slots + an_entry * entries + a_box * boxes)
    contest.enter(which, "memory", found)


def spawned(reps, standard_input, first, second):
    run = subprocess.run([str(BUILD / "bench" / "bench-spawn"), str(reps), standard_input, *first, "--", *second],
                         stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        raise Trouble("bench-spawn ended with %d" % run.returncode)
    found = {}
    for line in run.stdout.splitlines():
        name, *values = line.split()
        found[name] = [float(value) for value in values]
    return found


def measure_start(contest):
    contest.best["start"] = spawned(300, "/dev/null", [CHECK, str(TOP / "corpus" / "samples" / "data.pickle")],
                                    [str(BUILD / "bench" / "bench-nothing")])


def measure_files(contest, corpora):
    with open(corpora.path("tiny"), "rb") as file:
        data = file.read()
    with tempfile.TemporaryDirectory(dir=DATA) as directory:
        paths, at = [], 0
        for number in range(SMALL_FILES):
            size = int.from_bytes(data[at:at + 4], "little")
            paths.append(os.path.join(directory, "%05d.pickle" % number))
            with open(paths[-1], "wb") as file:
                file.write(data[at + 4:at + 4 + size])
            at = (at + 4 + size) % len(data)
        names = os.path.join(directory, "names")
        with open(names, "wb") as file:
            file.write(b"".join(os.fsencode(path) + b"\0" for path in paths))
        contest.best["files"] = spawned(7, names, [CHECK, "--quiet", "--files0-from=-"],
                                        [str(BUILD / "bench" / "bench-read-files")])


def measure(contest, which, corpora, interpreters):
    if which == "start":
        measure_start(contest)
    elif which == "files":
        measure_files(contest, corpora)
    elif which == "tiny":
        measure_tiny(contest, corpora, interpreters)
    elif which.endswith("_gz"):
        measure_gzip(contest, which, corpora, interpreters)
    elif which in generate.ADVERSARIAL:
        measure_adversarial(contest, which, corpora, interpreters)
    else:
        measure_plain(contest, which, corpora, interpreters)
        if not which.startswith("big_"):
            measure_check_memory(contest, which, corpora)
        if which in goals.ENCODE:
            measure_encode(contest, which, corpora, interpreters)
        if which in SCANNED:
            measure_peers(contest, which, corpora)


# ---- the driver ---------------------------------------------------------------------------------------------------

def machine():
    """Its kind only."""
    kind = "unknown processor"
    try:
        with open("/proc/cpuinfo") as file:
            kind = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return "%s, %d processors" % (kind, os.cpu_count())


def main():
    known = [*generate.names(), "start", "files"]
    wanted = [which for which in os.environ.get("BENCH_ONLY", "").split(",") if which] or known
    unknown = [which for which in wanted if which not in known]
    if unknown or not os.path.exists(SPK_BENCH):
        say("no such corpus: " + ", ".join(unknown) if unknown else "build first: make")
        return 1
    DATA.mkdir(parents=True, exist_ok=True)
    interpreters, corpora, contest = pythons(), Corpora(), Contest()
    try:
        for number, which in enumerate(wanted):
            before = os.times()
            measure(contest, which, corpora, interpreters)
            spent = [now - then for now, then in zip(os.times(), before)]
            say("%d of %d: %s, %.1f s" % (number + 1, len(wanted), which, sum(spent[:4])))
    except Trouble as trouble:
        say(str(trouble))
        return 1
    head = {"machine": machine(), "pythons": sorted(set(interpreters.values())), "scale": SCALE, "seed": SEED,
            "rounds": ROUNDS}
    (DATA / "results.json").write_text(json.dumps({"head": head, "best": contest.best}, indent=1))
    text = tables.render(head, contest.best)
    drawing = plot.draw(contest.best)
    (DATA / "results.md").write_text(text)
    (DATA / "results.svg").write_text(drawing)
    if os.environ.get("BENCH_DOCS"):
        tables.put_into(TOP / "docs" / "records" / "performance.md", text)
        (TOP / "docs" / "records" / "performance.svg").write_text(drawing)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
