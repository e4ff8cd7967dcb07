"""The verbs of meetings: somebody writes the minutes, and actions become tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from callboard.blocks import markup as m
from callboard.core import outbox, timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.words import folded
from callboard.meetings import models, plan, store
from callboard.meetings.models import KIND, Award, Lesson, Meeting, Outcome, Verb
from callboard.meetings.plan import AWARDS, MeetingPart
from callboard.planfile import calendar
from callboard.planfile.paths import by_key
from callboard.planfile.sections import Happening
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from callboard.tasks.models import TaskChanged
from callboard.teams import old_buttons
from callboard.teams import service as teams
from callboard.teams.directory import COORDINATOR, Asker, Directory, Person

GONE = "That meeting no longer exists. `/meeting` lists them."
MENTIONED = re.compile(r"^<@([A-Z0-9]+)(?:\|[^<>]*)?>[:,]?\s*")
CALLED = re.compile(r"^@?([^:,]{1,60}):\s+")
BY = re.compile(r"(?<![\s,(])[\s,(]+by\s+(\d{4}-\d{2}-\d{2})\)?\s*$", re.IGNORECASE)
LONGEST_TITLE = 200
LATELY = 50
A_DAY = timedelta(days=1)
ACTION = re.compile(r"ACTION-(\d+)", re.IGNORECASE)


class Learned(NamedTuple):
    """A lesson `of` a meeting, phase or team by its name, or of the plan; `number` and `by` where it is no minutes."""

    at: datetime
    text: str
    of: str
    number: int = 0
    by: str = ""


def written(tx: Tx, plan_id: int) -> dict[str, MeetingPart]:
    """The meetings of a plan as it stands, by their keys."""
    return by_key(plans.live(tx, plan_id), "meetings")


def mine(tx: Tx, who: Asker, number: int) -> Meeting:
    """A meeting whose minutes somebody may write, locked. For those who take part, and coordinators."""
    meeting = store.meeting(tx, number, lock=True)
    if meeting is None or meeting.plan_id != who.directory.plan_id:
        raise Refused(GONE)
    if who.person.key not in (*meeting.people, *meeting.leads) and not who.directory.has_role(who.person, COORDINATOR):
        leads = who.directory.one_of(who.directory.named(meeting.leads or meeting.people[:3]))
        raise Refused(f"Only people who take part can write the minutes of {m.escape(meeting.name)}: ask {leads}.")
    return meeting


def latest(tx: Tx, who: Asker, name: str = "") -> Meeting:
    """The newest meeting, or the newest of a name. Raises Refused when there is none."""
    wanted, plan_id = m.as_typed(name), who.directory.plan_id
    every = store.meetings(tx, plan_id, LATELY)
    part = planned(tx, plan_id, name)
    own = store.latest(tx, plan_id, part.key, tx.now + A_DAY) if part else None
    for meeting in [*every, *([own] if own else [])]:
        if wanted in ("", folded(meeting.key)) or wanted in folded(meeting.name):
            return meeting
    if part:
        next_at = next((due.at for due in coming(tx, plan_id) if due.name == part.name), None)
        when = f" Next: {m.date(next_at, 'both')}." if next_at else ""
        raise Refused(f"{m.escape(part.name)} was not announced yet: I do that 15 minutes before it begins.{when}")
    parts = written(tx, plan_id).values()
    names = dict.fromkeys([*(meeting.name for meeting in every), *(part.name for part in parts)])
    if not names:
        raise Refused("This plan has no meetings. They go into the plan file, under `meetings`.")
    if not wanted:
        first = next(iter(coming(tx, plan_id)), None)
        when = f" Next: {m.escape(first.name)}, {m.date(first.at, 'both')}." if first else ""
        raise Refused(f"No meeting was announced yet: I do that 15 minutes before it begins.{when}")
    raise unknown(f"No meeting is called `{m.clip(m.escape(wanted), 60)}`", wanted, names)


def planned(tx: Tx, plan_id: int, name: str) -> MeetingPart | None:
    """The meeting of the plan that has this key, or this in its name."""
    wanted, parts = m.as_typed(name), written(tx, plan_id)
    exact = [part for key, part in parts.items() if wanted in (folded(key), folded(part.name))]
    near = [part for part in parts.values() if wanted and wanted in folded(part.name)]
    return next(iter([*exact, *near]), None)


def coming(tx: Tx, plan_id: int) -> list[Happening]:
    """The meetings that are still to come, the next first."""
    document = teams.document(tx, plan_id)
    window = calendar.plan_window(document)
    ahead = plan.happenings(document, written(tx, plan_id).values(), (tx.now, window[1])) if window else ()
    return sorted(ahead, key=lambda due: due.at)


def plain(text: str) -> str:
    """What somebody typed, without what Slack makes of it, and with single blanks."""
    return " ".join(m.unescape(text).split())


def record(tx: Tx, who: Asker, number: int, outcome: Outcome, expected: int | None = None) -> Meeting:
    """Write the minutes. Raises Refused for an action that cannot become a task, and for an old form."""
    meeting = mine(tx, who, number)
    old_buttons.refuse_old(tx, who, meeting, "This meeting", expected, "Open the form again.", strict=True)
    keys = _tasks(tx, who, meeting, outcome.actions)
    models.record(meeting, who.person.key, outcome, keys)
    tx.session.add(meeting)
    tx.session.flush()
    said = [*(f"Decided: {text}" for text in meeting.decisions), *(f"Lesson: {text}" for text in meeting.lessons)]
    timeline.record(
        tx, meeting.plan_id, meeting.subject, Verb.RECORDED, actor=who.person.key, said="\n".join(said) or None,
        change=meeting.changes, meeting=meeting.key, actions=keys,
    )  # fmt: skip
    outbox.touch(tx, KIND, [meeting.number])
    return meeting


def lessons(tx: Tx, plan_id: int, limit: int | None = LATELY) -> list[Learned]:
    """What was learned in and outside of the last meetings, newest first."""
    directory = teams.directory(tx, plan_id)
    names = dict(parts(tx, directory))
    minutes = [(meeting, text) for meeting in store.meetings(tx, plan_id, limit) for text in meeting.lessons]
    learned = [
        *(Learned(meeting.at, text, meeting.name) for meeting, text in minutes),
        *(
            Learned(row.at, row.text, names.get(row.about, row.about), row.number, directory.names_of([row.by]))
            for row in store.remarks(tx, Lesson, plan_id, limit=limit)
        ),
    ]
    return sorted(learned, key=lambda each: each.at, reverse=True)


class Title(NamedTuple):
    """A title of the plan for a team, and the award by which it was given."""

    team: str
    title: str
    award: Award | None


def titles(tx: Tx, plan_id: int) -> list[Title]:
    """Every title that the plan has for its teams, team by team."""
    given = {(row.to, row.title): row for row in store.remarks(tx, Award, plan_id)}
    written: Mapping[str, tuple[str, ...]] = plans.live(tx, plan_id).of(AWARDS) or {}
    return [Title(team, title, given.get((team, title))) for team, every in written.items() for title in every]


def parts(tx: Tx, directory: Directory) -> Iterator[tuple[str, str]]:
    """The keys and names of phases and teams."""
    phases = plans.live(tx, directory.plan_id).of(PHASES) or {}
    yield from ((key, phase.name) for key, phase in phases.items())
    yield from ((key, team.name) for key, team in directory.teams.items())


def show_action(tx: Tx, event: TaskChanged) -> None:
    """Show on the card how its actions stand."""
    meetings = store.meetings(tx, event.plan_id) if ACTION.fullmatch(event.key) else ()
    outbox.touch(tx, KIND, [meeting.number for meeting in meetings if event.key in meeting.actions])


def _tasks(tx: Tx, who: Asker, meeting: Meeting, actions: Sequence[str]) -> list[str]:
    """Add each action to the plan as a task; return their keys."""
    if not actions:
        return []
    keys = action_keys(tx, meeting.plan_id, len(actions))
    values: dict[tuple[str | int, ...], Any] = {
        ("tasks", key): _task(who, line) for key, line in zip(keys, actions, strict=True)
    }
    plans.edit_all(tx, meeting.plan_id, values, author=who.person.key, reason=meeting.name)
    return keys


def action_keys(tx: Tx, plan_id: int, count: int) -> list[str]:
    """The next keys for tasks that come out of what people agreed on."""
    known = plans.live(tx, plan_id).keys("tasks")
    last = max((int(match[1]) for key in known if (match := ACTION.fullmatch(key))), default=0)
    return [f"ACTION-{number}" for number in range(last + 1, last + 1 + count)]


def _task(who: Asker, line: str) -> dict[str, Any]:
    """A task as the plan file has it."""
    person, what = _addressed(who.directory, line)
    due = BY.search(what)
    title = m.unescape(what[: due.start()] if due else what).strip()
    if not title:
        raise Refused(f"`{m.clip(line, 80)}` names no task: write what to do.")
    if len(title) > LONGEST_TITLE:
        raise Refused(f"`{m.clip(line, 80)}` has {len(title):,} characters; {LONGEST_TITLE} at most.")
    teams = (*who.directory.teams_of(person or who.person), *who.directory.teams.values())
    task = {
        "title": title, "assignee": person and person.key, "team": teams[0].key if teams else None,
        "due": due and due[1],
    }  # fmt: skip
    return {key: value for key, value in task.items() if value is not None}


def _addressed(directory: Directory, line: str) -> tuple[Person | None, str]:
    """The person that a line begins with, by mention, name or key, and the rest of it."""
    if mentioned := MENTIONED.match(line):
        person = directory.by_slack(mentioned[1])
        if person is None:
            raise Refused(
                f"{mentioned[0].strip(' :,')} is not in {m.escape(directory.plan_name)}: name somebody of the plan."
            )
        return person, line[mentioned.end() :]
    if called := CALLED.match(line):
        for person in directory.people.values():
            if m.means(called[1], person.key, person.name):
                return person, line[called.end() :]
    return None, line
