"""Who may act for whom and say that somebody is away; and what an old button still does: nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from callboard import blocks as b
from callboard.core import timeline
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.timeline import Subject
from callboard.core.words import joined
from callboard.teams.directory import COORDINATOR, Asker, Directory, Person

MOST = 5


class Changing(Protocol):
    """A row that counts its changes; each entry on its timeline has the count in its fact `change`."""

    changes: int

    @property
    def subject(self) -> Subject:
        """What its timeline is about."""


def refuse_old(tx: Tx, asker: Asker, row: Changing, name: str, expected: int | None, hint: str = "") -> None:
    """Refuse a click on something that was drawn before the row changed: it had changed `expected` times by then."""
    if expected is None or expected == row.changes:
        return
    since = []
    for entry in timeline.history(tx, row.subject):
        if entry.facts.get("change", 0) > expected and entry.verb != "refused":
            who = f"{asker.directory.called(entry.actor)} " if entry.actor != timeline.BOT else ""
            since.append(f"{who}{entry.verb}, {b.date(entry.at)}")
    what = f": {'; '.join(since[-MOST:])}" if since else ""
    raise Refused(f"{name} has changed since this button was shown{what}. Your click did nothing. {hint}".strip())


def acting(directory: Directory, person: Person, for_person: str) -> str | None:
    """For whom `person` acts: None for themselves, `for_person` where they are a deputy. Raises Refused otherwise."""
    if for_person == person.key:
        return None
    other = directory.people.get(for_person)
    if other is None:
        raise Refused(f"Nobody in {directory.plan_name} is called `{for_person}`. `/plan people` lists everybody.")
    if person.key in other.deputies:
        return other.key
    deputies = directory.one_of(directory.named(other.deputies))
    only = f"Only {deputies} can" if deputies else "The plan names no deputy for them"
    raise Refused(f"You can't act for {directory.called(other)}. {only}. {who_adds([directory])}")


def may_note_absence(asker: Asker, person: Person) -> None:
    """Refuse all but the person, their deputies, their leads and the coordinators."""
    directory, by = asker.directory, asker.person
    leads = {lead.key for team in directory.teams_of(person) for lead in directory.leads_of(team.key)}
    if by.key in {person.key, *person.deputies, *leads} or directory.has_role(by, COORDINATOR):
        return
    may = directory.one_of([person, *directory.named(leads), *directory.coordinators])
    raise Refused(f"Only {may} can say when {directory.called(person)} is away.")


def who_adds(directories: Sequence[Directory]) -> str:
    """Who can add somebody to these plans, as a sentence."""
    names = joined((plan.called(person) for plan in directories for person in plan.coordinators), word="or")
    return f"{names or 'Whoever keeps the plan file'} can change that in the plan file."
