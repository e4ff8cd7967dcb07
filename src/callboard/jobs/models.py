"""Jobs, which programs create and claim, and their types: rows, states and verbs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered

KIND = "job"


class State(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    COMPLETED = "completed"
    FAILED = "failed"


class Verb(StrEnum):
    CREATED = "created"
    CLAIMED = "claimed"
    PUT_BACK = "put back"
    COMPLETED = "completed"
    FAILED = "failed"
    LAPSED = "lapsed"
    GIVEN_UP = "given up"


class TaskType(Numbered, table=True):
    """A type of job that a program registered. `params` is a JSON Schema, `lease` in seconds."""

    __tablename__ = "task_types"
    __table_args__ = (UniqueConstraint("plan_id", "name"),)

    subjects = "task type"
    plan_id: int
    name: str
    version: str
    params: dict[str, Any] = Field(sa_type=JSON)
    lease: int
    by: str
    at: datetime = Field(sa_type=Instant)


class Job(SQLModel, table=True):
    """A piece of work of a type. `attempt` counts its claims: whoever has an older one has lost it.

    `lease` is how many seconds a claim holds, as it was when the job was created.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        partial_index("jobs_waiting", "state = 'waiting'", "plan_id", "priority", "id"),
        partial_index("jobs_leased", "state = 'claimed'", "leased_until"),
        partial_index("jobs_over", "ended_at IS NOT NULL", "ended_at"),
        Index("jobs_plan", "plan_id", "id"),
        Index("jobs_state", "plan_id", "state", "id"),
        Index("jobs_type", "plan_id", "type", "state", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    type: str
    version: str
    params: dict[str, Any] = Field(sa_type=JSON)
    priority: int = 0
    lease: int
    state: str = State.WAITING
    attempt: int = 0
    worker: str = ""
    person: str = ""
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    error: str = ""
