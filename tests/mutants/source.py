# SPDX-License-Identifier: MIT
"""Reads C and finds what can be changed in it: one small mistake at a time, of the kinds that people make.  Knows
the layout of this repository (clang-format's) and makes use of it; nothing here compiles, runs or writes
anything."""
import os
import re

TOKEN = re.compile(r"""
    /\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'
  | 0[xX][0-9a-fA-F]+[uUlL]* | \d+[uUlL]*(?![\w.]) | [A-Za-z_]\w* | \d[\w.]*
  | <<= | >>= | -> | \+\+ | -- | << | >> | [-+*/%&|^<>=!]= | && | \|\| | \s+ | .""", re.S | re.X)
INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)\Z")

BINARY = {"==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
          "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"],
          "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["|"], "+=": ["-=", "="], "-=": ["+="],
          "*=": ["/="], "|=": ["=", "&="], "&=": ["|="], "^=": ["|="], "<<=": [">>="], ">>=": ["<<="]}
ANYWHERE = {"++": ["--"], "--": ["++"], "true": ["false"], "false": ["true"]}
JUMPS = {"break": ["continue", "(void)0"], "continue": ["break", "(void)0"]}

PLACE = r"\*?[A-Za-z_](?:[\w.]|->|\[[^\]]*\]|\([^=]*\)(?=\[|->))*"  # what can be assigned to
REMOVABLE = re.compile(r"\s+(?!(?:return|goto|case|else|do|typedef|sizeof|REQUIRE)\b)"
                       r"(%s (?:[-+*/%%&|^]|<<|>>)?= .*|(?:\(void\)\s?)?[a-z]\w*\(.*\)|%s(?:\+\+|--));"
                       % (PLACE, PLACE))
HEAD = re.compile(r"(?!#)([A-Za-z_][^;={}]*?)\b(?:SINK\()?(\w+)\)?\([^;]*\Z")


class Mutant:
    """One change of one place: the bytes from start to end of the file's text become "after"."""

    def __init__(self, source, start, end, after):
        self.source, self.start, self.end, self.after = source, start, end, after
        self.path, self.line, self.function = source.path, source.line_of(start), source.function_at(start)
        self.original = source.around(start, end, source.text[start:end])
        self.mutated = source.around(start, end, after)

    def text(self):
        return self.source.text[:self.start] + self.after + self.source.text[self.end:]

    def __str__(self):
        return "%s:%d %s: %s -> %s" % (self.path, self.line, self.function, self.original, self.mutated)


def squeezed(text):
    return re.sub(r"\s+", " ", re.sub(r"\s*\\\n", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.S))).strip()


class Source:
    def __init__(self, path, text):
        self.path, self.text = path, text
        self.tokens = [(found.group(), found.start()) for found in TOKEN.finditer(text)]
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.directives = self._directives()

    def line_of(self, at):
        return self.text.count("\n", 0, at) + 1

    def _directives(self):
        """The kind of directive that each line belongs to (define, if ...), or ""."""
        kinds, kind = [], ""
        for line in self.lines:
            found = re.match(r"#\s*(\w+)", line)
            kind = found.group(1) if found else kind
            kinds.append(kind)
            if not line.endswith("\\"):
                kind = ""
        return kinds

    def around(self, start, end, text):
        """The lines of a place as one, with that text in it."""
        first, last = self.line_of(start), self.line_of(max(start, end - 1))
        return squeezed(self.text[self.starts[first - 1]:start] + text + self.text[end:self.starts[last] - 1])

    def head_of(self, at):
        """What stands before the name of the function around a place, and the name; "", "-" outside of functions."""
        for number in range(self.line_of(at) - 1, -1, -1):
            line = self.lines[number]
            if self.directives[number] == "define":
                name = re.match(r"#\s*define (\w+)", line)
                if name and self.directives[self.line_of(at) - 1] == "define":
                    return "", name.group(1)
                continue
            if line[:1] == "}" and number != self.line_of(at) - 1:
                break
            found = HEAD.match(line)
            if found:
                return found.group(1), found.group(2)
        return "", "-"

    def function_at(self, at):
        return self.head_of(at)[1]

    def is_left_out(self, at):
        """Directives other than #define, and the guards of headers."""
        number = self.line_of(at) - 1
        is_guard = re.match(r"#define \w+_H$", self.lines[number]) is not None
        return is_guard or self.directives[number] not in ("", "define")

    def closing(self, index):
        """The index of the token that closes the parenthesis at this one."""
        depth = 0
        for i in range(index, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[i][0], 0)
            if depth == 0:
                return i
        return None

    # ---- the kinds of changes

    def _tokens(self, index):
        token, at = self.tokens[index]
        around = [self.tokens[i][0] for i in (index - 1, index + 1) if 0 <= i < len(self.tokens)]
        choices = BINARY.get(token, []) if len(around) == 2 and all(map(str.isspace, around)) else []
        if token == "!":
            choices = [""]
        choices = choices + ANYWHERE.get(token, []) + (JUMPS.get(token, []) if around[-1] == ";" else [])
        number = INTEGER.match(token)
        if number:
            digits = number.group(1)
            value = int(digits, 8 if re.fullmatch("0[0-7]+", digits) else 0)
            form = "0x%x" if token[:2].lower() == "0x" else "%d"
            changed = {value + 1, max(value - 1, 0), 0} - {value}
            choices = [form % other + number.group(2) for other in sorted(changed)]
        for choice in choices:
            yield at, at + len(token), choice

    def _condition(self, index):
        """if and while: always, never."""
        if self.tokens[index][0] in ("if", "while") and self.tokens[index + 2][0] == "(":
            end = self.closing(index + 2)
            if end is not None:
                start, stop = self.tokens[index + 2][1] + 1, self.tokens[end][1]
                inner = self.text[start:stop]
                yield start, stop, "(%s) || 1" % inner
                yield start, stop, "(%s) && 0" % inner

    def _result(self, index):
        """return: the opposite, or nothing."""
        if self.tokens[index][0] != "return" or self.tokens[index + 1][0] == ";":
            return
        start = self.tokens[index + 2][1]
        end = self.text.index(";", start)
        value, kind = self.text[start:end], self.head_of(start)[0]
        if re.fullmatch(r"\w+", value) and not re.fullmatch(r"[a-z]\w*", value) or value in ("true", "false"):
            return  # a constant is changed as such
        if "bool" in kind:
            yield start, end, "!(%s)" % value
        elif "struct" not in kind or "*" in kind:
            yield start, end, "0"

    def _statements(self):
        for number, line in enumerate(self.lines):
            found = REMOVABLE.match(line)
            if found and not self.directives[number] and not re.fullmatch(r"\(void\)\w+", found.group(1)):
                start = self.starts[number] + found.start(1)
                yield start, start + len(found.group(1)), "(void)0"

    def mutants(self):
        """All of them, in the order of the file, none twice."""
        changes = set(self._statements())
        for index in range(len(self.tokens)):
            if self.tokens[index][0][:2] in ("/*", "//") or self.tokens[index][0].isspace():
                continue
            for kind in (self._tokens, self._condition, self._result):
                changes.update(kind(index))
        return [Mutant(self, *change) for change in sorted(changes) if not self.is_left_out(change[0])]


def choose(sources, count, dice):
    """That many mutants, one of each room in turn, which is a source and its header; the dice say which, and in which
    order the rooms come."""
    rooms = {}
    for source in sources:
        rooms.setdefault(os.path.splitext(source.path)[0], []).extend(source.mutants())
    queues = list(rooms.values())
    for queue in queues:
        dice.shuffle(queue)
    dice.shuffle(queues)
    chosen = []
    while len(chosen) < count and any(queues):
        for queue in queues:
            if queue and len(chosen) < count:
                chosen.append(queue.pop())
    return chosen
