# SPDX-License-Identifier: MIT
"""What speed is measured with, held to its word on corpora too small to measure: the generator gives the same bytes
for the same seed, the streams written to be slow are accepted or refused as the generator says, spk-bench ends with 0
and 1 and 2 where it should and prints what bench/run.py reads, and bench/run.py turns all kinds of corpora into tables
and a plot, those of contenders that took too long too.  Looks at no figure."""
import json
import os
import subprocess
import sys
import tempfile
import xml.dom.minidom

sys.dont_write_bytecode = True
sys.path.insert(0, "bench")

import generate  # noqa: E402
import plot  # noqa: E402
import tables  # noqa: E402
from harness import HAS_ZLIB, TOP  # noqa: E402
from statements import conclude, expect  # noqa: E402

SPK_BENCH = os.environ.get("SPK_BENCH")
SCALE = 0.0005
PRINTED = {"check": {"best_ms", "bytes", "opcodes", "ns_per_opcode", "peak_library", "peak_counted", "rss_growth"},
           "gunzip-check": {"best_ms", "inflate_ms", "ratio"},
           "encode": {"best_ms", "callback_ms", "bytes"},
           "tiny": {"best_ms", "check_ns", "decode_ns", "pickles"}}
PRINTED["chunks"] = PRINTED["check"]
PRINTED["decode"] = PRINTED["borrow"] = PRINTED["check"] | {"document", "values", "bytes_per_value"}


def bench(*arguments):
    run = subprocess.run([SPK_BENCH, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return run.returncode, dict(line.split(" ", 1) for line in run.stdout.splitlines())


def check_generator(directory):
    for which in generate.names():
        made = generate.generate(which, SCALE)
        expect(made == generate.generate(which, SCALE), which + " is not the same twice")
        if which in generate.CORPORA and which not in ("lists_small", "containers_small"):
            expect(made != generate.generate(which, SCALE, 2), which + " does not depend on the seed")
        generate.write(which, SCALE, 1, directory)


def check_verdicts(directory):
    """Each is accepted in every mode after the same number of opcodes, or refused with the code it should be."""
    for which in [*generate.CORPORA, *generate.ADVERSARIAL]:
        if which == "tiny":
            continue
        path = os.path.join(directory, generate.file_name(which))
        options = ["--unlimited"] if which in generate.UNLIMITED else []
        opcodes = set()
        for mode in ("check", "decode", "borrow", "chunks"):
            status, found = bench(*options, mode, path, "1")
            refused = generate.REFUSED.get(which)
            expect(status == (1 if refused else 0), "%s %s ended with %d %s" % (mode, which, status, found))
            expect(found.get("refused", "").startswith("SP%s " % refused if refused else ""),
                   "%s %s is not refused by %s" % (mode, which, refused))
            missing = PRINTED[mode] - set(found)
            expect(refused or not missing, "%s %s does not print %s" % (mode, which, missing))
            opcodes.add(found.get("opcodes"))
        expect(len(opcodes) == 1, "%s has %s opcodes" % (which, opcodes))


def check_modes(directory):
    tiny = os.path.join(directory, "tiny.pickles")
    status, found = bench("tiny", tiny, "1")
    expect(status == 0 and PRINTED["tiny"] <= set(found) and found["pickles"] == str(generate.TINY_COUNT),
           "tiny: %s" % found)
    for which in ("records", "twitter", "canada"):
        path = os.path.join(directory, generate.file_name(which))
        status, found = bench("encode", path, "1")
        expect(status == 0 and PRINTED["encode"] <= set(found) and found["bytes"] == str(os.path.getsize(path)),
               "encode %s: %s" % (which, found))
    expect(bench("encode", "corpus/samples/evil.pickle", "1")[0] == 1, "what is refused is encoded")
    if HAS_ZLIB:
        for which in generate.GZIPPED:
            status, found = bench("gunzip-check", os.path.join(directory, which + ".pickle.gz"), "1")
            expect(status == 0 and PRINTED["gunzip-check"] <= set(found), "gunzip-check %s: %s" % (which, found))
        expect(bench("gunzip-check", "corpus/samples/data.pickle")[0] == 2, "what is not gzipped is inflated")
    sample = "corpus/samples/data.pickle"
    expect(bench("count", "check", sample)[1].get("opcodes") == "14", "count prints no opcodes")
    expect(bench("count", "encode", sample, "tiny-check", tiny)[0] == 0, "count does not go other ways")
    expect(bench("count", "check", "corpus/samples/evil.pickle")[0] == 1, "what is refused is counted")
    expect(bench("check", "corpus/samples/evil.pickle", "1")[0] == 1, "a refusal does not show in the exit status")
    for wrong in ([], ["check"], ["check", "corpus/samples/data.pickle", "x"], ["check", "/nowhere"],
                  ["guess", "corpus/samples/data.pickle"], ["tiny", "corpus/samples/data.pickle"],
                  ["tiny", tiny, "0"], ["count"], ["count", "check"], ["count", "guess", sample]):
        expect(bench(*wrong)[0] == 2, "spk-bench %s does not end with 2" % " ".join(wrong))


def check_driver():
    build = os.path.dirname(SPK_BENCH)
    only = ["records", "big_bytes", "tiny", "adv_pop", "adv_claims_2gib"] + (["records_gz"] if HAS_ZLIB else [])
    run = subprocess.run([sys.executable, "bench/run.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                         env=dict(os.environ, BENCH_BUILD=build, BENCH_SCALE=str(SCALE), BENCH_ROUNDS="1",
                                  BENCH_ONLY=",".join(only), BENCH_DOCS=""))
    expect(run.returncode == 0, "bench/run.py ended with %d: %s" % (run.returncode, run.stderr))
    for word in ["| records ", "encode to a buffer x", "| big_bytes ", "a pickle of 234 bytes", "| pop ", "| claims_2gib "]:
        expect(word in run.stdout, "bench/run.py prints no %s" % word)
    if run.returncode == 0:
        with open(os.path.join(build, "bench-data", "results.svg")) as file:
            drawing = xml.dom.minidom.parse(file)
        expect(len(drawing.getElementsByTagName("rect")) == 3 + 2, "the plot has other bars")
        with open(os.path.join(build, "bench-data", "results.json"), encoding="utf-8") as file:
            check_gaps(json.load(file))
    run = subprocess.run([sys.executable, "bench/run.py"], stderr=subprocess.PIPE,
                         env=dict(os.environ, BENCH_BUILD=build, BENCH_ONLY="recrods"))
    expect(run.returncode == 1, "bench/run.py takes a corpus that is not there")


def check_gaps(results):
    """Whoever took too long, alone or with all others, is told, and the rest is in the tables."""
    def renders(best):
        try:
            text, drawing = tables.render(results["head"], best), plot.draw(best)
        except (KeyError, TypeError, ValueError) as error:
            return "", repr(error)
        return text, xml.dom.minidom.parseString(drawing)

    late = {"best_ms": None}
    for which, found in results["best"].items():
        for name in found:
            best = dict(results["best"], **{which: dict(found, **{name: late})})
            text, drawing = renders(best)
            is_told = "%s by %s" % (which, name) in text or "too long" in text and which.startswith("adv_")
            expect(is_told, "%s without %s: %s" % (which, name, drawing))
            expect(which == "big_bytes" or "| big_bytes " in text, "%s without %s takes big_bytes along" % (which, name))
    nothing = {which: dict.fromkeys(found, late) for which, found in results["best"].items()}
    expect("tiny by tiny" in renders(nothing)[0], "nothing measured: %s" % renders(nothing)[1])


def check_bounds():
    """A corpus that does not shrink with the scale is not run more often for it."""
    code = "import sys; sys.path.insert(0, 'bench'); import run; print(run.TINY_REPS)"
    for scale, most in (("1", 5), ("0.1", 25), ("0.0005", 25), ("0.000001", 25)):
        told = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True,
                              env=dict(os.environ, BENCH_SCALE=scale)).stdout
        expect(int(told) == most, "at scale %s tiny is run %d times" % (scale, int(told)))


def main():
    if not SPK_BENCH:
        print("spk-bench was not built")
        return 77
    os.chdir(TOP)
    with tempfile.TemporaryDirectory() as directory:
        check_generator(directory)
        check_verdicts(directory)
        check_modes(directory)
    check_driver()
    check_bounds()
    return conclude("bench", 500)


if __name__ == "__main__":
    sys.exit(main())
