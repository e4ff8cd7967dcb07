"""Meetings that were announced, and what came of them: rows and pure transitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Subject

KIND = "meeting"


class State(StrEnum):
    """How a meeting stands. `over`: it has been held, and nobody has written down what came of it."""

    ANNOUNCED = "announced"
    OVER = "over"
    RECORDED = "recorded"


class Meeting(SQLModel, table=True):
    """One meeting. `actions` are the tasks that came of it; `changes` counts what a form drawn earlier must know of."""

    __tablename__ = "meetings"
    __table_args__ = (UniqueConstraint("plan_id", "key", "at"), Index("meetings_next", "next_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    name: str
    at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    people: list[str] = Field(default_factory=list, sa_type=JSON)
    leads: list[str] = Field(default_factory=list, sa_type=JSON)
    state: str = State.ANNOUNCED
    notes: str = ""
    decisions: list[str] = Field(default_factory=list, sa_type=JSON)
    lessons: list[str] = Field(default_factory=list, sa_type=JSON)
    actions: list[str] = Field(default_factory=list, sa_type=JSON)
    by: str = ""
    recorded_at: datetime | None = Field(default=None, sa_type=Instant)
    changes: int = 0

    @property
    def number(self) -> int:
        """Its row."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What its messages are about."""
        return Subject(KIND, self.number)

    @property
    def card(self) -> str:
        """The key of its card."""
        return f"meeting:card:{self.number}"


def record(
    one: Meeting, by: str, now: datetime, *, notes: str, decisions: Sequence[str], lessons: Sequence[str],
    actions: Sequence[str],
) -> None:  # fmt: skip
    """Somebody writes down what came of it, for the first time or anew; actions only ever grow."""
    one.notes, one.decisions, one.lessons = notes, list(decisions), list(lessons)
    one.actions = [*one.actions, *actions]
    one.state, one.by, one.recorded_at, one.next_at, one.changes = State.RECORDED, by, now, None, one.changes + 1
