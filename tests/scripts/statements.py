# SPDX-License-Identifier: MIT
"""How a test in Python says what held: statements, counted, those that failed printed at the end."""
failures = []
_counted = 0


def expect(holds, statement):
    global _counted
    _counted += 1
    if not holds:
        failures.append(statement)


def conclude(name, least=1):
    """Prints what came of it; the exit status: 1 if something failed, or if less than that many statements were made."""
    for failure in failures:
        print("FAILED: " + failure)
    print("%s: %d statements held, %d failed" % (name, _counted - len(failures), len(failures)))
    return 1 if failures or _counted < least else 0
