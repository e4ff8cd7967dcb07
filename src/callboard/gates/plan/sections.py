"""The sections `measures` and `gates`, declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from callboard.gates.plan import apply, calendar, check, measures
from callboard.gates.plan.measures import MeasurePart
from callboard.gates.plan.types import GatePart
from callboard.planfile import task_sets
from callboard.planfile.sections import (
    Awaited,
    Document,
    Need,
    Path,
    Problem,
    Section,
    Waits,
    dated_by,
    entries,
    several,
)


def _check_gates(document: Document, gates: Mapping[str, GatePart]) -> Iterator[Problem]:
    yield from check.check(document, gates, document.of(MEASURES) or {})


def asked(document: Document) -> Iterator[Need]:
    """What gates wait for by their criteria, also by those within others: tasks and gates."""
    for key, gate in entries(document.body.get("gates")):
        yield from _in_criteria(document, key, ("gates", key, "criteria"), gate.get("criteria"))


def _in_criteria(document: Document, gate: str, at: Path, criteria: Any) -> Iterator[Need]:
    for number, criterion in entries(criteria if isinstance(criteria, list) else [criteria]):
        here = (*at, number)
        if isinstance(name := criterion.get("gate"), str) and name in document.keys("gates"):
            yield Need((*here, "gate"), gate, name, (name,))
        for place, each in enumerate(several(criterion.get("tasks", ()))):
            yield Need((*here, "tasks", place), gate, each, tuple(task_sets.members(document, [each])))
        for word in ("any", "all"):
            if word in criterion and len(here) < DEEPEST:
                yield from _in_criteria(document, gate, (*here, word), criterion[word])


DEEPEST = 40
MEASURES: Section[Mapping[str, MeasurePart]] = Section(
    name="measures", one="measure", model=dict[str, MeasurePart], check=measures.check
)
GATES: Section[Mapping[str, GatePart]] = Section(
    name="gates", one="gate", model=dict[str, GatePart], check=_check_gates, apply=apply.gates, happens=calendar.gates,
    shared_ids=True, waits=Waits.UNHELD, awaited=Awaited.TO_BEGIN, counted=True, dated=dated_by("due"), asked=asked,
)  # fmt: skip
