"""What climbs publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard.escalation.models import Climb, Move
from callboard.teams.service import Recipients


@dataclass(frozen=True)
class StepDue:
    """What a climb did, and who was paged for it."""

    climb: Climb
    move: Move
    recipients: Recipients
    level: str


@dataclass(frozen=True)
class StepsDue:
    """The climbs of one kind of subject that moved in one transaction."""

    kind: str
    steps: Sequence[StepDue]
