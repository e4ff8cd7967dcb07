"""The sections `task_kinds`, `priorities`, `areas`, `tasks` and `task_types` of the plan file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from callboard.planfile.frame import placed, timetable
from callboard.planfile.sections import Awaited, Document, Happening, Section, Waits, Window
from callboard.planfile.types import Many
from callboard.tasks.plan import apply, check
from callboard.tasks.plan.types import Area, AreaPart, Task, TaskPart, TaskTypePart
from callboard.teams.plan import directory as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx


def happens(document: Document, tasks: Mapping[str, TaskPart], window: Window) -> Iterator[Happening]:
    """Each task begins and is due, where that is written; for its people, or the lead of its team."""
    table = timetable(document)
    for key, part in tasks.items():
        for name, moment, opening in ((f"{part.title} begins", part.begins, True), (part.title, part.due, False)):
            found = placed(table, moment, opening=opening)
            if found and window[0] <= found[0] < window[1]:
                own = teams.meant(document, part.people) if part.people else ()
                yield Happening(
                    at=found[0], kind="task", name=name, key=key, zone=found[1], team=part.owner,
                    who=own or teams.meant(document, ("lead",), part.owner),
                )  # fmt: skip


def _apply(tx: Tx, plan_id: int, document: Document) -> None:
    apply.apply(tx, plan_id, document, document.of(TASKS) or {})


KINDS: Section[Mapping[str, str]] = Section(name="task_kinds", model=dict[str, str], check=check.check_kinds)
PRIORITIES: Section[tuple[str, ...]] = Section(
    name="priorities",
    model=Annotated[Many, Field(min_length=1)],  # type: ignore[arg-type] # mypy takes it for no type
    check=check.check_priorities,
)
AREAS: Section[Mapping[str, AreaPart]] = Section(name="areas", model=dict[str, Area], check=check.check_areas)
TASKS: Section[Mapping[str, TaskPart]] = Section(
    name="tasks", one="task", model=dict[str, Task], grouped="title", shared_ids=True, waits=Waits.HELD_BY_PHASES,
    awaited=Awaited.TO_BE_DONE, counted=True, check=check.check_tasks, apply=_apply, happens=happens,
    consequences=apply.consequences,
)  # fmt: skip
TYPES: Section[Mapping[str, TaskTypePart]] = Section(
    name="task_types", model=dict[str, TaskTypePart], check=check.check_types
)
