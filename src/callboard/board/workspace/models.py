"""The workspace of a plan in a git repository, and the commits that wait until they are pushed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Numbered

KIND = "workspace"


class Workspace(Numbered, table=True):
    """Where the files of a plan go. `every` is in seconds, `seq` the last sealed entry that was looked at.

    `prints` are hashes of the files as of the last commit. `lesser_at` is since when a lesser change waits for a
    commit. It is pushed at `next_at`; `fence` counts claims. `told_at` is when the coordinators heard of `trouble`.
    Where there are `canvases`, they are shown anew at `canvases_at`.
    """

    __tablename__ = "workspaces"
    __table_args__ = (
        UniqueConstraint("plan_id"),
        Index("workspaces_next", "next_at"),
        Index("workspaces_lesser", "lesser_at"),
        Index("workspaces_canvases", "canvases_at"),
    )

    subjects = KIND
    plan_id: int
    repository: str
    branch: str
    every: int
    seq: int = 0
    prints: dict[str, str] = Field(default={}, sa_type=JSON)
    lesser_at: datetime | None = Field(default=None, sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = 0
    pushed_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    trouble: str = ""
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    canvases: bool = False
    canvases_at: datetime | None = Field(default=None, sa_type=Instant)


class Commit(SQLModel, table=True):
    """A commit that waits. `mark` names its last entry: the place and the beginning of the seal.

    `files` has the text of each changed file, None for one that is gone; a `whole` commit has all of them.
    """

    __tablename__ = "workspace_commits"
    __table_args__ = (Index("workspace_commits_waiting", "workspace_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    workspace_id: int = Field(sa_type=BigId)
    plan_id: int
    at: datetime = Field(sa_type=Instant)
    zone: str
    author: str
    mail: str
    message: str
    mark: str
    whole: bool = False
    files: dict[str, str | None] = Field(default={}, sa_type=JSON)
