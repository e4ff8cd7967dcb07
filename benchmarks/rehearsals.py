"""Rehearsals: how long the whole bot needs for all days of an example plan, with nobody or everybody acting."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise

from benchmarks.harness import Stage
from benchmarks.report import Table, s
from benchmarks.servers import Wrong, python
from callboard.app import sections
from callboard.core import hugepages, logs
from callboard.plans import service as plans
from callboard.rehearsal import transcript
from callboard.rehearsal.play import Played, collect_rarely, played

EXAMPLES = resources.files("callboard.examples")
SEED = 1
HEADS = ("days", "lines", "messages", "fastest", "median", "of a core", "allowed")


@dataclass(frozen=True)
class Case:
    """A plan, by which script or seed people act, and within how many seconds it has to be over; 0 for any.

    It is played several `times` where that is asked: neighbours only ever add to what it takes.
    """

    plan: str
    label: str
    script: str = ""
    seed: int | None = None
    within: float = 0.0
    times: int = 1


CASES = (
    Case("deployment", "three days, nobody acts"),
    Case("deployment", "three days, by the script that ends in GO", "deployment-go", within=3.0, times=7),
    Case("deployment", "three days, people act by chance", seed=SEED),
    Case("prismq", "eight weeks, nobody acts"),
    Case("prismq", "eight weeks, people act by chance", seed=SEED, within=20.0, times=3),
)


def run(_: Stage) -> None:
    """Print the table, from a process of its own, as `callboard rehearse` is one."""
    if subprocess.run(python("benchmarks.rehearsals"), check=False).returncode:
        raise Wrong("the same rehearsal has another transcript")


def main() -> bool:
    """Print the table. What is late is said, and is no mistake; whether the same rehearsal was the same bytes."""
    hugepages.begin_again()
    logs.configure(as_json=False, level="ERROR")
    collect_rarely()
    table = Table("A rehearsal of a plan: bot, stand-in for Slack and SQLite in one process", *HEADS)
    for case in CASES:
        took = list[tuple[float, float]]()
        for _ in range(case.times):
            began, cpu = time.monotonic(), time.process_time()
            done = asyncio.run(_played(case))
            took.append((time.monotonic() - began, time.process_time() - cpu))
        (fastest, of_a_core), median = min(took), statistics.median(seconds for seconds, _ in took)
        told = sum(not line.who and line.did == "posted" for line in done.lines)
        days = (done.lines[-1].at - done.lines[0].at).days + 1
        allowed = f"{case.within:.0f} s" if case.within else ""
        figures = (f"{days}", f"{len(done.lines)}", f"{told}", s(fastest), s(median), s(of_a_core), allowed)
        table.row(f"{case.plan}: {case.label}", *figures)
        if case.within:
            table.note(f"{fastest / case.within:.2f} x what is allowed, fastest of {case.times}")
    return _repeated(table)


def _repeated(table: Table) -> bool:
    """The shortest one again, twice."""
    texts = [transcript.as_json(asyncio.run(_played(CASES[0])).lines) for _ in range(2)]
    if any(one != other for one, other in pairwise(texts)):
        return False
    table.note(f"The same rehearsal twice: the same {len(texts[0])} bytes.")
    return True


async def _played(case: Case) -> Played:
    checked = plans.check((EXAMPLES / f"{case.plan}.yml").read_bytes(), case.plan, sections())
    file = EXAMPLES / "scripts" / f"{case.script}.yml"
    script = (file.name, file.read_bytes()) if case.script else None
    return await played(checked, script, seed=case.seed)


if __name__ == "__main__":
    sys.exit(not main())
