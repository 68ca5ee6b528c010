# SPDX-License-Identifier: MIT
"""Every case of data/cases.jsonl: bytes with the verdict they must get, collected by running ten Pythons.

A case that must have its verdict and has not fails.  The others are choices of the rules; the ones decided otherwise
are printed.  What is accepted must be what the running Python loads, by value, in every way it can load; the verdict
must not depend on how the bytes come.  A case that needs allow-cycles is a cycle without it."""
import json
import sys

sys.dont_write_bytecode = True

from harness import Refusal, TESTS, dump, fail, is_accepted, show, verify  # noqa: E402


def main():
    lines = (TESTS / "data" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    cyclic = [case for case in cases if case["needs"] == "allow-cycles"]
    others = [case for case in cases if case["needs"] == ""]
    if not cyclic or not others or len(cyclic) + len(others) != len(cases):
        fail("%d cases, of them %d with cycles and %d without" % (len(cases), len(cyclic), len(others)))
    failures, choices, accepted = [], [], []

    for group, options in ((others, ()), (cyclic, ("--allow-cycles",)), (cases, ("--allow-cycles",)), (cyclic, ())):
        streams = [bytes.fromhex(case["hex"]) for case in group]
        answers = dump(streams, *options)
        for way in ("--chunk=1", "--chunk=7", "--borrow"):
            for case, line, other in zip(group, answers, dump(streams, way, *options)):
                if line != other:
                    failures.append("%s: %s, but with %s %s" % (case["name"], line, way, other))
        for case, stream, line in zip(group, streams, answers):
            if group is cyclic and not options:
                if is_accepted(line) or Refusal(line).name != "cycle":
                    failures.append("%s: a cycle gets %s" % (case["name"], line))
            elif group is not cases and is_accepted(line) != (case["verdict"] == "accept"):
                text = "%s: %s wanted: %s (%s)" % (case["name"], case["verdict"], line[:200], case["reason"])
                (failures if case["must"] else choices).append(text)
            elif is_accepted(line):
                accepted.append((stream, line, case["name"]))

    for (stream, _, name), found in zip(accepted, verify(sys.executable, "ASCII", [pair[:2] for pair in accepted])):
        failures += ["%s: %s by %s: %s" % (name, show(stream), way, what) for way, what in found]

    for text in choices:
        print("decided otherwise: " + text)
    for text in failures:
        print("FAILED: " + text)
    print("cases: %d, %d of them must have their verdict, %d values compared, %d decided otherwise, %d failures"
          % (len(cases), sum(case["must"] for case in cases), len(accepted), len(choices), len(failures)))
    return 1 if failures or not accepted else 0


if __name__ == "__main__":
    sys.exit(main())
