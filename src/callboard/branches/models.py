"""Mirrors, branches, pull requests and checks of CI: their rows, what a scan or a forge reports, and their events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered, Subject

KIND = "mirror"
MOST_PATHS = 5000
"""A branch keeps the names of so many files; of more, only their number."""
Stack = tuple[str, ...]
PULL = "pull"
OWN = "callboard/"
"""What the names of branches begin with that Callboard itself pushes."""


class CheckState(StrEnum):
    """How a check of CI stands, in the order in which people read it."""

    FAILED = "failed"
    RUNNING = "running"
    PASSED = "passed"


CHECK_STATES = dict.fromkeys(("success", "neutral", "skipped"), CheckState.PASSED) | dict.fromkeys(
    ("failure", "failed", "error", "timed_out", "canceled", "cancelled", "action_required", "startup_failure"),
    CheckState.FAILED,
)  # fmt: skip
"""The final states of GitHub and GitLab; any other means that the check still runs."""


class Mirror(Numbered, table=True):
    """The mirror of a repository. `pushed_at` is the first push that no scan has seen, `fence` counts claims.

    `trouble` is why the last fetch failed, `told_at` when the channel was told. Without `main_head`, a branch that a
    scan has not found before was there all the same.
    """

    __tablename__ = "mirrors"
    __table_args__ = (UniqueConstraint("plan_id", "repository"), Index("mirrors_next", "next_at"))

    subjects = KIND
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


class MirrorFiles(SQLModel, table=True):
    __tablename__ = "mirror_files"

    mirror_id: int = Field(primary_key=True, sa_type=BigId)
    paths: list[str] = Field(default=[], sa_type=JSON)


class Branch(SQLModel, table=True):
    """A branch. `touched` holds [path, kind, sections or null] of each file that it changes, `files` their number."""

    __tablename__ = "branches"
    __table_args__ = (
        UniqueConstraint("mirror_id", "name"),
        partial_index("branches_live", "gone_at IS NULL", "plan_id", "repository", "name"),
        partial_index("branches_gone", "gone_at IS NOT NULL", "gone_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    mirror_id: int = Field(sa_type=BigId)
    repository: str
    name: str
    head: str = ""
    base: str = ""
    team: str = ""
    person: str = ""
    author: str = ""
    protected: bool = False
    files: int = 0
    touched: list[Any] = Field(default=[], sa_type=JSON)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)


class Merge(SQLModel, table=True):
    """Two branches, as they were then, that somebody wants merged into a branch of Callboard's own.

    `commit` is what git made of them; `trouble` why it is not there. `about` is the number of the conflict.
    """

    __tablename__ = "merges"
    __table_args__ = (
        partial_index("merges_open", "ended_at IS NULL", "mirror_id", "id"),
        Index("merges_about", "about", "id"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    mirror_id: int = Field(sa_type=BigId)
    about: int = Field(sa_type=BigId)
    one: str
    other: str
    one_head: str
    other_head: str
    by: str
    asked_at: datetime = Field(sa_type=Instant)
    commit: str = ""
    trouble: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def branch(self) -> str:
        """The one branch that it is pushed to."""
        return f"{OWN}merge-{self.about}"


class CheckReport(SQLModel, table=True):
    __tablename__ = "ci_reports"
    __table_args__ = (UniqueConstraint("plan_id", "repository", "commit", "name"), Index("ci_reports_at", "at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    repository: str
    commit: str
    name: str
    state: str
    at: datetime | None = Field(default=None, sa_type=Instant)


class Pull(SQLModel, table=True):
    """A pull or merge request. `said` is the digest of its last status; the branch of a `fork` is elsewhere.

    `queued` is the commit that a merge queue makes of it, `base` the branch that it is to be merged into. It was so at
    `as_of`, by the forge's clock.
    """

    __tablename__ = "pulls"
    __table_args__ = (
        UniqueConstraint("plan_id", "repository", "number"),
        partial_index("pulls_open", "open", "plan_id", "repository", "id", on_sqlite="open = 1"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    repository: str
    forge: str
    project: str
    number: int = Field(sa_type=BigInteger)
    head: str = ""
    branch: str = ""
    author: str = ""
    said: str = ""
    fork: bool = False
    open: bool = True
    queued: str = ""
    base: str = ""
    as_of: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def heads(self) -> list[str]:
        """The commits that have its status."""
        return list(filter(None, (self.head, self.queued)))

    @property
    def subject(self) -> Subject:
        return Subject(PULL, self.id or 0)


class HookReceived(SQLModel, table=True):
    __tablename__ = "hooks_received"
    __table_args__ = (Index("hooks_received_at", "at"),)

    digest: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True)
class Line:
    """A branch as a scan found it. `touched` is path -> (kind, sections), None for all sections."""

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
    """Two branches that touch the same files, `both`; git cannot merge `conflicts`.

    `hunks` shows both sides of the first few files: (path, what one does, what the other does). `source` is the
    branch from which one of them took all that conflicts.
    """

    one: str
    other: str
    both: Sequence[str]
    conflicts: Sequence[str] = ()
    hunks: Sequence[tuple[str, str, str]] = ()
    source: str = ""


@dataclass(frozen=True)
class Seen:
    """What a scan found. `files` are those of the main branch, None where they are as before."""

    main_head: str
    lines: Sequence[Line]
    meetings: Sequence[Meeting]
    files: Sequence[str] | None = None
    seconds: float = 0.0


class Moved(NamedTuple):
    """A branch with another head than before."""

    branch: Branch
    pushed_at: datetime


@dataclass(frozen=True)
class BranchesSeen:
    """The event that a mirror was scanned: what moved, and which branches meet. Published where that is kept."""

    plan_id: int
    repository: str
    branches: Mapping[str, Branch]
    meetings: Sequence[Meeting]
    moved: Sequence[Moved]
    pushed_at: datetime | None


@dataclass(frozen=True)
class MergeEnded:
    """The event that git has made a merge that somebody wanted, or could not."""

    merge: Merge


@dataclass(frozen=True)
class PullChanged:
    """The event that a request was opened, or has other commits."""

    pull: Pull


@dataclass(frozen=True)
class ForgeNews:
    """What a forge reports of a repository, known by its addresses: a push, a request, or a check of a commit.

    `queued` is the commit that a merge queue makes of the requests in `batch`, `base` what it is merged into. `as_of`
    is when a request or a check was as told, by the forge's clock: what it tells may arrive in another order.
    """

    forge: str
    digest: str
    addresses: Sequence[str]
    project: str
    pull: int = 0
    head: str = ""
    branch: str = ""
    author: str = ""
    fork: bool = False
    open: bool = True
    check: str = ""
    state: str = ""
    queued: str = ""
    base: str = ""
    batch: Sequence[int] = ()
    as_of: datetime | None = None
