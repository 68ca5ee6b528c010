# SPDX-License-Identifier: MIT
"""Compiles the unchanged tree once and then, for each mutant, only what sees the changed file: in copies of the
tree, one for each worker, so that the tree itself is never touched.  Sanitized objects and those that count blocks
are made beside the plain ones.  Knows which sources a program is made of, and nothing of what is done with the
programs."""
import concurrent.futures
import filecmp
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys

COMPILE = ["-std=c11", "-O1", "-w", "-D_FILE_OFFSET_BITS=64", "-DSPK_WITH_ZLIB=1", "-Iinclude", "-Isrc", "-I.",
           "-Itests/support"]
FLAGS = {
    "plain": [],
    "counted": ["-O2", "-fsanitize-coverage=trace-pc", "-D_GNU_SOURCE", "-U_FORTIFY_SOURCE", "-include", "fuzz/counted.h"],
    "ratio": ["-DSPK_RATIO_FREE=131072"],  # as fuzz/CMakeLists.txt has it: else no input there were long enough
    "sanitized": ["-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"],
}
MACHINE_FLAGS = ["-fno-crossjumping", "-fno-gcse", "-fno-tree-pre"]  # as cmake/flags.cmake has them, for gcc
LEFT_OUT = {".git", ".github", "__pycache__", "bench"}
TARGETS = ["check", "decode", "chunks", "gzip", "options", "roundtrip", "writer", "json", "cost"]
COMPILE_SECONDS = 300


def compiler():
    return shlex.split(os.environ.get("CC", "cc"))


def sources(tree, pattern):
    return sorted(os.path.relpath(path, tree) for path in glob.glob(os.path.join(tree, pattern)))


def programs(tree):
    """name: (units, flags for the linker); a unit is a kind of flags and a source."""
    def units(kind, *patterns):
        return [(kind, path) for pattern in patterns for path in sources(tree, pattern)]
    library = units("plain", "src/*/*.c")
    shared = [unit for unit in units("plain", "tests/support/*.c")
              if os.path.basename(unit[1]) not in ("checks.c", "judge.c", "main_criterion.c", "main_plain.c")]
    of_checks = ["tests/support/%s.c" % name for name in ("checks", "judge", "main_plain")]
    checks = shared + units("plain", "tests/checks/check_*.c", *of_checks)
    made = {"checks": (library + checks, []),
            "sanitized-checks": ([("sanitized", path) for _, path in library + checks], FLAGS["sanitized"][1:]),
            "pickle-check": (library + units("plain", "cli/*.c"), []),
            "dump": (library + shared + units("plain", "tests/programs/dump.c"), []),
            "recode": (library + shared + units("plain", "tests/programs/recode.c"), [])}
    support = ["fuzz/%s.c" % name for name in ("input", "support", "walk", "grammar", "driver")]
    for target in TARGETS:
        of_target = shared + units("plain", "fuzz/%s.c" % target, *support)
        if target == "json":
            of_target += units("plain", *["cli/%s.c" % name for name in ("write_json", "json_text", "printer", "sharing")])
        used, flags = library, []
        if target == "cost":
            of_target += units("plain", "fuzz/counted.c")
            used, flags = units("counted", "src/*/*.c"), ["-Wl,--wrap=__sanitizer_cov_trace_pc"]
        elif target == "gzip":
            used, of_target = ([("ratio" if path.endswith(("/gunzip.c", "fuzz/gzip.c")) else kind, path) for kind, path in some]
                               for some in (used, of_target))
        made["replay-" + target] = (used + of_target, flags)
    return made


def copy_tree(top, to):
    def ignored(directory, names):
        return {name for name in names if name in LEFT_OUT or (directory == top and name.startswith("build"))}
    shutil.copytree(top, to, ignore=ignored, symlinks=True)


class Build:
    """The unchanged tree, compiled: objects, and for each the files that it was made of."""

    def __init__(self, top, scratch, jobs):
        self.tree, self.objects = os.path.join(scratch, "base"), os.path.join(scratch, "objects")
        copy_tree(top, self.tree)
        self.programs = programs(self.tree)
        version = subprocess.run(compiler() + ["--version"], stdout=subprocess.PIPE, check=True).stdout
        self.is_gcc = b"clang" not in version
        units = sorted({unit for of_program, _ in self.programs.values() for unit in of_program})
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            made = list(pool.map(lambda unit: self.compile(self.tree, self.objects, unit), units))
        if not all(made):
            sys.exit("the unchanged tree does not compile: %s" % (units[made.index(False)],))
        self.seen_by = {}
        for unit in units:
            with open(self.object(self.objects, unit)[:-1] + "d", encoding="utf-8") as file:
                for path in re.sub(r"\\\n", " ", file.read()).split(":", 1)[1].split():
                    self.seen_by.setdefault(os.path.normpath(path), set()).add(unit)

    def is_part(self, path, program):
        """True if a program is made of a file, as it is or through others."""
        return not self.seen_by.get(path, set()).isdisjoint(self.programs[program][0])

    @staticmethod
    def object(objects, unit):
        return os.path.join(objects, unit[0], unit[1][:-1] + "o")

    def compile(self, tree, objects, unit):
        target = self.object(objects, unit)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        more = MACHINE_FLAGS if self.is_gcc and unit[1] == "src/decode/machine.c" else []
        command = compiler() + COMPILE + FLAGS[unit[0]] + more
        command += ["-MMD", "-MF", target[:-1] + "d", "-c", unit[1], "-o", target]
        try:
            return subprocess.run(command, cwd=tree, stderr=subprocess.DEVNULL, timeout=COMPILE_SECONDS).returncode == 0
        except subprocess.TimeoutExpired:
            return False


class Copy:
    """A worker's copy of the tree, in which one file at a time is another."""

    def __init__(self, build, scratch, number):
        self.build = build
        self.directory = os.path.join(scratch, "worker-%d" % number)
        self.tree, self.objects = os.path.join(self.directory, "tree"), os.path.join(self.directory, "objects")
        self.temporary = os.path.join(self.directory, "tmp")
        copy_tree(build.tree, self.tree)
        self.path, self.made, self.linked = None, {}, set()

    def set(self, mutant):
        """Puts a mutant, or for None the original, into the tree."""
        if self.path:
            shutil.copyfile(os.path.join(self.build.tree, self.path), os.path.join(self.tree, self.path))
        for directory in (self.objects, self.temporary):
            shutil.rmtree(directory, ignore_errors=True)
            os.makedirs(directory)
        self.path, self.made, self.linked = mutant and mutant.path, {}, set()
        if mutant:
            with open(os.path.join(self.tree, mutant.path), "w", encoding="utf-8") as file:
                file.write(mutant.text())

    def _make(self, unit):
        if unit not in self.made:
            self.made[unit] = self.build.compile(self.tree, self.objects, unit)
        return self.made[unit]

    def is_same_code(self):
        """None: does not compile."""
        seen_by = sorted(self.build.seen_by.get(self.path, ()))
        units = [unit for unit in seen_by if unit[0] == "plain" and unit[1].startswith(("src/", "cli/"))]
        if not all([self._make(unit) for unit in units]):
            return None
        object_of = self.build.object
        return all(filecmp.cmp(object_of(self.objects, unit), object_of(self.build.objects, unit), False)
                   for unit in units)

    def program(self, name):
        """The path of a program, made if need be; None if it cannot be."""
        path = os.path.join(self.directory, name)
        if name in self.linked:
            return path
        units, flags = self.build.programs[name]
        objects = []
        for unit in units:
            is_changed = unit in self.build.seen_by.get(self.path, ())
            if is_changed and not self._make(unit):
                return None
            objects.append(self.build.object(self.objects if is_changed else self.build.objects, unit))
        command = compiler() + flags + objects + ["-o", path, "-lz", "-lm", "-lpthread"]
        if subprocess.run(command, stderr=subprocess.DEVNULL, timeout=COMPILE_SECONDS).returncode != 0:
            return None
        self.linked.add(name)
        return path
