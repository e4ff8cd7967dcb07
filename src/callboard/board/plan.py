"""The sections `reports` and `velocity` of the plan file, and when reports are sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from callboard.core.calendar import occurrences, to_utc
from callboard.core.ticks import MOMENT
from callboard.core.words import counted
from callboard.gates.plan.names import check_mail
from callboard.planfile.calendar import overlap, running
from callboard.planfile.header import HEADER
from callboard.planfile.sections import Document, Happening, Path, Problem, Section, Window, several
from callboard.planfile.timetable import timetable
from callboard.planfile.types import At, Many, Part, Weekdays, Whom
from callboard.tasks.plan import AREAS, TASKS
from callboard.teams.plan.directory import check_who, meant

CLOSING = "closing"
A_DAY = timedelta(days=1)
EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
NAMES = {"daily": "Daily report", "weekly": "Weekly report"}


def happens(document: Document, reports: ReportsPart, window: Window) -> Iterator[Happening]:
    """Each report while the plan runs, on its days: every working day, or the last one of the week; no holidays."""
    table = timetable(document)
    for key, name in NAMES.items() if table else ():
        part: ReportPart | None = getattr(reports, key)
        if part is None or table is None:
            continue
        zone = part.at.zone or table.calendar.zone
        within = _to_the_last_evening(document, window, zone)
        people = (word for word in (*part.to, *part.mail) if "@" not in word and not word.startswith("#"))
        words, working = tuple(people), table.calendar.working.days
        usual = working if key == "daily" else frozenset({max(working)})
        days = usual if part.days is None else part.days
        for at in occurrences(*within, days, part.at.clock, zone, table.calendar.holidays) if within else ():
            yield Happening(
                at=at,
                kind="report",
                name=name,
                key=key,
                zone=zone.key,
                who=meant(document, words, at=at),
                occurrence=str(at.astimezone(zone).date()),
            )


def _to_the_last_evening(document: Document, window: Window, zone: ZoneInfo) -> Window | None:
    """The part of a window in which there are reports: the last day has its own, even if the plan ends before it."""
    whole = running(document, EVER, zone)
    if whole is None:
        return None
    last = (whole[1] - MOMENT).astimezone(zone).date()
    return overlap(window, (whole[0], to_utc(datetime.combine(last + A_DAY, time()), zone)))


class ReportPart(Part):
    at: At = Field(examples=['"18:00"'])
    days: Weekdays | None = None
    to: Whom = ()
    mail: Many = ()


class ReportsPart(Part):
    daily: ReportPart | None = None
    weekly: ReportPart | None = None


class VelocityPart(Part):
    """How many tasks to complete in each day or week of the plan."""

    per: Literal["day", "week"] = "week"
    targets: Annotated[tuple[Annotated[int, Field(ge=0)], ...], BeforeValidator(several)] = Field(
        min_length=1, examples=["[5, 5, 12]"]
    )


def _check_reports(document: Document, part: ReportsPart) -> Iterator[Problem]:
    for name in NAMES:
        report: ReportPart | None = getattr(part, name)
        if report:
            at: Path = ("reports", name)
            yield from check_who(document, (*at, "to"), report.to)
            yield from check_mail(document, (*at, "mail"), report.mail)
            if not report.to and not report.mail:
                yield document.error(at, "nobody gets this report: write `to`, `mail` or both")


def _check_velocity(document: Document, part: VelocityPart) -> Iterator[Problem]:
    yield from _check_total(document, part)
    frame = document.of(HEADER)
    if frame is None:
        return
    first, last = frame.from_.day, frame.to.day
    days = (last - first).days
    spans = 1 + ((days + first.weekday()) // 7 if part.per == "week" else days)
    if len(part.targets) > spans > 0:
        sentence = f"there are {len(part.targets)} targets, but the plan has {counted(spans, part.per)}"
        yield document.warning(("velocity", "targets"), sentence)


def _check_total(document: Document, part: VelocityPart) -> Iterator[Problem]:
    tasks, areas = document.of(TASKS) or {}, document.of(AREAS) or {}
    written = Counter(task.area for task in tasks.values())
    planned = {key: max(area.planned or 0, written[key]) for key, area in areas.items()}
    open_ones = sum(task.status != "completed" for task in tasks.values() if task.area in planned or not planned)
    most, total = max(sum(planned.values()), len(tasks)), sum(part.targets)
    if most and not open_ones <= total <= most:
        known = f"{open_ones} are still open" if total < open_ones else f"there are only {most}"
        sentence = f"these targets come to {total} tasks, but {known}"
        yield document.warning(("velocity", "targets"), sentence)


REPORTS: Section[ReportsPart] = Section(name="reports", model=ReportsPart, check=_check_reports, happens=happens)
VELOCITY: Section[VelocityPart] = Section(name="velocity", model=VelocityPart, check=_check_velocity)
