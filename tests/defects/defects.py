#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Plant known defects, one at a time, and see whether the tests notice.

Each tests/defects/NAME.patch is one defect: a few lines that say what and where to look, then a
diff of the core. It is applied to a copy of the sources under build/defects. The tests that it
names, programs or scripts, are built there, and run while the next defects are built: once as
they are, and, if that notices nothing, on the engine replay under more and more schedules. Defects
that are races (race-*) are searched at once, and for comparison run on the engine threads under
TSan, again and again for as long as the search may take. All times are CPU time of the tests, so
they do not depend on what else the computer does. The last line is "defects: K of M caught"; the
exit status is 1 if any was missed, 2 if a patch does not apply or does not compile.
"""
import argparse
import concurrent.futures
import glob
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build", "defects")
TREE = os.path.join(BUILD, "tree")
# What was built with a defect planted: a directory for each, while its tests run.
RUNS = os.path.join(BUILD, "runs")
# One after the other with more and more schedules of each case, until the time is up. Time
# that passes while others run (timer) gives more schedules, and each bug a smaller part of them.
STRATEGIES = (("portfolio", "rcu,softirq"), ("portfolio", "all"), ("dfs:1", "none"))
SCHEDULES = (20, 100, 400, 1600, 6400, 25600)


class Defect:
    """One patch and what its header says."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len(".patch")]
        with open(path, encoding="utf-8") as file:
            header, self.diff = file.read().split("\n---\n", 1)
        fields = dict(re.findall(r"^(\w+): *(.*)$", header.split("\n\n")[0], re.M))
        self.subject = fields["Subject"]
        self.test = fields["Test"]
        self.filter = fields.get("Filter", "")
        self.files = re.findall(r"^\+\+\+ b/(\S+)$", self.diff, re.M)

        self.is_race = self.name.startswith("race-")

    def named(self, extension):
        """The tests it names with such sources, as NAME.NAME.NAME; each may be a glob."""
        paths = [p for test in self.test.split() for p in
                 glob.glob(os.path.join(TOP, "tests", test.replace(".", "/") + extension))]
        return [os.path.relpath(p, os.path.join(TOP, "tests"))[:-len(extension)].replace("/", ".")
                for p in sorted(paths)]

    def programs(self):
        return self.named(".c")

    def scripts(self):
        return self.named(".py")


def tell(text):
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text:.100}", end="", file=sys.stderr, flush=True)


def copy_sources():
    """Bring the copy up to date; what did not change keeps its time, so that little is built."""
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=TOP, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"defects: {done.stderr.strip()}")
    names = [n for n in done.stdout.split("\n") if os.path.isfile(os.path.join(TOP, n))]
    for name in names:
        restore(name)
    kept = set(names)
    for directory, subdirectories, files in os.walk(TREE):
        if directory == TREE and "build" in subdirectories:
            subdirectories.remove("build")
        for file in files:
            path = os.path.join(directory, file)
            if os.path.relpath(path, TREE) not in kept:
                os.remove(path)


def restore(name):
    """Make one file of the copy what it is in the sources."""
    source, copy = os.path.join(TOP, name), os.path.join(TREE, name)
    with open(source, "rb") as file:
        wanted = file.read()
    if os.path.exists(copy):
        with open(copy, "rb") as file:
            if file.read() == wanted:
                return
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    with open(copy, "wb") as file:
        file.write(wanted)
    shutil.copymode(source, copy)


def apply(defect, tree, *options):
    """Plant it in the sources at @tree."""
    done = subprocess.run(["patch", "-p1", "--silent", "--fuzz=0", "--no-backup-if-mismatch",
                           *options], cwd=tree, input=defect.diff, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        print(f"defects: {defect.name} does not apply: {done.stdout.strip()}", file=sys.stderr)
        sys.exit(2)


def check(defects):
    """Nothing is built or changed: do all of them still apply, and do their tests exist?"""
    for defect in defects:
        if not defect.programs() + defect.scripts():
            print(f"defects: {defect.name}: there is no test {defect.test}", file=sys.stderr)
            sys.exit(2)
        apply(defect, TOP, "--dry-run")
    print(f"# defects: {len(defects)} passed, 0 failed, 0 skipped")


def build(preset, programs):
    """Build the test programs in the copy."""
    done = subprocess.run([os.path.join(TREE, "scripts", "build"), preset, *programs], cwd=TREE,
                          text=True, capture_output=True, check=False)
    if done.returncode:
        print(f"\ndefects: {preset} does not build:\n{done.stderr[-3000:]}", file=sys.stderr)
        sys.exit(2)


class Clock:
    """Runs tests and adds up the CPU time that they take."""

    def __init__(self, directory, limit):
        self.directory = directory
        self.limit = limit
        self.spent = 0.0

    def is_up(self):
        return self.spent >= self.limit

    def run(self, command, limit=None):
        """Run one test. Returns its exit status, or None if it did not end; and what it said."""
        left = limit or self.limit - self.spent
        with tempfile.TemporaryFile() as output:
            child = subprocess.Popen(["prlimit", f"--cpu={math.ceil(left)}", "--core=0", *command],
                                     cwd=self.directory, stdout=output, stderr=output)
            # One that waits for ever takes no CPU time.
            timer = threading.Timer(300 + 20 * left, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            timer.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            said = output.read().decode(errors="replace")
        self.spent += usage.ru_utime + usage.ru_stime
        if -child.returncode in (signal.SIGXCPU, signal.SIGKILL):
            return None, said
        return child.returncode, said

    def program(self, defect, preset, name, *args):
        """
        Run a test program, restricted to the cases that the defect names, up to the first one
        that fails. What fails is found; to search for a shorter schedule takes its own time.
        """
        return self.run([os.path.join(self.directory, preset, name), "--fail-fast", "--no-shrink",
                         *args,
                         *(["--filter", defect.filter] if defect.filter else [])])


def check_that(said):
    """The first line of a report that says what is wrong."""
    for pattern in (r"^(?:violation|WARNING|BUG|ERROR: \w+Sanitizer|==\d+==ERROR): .*",
                    r"(?:EXPECTATION|ASSERTION) FAILED at .*", r"^not ok \d+ - .*"):
        line = re.search(pattern, said, re.M)
        if line:
            return line[0]
    return said.strip().split("\n")[-1] if said.strip() else "it ended without a word"


def look(defect, clock):
    """Run its tests as `make check` does. Returns a dictionary of what was found, and by what."""
    for name in defect.scripts() + defect.programs():
        if name in defect.scripts():
            path = os.path.join(clock.directory, "tree", "tests", name.replace(".", "/") + ".py")
            status, said = clock.run(["python3", path], 10 * clock.limit)
        else:
            status, said = clock.program(defect, "release", name)
        if status != 0:
            return {"found": True, "schedules": 0, "seconds": clock.spent, "strategy": "plain",
                    "program": name, "report": check_that(said) if said else "it did not end"}
        clock.spent = 0
    return {"found": False, "schedules": 0}


def search(defect, clock):
    """Look for it on the engine replay. Returns a dictionary of what was found and how."""
    tried = 0
    for schedules in SCHEDULES:
        for strategy, interrupts in STRATEGIES:
            for program in defect.programs():
                if clock.is_up():
                    return {"found": False, "schedules": tried}
                status, said = clock.program(defect, "release", program, "--engine", "replay",
                                             "--strategy", strategy, "--interrupts", interrupts,
                                             "--schedules", str(schedules),
                                             "--seed", str(schedules))
                tried += sum(int(n) for n in re.findall(r": (\d+) schedules, ", said))
                if status:
                    return {"found": True, "schedules": tried + 1, "strategy": strategy,
                            "seconds": clock.spent, "program": program,
                            "report": check_that(said)}
    return {"found": False, "schedules": tried}


def stress(defect, clock):
    """Look for it on the engine threads under TSan, for as long as the search may take."""
    runs = 0
    while True:
        for program in defect.programs():
            if clock.is_up():
                return {"found": False, "runs": runs}
            status, said = clock.program(defect, "tsan", program, "--seed", str(runs + 1))
            if status:
                return {"found": True, "runs": runs + 1, "program": program,
                        "seconds": clock.spent, "report": check_that(said)}
        runs += 1


def row(defect, result):
    """One line of the table."""
    text = f"{defect.subject:44.44}"
    if result["found"]:
        text += (f"{result['strategy']:>9} {result['schedules'] or '':>9} "
                 f"{result['seconds']:7.1f} s")
    else:
        text += f"{'missed':>9} {result['schedules'] or '':>9} {'':9}"
    threads = result.get("threads")
    if threads:
        text += (f" {threads['runs']:5} {threads['seconds']:7.1f} s" if threads["found"]
                 else f" {threads['runs']:5}    missed")
    else:
        text += f" {'':15}"
    return (text + f"   {result.get('report', ''):.70}").rstrip()


def plant(defect, args, directory):
    """Build the tests of one defect into @directory; the copy is as it was afterwards."""
    before = {}
    for name in defect.files:
        with open(os.path.join(TREE, name), "rb") as file:
            before[name] = file.read()
    presets = ["release"] if defect.programs() else []
    if defect.is_race and not args.no_threads:
        presets.append("tsan")
    try:
        apply(defect, TREE)
        for preset in presets:
            build(preset, defect.programs())
            os.makedirs(os.path.join(directory, preset))
            for name in defect.programs():
                shutil.copy(os.path.join(TREE, "build", preset, "tests", name),
                            os.path.join(directory, preset, name))
        if defect.scripts():
            shutil.copytree(TREE, os.path.join(directory, "tree"),
                            ignore=shutil.ignore_patterns("build"))
    finally:
        for name, text in before.items():
            with open(os.path.join(TREE, name), "wb") as file:
                file.write(text)


def hunt(defect, args, directory):
    """Look for one defect with what was built in @directory. Returns what was found."""
    result = {"found": False}
    if not defect.is_race:
        result = look(defect, Clock(directory, args.limit))
    if not result["found"] and defect.programs():
        result = search(defect, Clock(directory, args.limit))
    if defect.is_race and not args.no_threads:
        result["threads"] = stress(defect, Clock(directory, args.limit_threads or args.limit))
    shutil.rmtree(directory)
    return result


def hunt_all(defects, args):
    """Plant one after the other, and look for those that are built. Yields results in order."""
    shutil.rmtree(RUNS, ignore_errors=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = []
        told = 0
        for number, defect in enumerate(defects, 1):
            tell(f"{number} of {len(defects)}: building: {defect.subject}")
            directory = os.path.join(RUNS, defect.name)
            try:
                plant(defect, args, directory)
            except SystemExit:
                pool.shutdown(cancel_futures=True)
                raise
            futures.append(pool.submit(hunt, defect, args, directory))
            while told < number and (futures[told].done() or number == len(defects)):
                tell("searching" if number == len(defects) else "")
                result = futures[told].result()
                tell("")
                yield defects[told], result
                told += 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--limit", type=float, default=60, metavar="S",
                        help="seconds to look for each on each engine (60)")
    parser.add_argument("--limit-threads", type=float, metavar="S",
                        help="seconds to look for each on host threads (as --limit)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N",
                        help="look for so many at once (as many as there are CPUs)")
    parser.add_argument("--no-threads", action="store_true",
                        help="the engine replay only, nothing to compare with")
    parser.add_argument("--check", action="store_true",
                        help="see only whether each still applies")
    parser.add_argument("--json", action="store_true", help="the results as JSON")
    args = parser.parse_args()
    if args.limit <= 0:
        parser.error(f"--limit {args.limit:g}: a time in seconds, more than 0")
    if args.limit_threads is not None and args.limit_threads <= 0:
        parser.error(f"--limit-threads {args.limit_threads:g}: a time in seconds, more than 0")
    if args.jobs < 1:
        parser.error(f"--jobs {args.jobs}: a number, 1 or more")
    return args


def main():
    args = parse_args()
    paths = sorted(glob.glob(os.path.join(TOP, "tests", "defects", "*.patch")))
    defects = [Defect(p) for p in paths]
    for name in set(args.names) - {d.name for d in defects}:
        print(f"defects: there is no tests/defects/{name}.patch", file=sys.stderr)
        sys.exit(2)
    defects = [d for d in defects if not args.names or d.name in args.names]

    if args.check:
        check(defects)
        return
    copy_sources()
    results = {}
    if not args.json:
        print(f"{'':44}{'found by':>9} {'schedules':>9} {'in':>9} {'runs':>5} {'TSan in':>9}   "
              "seen as")
    for defect, result in hunt_all(defects, args):
        results[defect.name] = {"subject": defect.subject, **result}
        if not args.json:
            print(row(defect, result), flush=True)
    caught = sum(r["found"] for r in results.values())
    if args.json:
        print(json.dumps({"defects": results, "caught": caught, "of": len(results)}, indent=1))
    else:
        print(f"defects: {caught} of {len(results)} caught")
    sys.exit(caught < len(results))


if __name__ == "__main__":
    main()
