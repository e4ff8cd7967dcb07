"""The sections `checkpoints`, `cadences` and `meetings` of the plan file."""

from __future__ import annotations

from callboard.checkpoints import checking, times
from callboard.checkpoints.parts import CadencePart, CheckpointPart, MeetingPart
from callboard.planfile.sections import Section

CHECKPOINTS: Section[tuple[CheckpointPart, ...]] = Section(
    name="checkpoints", model=tuple[CheckpointPart, ...], check=checking.checkpoints, happens=times.checkpoints
)
CADENCES: Section[tuple[CadencePart, ...]] = Section(
    name="cadences", model=tuple[CadencePart, ...], check=checking.cadences, happens=times.cadences
)
MEETINGS: Section[tuple[MeetingPart, ...]] = Section(
    name="meetings", model=tuple[MeetingPart, ...], check=checking.meetings, happens=times.meetings
)
