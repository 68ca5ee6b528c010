# SPDX-License-Identifier: MIT
"""Installs the build to a new place, moves it away from there, and uses it as strangers do: by find_package, by
pkg-config, and, from the sources, by add_subdirectory, which must build the library and nothing else.  It writes to a
temporary directory only."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONSUMER = os.path.join(SOURCE, "tests", "install")
USES = 0


def run(*command, **environment):
    print("$", *command, flush=True)
    environment = {**os.environ, "LC_ALL": "C", **environment}
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
    return moved


def configure(options, build, *settings):
    run(options.cmake, "-S", CONSUMER, "-B", build, f"-DCMAKE_C_COMPILER={options.compiler}", *settings)
    run(options.cmake, "--build", build)
    for program in "consumer-c", "consumer-cxx", "consumer-static":
        use(os.path.join(build, program))


def by_find_package(options, scratch, prefix):
    build = os.path.join(scratch, "find_package")
    configure(options, build, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DSAFEPICKLE_VERSION={version()}")
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
    source = os.path.join(CONSUMER, "consumer.c")
    program = os.path.join(scratch, "by-pkg-config")
    flags = run("pkg-config", "--cflags", "--libs", "safepickle", PKG_CONFIG_PATH=directory).split()
    run(options.compiler, source, "-o", program, *flags)
    use(program, LD_LIBRARY_PATH=library)
    flags = run("pkg-config", "--static", "--cflags", "--libs", "safepickle", PKG_CONFIG_PATH=directory).split()
    run(options.compiler, source, "-o", program, *("-l:libsafepickle.a" if flag == "-lsafepickle" else flag
                                                   for flag in flags))
    use(program)
    modversion = run("pkg-config", "--modversion", "safepickle", PKG_CONFIG_PATH=directory).strip()
    expect(modversion == version(), f"pkg-config says version {modversion}")


def by_add_subdirectory(options, scratch):
    build = os.path.join(scratch, "add_subdirectory")
    configure(options, build, f"-DSAFEPICKLE_SOURCE={SOURCE}", f"-DSPK_WITH_ZLIB={options.with_zlib}")
    part = os.path.join(build, "safepickle")
    others = [name for name in find(part, "") if os.access(name, os.X_OK) and "/CMakeFiles/" not in name]
    expect(others and all(os.path.basename(name).startswith("libsafepickle.so") for name in others),
           f"add_subdirectory built {others}")
    expect("Total Tests: 0" in run("ctest", "--test-dir", build, "-N"), "add_subdirectory added tests")
    run(options.cmake, "--install", build, "--prefix", os.path.join(scratch, "nothing"))
    expect(not find(os.path.join(scratch, "nothing"), ""), "add_subdirectory installs something")
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        expect(re.search(r"^CMAKE_BUILD_TYPE:\w+=$", file.read(), re.M), "add_subdirectory chose the build type")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--with-zlib", default="ON")
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    expected = 6
    with tempfile.TemporaryDirectory() as scratch:
        prefix = install(options, scratch)
        by_find_package(options, scratch, prefix)
        by_add_subdirectory(options, scratch)
        if shutil.which("pkg-config"):
            by_pkg_config(options, scratch, prefix)
            expected += 2
        else:
            print("pkg-config is not installed: not tried")
    print(f"install: {USES} programs built and run")
    sys.exit(0 if USES == expected else 1)


if __name__ == "__main__":
    main()
