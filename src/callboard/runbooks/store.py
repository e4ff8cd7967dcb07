"""Every query about runs and their steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.memory import Each
from callboard.runbooks.models import Kind, Run, RunStep

STARTS = "run-books that begin"
OPEN = col(Run.ended_at).is_(None)
CLOSED = col(Run.ended_at).is_not(None)
LATELY = 5

_OF_RUN = col(RunStep.run_id) == bindparam("run")
STEPS = select(RunStep).where(_OF_RUN).order_by(col(RunStep.place))
STEPS_ANEW = STEPS.execution_options(populate_existing=True)
NAMES = select(RunStep.place, RunStep.key, RunStep.title).where(_OF_RUN).order_by(col(RunStep.place))
RUNS_OF = select(RunStep.run_id).where(col(RunStep.id).in_(bindparam("steps", expanding=True)))
OF_RUNS = (
    select(RunStep)
    .where(col(RunStep.run_id).in_(bindparam("runs", expanding=True)))
    .order_by(col(RunStep.run_id), col(RunStep.place))
)
OPEN_RUNS = select(Run).where(col(Run.plan_id) == bindparam("plan"), OPEN).order_by(col(Run.id))


class Name(NamedTuple):
    """What somebody calls a step by."""

    place: int
    key: str
    title: str


def run(tx: Tx, number: int, *, lock: bool = False) -> Run | None:
    return tx.get(Run, number, lock=lock)


def step(tx: Tx, number: int) -> RunStep | None:
    return tx.get(RunStep, number)


def name_of_step(tx: Tx, number: int) -> str:
    found = tx.get_one(RunStep, number)
    return f"{found.title} of {tx.get_one(Run, found.run_id).name}"


def steps(tx: Tx, run_id: int, *, anew: bool = False) -> list[RunStep]:
    """The steps of a run in the order of the plan; `anew` as they are now, for whoever holds the run's row."""
    return list(tx.session.exec(STEPS_ANEW if anew else STEPS, params={"run": run_id}).all())


def runs_of(tx: Tx, numbers: Collection[int]) -> set[int]:
    """The runs that these steps belong to."""
    return set(tx.session.exec(RUNS_OF, params={"steps": list(numbers)}))


def names(tx: Tx, run_id: int) -> Sequence[Name]:
    """What the steps of a run are called, in the order of the plan."""
    return [Name(*row) for row in tx.session.exec(NAMES, params={"run": run_id})]


def _of_runs(tx: Tx, runs: list[int]) -> dict[int, list[RunStep]]:
    found: dict[int, list[RunStep]] = {}
    for row in tx.session.exec(OF_RUNS, params={"runs": runs}):
        found.setdefault(row.run_id, []).append(row)
    return found


shown = Each[int, list[RunStep]](_of_runs, list, RunStep)
"""The steps of a run in the order of the plan, for whoever only shows them."""


def open_runs(tx: Tx, plan_id: int) -> Sequence[Run]:
    """The runs of a plan that are not over, oldest first."""
    return tx.session.exec(OPEN_RUNS, params={"plan": plan_id}).all()


def closed(tx: Tx, plan_id: int, key: str, *, drill: bool | None = None) -> Sequence[Run]:
    """The last runs of a run-book or a rollback that are over, newest first: all, drills only, or all but drills."""
    wanted = select(Run).where(Run.plan_id == plan_id, Run.key == key, CLOSED)
    wanted = wanted if drill is None else wanted.where(Run.drill == drill)
    return tx.session.exec(wanted.order_by(col(Run.id).desc()).limit(LATELY)).all()


def latest(tx: Tx, plan_id: int, key: str) -> Run | None:
    """The newest run of a run-book, open or over, that is no drill."""
    every = [*open_runs(tx, plan_id), *closed(tx, plan_id, key, drill=False)]
    own = (row for row in every if row.key == key and not row.drill and row.kind == Kind.RUNBOOK)
    return max(own, key=lambda row: row.number, default=None)


_steps = steps


def put(tx: Tx, run: Run, steps: Iterable[RunStep]) -> list[RunStep]:
    """Store a run with its steps, in place of those that it had."""
    tx.session.add(run)
    tx.session.flush()
    for old in _steps(tx, run.number):
        tx.session.delete(old)
    tx.session.flush()
    new = list(steps)
    for step in new:
        step.run_id, step.plan_id = run.number, run.plan_id
        tx.session.add(step)
    tx.session.flush()
    return new
