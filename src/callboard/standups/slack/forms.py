"""The forms of a standup: what they begin with, how they look, and what they change of somebody's tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.core.errors import Refused
from callboard.standups import models, schedule, store
from callboard.standups.models import CheckIn, day_name, planned
from callboard.tasks import service as tasks
from callboard.tasks.service import State, Task
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

Form = dict[str, Any]
LONGEST = 2500
MOST, ALL = 8, 100
CHOICES = (State.NOT_STARTED, State.IN_PROGRESS, State.COMPLETED)
ORDER = (State.IN_PROGRESS, State.BLOCKED, State.NOT_STARTED)


@dataclass(frozen=True)
class TaskLine:
    """A task in a form."""

    key: str
    title: str
    status: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a form begins with: each question with what is likely said, the tasks, and what is in the way already."""

    plan: str
    standup: str
    name: str
    day: date
    questions: tuple[tuple[str, str], ...]
    waits_for: str
    tasks: tuple[TaskLine, ...]
    more_tasks: int
    blockers: tuple[str, ...]
    again: bool


def draft(tx: Tx, who: Asker, key: str, day: date, one: CheckIn | None, at: datetime) -> Draft:
    """What the form of a round begins with, for somebody who may have said something already."""
    book, directory = schedule.book_of(tx, who.directory.plan_id), who.directory
    said = {each["ask"]: each["said"] for each in one.answers} if one else {}
    asked = schedule.questions(book, key, who.person, at) or tuple(said)
    probe = one or CheckIn(
        plan_id=directory.plan_id, standup=key, person=who.person.key, day=day, round_id=0, zone="", at=at,
        asked_at=at, closes_at=at,
    )  # fmt: skip
    before = planned(store.last_answered(tx, probe))
    mine = own_tasks(tx, who)
    waits_for = directory.people.get(one.waits_for) if one and one.waits_for else None
    return Draft(
        plan=directory.plan_key,
        standup=key,
        name=book.standups[key].name,
        day=day,
        questions=tuple((ask, said.get(ask, before if models.looks_back(ask) and not said else "")) for ask in asked),
        waits_for=waits_for.slack_id if waits_for else "",
        tasks=tuple(TaskLine(t.key, b.escape(t.title), str(t.status), t.percent) for t in mine),
        more_tasks=_open_tasks(tx, who) - len(mine),
        blockers=tuple(_open_blockers(tx, who)),
        again=bool(one and one.answered),
    )


def own_tasks(tx: Tx, who: Asker) -> Sequence[Task]:
    """The open tasks of somebody, those in progress first; as many as a form has room for."""
    mine = [task for task in tasks.tasks(tx, who.directory.plan_id) if who.person.key in task.assignees]
    there = [task for task in mine if not tasks.settled(task)]
    return sorted(there, key=lambda task: (ORDER.index(State(task.status)), task.position))[:MOST]


def check_in(draft: Draft) -> Form:
    """The questions, the tasks, and whom a blocker waits for."""
    private = {
        "plan": draft.plan, "standup": draft.standup, "day": draft.day.isoformat(),
        "ask": [ask for ask, _ in draft.questions], "tasks": {t.key: [t.status, t.percent] for t in draft.tasks},
    }  # fmt: skip
    inputs = [b.context(day_name(draft.day)), *_questions(draft), *_blockers(draft), *_tasks(draft)]
    submit = "Change it" if draft.again else "Report"
    return b.modal(draft.name, inputs, callback_id="standup.submit", submit=submit, private=_fitting(private))


def skip(plan: str, standup: str, name: str, day: date) -> Form:
    """Why somebody skips a round."""
    private = {"plan": plan, "standup": standup, "day": day.isoformat()}
    inputs = [
        b.section(f"{b.bold(b.escape(name))}, {day_name(day)}: the others see why."),
        b.text_input("Why do you skip it?", "why", max_length=200, placeholder="All day at the dentist"),
    ]
    return b.modal("Skip this round", inputs, callback_id="standup.skip", submit="Skip it", private=private)


def answers(private: Mapping[str, Any], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each question of a submitted form with what was said."""
    return [(str(ask), (values.get(f"q{place}") or "").strip()) for place, ask in enumerate(private["ask"])]


def change_tasks(tx: Tx, who: Asker, drawn: Mapping[str, Sequence[Any]], values: Mapping[str, Any]) -> dict[str, str]:
    """Do with tasks what a form says; what is wrong, by the block that says it."""
    wrong: dict[str, str] = {}
    for place, (key, (status, percent)) in enumerate(drawn.items()):
        chosen = values.get(f"status{place}") or status
        written = (values.get(f"percent{place}") or "").strip().removesuffix("%").strip() or str(percent)
        if not written.isdigit() or int(written) > ALL:
            wrong[f"percent{place}"] = "Write a number from 0 to 100."
            continue
        try:
            _change(tx, who, key, chosen if chosen != status else "", int(written) if written != str(percent) else None)
        except Refused as refused:
            wrong[f"status{place}" if chosen != status else f"percent{place}"] = refused.sentence
    return wrong


def _open_tasks(tx: Tx, who: Asker) -> int:
    every = tasks.tasks(tx, who.directory.plan_id)
    return sum(who.person.key in task.assignees and not tasks.settled(task) for task in every)


def _open_blockers(tx: Tx, who: Asker) -> list[str]:
    """The open blockers that somebody raised, has or is waited for with."""
    me, found = who.person.key, []
    for blocker in blockers.open_ones(tx, who.directory.plan_id):
        if me in (blocker.reporter, blocker.owner, blocker.waits_for):
            has = f"{who.directory.called(blocker.owner)} has it" if blocker.owner else "nobody has it yet"
            found.append(f"Blocker {blocker.number}: {b.clip(blocker.what, 200)} ({has})")
    return found


def _questions(draft: Draft) -> Iterator[dict[str, Any]]:
    asked_for = False
    for place, (ask, said) in enumerate(draft.questions):
        about_blockers = models.asks_for_blockers(ask)
        hint = "One on each line; afterwards each becomes a blocker with one click." if about_blockers else None
        yield b.text_input(ask, f"q{place}", multiline=True, optional=True, initial=said, max_length=LONGEST, hint=hint)
        if about_blockers and not asked_for:
            asked_for = True
            initial = draft.waits_for or None
            yield b.user_input("Whom does it wait for?", "waits_for", optional=True, initial=initial)


def _blockers(draft: Draft) -> Iterator[dict[str, Any]]:
    if draft.blockers:
        listed = "\n".join(f":octagonal_sign: {line}" for line in draft.blockers)
        yield b.context(b.clip(f"Open already, no need to repeat them:\n{listed}", b.TEXT))


def _tasks(draft: Draft) -> Iterator[dict[str, Any]]:
    if draft.tasks:
        yield b.divider()
        yield b.section("*Your tasks*, as they stand; what you change here is changed at once.")
    for place, task in enumerate(draft.tasks):
        label = b.clip(f"{task.key} {task.title}", 150)
        yield b.select_input(label, f"status{place}", _choices(task), initial=task.status)
        yield b.text_input(
            f"{task.key}: how far, in percent?", f"percent{place}", initial=str(task.percent), max_length=4,
            optional=True,
        )  # fmt: skip
    if draft.more_tasks:
        yield b.context(f"and {draft.more_tasks} more: `/task mine` has them all")


def _choices(task: TaskLine) -> Sequence[tuple[str, str]]:
    states = dict.fromkeys([task.status, *map(str, CHOICES)])
    return [(state.capitalize(), state) for state in states]


def _fitting(private: dict[str, Any]) -> dict[str, Any]:
    """What the form carries along, within Slack's limit: questions are the only long part of it."""
    short = {**private, "ask": [b.clip(ask, 200) for ask in private["ask"]]}
    return short if len(str(private)) > b.PRIVATE - 500 else private


def _change(tx: Tx, who: Asker, key: str, status: str, percent: int | None) -> None:
    if status == State.COMPLETED:
        tasks.complete(tx, who, key)
    elif status == State.IN_PROGRESS and percent is None:
        tasks.start(tx, who, key)
    elif status == State.NOT_STARTED:
        raise Refused(f"{key} has begun: say how far it is, or complete it. `/task release {key}` gives it back.")
    elif percent is not None:
        tasks.progress(tx, who, key, percent)
