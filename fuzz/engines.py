# SPDX-License-Identifier: MIT
"""The two fuzzing engines: how each is built, started and read.  Decides nothing about a finding but that it is one."""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def read_targets():
    """Of targets.txt: each target's mutator, and the bytes of an input that are enough for every path of it."""
    mutators, most_bytes = {}, {}
    with open(os.path.join(HERE, "targets.txt"), encoding="ascii") as file:
        for line in file:
            if not line.startswith("#"):
                target, mutator, most, _ = line.split()
                mutators[target], most_bytes[target] = mutator, int(most)
    return mutators, most_bytes


MUTATORS, MAX_BYTES = read_targets()
TARGETS = list(MUTATORS)

CORPUS_PARTS = ("accept", "refuse", "samples")
CORPUS_MAX = 2 << 20  # corpus/fuzz in all
CORPUS_MAX_FILES = 120  # of a target, of all sizes, so that to replay them stays a matter of seconds


class Trouble(Exception):
    """What makes it impossible to go on: tools missing, a wrong setting."""


class Replay:
    def __init__(self, passed, told, findings, seconds):
        self.passed, self.told, self.findings, self.seconds = passed, told, findings, seconds


def find_tool(*names):
    for name in names:
        if shutil.which(name):
            return name
    return None


def files_below(directories):
    return sorted(os.path.join(place, name) for directory in directories for place, _, names in os.walk(directory)
                  for name in names)


def tail_of(path, lines=12):
    with open(path, encoding="utf-8", errors="replace") as file:
        return "".join(file.readlines()[-lines:])


class Engine:
    """What the two have in common: where things are, and how CMake is called."""

    name = None
    sanitizers = "address,undefined"

    def __init__(self, top, compiler):
        self.top, self.compiler = top, compiler
        self.build = os.path.join(top, "build", "fuzz" if self.name == "libfuzzer" else "fuzz-afl")
        self.dictionary = os.path.join(self.build, "fuzz", "pickle.dict")

    def program(self, target):
        return os.path.join(self.build, "fuzz", "fuzz-" + target)

    def findings(self, target):
        return os.path.join(self.build, "findings", target)

    def seeds(self, target):
        parts = [os.path.join(self.top, "corpus", part) for part in CORPUS_PARTS + ("fuzz/" + target,)]
        return [part for part in parts if os.path.isdir(part)]

    def environment(self, with_traces=False):
        environment = dict(os.environ)
        # An input lasts microseconds: what it freed is still in a small quarantine when it ends.  The targets fill new
        # blocks themselves.  Leaks without any stack are not reported, so that two frames are the least.
        fast = "" if with_traces else (":malloc_context_size=2:quarantine_size_mb=1:max_malloc_fill_size=0"
                                       ":allocator_release_to_os_interval_ms=-1")
        environment["ASAN_OPTIONS"] = "abort_on_error=1:symbolize=%d%s" % (with_traces, fast)
        environment["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
        return environment

    def configure(self):
        return ["cmake", "-S", self.top, "-B", self.build, "-DCMAKE_C_COMPILER=" + self.compiler,
                "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O2 -g", "-DSPK_FUZZ=" + self.name,
                "-DSPK_SANITIZE=" + self.sanitizers, "-DSPK_BUILD_SHARED=OFF", "-DSPK_BUILD_CLI=OFF",
                "-DSPK_BUILD_TESTS=OFF", "-DSPK_INSTALL=OFF"]


def call_logged(command, log, **more):
    with open(log, "ab") as file:
        return subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, **more).returncode


def build(engine, targets):
    """Builds what it can; returns the targets built, and pairs of target and reason for the others."""
    os.makedirs(engine.build, exist_ok=True)
    log = os.path.join(engine.build, "build.log")
    cache = os.path.join(engine.build, "CMakeCache.txt")
    if os.path.exists(cache):
        with open(cache, encoding="utf-8") as file:
            text = file.read()
        if "CMAKE_HOME_DIRECTORY:INTERNAL=%s\n" % os.path.realpath(engine.top) not in text:
            os.remove(cache)  # made in a tree since moved
    open(log, "wb").close()
    if call_logged(engine.configure(), log) != 0:
        raise Trouble("the configuration failed:\n" + tail_of(log))
    built, failed = [], []
    jobs = str(os.cpu_count() or 1)
    for target in ["dictionary"] + ["fuzz-" + target for target in targets]:
        name = target[len("fuzz-"):]
        if call_logged(["cmake", "--build", engine.build, "--target", target, "--parallel", jobs], log) == 0:
            built.append(name)
        elif target == "dictionary":
            raise Trouble("the dictionary could not be made:\n" + tail_of(log))
        else:
            print(tail_of(log), flush=True)
            needs = " (needs python3-dev: ./bootstrap.sh fuzz)" if name == "cpython" else ""
            failed.append((name, "not built" + needs))
    return [target for target in targets if target in built], failed


def replay_corpus(engine, target):
    """Every file of corpus/ once, whole."""
    directories = engine.seeds(target)
    paths = files_below(directories)
    files = sum(os.path.getsize(path) > 0 for path in paths)  # libFuzzer passes over empty ones
    os.makedirs(engine.findings(target), exist_ok=True)
    log = os.path.join(engine.build, "replay-%s.log" % target)
    open(log, "wb").close()
    kept = KeptFindings(engine, target)
    started = time.time()
    status = call_logged(engine.replay_command(target, directories), log, env=engine.environment())
    seconds = time.time() - started
    text = tail_of(log, 100000)
    count = engine.replayed(text)
    if files == 0 or count < files:
        status = status or 1
    if status == 0:
        return Replay(True, "%d files" % files, [], seconds)
    print(tail_of(log), flush=True)
    told = "FAILS (status %d, %d of %d files)" % (status, count, files)
    return Replay(False, told, kept.newer() or find_failing(engine, target, paths), seconds)


def find_failing(engine, target, paths):
    """One of the files that fails, by halves, where the engine has kept none; [] if none of them does."""
    def fails(some):
        with open(os.devnull, "wb") as nothing:
            return subprocess.run(engine.few(target, some), stdout=nothing, stderr=nothing, stdin=subprocess.DEVNULL,
                                  env=engine.environment()).returncode != 0

    if not paths or not fails(paths):
        return []
    while len(paths) > 1:
        half = len(paths) // 2
        paths = paths[:half] if fails(paths[:half]) else paths[half:]
    return paths if fails(paths) else []


class KeptFindings:
    """Tells the findings of a run from those of earlier ones, also where a file of the same name is written again."""

    def __init__(self, engine, target):
        self.pattern = os.path.join(engine.findings(target), "*")
        self.before = {path: os.stat(path).st_mtime_ns for path in glob.glob(self.pattern)}

    def newer(self):
        return sorted(path for path in glob.glob(self.pattern)
                      if self.before.get(path) != os.stat(path).st_mtime_ns)


class Run:
    """One engine at work on one target."""

    def __init__(self, engine, target, command, log, corpus):
        self.engine, self.target, self.log, self.corpus = engine, target, log, corpus
        self.kept = KeptFindings(engine, target)
        self.started = time.time()
        self.executions, self.seeds, self.new_edges, self.corpus_files = 0, 0, 0, 0
        self.findings, self.result, self.passed = [], "", False
        with open(log, "wb") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            env=self.environment(), cwd=engine.build)

    def environment(self):
        return self.engine.environment()

    def speed(self):
        return round(self.executions / max(0.001, self.elapsed))

    def read_log(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def finish(self):
        self.elapsed = time.time() - self.started
        self.read()
        self.findings = [path for path in self.kept.newer() if not os.path.basename(path).startswith("slow-unit")]
        if self.process.returncode != 0 or self.findings:
            kind = (os.path.basename(self.findings[0]).split("-")[0] if self.findings
                    else "status %d" % self.process.returncode)
            self.result = "FOUND: " + kind
            print(tail_of(self.log, 25), flush=True)
        elif self.executions <= self.seeds:
            self.result = "FAILED: nothing was executed" + (" but the seeds" if self.executions else "")
        else:
            self.result, self.passed = "ok", True


class LibFuzzerRun(Run):
    def progress(self):
        at = re.findall(r"^#(\d+)\t.* cov: (\d+)", self.read_log(), re.M)
        return "%s executions, %s edges" % at[-1] if at else "starting"

    def read(self):
        text = self.read_log()
        executed = re.findall(r"^stat::number_of_executed_units: (\d+)", text, re.M)
        edges = re.findall(r"^#\d+\t(\w+)\s+cov: (\d+)", text, re.M)
        first = [int(count) for word, count in edges if word == "INITED"]
        seeds = re.findall(r"^#(\d+)\tINITED", text, re.M)
        self.executions = int(executed[-1]) if executed else 0
        self.seeds = int(seeds[0]) if seeds else self.executions
        self.new_edges = int(edges[-1][1]) - first[0] if first else 0
        self.corpus_files = len(os.listdir(self.corpus))


class LibFuzzer(Engine):
    name = "libfuzzer"

    def __init__(self, top):
        compilers = [tool for tool in map(find_tool, ("clang-19", "clang")) if tool]
        if not compilers or not find_tool("cmake"):
            raise Trouble("clang and cmake are needed: apt-get install clang-19 libclang-rt-19-dev cmake make "
                          "zlib1g-dev python3-dev, or ./bootstrap.sh fuzz")
        able = [compiler for compiler in compilers if self.links(compiler)]
        if not able:
            raise Trouble("%s has no libFuzzer here: apt-get install libclang-rt-19-dev (or the one of its version), "
                          "or ./bootstrap.sh fuzz" % compilers[0])
        super().__init__(top, able[0])

    @staticmethod
    def links(compiler):
        with tempfile.TemporaryDirectory() as scratch:
            source = os.path.join(scratch, "probe.c")
            with open(source, "w", encoding="utf-8") as file:
                file.write("int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);\n"
                           "int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size) {\n"
                           "    return data && size > 99999999 ? -1 : 0;\n}\n")
            command = [compiler, "-fsanitize=fuzzer,address,undefined", source, "-o", source + ".out"]
            return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def limits(self, target):
        return ["-timeout=10", "-rss_limit_mb=2048", "-detect_leaks=%d" % (target != "cpython")]

    def command(self, target):
        return [self.program(target)] + self.limits(target) + [
            "-print_final_stats=1", "-entropic=0", "-artifact_prefix=" + self.findings(target) + "/"]

    def replay_command(self, target, directories):
        return self.command(target) + ["-runs=0", "-max_len=1048576"] + directories

    def replayed(self, text):
        executed = re.findall(r"^stat::number_of_executed_units: (\d+)", text, re.M)
        return int(executed[-1]) if executed else 0

    def few(self, target, paths):
        return [self.program(target)] + self.limits(target) + paths

    def start(self, target, settings, seconds):
        if settings.corpus:
            corpus = os.path.join(os.path.abspath(settings.corpus), target)
        else:
            corpus = os.path.join(self.build, "corpus", target)
            shutil.rmtree(corpus, ignore_errors=True)
        os.makedirs(corpus, exist_ok=True)
        command = self.command(target) + ["-dict=" + self.dictionary, "-seed=%d" % settings.seed,
                                          "-max_total_time=%d" % seconds,
                                          "-max_len=%d" % (settings.most_bytes or MAX_BYTES[target]), corpus]
        log = os.path.join(self.build, "run-%s.log" % target)
        return LibFuzzerRun(self, target, command + self.seeds(target), log, corpus)


class AflRun(Run):
    def environment(self):
        environment = self.engine.environment()
        library = os.path.join(self.engine.build, "fuzz", "libmutate-%s.so" % MUTATORS[self.target])
        environment.update(AFL_NO_UI="1", AFL_SKIP_CPUFREQ="1", AFL_NO_AFFINITY="1",
                           AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES="1", AFL_CUSTOM_MUTATOR_LIBRARY=library)
        return environment

    def stats(self):
        path = os.path.join(self.corpus, "default", "fuzzer_stats")
        if not os.path.exists(path):
            return {}
        with open(path, encoding="utf-8") as file:
            return dict((part.strip() for part in line.split(":", 1)) for line in file if ":" in line)

    def progress(self):
        stats = self.stats()
        return "%s executions, %s edges" % (stats.get("execs_done", "no"), stats.get("edges_found", "no"))

    def read(self):
        stats = self.stats()
        self.executions = int(stats.get("execs_done", 0))
        if "Entering queue cycle" not in self.read_log():
            self.seeds = self.executions  # it has got no further
        self.new_edges = int(stats.get("corpus_found", 0))
        self.corpus_files = int(stats.get("corpus_count", 0))
        directory = self.engine.findings(self.target)
        os.makedirs(directory, exist_ok=True)
        for place, kind in (("crashes", "crash"), ("hangs", "hang")):
            for path in glob.glob(os.path.join(self.corpus, "default", place, "id:*")):
                with open(path, "rb") as file:
                    digest = hashlib.sha1(file.read()).hexdigest()
                shutil.copyfile(path, os.path.join(directory, kind + "-" + digest))


class Afl(Engine):
    """afl-fuzz ends with 0 whatever it found, and a seed that crashes is only a warning: its directories are what
    counts, and the seeds are replayed first."""

    name = "afl"

    def __init__(self, top):
        compiler = find_tool("afl-clang-fast")
        if not compiler or not find_tool("afl-fuzz") or not find_tool("cmake"):
            raise Trouble("AFL++ and cmake are needed: apt-get install afl++ cmake make zlib1g-dev python3-dev, "
                          "or ./bootstrap.sh fuzz")
        super().__init__(top, compiler)

    def configure(self):
        return ["env", "AFL_QUIET=1"] + super().configure()

    def replay_command(self, target, directories):
        return self.few(target, files_below(directories))

    def few(self, target, paths):
        return [self.program(target)] + paths

    def replayed(self, text):
        return len(re.findall(r"^Execution successful", text, re.M))

    def start(self, target, settings, seconds):
        place = os.path.join(self.build, "run", target)
        shutil.rmtree(place, ignore_errors=True)
        seeds, out = os.path.join(place, "seeds"), os.path.join(place, "out")
        os.makedirs(seeds)
        kept = [os.path.join(os.path.abspath(settings.corpus), target)] if settings.corpus else []
        most = settings.most_bytes or MAX_BYTES[target]
        copy_seeds(self.seeds(target) + kept, seeds, most)
        command = ["afl-fuzz", "-i", seeds, "-o", out, "-x", self.dictionary, "-V", str(seconds), "-m", "none",
                   "-G", str(most), "-t", "10000", "-s", str(settings.seed), "--", self.program(target)]
        return AflRun(self, target, command, os.path.join(self.build, "run-%s.log" % target), out)


def copy_seeds(directories, to, most):
    """Flat and under their hash; what is larger is left to the replay."""
    count = 0
    for directory in directories:
        for place, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(place, name)
                if os.path.getsize(path) <= most:
                    with open(path, "rb") as file:
                        digest = hashlib.sha1(file.read()).hexdigest()
                    shutil.copyfile(path, os.path.join(to, digest))
                    count += 1
    if count == 0:
        raise Trouble("no seeds in " + " ".join(directories))
    return count


# ---- minimising


def corpus_size(top):
    return sum(os.path.getsize(os.path.join(place, name))
               for place, _, names in os.walk(os.path.join(top, "corpus", "fuzz")) for name in names)


def write_minimised(engine, target, kept):
    """Of all that runs have kept, what reaches more than the other parts of the corpus do; and every finding, smaller
    if that can be done in a minute.  Never takes corpus/fuzz over its size."""
    sources = [os.path.join(engine.build, "corpus", target)]
    sources += [os.path.join(os.path.abspath(kept), target)] if kept else []
    sources = [source for source in sources if os.path.isdir(source)] + [
        part for part in engine.seeds(target) if os.path.basename(part) == target]
    home = os.path.join(engine.top, "corpus", "fuzz", target)
    log = os.path.join(engine.build, "min-%s.log" % target)
    open(log, "wb").close()
    with tempfile.TemporaryDirectory(dir=engine.build) as scratch:
        merged, small = os.path.join(scratch, "merged"), os.path.join(scratch, "small")
        os.makedirs(merged)
        os.makedirs(small)
        known = [part for part in engine.seeds(target) if os.path.basename(part) != target]
        copy_seeds(known, merged, 1 << 20)
        before = set(os.listdir(merged))
        if sources and call_logged(engine.command(target) + ["-set_cover_merge=1", "-max_len=1048576", merged] + sources, log,
                                   env=engine.environment()) != 0:
            raise Trouble("%s: merging failed:\n%s" % (target, tail_of(log)))
        new = [os.path.join(merged, name) for name in sorted(set(os.listdir(merged)) - before)]
        new += [minimise_finding(engine, target, path, small, log)
                for path in sorted(glob.glob(os.path.join(engine.findings(target), "*")))]
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        count = 0
        share = CORPUS_MAX // len(TARGETS)
        by_size = sorted(new, key=lambda path: (os.path.getsize(path), path))
        for path in by_size[::max(1, -(-len(by_size) // CORPUS_MAX_FILES))]:
            share -= os.path.getsize(path)
            if share < 0:
                break
            with open(path, "rb") as file:
                shutil.copyfile(path, os.path.join(home, hashlib.sha1(file.read()).hexdigest()))
            count += 1
    return "%d of %d files, corpus/fuzz now has %d bytes" % (count, len(new), corpus_size(engine.top))


def minimise_finding(engine, target, path, to, log):
    out = os.path.join(to, os.path.basename(path))
    command = [engine.program(target), "-minimize_crash=1", "-max_total_time=60", "-exact_artifact_path=" + out, path]
    call_logged(command, log, env=engine.environment())
    return out if os.path.exists(out) else path
