# SPDX-License-Identifier: GPL-2.0
"""All unit tests as one program, so that a mutant costs one compilation and one link."""
import collections
import concurrent.futures
import hashlib
import json
import os
import re
import resource
import select
import shlex
import shutil
import signal
import subprocess
import time

# Which program a test belongs to, by its text, and options of that: what a test says once for
# the whole program is not for those of others. The first that matches.
PROGRAMS = (
    ("apart", r"directed_use\(\)", None),                   # its cases choose an engine
    ("random", r"replay_strategy\(\)|litmus\.h", ["--strategy", "random"]),
    ("timed", r"REPLAY_TIME_PASSES|races\.h", []),          # time passes at any moment
    ("tests", r"", []),
)
# Those that define trace points, all the same ones, cannot be together in one.
LEFT_OUT = "CREATE_TRACE_POINTS"
TESTS = re.compile(r"tests/(unit/(?!bench/)|conformance/|locking/)")
# What is printed is looked at by a script that runs a program.
SCRIPTS = {
    "stuck": ("tests/integration/locking/planted.c", "tests/integration/locking/stuck.py"),
    "inject": ("tests/integration/inject/planted.c", "tests/integration/inject/inject.py"),
}
LIBRARIES = ("liburcu-memb", "cmocka", "json-c")
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COMPILE_TIMEOUT = 120
OUTPUT_LIMIT = 16 << 20
WAIT_TIMES = 8     # seconds for each second of CPU time


class Failed(Exception):
    """Something that has to work for any mutant did not; the text says what."""


def script_of(program):
    """The path of the script that runs this program, or None: it is one of tests."""
    return os.path.join(TOP, SCRIPTS[program][1]) if program in SCRIPTS else None


def in_order(common, tests, library):
    """As CMake links them: marks say which static data begins anew and is in snapshots, see
    exec/statics.c. What is not in the library, KUnit's runner, comes last."""
    place = {file: nr for nr, file in enumerate(library)}
    return tests + sorted(common, key=lambda file: place.get(file, len(place)))


class Variant:
    """One way of compiling: a preset of CMake, and its objects in a directory of ours."""

    def __init__(self, root, work, preset, say, tests):
        self.root, self.preset, self.say, self.tests = root, preset, say, tests
        self.directory = os.path.join(work, preset)
        # shared: most of what "every" needs is what "release" has
        self.objects = os.path.join(work, "objects")
        os.makedirs(self.directory, exist_ok=True)
        os.makedirs(self.objects, exist_ok=True)
        self.commands, self.library = self.read_commands()
        self.sanitized = preset != "release"
        # those of most: "every" compiles the core for TSan, and links it without
        uses = collections.Counter(flag for command in self.commands.values()
                                   for flag in set(command) if flag.startswith("-fsanitize="))
        self.link_flags = [flag for flag, nr in uses.items() if 2 * nr > len(self.commands)]

    def read_commands(self):
        """The compiler's arguments for each file, by path from the top; and the files of the
        simulated kernel and the core in the order of linking."""
        build = os.path.join(self.root, "build", self.preset)
        path = os.path.join(build, "compile_commands.json")
        if os.path.exists(os.path.join(self.root, "CMakePresets.json")):
            done = subprocess.run(["scripts/configure", self.preset], cwd=self.root, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            if done.returncode:
                raise Failed(f"scripts/configure {self.preset}: {done.stdout[-2000:]}")
        commands, made_of = {}, {}
        with open(path, encoding="utf-8") as f:
            for entry in json.load(f):
                file = os.path.relpath(entry["file"], self.root)
                args = [a for a in shlex.split(entry["command"])]
                if args[0].endswith("ccache"):
                    args = args[1:]
                at = args.index("-o")
                made_of[args[at + 1]] = file
                del args[at:at + 2]
                args.remove("-c")
                args = [a for a in args
                        if not re.match(r"-(O[0-3g]|g[0-3]?)$", a) and a != entry["file"]]
                if "AUTONUMA_COMPILED_OUT" not in " ".join(args):
                    commands.setdefault(file, args + ["-O1", "-g0", "-w"])
        return commands, [made_of[obj] for obj in self.objects_of_library(build)]

    def require(self, files):
        """Each is compiled."""
        missing = sorted(files - set(self.commands))
        if missing:
            raise Failed(f"{', '.join(missing)} is in no program of tests: "
                         "leave it out of --files")

    @staticmethod
    def objects_of_library(directory):
        """Of the simulated kernel and the core, as CMake lists them; none where it is not used."""
        path = os.path.join(directory, "build.ninja")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as f:
            found = re.search(r"^build libshim\.a: \S+ ([^|\n]*)", f.read(), flags=re.M)
        if not found:
            raise Failed(f"{path} has no libshim.a")
        return found[1].split()

    def sources(self):
        """(files of every program, files of each program by its name)."""
        common, programs = [], collections.defaultdict(list)
        for file in sorted(self.commands):
            if TESTS.match(file):
                with open(os.path.join(self.root, file), encoding="utf-8") as f:
                    text = f.read()
                if LEFT_OUT not in text and self.tests.search(file):
                    name = next(n for n, pattern, _ in PROGRAMS if re.search(pattern, text))
                    programs[name].append(file)
            elif re.match(r"(kernel-compat|mm|sched)/", file):
                common.append(file)
        for name, (file, _) in SCRIPTS.items():
            if file in self.commands and not self.sanitized:
                programs[name] = sorted(f for f in self.commands
                                        if os.path.dirname(f) == os.path.dirname(file))
        return common, programs

    def object_of(self, file):
        made_by = hashlib.sha256(" ".join(self.commands[file]).encode()).hexdigest()[:12]
        return os.path.join(self.objects, f"{file.replace('/', '+')}.{made_by}.o")

    def compile(self, file, output, text_in=None, more=()):
        """Compile a file, or a changed copy of it. Returns whether that worked."""
        args = list(self.commands[file])
        path = os.path.join(self.root, file)
        if text_in:
            # what it includes from its own directory is found there still
            args += ["-iquote", os.path.dirname(path)]
        elif shutil.which("ccache"):
            args.insert(0, "ccache")
        args += [*more, "-o", output, "-c", text_in or path]
        try:
            done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  cwd=self.directory, check=False, timeout=COMPILE_TIMEOUT)
        except subprocess.TimeoutExpired:
            return False
        if done.returncode and not text_in:
            raise Failed(f"{file} does not compile:\n{done.stdout.decode()[-2000:]}")
        return not done.returncode

    def link(self, files, output, instead=None, more=()):
        """A program of the objects of these files, one of them perhaps another object."""
        instead = instead or {}
        cc = self.commands[files[0]][0]
        libraries = shlex.split(subprocess.run(["pkg-config", "--libs", *LIBRARIES], text=True,
                                               stdout=subprocess.PIPE, check=True).stdout)
        response = output + ".objects"
        with open(response, "w", encoding="utf-8") as f:
            f.write("\n".join([instead.get(file) or self.object_of(file) for file in files] +
                              list(more)))
        linker = ["-fuse-ld=gold"] if shutil.which("ld.gold") else []
        done = subprocess.run([cc, *linker, "-rdynamic", *self.link_flags,
                               # of two tests with functions of one name
                               "-Wl,-z,muldefs", "-o", output,
                               "@" + response, *libraries, "-lpthread", "-ldl", "-lm"],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        if done.returncode and not instead:
            raise Failed(f"{output} does not link:\n{done.stdout[-3000:]}")
        return not done.returncode

    def is_fresh(self, file):
        """Is its object newer than all that it was made of?"""
        obj = self.object_of(file)
        try:
            with open(obj + ".d", encoding="utf-8") as f:
                made_of = f.read().replace("\\\n", " ").split(":", 1)[1].split()
            made = os.stat(obj).st_mtime_ns
            return all(os.stat(os.path.join(self.directory, path)).st_mtime_ns < made
                       for path in made_of)
        except OSError:
            return False

    def compile_unless_fresh(self, file):
        obj = self.object_of(file)
        if self.is_fresh(file):
            return
        self.compile(file, obj, more=["-MMD", "-MF", obj + ".d"])

    def build(self, jobs):
        """Compile and link everything unchanged."""
        common, programs = self.sources()
        files = common + [file for some in programs.values() for file in some]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            running = [pool.submit(self.compile_unless_fresh, f) for f in files]
            for nr, one in enumerate(concurrent.futures.as_completed(running), 1):
                one.result()
                self.say(f"{self.preset}: {nr} of {len(files)} files compiled")
        self.programs = {name: in_order(common, some, self.library)
                         for name, some in programs.items()}
        for name, files in self.programs.items():
            self.link(files, self.program(name))

    def program(self, name):
        return os.path.join(self.directory, name)


def run(args, output, seconds, stop, env=None):
    """Run a program for so many seconds of CPU time; returns (exit status or "timeout",
    seconds of CPU time that it took)."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_LIMIT, OUTPUT_LIMIT))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))

    with open(output, "wb") as out:
        process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                   start_new_session=True, preexec_fn=limit,
                                   env={**os.environ, **(env or {})})
        fd = os.pidfd_open(process.pid)
        try:
            # on a busy computer CPU time takes longer; who sleeps for ever takes none
            over = not wait(fd, time.monotonic() + WAIT_TIMES * seconds, stop)
        finally:
            try:
                # also what it has forked
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            os.close(fd)
    if over or -process.returncode in (signal.SIGXCPU, signal.SIGKILL):
        return "timeout", seconds
    return process.returncode, usage.ru_utime + usage.ru_stime


def wait(fd, end, stop):
    """Until the process has ended, or False; KeyboardInterrupt when all shall stop."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while True:
        left = end - time.monotonic()
        if poll.poll(1000 * max(min(left, 0.5), 0)):
            return True
        if stop.is_set():
            raise KeyboardInterrupt
        if left <= 0:
            return False
