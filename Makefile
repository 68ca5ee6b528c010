# SPDX-License-Identifier: MIT
#
# The usual words for what CMake and the scripts do; make help tells them.
# Nothing is built here that cmake would not build alike.  CMAKE_ARGS go to the configuration.

MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
CMAKE_ARGS ?=
JOBS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)

define HELP
make                        library, command and, if what they need is there, tests, in build/
make test                   the same, and runs all tests
make install                installs [PREFIX=/usr/local] [DESTDIR=]
make sanitize               tests under sanitizers and valgrind [SANITIZERS='asan-ubsan ubsan msan tsan valgrind']
make platforms              the same verdicts elsewhere [PLATFORMS='portable i686 s390x musl mingw']
make lint                   analysers and layout
make format                 lays the C sources out
make coverage               what the checks reach of the library
make differential           compares with every Python that is here [COUNT=200000] [SEED=1]
make mutants                breaks the sources and tells what no test notices [SEED=1] [COUNT=200]; see docs/mutants.md
make fuzz                   fuzzes every promise with libFuzzer [FUZZ_SECONDS=60]; see docs/fuzzing.md
make fuzz-afl               the same with AFL++
make fuzz-min               takes what was found, minimised, into corpus/fuzz
make replay FILE=INPUT      runs one input of the fuzzers, with everything the sanitizers say
make bench                  compares speed with CPython's [BENCH_SCALE=0.1]; see docs/performance.md
make bench-golden           renews the instruction counts that the test "instructions" compares with
make test-programs          builds what the tests need, and runs nothing
make clean                  removes build and build-*
make help                   this
CMAKE_ARGS go to the configuration, as in make CMAKE_ARGS=-DSPK_WITH_ZLIB=OFF.
endef
export HELP

all:
	cmake -S . -B build -DSPK_BUILD_TESTS=AUTO $(CMAKE_ARGS)
	cmake --build build --parallel $(JOBS)

help:
	@printf '%s\n' "$$HELP"

test: override CMAKE_ARGS += -DSPK_BUILD_TESTS=ON
test: all
	ctest --test-dir build --output-on-failure --no-tests=error --parallel $(JOBS)

# Under every sanitizer and valgrind, or under those that SANITIZERS names: asan-ubsan ubsan msan tsan valgrind.
sanitize:
	tools/sanitize.py $(SANITIZERS)

# The same verdicts elsewhere, or on those that PLATFORMS names: portable i686 s390x musl mingw.
platforms:
	tools/platforms.py $(PLATFORMS)

lint:
	tools/lint.py

format:
	tools/lint.py format

coverage:
	tools/coverage.py

# The long form of the test "differential": 200,000 streams, or COUNT, and SEED.  PYTHONS names more interpreters, or folders
# of them (docs/differential.md).
COUNT ?= 200000
SEED ?= 1
differential: test-programs
	SPK_CHECK=build/pickle-check SPK_DUMP=build/tests/dump tests/differential/__main__.py --count=$(COUNT) --seed=$(SEED)

test-programs: override CMAKE_ARGS += -DSPK_BUILD_TESTS=ON
test-programs: all

# Breaks the sources on purpose and tells what no test notices (docs/mutants.md): 200 mutants, or COUNT, chosen by SEED.
mutants:
	tests/mutants/__main__.py --seed=$(SEED) $(if $(filter-out file,$(origin COUNT)),--count=$(COUNT))

# See docs/fuzzing.md for what these read from the environment.  make replay FILE=... runs one input.
fuzz:
	fuzz/run.py fuzz

fuzz-afl:
	fuzz/run.py afl

fuzz-min:
	fuzz/run.py min

replay:
	@test -n '$(FILE)' || { echo "usage: make replay FILE=INPUT, one that make fuzz found, for example" >&2; exit 2; }
	fuzz/run.py replay '$(FILE)'

# See bench/run.py for what this reads from the environment.
bench: override CMAKE_ARGS += -DSPK_BUILD_BENCH=ON
bench: all
	bench/run.py

# Renews the instruction counts that the test "instructions" compares with.
bench-golden:
	bench/instructions.py --renew

install: override CMAKE_ARGS += -DCMAKE_INSTALL_PREFIX='$(PREFIX)'
install: all
	DESTDIR='$(DESTDIR)' cmake --install build

clean:
	rm -rf build build-*

.PHONY: all help test test-programs differential mutants sanitize platforms lint format coverage fuzz fuzz-afl fuzz-min \
    replay bench bench-golden install clean
