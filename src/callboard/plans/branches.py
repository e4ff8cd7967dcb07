"""Of what pydantic finds wrong where several forms are possible, that which concerns the form that was meant."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from callboard.core.sections import Path

Step = tuple[str | int, bool]
"""One step of pydantic's to an error, and whether it is one in the file; else it names a form that was tried."""
SHAPE = ("missing", "extra_forbidden")


@dataclass(frozen=True)
class Fault:
    """An error, the steps pydantic took to it, and where it is in the file."""

    error: ErrorDetails
    steps: tuple[Step, ...]
    base: Path

    @property
    def path(self) -> Path:
        """Its place, without the steps that exist for pydantic only."""
        return (*self.base, *(step for step, real in self.steps if real))


def likely(errors: Iterable[ErrorDetails], base: Path, lines: Container[Path]) -> list[Fault]:
    """The faults of the forms that come nearest to what was written."""
    return _nearest([Fault(error, _steps(error, base, lines), base) for error in errors], 0)


def _steps(error: ErrorDetails, base: Path, lines: Container[Path]) -> tuple[Step, ...]:
    path, steps = base, []
    last = len(error["loc"]) - 1
    for number, step in enumerate(error["loc"]):
        real = (*path, step) in lines or (number == last and error["type"] == "missing")
        path = (*path, step) if real else path
        steps.append((step, real))
    return tuple(steps)


def _nearest(faults: list[Fault], depth: int) -> list[Fault]:
    here = [fault for fault in faults if len(fault.steps) <= depth]
    groups: dict[Step, list[Fault]] = {}
    for fault in faults:
        if len(fault.steps) > depth:
            groups.setdefault(fault.steps[depth], []).append(fault)
    found = {step: _nearest(group, depth + 1) for step, group in groups.items()}
    inside = [fault for (_, real), group in found.items() if real for fault in group]
    forms = [group for (_, real), group in found.items() if not real]
    return [*here, *inside, *(min(forms, key=lambda form: _distance(form, depth + 1)) if forms else ())]


def _distance(form: list[Fault], depth: int) -> tuple[bool, int, int]:
    """How far a form is from what was written: of another kind altogether, wrong keys, wrong values."""
    other = any(len(fault.steps) == depth and _of_another_kind(fault.error) for fault in form)
    return other, sum(fault.error["type"] in SHAPE for fault in form), len(form)


def _of_another_kind(error: ErrorDetails) -> bool:
    return error["type"].endswith("_type") or isinstance(error["input"], Mapping | list | tuple)
