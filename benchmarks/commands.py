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
HALF, TWICE = 0.5, 2.0
"""What is aimed at: alone half of the p50 of an empty handler, and at `AT_ONCE` twice its own p50 for the p95."""
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
    """A plan that is measured: how it is written, and how many teams raise blockers."""

    name: str
    written: str
    teams: int


def run(stage: Stage) -> None:
    """Print the table, and what the aims come to on this machine."""
    table = Table("/blocker over HTTP: signature, one transaction with all that follows, answer", *HEADS)
    measured: dict[int, Shots] = {}
    aims = []
    for label, how in BASELINES.items():
        with stage.bolt(*how) as server:
            stage.fire(server, WARM_UP)
            _measure(stage, table, label, server, measured)
    for subject in (
        Subject("a small plan", "", TEAMS),
        Subject("deployment.yml", deployment(), len(REPORTERS)),
    ):
        for label, store in stage.databases():
            with stage.tried(), stage.bot(store, written=subject.written) as server:
                warm = len(stage.fire(server, WARM_UP, teams=subject.teams).seconds)
                on = f"{subject.name} on {label}"
                shots = _measure(stage, table, f"/blocker, {on}", server, measured, subject.teams)
                verify(store, warm + sum(len(each.seconds) for each in shots))
                (alone, _), (half, most) = ([quantile(each.seconds, share) for share in (0.5, 0.95)] for each in shots)
                aims.append(
                    f"{on}: alone {times(alone, quantile(measured[1].seconds, 0.5))} Bolt's p50, aimed at {HALF}; "
                    f"{AT_ONCE} at a time p95 is {times(most, half)} its own p50, aimed at {TWICE}"
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
