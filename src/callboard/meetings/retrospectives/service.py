"""The verbs of retrospectives: people are asked, they answer, and a line of theirs becomes a task or a lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from callboard.blocks import markup as m
from callboard.core import outbox, timeline
from callboard.core.calendar import Calendar
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.registry import Key
from callboard.core.words import joined, lines_of
from callboard.meetings import remarks
from callboard.meetings import service as meetings
from callboard.meetings.models import Lesson
from callboard.meetings.retrospectives import notices, rights, store
from callboard.meetings.retrospectives.models import RETROSPECTIVE, SEAT, Line, Retrospective, Seat, State, Verb
from callboard.meetings.retrospectives.occasions import Occasion
from callboard.plans import service as plans
from callboard.tasks.models import TaskChanged
from callboard.teams import recipients
from callboard.teams import service as teams
from callboard.teams.directory import Asker, Directory, Person
from callboard.teams.recipients import Concern

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
NOTHING = timedelta(0)
MOST, LONGEST = 10, 500
Figures = Callable[[Tx, int, Sequence[str]], Sequence[str]]
FIGURES: Key[Figures] = Key("how phases of a plan went, by their keys", lambda _tx, _plan_id, _phases: ())
"""In lines of Slack's markup; what counts is known higher up."""


def begin(tx: Tx, plan_id: int, occasions: Sequence[Occasion]) -> Retrospective | None:
    """Ask about phases that are over, everybody who works before it closes; None where nobody does."""
    directory, part = teams.directory(tx, plan_id), occasions[0].part
    opens = directory.calendar.add(tx.now, NOTHING)
    closes_at = _after(directory.calendar, opens, part.within)
    keys = [each.key for each in occasions]
    row = Retrospective(
        plan_id=plan_id, key="+".join(keys), phases=keys, name=joined([each.name for each in occasions]), at=tx.now,
        closes_at=closes_at, next_at=opens + (closes_at - opens) / 2, questions=list(part.questions),
        leads=[person.key for person in recipients.seats(directory, part.lead, Concern(), tx.now)],
        figures=list(tx.of(FIGURES)(tx, plan_id, keys)), anonymous=part.anonymous,
    )  # fmt: skip
    asked = {person.key: at for person, at in _asked(tx, directory, part.who, closes_at)}
    if not asked:
        row.next_at, row.state = None, State.CLOSED
    tx.session.add(row)
    tx.session.flush()
    seats = [Seat(plan_id=plan_id, retrospective_id=row.number, person=key) for key in asked]
    tx.session.add_all(seats)
    tx.session.flush()
    timeline.record(tx, plan_id, row.subject, Verb.ASKED, phases=keys, people=list(asked))
    notices.begin(tx, directory, row, [(seat, directory.people[seat.person], asked[seat.person]) for seat in seats])
    return row


def _asked(
    tx: Tx, directory: Directory, who: Iterable[str], closes_at: datetime
) -> Iterable[tuple[Person, datetime]]:  # fmt: skip
    """Whom to ask, each when they work next; nobody who is away now, or until it is over."""
    people = recipients.seats(directory, who, Concern(), tx.now)
    for person in directory.asked([person.key for person in people]):
        if person.present(tx.now) and (at := directory.working(person).add(tx.now, NOTHING)) < closes_at:
            yield person, at


def _after(calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    """When a span is over of which free days do not count."""
    day, end = start.astimezone(calendar.zone).date(), start + span
    while day < end.astimezone(calendar.zone).date():
        day += A_DAY
        if not calendar.works_on(day):
            end += A_DAY
    return end


def answer(tx: Tx, who: Asker, number: int, answers: Mapping[int, str]) -> Seat:
    """Write what somebody answers, by the place of each question, a line each; anew unless no names are kept."""
    row, seat = rights.answers(tx, who, number)
    said = {place: lines_of(text) for place, text in answers.items()}
    if not any(map(m.says_something, answers.values())):
        raise Refused("Write something in at least one field.")
    for line in (line for lines in said.values() for line in lines):
        if len(line) > LONGEST:
            raise Refused(f"`{m.clip(line, 60)}` has {len(line):,} characters; {LONGEST} in a line at most.")
    if any(len(lines) > MOST for lines in said.values()):
        raise Refused(f"{MOST} lines for each question are the most.")
    by = "" if row.anonymous else who.person.key
    _write(tx, row, by, {(place, line) for place, lines in said.items() for line in lines})
    seat.answered_at = tx.now
    tx.session.add(seat)
    words = "\n".join(line for lines in said.values() for line in lines)
    _changed(tx, row, by or timeline.BOT, Verb.ANSWERED, said=words)
    outbox.touch(tx, SEAT, [seat.number])
    return seat


def _write(tx: Tx, row: Retrospective, by: str, wanted: set[tuple[int, str]]) -> None:
    """The lines of somebody as they are now; what became a task or a lesson stays."""
    own = [line for line in store.lines(tx, row.number) if by and line.by == by]
    for line in own:
        if (line.question, line.text) not in wanted and not line.task and line.lesson is None:
            tx.session.delete(line)
    known = {(line.question, line.text) for line in own}
    tx.session.add_all(
        Line(plan_id=row.plan_id, retrospective_id=row.number, question=place, by=by, text=text)
        for place, text in sorted(wanted - known)
    )  # fmt: skip
    tx.session.flush()


def make_task(
    tx: Tx, who: Asker, number: int, owner: Person | None = None, due: str = "", expected: int | None = None
) -> Line:  # fmt: skip
    """A line becomes a task, of whoever is named or does this; due in a week where no day is named."""
    row, line = rights.decides(tx, who, number, expected)
    if line.task:
        raise Refused(f"Line {number} is already task {line.task}: `/task show {line.task}`.")
    person = owner or who.person
    rights.takes(who, person)
    (key,) = meetings.action_keys(tx, row.plan_id, 1)
    own = (*who.directory.teams_of(person), *who.directory.teams.values())
    task: dict[str, Any] = {
        "title": m.clip(m.unescape(line.text), meetings.LONGEST_TITLE), "assignee": person.key, "team": own[0].key,
        "due": due or str(_due(tx, who.directory)),
    }  # fmt: skip
    plans.edit(tx, row.plan_id, ("tasks", key), task, author=who.person.key, reason=f"Retrospective: {row.name}")
    line.task = key
    _became(tx, row, line, who, Verb.TASK, task=key)
    return line


def _due(tx: Tx, directory: Directory) -> Any:
    """In a week; at the end of the plan if that is nearer, and not today."""
    end = directory.ends_at
    at = min(tx.now + A_WEEK, end) if end and end > tx.now + A_DAY else tx.now + A_WEEK
    return at.astimezone(directory.calendar.zone).date()


def make_lesson(tx: Tx, who: Asker, number: int, expected: int | None = None) -> tuple[Line, Lesson]:
    """A line is kept with the lessons: about its phase, from whoever wrote it if their name is kept."""
    row, line = rights.decides(tx, who, number, expected)
    if line.lesson is not None:
        raise Refused(f"Line {number} is already lesson {line.lesson}. `/plan lessons` lists them.")
    about = row.phases[0] if len(row.phases) == 1 else ""
    lesson = remarks.keep_lesson(tx, who, line.text, about, by=line.by)
    line.lesson = lesson.number
    _became(tx, row, line, who, Verb.LEARNED, lesson=lesson.number)
    return line, lesson


def _became(tx: Tx, row: Retrospective, line: Line, who: Asker, verb: Verb, **facts: Any) -> None:
    line.changes += 1
    tx.session.add(line)
    tx.session.flush()
    _changed(tx, row, who.person.key, verb, **facts)


def _changed(tx: Tx, row: Retrospective, actor: str, verb: Verb, *, said: str | None = None, **facts: Any) -> None:
    row.changes += 1
    tx.session.add(row)
    tx.session.flush()
    timeline.record(tx, row.plan_id, row.subject, verb, actor=actor, said=said, change=row.changes, **facts)
    outbox.touch(tx, RETROSPECTIVE, [row.number])


def show_task(tx: Tx, event: TaskChanged) -> None:
    """Show on the card how what became of its lines stands."""
    if meetings.ACTION.fullmatch(event.key):
        outbox.touch(tx, RETROSPECTIVE, store.of_task(tx, event.plan_id, event.key))
