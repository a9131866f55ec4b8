"""What benches/compare prints."""

import json
import os
import platform
import subprocess

from measure import MIB, floor


def report(cases, tools, out, options):
    print(f"{os.cpu_count()} cores, {memory_of_machine()},", platform.system(), platform.machine(), end="; ")
    print(f"medians of {options.rounds} ({options.slow_rounds} for the slow scanners), warm caches;", end=" ")
    print(f"memory below {floor() / MIB:.0f} MiB cannot be told.")
    for tool in tools.values():
        words = [tool.path, "version" if tool.name == "gitleaks" else "--version"]
        version = subprocess.run(words, capture_output=True, text=True).stdout.split("\n")[0]
        print(f"\n- {tool.name}: {version}{' (' + tool.note + ')' if tool.note else ''}", end="")
    note = out / "corpora.json"
    if not options.paths and note.exists():
        for name, corpus in json.loads(note.read_text())["corpora"].items():
            size, keys = corpus["bytes"] / 1e6, len(corpus["planted"])
            print(f"\n- {name}: {corpus['files']:,} files, {size:,.0f} MB, {keys} keys", end="")
    print("\n\n| what | tool | median s | min s | max s | of the first | peak MiB | exit |")
    print("|---|---|---:|---:|---:|---:|---:|---|")
    cases = [case for case in cases if case.contenders]
    for case in cases:
        for contender in case.contenders:
            times = [run.seconds for run in contender.runs]
            ratio = contender.seconds / case.contenders[0].seconds
            codes = ", ".join(map(str, contender.codes))
            seconds = " | ".join(f"{value:.3f}" for value in (contender.seconds, min(times), max(times)))
            measured = f"{seconds} | {ratio:.2f} × | {contender.memory / MIB:.0f} | {codes}"
            print(f"| {case.name} | {contender.label} | {measured} |")
    return verdicts(cases, options)


def verdicts(cases, options):
    print("\n| budget | limit | measured | verdict |\n|---|---:|---:|---|")
    over = 0
    for case in cases:
        own = case.find("keysweep")
        for against, relation, limit in case.limits if own else ():
            other = case.find(against)
            if against == "memory":
                shown, kept = f"{own.memory / MIB:.0f} MiB", own.memory <= limit * MIB
                wanted = f"{limit} MiB"
            elif against == "seconds":
                shown, kept, wanted = f"{own.seconds:.3f} s", own.seconds <= limit, f"{limit} s"
            elif not other:
                shown, kept, wanted = f"no {against}", None, f"{limit} ×"
            elif relation == "faster by":
                ratio = other.seconds / own.seconds
                shown, kept, wanted = f"{ratio:.1f} ×", ratio >= limit, f"{limit} ×"
            else:
                ratio = own.seconds / other.seconds
                shown, kept, wanted = f"{ratio:.2f} ×", ratio <= limit, f"{limit} ×"
            if own.failed:
                verdict, kept = f"keysweep ended with {own.codes}", False
            elif other and other.failed:
                verdict, kept = f"{against} ended with {other.codes}", None
            elif options.quick and against != "memory":
                verdict, kept = "not judged (quick)", None
            else:
                verdict = {True: "ok", False: "**over**", None: "not judged"}[kept]
            over += kept is False
            name = against if against in ("memory", "seconds") else f"beside {against}"
            print(f"| {case.name}, {name} | {relation} {wanted} | {shown} | {verdict} |")
    return over


def memory_of_machine():
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / MIB / 1024:.0f} GiB"
    except (ValueError, OSError):
        return "unknown memory"
