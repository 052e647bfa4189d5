#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""hooks.py on trees that miss something. Usage: hooks_test.py TREE, one that has the hooks.

Each file with hooks is taken away, and each line next to which a hook stands; hooks.py must
say which file, change nothing and fail. Prints "N passed, M failed".
"""
import difflib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
HOOKS = TOP / "kernel-compat/linux-6.12/hooks.py"
sys.path.insert(0, str(HOOKS.parent))
import hooks  # noqa: E402


def run(tree):
    """Exit status and what it said."""
    done = subprocess.run([sys.executable, HOOKS, tree], capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout + done.stderr


def contents(tree):
    """All files."""
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def refuses(tree, name):
    """hooks.py names the file, in one line, and changes nothing."""
    before = contents(tree)
    status, said = run(tree)
    return status != 0 and name in said and said.count("\n") == 1 and contents(tree) == before


def anchors(before, after):
    """Numbers of the lines of before that a hook stands after or before."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, _, _, _ in matcher.get_opcodes():
        if tag == "insert":
            yield start


def main():
    """Try all."""
    if len(sys.argv) != 2 or not Path(sys.argv[1], hooks.BEFORE).is_dir():
        sys.exit("usage: hooks_test.py TREE, a tree in which hooks.py has inserted the hooks")
    hooked = Path(sys.argv[1])
    passed, failed = 0, []

    def check(good, what):
        nonlocal passed
        if good:
            passed += 1
        else:
            failed.append(what)

    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        (tree / "Makefile").touch()
        for file, _ in hooks.HOOKS:
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(hooked / hooks.BEFORE / file, tree / file)
        pristine = contents(tree)
        for file, _ in hooks.HOOKS:
            path = tree / file
            text = path.read_text()
            path.unlink()
            check(refuses(tree, file), f"{file} is missing")
            lines = text.splitlines(keepends=True)
            for at in anchors(lines, (hooked / file).read_text().splitlines(keepends=True)):
                # The anchor is next to it; how far depends on empty lines.
                for gone in (at - 1, at, at - 2, at + 1):
                    path.write_text("".join(lines[:gone] + lines[gone + 1:]))
                    if refuses(tree, file):
                        break
                    shutil.rmtree(tree / hooks.BEFORE, ignore_errors=True)
                    for other, _ in hooks.HOOKS:
                        (tree / other).write_bytes(pristine[tree / other])
                else:
                    check(False, f"{file}: hook at line {at + 1} without its anchor")
                    continue
                check(True, "")
            path.write_text(text)
        status, _ = run(tree)
        check(status == 0, "a tree with everything")
        once = contents(tree)
        check(run(tree)[0] == 0 and contents(tree) == once, "hooks inserted twice")
    for what in failed:
        print(f"FAILED hooks.py: {what}")
    print(f"{passed} passed, {len(failed)} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
