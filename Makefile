# SPDX-License-Identifier: MIT
#
# The usual words for what CMake does: make, make test, make sanitize, make install [PREFIX=] [DESTDIR=], make clean; make
# lint and make format, the analysers and the layout; make coverage, what the checks reach of the library;
# and make fuzz, make fuzz-afl, make fuzz-min, make replay FILE=..., for which fuzz/run.py drives it.
# make bench compares with CPython (docs/performance.md).
# Nothing is built here that cmake would not build alike.  CMAKE_ARGS go to the configuration.

MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
CMAKE_ARGS ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 1)

all:
	cmake -S . -B build -DSPK_BUILD_TESTS=AUTO $(CMAKE_ARGS)
	cmake --build build --parallel $(JOBS)

test: CMAKE_ARGS += -DSPK_BUILD_TESTS=ON
test: all
	ctest --test-dir build --output-on-failure --no-tests=error --parallel $(JOBS)

# Under every sanitizer and valgrind, or under those that SANITIZERS names: asan-ubsan ubsan msan tsan valgrind.
sanitize:
	tests/sanitize.py $(SANITIZERS)

# The same verdicts on 32 bits and on a big-endian processor, or on those that PLATFORMS names: i686 s390x.
platforms:
	tests/platforms.py $(PLATFORMS)

lint:
	tests/lint.py

format:
	tests/lint.py format

coverage:
	tests/coverage.py

# The long form of the test "differential": 200,000 streams, or COUNT, and SEED.  PYTHONS names more interpreters, or folders
# of them (docs/differential.md).
COUNT ?= 200000
SEED ?= 1
differential: test-programs
	SPK_CHECK=build/pickle-check SPK_DUMP=build/tests/dump tests/differential/__main__.py --count=$(COUNT) --seed=$(SEED)

test-programs: CMAKE_ARGS += -DSPK_BUILD_TESTS=ON
test-programs: all

# See docs/fuzzing.md for what these read from the environment.  make replay FILE=... runs one input.
fuzz:
	fuzz/run.py fuzz

fuzz-afl:
	fuzz/run.py afl

fuzz-min:
	fuzz/run.py min

replay:
	fuzz/run.py replay '$(FILE)'

# See bench/run.py for what this reads from the environment.
bench: CMAKE_ARGS += -DSPK_BUILD_BENCH=ON
bench: all
	bench/run.py

# Renews the instruction counts that the test "instructions" compares with.
bench-golden:
	bench/instructions.py --renew

install: CMAKE_ARGS += -DCMAKE_INSTALL_PREFIX='$(PREFIX)'
install: all
	DESTDIR='$(DESTDIR)' cmake --install build

clean:
	rm -rf build build-*

.PHONY: all test test-programs differential sanitize platforms lint format coverage fuzz fuzz-afl fuzz-min replay bench bench-golden install clean
