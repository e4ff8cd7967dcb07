"""Deadlines: a task, a gate or an expectation that is due before it can be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

from callboard.checkpoints.plan import CHECKPOINTS, CheckpointPart
from callboard.core.calendar import Calendar
from callboard.core.words import has_have, joined, lasted
from callboard.gates.plan.types import GatePassedPart, PreflightPart, TasksPart, walk
from callboard.planfile import task_sets
from callboard.planfile.marks import marked
from callboard.planfile.sections import Path, place
from callboard.planfile.times import show_span
from callboard.planfile.types import LASTING
from callboard.preflight.plan import PREFLIGHT
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.rehearsal.findings.schedule import Schedule, asked_of, workers
from callboard.tasks.plan.types import COMPLETED, TaskPart

HUNDRED, MOST_DUES = 100, 40
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
SLACK = timedelta(minutes=1)
LONG = {"on_call", "retention"}
"""Where a time may well be longer than the plan."""


def found(scene: Scene) -> Iterator[Finding]:
    """What is late even if all goes well; then what is late if all takes as long as it may."""
    best, worst = Schedule(scene), Schedule(scene, high=True)
    late: set[str] = set()
    for key, part in scene.tasks.items():
        if finding := _task(scene, best, worst, key, part, late):
            late.add(key)
            yield finding
        elif due := scene.due(key):
            yield from _later(scene, key, due, ("tasks", key, "needs"), scene.awaited(key))
    yield from _loads(scene, best, worst, late)
    for key in scene.gates:
        yield from _order(scene, key)
        yield from _gate(scene, best, worst, key)
        yield from _preflights(scene, key)
    yield from _endless(scene)
    checkpoints: tuple[CheckpointPart, ...] = scene.document.values.get(CHECKPOINTS.name) or ()
    for number, each in enumerate(checkpoints):
        yield from _expected(scene, best, number, each)


def _task(scene: Scene, best: Schedule, worst: Schedule, key: str, part: TaskPart, late: set[str]) -> Finding | None:
    due, path = scene.due(key), ("tasks", key)
    before = scene.awaited(key)
    if not scene.is_ahead(due) or due is None or late.intersection(before):
        return None
    held = _held_until(scene, key, part)
    if held and held[0] > due:
        return scene.fault(
            path, f"{scene.key(key)} is due before it may begin.",
            f"It is due {scene.shown(due)}, and waits for {held[1]}, due {scene.shown(held[0])}.",
            "Give it a later `due`, or move what it waits for.", due,
        )  # fmt: skip
    if _nobody_works(scene, best.start(key), due, part):
        names = scene.names(scene.directory.named(workers(scene, part)))
        return scene.fault(
            path, f"Nobody works on {scene.key(key)} before it is due.",
            f"{names} {has_have(workers(scene, part))} no working time from "
            f"{scene.shown(best.start(key))} to {scene.shown(due)}.",
            "Give it to somebody who is there, or move its `due`.", due,
        )  # fmt: skip
    for schedule in (best, worst):
        if schedule.done(key) > due + SLACK:
            made = scene.fault if schedule is best else scene.risk
            return made(path, *_too_late(scene, schedule, key, part, due))
    return None


def _too_late(
    scene: Scene, schedule: Schedule, key: str, part: TaskPart, due: datetime
) -> tuple[str, str, str, datetime]:
    start, takes = schedule.start(key), schedule.length(part, next(iter(workers(scene, part)), ""))
    how = "takes up to" if schedule.high else "takes at least"
    work = f" and {how} {_hours(takes)} of working time" if takes else ""
    can = "may not be done" if schedule.high else "can't be done"
    return (
        f"{scene.key(key)} {can} by {scene.shown(due)}.",
        f"It can begin {scene.shown(start)}{work}: that is {scene.shown(schedule.done(key))}.",
        "Give it more time, begin earlier, or split it.", due,
    )  # fmt: skip


def _hours(work: timedelta) -> str:
    """Working time in hours: its days are no days."""
    return f"{work / AN_HOUR:.0f} h" if work >= A_DAY else lasted(work)


def _held_until(scene: Scene, key: str, part: TaskPart) -> tuple[datetime, str] | None:
    """The latest gate that its phase or team waits for, as planned; what a task itself needs may overlap with it."""
    awaited = [each for each in scene.awaited(key) if each in scene.gates]
    for holder in filter(None, (part.phase, part.owner)):
        awaited += [each for each in scene.awaited(holder) if each in scene.gates]
    dues = [(at, scene.key(each)) for each in dict.fromkeys(awaited) if (at := scene.due(each))]
    return max(dues, default=None)


def _nobody_works(scene: Scene, start: datetime, due: datetime, part: TaskPart) -> bool:
    people = workers(scene, part)
    if not people or start >= due:
        return False
    return not any(_open(scene.calendar(person), start, due) for person in people)


def _open(calendar: Calendar, start: datetime, due: datetime) -> bool:
    first = next(iter(calendar.stretches(start)), None)
    return first is not None and first[0] < due


def _loads(scene: Scene, best: Schedule, worst: Schedule, late: set[str]) -> Iterator[Finding]:
    """Somebody has more to do by a deadline than there is time, even where each of their tasks alone would fit."""
    for person, own in _alone(scene).items():
        if late.intersection(own):
            continue
        for schedule in (best, worst):
            if over := _overload(scene, schedule, person, own):
                key, needed, there = over
                made = scene.risk if schedule.high else scene.fault
                due = scene.due(key)
                how = "may take" if schedule.high else "take at least"
                yield made(
                    ("tasks", key), f"{scene.name(person)} has too much to do by {scene.shown(due or scene.end)}.",
                    f"Their tasks until then {how} {_hours(needed)}, and there are {_hours(there)} of working time.",
                    f"Give one of them to somebody else, or move the `due` of {key}.", due,
                )  # fmt: skip
                break


def _alone(scene: Scene) -> dict[str, list[str]]:
    """The tasks that somebody has to do alone, with an estimate and a due time, by person."""
    found: dict[str, list[str]] = {}
    for key, part in scene.tasks.items():
        people = workers(scene, part) if part.people and part.estimate and scene.is_ahead(scene.due(key)) else []
        if len(people) == 1:
            found.setdefault(people[0], []).append(key)
    return found


def _overload(scene: Scene, schedule: Schedule, person: str, own: list[str]) -> tuple[str, timedelta, timedelta] | None:
    """The first deadline by which tasks need more than there is: of all that begin after one and end by the other."""
    moments = {key: (schedule.start(key), scene.due(key) or scene.end) for key in own}
    calendar = scene.calendar(person)
    for key in islice(sorted(own, key=lambda each: moments[each][1]), MOST_DUES):
        due = moments[key][1]
        for begin in sorted({start for start, _ in moments.values() if start < due})[:MOST_DUES]:
            within = [each for each in own if moments[each][0] >= begin and moments[each][1] <= due]
            needed = sum((schedule.length(scene.tasks[each], person) for each in within), timedelta())
            if len(within) > 1 and needed > (there := calendar.between(begin, due)):
                return key, needed, there
    return None


def _order(scene: Scene, key: str) -> Iterator[Finding]:
    """What a gate needs is planned to be there by the time when the gate is due."""
    gate, due = scene.gates[key], scene.due(key)
    if due is None or "/" in key:
        return
    for number, written in enumerate(gate.needs):
        for each in task_sets.members(scene.document, [written]) or ([written] if isinstance(written, str) else []):
            yield from _later(scene, key, due, ("gates", key, "needs", number), [str(each)])
    for path, part in walk(gate.criteria, ("gates", key, "criteria")):
        if isinstance(part, GatePassedPart):
            yield from _later(scene, key, due, path, [part.gate])
        elif isinstance(part, TasksPart) and part.are in (None, COMPLETED) and part.at_least is None:
            yield from _later(scene, key, due, path, task_sets.members(scene.document, part.tasks))


def _endless(scene: Scene) -> Iterator[Finding]:
    """Every time that is written down and longer than the plan: 30d for 30m."""
    for path, span in marked(scene.document, LASTING):
        if isinstance(span, timedelta) and span > scene.lasts and path in scene.document.lines and path[0] not in LONG:
            yield scene.risk(
                path, f"`{place(path)}` is longer than the plan.",
                f"It is {show_span(span)}, and the plan lasts {lasted(scene.lasts)}.", "Write a shorter time.",
            )  # fmt: skip


def _later(scene: Scene, key: str, due: datetime, path: Path, needed: list[str]) -> Iterator[Finding]:
    """What is needed is due later: a gate then fails, and a task may be lucky."""
    open_ = {**scene.gates, **scene.tasks}
    late = {each: at for each in needed if each in open_ and (at := scene.due(each)) and at > due}
    if late:
        last = max(late, key=lambda each: late[each])
        names = joined([scene.key(each) for each in late], FEW)
        made = scene.fault if key in scene.gates else scene.risk
        yield made(
            path, f"{scene.key(key)} is due before what it needs.",
            f"It is due {scene.shown(due)}, and {names} until {scene.shown(late[last])}.",
            "Move its `due` behind that, or what it needs before it.", due,
        )  # fmt: skip


def _gate(scene: Scene, best: Schedule, worst: Schedule, key: str) -> Iterator[Finding]:
    due = scene.due(key)
    if due is None or not scene.is_ahead(due):
        return
    for schedule in (best, worst):
        if schedule.done(key) > due + SLACK:
            made, word = (scene.risk, "may not") if schedule.high else (scene.fault, "can't")
            last = max(asked_of(scene, key, scene.gates[key]), key=schedule.done)
            yield made(
                _due_path(scene, key), f"{scene.key(key)} {word} pass in time.",
                f"It is due {scene.shown(due)}. It needs {scene.key(last)}, done "
                f"{scene.shown(schedule.done(last))} at the earliest{' if all takes long' if schedule.high else ''}.",
                "Move its `due`, or ask for less.", due,
            )  # fmt: skip
            return


def _due_path(scene: Scene, key: str) -> Path:
    path: Path = ("gates", key.partition("/")[0], "due")
    return path if path in scene.document.lines else path[:-1]


def _preflights(scene: Scene, key: str) -> Iterator[Finding]:
    """Test pages are sent before the gate, and not so long before that they no longer count."""
    part, due = scene.document.of(PREFLIGHT), scene.due(key)
    at = scene.instant(part.at) if part else None
    for path, each in walk(scene.gates[key].criteria, ("gates", key.partition("/")[0], "criteria")):
        if not isinstance(each, PreflightPart) or at is None or due is None or part is None:
            continue
        if at + part.answer_within > due or at + each.preflight < due:
            early = at + each.preflight < due
            why = f"Test pages are sent {scene.shown(at)}, and the gate is due {scene.shown(due)}."
            yield scene.fault(
                path, f"The test pages come too {'early' if early else 'late'} for {scene.key(key)}.", why,
                "Move `preflight.at`, or ask for it within a longer time.", at,
            )  # fmt: skip


def _expected(scene: Scene, best: Schedule, number: int, part: CheckpointPart) -> Iterator[Finding]:
    """A checkpoint expects of tasks only what can be there by then."""
    at = scene.instant(part.at)
    if at is None or not scene.is_ahead(at):
        return
    wanted: list[tuple[Path, str, float]] = []
    here: Path = ("checkpoints", number, "expects")
    if isinstance(part.expects, Mapping):
        for written, value in part.expects.items():
            share = HUNDRED if value == COMPLETED else value if isinstance(value, float | int) else 0
            wanted += [((*here, written), key, share) for key in task_sets.members(scene.document, (written,))]
    else:
        for place, each in enumerate(part.expects):
            if each.are == COMPLETED or each.at_least == HUNDRED:
                keys = task_sets.members(scene.document, each.tasks)
                wanted += [((*here, place), key, HUNDRED) for key in keys]
    for path, key, share in wanted:
        if key in scene.tasks and share and (ready := _ready(scene, best, key, share)) > at + SLACK:
            yield scene.fault(
                path, f"{part.name} expects {scene.key(key)} before it can be there.",
                f"It is {scene.shown(at)} then. {share:.0f}% can be there {scene.shown(ready)} at the earliest.",
                "Expect less, or move the checkpoint.", at,
            )  # fmt: skip
            return


def _ready(scene: Scene, best: Schedule, key: str, share: float) -> datetime:
    """When so much of a task can be done."""
    part, start = scene.tasks[key], best.start(key)
    length = best.length(part) * share / HUNDRED
    ends = [best.end(scene.calendar(person), start, length) for person in workers(scene, part)]
    return min(ends, default=start)
