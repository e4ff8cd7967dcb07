"""When the rounds of a standup are, and who is asked in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from callboard.core.calendar import DateRange, Wall, occurrences
from callboard.planfile import calendar
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Moment, Timetable, Unknown
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.values import keyed
from callboard.standups import presence
from callboard.standups.plan.types import OTHERS, StandupPart
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams

KIND = "standup"
EVERY_DAY = frozenset(range(7))
USUAL = ("Yesterday", "Today", "Blockers")
"""What is asked where the plan names no questions."""


def happens(document: Document, standups: Iterable[StandupPart], window: Window) -> Iterator[Happening]:
    """Every round of every standup."""
    for key, part in written(document, standups).items():
        yield from of(document, key, part, window)


def written(document: Document, standups: Iterable[StandupPart]) -> dict[str, StandupPart]:
    """The standups of a plan by their keys."""
    return dict(zip(keyed(document.body.get("standups") or ()), standups, strict=False))


def of(document: Document, key: str, part: StandupPart, window: Window) -> Iterator[Happening]:
    """The rounds of a standup: by everybody's own clock, or by that of the plan.

    Nobody is asked on a day they do not work, nor where the plan has no question for them then.
    """
    directory, table = teams.drafted(document), timetable(document)
    if directory is None or table is None:
        return
    people = presence.asked(directory, teams.meant(document, part.who))
    by = _by_person if part.clock == "person" else _by_plan
    for at, zone, everybody in by(document, directory, part, people, window):
        who = tuple(person.key for person in everybody if questions(table, directory, part, person, at))
        if who and stands(table, part.from_, part.to, at):
            yield Happening(
                at=at, kind=KIND, name=part.name, key=key, zone=zone, until=at + part.window, who=who,
                loose=part.minutes_each is None,
            )  # fmt: skip


def questions(
    table: Timetable, directory: Directory, part: StandupPart, person: Person, at: datetime
) -> tuple[str, ...]:
    """What somebody is asked at `at`: the questions of their teams, or those for all; each once."""
    if not part.questions:
        return USUAL
    own = [team.key for team in directory.teams_of(person) if team.key in part.teams_asked]
    found = (question for team in own or [OTHERS] for question in part.asked(team))
    return tuple(dict.fromkeys(one.ask for one in found if stands(table, one.from_, one.to, at)))


def stands(table: Timetable, first: Moment | None, last: Moment | None, at: datetime) -> bool:
    """Whether something with a `from` and a `to` of its own is there at `at`; a day alone is the whole of it."""
    try:
        begun = first is None or _edge(table, first, at) <= at
        return begun and (last is None or at <= _edge(table, last, at))
    except Unknown:
        return True


def _edge(table: Timetable, moment: Moment, at: datetime) -> datetime:
    """The moment itself; for a day alone `at`, where that is on this day, else any time of the day."""
    wall: Wall = table.wall(moment)
    local = at.astimezone(wall.zone or table.calendar.zone)
    return at if wall.clock is None and local.date() == wall.day else table.instant(wall)


def _by_person(
    document: Document, directory: Directory, part: StandupPart, people: Iterable[Person], window: Window
) -> Iterator[tuple[datetime, str, tuple[Person, ...]]]:
    rounds: dict[tuple[datetime, str], list[Person]] = {}
    known: dict[object, list[datetime]] = {}
    for person in people:
        days = (EVERY_DAY if part.days is None else part.days) & person.working_hours.days
        free = presence.free(directory, person)
        alike = (person.timezone, days, free)
        if alike not in known:
            known[alike] = _at(document, part, person, days, free, window)
        for at in known[alike]:
            rounds.setdefault((at, person.timezone), []).append(person)
    for (at, zone), who in rounds.items():
        yield at, zone, tuple(who)


def _at(
    document: Document,
    part: StandupPart,
    person: Person,
    days: frozenset[int],
    free: tuple[DateRange, ...],
    window: Window,
) -> list[datetime]:
    zone = person.zone
    within = calendar.running(document, window, zone)
    return list(occurrences(*within, days, part.at.clock, zone, free)) if within else []


def _by_plan(
    document: Document, directory: Directory, part: StandupPart, people: Iterable[Person], window: Window
) -> Iterator[tuple[datetime, str, tuple[Person, ...]]]:
    zone = part.at.zone or directory.calendar.zone
    within = calendar.running(document, window, zone)
    days = EVERY_DAY if part.days is None else part.days
    everybody = tuple(people)
    holidays = directory.calendar.holidays
    for at in occurrences(*within, days, part.at.clock, zone, holidays) if within else ():
        present = presence.there(everybody, at)
        yield at, zone.key, tuple(person for person in present if _works(person, at))


def _works(person: Person, at: datetime) -> bool:
    return at.astimezone(person.zone).weekday() in person.working_hours.days
