"""Who works when, and who is there: what prompts, rounds and meetings keep to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from callboard.core.calendar import Calendar, DateRange
from callboard.teams.directory import OBSERVER, Directory, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx


def asked(directory: Directory, keys: Iterable[str]) -> tuple[Person, ...]:
    """Who of these is asked for anything: everybody but observers."""
    return tuple(person for person in directory.named(keys) if OBSERVER not in person.roles)


def free(directory: Directory, person: Person) -> tuple[DateRange, ...]:
    """The days on which somebody is not asked: the plan's holidays and their own absences."""
    return (*directory.calendar.holidays, *person.away)


def working(directory: Directory, person: Person) -> Calendar:
    """When somebody works, by their own clock."""
    return Calendar(person.zone, person.working_hours, free(directory, person))


def there(people: Iterable[Person], instant: datetime) -> tuple[Person, ...]:
    """Who of these is not away on the day that `instant` is for them."""
    return tuple(person for person in people if person.absence(instant) is None)


def who_leads(tx: Tx, directory: Directory, key: str) -> list[Person]:
    """The leads of somebody's teams, else whoever coordinates; for whoever is away, who stands in."""
    person = directory.people[key]
    leads = [lead for team in directory.teams_of(person) for lead in directory.leads_of(team.key)]
    others = [lead for lead in leads if lead.key != key] if not directory.is_lead(person) else []
    there = [directory.standing_in(one, tx.now) or one for one in others or directory.coordinators]
    return [one for one in {one.key: one for one in there}.values() if one.slack_id and one.key != key]
