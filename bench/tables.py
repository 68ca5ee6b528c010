# SPDX-License-Identifier: MIT
"""The tables of bench/run.py: measured figures with the goals of goals.py beside them, as Markdown.  Measures nothing."""
import generate
import goals

MARKS = ("<!-- the tables of make bench: BENCH_DOCS=1 replaces them -->", "<!-- the end of the tables -->")


def number(value, form="%.3g"):
    """Three digits, but never an exponent above; a dash for what has no figure."""
    if value is None:
        return "-"
    return form % value if value < 999.5 else "%.0f" % value


class Cells:
    """Writes figures beside their goals and counts those that are missed."""

    def __init__(self):
        self.goals = self.missed = self.close = 0

    def cell(self, value, goal, at_least, form="%.3g"):
        """"13 (15)", with ~ where a goal is missed by at most 15 %, with ! where by more."""
        if value is None:
            return "-"
        text = number(value, form)
        if goal is None:
            return text
        self.goals += 1
        quotient = value / goal if at_least else goal / max(value, 1e-9)
        mark = "" if quotient >= 1 else " ~" if quotient >= 0.85 else " !"
        self.missed += mark == " !"
        self.close += mark == " ~"
        return "%s (%g)%s" % (text, goal, mark)

    def least(self, value, goal, form="%.3g"):
        return self.cell(value, goal, True, form)

    def most(self, value, goal, form="%.3g"):
        return self.cell(value, goal, False, form)


def table(titles, rows):
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in [titles, *rows]]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def least_of(found, way, name):
    """The least of a figure that the Pythons have, or None."""
    figures = [each.get(name) for contender, each in found.items() if contender.split(" ")[0] == way]
    return min((figure for figure in figures if figure is not None), default=None)


def baseline(found, way):
    """The fastest Python's milliseconds, or None."""
    return least_of(found, way, "best_ms")


def quotient(a, b):
    return a / b if a is not None and b else None


def is_measured(best, which, *contenders):
    """True if a corpus has figures of all of these: who took too long has none."""
    found = best.get(which, {})
    return all(found.get(name, {}).get("best_ms") is not None for name in contenders)


def plain(best):
    """The corpora of data that were measured, in the order of the generator."""
    return [(which, best[which]) for which in generate.CORPORA
            if is_measured(best, which, "check", "decode", "borrow", "chunks")]


def without_figures(best):
    """Who took too long, and on what; of streams written to be slow their table says it."""
    return ["%s by %s" % (which, name) for which, found in best.items() for name, figures in found.items()
            if isinstance(figures, dict) and figures.get("best_ms", 0) is None
            and not (which in generate.ADVERSARIAL and name.startswith("loads "))]


def speed(best, cells):
    rows = []
    for which, found in plain(best):
        loads = baseline(found, "loads")
        ours = {mode: found[mode]["best_ms"] for mode in ("check", "decode", "borrow")}
        wanted = goals.SPEED.get(which, (None, None, None))
        check = cells.least(quotient(loads, ours["check"]), wanted[0])
        borrow = cells.least(quotient(loads, ours["borrow"]), wanted[2])
        chunks = None if which.startswith("big_") else goals.CHUNKS
        if which in goals.O1:
            check, borrow = [cells.most(ours[mode] * 1000, goals.O1_US) + " us" for mode in ("check", "borrow")]
        rows.append([
            which, "%.1f" % (found["check"]["bytes"] / 1e6), "%.2f" % (found["check"]["opcodes"] / 1e6),
            number(loads), check, cells.least(quotient(loads, ours["decode"]), wanted[1]), borrow,
            "%.2f" % found["check"]["ns_per_opcode"], "%.2f" % found["decode"]["ns_per_opcode"],
            cells.most(quotient(found["chunks"]["best_ms"], ours["check"]), chunks)])
    return table(["corpus", "MB", "Mops", "loads ms", "check x", "decode x", "borrowed x", "check ns/op", "decode ns/op",
                  "chunks / check"], rows)


def speed_gc(best, cells):
    rows = []
    for which, found in plain(best):
        loads = baseline(found, "loads-gc")
        wanted = goals.SPEED_GC.get(which, (None, None))
        ops = quotient(least_of(found, "genops", "best_ms"), found["check"]["best_ms"])
        freed = least_of(found, "loads", "free_ms")
        ours = found["decode"].get("free_ms")
        rows.append([which, number(loads), cells.least(quotient(loads, found["check"]["best_ms"]), wanted[0]),
                     cells.least(quotient(loads, found["decode"]["best_ms"]), wanted[1]),
                     "-" if ours is None else "%.2g" % ours, "-" if freed is None else "%.3g" % freed,
                     cells.least(ops, None)])
    return table(["corpus", "loads ms, collector on", "check x", "decode x", "free ms", "CPython's free ms",
                  "genops / check"], rows)


def memory(best, cells):
    rows = []
    for which, found in plain(best):
        python = least_of(found, "loads", "rss_growth")
        check = "-"
        if "allowed" in found.get("memory", {}):
            check = cells.most(found["memory"]["peak_counted"] / 1024, round(found["memory"]["allowed"] / 1024, 1))
        copied, borrowed = found["decode"], found["borrow"]
        rows.append([which, cells.most(copied.get("bytes_per_value"), goals.BYTES_PER_VALUE.get(which + " copied")),
                     cells.most(borrowed.get("bytes_per_value"), goals.BYTES_PER_VALUE.get(which)),
                     "%.3g" % (copied["peak_counted"] / 1e6), "-" if python is None else "%.3g" % (python / 1e6),
                     cells.most(quotient(copied["rss_growth"], python), None),
                     cells.most(quotient(borrowed["rss_growth"], python), goals.GROWTH.get(which)), check])
    return table(["corpus", "B/value", "borrowed", "peak MB", "CPython's growth MB", "growth / CPython's", "borrowed",
                  "check KiB, small corpus"], rows)


def zipped(best, cells):
    rows = []
    for which in (name + "_gz" for name in generate.GZIPPED):
        if is_measured(best, which, "gunzip-check"):
            check = best[which]["gunzip-check"]
            loads = baseline(best[which], "unzip-gc")
            rows.append([which[:-3], "%.1f" % (check["unpacked"] / 1e6), "%.3g" % check["inflate_ms"],
                         cells.most(check["ratio"], goals.GUNZIP, "%.3f"),
                         cells.least(quotient(loads, check["best_ms"]), goals.UNZIP_AND_LOAD.get(which[:-3]))])
    return table(["corpus, gzipped", "MB unpacked", "inflate ms", "check / inflate", "gzip.open and load / check"], rows)


def encoding(best, cells):
    rows = []
    for which, found in plain(best):
        if is_measured(best, which, "encode"):
            dumps = baseline(found, "dumps")
            rows.append([which, number(dumps), cells.least(quotient(dumps, found["encode"]["best_ms"]), goals.ENCODE[which]),
                         cells.least(quotient(dumps, found["encode"]["callback_ms"]), goals.ENCODE[which])])
    return table(["corpus", "dumps ms", "encode to a buffer x", "to a function x"], rows)


def small(best, cells):
    rows = []
    if is_measured(best, "tiny", "tiny"):
        ours, count = best["tiny"]["tiny"], best["tiny"]["tiny"]["pickles"]
        loads = quotient(baseline(best["tiny"], "loads"), count / 1e6)
        for what in ("check", "decode"):
            ns = ours[what + "_ns"]
            rows.append(["a pickle of 234 bytes, %s, ns" % what, cells.most(ns, goals.TINY_NS[what])])
            rows.append(["the same, times as fast as loads (%s ns)" % number(loads, "%.0f"),
                         cells.least(quotient(loads, ns), goals.TINY_RATIO[what])])
            rows.append(["the same by one call a pickle, ns", number(ours[what + "_new_ns"])])
    for which, text, goal in (("start", "pickle-check, start to exit, to a main that returns 0", goals.START),
                              ("files", "20,000 files, to opening, reading and closing them", goals.FILES)):
        if which in best:
            rows.append([text + ": CPU time", cells.most(best[which]["cpu_ratio"][0], goal, "%.3f")])
            rows.append([text + ": elapsed", cells.most(best[which]["elapsed_ratio"][0], goal, "%.3f")])
    return table(["small inputs", "measured (goal)"], rows)


def scanners(best, cells):
    rows = []
    for which, found in plain(best):
        ratios = {}
        for peer in ("picklescan", "fickling"):
            time = found.get(peer, {}).get("best_ms")
            ratios[peer] = cells.least(quotient(time, found["check"]["best_ms"]),
                                       goals.SCANNERS[peer].get(which) if time else None)
        if any(cell != "-" for cell in ratios.values()):
            rows.append([which, ratios["picklescan"], ratios["fickling"]])
    return table(["corpus", "picklescan / check", "fickling / check"], rows)


def fair(figures, per_byte):
    """Nanoseconds that exceed the fixed cost, a byte."""
    return max(figures["best_ms"] * 1e6 - goals.FIXED_NS, 0) / figures["bytes"] if per_byte else figures["best_ms"] * 1e6


def adversarial(best, cells):
    rows = []
    for which in generate.ADVERSARIAL:
        if not is_measured(best, which, "check", "check of half", "decode", "decode of half"):
            continue
        found, wanted = best[which], goals.ADVERSARIAL
        check, decode = found["check"], found["decode"]
        is_long = check["bytes"] > 100_000
        doubled = []
        for mode in ("check", "decode"):
            ratio = quotient(found[mode]["best_ms"], found[mode + " of half"]["best_ms"])
            is_judged = is_long and found[mode]["best_ms"] * 1e6 > goals.FIXED_NS
            doubled.append(cells.most(ratio, wanted["doubled"] if is_judged else None))
        loads = [figures for name, figures in found.items() if name.startswith("loads ")]
        python = "-"
        if loads and loads[0]["best_ms"] is None:
            python = "too long"
        elif loads:
            python = number(loads[0]["best_ms"] * 1e6 / check["bytes"])
        decode_goal = goals.ADVERSARIAL_DECODE_NS.get(which, wanted["decode_ns"])
        if is_long:
            times = [cells.most(fair(check, True), wanted["check_ns"]), cells.most(fair(decode, True), decode_goal),
                     cells.most(decode["peak_counted"] / decode["bytes"], wanted["memory"])]
        else:
            times = [cells.most(fair(figures, False), goals.FIXED_NS, "%.0f") + " ns" for figures in (check, decode)]
            times.append("%.0f KiB" % (decode["peak_counted"] / 1024))
        rows.append([which[4:], "SP%d" % generate.REFUSED[which] if which in generate.REFUSED else "", *times, *doubled,
                     python])
    return table(["written to be slow", "refused", "check ns/B", "decode ns/B", "held B/B", "check, doubled",
                  "decode, doubled", "loads ns/B"], rows)


def render(head, best):
    cells = Cells()
    parts = ["Scale %g, seed %d, best of %d rounds, CPython %s, %s." % (
        head["scale"], head["seed"], head["rounds"], " and ".join(head["pythons"]), head["machine"])]
    for title, make in (("Speed", speed), ("Collector on, freeing, genops", speed_gc), ("Memory", memory),
                        ("gzip", zipped), ("Encoding", encoding), ("Small inputs", small), ("Scanners", scanners),
                        ("Written to be slow", adversarial)):
        text = make(best, cells)
        if text:
            parts.append("### %s\n\n%s" % (title, text))
    parts.insert(1, "Goals stand in brackets.  Of %d, %d are missed by more than 15 %% (!) and %d by less (~)." % (
        cells.goals, cells.missed, cells.close))
    left_out = without_figures(best)
    if left_out:
        parts.append("Without figures, for it took too long: %s." % ", ".join(left_out))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def put_into(path, text):
    """Replaces the tables of a document."""
    old = path.read_text(encoding="utf-8")
    head, rest = old.split(MARKS[0])
    _, tail = rest.split(MARKS[1])
    path.write_text(head + MARKS[0] + "\n\n" + text + "\n" + MARKS[1] + tail, encoding="utf-8")
