# SPDX-License-Identifier: GPL-2.0
"""The core's sources as text, and checks of them that must notice planted faults."""
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))
from harness import Suite  # pylint: disable=wrong-import-position,unused-import


class Function:
    """A function definition: name, head, parameters, body, the comment in front."""

    def __init__(self, path, lines, brace):
        first = brace
        before = re.compile(r"^$|^#|[;}]$|^/\*.*\*/$|^ \*/$|^ \*.*\*/$")
        while first and not before.search(lines[first - 1]):
            first -= 1
        end = lines.index("}", brace)
        self.path = path
        self.head = " ".join(line.strip() for line in lines[first:brace])
        self.static = self.head.startswith("static")
        self.body = lines[brace + 1:end]
        named = re.search(r"(\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)", self.head)
        self.name = named[1]
        inner = [p.strip() for p in named[2].split(",")]
        self.parameters = [re.search(r"(\w+)(\[\w*\])?$", p)[1] for p in inner
                           if p and p != "void"]
        self.comment = comment_before(lines, first)

    def __str__(self):
        return f"{self.path}: {self.name}()"


def comment_before(lines, first):
    """The comment that ends on the line before @first, or an empty string."""
    if not first or not lines[first - 1].endswith("*/"):
        return ""
    begin = first - 1
    while not lines[begin].lstrip().startswith("/*"):
        begin -= 1
    return "\n".join(lines[begin:first])


class Tree:
    """The files of the core by path; a check may be given one with faults."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def read(cls):
        files = {}
        for top in ("mm", "sched"):
            for directory, _, names in os.walk(os.path.join(TOP, top)):
                for name in names:
                    path = os.path.join(directory, name)
                    with open(path, encoding="utf-8") as f:
                        files[os.path.relpath(path, TOP)] = f.read()
        return cls(files)

    def with_fault(self, path, old, new):
        assert old in self.files[path], f"{path} has no {old!r} to plant a fault in"
        return Tree({**self.files, path: self.files[path].replace(old, new, 1)})

    def code(self):
        """(path, text) of C files."""
        return [(p, t) for p, t in sorted(self.files.items()) if p.endswith((".c", ".h"))]

    def functions(self):
        for path, text in self.code():
            lines = text.splitlines()
            for number, line in enumerate(lines):
                if line == "{":
                    yield Function(path, lines, number)

    def section(self, title):
        """The text under a heading of autonuma.rst."""
        found = re.search(rf"^{re.escape(title)}\n([-=])\1+\n(.*?)(?=^[^\n]+\n[-=]{{4,}}\n|\Z)",
                          self.files["mm/autonuma.rst"], re.M | re.S)
        assert found, f"autonuma.rst has no section {title}"
        return found[2]


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def simple_table(text):
    """{name: meaning} of the first simple table in @text."""
    body = re.search(r"^=+ =+\n(.*?)^=+ =+$", text, re.M | re.S)[1]
    rows, name = {}, None
    for line in body.splitlines():
        if line[:1].strip():
            name, meaning = line.split(None, 1)
            rows[name] = meaning
        else:
            rows[name] += " " + line.strip()
    return rows


def list_table(text):
    """Rows of the first list-table in @text, each a list of cells."""
    rows = []
    for line in text.splitlines():
        cell = re.match(r"   (\*| ) - (.*)$", line)
        if cell and cell[1] == "*":
            rows.append([cell[2]])
        elif cell:
            rows[-1].append(cell[2])
        elif rows and line.startswith("       "):
            rows[-1][-1] += " " + line.strip()
    return rows[1:]


def add_check(suite, check, *faults):
    """A test that @check has no complaint, and one that it has for each fault."""
    def is_true():
        complaints = check(Tree.read())
        assert not complaints, "\n".join(complaints)

    def is_noticed():
        tree = Tree.read()
        known = check(tree)
        for fault in faults:
            assert len(check(tree.with_fault(*fault))) > len(known), f"unnoticed: {fault[2]!r}"

    suite.add(check.__name__, is_true)
    suite.add(f"{check.__name__}_or_it_is_noticed", is_noticed)
