"""Meetings that were announced, with their minutes: rows and pure transitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered

KIND = "meeting"


class State(StrEnum):
    """How a meeting stands. `over`: it was held, and nobody has written the minutes."""

    ANNOUNCED = "announced"
    OVER = "over"
    RECORDED = "recorded"


class Verb(StrEnum):
    """What happens to a meeting, on the timeline."""

    ANNOUNCED = "announced"
    RECORDED = "recorded"


class Meeting(Numbered, table=True):
    """One meeting. `actions` are the keys of the tasks that came out of it."""

    __tablename__ = "meetings"
    __table_args__ = (UniqueConstraint("plan_id", "key", "at"), Index("meetings_next", "next_at"))

    subjects = KIND
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
    def card(self) -> str:
        """The key of its card in the outbox."""
        return f"meeting:card:{self.number}"


def record(
    meeting: Meeting, by: str, now: datetime, *, notes: str, decisions: Sequence[str], lessons: Sequence[str],
    actions: Sequence[str],
) -> None:  # fmt: skip
    """Somebody writes the minutes, for the first time or anew; actions are added to those before."""
    meeting.notes, meeting.decisions, meeting.lessons = notes, list(decisions), list(lessons)
    meeting.actions = [*meeting.actions, *actions]
    meeting.state, meeting.by, meeting.recorded_at, meeting.next_at = State.RECORDED, by, now, None
    meeting.changes += 1
