"""What `/plan` shows, read from the plan as it is at one instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.core import outbox
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams import invitations, troubles
from callboard.teams.directory import Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

NOT_THERE = ("not_in_channel", "channel_not_found")


@dataclass(frozen=True, kw_only=True)
class PersonView:
    """Somebody in a list; all texts are ready to be shown. `away` and `instead` are empty for those who are there."""

    name: str
    called: str
    duties: tuple[str, ...]
    clock: str
    linked: bool
    reachable: bool
    vacant: bool
    away: str = ""
    instead: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A team, or those who are in none."""

    name: str
    people: tuple[PersonView, ...]


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """What runs, and what is wrong with it."""

    name: str
    key: str
    version: int
    from_at: datetime
    to_at: datetime
    teams: tuple[str, ...]
    coordinators: tuple[str, ...]
    people: int
    away: tuple[PersonView, ...]
    unlinked: tuple[PersonView, ...]
    vacant: tuple[PersonView, ...]
    unknown_channels: tuple[str, ...]
    invite_to: tuple[str, ...]
    stuck: tuple[tuple[str, str], ...]
    held: tuple[tuple[str, tuple[str, ...]], ...] = ()
    given_up: tuple[str, ...] = ()


def plan(tx: Tx, directory: Directory) -> PlanView:
    """What `/plan` shows."""
    row = plans.plan(tx, directory.plan_id)
    everybody = [person(directory, one, tx.now) for one in directory.people.values()]
    parked = outbox.in_trouble(tx, directory.plan_id)
    unknown = [f"#{one.name}" for one in directory.channels if not one.slack_id]
    closed = {one.address for one in parked if (one.error or "").startswith(NOT_THERE) and one.address not in unknown}
    closed |= {row.slack_id for row in invitations.wanted(tx, directory.plan_id) if row.slack_id}
    stuck = {one.address: one.error or "" for one in parked if one.address not in {*closed, *unknown}}
    return PlanView(
        name=row.name,
        key=row.key,
        version=row.version,
        from_at=row.from_at,
        to_at=row.to_at,
        teams=tuple(team.name for team in directory.teams.values()),
        coordinators=tuple(directory.called(one) for one in directory.coordinators),
        people=len(everybody),
        away=tuple(view for view in everybody if view.away),
        unlinked=tuple(view for view in everybody if not view.linked and not view.vacant),
        vacant=tuple(view for view in everybody if view.vacant),
        unknown_channels=tuple(unknown),
        invite_to=tuple(sorted(closed)),
        stuck=tuple(stuck.items()),
        held=_held(tx, directory.plan_id),
        given_up=tuple(troubles.given_up(tx)),
    )


def groups(directory: Directory, now: datetime) -> Sequence[GroupView]:
    """Everybody, by team; first those who are in none."""
    alone = [one for one in directory.people.values() if not directory.teams_of(one)]
    found = [GroupView(name="Across the teams", people=_all(directory, alone, now))] if alone else []
    for team in directory.teams.values():
        members = (*directory.leads_of(team.key), *directory.members_of(team.key))
        found.append(GroupView(name=team.name, people=_all(directory, members, now)))
    return found


def person(directory: Directory, one: Person, now: datetime) -> PersonView:
    """One line of a list."""
    absence = one.absence(now)
    other = directory.standing_in(one, now)
    leads = tuple(f"leads {team.name}" for team in directory.teams_of(one) if one.key in team.leads)
    return PersonView(
        name=one.name,
        called=directory.called(one),
        duties=(*leads, *(directory.role_name(role) for role in one.roles)),
        clock=f"{now.astimezone(one.zone):%H:%M}",
        linked=bool(one.slack_id),
        reachable=directory.reach(one) is not None,
        vacant=one.vacant,
        away=str(absence) if absence else "",
        instead=directory.called(other) if other and other.key != one.key else "",
    )


def _held(tx: Tx, plan_id: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is on hold, and what holds it."""
    found: dict[str, list[str]] = {}
    for hold in holds.standing(tx, plan_id):
        found.setdefault(hold.target, []).append(hold.by)
    return tuple((target, tuple(by)) for target, by in found.items())


def _all(directory: Directory, people: Sequence[Person], now: datetime) -> tuple[PersonView, ...]:
    return tuple(person(directory, one, now) for one in people)
