"""When reports are sent."""

from __future__ import annotations

from collections.abc import Iterator

from callboard.board.parts import ReportPart, ReportsPart
from callboard.core.calendar import Calendar, occurrences
from callboard.planfile.calendar import running
from callboard.planfile.frame import timetable
from callboard.planfile.sections import Document, Happening, Window
from callboard.teams.plan.directory import meant

NAMES = {"daily": "Daily report", "weekly": "Weekly report"}


def days_of(name: str, part: ReportPart, calendar: Calendar) -> frozenset[int]:
    """The weekdays of a report: those that are written, else every working day, or the last of the week."""
    working = calendar.working.days
    return part.days if part.days is not None else working if name == "daily" else frozenset({max(working)})


def happens(document: Document, reports: ReportsPart, window: Window) -> Iterator[Happening]:
    """Each report while the plan runs, holidays left out."""
    table = timetable(document)
    for key, name in NAMES.items() if table else ():
        part: ReportPart | None = getattr(reports, key)
        if part is None or table is None:
            continue
        zone = part.at.zone or table.calendar.zone
        within = running(document, window, zone)
        people = (word for word in (*part.to, *part.mail) if "@" not in word and not word.startswith("#"))
        who, days = meant(document, people), days_of(key, part, table.calendar)
        for at in occurrences(*within, days, part.at.clock, zone, table.calendar.holidays) if within else ():
            yield Happening(at=at, kind="report", name=name, key=key, zone=zone.key, who=who)
