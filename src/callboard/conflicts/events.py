"""What conflicts tell."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.conflicts.models import Conflict


@dataclass(frozen=True)
class CollisionFound:
    """Branches collide, for the first time or worse than before; `emergency` and `rollback` as the plan has them."""

    conflict: Conflict
    emergency: str
    rollback: str
