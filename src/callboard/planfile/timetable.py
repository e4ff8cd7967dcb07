"""When each moment of a plan is, and whether that is meant: known, possible, in order, on the weekday it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel

from callboard.core.calendar import Calendar, Wall
from callboard.core.errors import did_you_mean, near
from callboard.core.words import joined
from callboard.planfile.notations import YEARS
from callboard.planfile.paths import find
from callboard.planfile.sections import Document, Path, Problem, owned
from callboard.planfile.times import WEEKDAYS, InWeek, Moment, Relative, parsed, show_day, weekday_named

OWN_DAY = ("day", "at", "due", "from", "start")
BEGINS = ("from", "start")
ENDS = ("to", "until", "due")
MANY = 10
"""From so many moments outside the plan on, the plan is what is probably wrong."""
DAYS = ("today", "tomorrow", "yesterday", *WEEKDAYS, *(name[:3] for name in WEEKDAYS))
LEAVES = frozenset({str, int, float, bool, timedelta, frozenset, type(None)})
"""What holds no moment; most of a plan."""


class Unknown(ValueError):
    """A moment is reckoned from a date that the plan does not have, or in a circle."""


class TooFar(Unknown):
    """A moment is in a year in which no plan is."""


@dataclass(frozen=True)
class Timetable:
    """What a plan's moments are reckoned with: its calendar, its first and last moment, and its dates by name."""

    calendar: Calendar
    start: Wall
    end: Wall
    dates: Mapping[str, Moment]

    def wall(self, moment: Moment) -> Wall:
        """The day, and where it is known the time of day, of a moment. Raises Unknown."""
        return self._wall(moment, ())

    def read(self, written: Any) -> Wall | None:
        """The day of a moment as it is written in the file; None where nobody can tell."""
        moment = parsed(str(written or ""))
        return self.known(moment) if moment else None

    def known(self, moment: Moment) -> Wall | None:
        """The day of a moment; None where nobody can tell."""
        with suppress(Unknown):
            return self.wall(moment)
        return None

    def instant(self, moment: Moment, *, opening: bool = False) -> datetime:
        """The moment in UTC. A day alone means the end of working hours; with `opening`, their beginning."""
        return self.wall(moment).instant(self.calendar, opening=opening)

    def stands(self, first: Moment | None, last: Moment | None, at: datetime) -> bool:
        """Whether `at` is within a `from` and a `to`, where they are written; a day alone counts as a whole."""
        try:
            begun = first is None or self._edge(first, at) <= at
            return begun and (last is None or at <= self._edge(last, at))
        except Unknown:
            return True

    def _edge(self, moment: Moment, at: datetime) -> datetime:
        """The moment itself; for a day alone `at`, where that is on this day, else any time of the day."""
        wall = self.wall(moment)
        local = at.astimezone(wall.zone or self.calendar.zone)
        return at if wall.clock is None and local.date() == wall.day else self.instant(wall)

    def _wall(self, moment: Moment, seen: tuple[str, ...]) -> Wall:
        if isinstance(moment, Wall):
            return moment
        if isinstance(moment, InWeek):
            monday = self.start.day - timedelta(days=self.start.day.weekday())
            day = monday + timedelta(weeks=moment.week - 1, days=moment.weekday)
            return Wall(day, moment.clock, moment.zone)
        if moment.anchor in seen:
            raise Unknown(f"`{moment}` is reckoned from itself: {' -> '.join([*seen, moment.anchor])}")
        anchor = self.dates.get(moment.anchor) or {"from": self.start, "to": self.end}.get(moment.anchor)
        if anchor is None:
            raise Unknown(f"`{moment}` is reckoned from `{moment.anchor}`, which is no date of this plan")
        moved = self._moved(self._wall(anchor, (*seen, moment.anchor)), moment)
        if moved.day.year not in YEARS:
            raise TooFar(f"`{moment}` is in the year {moved.day.year}: write a moment that is nearer")
        return moved

    def _moved(self, base: Wall, moment: Relative) -> Wall:
        day = base.day + timedelta(days=moment.days)
        moved = Wall(day, moment.clock or base.clock, moment.zone or base.zone)
        if not moment.span:
            return moved
        local = (moved.instant(self.calendar) + moment.span).astimezone(moved.zone or self.calendar.zone)
        return replace(moved, day=local.date(), clock=local.time())


def timetable(document: Document) -> Timetable | None:
    """What a document's moments are reckoned with; None while the plan as a whole is not valid."""
    header = document.values.get("plan")
    table: Timetable | None = header and header.timetable
    return table


def placed(table: Timetable | None, moment: Moment | None, *, opening: bool = False) -> tuple[datetime, str] | None:
    """When a moment is, and the zone in which it is written; None where nobody can tell."""
    with suppress(Unknown, OverflowError):
        if table and moment:
            wall = table.wall(moment)
            return wall.instant(table.calendar, opening=opening), (wall.zone or table.calendar.zone).key
    return None


def instant_of(table: Timetable | None, moment: Moment | None, *, opening: bool = False) -> datetime | None:
    """The same without the zone."""
    found = placed(table, moment, opening=opening)
    return found[0] if found else None


def span_of(table: Timetable | None, first: Moment | None, last: Moment | None) -> tuple[datetime, datetime] | None:
    """From when until when something is that has a `from` and a `to`; None where nobody can tell."""
    begin, end = instant_of(table, first, opening=True), instant_of(table, last)
    return (begin, end) if begin and end else None


class Placed(NamedTuple):
    """A moment of the plan, where it is written, and when that is."""

    path: Path
    wall: Wall
    at: datetime


def check(document: Document) -> Iterator[Problem]:
    """Check every moment by itself, then those that belong together."""
    table = timetable(document)
    if table is None:
        return
    known: dict[Path, Placed] = {}
    for path, moment in find_moments(document):
        try:
            wall = table.wall(moment)
            known[path] = Placed(path, wall, wall.instant(table.calendar, opening=path[-1] in BEGINS))
        except Unknown as unknown:
            yield from _unknown(document, table, path, moment, unknown)
    backwards: dict[Path, Problem] = {}
    for holder in dict.fromkeys(path[:-1] for path in known):
        backwards |= {problem.path: problem for problem in _window(document, known, holder)}
        yield from _named_day(document, known, holder)
    yield from backwards.values()
    yield from _alone(document, table, known.values())
    yield from _outside(document, table, [one for one in known.values() if one.path not in backwards])


def _unknown(document: Document, table: Timetable, path: Path, moment: Moment, unknown: Unknown) -> Iterator[Problem]:
    """Said where the anchor is written; not again at all that is reckoned from it."""
    anchors = [*table.dates, "from", "to"]
    if isinstance(moment, Relative) and moment.anchor not in anchors:
        yield document.error(path, _no_date(moment, anchors))
    elif isinstance(unknown, TooFar) and str(moment) in str(unknown):
        yield document.error(path, str(unknown))
    elif path[0] == "dates" and path == ("dates", _first_of_circle(table, str(path[-1]))):
        yield document.error(path, f"{unknown}; write a fixed moment for one of them")


def _no_date(moment: Relative, anchors: Sequence[str]) -> str:
    """What was probably meant by a moment that is reckoned from no date of the plan."""
    anchor = moment.anchor
    glued = next((name for name in anchors if anchor.startswith((f"{name}-", f"{name}+"))), "")
    if glued:
        sign, span = anchor[len(glued)], anchor[len(glued) + 1 :]
        return f"`{moment}` needs spaces: write `{glued} {sign} {span}`"
    if anchor.lower() in DAYS:
        return f"`{moment}` says no date: write it, as in 2026-03-25 14:00, or its week, as in `w1 fri 14:00`"
    if anchor == str(moment):
        hint = did_you_mean(anchor, anchors) if near(anchor.lower(), anchors) else "write it like 2026-03-25 08:00"
        return f"`{moment}` is no moment, and no date of this plan; {hint}"
    return f"`{moment}` is reckoned from `{anchor}`, which is no date of this plan; {did_you_mean(anchor, anchors)}"


def _first_of_circle(table: Timetable, name: str) -> str:
    """Of the dates that are reckoned from each other in a circle with `name`, the first in the file; else nothing."""
    circle = [name]
    while isinstance(moment := table.dates.get(circle[-1]), Relative) and moment.anchor not in circle:
        circle.append(moment.anchor)
    closed = isinstance(moment, Relative) and moment.anchor == name
    return min(circle, key=list(table.dates).index) if closed else ""


def _alone(document: Document, table: Timetable, known: Iterable[Placed]) -> Iterator[Problem]:
    for path, wall, _ in known:
        zone = wall.zone or table.calendar.zone
        if wall.skipped(zone):
            sentence = f"there is no {wall.day} {wall.clock:%H:%M} in {zone.key}: the clocks go forward then"
            yield document.error(path, f"{sentence}; write an hour later")
        if wall.weekday not in (None, wall.day.weekday()):
            yield document.warning(path, _not_that_day(wall, wall.weekday or 0))


def _outside(document: Document, table: Timetable, known: Iterable[Placed]) -> Iterator[Problem]:
    follow_up = document.values["plan"].follow_up
    end = (table.known(follow_up) if follow_up else None) or table.end
    first, last = table.instant(table.start, opening=True), end.instant(table.calendar)
    kinds = {key: section for section in document.sections for key in owned(section)}
    found = []
    for path, wall, at in known if first < last else ():
        early, late = at < first, at > last
        if wall.clock is None:
            early, late = wall.day < table.start.day, wall.day > end.day
        kind = kinds[str(path[0])]
        if (early and not kind.early) or (late and not kind.late):
            ends = f"{table.end}, with a follow-up until {end}" if follow_up else str(table.end)
            hint = "; for what comes after the release, write `follow_up` below `to`" if late and not follow_up else ""
            sentence = f"{wall} is outside the plan, which goes from {table.start} to {ends}{hint}"
            found.append(document.warning(path, sentence))
    if len(found) < MANY:
        yield from found
        return
    lines = joined((str(line) for line in dict.fromkeys(each.line for each in found)), MANY)
    sentence = (
        f"{len(found)} moments are outside the plan, which goes from {table.start} to {table.end}, in lines {lines}"
    )
    yield document.warning(("from",), f"{sentence}: move the plan, or them")


def _window(document: Document, known: Mapping[Path, Placed], holder: Path) -> Iterator[Problem]:
    """A stretch of time ends after it begins."""
    begin = next((known[*holder, word] for word in BEGINS if (*holder, word) in known), None)
    for word in ENDS if begin and holder else ():
        end = known.get((*holder, word))
        if begin and end and end.at <= begin.at:
            sentence = f"{end.wall} is not after {begin.wall}, when it begins: write a later moment"
            yield document.error(end.path, sentence)


def _named_day(document: Document, known: Mapping[Path, Placed], holder: Path) -> Iterator[Problem]:
    """A weekday in a name is that of one of the days on which the thing is, unless the day is written with its own."""
    entry = find(document.body, holder)
    names = [entry.get(word) for word in ("name", "title")] if isinstance(entry, dict) else []
    named = weekday_named(" ".join(name for name in names if isinstance(name, str)))
    own = [known[*holder, word] for word in (*OWN_DAY, *ENDS) if (*holder, word) in known]
    if named is None or not own or own[0].wall.weekday is not None:
        return
    first, last = min(one.wall.day for one in own), max(one.wall.day for one in own)
    if (named - first.weekday()) % 7 > (last - first).days:
        yield document.warning(own[0].path, f"{_not_that_day(own[0].wall, named)}, as its name says")


def _not_that_day(wall: Wall, weekday: int) -> str:
    day, date = show_day(wall.day).split(", ")
    return f"{date} is a {day}, not a {WEEKDAYS[weekday].capitalize()}"


def find_moments(document: Document) -> Iterator[tuple[Path, Moment]]:
    """Each moment with its path as in the body, in the order of the sections."""
    for section in document.sections:
        if section.name in document.values:
            yield from _within(document.values[section.name], () if section.spread else (section.name,))


def _within(value: Any, path: Path) -> Iterator[tuple[Path, Moment]]:
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Moment):
        yield path, value
    elif isinstance(value, BaseModel):
        inside = [(key, vars(value)[name]) for name, key in _as_written(type(value)).items()]
    elif isinstance(value, Mapping):
        inside = value.items()
    elif isinstance(value, tuple | list):
        inside = enumerate(value)
    for step, inner in inside:
        if inner and type(inner) not in LEAVES:
            yield from _within(inner, (*path, step))


@cache
def _as_written(part: type[BaseModel]) -> dict[str, str]:
    """The keys of a part in the file by the names of its fields."""
    return {name: field.alias or name for name, field in part.model_fields.items()}
