"""Plans as large as any that is to be run, and texts made to stall whoever reads them."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from benchmarks.databases import Store
from benchmarks.harness import Stage
from benchmarks.report import Table, s, times
from callboard.app import database, sections
from callboard.core import schema
from callboard.planfile.report import Checked
from callboard.planfile.yaml_reader import load
from callboard.plans import service as plans
from callboard.settings import Settings
from tests.planfile.heavy import BOMBS, HEAD, big

FULL = {"people": 200, "teams": 50, "tasks": 2_000, "gates": 200}
CHECK_WITHIN, APPLY_WITHIN, BOMB_WITHIN, BOMB_FILLS = 2.0, 5.0, 1.0, 200_000_000


def run(stage: Stage) -> None:
    """Print the tables: a big plan checked, applied and merged next to its YAML being read; then the bombs."""
    _checked(HEAD)  # types are made once
    text = big(**{what: max(stage.some(count) // 20 * 20, 20) for what, count in FULL.items()})
    table = Table(f"A plan of {', '.join(f'{count} {what}' for what, count in FULL.items())}", "seconds", "to reading")
    reading, _ = _timed(load, text, "big.yml")
    checking, checked = _timed(_checked, text)
    table.row("reading the YAML, lines kept", s(reading), times(1, 1))
    table.row(f"callboard check, aim {s(CHECK_WITHIN)}", s(checking), times(checking, reading))
    for label, store in stage.databases():
        applying, again = _applied(store, checked, text)
        table.row(f"callboard apply on {label}, aim {s(APPLY_WITHIN)}", s(applying), times(applying, reading))
        table.row(f"callboard apply on {label}, every second task changed", s(again), times(again, reading))
    _bombs()


def _bombs() -> None:
    took = {name: _timed(_checked, text)[0] for name, text in BOMBS.items()}
    worst = max(took, key=lambda name: took[name])
    filled: dict[str, int] = {}
    for name, text in BOMBS.items():
        tracemalloc.start()
        _checked(text)
        filled[name] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    fullest = max(filled, key=lambda name: filled[name])
    table = Table(f"{len(BOMBS)} texts that are no plans", "worst", "aim")
    table.row(f"seconds until all that is wrong is said: {worst}", s(took[worst]), s(BOMB_WITHIN))
    table.row(f"memory at its highest: {fullest}", f"{filled[fullest] / 1e6:.0f} MB", f"{BOMB_FILLS / 1e6:.0f} MB")


def _checked(text: str) -> Checked:
    return plans.check(text, "big.yml", sections())


def _applied(store: Store, checked: Checked, text: str) -> tuple[float, float]:
    db = database(Settings(database_url=store.url))
    try:
        schema.upgrade(db)
        changed = _checked(text.replace("priority: high, due: 2026-04-1", "priority: low, due: 2026-04-1"))
        first = _timed(db.transact, plans.apply, checked, author="bench", workspace="T1")[0]
        return first, _timed(db.transact, plans.apply, changed, author="bench", workspace="T1")[0]
    finally:
        db.close()


def _timed(done: Callable[..., Any], *args: Any, **named: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    found = done(*args, **named)
    return time.perf_counter() - began, found
