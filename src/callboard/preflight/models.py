"""Preflights and the people they ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import Numbered


class Verb(StrEnum):
    """What happens to a preflight, on the timeline."""

    BEGAN = "began"
    ANSWERED = "answered"
    REMINDED = "reminded"
    ENDED = "ended"


class Preflight(Numbered, table=True):
    """One test of who can be reached. Open until `ended_at`; `next_at` is when it reminds, or ends.

    `missing` says of whom nobody can be asked why. Everybody was reached at `reached_at`.
    """

    __tablename__ = "preflights"
    __table_args__ = (
        Index("preflights_plan", "plan_id", "id"),
        partial_index("preflights_due", "next_at IS NOT NULL", "next_at"),
    )

    subjects = "preflight"
    plan_id: int
    by: str
    begun_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    reminded_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    reached_at: datetime | None = Field(default=None, sa_type=Instant)
    missing: list[str] = Field(default=[], sa_type=JSON)

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class TestPage(Numbered, table=True):
    """What one person was asked, in which ways, and when they answered; `instead_of` is for whom they stand in.

    `by` is who answered: they themselves, or a coordinator who heard from them.
    """

    __tablename__ = "preflight_pages"
    __table_args__ = (UniqueConstraint("preflight_id", "person"),)

    subjects = "test page"
    plan_id: int
    preflight_id: int
    person: str
    instead_of: list[str] = Field(default=[], sa_type=JSON)
    media: list[str] = Field(default=[], sa_type=JSON)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    by: str = ""


def remind(flight: Preflight, now: datetime) -> None:
    """Half of the time is over: whoever has not answered is asked once more."""
    flight.reminded_at, flight.next_at = now, flight.closes_at


def end(flight: Preflight, now: datetime, *, reached: bool) -> None:
    """Everybody was reached, or the time is over."""
    flight.ended_at, flight.next_at = now, None
    flight.reached_at = now if reached else None


def half(begun: datetime, span: timedelta) -> datetime:
    """When whoever has not answered is reminded."""
    return begun + span / 2
