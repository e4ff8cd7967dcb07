"""How what is expected at a checkpoint stands, and by how much it is missed: pure, from tasks and readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callboard import blocks as b
from callboard.checkpoints.plan.types import CheckpointPart, ExpectationPart, Status
from callboard.core.words import counted, few
from callboard.gates import criteria
from callboard.gates.criteria import Facts
from callboard.gates.plan.measures import PERCENT, PLAIN, Amount, MeasurePart
from callboard.gates.plan.types import GatePart, GatePassedPart, MeasuredPart
from callboard.planfile import task_sets
from callboard.planfile.sections import Document
from callboard.tasks.models import ALL, State, Task

BEGUN = (State.IN_PROGRESS, State.COMPLETED, State.DROPPED)
DONE = (State.COMPLETED, State.DROPPED)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One expectation as it stands. `says` and `stands` are Slack's text; `short` is by how much it is missed.

    Nothing in `teams`: it concerns all teams of the checkpoint. `expected` is a percentage or a status, of a task.
    """

    says: str
    stands: str
    holds: bool
    short: str = ""
    task: str = ""
    expected: float | Status | None = None
    teams: tuple[str, ...] = ()
    who: tuple[str, ...] = ()


def items(document: Document, part: CheckpointPart, tasks: Mapping[str, Task], facts: Facts) -> list[Item]:
    """Every expectation of a checkpoint, in the order of the file."""
    return list(_items(document, part, tasks, facts))


def holds(task: Task, expected: float | Status) -> bool:
    """Whether a task has come as far as is expected; what was dropped keeps nobody."""
    if isinstance(expected, str):
        reached = {State.COMPLETED: DONE, State.IN_PROGRESS: BEGUN, State.BLOCKED: (State.BLOCKED,)}
        return expected == "not started" or task.status in reached[State(expected)]
    return task.status in DONE or task.percent >= expected


def so_far(task: Task) -> str:
    """How a task stands, in few words."""
    if task.status == State.BLOCKED:
        return (
            f"blocked by blocker {task.blocker} at {task.percent}%" if task.blocker else f"blocked at {task.percent}%"
        )
    return f"{task.percent}%" if task.status == State.IN_PROGRESS else str(task.status)


def tasks_of(document: Document, part: CheckpointPart) -> list[str]:
    """The tasks that a checkpoint names."""
    if isinstance(part.expects, Mapping):
        return task_sets.members(document, list(part.expects))
    return task_sets.members(document, [each for one in part.expects for each in one.tasks])


def measures_of(part: CheckpointPart) -> list[str]:
    """The measures that it looks at."""
    return [] if isinstance(part.expects, Mapping) else [one.measure for one in part.expects if one.measure]


def _items(document: Document, part: CheckpointPart, tasks: Mapping[str, Task], facts: Facts) -> Iterator[Item]:
    if isinstance(part.expects, Mapping):
        for written, expected in part.expects.items():
            yield from _each(task_sets.members(document, (written,)), tasks, expected)
        return
    for one in part.expects:
        if one.tasks and one.at_least is not None:
            yield _together(document, one, tasks, one.at_least)
        elif one.tasks:
            yield from _each(task_sets.members(document, one.tasks), tasks, one.are or "completed")
        else:
            yield _read(document, one, facts)


def _each(keys: Sequence[str], tasks: Mapping[str, Task], expected: float | Status) -> Iterator[Item]:
    for task in (tasks[key] for key in keys if key in tasks):
        wanted = f"at {expected:g}%" if isinstance(expected, float) else expected
        good = holds(task, expected)
        yield Item(
            says=f"{b.bold(task.key)} {b.escape(task.title)}", stands=f"{so_far(task)}, should be {wanted}", holds=good,
            short="" if good else _short(task, expected), task=task.key, expected=expected, teams=tuple(task.teams),
            who=tuple(task.assignees),
        )  # fmt: skip


def _short(task: Task, expected: float | Status) -> str:
    """By how much a task is behind."""
    target = expected if isinstance(expected, float) else ALL if expected == "completed" else 0
    left = round(target - task.percent)
    return f"{counted(left, 'point')} short" if 0 < left < target else ""


def _together(document: Document, part: ExpectationPart, tasks: Mapping[str, Task], least: float) -> Item:
    """Several tasks that are to have come so far together, each counting as much as any other."""
    every = [tasks[key] for key in task_sets.members(document, part.tasks) if key in tasks]
    own = [task for task in every if task.status != State.DROPPED]
    done = sum(ALL if task.status == State.COMPLETED else task.percent for task in own) // len(own) if own else 0
    named = few([task.key for task in own], 3)
    good = not own or done >= least
    teams = dict.fromkeys(team for task in own for team in task.teams)
    return Item(
        says=f"{b.bold(f'{len(own)} tasks together')} ({named})",
        stands=f"{done}%, should be at {least:g}%", holds=good,
        short="" if good else f"{least - done:g} points short", teams=tuple(teams),
    )  # fmt: skip


def _read(document: Document, part: ExpectationPart, facts: Facts) -> Item:
    """A measure or a gate, read as gates read them."""
    measure = (document.values.get("measures") or {}).get(part.measure) or MeasurePart()
    criterion = (
        GatePassedPart(gate=part.gate)
        if part.gate
        else MeasuredPart(
            measure=part.measure, at_least=_bound(part.at_least, measure), at_most=_bound(part.at_most, measure)
        )
    )
    (found,) = criteria.readings(document, GatePart(name="expected", criteria=(criterion,)), facts)
    return Item(says=b.bold(found.says), stands=found.stands, holds=found.holds)


def _bound(bound: float | None, measure: MeasurePart) -> Amount | None:
    """A number as the measure counts: where that is in percent, of percent."""
    if bound is None:
        return None
    own = measure.at_least or measure.at_most
    unit = PERCENT if measure.unit == PERCENT or (own and own.unit == PERCENT and not measure.of) else PLAIN
    return Amount(bound, unit)
