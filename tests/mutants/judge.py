# SPDX-License-Identifier: GPL-2.0
"""Which tests there are, what each of them calls, and whether one of them sees a mutant."""
import collections
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
import threading

import build

# Seconds. A suite that takes longer is run case by case; a test that does is no fast test.
SPLIT, SLOW = 0.5, 2.0
MANY = 60           # cases of a suite; of one that has more, so many are run

# How tests are run: the variant, options of the test program, and how much longer than on
# the engine replay in the release build one schedule takes. All but "threads" and "races", and
# the tests that choose an engine, are on one thread of the host: they give the same result each
# time and do not mind a busy computer.
WAYS = {
    "replay": ("release", ["--engine", "replay"], 1),
    "threads": ("release", ["--engine", "threads"], 2),
    "search": ("release", ["--engine", "replay", "--strategy", "random"], 1),
    "races": ("tsan", ["--engine", "threads"], 10),
    "every": ("every", ["--engine", "replay", "--memory", "weak", "--strategy", "random"], 4),
    "tsan": ("tsan", ["--engine", "replay", "--strategy", "random"], 6),
}
OPTIONS = {name: options for name, _, options in build.PROGRAMS}
# Of programs of which each case says how it is run.
CHOSEN = {name for name, _, options in build.PROGRAMS if options is None} | set(build.SCRIPTS)
# Schedules of a search: as many as take so many seconds, but no more than that.
BUDGET, MOST = 1.0, 50
AGAIN = 3           # tests that search again with the time that is left


def ways_of(mutant, allowed):
    """A lock that is missing is seen at once, by a search, or by TSan; a plain access by it.
    Half of rcu/ is for the engine of threads alone. What the simulated kernel does between two
    points where another may run only threads do at once."""
    family = mutant.family
    if mutant.source.path.startswith("kernel-compat/rcu/"):
        ways = ["replay", "search", "threads"]
    elif family == "marked":
        ways = ["races", "tsan", "every"]
    elif family in ("lock", "unlock", "swap"):
        ways = ["replay", "search", "tsan"]
        if mutant.source.path.startswith("kernel-compat/"):
            ways.append("races")
    elif family in ("put", "get", "flush", "notifier"):
        ways = ["replay", "search"]
    else:
        ways = ["replay"]
    return [way for way in ways if way in allowed]


class Test:
    """A suite or a case, run in one way. It takes so many seconds on the engine replay."""

    def __init__(self, way, program, name, seconds, calls):
        self.way, self.program, self.name, self.calls = way, program, name, calls
        _, self.options, slower = WAYS[way]
        self.key = f"{way}:{name}"
        self.seconds = self.once = seconds * slower
        self.script = build.script_of(program)
        if program in CHOSEN:
            self.options = []
        elif way == "replay":
            self.options = self.options + OPTIONS[program]
        elif self.is_search():
            self.set_schedules(BUDGET)

    def is_search(self):
        return self.program not in CHOSEN and "--strategy" in WAYS[self.way][1]

    def set_schedules(self, budget):
        """Search for so many seconds."""
        nr = min(max(int(budget / (self.seconds + 0.001)), 1), MOST)
        self.options = self.options + ["--schedules", str(nr)]
        self.seconds *= nr

    def again(self, budget):
        """The same search of other schedules, for so many seconds."""
        test = Test(self.way, self.program, self.name, 0, self.calls)
        test.seconds = self.once
        test.options = WAYS[self.way][1] + ["--seed", str(MOST + 1)]
        test.set_schedules(budget)
        return test

    def command(self, program):
        if self.script:
            return [sys.executable, self.script, program]
        return [program, "--filter", re.sub(r"([\[\]*?\\])", r"\\\1", self.name),
                "--fail-fast", "--no-shrink", *self.options]


class Tests:
    """All fast tests in all ways, with times and the functions they call."""

    def __init__(self, variants, files, work, jobs, say, stop):
        self.variants, self.work, self.say, self.stop = variants, work, say, stop
        self.files, self.jobs = files, jobs
        self.tests = {}         # by way
        self.dropped = []       # those that are not run, and why
        self.callers = collections.Counter()    # how many tests call a function
        self.sound = {}         # by key: does it pass unchanged?
        self.lock = threading.Lock()

    def measure(self, ways):
        """Run everything unchanged, or read what that gave the last time."""
        cache = os.path.join(self.work, "tests.json")
        known = {}
        if os.path.exists(cache):
            with open(cache, encoding="utf-8") as f:
                known = json.load(f)
        stamp = self.stamp()
        if known.get("stamp") != stamp:
            known = {"stamp": stamp, **self.measure_all()}
            with open(cache, "w", encoding="utf-8") as f:
                json.dump(known, f)
        self.dropped = known["dropped"]
        self.callers.update(fn for _, _, _, called in known["tests"] for fn in called)
        for way in ways:
            self.tests[way] = [Test(way, p, n, s, set(c)) for p, n, s, c in known["tests"]
                               if p in self.variants[WAYS[way][0]].programs and
                               (way == "replay" or p not in CHOSEN) and
                               s * WAYS[way][2] * (way != "replay") <= 2 * SLOW]
            if way == "replay":
                self.sound.update({t.key: True for t in self.tests[way]})

    def stamp(self):
        """Changes when a program does, or which files are looked at."""
        h = hashlib.sha256(" ".join(self.files).encode())
        variant = self.variants["release"]
        for name in variant.programs:
            with open(variant.program(name), "rb") as f:
                h.update(f.read())
        return h.hexdigest()

    def measure_all(self):
        variant = self.variants["release"]
        found, dropped, suites = [], [], []
        for name in variant.programs:
            program, symbols = self.instrumented(variant, name)
            if name in build.SCRIPTS:
                suites.append((name, program, symbols, f"script-{name}", []))
                continue
            # there are fewer cases where each takes longer
            options = Test("replay", name, "", 0, ()).options
            done = subprocess.run([program, "--list", *options], text=True,
                                  stdout=subprocess.PIPE, check=True)
            cases = collections.defaultdict(list)
            for line in done.stdout.splitlines():
                cases[line.split(".")[0]].append(line)
            suites += [(name, program, symbols, suite, cases[suite]) for suite in cases]
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            running = [pool.submit(self.measure_suite, *suite) for suite in suites]
            for nr, one in enumerate(concurrent.futures.as_completed(running), 1):
                self.say(f"{nr} of {len(suites)} suites run unchanged")
                found += one.result()[0]
                dropped += one.result()[1]
        return {"tests": found, "dropped": dropped}

    def measure_suite(self, name, program, symbols, suite, cases):
        """The suite as a whole, and if that takes long its cases; (tests, not run)."""
        found, dropped = [], []
        whole = self.measure_one(name, program, symbols, suite)
        if whole and whole[2] <= SPLIT:
            return [whole], []
        if not cases:
            return [], [f"{suite}: {'slow' if whole else 'fails unchanged'}"]
        step = -(-len(cases) // MANY)
        if step > 1:
            dropped.append(f"{suite}: {'slow' if whole else 'fails unchanged'}, "
                           f"one case of {step} is run")
        for case in cases[::step]:
            one = self.measure_one(name, program, symbols, case)
            if one and one[2] <= SLOW:
                found.append(one)
            else:
                dropped.append(f"{case}: {'slow' if one else 'fails unchanged'}")
        return found, dropped

    def measure_one(self, name, program, symbols, test):
        """(program, test, seconds, functions called), or None: it fails."""
        here = os.path.join(self.work, f"measure{threading.get_ident() % 9973}")
        one = Test("replay", name, test, 0, ())
        status, seconds = build.run(one.command(program), here + ".output", 3 * SLOW, self.stop,
                                    {"MUTANTS_CALLS": here + ".calls"})
        if status and status != "timeout":
            # stacks are deeper there, and a test may look at them
            plain = self.variants["release"].program(name)
            status, seconds = build.run(one.command(plain), here + ".output", 3 * SLOW, self.stop)
            if status:
                return None
        with open(here + ".calls", "rb") as f:
            data = f.read()
        os.remove(here + ".calls")
        called = {fn for at, fn in symbols.items() if at < len(data) and data[at]}
        return (name, test, round(seconds, 3), sorted(called))

    def is_sound(self, test):
        """Does it pass unchanged in this way? Asked when it failed, which is seldom."""
        if test.key not in self.sound:
            variant = self.variants[WAYS[test.way][0]]
            output = os.path.join(self.work, f"sound{threading.get_ident() % 9973}.output")
            status, _ = build.run(test.command(variant.program(test.program)), output,
                                  5 + 20 * test.seconds, self.stop)
            self.sound[test.key] = not status
            if status:
                self.dropped.append(f"{test.key}: fails unchanged")
        return self.sound[test.key]

    def instrumented(self, variant, name):
        """The program with the mutants' files saying what they call; function by offset."""
        instead = {}
        for file in self.files:
            instead[file] = variant.object_of(file) + ".calls"
            variant.compile(file, instead[file], more=["-finstrument-functions"])
        runtime = os.path.join(self.work, "calls.o")
        here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls.c")
        subprocess.run(["cc", "-O1", "-o", runtime, "-c", here], check=True)
        program = variant.program(name) + ".calls"
        if not variant.link(variant.programs[name], program, instead, [runtime]):
            raise build.Failed(f"{program} does not link")
        symbols, base = {}, 0
        done = subprocess.run(["nm", program], text=True, stdout=subprocess.PIPE, check=True)
        for line in done.stdout.splitlines():
            parts = line.split()
            if len(parts) == 3 and parts[2] == "__executable_start":
                base = int(parts[0], 16)
            elif len(parts) == 3 and parts[1] in "tT":
                symbols[int(parts[0], 16)] = parts[2].split(".")[0]
        return program, {at - base: fn for at, fn in symbols.items()}


class Judge:
    """Compiles mutants and runs tests on them until one fails."""

    def __init__(self, tests, ways, seconds, stop):
        self.tests, self.ways, self.seconds, self.stop = tests, ways, seconds, stop
        self.kills = collections.Counter()      # by (function or file, test)
        self.lock = threading.Lock()

    def order(self, way, mutant):
        """Tests that call the mutant's function: first those named like its file or directory, then
        those that saw the most of its kind, then those that call the most of its file, and what
        few others call, for each second that they take."""
        path = mutant.source.path
        names = (os.path.splitext(os.path.basename(path))[0],
                 os.path.basename(os.path.dirname(path)))
        functions = {function for function, _, _ in mutant.source.functions()}
        # what only threads call was not seen when the calls were
        wanted = [t for t in self.tests.tests[way]
                  if (mutant.function in t.calls or
                      way == "threads" and any(name in t.name for name in names)) and
                  self.tests.sound.get(t.key, True)]

        def merit(test):
            kills = 8 * self.kills[path, mutant.function, test.key] + self.kills[path, test.key]
            near = sum(1 / self.tests.callers[fn] for fn in test.calls & functions)
            suite = set(test.name.split(".")[0].split("-"))
            return (suite.isdisjoint(names),
                    -kills / (test.seconds + 0.02), -near / (test.seconds + 0.05))
        with self.lock:
            wanted.sort(key=merit)
        # of a suite with many cases ten at a time, or there would be no time for others
        turns = collections.Counter()

        def turn(test):
            suite = test.name.split(".")[0]
            turns[suite] += 1
            return turns[suite] // 10
        return sorted(wanted, key=turn)

    def judge(self, mutant, directory):
        """Returns the verdict and, if it was killed, by what."""
        os.makedirs(directory, exist_ok=True)
        text = os.path.join(directory, os.path.basename(mutant.source.path))
        same = None
        for way in ways_of(mutant, self.ways):
            variant = self.tests.variants[WAYS[way][0]]
            obj = os.path.join(directory, f"{variant.preset}.o")
            if not self.compile(variant, mutant, text, obj):
                return "invalid", None
            if self.is_same(variant, mutant, text, obj):
                same = same is None or same
                continue
            same = False
            by = self.run_tests(way, variant, mutant, obj, directory)
            if by:
                return "killed", by
        if same is None:
            return "not run", None
        return ("same", None) if same else ("survived", None)

    @staticmethod
    def compile(variant, mutant, text, obj):
        with open(text, "w", encoding="utf-8") as f:
            f.write(mutant.text())
        return variant.compile(mutant.source.path, obj, text)

    @staticmethod
    def is_same(variant, mutant, text, obj):
        """The compiler makes the same of it: nothing was changed."""
        original = obj + "." + mutant.source.path.replace("/", "+")
        if not os.path.exists(original):
            with open(text, "w", encoding="utf-8") as f:
                f.write(mutant.source.text)
            variant.compile(mutant.source.path, original, text)
        with open(obj, "rb") as a, open(original, "rb") as b:
            return a.read() == b.read()

    def run_tests(self, way, variant, mutant, obj, directory):
        """All tests, then searches of the first ones again. Returns which one fails, or None."""
        linked, left, searches = {}, self.seconds, []
        for test in self.order(way, mutant):
            if linked and test.seconds > left:
                continue
            left -= test.seconds
            if test.is_search() and len(searches) < AGAIN:
                searches.append(test)
            by = self.run_test(test, variant, mutant, obj, directory, linked)
            if by:
                return by
        for test in searches:
            if left < test.once:
                break
            by = self.run_test(test.again(left / len(searches)), variant, mutant, obj, directory,
                               linked)
            if by:
                return by
        return None

    def run_test(self, test, variant, mutant, obj, directory, linked):
        if self.stop.is_set():
            raise KeyboardInterrupt
        if test.program not in linked:
            program = os.path.join(directory, test.program)
            if not variant.link(variant.programs[test.program], program,
                                {mutant.source.path: obj}):
                return None
            linked[test.program] = program
        status, _ = build.run(test.command(linked[test.program]),
                              os.path.join(directory, "output"),
                              2 + 10 * test.seconds, self.stop)
        if status and self.tests.is_sound(test):
            path = mutant.source.path
            with self.lock:
                self.kills[path, test.key] += 1
                self.kills[path, mutant.function, test.key] += 1
            return test.key + (" (timeout)" if status == "timeout" else "")
        return None


class Equivalents:
    """Mutants that are argued to change nothing; by name, see the file."""

    def __init__(self, path):
        self.patterns = []
        self.used = set()
        if not os.path.exists(path):
            return
        with open(path, encoding="utf-8") as f:
            for line in f:
                line = line.strip()
                if line and not line.startswith("#"):
                    self.patterns.append(line)

    def has(self, mutant):
        name = mutant.name
        for p in self.patterns:
            if name == p or (p.endswith(" ...") and name.startswith(p[:-4])):
                self.used.add(p)
                return True
        return False

    def unused(self, files):
        """Names of mutants of these files that are none any more."""
        return [p for p in self.patterns if p.split(":")[0] in files and p not in self.used]
