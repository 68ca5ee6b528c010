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
# It says beforehand about how long that takes and how much disk it needs, and in the end what came of it.
# What is there already is used, wherever it came from, and only when something is missing is root needed.  Nothing is
# written outside of build/ and build-*/, except that apt-get installs packages.  Running it again is harmless.
# Exit status: 0 all is well; 1 build, tests or a verdict went wrong, or build/ belongs to somebody else; 2 something
# is missing and could not be installed.
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
        $cc -x c -o "$scratch/program" - "$@" >/dev/null 2>&1
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

# True when this platform was named, or none was.
is_wanted() {
    case " $names " in
    "  " | *" $1 "*) return 0 ;;
    esac
    return 1
}

# The C libraries are named, for they come only as recommendations; 32 bits with gcc-multilib would exclude them.
missing_for_platforms() {
    if is_wanted i686; then
        has i686-linux-gnu-gcc || echo gcc-i686-linux-gnu libc6-dev-i386-cross
        has qemu-i386-static || echo qemu-user-static
    fi
    if is_wanted s390x; then
        has s390x-linux-gnu-gcc || echo gcc-s390x-linux-gnu libc6-dev-s390x-cross
        has qemu-s390x-static || echo qemu-user-static
    fi
    if is_wanted musl; then
        has musl-gcc || echo musl-tools
    fi
    if is_wanted mingw; then
        has x86_64-w64-mingw32-gcc || echo gcc-mingw-w64-x86-64
    fi
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
    test)
        missing_for_tests
        ;;
    fuzz | fuzz-afl)
        missing_for_fuzz
        ;;
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
}

# Without scdoc there is no man page, and without valgrind one of the tests is skipped.
wished() {
    case $mode in
    verdicts | test)
        has scdoc || echo scdoc
        ;;
    esac
    if test "$mode" = test && ! has valgrind; then
        echo valgrind
    fi
}

# Each word of the input once, on one line.
in_one_line() {
    tr -s ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/ $//'
}

# What was downloaded is not kept: it would be a third of all that is needed on the disk.
apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -q --no-install-recommends -o DPkg::Lock::Timeout=300 \
        -o APT::Keep-Downloaded-Packages=false "$@" </dev/null
}

# Tells the sizes that apt-get would ask about.
install_packages() {
    say "Installing $*"
    LC_ALL=C apt_get install --assume-no "$@" 2>/dev/null | grep -E '^(Need to get|After this operation)' || true
    apt_get install -y "$@" >>"$scratch/log" 2>&1 && echo "Installed."
}

# Who has to ask somebody for root should have to ask once: for all that the plain mode and the tests need.
ask_for_packages() {
    if test "$mode" = verdicts; then
        mode="test"
    fi
    needed=$({ missing && wished; } | in_one_line)
    printf 'bootstrap.sh: missing, by their names in Debian: %s\n' "$needed" >&2
    if has apt-get; then
        printf 'Root can install them:\n    sudo apt-get update && sudo apt-get install -y %s\n' "$needed" >&2
        printf 'Then run this again, without sudo.\n' >&2
    else
        printf 'There is no apt-get here to install them with.\n' >&2
    fi
    exit 2
}

install_missing() {
    needed=$(missing | in_one_line)
    if test -n "$needed"; then
        if ! has apt-get || test "$(id -u)" != 0; then
            ask_for_packages
        fi
        # Some of its sources may be out of reach: what counts is whether the packages can be installed.
        apt_get update >"$scratch/log" 2>&1 || true
        # shellcheck disable=SC2086 # one word a package
        if ! install_packages $needed; then
            cat "$scratch/log" >&2
            printf 'bootstrap.sh: apt-get could not install: %s\n' "$needed" >&2
            exit 2
        fi
        needed=$(missing | in_one_line)
        if test -n "$needed"; then
            printf 'bootstrap.sh: installed, but still not usable: %s\n' "$needed" >&2
            exit 2
        fi
    fi
    for package in $(wished); do
        if is_to_be_had "$package"; then
            install_packages "$package" || echo "$package could not be installed; going on without"
        fi
    done
}

# After a run by root, as with sudo, whoever comes next could neither write nor remove what is in build/.
expect_own_build() {
    for path in build build/CMakeCache.txt build/CMakeFiles build/Makefile; do
        if test -e "$path" && ! test -w "$path"; then
            fail "$path belongs to another user, after a run with sudo?  Remove it, and run this again without sudo:
    sudo rm -rf build build-*"
        fi
    done
}

# Roughly, on two processors that have nothing else to do.
announce() {
    case $mode in
    verdicts) say "Building takes about a minute, and 15 MB in build/; missing packages come first, 0.4 GB at most" ;;
    test) say "Building and testing takes five to ten minutes, and 100 MB in build/ and build-instructions/;" \
        "missing packages come first, 0.8 GB at most" ;;
    fuzz | fuzz-afl) say "Fuzzing takes a minute a target (FUZZ_SECONDS), about fifteen in all, and 500 MB in build/" ;;
    lint) say "The analysers take about five minutes, and nothing on the disk" ;;
    sanitize) say "All sanitizers take about an hour, one from five to twenty minutes, and 100 MB each in build-*/" ;;
    platforms) say "All platforms take about an hour, one from one to thirty minutes, and 50 MB each in build-*/" ;;
    coverage) say "Coverage takes about ten minutes, and 100 MB in build-coverage/" ;;
    esac
}

processors() {
    nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

build() {
    jobs=$(processors)
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
    case $(build/pickle-check --version) in
    *"zlib no"*) expect 1 corpus/samples/data.pickle.gz "the same, gzipped, which this build cannot read" ;;
    *) expect 0 corpus/samples/data.pickle.gz "the same, gzipped" ;;
    esac
    expect 1 corpus/samples/evil.pickle "it would have run a command when loaded; nothing was imported or called here"
    say "Ready: build/pickle-check FILE..."
}

run_tests() {
    say "Running all tests"
    ctest --test-dir build --output-on-failure --no-tests=error --parallel "$jobs" ||
        fail "a test failed: it is told above, and again by: ctest --test-dir build --rerun-failed --output-on-failure"
}

# What has an exit status of its own, which becomes that of this script.
run_tool() {
    status=0
    "$@" || status=$?
    if test "$status" != 0; then
        printf 'bootstrap.sh: %s ended with exit status %s; why is told above\n' "$mode" "$status" >&2
        exit "$status"
    fi
    say "Done: $mode, and nothing was found to be wrong"
}

mode=verdicts
case ${1-} in
test | fuzz | fuzz-afl | lint | sanitize | platforms | coverage)
    mode=$1
    shift
    ;;
esac
names=$*
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

expect_own_build
announce
install_missing
case $mode in
verdicts)
    build -DSPK_BUILD_TESTS=OFF "$@"
    show_verdicts
    ;;
test)
    build -DSPK_BUILD_TESTS=ON "$@"
    run_tests
    show_verdicts
    ;;
fuzz)
    run_tool fuzz/run.py fuzz
    ;;
fuzz-afl)
    run_tool fuzz/run.py afl
    ;;
*)
    run_tool "tools/$mode.py" "$@"
    ;;
esac
