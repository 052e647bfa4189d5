# SPDX-License-Identifier: GPL-2.0
"""What the benchmark's integration tests share: run the program, count, report as TAP."""
import json
import subprocess
import sys
import tempfile
import traceback

# The program is built with a sanitizer, ten times as slow: less is run of what others run whole.
SANITIZED = "--sanitized" in sys.argv


class Suite:
    """Test functions, run in order; prints TAP and "N passed, M failed"."""

    def __init__(self, name):
        self.name = name
        self.tests = []
        self.program = sys.argv[1] if len(sys.argv) > 1 else None
        self.directory = tempfile.TemporaryDirectory(prefix="autonuma-bench-")

    def test(self, function):
        """Decorator: the function's name is the sentence it proves."""
        self.tests.append((function.__name__, function, ()))
        return function

    def figures(self, function):
        """Decorator: a test of what figures say, in which a sanitized program would do nothing
        that it does not do in other tests."""
        return function if SANITIZED else self.test(function)

    def add(self, name, function, *args):
        self.tests.append((name, function, args))

    def run_program(self, *args, stdin="", status=0):
        """Run the benchmark in a directory of its own; returns the finished process."""
        done = subprocess.run([self.program, *args], input=stdin, text=True,
                              capture_output=True, cwd=self.directory.name,
                              timeout=300, check=False)
        assert done.returncode == status, (
            f"{' '.join(args)}: exit status {done.returncode}, not {status}\n"
            f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done

    def json_all(self, *args):
        """Run with --json; returns all of what it printed."""
        done = self.run_program("--json", *args)
        assert done.stderr == "", f"standard error is not silent: {done.stderr}"
        return json.loads(done.stdout)

    def json(self, *args):
        """Run with --json; returns the list of runs."""
        return self.json_all(*args)["runs"]

    def main(self):
        if not self.program:
            sys.exit(f"usage: {sys.argv[0]} AUTONUMA-BENCH")
        print(f"1..{len(self.tests)}")
        failed = 0
        for number, (name, function, args) in enumerate(self.tests, 1):
            try:
                function(*args)
                print(f"ok {number} - {name}", flush=True)
            except Exception:  # every failure is one failed test
                failed += 1
                print(f"not ok {number} - {name}")
                print("".join(f"# {line}\n"
                              for line in traceback.format_exc().splitlines()), flush=True)
        print(f"# {self.name}: {len(self.tests) - failed} passed, {failed} failed, 0 skipped")
        sys.exit(1 if failed else 0)
