"""Who is in a plan, who is away and who acts for whom: the verbs of people and teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

from callboard.blocks import markup as m
from callboard.core import timeline
from callboard.core.calendar import DateRange
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.rows import OfPlan
from callboard.planfile.header import HeaderPart
from callboard.planfile.sections import Document
from callboard.plans import service as plans
from callboard.teams import store
from callboard.teams.directory import Asker, Directory, Person
from callboard.teams.models import Absence, PersonAway, PersonRow, RoleRow, Source, TeamRow
from callboard.teams.plan.directory import make_directory, make_person, seen_by, taking_turns
from callboard.teams.plan.people import PersonPart, RolePart, TeamPart
from callboard.teams.recipients import Concern, Recipient, Recipients, who
from callboard.teams.rights import acting, may_note_absence

__all__ = [
    "Asker", "Concern", "Directory", "Person", "Recipient", "Recipients", "acting", "away", "back",
    "directory", "elsewhere", "who",
]  # fmt: skip

LONGEST_ABSENCE = timedelta(days=366)


def directory(tx: Tx, plan_id: int) -> Directory:
    """The people and teams of a plan as they are now, in one query while nothing changes. Refused for no such plan."""
    if (known := tx.local.get(("directory", plan_id))) is not None:
        return cast("Directory", known)
    revision = plans.revision(tx, plan_id)
    if revision is None:
        raise Refused("This plan does not exist any more.")
    return _directory(tx, plan_id, revision)


def document(tx: Tx, plan_id: int) -> Document:
    """The plan as it stands, with the people of today."""
    live, people = plans.live(tx, plan_id), directory(tx, plan_id)
    kept: tuple[Document, Directory, Document] | None = tx.memo.get(("document", plan_id))
    if kept is None or kept[0] is not live or kept[1] is not people:
        kept = tx.memo["document", plan_id] = live, people, seen_by(live, people)
    return kept[2]


def slack_ids(tx: Tx, plan_id: int) -> list[str]:
    """The Slack accounts of a plan's people."""
    return [person.slack_id for person in directory(tx, plan_id).people.values() if person.slack_id]


def elsewhere(tx: Tx, directory: Directory, row: OfPlan | None, what: str, command: str) -> str:
    """That a number is of another plan of the workspace, and which `command` shows it there; else empty.

    Numbers are counted over all plans, so that one from a message of another plan is easily typed.
    """
    running = plans.running(tx, directory.workspace) if row else ()
    found = next((plan for plan in running if row and plan.id == row.plan_id != directory.plan_id), None)
    return f" {what} is of {m.escape(found.name)}: `{command.format(f'{found.key}:')}`." if found else ""


def away(tx: Tx, asker: Asker, person: Person, days: DateRange) -> None:
    """Note that somebody is away on these days of theirs. Raises Refused for days that are over or noted already."""
    may_note_absence(asker, person)
    today = tx.now.astimezone(person.zone).date()
    if days.last < today:
        raise Refused(f"{days} is over: today is {today} for {_themselves(asker, person)}.")
    if days.last - days.first > LONGEST_ABSENCE:
        raise Refused("That is more than a year. Name fewer days: `/plan away 2026-03-30..31`.")
    if any(days.first in noted and days.last in noted for noted in person.away):
        raise Refused("This absence is already noted. `/plan back` removes it.")
    plan_id, first, last = asker.directory.plan_id, days.first, days.last
    tx.session.add(Absence(plan_id=plan_id, person=person.key, first_day=first, last_day=last, source=Source.LIVE))
    _changed(tx, asker, person, "away", str(days))


def back(tx: Tx, asker: Asker, person: Person) -> Sequence[DateRange]:
    """Remove the absences of somebody that are not over; return them. Raises Refused where there are none."""
    may_note_absence(asker, person)
    today = tx.now.astimezone(person.zone).date()
    absences = [
        absence for absence in store.noted(tx, asker.directory.plan_id)
        if absence.person == person.key and absence.last_day >= today
    ]  # fmt: skip
    if not absences:
        whose = "yours" if person.key == asker.person.key else asker.directory.called(person)
        raise Refused(f"No absence of {whose} is noted.")
    for absence in absences:
        absence.called_off_at = tx.now
    days = [DateRange(absence.first_day, absence.last_day) for absence in absences]
    _changed(tx, asker, person, "back", ", ".join(map(str, days)))
    return days


def _directory(tx: Tx, plan_id: int, revision: str) -> Directory:
    memo = ("directory", plan_id)
    if memo not in tx.memo or tx.memo[memo][0] != revision:
        tx.memo[memo] = revision, _read(tx, plan_id)
    found: Directory = tx.memo[memo][1]
    tx.local[memo] = found
    return found


def _read(tx: Tx, plan_id: int) -> Directory:
    plan = plans.plan(tx, plan_id)
    header = HeaderPart.model_validate(plan.header)
    away: dict[str, list[DateRange]] = {}
    for absence in store.noted(tx, plan_id):
        away.setdefault(absence.person, []).append(DateRange(absence.first_day, absence.last_day))
    persons, teams = store.every(tx, PersonRow, plan_id), store.every(tx, TeamRow, plan_id)
    roles = store.every(tx, RoleRow, plan_id)
    people = {
        row.key: replace(make_person(
            row.key, PersonPart.model_validate(row.written), header.calendar, slack_id=row.slack_id,
            away=away.get(row.key, ()),
        ), lost=row.lost)
        for row in persons if not row.gone
    }  # fmt: skip
    made = make_directory(
        header,
        people,
        {row.key: TeamPart.model_validate(row.written) for row in teams if not row.gone},
        {row.key: RolePart.model_validate(row.written) for row in roles if not row.gone},
        {row.name: row.slack_id for row in plans.channels(tx, plan_id) if not row.gone},
        plan_id=plan_id,
        workspace=plan.workspace,
        body=plans.live(tx, plan_id).body,
    )
    former = {row.key: row.name for row in (*roles, *teams, *persons) if row.gone}
    made = replace(made, former=former)
    return taking_turns(made, plans.live(tx, plan_id)) if plan.version else made


def _changed(tx: Tx, asker: Asker, person: Person, verb: str, days: str) -> None:
    plan_id = asker.directory.plan_id
    about = store.subject(tx, plan_id, person.key)
    timeline.record(tx, plan_id, about, verb, actor=asker.person.key, person=person.key, days=days)
    plans.changed(tx, plan_id)
    tx.publish(PersonAway(plan_id, person.key, asker.person.key, f"{verb} {days}"))


def _themselves(asker: Asker, person: Person) -> str:
    return "you" if person.key == asker.person.key else asker.directory.called(person)
