"""What a plan file says about repositories."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from callboard.planfile.types import Many, Part, Span, shorthand

SHORTEST = timedelta(seconds=10)


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("a repository is not fetched that often: write 10s or more, such as 5m")
    return span


class RepositoryPart(Part):
    """A repository that is mirrored: where it is cloned from, its main branch, and those that are protected too."""

    clone: str = Field(min_length=1, examples=["https://git.example.com/harbor.git"])
    name: str = ""
    about: str = ""
    main: str = Field("main", min_length=1)
    protected: Many = ()
    scan_every: Annotated[Span, AfterValidator(_often)] = timedelta(minutes=5)


Repository = Annotated[RepositoryPart, shorthand("clone")]
