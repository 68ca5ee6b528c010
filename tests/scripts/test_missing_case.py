#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An opcode whose verdict in opcodes.def becomes DATA does not compile until the machine has a case for it: with labels
as values and with a plain switch.  Compiles a changed copy of the sources, and the unchanged ones, as a control."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def compiles(compiler, source, *options):
    run = subprocess.run([*compiler, "-std=c11", "-fsyntax-only", "-DSPK_WITH_ZLIB=1", "-I", str(TOP / "include"),
                          "-I", str(source), *options, str(source / "decode" / "machine.c")],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    return run.returncode == 0, run.stdout


def main():
    compiler = shlex.split(os.environ.get("SPK_CC", "cc"))
    failures = tried = 0
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory) / "src"
        shutil.copytree(str(TOP / "src"), str(source))
        table = (source / "opcodes.def").read_text()
        rows = [name for name, verdict in re.findall(r"^OP\((\w+),[^\"]*, *(\w+),\s*\"", table, re.M) if verdict != "DATA"]
        for options in ((), ("-DSPK_PORTABLE=1",)):
            (source / "opcodes.def").write_text(table)
            is_good, text = compiles(compiler, source, *options)
            if not is_good:
                print("FAILED: the unchanged sources do not compile %s\n%s" % (" ".join(options), text))
                return 1
            for row in rows:
                tried += 1
                changed = re.sub(r"^(OP\(%s,[^\"]*, *)\w+(,\s*\")" % row, r"\1DATA\2", table, flags=re.M)
                (source / "opcodes.def").write_text(changed)
                if changed == table or compiles(compiler, source, *options)[0]:
                    failures += 1
                    print("FAILED: %s as DATA compiles without a case %s" % (row, " ".join(options)))
    print("missing_case: %d changed tables, %d failures" % (tried, failures))
    return 1 if failures or tried < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
