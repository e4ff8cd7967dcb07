"""What happens to gates, for the capabilities above."""

from __future__ import annotations

from dataclasses import dataclass

from callboard.gates.models import Gate


@dataclass(frozen=True)
class GatePassed:
    """A gate passed or was waived; a decision is GO."""

    gate: Gate
    waived: bool = False


@dataclass(frozen=True)
class GateMissed:
    """A gate is overdue; a decision is NO-GO. `emergency` is the one that the plan declares for it."""

    gate: Gate
    emergency: str = ""


@dataclass(frozen=True)
class GateDoubted:
    """What a gate passed on has changed."""

    gate: Gate
