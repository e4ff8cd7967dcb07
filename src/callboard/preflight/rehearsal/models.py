"""The last rehearsal that somebody asked for of each plan, and what it found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.registry import Key
from callboard.core.timeline import Numbered

KIND = "rehearsal"
PATIENCE = timedelta(minutes=10)
"""After so long whoever asks again need not wait for the one before."""
Plain = Mapping[str, Any]
Finder = Callable[[Plain], Awaitable[list[dict[str, Any]]]]
FINDER: Key[Finder | None] = Key("what finds the faults of a plan, in a process of its own", None)


class State(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    FOUND = "found"
    FAILED = "failed"


class Rehearsal(Numbered, table=True):
    """Who asked when, and what was found, as plain values; `why` nothing could be found. `fence` counts claims."""

    __tablename__ = "rehearsals"
    __table_args__ = (UniqueConstraint("plan_id"), Index("rehearsals_waiting", "state", "leased_until"))

    subjects = KIND
    plan_id: int
    asked_by: str
    asked_at: datetime = Field(sa_type=Instant)
    state: str = State.WAITING
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = 0
    findings: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    why: str = ""

    def is_going(self, now: datetime) -> bool:
        """Whether somebody still waits for what it finds."""
        return self.state == State.WAITING and now < self.asked_at + PATIENCE
