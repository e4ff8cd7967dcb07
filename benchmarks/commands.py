"""A signed `/blocker` over HTTP, committed with everything that follows from it, next to an empty Bolt handler.

On a small plan, and on `deployment.yml`, whose gates count blockers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.load import Shots
from benchmarks.plan import REPORTERS, TEAMS, deployment
from benchmarks.report import Table, ms, quantile, times
from benchmarks.servers import Server, Wrong

WARM_UP, ALONE, TOGETHER = 20, 400, 2000
AT_ONCE, FINISH_WITHIN = 16, 30.0
HEADS = ("commands", "late", "p50", "p95", "p99", "a second", "p50 to Bolt", "p95 to Bolt", "rate to Bolt")
AIMED_AT = 13e-3
"""The p95 of the empty handler with default settings where the aims were set, at `AT_ONCE`."""
BASELINES = {"empty Bolt handler, default settings": (), "the same, process_before_response": ("before",)}
COUNTS = {
    "blockers": "SELECT count(*) FROM blockers WHERE state = 'open'",
    "receipts": "SELECT count(*) FROM receipts",
    "climbs with a next instant":
        "SELECT count(*) FROM climbs WHERE due_at IS NOT NULL AND subject_kind = 'blocker'",
    "timeline entries `raised`": "SELECT count(DISTINCT subject_id) FROM timeline WHERE verb = 'raised'",
    "timeline entries `paged`": "SELECT count(*) FROM timeline WHERE verb = 'paged' AND subject_kind = 'blocker'",
    "cards": "SELECT count(*) FROM deliveries WHERE kind = 'blocker.card'",
    "pages": "SELECT count(*) FROM deliveries WHERE kind = 'blocker.page'",
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """A plan that is measured: how it is written, how many teams raise blockers, and the p95 aimed at on a database."""

    name: str
    written: str
    teams: int
    aims: dict[str, float]


def run(stage: Stage) -> None:
    """Print the table, and what the aims come to on this machine."""
    table = Table("/blocker over HTTP: signature, one transaction with all that follows, answer", *HEADS)
    measured: dict[int, Shots] = {}
    aims = []
    for label, how in BASELINES.items():
        with stage.bolt(*how) as server:
            stage.fire(server, WARM_UP)
            _measure(stage, table, label, server, measured)
    slower = quantile(measured[AT_ONCE].seconds, 0.95) / AIMED_AT
    for subject in (
        Subject("a small plan", "", TEAMS, {"SQLite": 28e-3, "PostgreSQL": 28e-3}),
        Subject("deployment.yml", deployment(), len(REPORTERS), {"SQLite": 45e-3, "PostgreSQL": 70e-3}),
    ):
        for label, store in stage.databases():
            with stage.tried(), stage.bot(store, written=subject.written) as server:
                warm = len(stage.fire(server, WARM_UP, teams=subject.teams).seconds)
                on = f"{subject.name} on {label}"
                shots = _measure(stage, table, f"/blocker, {on}", server, measured, subject.teams)
                verify(store, warm + sum(len(each.seconds) for each in shots))
                aimed = subject.aims[label] * slower
                reached = quantile(shots[1].seconds, 0.95)
                aims.append(f"{on}: p95 {ms(reached)}, aimed at {ms(aimed)}: {times(reached, aimed)}")
    table.note(
        f"The aims were set where the first line at {AT_ONCE} at a time had a p95 of {ms(AIMED_AT)}: "
        f"this machine is {slower:.1f} times slower."
    )
    for aim in aims:
        table.note(aim)
    if not stage.wrong:
        table.note(
            "Afterwards each database held exactly one blocker, receipt, climb, card, page and entries per answer."
        )


def _measure(
    stage: Stage, table: Table, label: str, server: Server, baseline: dict[int, Shots], teams: int = TEAMS
) -> tuple[Shots, Shots]:
    """Fill a line for one command at a time and one for many; the first server measured is the baseline."""
    lines = []
    for at_once, full in ((1, ALONE), (AT_ONCE, TOGETHER)):
        shots = stage.fire(server, stage.some(full), at_once, teams)
        base = baseline.setdefault(at_once, shots)
        lines.append(shots)
        table.row(
            f"{label}, {at_once} at a time", str(len(shots.seconds)), str(shots.late),
            *(ms(quantile(shots.seconds, share)) for share in (0.5, 0.95, 0.99)), f"{shots.rate:.0f}",
            *(times(quantile(shots.seconds, share), quantile(base.seconds, share)) for share in (0.5, 0.95)),
            times(shots.rate, base.rate),
        )  # fmt: skip
    return lines[0], lines[1]


def verify(store: Store, answered: int) -> None:
    """Count the rows, once those commands are through that were only promised an answer."""
    deadline = time.monotonic() + FINISH_WITHIN
    while store.one(COUNTS["blockers"]) < answered and time.monotonic() < deadline:
        time.sleep(0.1)
    for what, query in COUNTS.items():
        found = store.one(query)
        if found != answered:
            raise Wrong(f"{answered} commands were answered, but there are {found} {what}")
