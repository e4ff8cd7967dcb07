"""Whether the moments of a plan are what their author means: known, possible, in order, on the weekday they name.

clashes: nobody is in two places at once or asked at night, and nothing is at two times
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel

from callboard.core.calendar import Wall
from callboard.core.errors import did_you_mean
from callboard.planfile.frame import timetable
from callboard.planfile.moments import InWeek, Moment, Relative, Timetable, TooFar, Unknown
from callboard.planfile.sections import Document, Path, Problem, owned
from callboard.planfile.times import WEEKDAYS, show_day, weekday_named
from callboard.planfile.values import find

OWN_DAY = ("day", "at", "due", "from", "start")
BEGINS = ("from", "start")
ENDS = ("to", "until", "due")
NAMES = ("name", "title")
LEAVES = frozenset({str, int, float, bool, timedelta, frozenset, type(None)})
"""What holds no moment; most of a plan."""


@dataclass(frozen=True)
class Placed:
    """A moment of the plan, where it is written, and when that is."""

    path: Path
    wall: Wall
    at: datetime


def check(document: Document) -> Iterator[Problem]:
    """Check every moment by itself, then those that belong together."""
    table = timetable(document)
    if table is None:
        return
    placed: dict[Path, Placed] = {}
    for path, moment in find_moments(document):
        try:
            wall = table.wall(moment)
            at = wall.instant(table.calendar, opening=path[-1] in BEGINS)
        except Unknown as unknown:
            yield from _unknown(document, table, path, moment, unknown)
        else:
            placed[path] = Placed(path, wall, at)
    backwards: dict[Path, Problem] = {}
    for holder in dict.fromkeys(path[:-1] for path in placed):
        backwards |= {problem.path: problem for problem in _window(document, placed, holder)}
        yield from _named_day(document, placed, holder)
    yield from backwards.values()
    yield from _alone(document, table, placed.values())
    yield from _outside(document, table, [one for one in placed.values() if one.path not in backwards])


def _unknown(document: Document, table: Timetable, path: Path, moment: Moment, unknown: Unknown) -> Iterator[Problem]:
    """Said where the anchor is written; not again at all that is reckoned from it."""
    if isinstance(moment, Relative) and moment.anchor not in table.anchors:
        yield document.error(path, f"{unknown}; {did_you_mean(moment.anchor, table.anchors)}")
    elif isinstance(unknown, TooFar) and str(moment) in str(unknown):
        yield document.error(path, str(unknown))
    elif path[0] == "dates" and path == ("dates", _first_of_circle(table, str(path[-1]))):
        yield document.error(path, f"{unknown}; write a fixed moment for one of them")


def _first_of_circle(table: Timetable, name: str) -> str:
    """Of the dates that are reckoned from each other in a circle with `name`, the first in the file; else nothing."""
    circle = [name]
    while isinstance(moment := table.dates.get(circle[-1]), Relative) and moment.anchor != name:
        if moment.anchor in circle:
            return ""
        circle.append(moment.anchor)
    closed = isinstance(moment, Relative)
    return min(circle, key=list(table.dates).index) if closed else ""


def _alone(document: Document, table: Timetable, placed: Iterable[Placed]) -> Iterator[Problem]:
    for one in placed:
        zone = one.wall.zone or table.calendar.zone
        if one.wall.skipped(zone):
            shown = f"{one.wall.day} {one.wall.clock:%H:%M}"
            sentence = f"there is no {shown} in {zone.key}: the clocks go forward then; write an hour later"
            yield document.error(one.path, sentence)
        if one.wall.weekday not in (None, one.wall.day.weekday()):
            yield document.warning(one.path, _not_that_day(one.wall, one.wall.weekday or 0))


def _outside(document: Document, table: Timetable, placed: Iterable[Placed]) -> Iterator[Problem]:
    first, last = table.instant(table.start, opening=True), table.instant(table.end)
    kinds = {key: section for section in document.sections for key in owned(section)}
    for one in placed if first < last else ():
        early, late = one.at < first, one.at > last
        if one.wall.clock is None:
            early, late = one.wall.day < table.start.day, one.wall.day > table.end.day
        kind = kinds[str(one.path[0])]
        if (early and not kind.early) or (late and not kind.late):
            ends = f"{table.start} to {table.end}"
            yield document.warning(one.path, f"{one.wall} is outside the plan, which goes from {ends}")


def _window(document: Document, placed: Mapping[Path, Placed], holder: Path) -> Iterator[Problem]:
    """A stretch of time ends after it begins."""
    begin = next((placed[*holder, word] for word in BEGINS if (*holder, word) in placed), None)
    for word in ENDS if begin and holder else ():
        end = placed.get((*holder, word))
        if begin and end and end.at <= begin.at:
            sentence = f"{end.wall} is not after {begin.wall}, when it begins: write a later moment"
            yield document.error(end.path, sentence)


def _named_day(document: Document, placed: Mapping[Path, Placed], holder: Path) -> Iterator[Problem]:
    """A weekday in a name is that of one of the days on which the thing is."""
    named = weekday_named(_name(document, holder))
    own = [placed[*holder, word] for word in (*OWN_DAY, *ENDS) if (*holder, word) in placed]
    if named is None or not own:
        return
    first, last = min(one.wall.day for one in own), max(one.wall.day for one in own)
    if (named - first.weekday()) % 7 > (last - first).days:
        yield document.warning(own[0].path, f"{_not_that_day(own[0].wall, named)}, as its name says")


def _name(document: Document, holder: Path) -> str:
    entry = find(document.body, holder)
    return (
        " ".join(entry[word] for word in NAMES if isinstance(entry.get(word), str)) if isinstance(entry, dict) else ""
    )


def _not_that_day(wall: Wall, weekday: int) -> str:
    day, date = show_day(wall.day).split(", ")
    return f"{date} is a {day}, not a {WEEKDAYS[weekday].capitalize()}"


def find_moments(document: Document) -> Iterator[tuple[Path, Moment]]:
    """Each moment with its path as in the body, in the order of the sections."""
    for section in document.sections:
        if section.name in document.values:
            yield from _within(document.values[section.name], () if section.spread else (section.name,))


def _within(value: Any, path: Path) -> Iterator[tuple[Path, Moment]]:
    if isinstance(value, Wall | Relative | InWeek):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, key in _as_written(type(value)).items():
            inner = vars(value)[name]
            if inner and type(inner) not in LEAVES:
                yield from _within(inner, (*path, key))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _within(inner, (*path, key))
    elif isinstance(value, tuple | list):
        for number, inner in enumerate(value):
            if type(inner) not in LEAVES:
                yield from _within(inner, (*path, number))


@cache
def _as_written(part: type[BaseModel]) -> dict[str, str]:
    """The keys of a part in the file by the names of its fields."""
    return {name: field.alias or name for name, field in part.model_fields.items()}
