"""What happens to a plan as a whole, for those who live by it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanAdopted:
    """A plan that waited for a workspace has one."""

    plan_id: int
