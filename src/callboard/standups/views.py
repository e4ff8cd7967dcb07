"""What messages and forms show of standups, read from rows into frozen values; all text is Slack's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from callboard.blockers import service as blockers
from callboard.core import blocks as b
from callboard.standups import models, posts, raising, slots, store, words, working
from callboard.standups.models import CheckIn, Round, State
from callboard.standups.parts import StandupPart
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx


@dataclass(frozen=True)
class Line:
    """A line that names something in the way, and the blocker that it became."""

    text: str
    blocker: int | None


@dataclass(frozen=True, kw_only=True)
class CheckInView:
    """One person's part in a round. `who` is a name that rings nobody, `mention` rings."""

    number: int
    standup: str
    day: date
    who: str
    mention: str
    state: str
    why: str
    asked_at: datetime
    closes_at: datetime
    answered_at: datetime | None
    early: bool
    changed: bool
    after_turn: bool
    held_up: bool
    questions: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    waits_for: str
    before: str
    changes: int
    turn: bool = False

    @property
    def answered(self) -> bool:
        """Whether something was said."""
        return self.state in models.ANSWERED


@dataclass(frozen=True, kw_only=True)
class RoundView:
    """A whole round, everybody in the order of their teams; `turns` where each has a time of their own."""

    name: str
    day: date
    people: tuple[CheckInView, ...]
    turns: bool
    now: datetime
    channel: str

    def those(self, *states: str) -> list[CheckInView]:
        """The people whose check-in stands so."""
        return [one for one in self.people if one.state in states]


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


def check_in(tx: Tx, directory: Directory, one: CheckIn, *, alone: bool = True) -> CheckInView:
    """One person's part; `alone`, and not said yet, with what they planned the time before."""
    book, person = slots.book(tx, one.plan_id), directory.people.get(one.person)
    part = book.standups.get(one.standup)
    asked = slots.questions(book, one.standup, person, one.at) if part and person else ()
    each = part.minutes_each if part else None
    lines = enumerate(raising.in_the_way(one))
    return CheckInView(
        number=one.number,
        standup=b.escape(part.name) if part else one.standup,
        day=one.day,
        who=b.escape(person.name) if person else b.escape(one.person),
        mention=directory.called(one.person),
        state=one.state,
        why=one.why,
        asked_at=one.asked_at,
        closes_at=one.closes_at,
        answered_at=one.answered_at,
        early=one.early,
        changed=one.changed_at is not None and one.changed_at != one.answered_at,
        after_turn=bool(each and one.answered_at and one.answered_at > one.asked_at + each),
        held_up=bool(one.prompted_at and (one.prompted_at - one.asked_at).total_seconds() > models.HELD_UP),
        questions=tuple(map(b.escape, asked)),
        answers=tuple((b.escape(each["ask"]), each["said"]) for each in one.answers if each["said"]),
        lines=tuple(Line(text, one.raised.get(str(place))) for place, text in lines),
        waits_for=directory.called(one.waits_for) if one.waits_for else "",
        before=planned(store.last_answered(tx, one)) if alone and one.state == State.WAITING else "",
        changes=one.changes,
        turn=each is not None,
    )


def whole(tx: Tx, one_round: Round) -> RoundView:
    """A round with everybody in it."""
    directory = teams.directory(tx, one_round.plan_id)
    part = slots.book(tx, one_round.plan_id).standups.get(one_round.standup)
    ones = sorted(store.of_round(tx, one_round.number), key=lambda one: _place(directory, part, one))
    return RoundView(
        name=b.escape(part.name if part else one_round.name),
        day=one_round.day,
        people=tuple(check_in(tx, directory, one, alone=False) for one in ones),
        turns=bool(part and part.minutes_each is not None),
        now=tx.now,
        channel=posts.channel(tx, directory, one_round),
    )


def draft(tx: Tx, who: Asker, key: str, day: date, one: CheckIn | None, at: datetime) -> Draft:
    """What the form of a round begins with, for somebody who may have said something already."""
    book, directory = slots.book(tx, who.directory.plan_id), who.directory
    said = {each["ask"]: each["said"] for each in one.answers} if one else {}
    asked = slots.questions(book, key, who.person, at) or tuple(said)
    probe = one or CheckIn(
        plan_id=directory.plan_id, standup=key, person=who.person.key, day=day, round_id=0, zone="", at=at,
        asked_at=at, closes_at=at,
    )  # fmt: skip
    before = planned(store.last_answered(tx, probe))
    mine = working.own(tx, who)
    waits_for = directory.people.get(one.waits_for) if one and one.waits_for else None
    return Draft(
        plan=directory.plan_key,
        standup=key,
        name=book.standups[key].name,
        day=day,
        questions=tuple((ask, said.get(ask, before if words.is_behind(ask) and not said else "")) for ask in asked),
        waits_for=waits_for.slack_id if waits_for else "",
        tasks=tuple(TaskLine(t.key, b.escape(t.title), str(t.status), t.percent) for t in mine),
        more_tasks=_open_tasks(tx, who) - len(mine),
        blockers=tuple(_blockers(tx, who)),
        again=bool(one and one.answered),
    )


def planned(one: CheckIn | None) -> str:
    """What somebody said they would do next."""
    return (
        "\n".join(each["said"] for each in one.answers if each["said"] and words.is_ahead(each["ask"])) if one else ""
    )


def _place(directory: Directory, part: StandupPart | None, one: CheckIn) -> tuple[int, int]:
    person = directory.people.get(one.person)
    order = list(directory.people)
    rank = slots.rank(directory, part, person) if part and person else len(order)
    return rank, order.index(one.person) if person else len(order)


def _open_tasks(tx: Tx, who: Asker) -> int:
    every = tasks.tasks(tx, who.directory.plan_id)
    return sum(who.person.key in task.assignees and not tasks.settled(task) for task in every)


def _blockers(tx: Tx, who: Asker) -> list[str]:
    """The open blockers that somebody raised, has or is waited for with."""
    me, found = who.person.key, []
    for blocker in blockers.open_ones(tx, who.directory.plan_id):
        if me in (blocker.reporter, blocker.owner, blocker.waits_for):
            has = f"{who.directory.called(blocker.owner)} has it" if blocker.owner else "nobody has it yet"
            found.append(f"Blocker {blocker.number}: {b.clip(blocker.what, 200)} ({has})")
    return found
