# SPDX-License-Identifier: GPL-2.0
"""What can be changed in a C file in kernel style: its functions, statements, mutants."""
import re

FAMILIES = ("lock", "unlock", "swap", "flush", "notifier", "put", "get", "assert", "account",
            "call", "condition", "constant", "marked")

# The family of a deleted call, by its name; the first that matches.
CALLS = (
    ("assert", r"lockdep_assert|WARN_ON|BUG_ON|^might_sleep|_assert|^assert"),
    ("unlock", r"unlock|^(up|end)_(read|write)|_enable$|irqrestore|^(release|lock_release)"
               r"|^local_irq_restore|^up$|seqcount_end|^put_cpu"),
    ("call", r"lock_init$"),
    ("lock", r"lock(?!ed$|dep)|^(down|begin)_(read|write)|_disable$|irqsave|^(acquire|lock_acquire)"
             r"|^down$|seqcount_begin|^get_cpu"),
    ("flush", r"flush|invalidate_range$"),
    ("notifier", r"notifier|mmu_notifier"),
    ("put", r"(^|_)(put|putback|drop|free|release|destroy|kfree)(_|$)|dec_and_test|^kfree|mmdrop"),
    ("get", r"(^|_)(get|grab|inc)(_|$)|mmgrab|try_get"),
    ("account", r"(^|_)(count|account|add|sub|mod|inc|dec|event|events|counter|stat|state|hear|"
                r"record|note|update)(_|$)|vm_event|^trace_"),
)

KEYWORDS = {"if", "while", "for", "switch", "do", "else", "return", "break", "continue",
            "goto", "case", "default", "sizeof", "typeof"}
OPERATORS = {"==": "!=", "!=": "==", "<=": "<", ">=": ">", "<": "<=", ">": ">="}


def blank(text):
    """The text with comments, strings, preprocessor lines as spaces; same offsets."""
    def spaces(match):
        return re.sub(r"[^\n]", " ", match[0])
    text = re.sub(r"/\*.*?\*/|//[^\n]*", spaces, text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
                  lambda m: m[0][0] + "_" * (len(m[0]) - 2) + m[0][-1], text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", spaces, text, flags=re.M)


def closing(text, at):
    """The offset of the bracket that closes the one at this offset."""
    depth = 0
    for i in range(at, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if not depth:
                return i
    raise ValueError("unbalanced brackets")


def family_of_call(name):
    for family, pattern in CALLS:
        if re.search(pattern, name):
            return family
    return "call"


class Mutant:
    """One change: text[start:end] becomes new. The name is unique and survives other edits."""

    def __init__(self, source, function, family, start, end, new, what=None):
        self.source = source
        self.function = function
        self.family = family
        self.start, self.end, self.new = start, end, new
        self.line = source.text.count("\n", 0, start) + 1
        old = " ".join(source.text[start:end].split())
        self.what = what or f"{old} -> {' '.join(new.split())}"
        self.name = f"{source.path}: {function}: {self.what}"

    def text(self):
        """The whole file; every line keeps its number."""
        old, new = self.source.text[self.start:self.end], self.new
        new += "\n" * (old.count("\n") - new.count("\n"))
        return self.source.text[:self.start] + new + self.source.text[self.end:]

    def original_line(self):
        return " ".join(self.source.text.splitlines()[self.line - 1].split())


class Source:
    """A C file; mutants() are all its mutants in the order of the text."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.code = blank(text)
        self.found = []

    def mutants(self):
        for function, start, end in self.functions():
            self.block(function, start, end)
            self.expressions(function, start + 1, end)
        self.found.sort(key=lambda m: (m.start, m.end, m.new))
        seen = {}
        for m in self.found:
            nr = seen[m.name] = seen.get(m.name, 0) + 1
            if nr > 1:
                m.name += f" ({nr})"
        return self.found

    def functions(self):
        """(name, offset of {, offset of }) of each; in kernel style both are in column 0."""
        for m in re.finditer(r"^\{$", self.code, flags=re.M):
            head = self.code[:m.start()].rstrip()
            head = head[max(head.rfind("\n\n"), head.rfind("}\n"), head.rfind(";\n")) + 1:]
            name = re.search(r"(\w+)\s*\(", re.sub(r"__(must_hold|printf)\([^)]*\)", "", head))
            if name:
                yield name[1], m.start(), closing(self.code, m.start())

    def add(self, function, family, start, end, new, what=None):
        self.found.append(Mutant(self, function, family, start, end, new, what))

    # Statements

    def skip(self, at):
        while self.code[at].isspace():
            at += 1
        return at

    def block(self, function, start, end):
        """The statements between two braces."""
        at, calls = self.skip(start + 1), []
        while at < end:
            stmt = (at, *self.statement(function, at))
            calls.append(stmt)
            at = self.skip(stmt[1])
        for (s1, e1, k1), (s2, e2, k2) in zip(calls, calls[1:]):
            # What is moved into a critical section does there what it did before.
            if None not in (k1, k2) and (k1 == "lock" or k2 == "unlock") and k1 != "unlock":
                self.swap(function, s1, e1, s2, e2)

    def swap(self, function, s1, e1, s2, e2):
        text = self.text
        first, second = text[s1:e1], text[s2:e2]
        self.add(function, "swap", s1, e2, second + text[e1:s2] + first,
                 f"swap {' '.join(first.split())} {' '.join(second.split())}")

    def statement(self, function, at):
        """Returns its end and what it is: the family of a call, 'other', or None."""
        code = self.code
        if code[at] == "{":
            end = closing(code, at)
            self.block(function, at, end)
            return end + 1, None
        word = re.match(r"[A-Za-z_]\w*", code[at:])
        word = word[0] if word else ""
        after = self.skip(at + len(word)) if word else at
        if word in ("case", "default") or (word and code[after] == ":" and word != "default"):
            return self.statement(function, self.skip(code.index(":", at) + 1))
        if word == "do":
            end, _ = self.statement(function, after)
            return code.index(";", end) + 1, None
        if word == "else":
            return self.statement(function, after)[0], None
        if word and code[after] == "(" and word != "sizeof":
            shut = closing(code, after)
            body = self.skip(shut + 1)
            if word in ("if", "while", "for", "switch") or re.match(r"[A-Za-z_{*]", code[body:]):
                return self.control(function, word, after, shut, body), None
        return self.simple(function, at, word, after)

    def control(self, function, word, opened, shut, body):
        """if, loops, and macros that are loops."""
        condition = self.text[opened + 1:shut]
        if word == "if":
            self.add(function, "condition", opened + 1, shut, f"!({condition})",
                     f"negate {' '.join(condition.split())}")
            self.add(function, "condition", opened + 1, shut, "true",
                     f"true for {' '.join(condition.split())}")
            self.add(function, "condition", opened + 1, shut, "false",
                     f"false for {' '.join(condition.split())}")
        end = body + 1 if self.code[body] == ";" else self.statement(function, body)[0]
        if word == "if":
            other = self.skip(end)
            if re.match(r"else\b", self.code[other:]):
                end = self.statement(function, other)[0]
        return end

    def simple(self, function, at, word, after):
        """Up to the semicolon; a call may be left out."""
        end = at
        while self.code[end] != ";":
            end = closing(self.code, end) + 1 if self.code[end] in "([{" else end + 1
        end += 1
        if word in KEYWORDS or not word:
            return end, "other" if not word else None
        called = self.code[after] == "(" and self.skip(closing(self.code, after) + 1) == end - 1
        if called:
            family = family_of_call(word)
            if word.endswith("READ_ONCE") or word == "WRITE_ONCE":
                family = "other"
            else:
                self.add(function, family, at, end, ";",
                         f"delete {' '.join(self.text[at:end].split())}")
            return end, family
        # an assignment, not a declaration
        if re.match(r"[\w\->.\[\]()&+* ]*?\s*([-+|&^*/]|<<|>>)?=[^=]|.*(\+\+|--)\s*;",
                    self.code[at:end]) and not re.match(r"(const |static |struct |unsigned |"
                                                        r"int |long |bool |u\d+ |\w+ \*?\w+)",
                                                        self.code[at:end]):
            return end, "other"
        return end, None

    # Expressions

    def expressions(self, function, start, end):
        self.operands(function, start, end)
        self.constants(function, start, end)
        self.marked(function, start, end)

    def operands(self, function, start, end):
        """Leave out one side of && and ||."""
        code = self.code
        for m in re.finditer(r"&&|\|\|", code[start:end]):
            at = start + m.start()
            left, right = self.left_of(at), self.right_of(at + 2)
            if left is None or right is None:
                continue
            self.add(function, "condition", left, right, self.text[left:at].rstrip())
            self.add(function, "condition", left, right, self.text[at + 2:right].lstrip())

    def left_of(self, at):
        """Where the operand before an operator begins."""
        depth, code = 0, self.code
        for i in range(at - 1, 0, -1):
            if code[i] in ")]}":
                depth += 1
            elif code[i] in "([{":
                depth -= 1
            if depth < 0 or (not depth and (code[i] in ";,?:{}" or code[i - 1:i + 1] in
                                            ("&&", "||") or self.assigns(i))):
                return self.skip(i + 1)
            if not depth and code[i - 5:i + 1] == "return" and not code[i + 1].isalnum():
                return self.skip(i + 1)
        return None

    def assigns(self, i):
        return self.code[i] == "=" and self.code[i - 1] not in "=!<>" and self.code[i + 1] != "="

    def right_of(self, at):
        """Where the operand behind an operator ends."""
        depth, code = 0, self.code
        for i in range(at, len(code)):
            if code[i] in "([{":
                depth += 1
            elif code[i] in ")]}":
                depth -= 1
            if depth < 0 or (not depth and (code[i] in ";,?:" or
                                            code[i:i + 2] in ("&&", "||"))):
                return len(self.code[:i].rstrip())
        return None

    def constants(self, function, start, end):
        """Comparisons, numbers, truth, sums and bits."""
        code = self.code
        for m in re.finditer(r"(?<![<>=!\-+*/&|^])([=!<>]=|[<>])(?![<>=])", code[start:end]):
            if code[start + m.start() - 1:start + m.start() + 1] != "->":
                self.replace(function, start, m, OPERATORS[m[1]])
        for m in re.finditer(r"(?<![\w.])(\d+)(U?L*)\b(?!\.)", code[start:end]):
            n = int(m[1], 8 if m[1].startswith("0") and len(m[1]) > 1 else 10)
            self.replace(function, start, m, f"{n + 1}{m[2]}")
            if n == 1:
                self.replace(function, start, m, f"0{m[2]}")
        for m in re.finditer(r"\b(true|false)\b", code[start:end]):
            self.replace(function, start, m, "false" if m[0] == "true" else "true")
        for m in re.finditer(r"(?<=[\w)\]] )([-+|&])(?= [\w(*&])", code[start:end]):
            self.replace(function, start, m, {"-": "+", "+": "-", "|": "&", "&": "|"}[m[1]])

    def replace(self, function, start, m, new):
        at = start + m.start()
        line = self.code[self.code.rfind("\n", 0, at) + 1:self.code.find("\n", at)]
        col = at - self.code.rfind("\n", 0, at) - 1
        text = self.text[self.code.rfind("\n", 0, at) + 1:self.code.find("\n", at)]
        changed = " ".join((text[:col] + "[" + new + "]" + text[col + len(m[0]):]).split())
        if line.strip():
            self.add(function, "constant", at, at + len(m[0]), new, f"{m[0]} in {changed}")

    def marked(self, function, start, end):
        """A marked access by a plain one."""
        plain = {"READ_ONCE": "({0})", "WRITE_ONCE": "(({0}) = ({1}))",
                 "smp_load_acquire": "(*({0}))", "smp_store_release": "(*({0}) = ({1}))"}
        for m in re.finditer(r"\b(" + "|".join(plain) + r")(?=\()", self.code[start:end]):
            at = start + m.start()
            shut = closing(self.code, start + m.end())
            args = self.arguments(start + m.end() + 1, shut)
            self.add(function, "marked", at, shut + 1, plain[m[1]].format(*args))

    def arguments(self, start, end):
        args, depth, last = [], 0, start
        for i in range(start, end):
            if self.code[i] in "([{":
                depth += 1
            elif self.code[i] in ")]}":
                depth -= 1
            elif self.code[i] == "," and not depth:
                args.append(self.text[last:i].strip())
                last = i + 1
        return args + [self.text[last:end].strip()]
