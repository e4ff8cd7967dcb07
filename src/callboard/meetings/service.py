"""Writing down what came of a meeting: notes, decisions, lessons, and actions that become tasks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.core import outbox, timeline
from callboard.core.errors import Refused, did_you_mean
from callboard.meetings import models, store
from callboard.meetings.models import KIND, Meeting
from callboard.meetings.plan import MeetingPart
from callboard.planfile.values import keyed
from callboard.plans import service as plans
from callboard.teams.directory import COORDINATOR, Directory, Person
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

GONE = "That meeting is not there any more. `/meeting` shows what is."
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
MENTIONED = re.compile(r"^<@([A-Z0-9]+)(?:\|[^>]*)?>[:,]?\s*")
CALLED = re.compile(r"^@?([^:,]{1,60}):\s+")
BY = re.compile(r"[\s,(]+by\s+(\d{4}-\d{2}-\d{2})\)?\s*$", re.IGNORECASE)
ACTION = re.compile(r"ACTION-(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Outcome:
    """What somebody writes down. Lines of `actions` are `Name: what, by 2026-03-30`, name and day left out or not."""

    notes: str = ""
    decisions: Sequence[str] = ()
    lessons: Sequence[str] = ()
    actions: Sequence[str] = ()


def lines(said: str) -> list[str]:
    """The lines of a text, without bullets."""
    return [found for line in said.splitlines() if (found := BULLET.sub("", line).strip())]


def written(tx: Tx, plan_id: int) -> dict[str, MeetingPart]:
    """The meetings of a plan as it stands, by their keys."""
    live = plans.live(tx, plan_id)
    return dict(zip(keyed(live.body.get("meetings") or ()), live.values.get("meetings") or (), strict=False))


def mine(tx: Tx, who: Asker, number: int) -> Meeting:
    """A meeting that somebody may write down, held until the end. For who takes part, and who coordinates."""
    one = store.meeting(tx, number, lock=True)
    if one is None or one.plan_id != who.directory.plan_id:
        raise Refused(GONE)
    if who.person.key not in (*one.people, *one.leads) and not who.directory.has_role(who.person, COORDINATOR):
        leads = who.directory.one_of(who.directory.named(one.leads or one.people[:3]))
        raise Refused(f"{b.escape(one.name)} is written down by those who take part: ask {leads}.")
    return one


def latest(tx: Tx, who: Asker, name: str = "") -> Meeting:
    """The newest meeting, of a name where one is given. Raises Refused where there is none."""
    wanted = b.unescape(name).strip().lower()
    every = list(store.meetings(tx, who.directory.plan_id))
    found = [one for one in every if wanted in ("", one.key.lower()) or wanted in one.name.lower()]
    if not found and every:
        near = did_you_mean(name, dict.fromkeys(one.name for one in every))
        raise Refused(f"No meeting `{b.clip(b.escape(wanted), 60)}` was announced yet; {near}")
    if not found:
        raise Refused("No meeting was announced yet: each is, a quarter of an hour before it begins.")
    return found[0]


def record(tx: Tx, who: Asker, number: int, outcome: Outcome, expected: int | None = None) -> Meeting:
    """Write down what came of a meeting. Raises Refused for an action that names nobody, and for an old form."""
    one = mine(tx, who, number)
    if expected is not None and expected != one.changes:
        by = who.directory.called(one.by)
        raise Refused(f"{by} has written down something meanwhile: open the form again, it has their words.")
    keys = _tasks(tx, who, one, outcome.actions)
    models.record(
        one, who.person.key, tx.now, notes=outcome.notes.strip(), decisions=outcome.decisions,
        lessons=outcome.lessons, actions=keys,
    )  # fmt: skip
    tx.session.add(one)
    tx.session.flush()
    said = "\n".join([*(f"Decided: {each}" for each in one.decisions), *(f"Lesson: {each}" for each in one.lessons)])
    timeline.record(
        tx, one.plan_id, one.subject, "recorded", actor=who.person.key, said=said or None, change=one.changes,
        meeting=one.key, actions=keys,
    )  # fmt: skip
    outbox.touch(tx, KIND, [one.number])
    return one


def lessons(tx: Tx, plan_id: int) -> list[tuple[Meeting, str]]:
    """Everything that was learned, the newest first."""
    return [(one, text) for one in store.meetings(tx, plan_id) for text in one.lessons]


def _tasks(tx: Tx, who: Asker, one: Meeting, actions: Sequence[str]) -> list[str]:
    """Each action becomes a task of the plan as it runs, with whoever it names."""
    if not actions:
        return []
    known = plans.live(tx, one.plan_id).keys("tasks")
    number = max((int(found[1]) for key in known if (found := ACTION.fullmatch(key))), default=0)
    values: dict[tuple[str | int, ...], Any] = {}
    for line in actions:
        number += 1
        values["tasks", f"ACTION-{number}"] = _task(who, line)
    plans.edit_all(tx, one.plan_id, values, author=who.person.key, reason=one.name)
    return [str(path[1]) for path in values]


def _task(who: Asker, line: str) -> dict[str, Any]:
    """A task as the plan file has it."""
    person, what = _addressed(who.directory, line)
    due = BY.search(what)
    title = b.unescape(what[: due.start()] if due else what).strip()
    if not title:
        raise Refused(f"Say what is to be done: `{b.clip(line, 80)}` names only somebody.")
    owner = person or who.person
    team = next(iter(who.directory.teams_of(owner)), None) or next(iter(who.directory.teams.values()), None)
    found: dict[str, Any] = {"title": title[:200]}
    found |= {"assignee": person.key} if person else {}
    found |= {"team": team.key} if team else {}
    return found | ({"due": due[1]} if due else {})


def _addressed(directory: Directory, line: str) -> tuple[Person | None, str]:
    """Whom a line begins with, by mention, name or key, and the rest of it."""
    if mentioned := MENTIONED.match(line):
        person = directory.by_slack(mentioned[1])
        if person is None:
            raise Refused(f"{mentioned[0].strip(' :,')} is not in {directory.plan_name}: name somebody of the plan.")
        return person, line[mentioned.end() :]
    if called := CALLED.match(line):
        wanted = b.unescape(called[1]).strip().lower()
        for person in directory.people.values():
            if wanted in (person.key.lower(), person.name.lower()):
                return person, line[called.end() :]
    return None, line
