"""The section `checkpoints` of the plan file."""

from __future__ import annotations

from callboard.checkpoints.plan import calendar, check
from callboard.checkpoints.plan.types import CheckpointPart
from callboard.planfile.sections import Section

CHECKPOINTS: Section[tuple[CheckpointPart, ...]] = Section(
    name="checkpoints", model=tuple[CheckpointPart, ...], check=check.checkpoints, happens=calendar.checkpoints
)
