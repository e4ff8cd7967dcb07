"""When checkpoints are, and who takes part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from callboard.checkpoints.plan import subjects
from callboard.checkpoints.plan.types import CheckpointPart
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Moment, Timetable, Unknown
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.values import keyed


def checkpoints(document: Document, parts: Iterable[CheckpointPart], window: Window) -> Iterator[Happening]:
    """Each checkpoint, at its moment."""
    table = timetable(document)
    for key, part in zip(keyed(document.body.get("checkpoints") or ()), parts, strict=False):
        at, zone = instant_and_zone(table, part.at)
        if at is not None and window[0] <= at < window[1]:
            concerned = part.concerned
            yield Happening(
                at=at, kind="checkpoint", name=part.name, key=key, zone=zone, until=at + part.window,
                team=concerned[0] if len(concerned) == 1 else "",
                who=subjects.everybody(document, part.who, concerned),
            )  # fmt: skip


def instant_and_zone(table: Timetable | None, moment: Moment) -> tuple[datetime | None, str]:
    try:
        wall = table.wall(moment) if table else None
    except Unknown:
        wall = None
    if table is None or wall is None:
        return None, ""
    zone: ZoneInfo = wall.zone or table.calendar.zone
    return wall.instant(table.calendar), zone.key
