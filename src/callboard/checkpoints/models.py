"""Checkpoints that were checked, and what was asked because of them: rows, states and pure transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered

KIND, INQUIRY = "checkpoint", "inquiry"


class State(StrEnum):
    """How an inquiry stands. `settled`: what was behind has caught up. `closed`: its moment has passed unanswered.

    `called off`: the plan has no checkpoint at that moment any more.
    """

    WAITING = "waiting"
    ANSWERED = "answered"
    SILENT = "silent"
    SETTLED = "settled"
    CLOSED = "closed"
    CALLED_OFF = "called off"


OPEN = (State.WAITING, State.SILENT)


class How(StrEnum):
    """What somebody answers; `said`: they answered the questions."""

    ON_IT = "on it"
    HELP = "need help"
    BLOCKER = "blocker"
    SAID = "said"


class Verb(StrEnum):
    """What happens to a checkpoint and to its inquiries, on the timeline."""

    CHECKED = "looked at"
    MISSED = "missed"
    ASKED = "asked"
    REMINDED = "reminded"
    NOT_ANSWERED = "not answered"
    ANSWERED = "answered"
    SETTLED = "settled"
    CLOSED = "closed"
    CALLED_OFF = "called off"
    ASKED_AGAIN = "asked again"


class Checkpoint(Numbered, table=True):
    """A checkpoint that was checked. `items` are expectations as they stood, `percents` tasks, `progress` teams.

    `at` is when it should be checked, `looked_at` when it was; `missed`: Callboard was down through its whole window.
    """

    __tablename__ = "checkpoints"
    __table_args__ = (UniqueConstraint("plan_id", "key", "at"),)

    subjects = KIND
    plan_id: int
    key: str
    name: str
    at: datetime = Field(sa_type=Instant)
    looked_at: datetime = Field(sa_type=Instant)
    by: str = ""
    missed: bool = False
    teams: list[str] = Field(default=[], sa_type=JSON)
    on_hold: list[str] = Field(default=[], sa_type=JSON)
    items: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    percents: dict[str, Any] = Field(default={}, sa_type=JSON)
    progress: dict[str, Any] = Field(default={}, sa_type=JSON)

    @property
    def card(self) -> str:
        """The key of its card in the outbox."""
        return f"checkpoint:card:{self.number}"


class Inquiry(Numbered, table=True):
    """What the leads of some teams are asked at a checkpoint: `places` are the items that are behind.

    Any of `people` may answer, for all of them; so may those who were `told` that nobody did.
    """

    __tablename__ = "inquiries"
    __table_args__ = (
        UniqueConstraint("checkpoint_id", "seat"),
        Index("inquiries_next", "next_at"),
        partial_index("inquiries_open", "state IN ('waiting', 'silent')", "plan_id", "id"),
    )

    subjects = INQUIRY
    plan_id: int
    checkpoint_id: int = Field(sa_type=BigId)
    seat: str
    people: list[str] = Field(default=[], sa_type=JSON)
    teams: list[str] = Field(default=[], sa_type=JSON)
    places: list[int] = Field(default=[], sa_type=JSON)
    questions: list[str] = Field(default=[], sa_type=JSON)
    asked_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    reminded_at: datetime | None = Field(default=None, sa_type=Instant)
    told: list[str] = Field(default=[], sa_type=JSON)
    state: str = State.WAITING
    how: str = ""
    by: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answers: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    blockers: list[int] = Field(default=[], sa_type=JSON)
    changes: int = 0

    @property
    def open(self) -> bool:
        """Whether somebody must still answer."""
        return self.state in OPEN

    @property
    def remind_at(self) -> datetime:
        return self.asked_at + (self.closes_at - self.asked_at) / 2


def answer(inquiry: Inquiry, how: str, by: str, now: datetime) -> None:
    """Somebody answers, for the first time or anew."""
    inquiry.how, inquiry.by, inquiry.answered_at = how, by, now
    become(inquiry, State.ANSWERED)


def remind(inquiry: Inquiry, now: datetime) -> None:
    """Once, half-way through the window."""
    inquiry.reminded_at, inquiry.next_at = now, inquiry.closes_at


def fall_silent(inquiry: Inquiry, over_at: datetime) -> None:
    """Nobody answered within the window; at `over_at` the question is closed."""
    become(inquiry, State.SILENT)
    inquiry.next_at = over_at


def ask_again(inquiry: Inquiry, *, silent: bool) -> None:
    """The plan has the checkpoint again: it goes on where it stood."""
    become(inquiry, State.SILENT if silent else State.WAITING)
    inquiry.next_at = inquiry.closes_at if silent or inquiry.reminded_at else inquiry.remind_at


def become(inquiry: Inquiry, state: State) -> None:
    """Nothing comes due for it any more."""
    inquiry.state, inquiry.next_at, inquiry.changes = state, None, inquiry.changes + 1


@dataclass(frozen=True)
class CheckpointFailed:
    """A checkpoint was checked, and `behind` is not as the plan expects it, a line each."""

    checkpoint: Checkpoint
    name: str
    behind: Sequence[str]


@dataclass(frozen=True)
class CheckpointMissed:
    """Nobody of `people` answered in time what a checkpoint asked them."""

    checkpoint: Checkpoint
    name: str
    people: Sequence[str]
