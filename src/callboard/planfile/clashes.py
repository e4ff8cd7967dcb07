"""Who would be in two places at once, who is asked at night, and what has two times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from callboard.core.calendar import Calendar, Wall, WorkingHours
from callboard.core.words import few
from callboard.planfile.calendar import plan_window
from callboard.planfile.paths import keyed, slug
from callboard.planfile.sections import Document, Happening, Path, Problem, Section
from callboard.planfile.times import show_day
from callboard.planfile.timetable import Timetable, timetable

FURTHEST = timedelta(days=400)
A_LOOK = timedelta(days=14)
MOST = 5_000
FEW = 3
ENTRY = 3
"""How long the path to the moment of an entry is: section, entry, key."""
WHOLE = 2
"""The same without the key."""
A_SECOND = timedelta(seconds=1)
Series = tuple[str, str]
PASSING = frozenset({"a", "the", "or", "and", "final", "decision"})
"""Words that do not make a name another one: a `Go/no-go decision` is `Go or no-go`."""


def check(document: Document) -> Iterator[Problem]:
    """Look at what will happen, as far as is sensible, and warn of each series or pair of them once."""
    table, series = timetable(document), _series_of(document)
    if table is not None and series:
        found = sorted(_happening(document, series.values()), key=lambda one: one.at)
        yield from _two_places(document, table, [one for one in found if series[one.kind].meets])
        yield from _outside_hours(document, table, [one for one in found if series[one.kind].asks])


def _series_of(document: Document) -> dict[str, Section[Any]]:
    """The sections that ask people or need them there, by what happens."""
    return {s.one: s for s in document.sections if (s.asks or s.meets) and s.name in document.values}


def _happening(document: Document, sections: Iterable[Section[Any]]) -> Iterator[Happening]:
    """All series for some weeks, then for some more, until there are many."""
    window = plan_window(document)
    if window is None:
        return
    start, end, count = window[0], min(window[1], window[0] + FURTHEST), 0
    while start < end and count < MOST:
        until = min(start + A_LOOK, end)
        for section in sections:
            for one in section.happens(document, document.values[section.name], (start, until)):
                count += 1
                if one.kind == section.one:
                    yield one
        start = until


def _two_places(document: Document, table: Timetable, found: Iterable[Happening]) -> Iterator[Problem]:
    own: dict[str, list[Happening]] = {}
    for one in found:
        for person in one.who if one.until else ():
            own.setdefault(person, []).append(one)
    pairs: dict[frozenset[Series], tuple[Happening, Happening, list[str]]] = {}
    for person, theirs in own.items():
        for one, other in _overlapping(theirs):
            first = pairs.setdefault(frozenset({_series(one), _series(other)}), (one, other, []))
            if first[0].at == one.at and first[1].at == other.at:
                first[2].append(person)
    for one, other, people in pairs.values():
        yield _both(document, table, one, other, people)


def _overlapping(theirs: list[Happening]) -> Iterator[tuple[Happening, Happening]]:
    """What overlaps among the things of one person."""
    open_: list[Happening] = []
    for one in theirs:
        open_ = [other for other in open_ if _end(other) > one.at]
        yield from ((other, one) for other in open_ if _series(one) != _series(other) and _collide(one, other))
        open_.append(one)


def _collide(one: Happening, other: Happening) -> bool:
    """Whether nobody can be at both, given that they overlap: of what is loose, nothing must be left."""
    if one.loose == other.loose:
        return not one.loose
    loose, fixed = (one, other) if one.loose else (other, one)
    return fixed.at <= loose.at and _end(loose) <= _end(fixed)


def _both(document: Document, table: Timetable, one: Happening, other: Happening, people: list[str]) -> Problem:
    paths = {each: _path(document, each) for each in (one, other)}
    later, earlier = sorted((one, other), key=lambda each: document.line(paths[each]), reverse=True)
    sentence = (
        f"{few(people, FEW)} would be in two places at once: this is on {_shown(later, table.calendar.zone)}, and the "
        f"{earlier.kind} `{earlier.name}` is on {_shown(earlier, table.calendar.zone)}; move one of them"
    )
    return document.warning(paths[later], sentence)


def _outside_hours(document: Document, table: Timetable, found: Iterable[Happening]) -> Iterator[Problem]:
    hours, known = _hours(document, table), dict[tuple[int, int, time], bool]()

    def works(calendar: Calendar | None, at: datetime) -> bool:
        """Whether somebody is at work, also when it just ends; each hour of the week is looked at once."""
        if calendar is None:
            return True
        local = at.astimezone(calendar.zone)
        hour = (id(calendar), local.weekday(), local.time())
        if hour not in known:
            known[hour] = calendar.open_at(at) or calendar.open_at(at - A_SECOND)
        return known[hour]

    warned: set[Series] = set()
    for one in found:
        calendars = {id(hours[person]): hours[person] for person in one.who if person in hours}.values()
        if calendars and _series(one) not in warned and not any(works(calendar, one.at) for calendar in calendars):
            warned.add(_series(one))
            shown = ", ".join(sorted(f"{c.working.hours} {c.zone.key}" for c in calendars if c)[:FEW])
            at = one.at.astimezone(ZoneInfo(one.zone) if one.zone else table.calendar.zone)
            sentence = f"on {show_day(at.date())} at {at:%H:%M} nobody it asks is at work; their hours are {shown}"
            yield document.warning(_path(document, one), sentence)


def _hours(document: Document, table: Timetable) -> dict[str, Calendar | None]:
    """When each person works, people with the same hours sharing one calendar; None for who is always there."""
    usual = table.calendar
    shared: dict[tuple[ZoneInfo, WorkingHours], Calendar] = {}
    found: dict[str, Calendar | None] = {}
    for key, seat in document.values.get("people", {}).items():
        zone = seat.timezone or usual.zone
        working = seat.working_hours.read() if seat.working_hours else usual.working
        calendar = shared.setdefault((zone, working), Calendar(zone, working))
        found[key] = None if seat.around_the_clock else calendar
    return found


def _path(document: Document, one: Happening) -> Path:
    name = _series_of(document)[one.kind].name
    written = document.body.get(name)
    keys = list(keyed(written)) if isinstance(written, list) else []
    return (name, keys.index(one.key)) if one.key in keys else (name,)


def _shown(one: Happening, zone: ZoneInfo) -> str:
    begin, end = (each.astimezone(zone) for each in (one.at, _end(one)))
    until = f"-{end:%H:%M}" if end > begin else ""
    return f"{show_day(begin.date())}, {begin:%H:%M}{until}"


def _series(one: Happening) -> Series:
    return one.kind, one.key


def _end(one: Happening) -> datetime:
    return one.until or one.at


class Named(NamedTuple):
    """What is called something, where that is written, and when it is."""

    path: Path
    name: str
    wall: Wall

    @property
    def is_step(self) -> bool:
        """Whether it is one of a list within an entry."""
        return len(self.path) > ENTRY


def check_holidays(document: Document) -> Iterator[Problem]:
    """Warn of gates, checkpoints, meetings and run-books that fall on a holiday of the plan: nobody works then."""
    table, told = timetable(document), set[tuple[Path, date]]()
    holidays = table.calendar.holidays if table else ()
    for one in sorted(_named(document, table), key=lambda one: document.line(one.path)) if table and holidays else ():
        day, entry = one.wall.day, one.path[:WHOLE]
        if any(day in range_ for range_ in holidays) and (entry, day) not in told:
            told.add((entry, day))
            sentence = f"`{one.name}` falls on {show_day(day)}, a holiday of this plan on which nobody works: move it"
            yield document.warning(one.path, sentence)


def check_twice(document: Document) -> Iterator[Problem]:
    """Warn where gates, checkpoints, meetings or steps of run-books have one name and several times.

    Steps have their names among themselves: that two run-books end with the same one says nothing.
    """
    table = timetable(document)
    first: dict[frozenset[str], Named] = {}
    for one in sorted(_named(document, table), key=lambda one: (one.is_step, document.line(one.path))) if table else ():
        words = frozenset(slug(one.name).split("-"))
        words = words - PASSING or words
        other = first.get(words, one) if one.is_step else first.setdefault(words, one)
        if table and other.wall.instant(table.calendar) != one.wall.instant(table.calendar):
            sentence = (
                f"`{one.name}` is at {one.wall} here, and `{other.name}` in line {document.line(other.path)} is at "
                f"{other.wall}: if they are one thing, which is right?"
            )
            yield document.warning(one.path, sentence)


def _named(document: Document, table: Timetable) -> Iterator[Named]:
    for section in document.sections:
        for path, name, at in section.dated(document.body.get(section.name)):
            wall = table.read(at) if isinstance(name, str) and name else None
            if wall:
                yield Named((section.name, *path), name, wall)
