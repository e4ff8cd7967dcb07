"""What is expected at a checkpoint, how that stands, and by how much it is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard.blocks import markup as m
from callboard.checkpoints import store
from callboard.checkpoints.models import Checkpoint
from callboard.checkpoints.plan import CheckpointPart, ExpectationPart, Status
from callboard.core.db import Tx
from callboard.core.rows import fresh
from callboard.core.words import counted, few
from callboard.gates import criteria
from callboard.gates import store as gate_rows
from callboard.gates.criteria import computation
from callboard.gates.criteria.facts import Facts
from callboard.gates.plan.measures import MEASURES, PERCENT, PLAIN, Amount, MeasurePart
from callboard.gates.plan.types import GatePart, GatePassedPart, MeasuredPart
from callboard.planfile import task_sets
from callboard.planfile.names import name_of
from callboard.planfile.paths import by_key
from callboard.planfile.sections import Document
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.tasks.models import ALL, State, Task
from callboard.teams import service as teams

DONE = (State.COMPLETED, State.DROPPED)
REACHED = {State.COMPLETED: DONE, State.IN_PROGRESS: (State.IN_PROGRESS, *DONE), State.BLOCKED: (State.BLOCKED,)}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One expectation as it stands. `says` and `stands` are Slack's text; `short` is by how much it is missed.

    Without `teams` it concerns all teams of the checkpoint. `expected` is a percentage or a status, of a task.
    """

    says: str
    stands: str
    holds: bool
    short: str = ""
    task: str = ""
    expected: float | Status | None = None
    teams: tuple[str, ...] = ()
    who: tuple[str, ...] = ()


def holds(task: Task, expected: float | Status) -> bool:
    """Whether a task has come as far as expected; a dropped task is never behind."""
    if isinstance(expected, str):
        return expected == "not started" or task.status in REACHED[State(expected)]
    return task.status in DONE or task.percent >= expected


def so_far(task: Task) -> str:
    """How a task stands, in few words."""
    if task.status == State.BLOCKED:
        return f"blocked{f' by blocker {task.blocker}' if task.blocker else ''} at {task.percent}%"
    return f"{task.percent}%" if task.status == State.IN_PROGRESS else str(task.status)


def items(
    document: Document, part: CheckpointPart, tasks: Mapping[str, Task], facts: Facts,
    held: Callable[[Task], str] = lambda _: "",
) -> Iterator[Item]:  # fmt: skip
    """Every expectation of a checkpoint, in the order of the file; `held` says what a task waits for."""

    def waits(task: Task) -> str:
        return f", waits for {m.escape(name_of(document, by))}" if (by := held(task)) else ""

    if isinstance(part.expects, Mapping):
        for written, status in part.expects.items():
            yield from _each(task_sets.members(document, (written,)), tasks, status, waits)
        return
    for expected in part.expects:
        if expected.tasks and expected.at_least is not None:
            yield _together(document, expected, tasks, expected.at_least)
        elif expected.tasks:
            yield from _each(task_sets.members(document, expected.tasks), tasks, expected.are or "completed", waits)
        else:
            yield _read(document, expected, facts)


def _each(
    keys: Sequence[str], tasks: Mapping[str, Task], expected: float | Status, waits: Callable[[Task], str]
) -> Iterator[Item]:
    for task in (tasks[key] for key in keys if key in tasks):
        wanted = f"at {expected:g}%" if isinstance(expected, float) else expected
        good, stands = holds(task, expected), f"{so_far(task)}{waits(task)}, should be {wanted}"
        yield Item(
            says=f"{m.bold(task.key)} {m.escape(task.title)}", stands=stands, holds=good,
            short="" if good else _short(task, expected), task=task.key, expected=expected, teams=tuple(task.teams),
            who=tuple(task.assignees),
        )  # fmt: skip


def _short(task: Task, expected: float | Status) -> str:
    target = expected if isinstance(expected, float) else ALL if expected == "completed" else 0
    left = round(target - task.percent)
    return f"{counted(left, 'point')} short" if 0 < left < target else ""


def _together(document: Document, part: ExpectationPart, tasks: Mapping[str, Task], least: float) -> Item:
    """Several tasks that should have come so far together, where each counts as much as any other."""
    named = (tasks[key] for key in task_sets.members(document, part.tasks) if key in tasks)
    own = [task for task in named if task.status != State.DROPPED]
    done = sum(ALL if task.status == State.COMPLETED else task.percent for task in own) // len(own) if own else 0
    good = not own or done >= least
    return Item(
        says=f"{m.bold(f'{len(own)} tasks together')} ({few([task.key for task in own], 3)})",
        stands=f"{done}%, should be at {least:g}%", holds=good,
        short="" if good else f"{least - done:g} points short",
        teams=tuple(dict.fromkeys(team for task in own for team in task.teams)),
    )  # fmt: skip


def _read(document: Document, part: ExpectationPart, facts: Facts) -> Item:
    """A measure or a gate, read as gates read them."""
    measure = (document.of(MEASURES) or {}).get(part.measure) or MeasurePart()
    criterion = GatePassedPart(gate=part.gate) if part.gate else MeasuredPart(
        measure=part.measure, at_least=_bound(part.at_least, measure), at_most=_bound(part.at_most, measure)
    )  # fmt: skip
    (reading,) = criteria.readings(document, GatePart(name="expected", criteria=(criterion,)), facts)
    return Item(says=m.bold(reading.says), stands=reading.stands, holds=reading.holds)


def _bound(bound: float | None, measure: MeasurePart) -> Amount | None:
    """A number in the unit that the measure counts in."""
    if bound is None:
        return None
    own = measure.at_least or measure.at_most
    return Amount(bound, PERCENT if PERCENT in (measure.unit, own.unit if own and not measure.of else "") else PLAIN)


def written(tx: Tx, plan_id: int) -> dict[str, CheckpointPart]:
    """The checkpoints of a plan as it stands, by their keys."""
    return by_key(plans.live(tx, plan_id), "checkpoints")


def unchecked(tx: Tx, plan_id: int, key: str, part: CheckpointPart, at: datetime) -> Checkpoint:
    """The row of a checkpoint before it is checked."""
    named = {"key": key, "name": part.name, "teams": list(part.concerned)}
    return fresh(Checkpoint, plan_id=plan_id, at=at, looked_at=tx.now, **named)


def stands(tx: Tx, plan_id: int, part: CheckpointPart) -> list[Item]:
    """How everything that a checkpoint expects stands now."""
    document, directory = teams.document(tx, plan_id), teams.directory(tx, plan_id)
    listed = () if isinstance(part.expects, Mapping) else part.expects
    named = part.expects if isinstance(part.expects, Mapping) else [task for each in listed for task in each.tasks]
    rows = tasks.seen_of(tx, plan_id, task_sets.members(document, list(named)))
    measured = [each.measure for each in listed if each.measure]
    facts = Facts(
        measures=gate_rows.measurements(tx, plan_id, measured),
        figures=computation.figures(tx, plan_id, measured),
        gates={gate.key: gate for gate in gate_rows.gates(tx, plan_id)},
        called=directory.name,
    )
    return list(items(document, part, {row.key: row for row in rows}, facts, tasks.held(tx, plan_id)))


def before(tx: Tx, checkpoint: Checkpoint) -> Checkpoint | None:
    """The checkpoint before, of one of the same teams."""
    own = set(checkpoint.teams)
    rows = [row for row in store.checkpoints(tx, checkpoint.plan_id) if row.at < checkpoint.at and not row.missed]
    return next((row for row in reversed(rows) if not own or not row.teams or own & set(row.teams)), None)
