"""The section `checkpoints` of the plan file."""

from __future__ import annotations

from callboard.checkpoints.plan import calendar, check
from callboard.checkpoints.plan.types import CheckpointPart
from callboard.planfile.sections import Section, dated_by

CHECKPOINTS: Section[tuple[CheckpointPart, ...]] = Section(
    name="checkpoints", one="checkpoint", model=tuple[CheckpointPart, ...], check=check.checkpoints,
    happens=calendar.checkpoints, counted=True, asks=True, dated=dated_by("at"),
)  # fmt: skip
