"""Which files a repository has, for those who know no mirror."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class FilesAsked:
    """Asked by whoever shows a pattern as files; who mirrors the repository names those of its main branch.

    `files` stays None where nobody has a mirror.
    """

    plan_id: int
    repository: str
    files: Sequence[str] | None = None
