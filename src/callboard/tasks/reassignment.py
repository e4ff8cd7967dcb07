"""What a change of the plan means for those who have tasks: what is theirs now, what no longer, what is moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from callboard.blocks import markup as m
from callboard.core.words import joined
from callboard.tasks import messages, models
from callboard.tasks.dependencies import Scene
from callboard.tasks.models import Task
from callboard.teams.service import Directory


class Before(NamedTuple):
    """What a task was before the plan changed."""

    title: str
    people: tuple[str, ...]
    due_at: datetime | None


class Turn(StrEnum):
    """What happened to a task, for one reader."""

    GIVEN = "given"
    TAKEN = "taken"
    MOVED = "moved"
    LEFT = "left"


UNDOES = {Turn.GIVEN: (Turn.TAKEN,), Turn.TAKEN: (Turn.GIVEN,), Turn.MOVED: (Turn.MOVED, Turn.GIVEN)}
"""What is nothing new, by what somebody was to be told before it; until when it is, either says as it is sent."""
News = tuple[str, str, Any]
"""What happened to a task, its key, and what it was: its title, when it was due, or who had it."""


def news(
    directory: Directory, before: Mapping[str, Before], now: Mapping[str, Task], left: Mapping[str, Sequence[str]]
) -> dict[str, list[News]]:
    """What each person is to be told; leads of what was `left` by people who are not in the plan any more."""
    found: dict[str, list[News]] = defaultdict(list)
    for key, was in before.items():
        for person, each in _of(key, was, now.get(key)):
            found[person].append(each)
    for key, task in now.items() if before else ():
        for person in task.assignees if key not in before and not models.settled(task) else ():
            found[person].append((Turn.GIVEN, key, task.title))
    for key, people in left.items():
        for lead in {lead.key for team in now[key].teams for lead in directory.leads_of(team)}:
            found[lead].append((Turn.LEFT, key, list(people)))
    return found


def undone(earlier: Sequence[News], later: Sequence[News]) -> tuple[list[News], list[News]]:
    """What is left of both while nobody read the earlier: what the later takes back is neither."""
    before, after = [*earlier], []
    for turn, key, was in later:
        back = next((each for each in before if each[1] == key and each[0] in UNDOES.get(Turn(turn), ())), None)
        if back is None:
            after.append((turn, key, was))
        elif turn != Turn.MOVED:
            before.remove(back)
    return before, after


def _of(key: str, was: Before, task: Task | None) -> Iterator[tuple[str, News]]:
    people = task.assignees if task else ()
    yield from ((person, (Turn.TAKEN, key, was.title)) for person in was.people if person not in people)
    if task is None or models.settled(task):
        return
    yield from ((person, (Turn.GIVEN, key, task.title)) for person in people if person not in was.people)
    if task.due_at != was.due_at:
        yield from ((person, (Turn.MOVED, key, _written(was.due_at))) for person in people if person in was.people)


def line(scene: Scene, reader: str, turn: str, key: str, was: Any) -> str:
    """How it reads now; empty where it is not so any more."""
    task = scene.tasks.get(key)
    own = task is not None and reader in task.assignees
    if turn == Turn.TAKEN:
        return "" if own else f"{m.bold(key)} {m.escape(was)} {_fate(scene, task)}."
    if task is None:
        return ""
    due, name = f"due {m.date(task.due_at, 'both')}" if task.due_at else "", f"{m.bold(key)} {m.escape(task.title)}"
    if turn == Turn.LEFT:
        people = joined(map(scene.directory.called, was))
        return "" if task.assignees else f"{name} has nobody now: {people} left the plan."
    if not own or (turn == Turn.MOVED and was == _written(task.due_at)):
        return ""
    if turn == Turn.GIVEN:
        return f"{name} is yours now{f', {due}' if due else ''}."
    then = f", not {m.date(datetime.fromisoformat(was), 'both')}" if was else ""
    return f"{name} is {due or 'due at no time'} now{then}."


def _written(due_at: datetime | None) -> str:
    return due_at.isoformat() if due_at else ""


def _fate(scene: Scene, task: Task | None) -> str:
    if task is None:
        return "has left the plan"
    people = messages.view(scene, task).people if task.assignees else ""
    return f"is no longer yours{f': {people} has it' if people else ''}"
