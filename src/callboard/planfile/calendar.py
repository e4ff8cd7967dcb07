"""What happens when: everything that a plan puts on the calendar, in order, and how that is written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from callboard.core.calendar import FURTHEST_DAYS, Wall
from callboard.core.errors import Refused, did_you_mean
from callboard.core.words import few
from callboard.planfile.frame import FRAME, FramePart
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.times import show_day, show_span

EASTERNMOST, WESTERNMOST = timedelta(hours=14), timedelta(hours=12)
LONGEST = timedelta(days=FURTHEST_DAYS)
MOMENT = timedelta(seconds=1)
EARLIEST, LATEST = date(1, 1, 3), date(9999, 1, 1)
"""The days that are days in every zone."""
FEW = 6
SEVERAL = 3
WIDEST = 40
NOTHING = "Nothing happens then."


def happenings(document: Document, window: Window | None = None, person: str = "") -> list[Happening]:
    """Everything that happens in a checked document from `window[0]` to before `window[1]`, or in the whole plan.

    With `person`, only what they take part in. Nothing while the plan as a whole is not valid.
    """
    within = window or plan_window(document)
    if within is None:
        return []
    found = [
        happening
        for section in document.sections
        if section.name in document.values
        for happening in section.happens(document, document.values[section.name], within)
        if not person or person in happening.who
    ]
    return sorted(found, key=lambda h: (h.at, h.kind, h.name, h.zone, h.key))


def plan_window(document: Document) -> Window | None:
    """From the first to the last moment of a plan; where it names days alone, those days in every zone of the world.

    None while the plan as a whole is not valid, or begins at the end of all calendars.
    """
    frame = document.of(FRAME)
    if frame is None or frame.from_.day > LATEST - LONGEST:
        return None
    first = _midnight(frame.from_.day, UTC) - EASTERNMOST if frame.from_.clock is None else _start(frame)
    last = _midnight(_after(frame.to.day), UTC) + WESTERNMOST if frame.to.clock is None else _end(frame)
    return first, min(last, first + LONGEST)


def running(document: Document, window: Window, zone: tzinfo) -> Window | None:
    """The part of a window in which the plan runs; days alone are days of `zone`, for what happens on certain days."""
    frame = document.of(FRAME)
    if frame is None:
        return None
    first = _midnight(frame.from_.day, zone) if frame.from_.clock is None else _start(frame)
    last = _midnight(_after(frame.to.day), zone) if frame.to.clock is None else _end(frame)
    return overlap(window, (first, last))


def overlap(one: Window, other: Window) -> Window | None:
    """What two windows have in common."""
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None


def asked_window(
    document: Document, first: Wall | None, last: Wall | None, person: str = ""
) -> tuple[ZoneInfo, Window]:
    """The zone to show a calendar in, and the window somebody asks for; days are whole, and end with the plan's.

    Raises Refused for a person whom the plan does not know, and for days the wrong way round.
    """
    frame = document.of(FRAME)
    window = plan_window(document)
    if frame is None or window is None:
        raise Refused(f"{document.file} is no valid plan: see what `callboard check` says")
    known = document.keys("people")
    if person and person not in known:
        raise Refused(f"There is no person `{person}` in {frame.name}; {did_you_mean(person, known)}")
    zone = _zone_of(document, person) or frame.timezone
    start = window[0] if first is None else _first(first, frame, zone)
    end = window[1] if last is None else _last(last, frame, zone)
    if (first or last) and end <= start:
        raise Refused(f"{last or frame.to} is before {first or frame.from_}: write the earlier day first.")
    return zone, (start, min(end, start + LONGEST))


def _first(day: Wall, frame: FramePart, zone: ZoneInfo) -> datetime:
    return _midnight(day.day, day.zone or zone) if day.clock is None else day.instant(frame.calendar)


def _last(day: Wall, frame: FramePart, zone: ZoneInfo) -> datetime:
    return _midnight(_after(day.day), day.zone or zone) if day.clock is None else day.instant(frame.calendar) + MOMENT


def _zone_of(document: Document, person: str) -> ZoneInfo | None:
    """The zone of a person, where the plan names one."""
    people = document.values.get("people")
    return getattr(people.get(person), "timezone", None) if isinstance(people, Mapping) else None


def _start(frame: FramePart) -> datetime:
    return frame.from_.instant(frame.calendar)


def _end(frame: FramePart) -> datetime:
    """Just after the last moment, which is part of the plan."""
    return frame.to.instant(frame.calendar) + MOMENT


def _midnight(day: date, zone: tzinfo) -> datetime:
    day = min(max(day, EARLIEST), LATEST)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _after(day: date) -> date:
    return min(day, LATEST) + timedelta(days=1)


def as_values(happening: Happening) -> dict[str, object]:
    """A happening as plain values: `at` in UTC, `local` in the zone it was written in."""
    return {
        "at": f"{happening.at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z",
        "local": happening.at.astimezone(ZoneInfo(happening.zone)).isoformat(),
        "zone": happening.zone,
        "kind": happening.kind,
        "name": happening.name,
        "who": list(happening.who),
    }


def as_text(happenings: Sequence[Happening], zone: ZoneInfo) -> Iterator[str]:
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
