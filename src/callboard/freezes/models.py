"""Freezes and exceptions: their rows and states."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered

FREEZE, EXCEPTION = "freeze", "exception"


class Told(StrEnum):
    """Which of a freeze's ends has been announced; "" before both."""

    BEGUN = "begun"
    OVER = "over"


class State(StrEnum):
    """How an exception stands."""

    ASKED = "asked"
    GRANTED = "granted"
    DENIED = "denied"


class Freeze(Numbered, table=True):
    """A freeze of the plan. `told` is "", or one of Told.

    A `live` one is none of the plan's: it lasts until it is lifted, and covers what the freeze `like` covers, or all.
    """

    __tablename__ = "freezes"
    __table_args__ = (UniqueConstraint("plan_id", "key"), Index("freezes_wake", "wake_at"))

    subjects = FREEZE
    plan_id: int
    key: str
    name: str
    from_at: datetime = Field(sa_type=Instant)
    to_at: datetime = Field(sa_type=Instant)
    told: str = ""
    wake_at: datetime | None = Field(default=None, sa_type=Instant)
    gone: bool = False
    live: bool = False
    like: str = ""


class FreezeException(Numbered, table=True):
    """An item that somebody asks to be let through a freeze. `votes` are by person: verdict and instant."""

    __tablename__ = "freeze_exceptions"
    __table_args__ = (Index("freeze_exceptions_of", "freeze_id", "id"),)

    subjects = EXCEPTION
    plan_id: int
    freeze_id: int
    item: str
    by: str
    at: datetime = Field(sa_type=Instant)
    answers: dict[str, str] = Field(default={}, sa_type=JSON)
    state: str = State.ASKED
    votes: dict[str, Any] = Field(default={}, sa_type=JSON)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str = ""
    changes: int = 0
