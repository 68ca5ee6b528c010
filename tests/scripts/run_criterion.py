# SPDX-License-Identifier: MIT
"""Runs the checks under Criterion and fails where Criterion would pass in silence: when no test ran, and when the
closing line is missing or counts a failure.  It never judges a test by itself."""
import re
import subprocess
import sys

SYNTHESIS = re.compile(r"Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def main(command):
    run = subprocess.run([*command, "--jobs=2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = COLOURS.sub("", run.stdout.decode("utf-8", "replace"))
    sys.stdout.write(output)
    closing = SYNTHESIS.findall(output)
    if len(closing) != 1:
        sys.exit(f"expected one closing line of Criterion, found {len(closing)}")
    tested, passing, failing, crashing = map(int, closing[0])
    if tested == 0 or passing != tested or failing or crashing:
        sys.exit(f"of {tested} tests {passing} passed; all of at least one must")
    if run.returncode != 0:
        sys.exit(f"Criterion ended with {run.returncode}")


if __name__ == "__main__":
    main(sys.argv[1:])
