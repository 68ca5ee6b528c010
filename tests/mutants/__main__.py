#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks the sources on purpose, one small mistake at a time, and tells which of them the tests do not notice.

    tests/mutants [--seed=N] [--count=N] [--only=PART-OF-A-PATH] [--jobs=N] [--resume=FILE]

The seed chooses the mutants (200), one of each room in turn.  Each is built in a scratch copy of the tree and
has to pass the tests from cheap to dear until one fails.  What makes the same object code is no mutant; what
equivalents.txt excuses with a reason is an equivalent, and not tried.  The tree itself is never changed.  --resume
takes the results from what an earlier run, which was cut short, has printed.  docs/mutants.md tells more.
Exit status: 0 at least 95 % of the others are killed, and at most 20 % are equivalents; 1 not so; 2 a tool is
missing."""
import argparse
import collections
import glob
import multiprocessing
import os
import random
import re
import shutil
import signal
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

from build import TARGETS, Build, Copy, compiler  # noqa: E402
from source import Source, choose  # noqa: E402
from suite import Suite, end_running  # noqa: E402
import equivalents  # noqa: E402

KILLED_MIN = 95       # in percent of those that are no equivalents
EQUIVALENTS_MAX = 20   # in percent of all that change the code
VERDICTS = NOT_COMPILED, SAME_CODE, SURVIVED, KILLED, EXCUSED = "not compiled", "same code", "survived", "killed", "excused"

worker = {}


class Result:
    def __init__(self, mutant, verdict, detail=""):
        self.mutant, self.verdict, self.detail = mutant, verdict, detail


def read_sources(part):
    sources = []
    for pattern in ("src/*/*.[ch]", "cli/*.[ch]"):
        for path in sorted(glob.glob(os.path.join(TOP, pattern))):
            name = os.path.relpath(path, TOP)
            if part in name:
                with open(path, encoding="utf-8") as file:
                    sources.append(Source(name, file.read()))
    return sources


def start_worker(build, suite, scratch, numbers):
    signal.signal(signal.SIGTERM, end_running)
    entries = equivalents.read()
    worker["suite"], worker["copy"] = suite, Copy(build, scratch, numbers.get())
    worker["excuses"] = lambda mutant: equivalents.find(entries, mutant) is not None


def try_mutant(mutant):
    if worker["excuses"](mutant):
        return Result(mutant, EXCUSED)
    copy = worker["copy"]
    copy.set(mutant)
    is_same = copy.is_same_code()
    if is_same is None:
        return Result(mutant, NOT_COMPILED)
    if is_same:
        return Result(mutant, SAME_CODE)
    killed_by = worker["suite"].judge(mutant.path, copy)
    return Result(mutant, KILLED if killed_by else SURVIVED, killed_by)


def read_results(path, mutants):
    """What an earlier run printed of these mutants; what is excused now is told anew."""
    known, by_text = [], {str(mutant): mutant for mutant in mutants}
    with open(path, encoding="utf-8") as file:
        for line in file:
            found = re.match(r" *\d+ (%s)(?: by (.*?))?: (\S+?:\d+ .*)\n" % "|".join(VERDICTS), line)
            if found and found.group(3) in by_text:
                known.append(Result(by_text.pop(found.group(3)), found.group(1), found.group(2) or ""))
    return known


def try_all(mutants, results, jobs, scratch):
    build = Build(TOP, scratch, jobs)
    first = Copy(build, scratch, 0)
    first.set(None)
    suite = Suite(first, TARGETS)
    print("%d mutants; the unchanged code takes %.0f s of processor time in %d stages"
          % (len(mutants), sum(stage.seconds for stage in suite.stages), len(suite.stages)), flush=True)
    numbers = multiprocessing.Queue()
    for number in range(1, jobs + 1):
        numbers.put(number)
    with multiprocessing.Pool(jobs, start_worker, (build, suite, scratch, numbers)) as pool:
        for result in pool.imap_unordered(try_mutant, mutants):
            results.append(result)
            by = result.detail and " by " + result.detail
            print("%4d %s%s: %s" % (len(results), result.verdict, by, result.mutant), flush=True)
    return sorted(results, key=lambda result: (result.mutant.path, result.mutant.start))


def print_table(results):
    columns = [KILLED, SURVIVED, EXCUSED, SAME_CODE, NOT_COMPILED]
    counts = collections.defaultdict(collections.Counter)
    for result in results:
        for name in (result.mutant.path, "all"):
            counts[name][result.verdict] += 1
    print("\n%-24s" % "file" + "".join("%14s" % column for column in columns))
    for name in sorted(counts, key=lambda name: (name == "all", name)):
        print("%-24s" % name + "".join("%14d" % counts[name][column] for column in columns))
    killed = [result.detail for result in results if result.verdict == KILLED]
    killers = collections.Counter(detail.split(".")[0].split(" (")[0] for detail in killed)
    print("\nkilled by: " + ", ".join("%s %d" % pair for pair in killers.most_common()))
    return counts["all"]


def excuse(results):
    """Takes survivors that are known to be equivalents out, and says why they are."""
    entries = equivalents.read()
    for result in results:
        entry = equivalents.find(entries, result.mutant) if result.verdict in (SURVIVED, EXCUSED) else None
        if entry:
            result.verdict = EXCUSED
            print("excused %s\n    %s" % (result.mutant, entry.reason))


def judge(results):
    """Prints everything; true if the bounds hold."""
    print("\nThose that nothing noticed:")
    excuse(results)
    survivors = [result for result in results if result.verdict == SURVIVED]
    for result in survivors:
        print("SURVIVED %s" % result.mutant)
    total = print_table(results)
    judged = total[KILLED] + total[SURVIVED]
    live = judged + total[EXCUSED]
    killed, equal = 100.0 * total[KILLED] / max(judged, 1), 100.0 * total[EXCUSED] / max(live, 1)
    print("\n%d change the code, %d of them are equivalents (%.1f %%, at most %d)"
          % (live, total[EXCUSED], equal, EQUIVALENTS_MAX))
    print("of the other %d are killed %d (%.1f %%, at least %d)" % (judged, total[KILLED], killed, KILLED_MIN))
    return judged > 0 and killed >= KILLED_MIN and equal <= EQUIVALENTS_MAX


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--only", default="")
    parser.add_argument("--resume", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    if not shutil.which(compiler()[0]):
        sys.stderr.write("make mutants: missing: %s\n" % compiler()[0])
        return 2
    sources = read_sources(options.only)
    for entry in equivalents.gone(equivalents.read(), [mutant for source in sources for mutant in source.mutants()]):
        if options.only == "":
            print("equivalents.txt speaks of what is not there: %s" % entry.line)
    signal.signal(signal.SIGTERM, end_running)  # the scratch copies go away then, too
    mutants = choose(sources, options.count, random.Random(options.seed))
    known = read_results(options.resume, mutants) if options.resume else []
    done = {id(result.mutant) for result in known}
    mutants = [mutant for mutant in mutants if id(mutant) not in done]
    with tempfile.TemporaryDirectory(prefix="safepickle-mutants-") as scratch:
        os.chmod(scratch, 0o755)  # some tests become another user
        results = try_all(mutants, known, options.jobs, scratch)
    return 0 if judge(results) else 1


if __name__ == "__main__":
    sys.exit(main())
