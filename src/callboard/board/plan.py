"""The sections `reports` and `velocity` of the plan file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.board import reports
from callboard.board.parts import ReportPart, ReportsPart, VelocityPart
from callboard.planfile.frame import FRAME
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.runbooks.plan.check import check_mail
from callboard.teams.plan.directory import check_who


def _check_reports(document: Document, part: ReportsPart) -> Iterator[Problem]:
    """Reports go to somebody."""
    for name in reports.NAMES:
        report: ReportPart | None = getattr(part, name)
        if report:
            at: Path = ("reports", name)
            yield from check_who(document, (*at, "to"), report.to)
            yield from check_mail(document, (*at, "mail"), report.mail)
            if not report.to and not report.mail:
                yield document.error(at, "nobody gets this report: write `to`, `mail` or both")


def _check_velocity(document: Document, part: VelocityPart) -> Iterator[Problem]:
    """There are not more targets than days or weeks in the plan."""
    frame = document.of(FRAME)
    if frame is None:
        return
    first, last = frame.from_.day, frame.to.day
    if part.per == "week":
        there = ((last - first + timedelta(days=first.weekday())).days // 7) + 1
    else:
        there = (last - first).days + 1
    if len(part.targets) > there > 0:
        of = f"{there} {part.per}s" if there > 1 else f"one {part.per}"
        sentence = f"there are {len(part.targets)} targets, and the plan has {of}: these do not add up"
        yield document.warning(("velocity", "targets"), sentence)


REPORTS: Section[ReportsPart] = Section(
    name="reports", model=ReportsPart, check=_check_reports, happens=reports.happens
)
VELOCITY: Section[VelocityPart] = Section(name="velocity", model=VelocityPart, check=_check_velocity)
