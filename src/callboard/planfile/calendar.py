"""What happens when: everything that a plan puts on the calendar, in order, and how that is written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from callboard.core.calendar import FURTHEST_DAYS, Wall
from callboard.core.errors import Refused, unknown
from callboard.core.words import few
from callboard.planfile.header import HEADER, HeaderPart
from callboard.planfile.sections import Document, Happening, Path, Problem, Window
from callboard.planfile.times import show_day, show_span

EASTERNMOST, WESTERNMOST = timedelta(hours=14), timedelta(hours=12)
LONGEST = timedelta(days=FURTHEST_DAYS)
MOMENT = timedelta(seconds=1)
A_DAY = timedelta(days=1)
EARLIEST, LATEST = date(1, 1, 3), date(9999, 1, 1)
"""Days that exist in every zone."""
EVERY_DAY, A_WEEK = frozenset(range(7)), 7
FEW, SEVERAL, WIDEST = 6, 3, 40
WINDOW = "_window"


def happenings(document: Document, window: Window | None = None, person: str = "") -> list[Happening]:
    """Everything that happens in a checked document within a window, or in the whole plan; to a person, or to all."""
    within = window or plan_window(document)
    if within is None:
        return []
    found = [
        happening for section in document.sections if section.name in document.values
        for happening in section.happens(document, document.values[section.name], within)
        if not person or person in happening.who
    ]  # fmt: skip
    return sorted(found, key=lambda h: (h.at, h.kind, h.name, h.zone, h.key))


def plan_window(document: Document) -> Window | None:
    """From the first to the last moment of a valid plan, days alone in every zone of the world; None for another."""
    header = document.of(HEADER)
    if header is None or header.from_.day > LATEST - LONGEST:
        return None
    if WINDOW not in vars(document):  # kept with the document: what comes again asks often
        vars(document)[WINDOW] = _whole(header)
    window: Window = vars(document)[WINDOW]
    return window


def _whole(header: HeaderPart) -> Window:
    first = _begin(header.from_, header, UTC) - (EASTERNMOST if header.from_.clock is None else timedelta())
    last = _last(header, UTC) + (WESTERNMOST if header.to.clock is None else timedelta())
    return first, min(last, first + LONGEST)


def over(document: Document, now: datetime) -> str:
    """What to say of a plan that has ended; empty for one that has not."""
    header = document.of(HEADER)
    if header is None or now <= header.to.instant(header.calendar) or now <= over_at(header):
        return ""
    return f"this plan ended at {header.to}, so most of it never comes due: if it is to run, write new dates"


def running(document: Document, window: Window, zone: tzinfo, *, late: bool = True) -> Window | None:
    """The part of a window in which the plan runs, with its follow-up only if `late`.

    Days alone are days of `zone`, for what happens on certain days.
    """
    header = document.of(HEADER)
    if header is None:
        return None
    return overlap(window, (_begin(header.from_, header, zone), _last(header, zone, late=late)))


def over_at(header: HeaderPart) -> datetime:
    """When a plan and its follow-up have ended, by its own zone."""
    return _last(header, header.timezone)


def overlap(one: Window, other: Window) -> Window | None:
    """What two windows have in common."""
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None


def check_window(
    document: Document, path: Path, days: frozenset[int] | None, window: timedelta, key: str = "window",
    again: timedelta = timedelta(weeks=1),
) -> Iterator[Problem]:  # fmt: skip
    """Warn of what is still open when it comes again: on some weekdays or every day, each week or after some."""
    on = days or EVERY_DAY
    nearest = min((other - day - 1) % A_WEEK + 1 for day in on for other in on if other != day or len(on) == 1)
    again = again if len(on) == 1 else timedelta(days=nearest)
    if window > again:
        sentence = f"this is open for {show_span(window)}, and comes again after {show_span(again)}: write less"
        yield document.warning((*path, key), sentence)


def asked_window(
    document: Document, first: Wall | None, last: Wall | None, person: str = ""
) -> tuple[ZoneInfo, Window]:
    """The zone to show a calendar in, and the window somebody asks for, in whole days. Raises Refused."""
    header = document.of(HEADER)
    window = plan_window(document)
    if header is None or window is None:
        raise Refused(f"{document.file} is not a valid plan: `callboard check` says why.")
    known = document.keys("people")
    if person and person not in known:
        raise unknown(f"There is no person `{person}` in {header.name}", person, known)
    seat = document.values.get("people", {}).get(person)
    zone = (seat and seat.timezone) or header.timezone
    start = _begin(first, header, first.zone or zone) if first else window[0]
    end = _end(last, header, last.zone or zone) if last else window[1]
    if (first or last) and end <= start:
        raise Refused(f"{last or header.to} is before {first or header.from_}: write the earlier day first.")
    return zone, (start, min(end, start + LONGEST))


def _begin(moment: Wall, header: HeaderPart, zone: tzinfo) -> datetime:
    """When a moment is; a day alone begins at midnight in a zone."""
    return moment.instant(header.calendar) if moment.clock else _midnight(moment.day, zone)


def _end(moment: Wall, header: HeaderPart, zone: tzinfo) -> datetime:
    """Just after a moment; a day alone is all of it."""
    if moment.clock:
        return moment.instant(header.calendar) + MOMENT
    return _midnight(min(moment.day, LATEST) + timedelta(days=1), zone)


def _last(header: HeaderPart, zone: tzinfo, *, late: bool = True) -> datetime:
    """Just after a plan's last moment: of its follow-up if `late`; a date that was moved to after `to` still comes."""
    after = (header.follow_up,) if late and header.follow_up else ()
    moments = (*header.dates.values(), *after)
    dates = [wall for moment in moments if (wall := header.timetable.known(moment))]
    return max(_end(wall, header, zone) for wall in (header.to, *dates))


def _midnight(day: date, zone: tzinfo) -> datetime:
    day = min(max(day, EARLIEST), LATEST)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def as_values(happening: Happening) -> dict[str, object]:
    """A happening as plain values: `at` in UTC, `local` in the zone it was written in."""
    return {
        "at": f"{happening.at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z",
        "local": happening.at.astimezone(ZoneInfo(happening.zone)).isoformat(), "zone": happening.zone,
        "kind": happening.kind, "name": happening.name, "who": list(happening.who),
    }  # fmt: skip


def as_text(happenings: Sequence[Happening], zone: ZoneInfo) -> Iterator[str]:
    """A heading for each day in a zone, then a line for each thing; what comes again at equal distances is one line."""
    if not happenings:
        yield "Nothing happens then."
        return
    kinds = max(len(happening.kind) for happening in happenings)
    names = min(max(len(happening.name) for happening in happenings), WIDEST)
    yield f"Times in {zone.key}."
    for day, found in groupby(happenings, key=lambda happening: happening.at.astimezone(zone).date()):
        yield ""
        yield show_day(day)
        for first, *others in _series(list(found)):
            until = others[-1].at if others else first.until if first.until and first.until - first.at < A_DAY else None
            last = f"{until.astimezone(zone):%H:%M}" if until else ""
            times = f"{first.at.astimezone(zone):%H:%M}{f'-{last}' if last and not others else ''}"
            again = f"(every {show_span(others[0].at - first.at)} until {last}) " if others else ""
            line = f"  {times:<11}  {first.kind:<{kinds}}  {first.name:<{names}}  "
            yield f"{line}{again}{_elsewhere(first, zone)}{few(first.who, FEW)}".rstrip()


def _series(day: list[Happening]) -> Iterator[list[Happening]]:
    """The things of a day, and together those that are the same at equal distances, at the place of the first."""
    same: dict[Happening, list[Happening]] = {}
    for happening in day:
        same.setdefault(replace(happening, at=day[0].at, until=None, occurrence="", part=""), []).append(happening)
    for happening in day:
        series = same[replace(happening, at=day[0].at, until=None, occurrence="", part="")]
        if len(series) < SEVERAL or len({after.at - before.at for before, after in pairwise(series)}) > 1:
            yield [happening]
        elif series[0] is happening:
            yield series


def _elsewhere(happening: Happening, zone: ZoneInfo) -> str:
    """The time in the zone in which it happens, where that is another than the reader's."""
    there, here = happening.at.astimezone(ZoneInfo(happening.zone)), happening.at.astimezone(zone)
    if there.replace(tzinfo=None) == here.replace(tzinfo=None):
        return ""
    clock = f"{there:%H:%M}" if there.date() == here.date() else f"{there:%a %H:%M}"
    return f"({clock} in {happening.zone}) "
