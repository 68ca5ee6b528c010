#!/bin/sh
# SPDX-License-Identifier: MIT
#
# From a bare Debian to verdicts: installs what is missing, builds, and checks three sample files.
#
#     ./bootstrap.sh [CMAKE-OPTION]...        install what the build needs, build, show what pickle-check decides
#     ./bootstrap.sh test [CMAKE-OPTION]...   install what the tests need too, build, run all tests
#     ./bootstrap.sh fuzz                     install what make fuzz and make fuzz-afl need, run make fuzz
#     ./bootstrap.sh fuzz-afl                 the same, and run make fuzz-afl
#     ./bootstrap.sh lint                     install what make lint needs, run it
#     ./bootstrap.sh sanitize [NAME]...       install what make sanitize needs, run it
#     ./bootstrap.sh platforms [NAME]...      install what make platforms needs, run it
#     ./bootstrap.sh coverage                 install what make coverage needs, run it
#
# What is there already is used, wherever it came from, and only when something is missing is root needed.  Nothing is
# written outside of build/, except that apt-get installs packages.  Running it again is harmless.
# Exit status: 0 all is well; 1 build, tests or a verdict went wrong; 2 something is missing and could not be installed.
set -eu
unset CDPATH
cd "$(dirname "$0")"

say() {
    printf '\n== %s\n' "$*"
}

fail() {
    printf 'bootstrap.sh: %s\n' "$*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# The compiler that CMake will take; CC may hold options too.
compiler() {
    if test -n "${CC-}"; then
        echo "$CC"
        return
    fi
    for candidate in cc gcc clang; do
        if has "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

# True when a program with the header $1 compiles and links with the options that follow.
compiles() {
    header=$1
    shift
    cc=$(compiler)
    test -n "$cc" || return 1
    # shellcheck disable=SC2086 # a command and its options
    printf '#include <%s>\nint main(void) { return 0; }\n' "$header" |
        $cc -x c -o "$scratch/program" - -Wl,--no-as-needed "$@" >/dev/null 2>&1
}

# Debian packages, each behind what succeeds when the thing it brings is there.
missing_for_build() {
    compiles stdio.h || echo gcc libc6-dev
    has cmake || echo cmake
    has make || test -n "${CMAKE_GENERATOR-}" || echo make
    compiles zlib.h -lz || echo zlib1g-dev
}

missing_for_tests() {
    compiles criterion/criterion.h -lcriterion || echo libcriterion-dev
    python3 -c 'import sys, json, pickletools, zlib; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || echo python3
    has c++ || has g++ || has clang++ || echo g++
    has pkg-config || echo pkg-config
    has readelf || echo binutils
    has jq || echo jq
    has pypy3 || has pypy || echo pypy3
    test -x /usr/bin/python3-config || echo python3-dev
}

# Any clang that links libFuzzer will do; where it can be had it is clang-19, which Debian 12 has beside an older one.
missing_for_fuzz() {
    if ! fuzzes clang-19; then
        if is_to_be_had clang-19; then
            echo clang-19 libclang-rt-19-dev
        elif ! fuzzes clang; then
            echo clang libclang-rt-dev
        fi
    fi
    afl_fuzzes || echo afl++ libclang-rt-dev
    test -x /usr/bin/python3-config || echo python3-dev
    has python3 || echo python3
}

is_to_be_had() {
    test "$(id -u)" = 0 && apt-cache show "$1" >/dev/null 2>&1
}

fuzzes() {
    has "$1" && printf 'int LLVMFuzzerTestOneInput(void) { return 0; }\n' |
        "$1" -x c -fsanitize=fuzzer,address -o "$scratch/program" - >/dev/null 2>&1
}

# The analysers speak differently from version to version, so these are asked for by theirs.
missing_for_lint() {
    has gcc || echo gcc
    has clang-tidy-19 || echo clang-tidy-19
    has clang-format-19 || echo clang-format-19
    has cppcheck || echo cppcheck
    has shellcheck || echo shellcheck
    has pyflakes3 || echo pyflakes3
    has python3 || echo python3
}

missing_for_clang() {
    has clang-19 && has llvm-cov-19 || echo clang-19 llvm-19
    printf 'int main(void) { return 0; }\n' |
        clang-19 -x c -fsanitize=memory -o "$scratch/program" - >/dev/null 2>&1 || echo libclang-rt-19-dev
}

# The C libraries are named, for they come only as recommendations; 32 bits with gcc-multilib would exclude them.
missing_for_platforms() {
    has i686-linux-gnu-gcc || echo gcc-i686-linux-gnu libc6-dev-i386-cross
    has s390x-linux-gnu-gcc || echo gcc-s390x-linux-gnu libc6-dev-s390x-cross
    has qemu-i386-static && has qemu-s390x-static || echo qemu-user-static
}

# AFL++ brings a clang of its own, but not always the libraries of its sanitizers.
afl_fuzzes() {
    has afl-fuzz && has afl-clang-fast || return 1
    # From a file: with -x c it would take the library that it adds for C, too.
    printf 'int LLVMFuzzerTestOneInput(void) { return 0; }\n' >"$scratch/program.c"
    AFL_QUIET=1 afl-clang-fast -fsanitize=fuzzer,address -o "$scratch/program" "$scratch/program.c" >/dev/null 2>&1
}

missing() {
    missing_for_build
    case $mode in
    lint)
        missing_for_lint
        ;;
    sanitize)
        missing_for_tests
        missing_for_clang
        has valgrind || echo valgrind
        ;;
    platforms)
        missing_for_platforms
        has python3 || echo python3
        ;;
    coverage)
        missing_for_clang
        has python3 || echo python3
        ;;
    esac
    if test "$mode" = fuzz || test "$mode" = fuzz-afl; then
        missing_for_fuzz
    fi
    if test "$mode" = test; then
        missing_for_tests
    fi
}

# Without valgrind one of the tests is skipped.
wished() {
    if test "$mode" = test && ! has valgrind; then
        echo valgrind
    fi
}

install_packages() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$scratch/log" 2>&1
}

install_missing() {
    needed=$(missing | tr '\n' ' ')
    test -n "$needed" || return 0
    if ! has apt-get || test "$(id -u)" != 0; then
        printf 'bootstrap.sh: missing, by their names in Debian: %s\n' "$needed" >&2
        if has apt-get; then
            printf 'They can only be installed by root:\n    apt-get update && apt-get install -y %s\n' "$needed" >&2
        else
            printf 'There is no apt-get here to install them with.\n' >&2
        fi
        exit 2
    fi
    say "Installing $needed"
    # Some of its sources may be out of reach: what counts is whether the packages can be installed.
    apt-get update -q >"$scratch/log" 2>&1 || true
    # shellcheck disable=SC2086 # one word a package
    if ! install_packages $needed; then
        cat "$scratch/log" >&2
        printf 'bootstrap.sh: apt-get could not install: %s\n' "$needed" >&2
        exit 2
    fi
    needed=$(missing | tr '\n' ' ')
    if test -n "$needed"; then
        printf 'bootstrap.sh: installed, but still not usable: %s\n' "$needed" >&2
        exit 2
    fi
    for package in $(wished); do
        install_packages "$package" || echo "$package is not to be had; going on without"
    done
}

build() {
    jobs=$(nproc 2>/dev/null || echo 1)
    # A configuration that was made elsewhere, in a tree since copied or moved, is of no use.
    if test -f build/CMakeCache.txt && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)" build/CMakeCache.txt; then
        rm -rf build/CMakeCache.txt build/CMakeFiles
    fi
    say "Building, optimised and hardened, in build/"
    cmake -S . -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo "$@" || fail "the configuration failed"
    cmake --build build --parallel "$jobs" || fail "the build failed"
}

# expect STATUS FILE MEANING: shows what pickle-check says of a file and holds it to its exit status.
expect() {
    printf '\n$ build/pickle-check %s\n' "$2"
    status=0
    build/pickle-check "$2" || status=$?
    test "$status" = "$1" || fail "expected exit status $1 for $2, got $status"
    printf '  (exit status %s: %s)\n' "$status" "$3"
}

show_verdicts() {
    say "What pickle-check decides"
    expect 0 corpus/samples/data.pickle "plain data and nothing else"
    expect 0 corpus/samples/data.pickle.gz "the same, gzipped"
    expect 1 corpus/samples/evil.pickle "it would have run a command when loaded; nothing was imported or called here"
    say "Ready: build/pickle-check FILE..."
}

mode=verdicts
case ${1-} in
test | fuzz | fuzz-afl | lint | sanitize | platforms | coverage)
    mode=$1
    shift
    ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

install_missing
if test "$mode" = fuzz; then
    say "Fuzzing"
    fuzz/run.py fuzz
elif test "$mode" = fuzz-afl; then
    say "Fuzzing with AFL++"
    fuzz/run.py afl
elif test "$mode" = lint || test "$mode" = sanitize || test "$mode" = platforms || test "$mode" = coverage; then
    "tests/$mode.py" "$@"
elif test "$mode" = test; then
    build -DSPK_BUILD_TESTS=ON "$@"
    say "Running all tests"
    ctest --test-dir build --output-on-failure --no-tests=error --parallel "$jobs" || fail "a test failed"
else
    build -DSPK_BUILD_TESTS=OFF "$@"
    show_verdicts
fi
