"""What Callboard measures itself: what capabilities compute of a plan, by the keys that a plan file uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from callboard.core.db import Tx
from callboard.core.registry import Key


@dataclass(frozen=True)
class Figure:
    """What was measured: one number, a duration in seconds for each case, or no value while nobody can tell.

    `says` tells in a few words what it was computed from. At `changes_at` time alone may have changed it.
    """

    values: tuple[float, ...]
    says: str = ""
    changes_at: datetime | None = None


Compute = Callable[[Tx, int], Figure]
COMPUTED: Key[Mapping[str, Compute]] = Key("what Callboard measures itself in a plan", {})


PREFLIGHT: Key[Compute] = Key("when test pages reached everybody, in seconds since 1970", lambda *_: Figure(()))
PREFLIGHT_NAME = "preflight"


@dataclass(frozen=True)
class MeasuresMoved:
    """The event that something happened from which measures of a plan are computed."""

    plan_id: int


def share(part: int, whole: int) -> float:
    """A part in percent; all of it where there is nothing."""
    return 100 * part / whole if whole else 100.0
