# SPDX-License-Identifier: MIT
"""The plot of bench/run.py: how many times faster than pickle.loads, by corpus, as SVG.  Measures nothing.

Readable on light and on dark ground: no background, middling colours."""
import math

import goals
import tables

SERIES = (("check", "#2f8f6b", 0), ("decode", "#4a7fc1", 1))  # name, colour, place of the goal in goals.SPEED
INK, FAINT = "#808080", "#80808055"
WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 860, 130, 60, 64, 9, 8
MOST = 1000


def text(x, y, content, anchor="start", size=12):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d" fill="%s">%s</text>' % (
        x, y, anchor, size, INK, content)


def place(ratio):
    """Logarithmic, from 1 to MOST."""
    share = math.log(min(max(ratio, 1), MOST)) / math.log(MOST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def bars(which, found, y):
    parts, wanted = [text(LEFT - 8, y + BAR + 4, which, "end")], goals.SPEED.get(which, (None, None, None))
    loads = tables.baseline(found, "loads")
    for name, colour, number in SERIES:
        ratio = loads / found[name]["best_ms"]
        parts.append('<rect x="%d" y="%.1f" width="%.1f" height="%d" fill="%s"/>' % (
            LEFT, y, place(ratio) - LEFT, BAR, colour))
        label = place(ratio)
        if wanted[number]:
            at = place(wanted[number])
            parts.append('<path d="M%.1f %.1fv%d" stroke="%s" stroke-width="2.5"/>' % (at, y - 0.5, BAR + 1, "#d08020"))
            label = at if label < at < label + 40 else label
        parts.append(text(label + 5, y + BAR - 0.5, "%.3g" % ratio if ratio < 1000 else "%.0f" % ratio, size=10))
        y += BAR
    return parts


def draw(best):
    rows = [(which, found) for which, found in tables.plain(best)
            if not which.startswith("big_") and tables.baseline(found, "loads") is not None]
    height = TOP + len(rows) * (2 * BAR + GAP) + 20
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif">' % (WIDTH, height),
             text(LEFT, 18, "Times as fast as pickle.loads, collector off (logarithmic)", size=14)]
    x = LEFT
    for label, colour in [(name, colour) for name, colour, _ in SERIES] + [("goal", "#d08020")]:
        width = 3 if label == "goal" else 12
        parts.append('<rect x="%d" y="28" width="%d" height="10" fill="%s"/>' % (x, width, colour))
        parts.append(text(x + width + 5, 37, label))
        x += 80
    for ratio in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        parts.append('<path d="M%.1f %dV%d" stroke="%s"/>' % (place(ratio), TOP - 4, height - 20, FAINT))
        parts.append(text(place(ratio), TOP - 8, "%d" % ratio, "middle", 10))
    for number, (which, found) in enumerate(rows):
        parts += bars(which, found, TOP + number * (2 * BAR + GAP) + GAP / 2)
    return "\n".join(parts) + "\n</svg>\n"
