#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Looks for recursion in what was built: the direct calls in the disassembly of dump, which holds the whole library, and
of pickle-check must form no cycle.  Calls through pointers are those to the caller's allocator, visitor and writer alone.
A recursive program compiled on the spot shows that the check can fail."""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

SPECIMEN = """
int odd(int n);
__attribute__((noinline)) static int even(int n) { return n == 0 ? 1 : odd(n - 1) + 0 * n; }
__attribute__((noinline)) int odd(int n) { return n == 0 ? 0 : even(n - 1) + 0 * n; }
int main(int argc, char **argv) { (void)argv; return odd(argc); }
"""

FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
CALL = re.compile(r"\t(call|callq|jmp|jmpq|bl|b|brasl|jg)\s.*<([^>+]+)>$")


def call_graph(path):
    graph, current = {}, None
    for line in subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], stdout=subprocess.PIPE, text=True,
                               check=True).stdout.splitlines():
        function = FUNCTION.match(line)
        if function:
            current = graph.setdefault(function.group(1), set())
            name = function.group(1)
            continue
        call = CALL.search(line)
        is_jump = call and not call.group(1).startswith(("call", "bl", "bras"))
        if call and current is not None and not (is_jump and call.group(2) == name):
            current.add(call.group(2))
    return graph


def find_cycle(graph):
    """A path from a function back to itself; empty if there is none."""
    state = {}
    for start in graph:
        path = [(start, iter(graph[start]))]
        while path:
            name, rest = path[-1]
            state[name] = "open"
            for callee in rest:
                if state.get(callee) == "open":
                    return [each for each, _ in path] + [callee]
                if callee in graph and callee not in state:
                    path.append((callee, iter(graph[callee])))
                    break
            else:
                state[name] = "done"
                path.pop()
    return []


def main():
    if not shutil.which("objdump"):
        print("recursion: objdump is missing (Debian: binutils)")
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        source, program = os.path.join(scratch, "recursive.c"), os.path.join(scratch, "recursive")
        with open(source, "w") as file:
            file.write(SPECIMEN)
        subprocess.run([*shlex.split(os.environ.get("SPK_CC", "cc")), "-O0", source, "-o", program], check=True)
        if not find_cycle(call_graph(program)):
            print("recursion: the specimen's was not seen")
            return 1
    return max(judge("SPK_DUMP", {"machine_run", "spk_visit", "spk_find", "intern_hash", "graph_judge"}),
               judge("SPK_CHECK", {"machine_run", "spk_visit", "json_write", "spk_encode", "options_parse"}))


def judge(variable, landmarks):
    """Of one program; the landmarks show that it was read."""
    graph = call_graph(os.environ[variable])
    cycle = find_cycle(graph)
    print("recursion: %s has %d functions, %d calls%s" % (variable, len(graph), sum(map(len, graph.values())),
                                                          ", recursive: " + " -> ".join(cycle) if cycle else ""))
    return 1 if cycle or len(graph) < 100 or len(landmarks & set(graph)) < 2 else 0


sys.exit(main())
