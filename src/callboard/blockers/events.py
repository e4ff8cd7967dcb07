"""What blockers publish."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.blockers.models import Blocker, Verb


@dataclass(frozen=True)
class BlockerChanged:
    """Somebody did something to a blocker; a note does not count."""

    blocker: Blocker
    verb: Verb


@dataclass(frozen=True)
class BlockerResolved:
    """A blocker is over: resolved or withdrawn."""

    blocker: Blocker
