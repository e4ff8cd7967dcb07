"""The sections `measures`, `gates` and `freezes` of the plan file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callboard.gates import applying, checking, freezes, measuring, times
from callboard.gates.parts import FreezePart, GatePart, MeasurePart
from callboard.planfile.sections import Document, Problem, Section


def _check_gates(document: Document, gates: Mapping[str, GatePart]) -> Iterator[Problem]:
    yield from checking.check(document, gates, document.of(MEASURES) or {})


MEASURES: Section[Mapping[str, MeasurePart]] = Section(
    name="measures", model=dict[str, MeasurePart], check=measuring.check
)
GATES: Section[Mapping[str, GatePart]] = Section(
    name="gates", model=dict[str, GatePart], check=_check_gates, apply=applying.gates, happens=times.gates
)
FREEZES: Section[Mapping[str, FreezePart]] = Section(
    name="freezes", model=dict[str, FreezePart], check=freezes.check, apply=applying.freezes, happens=times.freezes
)
