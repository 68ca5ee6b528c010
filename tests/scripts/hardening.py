# SPDX-License-Identifier: MIT
"""Reads from the ELF files whether the built command and shared library are hardened, and from files compiled with
every protection turned off that each of these checks can fail.  It looks at what was built, never at build files.

Two things ELF does not record.  Stack-clash protection is read from the compiler's switches in the debug information,
and is not judged when there is none.  The mark IBT needs start files of the C library that carry it, which Debian's do
not: so instead every exported function must begin with the instruction that IBT asks for."""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

ENDBR64 = bytes.fromhex("f30f1efa")

OFF = ["-O2", "-g", "-fno-stack-protector", "-fno-stack-clash-protection", "-U_FORTIFY_SOURCE", "-grecord-gcc-switches",
       "-Wl,-z,norelro", "-Wl,-z,lazy", "-Wl,-z,execstack"]
OFF_X86 = ["-fcf-protection=none"]

SPECIMEN = """
#include <stdio.h>
#include <string.h>
int exported(const char *text, char *out);
int exported(const char *text, char *out) {
    char copy[100];
    strncpy(copy, text, sizeof copy);
    copy[99] = 0;
    return sprintf(out, "%s", copy);
}
#ifdef PROGRAM
int main(int count, char **words) {
    char out[200];
    return exported(words[count - 1], out) < 0;
}
#endif
"""


def readelf(path, *options):
    environment = dict(os.environ, LC_ALL="C")
    run = subprocess.run(["readelf", "-W", *options, path], env=environment, stdout=subprocess.PIPE, check=True)
    return run.stdout.decode("utf-8", "replace")


class Elf:
    def __init__(self, path):
        self.path = path
        self.header = readelf(path, "-h")
        self.segments = readelf(path, "-l")
        self.dynamic = readelf(path, "-d")
        self.symbols = readelf(path, "--dyn-syms")
        self.notes = readelf(path, "-n")
        self.is_x86_64 = "X86-64" in self.header

    def imports(self):
        return set(re.findall(r" UND (\w+)", self.symbols))

    def exported_functions(self):
        return [(name, int(address, 16)) for address, name in
                re.findall(r"^\s*\d+: ([0-9a-f]+)\s+\d+ FUNC\s+GLOBAL\s+DEFAULT\s+\d+ (\w+)", self.symbols, re.M)]

    def bytes_at(self, address, count):
        for offset, start, size in re.findall(r"LOAD\s+0x(\w+) 0x(\w+) 0x\w+ 0x(\w+)", self.segments):
            within = address - int(start, 16)
            if 0 <= within < int(size, 16):
                with open(self.path, "rb") as file:
                    file.seek(int(offset, 16) + within)
                    return file.read(count)
        raise ValueError(f"{self.path}: no segment holds address {address:#x}")

    def compiler_switches(self):
        units = re.findall(r"DW_AT_producer\s*:.*", readelf(self.path, "--debug-dump=info", "--dwarf-depth=1"))
        return [unit for unit in units if " -O" in unit]


def weaknesses_of_both(elf):
    flags = " ".join(re.findall(r"\((?:FLAGS|FLAGS_1)\)(.*)", elf.dynamic))
    stack = re.search(r"GNU_STACK\s+(?:0x\w+\s+){5}(.{3})", elf.segments)
    if "GNU_RELRO" not in elf.segments:
        yield "relro"
    if "NOW" not in flags.split():
        yield "bind-now"
    if not stack or "E" in stack[1]:
        yield "executable-stack"
    if "__stack_chk_fail" not in elf.imports():
        yield "stack-protector"
    if elf.is_x86_64 and "SHSTK" not in elf.notes:
        yield "shadow-stack"
    if any("-fstack-clash-protection" not in unit for unit in elf.compiler_switches()):
        yield "stack-clash"


def weaknesses_of_command(elf):
    yield from weaknesses_of_both(elf)
    if not re.search(r"Type:\s+DYN", elf.header) or "INTERP" not in elf.segments:
        yield "pie"
    if "libc.so.6" in elf.dynamic and not any(re.fullmatch(r"__\w+_chk", name) for name in elf.imports()):
        yield "fortify"


def weaknesses_of_library(elf):
    yield from weaknesses_of_both(elf)
    functions = elf.exported_functions()
    if not functions:
        yield "no-exports"
    if elf.is_x86_64 and any(elf.bytes_at(address, 4) != ENDBR64 for _, address in functions):
        yield "branch-tracking"


def compile_specimens(compiler, directory):
    source = os.path.join(directory, "specimen.c")
    with open(source, "w", encoding="ascii") as file:
        file.write(SPECIMEN)
    off = OFF + (OFF_X86 if os.uname().machine == "x86_64" else [])
    program, library = os.path.join(directory, "specimen"), os.path.join(directory, "specimen.so")
    subprocess.run([*compiler, *off, "-DPROGRAM", "-fno-pie", "-no-pie", source, "-o", program], check=True)
    subprocess.run([*compiler, *off, "-fPIC", "-shared", source, "-o", library], check=True)
    return Elf(program), Elf(library)


def expected_of_specimens(elf):
    both = {"relro", "bind-now", "executable-stack", "stack-protector", "stack-clash"}
    both |= {"shadow-stack"} if elf.is_x86_64 else set()
    fortify = {"fortify"} if "libc.so.6" in elf.dynamic else set()
    return both | {"pie"} | fortify, both | ({"branch-tracking"} if elf.is_x86_64 else set())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--command", required=True)
    parser.add_argument("--library", required=True)
    options = parser.parse_args()
    failed = False

    def judge(what, elf, found, expected):
        nonlocal failed
        print(f"{what}: {elf.path}: weak: {', '.join(sorted(found)) or 'nothing'}")
        for name in sorted(set(found) ^ expected):
            print(f"    {name}: expected {'and not found' if name in expected else 'to be protected'}")
            failed = True

    with tempfile.TemporaryDirectory() as directory:
        program, library = compile_specimens(shlex.split(options.compiler), directory)
        of_program, of_library = expected_of_specimens(program)
        judge("unprotected program", program, set(weaknesses_of_command(program)), of_program)
        judge("unprotected library", library, set(weaknesses_of_library(library)), of_library)
    command, library = Elf(options.command), Elf(options.library)
    judge("command", command, set(weaknesses_of_command(command)), set())
    judge("library", library, set(weaknesses_of_library(library)), set())
    for elf in command, library:
        units = len(elf.compiler_switches())
        print(f"{elf.path}: stack-clash protection read from {units} units" + ("" if units else " (no -g: not judged)"))
    print("hardening: 4 files judged")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
