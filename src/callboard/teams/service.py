"""Who is asking, who is away and who acts for whom: the verbs of people and teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from callboard.core import timeline
from callboard.core.calendar import DateRange
from callboard.core.errors import Refused, WhichPlan
from callboard.core.timeline import Subject
from callboard.planfile.frame import FramePart
from callboard.plans import service as plans
from callboard.teams import store
from callboard.teams.directory import COORDINATOR, Directory, Person
from callboard.teams.events import PersonAway
from callboard.teams.models import Absence
from callboard.teams.plan.directory import make_directory, make_person
from callboard.teams.plan.sections import PersonPart, RolePart, TeamPart
from callboard.teams.recipients import Concern, Recipient, Recipients, who

if TYPE_CHECKING:
    from callboard.core.db import Tx

__all__ = [
    "Asker", "Concern", "Directory", "Person", "Recipient", "Recipients", "acting", "away", "back",
    "directory", "identify", "who",
]  # fmt: skip

LONGEST_ABSENCE = timedelta(days=366)
NO_PLAN = "No plan runs in this workspace yet. Whoever runs Callboard starts one with `callboard apply plan.yml`."


@dataclass(frozen=True)
class Asker:
    """Who does something, and in which plan."""

    directory: Directory
    person: Person


def directory(tx: Tx, plan_id: int) -> Directory:
    """The people and teams of a plan as they are now, in one query while nothing changes. Refused for no such plan."""
    if (seen := tx.local.get(("directory", plan_id))) is not None:
        return cast("Directory", seen)
    revision = plans.revision(tx, plan_id)
    if revision is None:
        raise Refused("This plan is not here any more.")
    return _directory(tx, plan_id, revision)


def identify(
    tx: Tx,
    workspace: str,
    channel: str,
    channel_name: str,
    user: str,
    plan_key: str | None = None,
    *,
    is_bot: bool = False,
) -> Asker:
    """Find out which plan somebody means, and who they are there.

    The plan whose key they named; in a channel of a plan that plan; elsewhere the one they are in. Raises Refused with
    a sentence that helps, WhichPlan where several are possible.
    """
    if is_bot:
        raise Refused("Callboard takes orders from people only: this came from an app or a bot.")
    standing = plans.running(tx, workspace)
    if not standing:
        raise Refused(NO_PLAN)
    every = [_directory(tx, plan.id, plan.revision) for plan in standing]
    if plan_key is not None:
        meant = [one for one in every if one.plan_key == plan_key.lower()]
        if not meant:
            raise Refused(f"There is no plan `{plan_key}` in this workspace. There is {_listed(every)}.")
    else:
        here = [one for one in every if one.has_channel(channel, channel_name)]
        own = [one for one in here or every if one.by_slack(user)]
        meant = own or here or (every if len(every) == 1 else [])
    if not meant:
        raise Refused(f"You are in no plan of this workspace. There is {_listed(every)}. {_who_adds(every)}")
    if len(meant) > 1:
        raise WhichPlan("Which plan do you mean?", [(one.plan_key, one.plan_name) for one in meant])
    person = meant[0].by_slack(user)
    if person is None:
        raise Refused(f"You are not in the plan {meant[0].plan_name}. {_who_adds(meant)}")
    return Asker(meant[0], person)


def acting(directory: Directory, person: Person, for_person: str) -> str | None:
    """For whom `person` acts: None for themselves, `for_person` where they are a deputy. Raises Refused otherwise."""
    if for_person == person.key:
        return None
    other = directory.people.get(for_person)
    if other is None:
        raise Refused(
            f"There is nobody called `{for_person}` in {directory.plan_name}. `/plan people` lists everybody."
        )
    if person.key in other.deputies:
        return other.key
    deputies = directory.named(other.deputies)
    may = f"only {directory.one_of(deputies)} may" if deputies else "the plan names no deputy for them"
    raise Refused(f"You can't act for {directory.called(other)}: {may}. {_who_adds([directory])}")


def away(tx: Tx, asker: Asker, person: Person, days: DateRange) -> Absence:
    """Note that somebody is away on these days of theirs. Raises Refused for days that are over or noted already."""
    _may_tell(asker, person)
    today = tx.now.astimezone(person.zone).date()
    if days.last < today:
        raise Refused(f"{days} is over: it is {today} for {_themselves(asker, person)}.")
    if days.last - days.first > LONGEST_ABSENCE:
        raise Refused("That is more than a year. Name a day within the next months, as in `/plan away 2026-03-30..31`.")
    if any(days.first in noted and days.last in noted for noted in person.away):
        raise Refused("That is noted already. `/plan back` ends it.")
    plan_id = asker.directory.plan_id
    absence = Absence(
        plan_id=plan_id, person=person.key, first_day=days.first, last_day=days.last, source="live",
        told_by=asker.person.key, told_at=tx.now,
    )  # fmt: skip
    tx.session.add(absence)
    _different(tx, asker, person, "away", days=str(days))
    return absence


def back(tx: Tx, asker: Asker, person: Person) -> Sequence[DateRange]:
    """Call off the absences of somebody that are not over; return them. Raises Refused where there are none."""
    _may_tell(asker, person)
    today = tx.now.astimezone(person.zone).date()
    noted = store.absences(tx, asker.directory.plan_id)
    mine = [a for a in noted if a.person == person.key and a.last_day >= today and a.called_off_at is None]
    if not mine:
        raise Refused(f"No absence of {_themselves(asker, person)} is noted, now or later.")
    for absence in mine:
        absence.called_off_at = tx.now
        tx.session.add(absence)
    days = [DateRange(absence.first_day, absence.last_day) for absence in mine]
    _different(tx, asker, person, "back", days=", ".join(map(str, days)))
    return days


def _directory(tx: Tx, plan_id: int, revision: str) -> Directory:
    kept: dict[int, tuple[str, Directory]] = tx.memo.setdefault("directories", {})
    known = kept.get(plan_id)
    if known is None or known[0] != revision:
        known = kept[plan_id] = (revision, _made(tx, plan_id))
    tx.local["directory", plan_id] = known[1]
    return known[1]


def _made(tx: Tx, plan_id: int) -> Directory:
    plan = plans.plan(tx, plan_id)
    frame = FramePart.model_validate(plan.frame)
    away: dict[str, list[DateRange]] = {}
    for absence in store.absences(tx, plan_id):
        if absence.called_off_at is None:
            away.setdefault(absence.person, []).append(DateRange(absence.first_day, absence.last_day))
    people = {
        row.key: make_person(
            row.key,
            PersonPart.model_validate(row.written),
            frame.calendar,
            slack_id=row.slack_id,
            away=away.get(row.key, ()),
        )
        for row in store.people(tx, plan_id)
        if not row.gone
    }
    return make_directory(
        frame,
        people,
        {row.key: TeamPart.model_validate(row.written) for row in store.teams(tx, plan_id) if not row.gone},
        {row.key: RolePart.model_validate(row.written) for row in store.roles(tx, plan_id) if not row.gone},
        {row.name: row.slack_id for row in plans.channels(tx, plan_id) if not row.gone},
        plan_id=plan_id,
        workspace=plan.workspace,
    )


def _may_tell(asker: Asker, person: Person) -> None:
    directory, by = asker.directory, asker.person
    leads = {lead.key for team in directory.teams_of(person) for lead in directory.leads_of(team.key)}
    if by.key in {person.key, *person.deputies, *leads} or directory.has_role(by, COORDINATOR):
        return
    others = (*directory.named(leads), *directory.coordinators)
    raise Refused(
        f"Whether {directory.called(person)} is away is for them to say"
        f"{f', or for {directory.one_of(others)}' if others else ''}."
    )


def _different(tx: Tx, asker: Asker, person: Person, verb: str, **facts: str) -> None:
    plan_id = asker.directory.plan_id
    row = store.person(tx, plan_id, person.key)
    about = Subject("person", row.id or 0 if row else 0)
    timeline.record(tx, plan_id, about, verb, actor=asker.person.key, person=person.key, **facts)
    plans.changed(tx, plan_id)
    tx.publish(PersonAway(plan_id, person.key))


def _listed(every: Sequence[Directory]) -> str:
    return ", ".join(f"`{one.plan_key}` ({one.plan_name})" for one in every)


def _who_adds(every: Sequence[Directory]) -> str:
    names = dict.fromkeys(one.called(person) for one in every for person in one.coordinators)
    if not names:
        return "Whoever keeps the plan file can change that and apply it again."
    return f"{' or '.join(names)} can change that in the plan file."


def _themselves(asker: Asker, person: Person) -> str:
    return "you" if person.key == asker.person.key else asker.directory.called(person)
