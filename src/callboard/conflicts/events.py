"""What conflicts tell and ask."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.conflicts.models import Conflict


@dataclass(frozen=True)
class CollisionFound:
    """Branches collide, for the first time or worse than before; `emergency` and `rollback` as the plan has them."""

    conflict: Conflict
    emergency: str
    rollback: str


@dataclass
class ForgeAsked:
    """Asked before a status is to be set; who has the token of the forge answers."""

    forge: str
    known: bool = False
