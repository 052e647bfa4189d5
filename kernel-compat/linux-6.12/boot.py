#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Boot the kernel of kernel.sh under QEMU, without KVM.

Usage: boot.py shell IMAGE NODES	(2 or 4; leave with poweroff -f)

As a module: machines, and boot(), which runs one to its end and returns its console.
"""
import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Lines with which a kernel says that something is wrong.
SPLAT = re.compile(
    r"WARNING: |BUG: |Oops: |Kernel panic|general protection fault|INFO: possible |"
    r"INFO: task .* blocked|rcu: INFO:|INFO: rcu|refcount_t: |corruption|"
    r"bad page |Bad page|[kK]ernel BUG at|unable to handle|UBSAN: |KASAN: |KCSAN: |"
    r"possible recursive|suspicious RCU|scheduling while atomic|Call Trace:|"
    r"self-detected stall|soft lockup|Out of memory:")

TIMESTAMP = re.compile(r"^\[ *\d+\.\d+\] ")


@dataclass
class Machine:
    """What QEMU is to build. A node may have no memory, no CPUs, or neither."""
    nodes: list			# (MiB, CPUs) by node
    pluggable: bool = False	# there is room for more memory
    near: int = 20		# distance of any two nodes

    def arguments(self):
        """Of QEMU: -m, -smp, -numa …"""
        args, cpus = [], 0
        for nid, (mib, count) in enumerate(self.nodes):
            node = f"node,nodeid={nid}"
            if count:
                node += f",cpus={cpus}-{cpus + count - 1}"
                cpus += count
            if mib:
                args += ["-object", f"memory-backend-ram,id=m{nid},size={mib}M"]
                node += f",memdev=m{nid}"
            args += ["-numa", node]
        for src in range(len(self.nodes)):
            for dst in range(src + 1, len(self.nodes)):
                args += ["-numa", f"dist,src={src},dst={dst},val={self.near}"]
        memory = f"{sum(mib for mib, _ in self.nodes)}M"
        if self.pluggable:
            memory += ",slots=4,maxmem=8G"
        return ["-m", memory, "-smp", f"{cpus},sockets={cpus},cores=1,threads=1", *args]


class Monitor:
    """Does what the guest asks for with lines "HOST command of QEMU's monitor"."""

    def __init__(self, path):
        self.path = path
        self.socket = None
        self.rest = ""

    def execute(self, command):
        """One command; what QEMU answers to it, or None."""
        if not self.socket:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(30)
            self.socket.connect(self.path)
            self.answers = self.socket.makefile("r")
            json.loads(self.answers.readline())
            self.ask("qmp_capabilities", {})
        return self.ask("human-monitor-command", {"command-line": command})

    def ask(self, what, arguments):
        """One command of QMP."""
        self.socket.sendall(json.dumps({"execute": what, "arguments": arguments}).encode())
        while True:
            answer = json.loads(self.answers.readline())
            if "event" not in answer:
                return answer.get("return", answer.get("error"))

    def see(self, chunk):
        """The next piece of the console."""
        *lines, self.rest = (self.rest + chunk.decode(errors="replace")).split("\n")
        for line in lines:
            line = TIMESTAMP.sub("", line.strip())
            if line.startswith("HOST "):
                said = self.execute(line[5:])
                if said:
                    print(f"QEMU: {line[5:]}: {said}")


def build_initramfs(path, kind):
    """busybox, the scripts of guest/, its programs; kind goes to /kind."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for sub in ("bin", "proc", "sys", "dev", "tmp", "checks"):
            (root / sub).mkdir()
        shutil.copy(shutil.which("busybox") or "/bin/busybox", root / "bin/busybox")
        shutil.copy(HERE / "guest/init", root / "init")
        (root / "init").chmod(0o755)
        for script in sorted((HERE / "guest").glob("*.sh")):
            shutil.copy(script, root / "checks")
        for source in sorted((HERE / "guest").glob("*.c")):
            subprocess.run(["gcc", "-O2", "-static", "-pthread", "-Wall", "-Wextra",
                            "-o", root / "bin" / source.stem, source], check=True)
        (root / "kind").write_text(kind + "\n")
        files = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True)
        archive = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=root,
                                 input=files.stdout, check=True, capture_output=True)
        path.write_bytes(archive.stdout)


def command(image, initramfs, machine, append):
    """The command line of QEMU."""
    return ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-nodefaults",
            "-nographic", "-no-reboot", "-serial", "stdio", "-kernel", str(image),
            "-initrd", str(initramfs), *machine.arguments(), "-append",
            "console=ttyS0 panic=-1 no_timer_check printk.devkmsg=on "
            "rcupdate.rcu_cpu_stall_timeout=300 watchdog_thresh=60 "
            f"sysctl.kernel.hung_task_timeout_secs=300 {append}"]


def boot(image, initramfs, machine, append="", limit=900, log=None, see=None):
    """Run a machine until it powers off, for limit seconds at most. Returns its console's
    lines without times, the last one telling if it had to be killed. see() is called with
    each piece of the console."""
    end = time.monotonic() + limit
    chunks = []
    with tempfile.TemporaryDirectory() as name, selectors.DefaultSelector() as selector:
        monitor = Monitor(f"{name}/monitor")
        process = subprocess.Popen(
            command(image, initramfs, machine, append) +
            ["-qmp", f"unix:{monitor.path},server=on,wait=off"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        selector.register(process.stdout, selectors.EVENT_READ)
        while time.monotonic() < end:
            if not selector.select(timeout=1):
                continue
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                break
            chunks.append(chunk)
            monitor.see(chunk)
            if see:
                see(chunk)
        else:
            process.kill()
            chunks.append(f"\nBUG: still running after {limit} s, killed\n".encode())
        process.wait()
    text = b"".join(chunks).decode(errors="replace").replace("\r", "")
    if log:
        log.write_text(text)
    return [TIMESTAMP.sub("", line) for line in text.splitlines()]


def shell(image, nodes):
    """A machine to try things on."""
    with tempfile.TemporaryDirectory() as name:
        initramfs = Path(name, "initramfs")
        build_initramfs(initramfs, "shell")
        machine = Machine([(512, 2)] * nodes)
        return subprocess.run(command(image, initramfs, machine, ""),
                              check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] != "shell" or sys.argv[3] not in ("2", "4"):
        sys.exit(__doc__.split("\n\n")[1])
    sys.exit(shell(sys.argv[2], int(sys.argv[3])))
