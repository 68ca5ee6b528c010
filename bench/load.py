# SPDX-License-Identifier: MIT
"""Times what Python makes of one file, in an interpreter of its own.  bench/run.py starts it.

    load.py loads|loads-gc|unzip-gc|dumps|genops|tiny|picklescan|fickling FILE [REPS]

It really loads: give it files of bench/generate.py alone.  loads and dumps run with the cycle collector off, loads-gc as
users have it; dumps writes what it has loaded before, at protocol 4.  Prints what spk-bench prints, and times the same: CPU time of the thread, the call alone, what it made freed
outside.  In tiny it is freed inside, as there.  Exit status 3: the package is not installed here."""
import gc
import io
import pickle
import sys
import time

now = time.thread_time_ns


def resident_peak():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def load_all(data):
    return pickle.loads(data)


def unzip(data):
    import gzip
    return pickle.load(gzip.open(io.BytesIO(data)))


def genops(data):
    import pickletools
    for _ in pickletools.genops(data):
        pass


def picklescan(data):
    from picklescan.scanner import scan_pickle_bytes
    result = scan_pickle_bytes(io.BytesIO(data), "data")
    if result.scan_err or result.issues_count:
        raise SystemExit("picklescan did not scan it")


def fickling(data):
    from fickling.analysis import check_safety
    from fickling.fickle import Pickled
    check_safety(Pickled.load(data))


def split(data):
    pickles, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "little")
        pickles.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return pickles


def dump_again(value):
    return pickle.dumps(value, 4)


def load_each(pickles):
    for data in pickles:
        pickle.loads(data)


WAYS = {"loads": load_all, "loads-gc": load_all, "unzip-gc": unzip, "genops": genops, "picklescan": picklescan,
        "fickling": fickling, "tiny": load_each, "dumps": dump_again}


def main():
    way, path, reps = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 3
    if way in ("picklescan", "fickling"):
        try:
            __import__(way)
        except ImportError:
            return 3
    with open(path, "rb") as file:
        data = file.read()
    if way == "tiny":
        data = split(data)
    if way == "dumps":
        gc.disable()
        data = pickle.loads(data)
    run, best, freed, growth = WAYS[way], [], [], 0
    for rep in range(reps):
        gc.collect()
        (gc.enable if way.endswith("-gc") else gc.disable)()
        before = resident_peak() if rep == 0 else 0
        start = now()
        made = run(data)
        middle = now()
        growth = growth or max(resident_peak() - before, 1)
        end = now()
        del made
        best.append(middle - start)
        freed.append(now() - end)
    print("best_ms %.6f\nfree_ms %.6f\nrss_growth %d" % (min(best) / 1e6, min(freed) / 1e6, growth))
    return 0


if __name__ == "__main__":
    sys.exit(main())
