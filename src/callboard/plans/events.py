"""What happens to a plan as a whole, for those who live by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PlanAdopted:
    """A plan that waited for a workspace has one."""

    plan_id: int


@dataclass(frozen=True)
class PlanApplied:
    """A plan has a new version."""

    plan_id: int
    version: int


@dataclass(frozen=True)
class PlanEdited:
    """Somebody changed a plan live."""

    plan_id: int


@dataclass(frozen=True)
class Exporting:
    """A plan is about to be written as a file: whoever knows more of how it stands puts that into `body`, in place."""

    plan_id: int
    body: dict[str, Any]


@dataclass(frozen=True)
class HoldLifted:
    """A hold is gone. `free`: nothing else holds the target; `by_plan`: a new version of the plan let it go."""

    plan_id: int
    kind: str
    target: str
    by: str
    free: bool
    by_plan: bool = False
