"""What happens to people and channels, for those who tell of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonAway:
    """Somebody's absences are different now."""

    plan_id: int
    person: str
