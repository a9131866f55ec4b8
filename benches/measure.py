"""One run of a program: seconds, peak memory, exit code."""

import os
import signal
import sys
import threading
import time

MIB = 1 << 20


class Run:
    def __init__(self, seconds, memory, code):
        self.seconds, self.memory, self.code = seconds, memory, code


def run(argv, cwd, timeout, stdout=os.devnull):
    """Runs the program to its end; both streams are thrown away.

    The memory is `ru_maxrss` of the child, and of what it waited for itself. On
    Linux a child starts with this script's own peak, so less than that cannot
    be told: `floor` says how much that is.
    """
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    os.chdir(cwd)
    started = time.perf_counter()
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions)
    watch = threading.Timer(timeout, os.kill, (child, signal.SIGKILL))
    watch.daemon = True
    watch.start()
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    watch.cancel()
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit, os.waitstatus_to_exitcode(status))


def floor():
    """The least that `run` can report as memory."""
    return run(["/bin/sh", "-c", ":"], "/", 10).memory


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


class Contender:
    """One command of a case."""

    def __init__(self, label, argv, rounds, codes=(0,)):
        self.label, self.argv, self.rounds = label, argv, rounds
        self.expected, self.runs = codes, []

    @property
    def seconds(self):
        return median([run.seconds for run in self.runs])

    @property
    def memory(self):
        return max(run.memory for run in self.runs)

    @property
    def codes(self):
        return sorted({run.code for run in self.runs})

    @property
    def failed(self):
        return not set(self.codes) <= set(self.expected)


class Case:
    """Commands that do the same work, the first of them the yardstick."""

    def __init__(self, name, cwd, contenders, limits=()):
        self.name, self.cwd, self.contenders, self.limits = name, cwd, contenders, limits

    def find(self, label):
        return next((c for c in self.contenders if c.label == label), None)
