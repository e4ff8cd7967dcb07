"""A signed `/blocker` over HTTP, committed with everything that follows from it, next to an empty Bolt handler."""

from __future__ import annotations

import time

from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.load import Shots
from benchmarks.report import Table, ms, quantile, times
from benchmarks.servers import Server, Wrong

WARM_UP, ALONE, TOGETHER = 20, 400, 2000
AT_ONCE, FINISH_WITHIN = 16, 30.0
HEADS = ("commands", "late", "p50", "p95", "p99", "a second", "p50 to Bolt", "rate to Bolt")
# Where the aims were set, the empty handler with `process_before_response` took so many seconds.
AIMED_AT, P95, RATE = 0.26e-3, 0.05, 250
BASELINES = {"empty Bolt handler, default settings": (), "the same, process_before_response": ("before",)}
COUNTS = {
    "blockers": "SELECT count(*) FROM blockers WHERE state = 'open'",
    "receipts": "SELECT count(*) FROM receipts",
    "climbs with a next instant": "SELECT count(*) FROM climbs WHERE due_at IS NOT NULL",
    "timeline entries `raised`": "SELECT count(DISTINCT subject_id) FROM timeline WHERE verb = 'raised'",
    "timeline entries `paged`": "SELECT count(*) FROM timeline WHERE verb = 'paged'",
    "cards": "SELECT count(*) FROM deliveries WHERE kind = 'blocker.card'",
    "pages": "SELECT count(*) FROM deliveries WHERE kind = 'blocker.page'",
}


def run(stage: Stage) -> None:
    """Print the table, and what the aims come to on this machine."""
    table = Table("/blocker over HTTP: signature, one transaction with all that follows, answer", *HEADS)
    measured: dict[int, Shots] = {}
    for label, how in BASELINES.items():
        with stage.bolt(*how) as server:
            stage.fire(server, WARM_UP)
            alone, _ = _measure(stage, table, label, server, measured)
    for label, store in stage.databases():
        with stage.tried(), stage.bot(store) as server:
            warm = len(stage.fire(server, WARM_UP).seconds)
            shots = _measure(stage, table, f"/blocker on {label}", server, measured)
            _verify(store, warm + sum(len(each.seconds) for each in shots))
    slower = quantile(alone.seconds, 0.5) / AIMED_AT
    table.note(
        f"The second line took {ms(AIMED_AT)} where the aims were set: this machine is {slower:.1f} times slower."
    )
    table.note(
        f"Its share of the aims: p95 of {ms(P95 * slower)} at {AT_ONCE} at a time on SQLite, {RATE / slower:.0f} "
        f"commands a second on PostgreSQL."
    )
    if not stage.wrong:
        table.note(
            "Afterwards each database held exactly one blocker, receipt, climb, card, page and entries per answer."
        )


def _measure(stage: Stage, table: Table, label: str, server: Server, baseline: dict[int, Shots]) -> tuple[Shots, Shots]:
    """Fill a line for one command at a time and one for many; the first server measured is the baseline."""
    lines = []
    for at_once, full in ((1, ALONE), (AT_ONCE, TOGETHER)):
        shots = stage.fire(server, stage.some(full), at_once)
        base = baseline.setdefault(at_once, shots)
        lines.append(shots)
        table.row(
            f"{label}, {at_once} at a time", str(len(shots.seconds)), str(shots.late),
            *(ms(quantile(shots.seconds, share)) for share in (0.5, 0.95, 0.99)), f"{shots.rate:.0f}",
            times(quantile(shots.seconds, 0.5), quantile(base.seconds, 0.5)), times(shots.rate, base.rate),
        )  # fmt: skip
    return lines[0], lines[1]


def _verify(store: Store, answered: int) -> None:
    """Count the rows, once those commands are through that were only promised an answer."""
    deadline = time.monotonic() + FINISH_WITHIN
    while store.one(COUNTS["blockers"]) < answered and time.monotonic() < deadline:
        time.sleep(0.1)
    for what, query in COUNTS.items():
        found = store.one(query)
        if found != answered:
            raise Wrong(f"{answered} commands were answered, but there are {found} {what}")
