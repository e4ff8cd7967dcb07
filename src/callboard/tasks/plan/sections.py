"""The sections `task_kinds`, `priorities`, `areas`, `tasks` and `task_types` of the plan file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from callboard.planfile.sections import Awaited, Document, Problem, Section, Waits
from callboard.planfile.types import Many
from callboard.tasks.plan import apply, calendar, check
from callboard.tasks.plan.types import Area, AreaPart, Task, TaskPart, TaskTypePart

if TYPE_CHECKING:
    from callboard.core.db import Tx

TYPE_NAME = re.compile(r"[A-Za-z][\w-]*(\.[A-Za-z0-9][\w-]*)*")


def _check_kinds(document: Document, prefixes: Mapping[str, str]) -> Iterator[Problem]:
    for prefix, kind in prefixes.items():
        if not kind.strip():
            yield document.error(("task_kinds", prefix), "a kind has a name: atom, molecule, tissue or your own")


def _check_priorities(document: Document, priorities: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, priority in enumerate(priorities):
        if priority in seen:
            yield document.error(("priorities", number), f"`{priority}` is there twice: take one out")
        seen.add(priority)


def _check_areas(document: Document, areas: Mapping[str, AreaPart]) -> Iterator[Problem]:
    written = Counter(task.area for task in (document.of(TASKS) or {}).values())
    for key, area in areas.items():
        if area.planned and area.planned < written[key]:
            sentence = f"{area.planned} tasks are planned and {written[key]} are in this area: these do not add up"
            yield document.warning(("areas", key, "planned"), sentence)


def _check_types(document: Document, types: Mapping[str, TaskTypePart]) -> Iterator[Problem]:
    for name, part in types.items():
        at = ("task_types", name)
        if not TYPE_NAME.fullmatch(name):
            yield document.error(at, "a type has a name like Harbor.Import.Run: words, with dots between them")
        if not part.lease:
            yield document.error((*at, "lease"), "a claim that holds for no time cannot be kept: write 5m")
        known, required = part.params.get("properties", {}), part.params.get("required", [])
        for number, word in enumerate(required if isinstance(required, list) else []):
            if isinstance(known, Mapping) and str(word) not in known:
                sentence = f"`{word}` is required and not among the properties: add it there"
                yield document.warning((*at, "params", "required", number), sentence)


def _apply(tx: Tx, plan_id: int, document: Document) -> None:
    apply.apply(tx, plan_id, document, document.of(TASKS) or {})


KINDS: Section[Mapping[str, str]] = Section(name="task_kinds", model=dict[str, str], check=_check_kinds)
PRIORITIES: Section[tuple[str, ...]] = Section(
    name="priorities",
    model=Annotated[Many, Field(min_length=1)],  # type: ignore[arg-type] # mypy takes it for no type
    check=_check_priorities,
)
AREAS: Section[Mapping[str, AreaPart]] = Section(name="areas", model=dict[str, Area], check=_check_areas)
TASKS: Section[Mapping[str, TaskPart]] = Section(
    name="tasks",
    one="task",
    model=dict[str, Task],
    grouped="title",
    shared_ids=True,
    waits=Waits.HELD_BY_PHASES,
    awaited=Awaited.TO_BE_DONE,
    counted=True,
    check=check.check,
    apply=_apply,
    happens=calendar.happens,
    consequences=apply.consequences,
)
TYPES: Section[Mapping[str, TaskTypePart]] = Section(
    name="task_types", model=dict[str, TaskTypePart], check=_check_types
)
