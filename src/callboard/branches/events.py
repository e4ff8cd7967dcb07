"""What branches publish: that a mirror was scanned, and that a pull request changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callboard.branches.models import Branch, Meeting, Pull


@dataclass(frozen=True)
class Moved:
    """A branch with another head than before."""

    branch: Branch
    was: str
    pushed_at: datetime


@dataclass(frozen=True)
class BranchesSeen:
    """A mirror was scanned: what moved, and which branches meet. Published in the transaction that keeps it."""

    plan_id: int
    repository: str
    main: str
    branches: Mapping[str, Branch]
    meetings: Sequence[Meeting]
    moved: Sequence[Moved]
    pushed_at: datetime | None


@dataclass(frozen=True)
class PullChanged:
    """A request was opened, or has other commits."""

    pull: Pull
