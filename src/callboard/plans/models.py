"""Plans, their versions and the Slack channels they name, as they are stored; and what happens to a plan as a whole."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId
from callboard.planfile.sections import Document


def new_revision() -> str:
    """A mark that was never used before, so that what a rolled-back transaction cached is never taken for true."""
    return secrets.token_hex(8)


class Plan(SQLModel, table=True):
    """A plan that runs; `header` is the head of its file. `revision` changes with anything that people see."""

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("workspace", "key"), Index("plans_over", "workspace", "to_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    workspace: str = ""
    key: str
    name: str
    timezone: str
    from_at: datetime = Field(sa_type=Instant)
    to_at: datetime = Field(sa_type=Instant)
    header: dict[str, Any] = Field(default={}, sa_type=JSON)
    version: int = 0
    revision: str = Field(default_factory=new_revision)
    state: str = "running"


class PlanVersion(SQLModel, table=True):
    """What was applied once: the file as written and its plain values."""

    __tablename__ = "plan_versions"

    plan_id: int = Field(primary_key=True, sa_type=BigId)
    number: int = Field(primary_key=True)
    file: str
    source: str
    body: dict[str, Any] = Field(default={}, sa_type=JSON)
    author: str
    reason: str = ""
    changes: list[str] = Field(default=[], sa_type=JSON)
    at: datetime = Field(sa_type=Instant)


class PlanEdit(SQLModel, table=True):
    """What somebody changed live, against the version last applied: a value that was put at a path, or taken away.

    Items of lists go by their keys in `path`. `added`: the file has nothing there; else `base` is what it has.
    """

    __tablename__ = "plan_edits"
    __table_args__ = (Index("plan_edits_plan", "plan_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    path: list[str] = Field(default=[], sa_type=JSON)
    added: bool = False
    removed: bool = False
    base: Any = Field(default=None, sa_type=JSON, nullable=True)
    value: Any = Field(default=None, sa_type=JSON, nullable=True)
    author: str
    reason: str = ""
    at: datetime = Field(sa_type=Instant)


class ChannelRow(SQLModel, table=True):
    """A channel that a plan names; its id, and whether the bot is in it, are looked up in the plan's workspace."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("plan_id", "name"), Index("channels_slack", "slack_id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    name: str
    slack_id: str = ""
    member: bool | None = None
    gone: bool = False


class Hold(SQLModel, table=True):
    """`target` may not go on, and `by` holds it: ids of the plan. Lifted, the row stays; `source`: "plan" or "live".

    A hold by a phase is lifted by itself at `due_at`, when the phase begins, unless something holds the phase.
    """

    __tablename__ = "holds"
    __table_args__ = (
        Index("holds_by", "plan_id", "by", "id"),
        partial_index("holds_written", "source = 'plan'", "plan_id", "id"),
        partial_index("holds_due", "lifted_at IS NULL AND due_at IS NOT NULL", "due_at"),
        partial_index("holds_once", "lifted_at IS NULL", "plan_id", "target", "by", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    kind: str
    target: str
    by: str
    reason: str = ""
    source: str = "live"
    placed_at: datetime = Field(sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    lifted_at: datetime | None = Field(default=None, sa_type=Instant)
    lifted_by: str = ""


@dataclass(frozen=True)
class PlanAdopted:
    """A plan that waited for a workspace has one."""

    plan_id: int


@dataclass(frozen=True)
class PlanChanging:
    """A plan that runs is about to be what a document says; it is still what it was. `author` is as in its versions."""

    plan_id: int
    document: Document
    author: str
    reason: str


@dataclass(frozen=True)
class PlanApplied:
    """A plan has a new version."""

    plan_id: int
    version: int


@dataclass(frozen=True)
class PlanEdited:
    """Somebody changed a plan live."""

    plan_id: int


@dataclass(frozen=True)
class Exporting:
    """A plan is about to be written as a file: whoever knows more of how it stands puts that into `body`, in place."""

    plan_id: int
    body: dict[str, Any]


@dataclass(frozen=True)
class HoldLifted:
    """A hold is gone. `free`: nothing else holds the target; `by_plan`: a new version of the plan let it go."""

    plan_id: int
    kind: str
    target: str
    by: str
    free: bool
    by_plan: bool = False
