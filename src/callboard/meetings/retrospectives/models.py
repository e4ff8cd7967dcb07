"""Retrospectives, whom they ask, and the lines that people answer: rows and pure transitions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Numbered

RETROSPECTIVE, SEAT, LINE = "retrospective", "retrospective seat", "retrospective line"


class State(StrEnum):
    """How a retrospective stands: people are asked, or their time is over."""

    OPEN = "open"
    CLOSED = "closed"


class Verb(StrEnum):
    """What happens to a retrospective, on the timeline."""

    ASKED = "asked"
    ANSWERED = "answered"
    TASK = "made a task"
    LEARNED = "made a lesson"
    CLOSED = "closed"


class Retrospective(Numbered, table=True):
    """One look back on phases that were over at the same time. `figures` are those of then, in lines of markup.

    At `next_at` those who have said nothing are reminded, once, and then it is closed.
    """

    __tablename__ = "retrospectives"
    __table_args__ = (UniqueConstraint("plan_id", "key"), Index("retrospectives_next", "next_at"))

    subjects = RETROSPECTIVE
    plan_id: int
    key: str
    phases: list[str] = Field(default=[], sa_type=JSON)
    name: str
    at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    reminded: bool = False
    state: str = State.OPEN
    questions: list[str] = Field(default=[], sa_type=JSON)
    leads: list[str] = Field(default=[], sa_type=JSON)
    figures: list[str] = Field(default=[], sa_type=JSON)
    anonymous: bool = False
    changes: int = 0

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN


class Seat(Numbered, table=True):
    """Somebody who is asked."""

    __tablename__ = "retrospective_seats"
    __table_args__ = (UniqueConstraint("retrospective_id", "person"),)

    subjects = SEAT
    plan_id: int
    retrospective_id: int = Field(sa_type=BigId)
    person: str
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class Line(Numbered, table=True):
    """A line that somebody answered to a question, by its place; what became of it. Without `by` no name is kept."""

    __tablename__ = "retrospective_lines"
    __table_args__ = (
        Index("retrospective_lines_of", "retrospective_id", "id"),
        Index("retrospective_lines_tasks", "plan_id", "task"),
    )

    subjects = LINE
    plan_id: int
    retrospective_id: int = Field(sa_type=BigId)
    question: int
    by: str = ""
    text: str
    task: str = ""
    lesson: int | None = Field(default=None, sa_type=BigId)
    changes: int = 0


def move_on(row: Retrospective, now: datetime) -> bool:
    """Its time has come: True if people are to be reminded now, else it is closed."""
    if not row.reminded and now < row.closes_at:
        row.reminded, row.next_at = True, row.closes_at
        return True
    row.state, row.next_at = State.CLOSED, None
    row.changes += 1
    return False
