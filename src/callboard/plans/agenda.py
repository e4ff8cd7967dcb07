"""A calendar written out: for programs to read, and for people, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from callboard.core.calendar import show_span
from callboard.core.moments import show_day
from callboard.core.sections import Happening
from callboard.core.words import few

FEW = 6
SEVERAL = 3
WIDEST = 40
NOTHING = "Nothing happens then."


def record(happening: Happening) -> dict[str, object]:
    """A happening as plain values: `at` in UTC, `local` in the zone it was written in."""
    return {
        "at": f"{happening.at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z",
        "local": happening.at.astimezone(ZoneInfo(happening.zone)).isoformat(),
        "zone": happening.zone,
        "kind": happening.kind,
        "name": happening.name,
        "who": list(happening.who),
    }


def table(happenings: Sequence[Happening], zone: ZoneInfo) -> Iterator[str]:
    """A heading for each day in a zone, then a line for each thing that happens, with its own time where it differs.

    What comes again and again within a day at equal distances is one line.
    """
    if not happenings:
        yield NOTHING
        return
    kinds = max(len(happening.kind) for happening in happenings)
    names = min(max(len(happening.name) for happening in happenings), WIDEST)
    yield f"Times in {zone.key}."
    for day, found in groupby(happenings, key=lambda happening: happening.at.astimezone(zone).date()):
        yield ""
        yield show_day(day)
        for series in _series(list(found)):
            one = series[0]
            line = f"  {_times(series, zone):<11}  {one.kind:<{kinds}}  {one.name:<{names}}  "
            yield f"{line}{_again(series, zone)}{_there(one, zone)}{few(one.who, FEW)}".rstrip()


def _series(day: list[Happening]) -> Iterator[list[Happening]]:
    """The things of a day, and together those that are the same at equal distances, at the place of the first."""
    same: dict[tuple[object, ...], list[Happening]] = {}
    for one in day:
        same.setdefault((one.kind, one.key, one.name, one.zone, one.who, one.team), []).append(one)
    equal = {key for key, series in same.items() if len(series) >= SEVERAL and len(_steps(series)) == 1}
    for one in day:
        key = (one.kind, one.key, one.name, one.zone, one.who, one.team)
        if key not in equal:
            yield [one]
        elif same[key][0] is one:
            yield same[key]


def _steps(series: list[Happening]) -> set[timedelta]:
    return {after.at - before.at for before, after in pairwise(series)}


def _times(series: list[Happening], zone: ZoneInfo) -> str:
    begin = f"{series[0].at.astimezone(zone):%H:%M}"
    until = series[0].until if len(series) == 1 else None
    return f"{begin}-{until.astimezone(zone):%H:%M}" if until else begin


def _again(series: list[Happening], zone: ZoneInfo) -> str:
    if len(series) == 1:
        return ""
    return f"(every {show_span(min(_steps(series)))} until {series[-1].at.astimezone(zone):%H:%M}) "


def _there(happening: Happening, zone: ZoneInfo) -> str:
    """The time where it happens, where that is another than the reader's."""
    there = happening.at.astimezone(ZoneInfo(happening.zone))
    here = happening.at.astimezone(zone)
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return ""
    return f"({_clock(there, here)} in {happening.zone}) "


def _clock(there: datetime, here: datetime) -> str:
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%a %H:%M}"
