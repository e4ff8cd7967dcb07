"""The sections `measures` and `gates`, declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callboard.gates.plan import apply, calendar, check, measures
from callboard.gates.plan.measures import MeasurePart
from callboard.gates.plan.types import GatePart
from callboard.planfile.sections import Document, Problem, Section


def _check_gates(document: Document, gates: Mapping[str, GatePart]) -> Iterator[Problem]:
    yield from check.check(document, gates, document.of(MEASURES) or {})


MEASURES: Section[Mapping[str, MeasurePart]] = Section(
    name="measures", model=dict[str, MeasurePart], check=measures.check
)
GATES: Section[Mapping[str, GatePart]] = Section(
    name="gates", model=dict[str, GatePart], check=_check_gates, apply=apply.gates, happens=calendar.gates
)
