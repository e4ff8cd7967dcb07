"""The sections `meetings` and `awards` of the plan file: types, checks, and when people meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.calendar import Calendar, DayTime
from callboard.gates.plan.names import check_names
from callboard.planfile.calendar import check_window
from callboard.planfile.names import nearest
from callboard.planfile.paths import ABSENT, find, keyed
from callboard.planfile.sections import Document, Happening, Path, Problem, Section, Window, dated_by, several
from callboard.planfile.times import Moment as AnyMoment
from callboard.planfile.times import Relative, parse_moment, show_span
from callboard.planfile.timetable import Timetable, placed, timetable
from callboard.planfile.types import Delay, Many, Part, Span, Whom, day_time
from callboard.plans import recurrence
from callboard.plans.recurrence import RecurringPart
from callboard.teams.plan import directory as teams
from callboard.teams.plan.directory import check_who

GATE, A_YEAR = "the gate", 366


def happenings(document: Document, parts: Iterable[MeetingPart], window: Window) -> Iterator[Happening]:
    """Each meeting; one after a gate at its latest moment."""
    directory, table = teams.drafted(document), timetable(document)
    if directory is None or table is None:
        return
    for key, part in zip(keyed(document.body.get("meetings") or ()), parts, strict=False):
        for at, zone in _held(document, table, part, window):
            people = directory.named(teams.meant(document, (*part.lead, *part.who), at=at))
            # To a single meeting everybody meant comes; to one that comes again, those who are not away.
            weekly = isinstance(part.at, DayTime)
            who = tuple(person.key for person in people if not weekly or person.absence(at) is None)
            until = at + part.lasts if part.lasts else None
            day = str(at.astimezone(ZoneInfo(zone)).date()) if weekly else ""
            yield Happening(
                at=at, kind="meeting", name=part.name, key=key, zone=zone, who=who, until=until, occurrence=day
            )


def latest(document: Document, table: Timetable, part: MeetingPart) -> datetime | None:
    """The latest moment of a meeting after gates: `within` after the last gate is due; None if none is due."""
    within = [_within(document, table, gate, part.within) for gate in part.after]
    return max(filter(None, within), default=None)


def _within(document: Document, table: Timetable, gate: str, span: timedelta) -> datetime | None:
    gates: Any = document.body.get("gates")
    try:
        due = parse_moment(str(gates[gate]["due"]))
        dated = Timetable(table.calendar, table.start, table.end, {**table.dates, GATE: due})
        return _workday(table.calendar, dated.instant(Relative(GATE, span.days, span % timedelta(days=1))))
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


def _workday(calendar: Calendar, at: datetime) -> datetime:
    """The same time on the first day of work from then on."""
    day = at.astimezone(calendar.zone).date()
    later = next(day + timedelta(days=days) for days in range(A_YEAR) if calendar.works_on(day + timedelta(days=days)))
    return at + timedelta(days=(later - day).days)


def _held(document: Document, table: Timetable, part: MeetingPart, window: Window) -> Iterator[tuple[datetime, str]]:
    plan = table.calendar.zone
    if isinstance(part.at, DayTime):
        zone = recurrence.zone(part, part.at, plan)
        days = table.calendar.working.days if part.days is None else part.days
        for at in recurrence.instants(document, part, part.at.clock, zone, days, window, table.calendar.holidays):
            yield at, zone.key
        return
    once = latest(document, table, part)
    place = placed(table, part.at) if part.at else (once, plan.key) if once else None
    if place is not None and window[0] <= place[0] < window[1]:
        yield place


CLOCK = re.compile(r"\s*\d{1,2}:\d{2}(\s+\S+)?\s*")


def _titled(written: Any) -> Any:
    """Read the items of an agenda: `Demo`, `{Progress: 10m}`, or all of them in one mapping."""
    if isinstance(written, str):
        return [{"title": written}]
    if isinstance(written, Mapping) and "title" not in written:
        return [{"title": title, "lasts": lasts} for title, lasts in written.items()]
    if isinstance(written, list):
        return [item for each in written for item in _titled(each)]
    return [written]


def _when(written: Any) -> Any:
    """Read a time of day as one that comes again, anything else as a moment."""
    if isinstance(written, str) and not CLOCK.fullmatch(written):
        return parse_moment(written)
    return written if isinstance(written, AnyMoment) else day_time(written)


When = Annotated[
    DayTime | AnyMoment,
    BeforeValidator(_when),
    WithJsonSchema({"type": "string", "examples": ["10:00", "2026-03-25 16:00"]}),
]
"""A time of day that comes again on certain days, or one moment."""
Title = Annotated[str, Field(min_length=1, max_length=150)]
Titles = Annotated[tuple[Title, ...], BeforeValidator(several, json_schema_input_type=str | tuple[str, ...])]


class AgendaPart(Part):
    title: str = Field(min_length=1)
    lasts: Span | None = None


class MeetingPart(RecurringPart):
    """A meeting: on days of the week, at one moment, or after a gate."""

    name: str = Field(min_length=1, examples=["Weekly planning"])
    key: str = ""
    at: When | None = None
    after: Many = ()
    within: Delay = timedelta()
    lasts: Span | None = None
    lead: Whom = ()
    who: Whom = ("everyone",)
    agenda: Annotated[tuple[AgendaPart, ...], BeforeValidator(_titled)] = ()
    outputs: Many = ()
    retrospective: bool = False
    link: str = ""


def _check(document: Document, parts: Iterable[MeetingPart]) -> Iterator[Problem]:
    for number, part in enumerate(parts):
        at: Path = ("meetings", number)
        yield from check_who(document, (*at, "who"), part.who)
        yield from check_who(document, (*at, "lead"), part.lead)
        yield from check_names(document, (*at, "after"), "gate", part.after)
        yield from recurrence.check(document, at, part, part.at if isinstance(part.at, DayTime) else None)
        yield from _meeting_times(document, at, part)
        yield from _agenda(document, at, part)


def _meeting_times(document: Document, at: Path, part: MeetingPart) -> Iterator[Problem]:
    if part.at is None and not part.after:
        yield document.error(at, 'this has no time: write `at: "10:00"` with `days`, or `after: [a gate]`')
    if part.at is not None and part.after:
        yield document.error((*at, "after"), "a meeting has one time: remove `at`, or `after`")
    if part.days is not None and not isinstance(part.at, DayTime):
        yield document.error((*at, "days"), 'days need a time of day: write `at: "10:00"`, or remove them')
    if isinstance(part.at, DayTime) and part.lasts:
        yield from check_window(document, at, part.days, part.lasts, "lasts", again=part.every)
    table = timetable(document)
    if part.after and set(part.after) <= set(document.keys("gates")) and table:
        for position, gate in enumerate(part.after):
            unknown = latest(document, table, part.model_copy(update={"after": (gate,)})) is None
            if unknown and find(document.body, ("gates", gate, "due")) is ABSENT:
                sentence = f"`{gate}` has no `due`, so this has no time: add one"
                yield document.warning((*at, "after", position), sentence)


def _agenda(document: Document, at: Path, part: MeetingPart) -> Iterator[Problem]:
    total = sum((point.lasts for point in part.agenda if point.lasts), timedelta())
    if part.lasts is not None and total > part.lasts:
        sentence = f"the agenda needs {show_span(total)}, but the meeting lasts {show_span(part.lasts)}"
        yield document.warning((*at, "agenda"), sentence)


def _check_awards(document: Document, awards: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    known = document.keys("teams")
    for key, titles in awards.items():
        if key not in known:
            yield document.error(("awards", key), f"there is no team `{key}`; {nearest(document, key, known)}")
        if not titles:
            yield document.error(("awards", key), "this team has no title: write at least one, or remove the line")
        for number, title in enumerate(titles):
            if title.lower() in (before.lower() for before in titles[:number]):
                yield document.error(("awards", key, number), f"`{title}` is there twice: remove one")


AWARDS: Section[Mapping[str, tuple[str, ...]]] = Section(
    name="awards", one="award", model=dict[str, Titles], check=_check_awards,
)  # fmt: skip
MEETINGS: Section[tuple[MeetingPart, ...]] = Section(
    name="meetings", one="meeting", model=tuple[MeetingPart, ...], check=_check, happens=happenings, meets=True,
    late=True, dated=dated_by("at"),
)  # fmt: skip
