"""What climbs publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callboard.escalation.models import Climb, Move
from callboard.teams.service import Recipients


@dataclass(frozen=True)
class StepDue:
    """A climb moved: what happened, and who was paged for it."""

    climb: Climb
    move: Move
    recipients: Recipients
    level: str


@dataclass(frozen=True)
class StepsDue:
    """Climbs of subjects of one kind that moved in one transaction."""

    kind: str
    steps: Sequence[StepDue]
