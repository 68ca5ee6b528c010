# SPDX-License-Identifier: MIT
"""Reads the symbols of both forms of the library: they define the functions of the header and no other global name, and
the shared one imports nothing that could open, run, look up or wait for anything (no file, environment, locale, clock,
thread, dynamic loading).  A library compiled on the spot that does it all wrong shows that the check can fail."""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

ALLOWED_IMPORTS = {
    # memory and text in it
    "free", "realloc", "bcmp", "memchr", "memcmp", "memcpy", "memmove", "memset", "strchr", "strcmp", "strcspn",
    "strlen", "strncmp", "strspn",
    # the key of the hash
    "getrandom",
    "malloc", "mmap", "mmap64", "mremap", "munmap", "madvise",  # src/base/pages.c: anonymous memory, no file
    "__x86_get_cpuid_feature_leaf",  # src/base/cpu.h: a table of the C library, read only
    # zlib, memory to memory
    "deflate", "deflateEnd", "deflateInit2_", "deflateParams", "deflateSetHeader",
    "inflate", "inflateEnd", "inflateInit2_", "inflateReset",
    # what compilers and start files add
    "__stack_chk_fail", "__memcpy_chk", "__memmove_chk", "__memset_chk", "__cxa_finalize", "__gmon_start__",
    "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable",
}

SPECIMEN = """
#include <stdlib.h>
char *spk_version(void);
char *spk_version(void) { return getenv("HOME"); }
int leaked(void);
int leaked(void) { return 1; }
"""


def symbols(path, table):
    """Names of global symbols that are defined and that are not, in "--dyn-syms" or "--syms"."""
    run = subprocess.run(["readelf", "-W", table, path], stdout=subprocess.PIPE, check=True,
                         env=dict(os.environ, LC_ALL="C"))
    rows = re.findall(r"^\s*\d+: [0-9a-f]+\s+\d+ \w+\s+(?:GLOBAL|WEAK)\s+\w+\s+(\w+) (\w+)", run.stdout.decode(), re.M)
    undefined = {name for section, name in rows if section == "UND"}
    return {name for section, name in rows if section != "UND"}, undefined


def declared(header):
    with open(header, encoding="utf-8") as file:
        return set(re.findall(r"^SPK_API [^;(]*?\b(spk_\w+)\(", file.read(), re.M))


def complaints(shared, static, functions):
    exported, imported = symbols(shared, "--dyn-syms")
    defined, _ = symbols(static, "--syms")
    yield from (f"shared: exports {name}, which the header does not declare" for name in sorted(exported - functions))
    yield from (f"shared: does not export {name}" for name in sorted(functions - exported))
    yield from (f"shared: imports {name}" for name in sorted(imported - ALLOWED_IMPORTS))
    yield from (f"static: defines {name}, which the header does not declare" for name in sorted(defined - functions))
    yield from (f"static: does not define {name}" for name in sorted(functions - defined))


FAULTS = ["shared: exports leaked, which the header does not declare", "shared: does not export spk_check",
          "shared: imports getenv", "static: defines leaked, which the header does not declare",
          "static: does not define spk_check"]


def complaints_about_specimen(compiler):
    with tempfile.TemporaryDirectory() as directory:
        source, shared, static = (os.path.join(directory, name) for name in ("specimen.c", "specimen.so", "specimen.o"))
        with open(source, "w", encoding="ascii") as file:
            file.write(SPECIMEN)
        subprocess.run([*compiler, "-O2", "-fPIC", "-shared", source, "-o", shared], check=True)
        subprocess.run([*compiler, "-O2", "-c", source, "-o", static], check=True)
        return list(complaints(shared, static, {"spk_version", "spk_check"}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("shared")
    parser.add_argument("static")
    options = parser.parse_args()

    found = complaints_about_specimen(shlex.split(options.compiler))
    if found != FAULTS:
        sys.exit(f"of a library with {len(FAULTS)} faults the check found: {found}")

    functions = declared(os.path.join("include", "safepickle.h"))
    found = list(complaints(options.shared, options.static, functions))
    for complaint in found:
        print(complaint)
    print(f"symbols: {len(functions)} functions, in 2 libraries, {len(found)} complaints")
    sys.exit(1 if found or not functions else 0)


if __name__ == "__main__":
    main()
