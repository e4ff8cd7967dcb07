"""What conflicts publish."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.conflicts.models import Conflict


@dataclass(frozen=True)
class CollisionFound:
    """Branches collide, newly or worse than before; `emergency` and `rollback` are those of the plan."""

    conflict: Conflict
    emergency: str
    rollback: str
