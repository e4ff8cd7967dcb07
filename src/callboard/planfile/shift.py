"""Moves what has not happened yet by some days: a plan that slips, or catches up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from callboard.core.calendar import Wall
from callboard.core.errors import Refused
from callboard.core.words import few
from callboard.planfile import diff
from callboard.planfile.notations import YEARS
from callboard.planfile.paths import find, key_path, put
from callboard.planfile.sections import Document, Path
from callboard.planfile.times import DATED, WEEKDAYS, Moment, Relative, parse_span, show_day
from callboard.planfile.timetable import BEGINS, Timetable, Unknown, find_moments, timetable

SPAN = re.compile(r"([+-]?)\s*((?:\d{1,4}[dw]\s*)+)")
FEW = 3
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Shift:
    """What a shift moves: the new text of each moment by path, in words, and what to look at."""

    values: Mapping[Path, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Placed:
    """A moment where it is, and where it has to be."""

    path: Path
    moment: Moment
    wall: Wall
    wanted: Wall


def parse_shift(text: str) -> timedelta:
    """How far to shift: `1d`, `2w`, `-1d`. Raises Refused with a sentence."""
    found = SPAN.fullmatch(text.strip())
    if not found:
        raise Refused(f"`{text}` is no shift: write whole days, like 1d, 2w or -1d.")
    return parse_span(found[2]) * (-1 if found[1] == "-" else 1)


def planned(document: Document, span: timedelta, now: datetime, filed: Mapping[str, Any] = NOTHING) -> Shift:
    """What a shift of this document would move. What thereby comes back to where its file has it is as in `filed`."""
    table = timetable(document)
    if table is None or not span or span % timedelta(days=1):
        raise Refused("A shift is by whole days: write 1d, 2w or -1d.")
    placed = list(_placed(document, table, span.days, now))
    moved = [one for one in placed if one.wall != one.wanted]
    if not moved:
        raise Refused("Nothing of this plan is still to come: there is nothing to shift.")
    then = _moved(table, {one.path: one for one in placed})
    values: dict[Path, str] = {}
    for one in placed:
        keys = key_path(document.body, one.path)
        written, before = str(find(document.body, keys)), str(find(filed, keys))
        was = then.read(before)
        if before != written and was and _bare(was) == _bare(one.wanted):
            values[keys] = before
        elif _at(then, one) != _bare(one.wanted):
            values[keys] = _rewritten(written, one, table)
    after = dict(document.body)
    for path, text in values.items():
        after = put(after, path, text)
    changes = diff.in_words(document.body, after, document.sections)
    return Shift(values, changes, list(_notes(document, table, moved, now)))


def _placed(document: Document, table: Timetable, days: int, now: datetime) -> Iterator[Placed]:
    for path, moment in find_moments(document):
        with suppress(Unknown):
            wall = table.wall(moment)
            coming = wall.instant(table.calendar, opening=path[-1] in BEGINS) > now
            wanted = replace(wall, day=_later(wall.day, days), weekday=None) if coming else wall
            yield Placed(path, moment, wall, wanted)


def _later(day: date, days: int) -> date:
    with suppress(OverflowError):
        later = day + timedelta(days=days)
        if later.year in YEARS:
            return later
    raise Refused("That is too far: no plan is in those years.")


def _moved(table: Timetable, there: Mapping[Path, Placed]) -> Timetable:
    """The timetable once the plan's own moments are where they have to be; reckoned ones stay so where they follow."""
    start, end = there[("from",)].wanted, there[("to",)].wanted
    then = Timetable(table.calendar, start, end, dict(table.dates))
    for name in sorted(table.dates, key=lambda name: _depth(table, name)):
        one = there.get(("dates", name))
        if one and _at(then, one) != _bare(one.wanted):
            then = replace(then, dates={**then.dates, name: one.wanted})
    return then


def _depth(table: Timetable, name: str) -> int:
    """How many dates a date is reckoned from."""
    seen = [name]
    while isinstance(moment := table.dates.get(seen[-1]), Relative) and moment.anchor not in seen:
        seen.append(moment.anchor)
    return len(seen)


def _at(table: Timetable, one: Placed) -> Wall | None:
    """Where a moment as it is written would be by another timetable."""
    if one.path in (("from",), ("to",)) or isinstance(one.moment, Wall):
        return _bare(one.wall)
    with suppress(Unknown):
        return _bare(table.wall(one.moment))
    return None


def _bare(wall: Wall) -> Wall:
    return replace(wall, weekday=None)


def _rewritten(written: str, one: Placed, table: Timetable) -> str:
    """The text of a moment on its new day, in the form in which it was written."""
    day = one.wanted.day
    if not isinstance(one.moment, Wall):
        zone = None if one.wanted.zone == table.calendar.zone else one.wanted.zone
        return str(replace(one.wanted, zone=zone, weekday=None))
    text = written.replace(str(one.wall.day), str(day))
    if named_day := DATED.fullmatch(written.strip()):
        word = WEEKDAYS[day.weekday()][: len(named_day[1]) if len(named_day[1]) == FEW else None]
        text = f"{word.capitalize() if named_day[1][0].isupper() else word} {text.strip().partition(' ')[2]}"
    return text


def _notes(document: Document, table: Timetable, moved: list[Placed], now: datetime) -> Iterator[str]:
    """What lands in the past; what lands on a weekend or a holiday, by day."""
    gone = [one for one in moved if one.wanted.instant(table.calendar, opening=one.path[-1] in BEGINS) <= now]
    if gone:
        yield f"in the past then: {_listed(document, gone)}"
    by_day: dict[date, list[Placed]] = {}
    for one in moved:
        if not table.calendar.works_on(one.wanted.day):
            by_day.setdefault(one.wanted.day, []).append(one)
    for day, landed in sorted(by_day.items()):
        yield f"{show_day(day)} is no working day: {_listed(document, landed)}"


def _listed(document: Document, placed: list[Placed]) -> str:
    body, sections = document.body, document.sections
    return few(dict.fromkeys(diff.label(body, sections, key_path(body, one.path)) for one in placed), FEW)
