# SPDX-License-Identifier: MIT
"""Every case of data/wide_cases.jsonl: pickles with names in them, collected by running many Pythons and picklers, each
with the smallest set of spk_options.allow under which it must be accepted: "none" if it needs no set, for it has no
name in it, and "" if it must be refused under all.  An executable model of the rules decided that.

For each set that the library has, exactly the cases within it are accepted, however the bytes come; what is accepted
must be what the running Python loads, in every way it can load, importing what the set has and nothing else.  Without
a set all others are refused, because they would import or because they are malformed (or, one, for its cycle).

What is given, beside the set: verdict and must, which say what the collector held right and how sure of it he was; why;
and value, what Pythons loaded."""
import json
import subprocess
import sys

sys.dont_write_bytecode = True

from harness import Refusal, TESTS, dump, fail, is_accepted, program, records, show, verify  # noqa: E402

SETS = ["plain", "std", "numpy"]  # each holds those before it
WAYS = ["--chunk=1", "--chunk=7", "--borrow"]
CASES_MIN = 900


def library_sets():
    """Those of the sets that the library has, which must be the first ones."""
    has = []
    for name in SETS:
        run = subprocess.run([program("SPK_DUMP"), "--allow=" + name, "--cases"], input=records([b"N."]),
                             stdout=subprocess.PIPE)
        said = run.stdout.decode()
        has.append(run.returncode == 0 and said == "None\n")
        if not has[-1] and (run.returncode != 2 or said != "trouble options.allow names an unknown set: %s\n" % name):
            fail("dump --allow=%s ended with %d: %s" % (name, run.returncode, said))
    if not has[0] or has != sorted(has, reverse=True):
        fail("the library has %s of the sets %s" % (has, SETS))
    return SETS[:sum(has)]


class Test:
    def __init__(self):
        self.failures, self.accepted, self.loaded = [], 0, 0

    def wrong(self, case, allow, what):
        self.failures.append("%s, --allow=%s, %s: %s" % (case["id"], allow, case["why"], what))

    def judge(self, cases, encoding, allow):
        """Cases of one encoding; allow is "" for no set."""
        options = ["--encoding=" + encoding.lower()] + (["--allow=" + allow] if allow else [])
        streams = [bytes.fromhex(case["hex"]) for case in cases]
        lines = dump(streams, *options)
        for way in WAYS:
            for case, line, other in zip(cases, lines, dump(streams, way, *options)):
                if line != other:
                    self.wrong(case, allow, "%s, but with %s %s" % (line[:200], way, other[:200]))
        within = ["none"] + (SETS[:SETS.index(allow) + 1] if allow else [])
        for case, line in zip(cases, lines):
            if is_accepted(line) != (case["set"] in within):
                self.wrong(case, allow, "must be %s: %s" % ("accepted" if case["set"] in within else "refused", line[:200]))
            if not allow and not is_accepted(line) and Refusal(line).code[2] not in "12" and Refusal(line).name != "cycle":
                self.wrong(case, allow, "is neither code nor malformed: %s" % line)
        self.values(cases, streams, lines, encoding, allow)

    def values(self, cases, streams, lines, encoding, allow):
        accepted = [at for at, line in enumerate(lines) if is_accepted(line)]
        self.accepted += len(accepted)
        pairs = [(streams[at], lines[at]) for at in accepted]
        for at, found in zip(accepted, verify(sys.executable, encoding + "+" + allow, pairs)):
            self.loaded += 1
            for way, what in found:
                self.wrong(cases[at], allow, "%s by %s: %s; here: %s" % (show(streams[at]), way, what, lines[at][:200]))


def main():
    lines = (TESTS / "data" / "wide_cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    if len(cases) < CASES_MIN or len({case["id"] for case in cases}) != len(cases) or \
            {case["set"] for case in cases} != {"", "none", *SETS}:
        fail("%d cases, of the sets %s" % (len(cases), sorted({case["set"] for case in cases})))
    test = Test()
    sets = library_sets()
    for encoding in sorted({case["encoding"] for case in cases}):
        group = [case for case in cases if case["encoding"] == encoding]
        for allow in ["", *sets]:
            test.judge(group, encoding, allow)
    for text in test.failures:
        print("FAILED: " + text)
    print("wide cases: %d, with the sets %s, %d times accepted, %d values compared, %d failures"
          % (len(cases), ", ".join(sets), test.accepted, test.loaded, len(test.failures)))
    return 1 if test.failures or not test.loaded else 0


if __name__ == "__main__":
    sys.exit(main())
