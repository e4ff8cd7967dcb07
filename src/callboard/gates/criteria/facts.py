"""What the criteria of a gate look at, and what each says that was looked at."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from callboard.blockers.classes import Counted
from callboard.core.measures import Figure
from callboard.gates.models import Gate, Measurement, Tick
from callboard.tasks.models import Task


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the criteria of one gate look at. `called` is how to speak of people.

    `figures` are measures that Callboard computes; `held_by` are ids of what holds this gate; `before` the gates that a
    decision has to find passed; `begun` tells whether the phases that it needs have begun.
    """

    tasks: Mapping[str, Task] = field(default_factory=dict)
    blockers: tuple[tuple[int, str], ...] = ()
    severities: tuple[str, ...] = ()
    measures: Mapping[str, Measurement] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    ticks: Mapping[str, Tick] = field(default_factory=dict)
    gates: Mapping[str, Gate] = field(default_factory=dict)
    held_by: frozenset[str] = frozenset()
    begun: Mapping[str, bool] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    called: Callable[[str], str] = str
    now: datetime | None = None
    classes: tuple[Counted, ...] = ()

    def counted(self, severity: str) -> list[int]:
        """The open blockers of a severity or above; of all severities without one."""
        least = self.severities.index(severity) if severity in self.severities else 0
        grave = set(self.severities[least:])
        return sorted(number for number, own in self.blockers if own in grave or own not in self.severities)


@dataclass(frozen=True)
class Reading:
    """One criterion as it stands. `consumed` is exactly what it looked at, as plain JSON; `inside` are parts of it.

    `short` is by how much a `measure` misses its bounds.
    """

    key: str
    says: str
    holds: bool
    stands: str
    consumed: Any
    inside: tuple[Reading, ...] = ()
    measure: str = ""
    short: str = ""

    @property
    def digest(self) -> str:
        """What differs whenever anything differs that the criterion looked at."""
        return digest(self.consumed)

    @property
    def line(self) -> str:
        return f"{self.says}: {self.stands}"


def digest(value: Any) -> str:
    """A short hash of plain JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:24]
