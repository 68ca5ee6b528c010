# SPDX-License-Identifier: MIT
"""Every file of corpus/ (its README says what the names mean) through pickle-check and dump.

accept/ must be accepted, refuse/REASON/ refused for that reason, and each the same inside gzip as outside, down to
opcode, offset and detail.  What is accepted must be what Python loads; what is refused for an import must name the
import that Python would begin with.  All reasons and all opcodes that can be accepted must have a file."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "corpus"))

from gzip_bytes import member  # noqa: E402
from harness import HAS_ZLIB, TOP, Refusal, fail, imports, is_accepted, misplaced, program, show, verify  # noqa: E402
from pickletools import code2op, genops  # noqa: E402

CORPUS = TOP / "corpus"
MAX_UNPACKED = 4 << 20
SAME_INSIDE = ["verdict", "name", "opcode", "offset", "detail", "limit", "protocol", "opcodes", "max_depth"]


class Sample:
    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(CORPUS))
        self.reason = None if self.name.startswith("accept/") else path.parent.name
        self.is_gzip = path.name.endswith(".gz")
        parts = path.name.split(".pickle")[0].split("@")[1:]
        self.options = tuple("--" + part for part in parts)
        self.data = path.read_bytes()
        self.report = None

    def option(self, name):
        return next((option.split("=")[1] for option in self.options if option.startswith(name + "=")), None)

    def expected(self):
        """The refusal's name; None if it is to be accepted."""
        if self.is_gzip and not HAS_ZLIB and self.option("--gzip") != "never" and self.data[:2] == b"\x1f\x8b":
            return "gzip-unsupported"
        return self.reason

    def content(self):
        """The pickle: itself, or what is inside; None if that is damaged or large."""
        content, rest = b"", self.data
        if not self.is_gzip:
            return rest
        while rest:
            member_of = zlib.decompressobj(31)
            try:
                content += member_of.decompress(rest, MAX_UNPACKED)
            except zlib.error:
                return None
            if not member_of.eof or len(content) >= MAX_UNPACKED:
                return None
            rest = member_of.unused_data.lstrip(b"\0")
        return content


def check(paths, options):
    """pickle-check's JSON report of each path."""
    run = subprocess.run([program("SPK_CHECK"), "--json", *options, "--", *map(str, paths)], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    reports = [json.loads(line) for line in run.stdout.decode().splitlines()]
    rejected = any(report.get("verdict") == "rejected" for report in reports)
    if run.returncode != (1 if rejected else 0) or run.stderr or len(reports) != len(paths) + 1:
        fail("pickle-check %s %s... ended with %d\n%s" % (options, paths[0], run.returncode, run.stderr.decode()))
    return reports[:-1]


def packed_offset(data, offset):
    """Offset of the first packed byte with which more than so many bytes are unpacked; None if there is none."""
    unpacked, packed = 0, zlib.decompressobj(31)
    for at in range(len(data)):
        if packed.eof:
            packed = zlib.decompressobj(31)
        unpacked += len(packed.decompress(data[at:at + 1]))
        if unpacked > offset:
            return at
    return None


def by_options(samples):
    groups = {}
    for sample in samples:
        groups.setdefault(sample.options, []).append(sample)
    return groups.items()


class Test:
    def __init__(self):
        self.failures, self.counts = [], {}

    def expect(self, what, sample, is_right, message):
        self.counts[what] = self.counts.get(what, 0) + 1
        if not is_right:
            self.failures.append("%s: %s: %s" % (what, sample.name, message))

    def verdicts(self, samples):
        for options, group in by_options(samples):
            for sample, report in zip(group, check([sample.path for sample in group], options)):
                sample.report = report
                expected = (sample.expected() and "rejected" or "accepted", sample.expected())
                self.expect("verdict", sample, (report["verdict"], report["name"]) == expected, report)
                self.facts(sample, report)

    def facts(self, sample, report):
        """The limit is told where there is one, and the offset is that of the opcode told."""
        if report["verdict"] != "rejected":
            return
        is_limit = report["class"] == "limit"
        self.expect("limit", sample, bool(report["limit"]) == is_limit
                    and (not is_limit or "(%d)" % report["limit"] in report["detail"]), report)
        if sample.content() and report["class"] != "wrapper":
            self.raw_offset(sample, report)
            wrong = misplaced(sample.content(), report["name"], report["opcode"], report["offset"])
            self.expect("offset", sample, not wrong, "%s: %s" % (wrong, report))

    def raw_offset(self, sample, report):
        """The packed byte that brought the refusal: of an opcode without operand the one with which it is unpacked, of
        others that or a later one.  It may be told too low by an eighth."""
        exact = packed_offset(sample.data, report["offset"]) if sample.is_gzip else report["offset"]
        opcode = code2op.get(sample.content()[report["offset"]:][:1].decode("latin1"))
        if exact is not None and sample.content() != b"\x1f":  # which may be the start of gzip, until it ends
            most = exact if opcode and not opcode.arg or not sample.is_gzip else len(sample.data)
            is_right = exact - exact // 8 <= report["raw_offset"] <= most
            self.expect("raw offset", sample, is_right, (exact, most, report))

    def inside_and_outside(self, samples, directory):
        """Raw samples inside gzip of this test's making, the others without theirs: the same report."""
        kept_apart = ("gzip-", "wrapper-", "limit-input", "limit-ratio", "limit-alloc")
        samples = [sample for sample in samples if not (sample.reason or "").startswith(kept_apart)
                   and not sample.option("--gzip") and sample.content() and sample.content()[0] != 0x1f]
        for number, sample in enumerate(samples):
            twin = directory / str(number)
            twin.write_bytes(sample.content() if sample.is_gzip else member(sample.data[:5]) + member(sample.data[5:]))
        for options, group in by_options(samples):
            reports = check([directory / str(samples.index(sample)) for sample in group], options)
            for sample, report in zip(group, reports):
                different = [key for key in SAME_INSIDE if report[key] != sample.report[key]]
                self.expect("inside", sample, not different, "%s differ: %s" % (different, report))

    def dumps(self, samples):
        """dump says the same as pickle-check; returns the samples that it accepts, with their text."""
        accepted = []
        for options, group in by_options(samples):
            if any(not option.startswith(("--encoding=", "--allow")) for option in options):
                continue
            run = subprocess.run([program("SPK_DUMP"), *options, *[str(sample.path) for sample in group]],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            lines = run.stdout.decode().split("\n")[:-1]
            if run.returncode not in (0, 1) or run.stderr or len(lines) != len(group):
                fail("dump %s %s... ended with %d: %s" % (options, group[0].name, run.returncode, run.stderr.decode()))
            for sample, line in zip(group, lines):
                report = sample.report
                if is_accepted(line):
                    self.expect("dump", sample, report["verdict"] == "accepted", line[:200])
                    accepted.append((sample, line))
                else:
                    refusal = Refusal(line)
                    said = [refusal.code, refusal.name, refusal.offset, refusal.raw_offset, refusal.detail]
                    meant = [report[key] for key in ("code", "name", "offset", "raw_offset")] + [report["detail"] or ""]
                    self.expect("dump", sample, said == meant, line)
        return accepted

    def values(self, accepted):
        def way(sample):
            return (sample.option("--encoding") or "ASCII") + "+" + (sample.option("--allow") or "")
        for encoding in sorted({way(sample) for sample, _ in accepted}):
            group = [pair for pair in accepted if way(pair[0]) == encoding]
            pairs = [(sample.content(), line) for sample, line in group]
            for (sample, _), (content, _), found in zip(group, pairs, verify(sys.executable, encoding, pairs)):
                self.expect("value", sample, not found, "%s %s" % (show(content), found))

    def imports_named(self, samples):
        """Python's idea of a name that the input ends in is another one, and BINPERSID names any object."""
        names = ("GLOBAL", "STACK_GLOBAL", "INST", "PERSID")
        samples = [sample for sample in samples if sample.report["opcode"] in names
                   and "truncated-in" not in sample.name and sample.content() is not None]
        for sample, name in zip(samples, imports(sys.executable, [sample.content() for sample in samples])):
            detail = sample.report["detail"] or ""
            if name is not None and name.isprintable() and name.isascii() and len(name) < 200 and "?" not in detail:
                self.expect("import", sample, detail == name, "%s, Python: %s" % (detail, name))


def check_coverage(samples):
    # SP6xx are of writing, which no sample can make.
    reasons = re.findall(r'^REASON\(\w+, *[1-5]\d\d, *"([\w-]+)"', (TOP / "src" / "reasons.def").read_text(), re.M)
    opcodes = re.findall(r"^OP\((\w+),[^\"]* DATA,\s*\"", (TOP / "src" / "opcodes.def").read_text(), re.M)
    present = {sample.reason for sample in samples}
    missing = set(reasons) - present - {"gzip-unsupported"}  # which every .gz is, in a build without zlib
    used = set()
    for sample in samples:
        if sample.reason is None and not sample.options and sample.report["verdict"] == "accepted":
            used |= {opcode.name for opcode, _, _ in genops(sample.content())}
    unknown = present - {None} - set(reasons)
    if len(reasons) < 50 or missing or unknown:
        fail("reasons without a sample: %s; samples of no reason: %s" % (sorted(missing), sorted(unknown)))
    if len(opcodes) < 50 or not set(opcodes) <= used:
        fail("opcodes without an accepted sample: %s" % sorted(set(opcodes) - used))
    return len(reasons), len(opcodes)


def main():
    paths = sorted((CORPUS / "accept").rglob("*")) + sorted((CORPUS / "refuse").rglob("*"))
    files = [path for path in paths if path.is_file()]
    strangers = [path for path in files if not path.name.endswith((".pickle", ".pickle.gz"))]
    if strangers or not files:
        fail("%d samples, %d strangers, which do not end in .pickle or .pickle.gz: %s"
             % (len(files) - len(strangers), len(strangers), " ".join(map(str, strangers[:3]))))
    samples = [Sample(path) for path in files]
    test = Test()
    first = [Sample(CORPUS / "samples" / name) for name in ("data.pickle", "data.pickle.gz", "evil.pickle")]
    first[0].reason = first[1].reason = None
    first[2].reason = "code-import"

    test.verdicts(samples + first)
    if HAS_ZLIB:
        with tempfile.TemporaryDirectory() as directory:
            test.inside_and_outside(samples, pathlib.Path(directory))
    test.values(test.dumps(samples + first))
    test.imports_named(samples + first)
    test.expect("import", first[2], first[2].report["detail"] == "posix.system", first[2].report)
    reasons, opcodes = check_coverage(samples)

    run = subprocess.run([sys.executable, str(CORPUS / "generate.py"), "--check"], stdout=subprocess.PIPE)
    print(run.stdout.decode(), end="")
    test.expect("generated again", first[0], run.returncode == 0, "generate.py --check ended with %d" % run.returncode)

    for text in test.failures:
        print("FAILED: " + text[:1000])
    print("corpus: %d files, %d reasons, %d opcodes; checks: %s; %d failures"
          % (len(samples), reasons, opcodes, test.counts, len(test.failures)))
    needed = ["verdict", "limit", "offset", "raw offset", "dump", "value", "import"] + (["inside"] if HAS_ZLIB else [])
    return 1 if test.failures or not all(test.counts.get(what) for what in needed) else 0


if __name__ == "__main__":
    sys.exit(main())
