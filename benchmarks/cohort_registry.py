"""A registry by columns: its equality with the scalar function, and its speed.

    python benchmarks/cohort_registry.py equality 50000 [SEED]
    python benchmarks/cohort_registry.py speed 1000000 2

The first compares the verdict and every part of hostile and of synthetic doses. The second takes the number of processes.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hostile_registry import hostile_registry
from tarlatamab_rules.cohort.registries.registry import RegistryAnswers, assess_registry
from tarlatamab_rules.cohort.synthetic.simulation import simulate


def differences(one: RegistryAnswers, other: RegistryAnswers) -> Counter[str]:
    """How many doses differ, by part; the verdict and the faults are parts here."""
    found = Counter({"verdict": int((one.verdicts != other.verdicts).sum()), "fault": int(one.faults != other.faults)})
    for part in sorted({*one.parts, *other.parts}):
        mine, its = ([answers.part(part, row) for row in range(len(one.verdicts))] for answers in (one, other))
        found[part] = sum(a != b for a, b in zip(mine, its, strict=True))
    return +found


def equality(doses: int, seed: int = 100) -> None:
    """Compares the two ways on hostile registries of some patients each, and on a synthetic one."""
    compared, by_situation, found = 0, 0, Counter[str]()
    while compared < doses:
        tables = hostile_registry(1000, seed, (0.02, 0.04, 0.06)[seed % 3])
        age = None if seed % 2 else "6 days"
        book = (None, None, "us-2025-11", "precautions-2025-09", "eu-2026")[seed % 5]
        columns = assess_registry(**tables, rulebook=book, max_lab_age=age)
        scalar = assess_registry(**tables, rulebook=book, max_lab_age=age, columns=False)
        found += differences(columns, scalar)
        compared, by_situation, seed = compared + len(scalar.verdicts), by_situation + columns.report["by situation"], seed + 1
        print(
            f"{compared} doses, {by_situation} of them by situation, {len(scalar.faults)} refused, differences: {dict(found)}", flush=True
        )


def _shared_out(pid: int) -> int:
    """The memory of a process in kB; what it shares with others is divided among them."""
    with suppress(OSError), Path(f"/proc/{pid}/smaps_rollup").open() as lines:
        return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return 0


def _watch(peak: list[int], done: Event) -> None:
    """Notes the peak of the memory of this process and of those that it started."""
    while not done.wait(0.5):
        children = [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
        peak[0] = max(peak[0], sum(map(_shared_out, [os.getpid(), *children])))


def speed(doses: int, workers: int) -> None:
    """Times one synthetic registry."""
    tables = simulate(doses, 7, dirt=0.0)
    before, peak, done = _shared_out(os.getpid()), [0], Event()
    watcher = Thread(target=_watch, args=(peak, done))
    watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    answers = assess_registry(**tables, workers=workers)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    done.set()
    watcher.join()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print({name: len(table) for name, table in tables.items()}, f"{workers} processes")
    print(f"{wall:.1f} s; {cpu:.1f} s of processor time here and {children.ru_utime + children.ru_stime:.1f} s in other processes")
    print(f"{peak[0] / 1e6:.2f} GB at most in all processes, of which the tables and Python {before / 1e6:.2f} GB before")
    situations = {name: number for name, number in answers.report.items() if name.startswith("situations")}
    alone = sum(number for name, number in situations.items() if name.endswith("one patient"))
    print(f"{sum(situations.values()) - alone} situations were judged, {alone} of them of one patient")
    print({name: number for name, number in answers.report.items() if name not in situations}, np.bincount(answers.verdicts + 1))


if __name__ == "__main__":
    if sys.argv[1] == "equality":
        equality(*map(int, sys.argv[2:4]))
    else:
        speed(int(sys.argv[2]), int(sys.argv[3]))
