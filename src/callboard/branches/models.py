"""Mirrors, branches, pull requests and checks of CI: their rows, and what a look into a mirror or a forge tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Subject

KIND = "mirror"
MOST_PATHS = 5000
"""So many files of a branch are kept by name; of more, only how many there are."""
Stack = tuple[str, ...]
PASSED, FAILED, RUNNING = "passed", "failed", "running"
CHECK_STATES = {
    "success": PASSED, "neutral": PASSED, "skipped": PASSED, "failure": FAILED, "failed": FAILED, "error": FAILED,
    "timed_out": FAILED, "canceled": FAILED, "cancelled": FAILED, "action_required": FAILED, "startup_failure": FAILED,
}  # fmt: skip
"""The states of GitHub and GitLab that are an end; in any other it is still running."""
PULL = "pull"


class Mirror(SQLModel, table=True):
    """How the mirror of a repository stands. `pushed_at` is a push that nobody has looked at, `fence` counts claims.

    `trouble` is why it was not fetched the last time, `told_at` when that was told.
    """

    __tablename__ = "mirrors"
    __table_args__ = (UniqueConstraint("plan_id", "repository"), Index("mirrors_next", "next_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    repository: str
    clone: str
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = 0
    pushed_at: datetime | None = Field(default=None, sa_type=Instant)
    fetched_at: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    trouble: str = ""
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    main_head: str = ""

    @property
    def number(self) -> int:
        """What it is known by."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What timeline and messages are about."""
        return Subject(KIND, self.number)


class MirrorFiles(SQLModel, table=True):
    """The files of a repository's main branch."""

    __tablename__ = "mirror_files"

    mirror_id: int = Field(primary_key=True, sa_type=BigId)
    paths: list[str] = Field(default_factory=list, sa_type=JSON)


class Branch(SQLModel, table=True):
    """A live branch. `touched` holds [path, kind, sections or null] of each file it changes, `files` how many."""

    __tablename__ = "branches"
    __table_args__ = (UniqueConstraint("mirror_id", "name"), Index("branches_plan", "plan_id", "gone_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    mirror_id: int = Field(sa_type=BigId)
    repository: str
    name: str
    head: str
    base: str
    team: str = ""
    person: str = ""
    author: str = ""
    protected: bool = False
    files: int = 0
    touched: list[Any] = Field(default_factory=list, sa_type=JSON)
    committed_at: datetime = Field(sa_type=Instant)
    moved_at: datetime = Field(sa_type=Instant)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)


class CheckReport(SQLModel, table=True):
    """How one check of one commit stands."""

    __tablename__ = "ci_reports"
    __table_args__ = (UniqueConstraint("plan_id", "repository", "commit", "name"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    repository: str
    commit: str
    name: str
    state: str
    at: datetime = Field(sa_type=Instant)


class Pull(SQLModel, table=True):
    """A pull or merge request. `said` is what its status said last; a `fork` has its branch in another repository."""

    __tablename__ = "pulls"
    __table_args__ = (UniqueConstraint("plan_id", "repository", "number"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    repository: str
    forge: str
    project: str
    number: int = Field(sa_type=BigInteger)
    head: str
    branch: str
    base: str
    author: str
    said: str = ""
    fork: bool = False
    open: bool = True
    heard_at: datetime = Field(sa_type=Instant)

    @property
    def subject(self) -> Subject:
        """What timeline and messages are about."""
        return Subject(PULL, self.id or 0)


class HookReceived(SQLModel, table=True):
    """A request of a forge that was received, by the digest of all that is signed of it."""

    __tablename__ = "hooks_received"

    digest: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True)
class Line:
    """A branch as a look into the mirror found it. `touched`: path -> kind and sections, None where all is meant."""

    name: str
    head: str
    base: str
    author: str
    committed_at: datetime
    team: str = ""
    person: str = ""
    protected: bool = False
    touched: Mapping[str, tuple[str, Collection[Stack] | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Meeting:
    """Two branches that touch the same; `conflicts` are files that git cannot merge, `both` all that both touch.

    `hunks` shows what each of them does to the first few of these files: (path, what one does, what the other does).
    """

    one: str
    other: str
    both: Sequence[str]
    conflicts: Sequence[str] = ()
    hunks: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True)
class Seen:
    """What a look into a mirror has found. `files` are those of the main branch, None where they are as before."""

    main: str
    main_head: str
    lines: Sequence[Line]
    meetings: Sequence[Meeting]
    files: Sequence[str] | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class ForgeNews:
    """What a forge tells: of which repository (its addresses), a push, a request, or what a check says of a head."""

    forge: str
    digest: str
    addresses: Sequence[str]
    project: str
    pull: int = 0
    head: str = ""
    branch: str = ""
    base: str = ""
    author: str = ""
    fork: bool = False
    open: bool = True
    check: str = ""
    state: str = ""
