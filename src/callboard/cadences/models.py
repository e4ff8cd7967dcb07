"""Status requests: one message to one person about everything they should report on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered

KIND = "status"
TASK, TEAM, PHASE, GATE, PLAN = "task", "team", "phase", "gate", "plan"


class State(StrEnum):
    """How a request stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    SILENT = "silent"


class How(StrEnum):
    """What somebody answers about one thing; `heard`: they changed the task in another way."""

    AS_PLANNED = "as planned"
    BEHIND = "behind"
    BLOCKED = "blocked"
    HEARD = "heard"


class Verb(StrEnum):
    """What happens to a request, on the timeline."""

    ANSWERED = "answered"
    NOT_ANSWERED = "not answered"


class StatusRequest(Numbered, table=True):
    """One request. `items` are `task:O-1`, `team:omega`; `replies` say of an item what was answered."""

    __tablename__ = "status_requests"
    __table_args__ = (
        UniqueConstraint("plan_id", "person", "at"),
        Index("status_requests_next", "next_at"),
        Index("status_requests_open", "plan_id", "closes_at"),
        Index("status_requests_state", "plan_id", "state", "at"),
    )

    subjects = KIND
    plan_id: int
    person: str
    at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    items: list[str] = Field(default=[], sa_type=JSON)
    replies: dict[str, Any] = Field(default={}, sa_type=JSON)
    state: str = State.WAITING
    answered_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def left(self) -> list[str]:
        """What is not answered yet."""
        return [item for item in self.items if item not in self.replies]


def reply(request: StatusRequest, item: str, how: str, now: datetime) -> None:
    """Somebody answers about one thing; any answer ends the silence."""
    request.replies = {**request.replies, item: how}
    request.state, request.answered_at, request.next_at = State.ANSWERED, request.answered_at or now, None


def fall_silent(request: StatusRequest) -> None:
    """Nobody answered before the next request."""
    request.state, request.next_at = State.SILENT, None
