#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Placement measured in the real kernel: who accesses memory of which node, under each policy.

Boots the same image once for each program and policy in the emulator, where one program after
the other runs with real threads and real memory. A plugin of the emulator counts the accesses of
each virtual CPU to the memory of each node. The guest's time is what instructions take (-icount):
the host's load changes nothing. Printed are the share of accesses that were local at the
end (the last tenth before the first thread ended) and in all, and the modelled memory time: the
sum of all accesses, each as long as the distance table says (10 is local), over that of policy
"hard". Beside them stand the kernel's own counters. With --runs, each number is the median of so
many boots, and the memory times' lowest and highest stand beside it: no two boots put the threads
on the same CPUs.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
PROGRAMS = ("numa01", "numa01_THREAD_ALLOC", "numa02", "numa02_SMT")
POLICIES = ("off", "balancing", "autonuma", "hard", "inverse")
REMOTE = 20             # as the emulator's distance table says; local is 10
MARK_START, MARK_SAMPLE, MARK_END, MARK_DONE = 0, 1, 510, 511
WARM_ROUNDS, ROUNDS = 6, 8      # as in cost.c
NODE_MIB = 512
# One virtual CPU runs at a time; an instruction takes 16 ns, and no time passes in vain while all
# are idle.
CLOCK = ["-accel", "tcg,thread=single", "-icount", "shift=4,sleep=off"]


class Failed(Exception):
    """A run that gave no result, and why."""


def build(out):
    """The guest's only program, as an initramfs, and the emulator's plugin."""
    os.makedirs(out, exist_ok=True)
    init, plugin = os.path.join(out, "init"), os.path.join(out, "numa_access.so")
    shapes = [os.path.join(TOP, "tests/bench/autonuma-bench", f"workload_{name}.c")
              for name in ("numa01", "numa02")]
    subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-static", "-pthread",
                    "-I", os.path.join(HERE, "include"), "-o", init,
                    *(os.path.join(HERE, name) for name in ("init.c", "programs.c", "cost.c")),
                    *shapes],
                   check=True)
    subprocess.run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC",
                    "-o", plugin,
                    os.path.join(TOP, "kernel-compat/linux-6.12/plugin/numa_access.c")],
                   check=True)
    initrd = os.path.join(out, "initrd")
    with open(initrd, "wb") as file:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=out, input=b"init\n",
                       stdout=file, check=True)
    return initrd, plugin


def memory(nodes, mib):
    """A block of memory for each node."""
    return [word for n in range(nodes) for word in
            ("-object", f"memory-backend-ram,id=m{n},size={mib}M")] + ["-m", f"{nodes * mib}M"]


def placement_machine(args, nodes):
    """CPUs and memory on each of so many nodes."""
    cpus = nodes * args.cpus_per_node
    line = [*CLOCK, *memory(nodes, NODE_MIB),
            "-smp", f"{cpus},sockets={nodes},cores={args.cpus_per_node // args.threads},"
                    f"threads={args.threads}"]
    for node in range(nodes):
        first = node * args.cpus_per_node
        line += ["-numa", f"node,nodeid={node},cpus={first}-{first + args.cpus_per_node - 1},"
                          f"memdev=m{node}"]
    for a in range(nodes):
        for b in range(a + 1, nodes):
            line += ["-numa", f"dist,src={a},dst={b},val={REMOTE}"]
    return line


def cost_machine():
    """One CPU, a second node that nobody runs on."""
    return [*CLOCK, *memory(2, NODE_MIB), "-smp", "1", "-numa", "node,nodeid=0,cpus=0,memdev=m0",
            "-numa", "node,nodeid=1,memdev=m1"]


def boot(args, kernel, image, plugin, machine, words):
    """Boot once; what the plugin counted, and the console's text."""
    with tempfile.TemporaryDirectory() as tmp:
        marks = os.path.join(tmp, "marks")
        # On a loaded host the kernel finds its timer interrupts late, and would give up.
        append = " ".join(["console=ttyS0 quiet no_timer_check panic=-1",
                           *(f"bench.{key}={value}" for key, value in words.items())])
        line = ["qemu-system-x86_64", "-display", "none", "-serial", "stdio", "-no-reboot",
                *machine, "-kernel", kernel, "-initrd", image, "-append", append, "-plugin",
                f"{plugin},out={marks},nodes={words['nodes']},node_bytes={NODE_MIB << 20}"]
        try:
            done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=args.timeout, check=False)
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"").decode(errors="replace")
            raise Failed(f"no end after {args.timeout} s: " + said.strip()[-300:]) from late
        except FileNotFoundError as missing:
            raise Failed("qemu-system-x86_64 is missing: make deps") from missing
        console = done.stdout.decode(errors="replace")
        if "bench: done" not in console:
            raise Failed("the guest failed: " + console.strip()[-600:])
        return *read_marks(marks), console


def read_marks(path):
    """{mark: [[accesses by node] by CPU]}, {mark: instructions of the kernel}"""
    marks, instructions, now = {}, {}, None
    with open(path, encoding="ascii") as file:
        for line in file:
            word = line.split()
            if word[0] == "mark":
                now = int(word[1])
                marks[now] = []
            elif word[0] == "cpu":
                marks[now].append([int(n) for n in word[2:]])
            else:
                instructions[now] = int(word[1])
    return marks, instructions


def share(counts, since, cpus_per_node):
    """Local accesses and all accesses between two marks."""
    local = total = 0
    for cpu, (row, before) in enumerate(zip(counts, since)):
        for node, (n, b) in enumerate(zip(row, before)):
            total += n - b
            if node == cpu // cpus_per_node:
                local += n - b
    return local, total


def counters_of(console):
    """The numbers that the guest printed, by name."""
    words = (line.split() for line in console.splitlines() if line.startswith("bench: "))
    return {w[1]: int(w[-1]) for w in words if len(w) >= 3 and w[-1].isdigit()}


def placement_of(marks, console, args):
    """What the marks of a run say of who accessed what."""
    for mark in (MARK_START, MARK_END, MARK_DONE):
        if mark not in marks:
            raise Failed(f"mark {mark} was not reached")
    start, end, done = (marks[m] for m in (MARK_START, MARK_END, MARK_DONE))
    _, until_end = share(end, start, args.cpus_per_node)
    over_time, last = [], start
    for mark in sorted(m for m in marks if m < MARK_END):
        local, total = share(marks[mark], start, args.cpus_per_node)
        over_time.append({"local": local, "total": total})
        if total <= 0.9 * until_end:
            last = marks[mark]
    local, total = share(end, last, args.cpus_per_node)
    all_local, all_total = share(done, start, args.cpus_per_node)
    return {"local_at_end": local / total if total else 0.0, "accesses": all_total,
            "local": all_local / all_total if all_total else 0.0,
            "memory_time": (all_local * 10 + (all_total - all_local) * REMOTE) / 10,
            "over_time": over_time, "counters": counters_of(console)}


def placement(args, image, plugin, nodes, program, policy):
    """Run one program."""
    mib, loops = args.mib, args.loops
    if program == "numa01":         # each thread writes all of it
        loops = max(1, loops * 2 // (nodes * args.cpus_per_node))
    elif program.startswith("numa02"):
        mib *= 2                    # one process as large as the others' two
    words = {"program": program, "policy": policy, "nodes": nodes,
             "cpus": nodes * args.cpus_per_node, "threads_per_core": args.threads,
             "mib": mib, "loops": loops}
    marks, _, console = boot(args, args.kernel, image, plugin, placement_machine(args, nodes),
                             words)
    return placement_of(marks, console, args)


def median_of(runs):
    """One result of several: the median of each number, and each run's memory time."""
    result = {key: statistics.median(run[key] for run in runs)
              for key in ("local_at_end", "local", "memory_time", "accesses")}
    result["counters"] = {name: statistics.median(run["counters"].get(name, 0) for run in runs)
                          for name in runs[0]["counters"]}
    result["memory_times"] = sorted(run["memory_time"] for run in runs)
    result["over_time"] = [run["over_time"] for run in runs]
    return result


def placements(*args):
    """Several runs of one program."""
    return median_of([placement(*args) for _ in range(args[0].runs)])


def rounds_of(at, counters):
    """Sums over the rounds in which no pass came while the guest touched its pages: instructions of
    the kernel while it kept itself busy and while it touched them, how long both took, pages
    marked, and hinting faults."""
    row = {"rounds": 0, "waiting": 0, "touching": 0, "waited": 0, "touched": 0, "marked": 0,
           "faults": 0}
    for n in range(WARM_ROUNDS, WARM_ROUNDS + ROUNDS):
        mark = MARK_SAMPLE + 1 + 4 * n
        if counters[f"round_{n}_late"]:
            continue
        row["rounds"] += 1
        row["waiting"] += at[mark + 1] - at[mark]
        row["touching"] += at[mark + 3] - at[mark + 2]
        for name in ("waited", "touched", "marked", "faults"):
            row[name] += counters[f"round_{n}_{name}"]
    return row


def cost(args, kernel, image, plugin, policy):
    """Instructions of the kernel: of a fork, and of the two parts of all rounds."""
    words = {"program": "cost", "policy": policy, "nodes": 2, "cpus": 2, "mib": args.mib}
    _, at, console = boot(args, kernel, image, plugin, cost_machine(), words)
    return {"fork": (at[MARK_SAMPLE] - at[MARK_START]) / 200, **rounds_of(at, counters_of(console))}


def cost_per_page(row, idle):
    """What remains without ticks: instructions per page marked, and per hinting fault."""
    if not row["marked"] or not row["faults"]:
        raise Failed(f"no passes or no faults: {row}")
    tick = idle["waiting"] / idle["waited"]
    return ((row["waiting"] - tick * row["waited"]) / row["marked"],
            (row["touching"] - tick * row["touched"]) / row["faults"])


def costs(args, image, plugin):
    """One boot each: rows for which kernel and who places."""
    rows = {}
    if args.baseline:
        rows["CONFIG_AUTONUMA=n"] = cost(args, args.baseline, image, plugin, "off")
    for policy in ("off", "balancing", "autonuma"):
        rows[policy] = cost(args, args.kernel, image, plugin, policy)
    first = next(iter(rows.values()))["fork"]
    for name, row in rows.items():
        row["fork_ratio"] = row["fork"] / first
        if name in ("balancing", "autonuma"):
            row["page"], row["fault"] = cost_per_page(row, rows["off"])
    return rows


def medians_of_costs(args, image, plugin):
    """The table of costs: each number is the median of so many runs."""
    runs = [costs(args, image, plugin) for _ in range(args.runs)]
    return {name: {key: statistics.median(run[name][key] for run in runs) for key in row}
            for name, row in runs[0].items()}


def print_costs(rows):
    """As a table."""
    print("\ninstructions of the kernel")
    print(f"  {'':<18} {'fork+exec+exit':>14} {'ratio':>7} {'page marked':>13} "
          f"{'hinting fault':>14} {'both':>8}")
    for name, r in rows.items():
        rest = (f"{r['page']:>13.1f} {r['fault']:>14.1f} {r['page'] + r['fault']:>8.1f}"
                if "page" in r else "")
        print(f"  {name:<18} {r['fork']:>14.0f} {r['fork_ratio']:>7.4f} {rest}")


def print_program(nodes, program, results):
    """The table of one program."""
    hard = results.get("hard", {}).get("memory_time")
    print(f"\n{program}, {nodes} nodes")
    print(f"  {'policy':<10} {'local at end':>12} {'local':>7} {'memory time':>12} "
          f"{'lowest':>7} {'highest':>7} {'migrated':>9} {'faults':>8}")
    for policy, r in results.items():
        times = (r["memory_time"], r["memory_times"][0], r["memory_times"][-1])
        median, low, high = (f"{t / hard:.3f}" if hard else "-" for t in times)
        print(f"  {policy:<10} {100 * r['local_at_end']:>11.1f}% {100 * r['local']:>6.1f}% "
              f"{median:>12} {low:>7} {high:>7} "
              f"{r['counters'].get('pgmigrate_success', 0):>9.0f} "
              f"{r['counters'].get('numa_hint_faults', 0):>8.0f}")


def positive(text):
    """A number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kernel", required=True, metavar="BZIMAGE", help="to boot")
    parser.add_argument("--baseline", metavar="BZIMAGE", help="the same without CONFIG_AUTONUMA")
    parser.add_argument("--nodes", type=positive, nargs="+", default=[2, 4], help="machines (2 4)")
    parser.add_argument("--cpus-per-node", type=positive, default=2)
    parser.add_argument("--threads", type=positive, default=2, help="per core (2)")
    parser.add_argument("--programs", nargs="*", choices=PROGRAMS, default=PROGRAMS)
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=POLICIES)
    parser.add_argument("--no-costs", action="store_true", help="count no instructions")
    parser.add_argument("--mib", type=positive, default=16,
                        help="memory of a process of two (16)")
    parser.add_argument("--loops", type=positive, default=600,
                        help="through a thread's slice (600)")
    parser.add_argument("--runs", type=positive, default=1, metavar="N",
                        help="of each program and policy, of which the median counts (1)")
    parser.add_argument("--timeout", type=positive, default=1800, metavar="S",
                        help="of one boot (1800)")
    parser.add_argument("--build", default=os.path.join(TOP, "build", "bench-kernel"))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.cpus_per_node % args.threads:
        parser.error("--cpus-per-node is no multiple of --threads")
    for kernel in (args.kernel, args.baseline):
        if kernel and not os.path.exists(kernel):
            parser.error(f"{kernel} is not there: make kernel")
    return args


class Report:
    """Tables as results come, or JSON at the end; counts what failed."""

    def __init__(self, as_json):
        self.json = as_json
        self.result = {"runs": [], "costs": {}}
        self.failed = 0

    def attempt(self, what, function, *args):
        """The function's result, or None after a line that says why there is none."""
        if sys.stderr.isatty():
            print(f"\r\033[K{what}", end="", file=sys.stderr)
        try:
            return function(*args)
        except Failed as why:
            print(f"bench-kernel: {what}: {why}", file=sys.stderr)
            self.failed += 1
            return None
        finally:
            if sys.stderr.isatty():
                print("\r\033[K", end="", file=sys.stderr)

    def program(self, nodes, program, results):
        """All policies of one program."""
        self.result["runs"] += [dict(nodes=nodes, program=program, policy=p, **r)
                                for p, r in results.items()]
        if not self.json:
            print_program(nodes, program, results)
            sys.stdout.flush()

    def costs(self, rows):
        """The table of costs."""
        self.result["costs"] = rows
        if not self.json:
            print_costs(rows)


def main():
    """Run everything, print tables or JSON."""
    args = arguments()
    image, plugin = build(args.build)
    report = Report(args.json)
    for nodes in args.nodes:
        for program in args.programs:
            results = {}
            for policy in args.policies:
                result = report.attempt(f"{nodes} nodes, {program}, {policy}", placements,
                                        args, image, plugin, nodes, program, policy)
                if result:
                    results[policy] = result
            report.program(nodes, program, results)
    if not args.no_costs:
        rows = report.attempt("costs", medians_of_costs, args, image, plugin)
        if rows:
            report.costs(rows)
    if args.json:
        json.dump(report.result, sys.stdout, indent=1)
        print()
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
