"""When tasks begin and are due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from callboard.planfile.frame import timetable
from callboard.planfile.moments import Moment, Timetable, Unknown
from callboard.planfile.sections import Document, Happening, Window
from callboard.tasks.plan.types import TaskPart
from callboard.teams.plan import directory as teams


def placed(table: Timetable | None, moment: Moment | None, *, opening: bool = False) -> tuple[datetime, str] | None:
    """When a moment is, and in which zone it was written; None where that cannot be said."""
    try:
        wall = table.wall(moment) if table and moment else None
        if table is None or wall is None:
            return None
        return wall.instant(table.calendar, opening=opening), (wall.zone or table.calendar.zone).key
    except (Unknown, OverflowError):
        return None


def responsible(document: Document, part: TaskPart) -> tuple[str, ...]:
    """Who is to do a task; where nobody is named or all of them are vacant, the lead of its team."""
    own = teams.meant(document, part.people) if part.people else ()
    return own or teams.meant(document, ("lead",), part.owner)


def happens(document: Document, tasks: Mapping[str, TaskPart], window: Window) -> Iterator[Happening]:
    """Each task begins and is due, where that is written."""
    table = timetable(document)
    for key, part in tasks.items():
        for name, moment, opening in ((f"{part.title} begins", part.begins, True), (part.title, part.due, False)):
            found = placed(table, moment, opening=opening)
            if found and window[0] <= found[0] < window[1]:
                at, zone = found
                yield Happening(
                    at=at, kind="task", name=name, key=key, zone=zone, team=part.owner,
                    who=responsible(document, part),
                )  # fmt: skip
