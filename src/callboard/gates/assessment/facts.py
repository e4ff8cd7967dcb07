"""What criteria look at, gathered once: tasks, open blockers, measures, ticks, other gates, holds and phases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from callboard.gates.plan.measures import Amount


@dataclass(frozen=True)
class TaskFact:
    """How far a task has come; `stamp` differs each time it was settled anew."""

    status: str = "not started"
    percent: float = 0
    stamp: str = ""


@dataclass(frozen=True)
class Reported:
    """The newest report of a measure; `called` is how to speak of who reported it."""

    amount: Amount
    link: str = ""
    by: str = ""
    called: str = ""


@dataclass(frozen=True)
class Ticked:
    """Who ticked a criterion, when, what they named as evidence, and how to speak of them."""

    by: str
    at: datetime
    evidence: str = ""
    called: str = ""


@dataclass(frozen=True)
class GateFact:
    """How another gate stands."""

    name: str
    state: str
    stamp: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the criteria of one gate consume.

    `held_by` are ids of what holds this gate; `before` the gates that a decision has to find passed; `begun` says of
    the phases it needs whether they have begun.
    """

    tasks: Mapping[str, TaskFact] = field(default_factory=dict)
    blockers: tuple[tuple[int, str], ...] = ()
    severities: tuple[str, ...] = ()
    measures: Mapping[str, Reported] = field(default_factory=dict)
    ticks: Mapping[str, Ticked] = field(default_factory=dict)
    gates: Mapping[str, GateFact] = field(default_factory=dict)
    held_by: frozenset[str] = frozenset()
    begun: Mapping[str, bool] = field(default_factory=dict)
    before: tuple[str, ...] = ()

    def counted(self, severity: str) -> list[int]:
        """The open blockers of a severity or above; of all severities without one."""
        least = self.severities.index(severity) if severity in self.severities else 0
        grave = set(self.severities[least:])
        return sorted(number for number, own in self.blockers if own in grave or own not in self.severities)
