"""Checkpoints that were looked at, and what was asked because of them: rows, states and pure transitions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Subject

KIND, INQUIRY = "checkpoint", "inquiry"


class State(StrEnum):
    """How an inquiry stands. `settled`: what was off track holds by now, so nobody need say anything."""

    WAITING = "waiting"
    ANSWERED = "answered"
    SILENT = "silent"
    SETTLED = "settled"


OPEN = (State.WAITING, State.SILENT)


class How(StrEnum):
    """What somebody says about what is off track."""

    ON_IT = "on it"
    HELP = "need help"
    BLOCKER = "blocker"
    SAID = "said"


class Checkpoint(SQLModel, table=True):
    """One checkpoint that was looked at. `items` are expectations as they stood, `percents` tasks, `progress` teams.

    `at` is when it was to be, `looked_at` when it was; `missed`: nobody was there to look in time.
    """

    __tablename__ = "checkpoints"
    __table_args__ = (UniqueConstraint("plan_id", "key", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    name: str
    at: datetime = Field(sa_type=Instant)
    looked_at: datetime = Field(sa_type=Instant)
    by: str = ""
    missed: bool = False
    teams: list[str] = Field(default_factory=list, sa_type=JSON)
    on_hold: list[str] = Field(default_factory=list, sa_type=JSON)
    items: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    percents: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    progress: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)

    @property
    def number(self) -> int:
        """Its row."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What its card is about."""
        return Subject(KIND, self.number)

    @property
    def card(self) -> str:
        """The key of its card."""
        return f"checkpoint:card:{self.number}"


class Inquiry(SQLModel, table=True):
    """What the leads of some teams are asked at a checkpoint: `places` are the items that are off track.

    Any of `people` may answer, for all of them. `changes` counts what a button drawn earlier must know of.
    """

    __tablename__ = "inquiries"
    __table_args__ = (
        UniqueConstraint("checkpoint_id", "seat"),
        Index("inquiries_next", "next_at"),
        Index("inquiries_open", "plan_id", "state"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    checkpoint_id: int = Field(sa_type=BigId)
    seat: str
    people: list[str] = Field(default_factory=list, sa_type=JSON)
    teams: list[str] = Field(default_factory=list, sa_type=JSON)
    places: list[int] = Field(default_factory=list, sa_type=JSON)
    questions: list[str] = Field(default_factory=list, sa_type=JSON)
    asked_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    state: str = State.WAITING
    how: str = ""
    by: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answers: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    blockers: list[int] = Field(default_factory=list, sa_type=JSON)
    changes: int = 0

    @property
    def number(self) -> int:
        """Its row."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What timeline, climbs and messages are about."""
        return Subject(INQUIRY, self.number)

    @property
    def open(self) -> bool:
        """Whether somebody has yet to say something."""
        return self.state in OPEN


def answer(one: Inquiry, how: str, by: str, now: datetime) -> None:
    """Somebody says how it is, for the first time or anew."""
    one.state, one.how, one.by, one.answered_at = State.ANSWERED, how, by, now
    one.next_at, one.changes = None, one.changes + 1


def settle(one: Inquiry) -> None:
    """Nothing is off track any more."""
    one.state, one.next_at, one.changes = State.SETTLED, None, one.changes + 1


def fall_silent(one: Inquiry) -> None:
    """Nothing was said in time."""
    one.state, one.next_at, one.changes = State.SILENT, None, one.changes + 1
