"""What the rota publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TurnBegan:
    """Somebody is on call for a team from `at` on, by the rotation or because they took the turn over."""

    plan_id: int
    team: str
    person: str
    at: datetime
