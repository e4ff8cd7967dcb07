"""When people are asked about risks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from callboard.checkpoints.beats import beats
from callboard.core.calendar import Calendar
from callboard.planfile.calendar import plan_window
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.values import keyed
from callboard.risks.indicators import AskPart
from callboard.risks.parts import RiskPart
from callboard.standups import presence
from callboard.teams.plan import directory as teams


def happens(document: Document, risks: Iterable[RiskPart], window: Window) -> Iterator[Happening]:
    """Each question, when those whom it is put to begin to work, from the first day of the plan on."""
    for key, part in zip(keyed(document.body.get("risks") or ()), risks, strict=False):
        for number, indicator in enumerate(part.indicators, 1):
            if isinstance(indicator, AskPart):
                for at, zone, who in _asked(document, indicator, window):
                    name = indicator.question or part.risk
                    yield Happening(at=at, kind="risk", name=name, key=f"{key}.{number}", zone=zone, who=who)


def _asked(document: Document, part: AskPart, window: Window) -> Iterator[tuple[datetime, str, tuple[str, ...]]]:
    directory, stretch = teams.drafted(document), plan_window(document)
    if directory is None or stretch is None:
        return
    calendars: dict[Calendar, list[str]] = {}
    for person in directory.named(teams.meant(document, part.ask)):
        calendars.setdefault(presence.working(directory, person), []).append(person.key)
    found: dict[tuple[datetime, str], list[str]] = {}
    for calendar, people in calendars.items():
        for at in beats(calendar, part.every, stretch, window):
            found.setdefault((at, calendar.zone.key), []).extend(people)
    for (at, zone), who in found.items():
        yield at, zone, tuple(who)
