"""What the step `scale` of tests/tenant measures."""

import collections
import json
import pathlib
import signal
import subprocess
import time

# What the service lets a principal list of one subscription's keys at once.
BURST = 200
LIMIT = 200 * 2**20


def throttle(rate):
    """The real buckets, filled with `rate` writes a second, and reads to match."""
    return f"reads=250/{rate * 2.5},writes={BURST}/{rate},tenant-reads=250/25,resource=12000/{rate},arg=15/5"


def sweep(tenant, *more, kill_after=None):
    """Sweeps, or is killed after so many seconds; how it ends, and its most memory."""
    memory, started = 0, time.monotonic()
    arguments = tenant.arguments("--format", "json", "--allow-incomplete", *more)
    with open(tenant.path("out"), "w") as out, open(tenant.path("err"), "w") as err:
        process = subprocess.Popen(arguments, env=tenant.environment(), stdout=out, stderr=err)
        while process.poll() is None:
            memory = max(memory, most_resident(process.pid))
            if kill_after and time.monotonic() - started > kill_after:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.1)
    return process.returncode, memory


def most_resident(pid):
    """The most memory that a process has had so far."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


def allowance(tenant, rate):
    """Of each subscription the listings of keys that were granted, and those that
    could have been, from the first to the last: what is lost by a kill counts.

    One that is disabled refuses after a call for each app, and is left out."""
    granted = collections.defaultdict(list)
    with open(tenant.directory / "requests.jsonl") as lines:
        for line in map(json.loads, lines):
            # Others count as writes, too, and come later.
            if line["path"].lower().endswith("/listkeys") and line["status"] != 429:
                granted[line["subscription"]].append(line["t"])
    most = max(map(len, granted.values()))
    busy = [times for times in granted.values() if len(times) > most / 2]
    return [(len(times), BURST + rate * (max(times) - min(times))) for times in busy]


def since(path):
    """From when on an inventory has all events: what is older falls out of a
    later one."""
    subscriptions = json.loads(pathlib.Path(path).read_text())["subscriptions"]
    return max(one["activityLog"]["from"] for one in subscriptions if one.get("activityLog"))


def keys(path):
    """The ids of the keys of an inventory, in small letters."""
    inventory = json.loads(pathlib.Path(path).read_text())
    return {key_id(app["id"], key).lower() for app in inventory["apps"] for key in app.get("keys", [])}


def key_id(app, key):
    store = {"master": "masterKey", "system": "systemKeys", "host": "functionKeys"}.get(key["kind"])
    return f"{app}/host/default/{store}/{key['name']}" if store else \
        f"{app}/functions/{key['function']}/keys/{key['name']}"
