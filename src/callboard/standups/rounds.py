"""The rounds of a standup: when they are, by whose clock, who is in them, and with which questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from callboard.planfile.calendar import EVERY_DAY
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.timetable import Timetable, timetable
from callboard.plans import recurrence
from callboard.standups.plan import OTHERS, StandupPart, written
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams
from callboard.teams.recipients import is_on_call

USUAL = ("Yesterday", "Today", "Blockers")
"""The questions where the plan names none."""


def happens(document: Document, standups: Iterable[StandupPart], window: Window) -> Iterator[Happening]:
    """What the section `standups` puts on the calendar."""
    for key, part in written(document, standups).items():
        yield from of(document, key, part, window)


def of(document: Document, key: str, part: StandupPart, window: Window) -> Iterator[Happening]:
    """The rounds of a standup: by everybody's own clock, or by that of the plan.

    Nobody is asked on a day they do not work, nor where the plan has no question for them then.
    """
    directory, table = teams.drafted(document), timetable(document)
    if directory is None or table is None:
        return
    people = directory.asked(teams.meant(document, part.who))
    by = _by_person if part.clock == "person" else _by_plan
    turns = any(map(is_on_call, part.who))
    for at, zone, everybody in by(document, directory, part, people, window):
        meant = teams.meant(document, part.who, at=at) if turns else ()
        asked = (person for person in everybody if person.key in meant or not turns)
        who = tuple(person.key for person in asked if questions(table, directory, part, person, at))
        if who:
            yield Happening(
                at=at, kind="standup", name=part.name, key=key, zone=zone, until=at + part.window, who=who,
                loose=part.minutes_each is None, occurrence=str(at.astimezone(ZoneInfo(zone)).date()),
                part=zone if part.clock == "person" else "",
            )  # fmt: skip


def questions(
    table: Timetable, directory: Directory, part: StandupPart, person: Person, at: datetime
) -> tuple[str, ...]:
    """What somebody is asked at `at`: the questions of their teams, or those for all; each once."""
    if not part.questions:
        return USUAL
    own = [team.key for team in directory.teams_of(person) if team.key in part.teams_asked] or [OTHERS]
    asked = [question for team in own for question in part.asked(team)]
    return tuple(dict.fromkeys(one.ask for one in asked if table.stands(one.from_, one.to, at)))


def _by_person(
    document: Document, directory: Directory, part: StandupPart, people: Iterable[Person], window: Window
) -> Iterator[tuple[datetime, str, tuple[Person, ...]]]:
    together: dict[tuple[datetime, str], list[Person]] = {}
    known: dict[object, list[datetime]] = {}
    for person in people:
        days, free = (part.days or EVERY_DAY) & person.working_hours.days, directory.free(person)
        alike = (person.timezone, days, free)
        if alike not in known:
            known[alike] = list(recurrence.instants(document, part, part.at.clock, person.zone, days, window, free))
        for at in known[alike]:
            together.setdefault((at, person.timezone), []).append(person)
    for (at, zone), who in together.items():
        yield at, zone, tuple(who)


def _by_plan(
    document: Document, directory: Directory, part: StandupPart, people: Iterable[Person], window: Window
) -> Iterator[tuple[datetime, str, tuple[Person, ...]]]:
    zone, everybody = recurrence.zone(part, part.at, directory.calendar.zone), tuple(people)
    days, holidays = part.days or EVERY_DAY, directory.calendar.holidays
    for at in recurrence.instants(document, part, part.at.clock, zone, days, window, holidays):
        yield at, zone.key, tuple(person for person in everybody if _is_there(person, at))


def _is_there(person: Person, at: datetime) -> bool:
    return person.absence(at) is None and at.astimezone(person.zone).weekday() in person.working_hours.days
