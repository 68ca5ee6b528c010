# SPDX-License-Identifier: MIT
"""Installs the build to a new place, moves it away from there, and uses it as strangers do: by find_package, by
pkg-config, and, from the sources, by add_subdirectory, static and shared, which must build and install what that needs
and nothing else; and builds the library by a compiler of several words.  It writes to a temporary directory only."""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONSUMER = os.path.join(SOURCE, "tests", "install")
PROGRAMS = ("consumer-c", "consumer-cxx", "consumer-static")
JOBS = str(os.cpu_count() or 1)
USES = 0

# Starts what it is told, as ccache does, and notes it; without a command there is nothing that it could start.
LAUNCHER = """#!/bin/sh
echo "$*" >>"$0.log"
exec "$@"
"""


def run(*command, **environment):
    print("$", *command, flush=True)
    kept = {name: value for name, value in os.environ.items() if name not in ("CC", "CXX", "CFLAGS", "CXXFLAGS")}
    environment = {**kept, "LC_ALL": "C", **environment}
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = result.stdout.decode("utf-8", "replace")
    if result.returncode != 0:
        sys.exit(f"{output}\nended with {result.returncode}")
    return output


def expect(condition, complaint):
    if not condition:
        sys.exit(complaint)


def use(program, **environment):
    global USES
    output = run(program, **environment)
    expect(re.fullmatch(r"safepickle \d+\.\d+\.\d+: age 30\n", output), f"unexpected output: {output}")
    USES += 1


def find(directory, pattern):
    names = (os.path.join(place, name) for place, _, files in os.walk(directory) for name in files)
    return sorted(name for name in names if re.search(pattern, os.path.relpath(name, directory)))


def version():
    with open(os.path.join(SOURCE, "include", "safepickle.h"), encoding="utf-8") as file:
        return ".".join(re.findall(r"^#define SPK_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", file.read(), re.M))


def look_at_man_page(prefix):
    """It is there if scdoc was when the build was configured, and man shows it."""
    pages = find(prefix, r"share/man/man1/pickle-check\.1$")
    expect(pages or not shutil.which("scdoc"), "scdoc is here, but no man page was installed")
    if pages and shutil.which("man"):
        shown = run("man", "-P", "cat", "-l", pages[0], MAN_KEEP_FORMATTING="", MANWIDTH="80")
        expect("pickle-check" in shown and "EXIT STATUS" in shown, f"man shows {shown[:200]}")


def install(options, scratch):
    first, moved = os.path.join(scratch, "first"), os.path.join(scratch, "moved")
    run(options.cmake, "--install", options.build, "--prefix", first)
    os.rename(first, moved)
    for pattern in (r"lib.*/libsafepickle\.a$", r"lib.*/libsafepickle\.so\.\d+$", r"include/safepickle\.h$",
                    r"bin/pickle-check$", r"safepickle-config-version\.cmake$", r"pkgconfig/safepickle\.pc$"):
        expect(len(find(moved, pattern)) == 1, f"installed {find(moved, '')}, without one file like {pattern}")
    for name in find(moved, r"\.(cmake|pc)$"):
        with open(name, encoding="utf-8") as file:
            expect(first not in file.read(), f"{name} holds the prefix")
    look_at_man_page(moved)
    return moved


def configure(options, build, *settings):
    """Without a build type, in the language of the words that compiled the library."""
    compiler, *words = shlex.split(options.compiler)
    flags = " ".join(word for word in words if word.startswith("-"))
    run(options.cmake, "-S", CONSUMER, "-B", build, f"-DCMAKE_C_COMPILER={compiler}", f"-DCMAKE_C_FLAGS={flags}",
        f"-DCMAKE_CXX_FLAGS={flags}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", *settings)


def make(options, build):
    run(options.cmake, "--build", build, "--parallel", JOBS)
    for program in PROGRAMS:
        use(os.path.join(build, program))


def by_find_package(options, scratch, prefix):
    build = os.path.join(scratch, "find_package")
    configure(options, build, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DSAFEPICKLE_VERSION={version()}")
    make(options, build)
    linked = run("readelf", "-d", os.path.join(build, "consumer-c"))
    expect("libsafepickle.so" in linked, "find_package gave something else than the shared library")
    expect("libsafepickle.so" not in run("readelf", "-d", os.path.join(build, "consumer-static")),
           "safepickle::static is not static")
    wanted = subprocess.run([options.cmake, "-S", CONSUMER, "-B", build + "-newer", "-DSAFEPICKLE_VERSION=99",
                             f"-DCMAKE_PREFIX_PATH={prefix}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    expect(wanted.returncode != 0, "find_package(safepickle 99) was satisfied")


def by_pkg_config(options, scratch, prefix):
    directory = os.path.dirname(find(prefix, r"safepickle\.pc$")[0])
    library = os.path.dirname(find(prefix, r"libsafepickle\.a$")[0])
    compiler, source = shlex.split(options.compiler), os.path.join(CONSUMER, "consumer.c")
    program = os.path.join(scratch, "by-pkg-config")
    flags = run("pkg-config", "--cflags", "--libs", "safepickle", PKG_CONFIG_PATH=directory).split()
    run(*compiler, source, "-o", program, *flags)
    use(program, LD_LIBRARY_PATH=library)
    flags = run("pkg-config", "--static", "--cflags", "--libs", "safepickle", PKG_CONFIG_PATH=directory).split()
    run(*compiler, source, "-o", program, *("-l:libsafepickle.a" if flag == "-lsafepickle" else flag
                                            for flag in flags))
    use(program)
    modversion = run("pkg-config", "--modversion", "safepickle", PKG_CONFIG_PATH=directory).strip()
    expect(modversion == version(), f"pkg-config says version {modversion}")


def by_add_subdirectory(options, scratch):
    build = os.path.join(scratch, "add_subdirectory")
    settings = (f"-DSAFEPICKLE_SOURCE={SOURCE}", f"-DSPK_WITH_ZLIB={options.with_zlib}")
    configure(options, build, *settings)
    make(options, build)
    part = os.path.join(build, "safepickle")
    others = [name for name in find(part, "") if os.access(name, os.X_OK) and "/CMakeFiles/" not in name]
    expect(not others, f"add_subdirectory built {others}")
    expect("Total Tests: 0" in run("ctest", "--test-dir", build, "-N"), "add_subdirectory added tests")
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        expect(re.search(r"^CMAKE_BUILD_TYPE:\w+=$", file.read(), re.M), "add_subdirectory chose the build type")
    expect(is_optimised(build) == (True, False), "without a build type: the library and the rest are optimised: "
           f"{is_optimised(build)}")
    use_installed(options, build, "static", [])
    configure(options, build, "-DBUILD_SHARED_LIBS=ON", *settings)
    make(options, build)
    use_installed(options, build, "shared", [r"lib.*/libsafepickle\.so\.\d+",
                                             r"lib.*/libsafepickle\.so\.\d+\.\d+\.\d+"])
    configure(options, build, "-DBUILD_SHARED_LIBS=OFF", "-DSPK_INSTALL=ON", "-DCMAKE_BUILD_TYPE=Debug", *settings)
    expect(is_optimised(build) == (False, False), "a build type that was chosen is not kept to")
    with open(os.path.join(part, "cmake_install.cmake"), encoding="utf-8") as file:
        rules = file.read()
    expect("libsafepickle.so" not in rules, "BUILD_SHARED_LIBS=OFF is ignored once it was ON")
    expect("safepickle.h" in rules and "libsafepickle.a" in rules, "SPK_INSTALL=ON does not install the library")


def is_optimised(build):
    """Whether the library is, and whether anything else is."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        commands = [(entry["file"].startswith(SOURCE + "/src/"), re.search(r" -O[1-3s]", entry["command"]) is not None)
                    for entry in json.load(file)]
    library = [optimised for is_library, optimised in commands if is_library]
    return len(library) > 20 and all(library), any(optimised for is_library, optimised in commands if not is_library)


def use_installed(options, build, form, libraries):
    """What the project around it installs starts, with the build out of the way, and nothing else was installed."""
    first, moved, hidden = build + "-first", f"{build}-{form}", build + "-hidden"
    run(options.cmake, "--install", build, "--prefix", first)
    os.rename(first, moved)
    os.rename(build, hidden)
    for program in PROGRAMS:
        use(os.path.join(moved, "bin", program))
    os.rename(hidden, build)
    found = {os.path.relpath(name, moved) for name in find(moved, "")} - {"bin/" + program for program in PROGRAMS}
    expect(len(found) == len(libraries) and all(any(re.fullmatch(pattern, name) for name in found)
                                                for pattern in libraries), f"{form}: installed {found}")


def by_several_words(options, scratch):
    """CC as a launcher, the compiler and an option, and CMake's own launcher before them."""
    launcher, build = os.path.join(scratch, "launch"), os.path.join(scratch, "words")
    for name in (launcher, launcher + "-first"):
        with open(name, "w", encoding="ascii") as file:
            file.write(LAUNCHER)
        os.chmod(name, 0o755)
    words = [launcher, *shlex.split(options.compiler), *(["-m32"] if links_32_bits(options, scratch) else ["-g0"])]
    zlib = "OFF" if "-m32" in words else options.with_zlib
    run(options.cmake, "-S", SOURCE, "-B", build, "-DCMAKE_BUILD_TYPE=Debug", "-DSPK_BUILD_TESTS=OFF",
        f"-DCMAKE_C_COMPILER_LAUNCHER={launcher}-first", f"-DSPK_WITH_ZLIB={zlib}", CC=shlex.join(words))
    run(options.cmake, "--build", build, "--parallel", JOBS, "--target", "safepickle_static")
    expected = " ".join(words[1:])
    for log, part in ((launcher, " -r -nostdlib "), (launcher, " -c "), (launcher + "-first", " -c ")):
        with open(log + ".log", encoding="utf-8") as file:
            lines = [line for line in file if part in line]
        expect(lines and all(expected in line for line in lines), f"CC={words}: {part}: {lines[:3]}")
    program = os.path.join(scratch, "by-words")
    run(*words, os.path.join(CONSUMER, "consumer.c"), "-I", os.path.join(SOURCE, "include"), "-o", program,
        os.path.join(build, "libsafepickle.a"), *(["-lz"] if zlib not in ("0", "OFF") else []))
    use(program)


def links_32_bits(options, scratch):
    command = [*shlex.split(options.compiler), "-m32", "-x", "c", "-", "-o", os.path.join(scratch, "probe")]
    return subprocess.run(command, input=b"#include <stdio.h>\nint main(void) { return 0; }\n",
                          stderr=subprocess.DEVNULL).returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--with-zlib", default="ON")
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    expected = 16
    with tempfile.TemporaryDirectory() as scratch:
        prefix = install(options, scratch)
        by_find_package(options, scratch, prefix)
        by_add_subdirectory(options, scratch)
        by_several_words(options, scratch)
        if shutil.which("pkg-config"):
            by_pkg_config(options, scratch, prefix)
            expected += 2
        else:
            print("pkg-config is not installed: not tried")
    print(f"install: {USES} programs built and run")
    sys.exit(0 if USES == expected else 1)


if __name__ == "__main__":
    main()
