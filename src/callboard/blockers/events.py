"""What becomes of blockers, for those who wait for them."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.blockers.models import Blocker


@dataclass(frozen=True)
class BlockerChanged:
    """A blocker was raised, taken, given back, handed on, closed or reopened."""

    blocker: Blocker
    verb: str


@dataclass(frozen=True)
class BlockerResolved:
    """A blocker is over: resolved or withdrawn."""

    blocker: Blocker
